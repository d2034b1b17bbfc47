//! Arguments, and what to do about wrong ones.
//!
//! In: the words of the command line. Out: the command, or clap's error with tips: the targets
//! where none is given, and what to write in place of options and commands of sigma-cli, whose users most
//! newcomers are. `docs/migrate.md` has the same for people to read.

mod spellings;

use super::Cli;
use crate::backend::Registry;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::{CommandFactory, Parser};
use std::ffi::OsString;
use std::path::Path;

/// Reads the arguments.
pub(super) fn parse(words: impl Iterator<Item = OsString>) -> Result<Cli, Error> {
    let words: Vec<OsString> = words.map(translated).collect();
    Cli::try_parse_from(&words).map_err(|error| with_tips(error, &words))
}

/// sigma-cli's `-od` and `-ot`, which would be `-o d` and `-o t` otherwise.
fn translated(word: OsString) -> OsString {
    match word.to_str() {
        Some("-od") => "--output-dir".into(),
        Some("-ot") => "--output-filename-template".into(),
        _ => word,
    }
}

fn with_tips(mut error: Error, words: &[OsString]) -> Error {
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    let tips = tips(&error, &words);
    if tips.is_empty() {
        return error;
    }
    // A tip is better than names of a similar spelling.
    error.remove(ContextKind::SuggestedArg);
    error.remove(ContextKind::SuggestedSubcommand);
    let tips = tips.into_iter().map(StyledStr::from).collect();
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
    error
}

/// What to do, a tip each.
fn tips(error: &Error, words: &[&str]) -> Vec<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let wrong = text(ContextKind::InvalidSubcommand).or_else(|| text(ContextKind::InvalidArg));
    let is_right = |word: &&&str| wrong.is_none_or(|wrong| !word.starts_with(wrong));
    let commands = Cli::command();
    let is_command = |word: &&&str| commands.find_subcommand(word).is_some();
    let mut before = words.iter().skip(1).take_while(is_right);
    let command = before.find(is_command).copied().unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let written = text(ContextKind::InvalidArg).unwrap_or_default();
            let tip = spellings::of_option(command, written);
            let tip = tip
                .map(str::to_owned)
                .or_else(|| without_command(command, written));
            tip.into_iter().collect()
        }
        ErrorKind::InvalidSubcommand => {
            let written = text(ContextKind::InvalidSubcommand).unwrap_or_default();
            let tip = spellings::of_command(command, written);
            let tip = tip
                .map(str::to_owned)
                .or_else(|| without_command(command, written));
            tip.into_iter().collect()
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = match error.get(ContextKind::InvalidArg) {
                Some(ContextValue::Strings(missing)) => missing.as_slice(),
                _ => &[],
            };
            let starts = |missing: &String| {
                let tip = spellings::of_missing(command, missing);
                tip.map(str::to_owned)
            };
            let mut tips = Vec::new();
            if missing
                .iter()
                .any(|missing| missing.starts_with("--target"))
            {
                tips.extend(targets(words));
            }
            tips.extend(missing.iter().filter_map(starts));
            tips
        }
        ErrorKind::InvalidValue
            if text(ContextKind::InvalidValue) == Some("")
                && text(ContextKind::InvalidArg)
                    .is_some_and(|argument| argument.starts_with("--target")) =>
        {
            targets(&[])
        }
        _ => Vec::new(),
    }
}

/// What to do about a path or an option where the command belongs.
fn without_command(command: &str, word: &str) -> Option<String> {
    let is_misplaced = word.starts_with('-') || Path::new(word).exists();
    (command.is_empty() && is_misplaced)
        .then(|| "put the command first: `varsigma convert -t TARGET PATH`".to_owned())
}

/// The targets, and the one given among the words without its `-t`.
fn targets(words: &[&str]) -> Vec<String> {
    let registry = Registry::built_in();
    let given = words
        .iter()
        .skip(2)
        .find(|word| registry.target(word).is_ok());
    let given = given.map(|word| format!("did you mean `-t {word}`?"));
    let all = format!("the targets: {}", registry.names().join(", "));
    given.into_iter().chain([all]).collect()
}
