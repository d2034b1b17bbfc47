//! Objects by their ids, from one `git cat-file --batch`.

use super::command::Git;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// A process that is asked for one object after another.
#[derive(Debug)]
pub(super) struct Batch {
    child: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Batch {
    pub fn start(git: &Git) -> io::Result<Self> {
        let mut child = git
            .command(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let pipe = || io::Error::other("`git cat-file` has no pipe");
        Ok(Self {
            asks: Some(child.stdin.take().ok_or_else(pipe)?),
            answers: BufReader::new(child.stdout.take().ok_or_else(pipe)?),
            child,
        })
    }

    /// The bytes of an object.
    pub fn read(&mut self, id: &str) -> io::Result<Vec<u8>> {
        let asks = self.asks.as_mut().ok_or_else(ended)?;
        asks.write_all(format!("{id}\n").as_bytes())?;
        asks.flush()?;
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        // `<id> blob 123`, or `<id> missing`.
        let mut words = header.split_ascii_whitespace().skip(1);
        let size = match (words.next(), words.next()) {
            (Some("missing"), _) => {
                let message = format!(
                    "git does not have the object {id}: the clone is partial, or damaged (`git fetch --refetch --no-filter` gets what is missing)"
                );
                return Err(io::Error::other(message));
            }
            (Some(_), Some(size)) => size.parse::<u64>().map_err(io::Error::other)?,
            _ => return Err(ended()),
        };
        let mut bytes = Vec::new();
        self.answers.by_ref().take(size).read_to_end(&mut bytes)?;
        let mut newline = [0];
        self.answers.read_exact(&mut newline)?;
        Ok(bytes)
    }
}

impl Drop for Batch {
    /// It ends when its input is closed.
    fn drop(&mut self) {
        self.asks = None;
        let _ = self.child.wait();
    }
}

fn ended() -> io::Error {
    io::Error::other("`git cat-file` ended")
}
