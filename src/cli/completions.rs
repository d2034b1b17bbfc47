//! `varsigma completions SHELL`: a script that completes the command line.

use super::{Cli, Exit, Stop};
use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};
use std::io::Write;

/// Print a completion script for a shell.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> Result<Exit, Stop> {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "varsigma", &mut script);
        std::io::stdout().lock().write_all(&script)?;
        Ok(Exit::Fine)
    }
}
