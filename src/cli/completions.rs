//! `varsigma completions SHELL`: a script that completes the command line.
//!
//! The script asks the program itself, through the variable [`VARIABLE`], so that it offers
//! built-in targets and those of `--backend-dir`, the formats of the target that
//! the line names.

pub mod candidates;

use super::{Cli, Exit, Stop};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use clap_complete::env::{CompleteEnv, Shells};
use std::ffi::OsString;
use std::io::Write;

/// What a completion script sets when it asks.
const VARIABLE: &str = "VARSIGMA_COMPLETE";

/// Print a completion script for a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma completions bash > ~/.local/share/bash-completion/completions/varsigma
  varsigma completions zsh > _varsigma     # in a folder of $fpath
  varsigma completions fish > ~/.config/fish/completions/varsigma.fish")]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> Result<Exit, Stop> {
        let mut script = Vec::new();
        let shells = Shells::builtins();
        if let Some(shell) = shells.completer(&self.shell.to_string()) {
            shell.write_registration(VARIABLE, "varsigma", "varsigma", "varsigma", &mut script)?;
        }
        std::io::stdout().lock().write_all(&script)?;
        Ok(Exit::Fine)
    }
}

/// Answers a completion script, if it is one that asks. Says whether it was.
pub(super) fn answer(args: &[OsString]) -> bool {
    let folder = std::env::current_dir().ok();
    let answered = CompleteEnv::with_factory(Cli::command)
        .var(VARIABLE)
        .bin("varsigma")
        .completer("varsigma")
        .try_complete(args.to_vec(), folder.as_deref());
    answered.unwrap_or_else(|error| error.exit())
}
