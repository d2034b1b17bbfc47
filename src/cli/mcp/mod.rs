//! `varsigma mcp`: a server of the Model Context Protocol on standard input and output.
//!
//! In: JSON-RPC messages, one a line. Out: their answers, one a line. The tools are the commands
//! `convert`, `lint`, `explain`, `test`, `witness` and `diff`; no network, no commands, and no file
//! that `--allow-read` does not allow.

mod arguments;
mod protocol;
mod tools;

use super::reason::unreadable;
use super::{Exit, Stop};
use arguments::{Folders, Session};
use clap::{Args, ValueHint};
use protocol::Server;
use std::io::{BufRead, Read, Write, stdin, stdout};
use std::path::PathBuf;
use std::sync::OnceLock;

/// The longest message.
const MOST_BYTES: usize = 16 << 20;

/// Serve the commands to assistants, by the Model Context Protocol.
///
/// It speaks on standard input and output. The tools `convert`, `lint`, `explain`, `test`, `witness`,
/// `diff` and `targets` take rules as text. No file is read unless `--allow-read` allows it; nothing
/// reaches the network, and no command is run.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma mcp
  varsigma mcp --allow-read rules/")]
pub struct Mcp {
    /// Let the tools read files of this folder; can be given several times.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    allow_read: Vec<PathBuf>,
}

impl Mcp {
    pub(super) fn run(self) -> Result<Exit, Stop> {
        let mut folders = Vec::new();
        for folder in self.allow_read {
            let real = folder.canonicalize();
            folders.push(real.map_err(|error| unreadable(&folder, &error))?);
        }
        let server = Server {
            session: Session {
                folders: Folders(folders),
                targets: OnceLock::new(),
            },
        };
        let (mut input, mut output) = (stdin().lock(), stdout().lock());
        let mut line = Vec::new();
        while let Some(is_whole) = message(&mut input, &mut line)? {
            let answer = if is_whole {
                server.answer(&line)
            } else {
                Some(protocol::too_long(MOST_BYTES))
            };
            if let Some(answer) = answer {
                output.write_all(answer.as_bytes())?;
                output.write_all(b"\n")?;
                output.flush()?;
            }
        }
        Ok(Exit::Fine)
    }
}

/// Reads a line. Was it short enough? `None`: there are no more. The rest of a long line is skipped.
fn message(input: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<Option<bool>> {
    line.clear();
    let limit = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    if input.take(limit).read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    if line.ends_with(b"\n") || line.len() < MOST_BYTES {
        return Ok(Some(true));
    }
    input.skip_until(b'\n')?;
    Ok(Some(false))
}
