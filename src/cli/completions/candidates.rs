//! What a shell offers for the values of options.
//!
//! In: what is written of a value, and the other words of the line. Out: values with what they
//! are. Any other value is accepted all the same: a file, a target of the user's own.

use crate::backend::{Backend, Registry};
use crate::cli::targets;
use crate::diagnostic::Code;
use crate::dialect::Profile;
use crate::pipeline::builtin;
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};
use std::ffi::OsStr;
use std::path::PathBuf;

/// `-t`: targets.
pub fn targets() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| matching_targets(current, &registry()))
}

/// Some words, such as levels.
pub fn words(words: &'static [&'static str]) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| {
        let words = words.iter().map(|word| ((*word).to_owned(), String::new()));
        matching(current, words)
    })
}

/// `page -t`: targets, and after a colon their formats.
pub fn sections() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let registry = registry();
        let text = current.to_string_lossy();
        let Some((target, _)) = text.split_once(':') else {
            return matching_targets(current, &registry);
        };
        let backend = registry.get(target, Profile::Native).ok();
        let formats = backend.iter().flat_map(|backend| &backend.formats);
        let formats =
            formats.map(|format| (format!("{target}:{}", format.name), format.title.clone()));
        matching(current, formats)
    })
}

/// `-f`: formats of the line's target, or of all.
pub fn formats() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let backends = backends();
        let formats = backends.iter().flat_map(|backend| &backend.formats);
        let mut formats: Vec<_> = formats
            .map(|format| (format.name.clone(), format.title.clone()))
            .collect();
        formats.sort();
        formats.dedup_by(|one, other| one.0 == other.0);
        matching(current, formats)
    })
}

/// `-O`: options of the line's target, or of all, and after `=` their values.
pub fn options() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let backends = backends();
        let options = backends.iter().flat_map(|backend| &backend.options);
        let mut found = Vec::new();
        for option in options {
            found.push((format!("{}=", option.name), option.about.clone()));
            for value in &option.values {
                let written = format!("{}={value}", option.name);
                if current.to_string_lossy().contains('=') {
                    found.push((written, option.about.clone()));
                }
            }
        }
        found.sort();
        found.dedup_by(|one, other| one.0 == other.0);
        matching(current, found)
    })
}

/// `-p`: built-in pipelines, and files.
pub fn pipelines() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let names = builtin::ALL.iter();
        let names = names.map(|(name, _)| ((*name).to_owned(), "built-in pipeline".to_owned()));
        let mut candidates = matching(current, names);
        candidates.extend(PathCompleter::any().complete(current));
        candidates
    })
}

/// Diagnostic codes.
pub fn codes() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let codes = Code::ALL.iter();
        let titled = codes.map(|code| (code.number().to_owned(), code.title().to_owned()));
        matching(current, titled)
    })
}

/// The candidates that begin as what is written; case does not matter.
fn matching(
    current: &OsStr,
    candidates: impl IntoIterator<Item = (String, String)>,
) -> Vec<CompletionCandidate> {
    let written = current.to_string_lossy().to_lowercase();
    candidates
        .into_iter()
        .filter(|(value, _)| value.to_lowercase().starts_with(&written))
        .map(|(value, about)| CompletionCandidate::new(value).help(Some(about.into())))
        .collect()
}

/// The targets with their titles, or their aliases where no target begins as what is written.
fn matching_targets(current: &OsStr, registry: &Registry) -> Vec<CompletionCandidate> {
    let title = |name| registry.get(name, Profile::Native).map(|found| found.title);
    let written = current.to_string_lossy().to_lowercase();
    let names = registry.names().into_iter();
    let mut names: Vec<_> = names.map(|name| (name, name.to_owned())).collect();
    if !names.iter().any(|(name, _)| name.starts_with(&written)) {
        names = registry.aliases();
        // One word each, so that no shell has to quote it.
        names.retain(|(_, name)| !name.contains(' '));
    }
    let titled = names.into_iter();
    let titled = titled.map(|(target, name)| (name, title(target).unwrap_or_default()));
    matching(current, titled)
}

/// The backends that the line names by `-t`, or all.
fn backends() -> Vec<Backend> {
    let registry = registry();
    let get = |name: &str| registry.get(name, Profile::Native).ok();
    let named: Vec<Backend> = values(&["-t", "--target"])
        .iter()
        .filter_map(|name| get(name))
        .collect();
    if named.is_empty() {
        return registry.names().into_iter().filter_map(get).collect();
    }
    named
}

/// The targets of the program with those of the line's `--backend-dir`.
fn registry() -> Registry {
    let folders = values(&["--backend-dir"]);
    let folders: Vec<PathBuf> = folders.into_iter().map(PathBuf::from).collect();
    targets::registry_of(&folders).unwrap_or_default()
}

/// The values that the words of the line give to an option: `-t x`, `--target x`, `--target=x`.
fn values(names: &[&str]) -> Vec<String> {
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let words: Vec<String> = words.collect();
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        for name in names {
            if word == name {
                found.extend(words.get(at + 1).cloned());
            } else if let Some(value) = word.strip_prefix(*name) {
                let value = if name.starts_with("--") {
                    value.strip_prefix('=')
                } else {
                    Some(value)
                };
                found.extend(value.map(str::to_owned));
            }
        }
    }
    found
}
