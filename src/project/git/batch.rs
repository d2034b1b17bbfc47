//! Objects by their ids, from one `git cat-file --batch`.

use super::command::Git;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Mutex, PoisonError};

/// A repository that objects are read from.
#[derive(Debug)]
pub(super) struct Source {
    pub git: Git,
    batch: Mutex<Option<Batch>>,
}

impl Source {
    pub const fn new(git: Git) -> Self {
        Self {
            git,
            batch: Mutex::new(None),
        }
    }

    /// An object of no more than `most` bytes.
    pub fn read(&self, id: &str, most: u64) -> io::Result<Vec<u8>> {
        let mut batch = self.batch.lock().unwrap_or_else(PoisonError::into_inner);
        let running = match batch.take() {
            Some(running) => running,
            None => Batch::start(&self.git)?,
        };
        // One that failed in the middle of an answer is of no use any more.
        let read = batch.insert(running).read(id, most);
        if read.is_err() {
            *batch = None;
        }
        read
    }
}

/// A process that is asked for one object after another.
#[derive(Debug)]
struct Batch {
    child: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Batch {
    fn start(git: &Git) -> io::Result<Self> {
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

    /// The bytes of an object, if there are no more than `most`.
    fn read(&mut self, id: &str, most: u64) -> io::Result<Vec<u8>> {
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
        if size > most {
            return Err(io::Error::other(format!("it is longer than {most} bytes")));
        }
        let mut bytes = Vec::new();
        self.answers.by_ref().take(size).read_to_end(&mut bytes)?;
        let mut newline = [0];
        self.answers.read_exact(&mut newline)?;
        Ok(bytes)
    }
}

impl Drop for Batch {
    /// It may be about to write what nobody reads.
    fn drop(&mut self) {
        let _ = self.child.kill();
        self.asks = None;
        let _ = self.child.wait();
    }
}

fn ended() -> io::Error {
    io::Error::other("`git cat-file` ended")
}
