//! `-o`, `--output-dir`, `--output-name`: where queries go.
//!
//! In: what the user wrote. Out: a [`Destination`], checked before a rule is read: a file is in a
//! folder that exists, and a pattern of names can be filled.

use crate::cli::Stop;
use crate::cli::input::{Input, Origin};
use crate::diagnostic::{Code, Diagnostic};
use crate::project::path_pattern::{PathPattern, placeholders};
use clap::{Args, ValueHint};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Where each file of a folder is, unless `--output-name` says otherwise.
const USUAL: &str = "{path}.{extension}";

/// The options.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct Output {
    /// Write all queries to this file, or one file a rule below this folder: one that exists, or a
    /// path that ends in `/`. `-` is standard output.
    #[arg(short = 'o', long = "output", value_name = "FILE|DIR/", value_hint = ValueHint::AnyPath)]
    to: Option<PathBuf>,
    /// Write one file a rule below this folder, in the places that the rules have below the
    /// folders given.
    #[arg(long = "output-dir", value_name = "DIR", conflicts_with = "to", value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,
    /// The names of the files below the folder. Placeholders, as in a project's `path`: {path}
    /// {stem} {id} {title} {level} {product} {category} {service} {output} {extension}, and `n` in
    /// braces for the query's number.
    #[arg(long = "output-name", value_name = "PATTERN", default_value = USUAL)]
    name: String,
}

/// Where queries go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Standard output.
    Standard,
    /// One file.
    File(PathBuf),
    /// A file a rule below a folder.
    Folder(PathBuf, PathPattern),
}

impl Output {
    /// What the options ask for.
    pub fn destination(self, wants_json: bool) -> Result<Destination, Stop> {
        let folder = match (self.to, self.folder) {
            (None, None) => None,
            (_, Some(folder)) => Some(folder),
            (Some(path), None) if is_folder(&path) => Some(path),
            (Some(path), None) => {
                is_usual(&self.name)?;
                return file(path);
            }
        };
        let Some(folder) = folder else {
            is_usual(&self.name)?;
            return Ok(Destination::Standard);
        };
        if wants_json {
            let shown = folder.display();
            let message = format!("expected a file for `--json`, found the folder `{shown}`");
            return Err(Diagnostic::error(Code::Unwritable, message).into());
        }
        let pattern = PathPattern::read(&self.name)
            .and_then(|pattern| match pattern.text() {
                "" => Err("it is empty".to_owned()),
                _ => Ok(pattern),
            })
            .map_err(|reason| unusable(&self.name, &reason))?;
        Ok(Destination::Folder(folder, pattern))
    }
}

impl Destination {
    /// Are the names of files made from attributes of rules?
    pub fn asks_of_rules(&self) -> bool {
        matches!(self, Self::Folder(_, pattern) if pattern.asks_of_rules())
    }
}

/// Does the path ask for a folder?
fn is_folder(path: &Path) -> bool {
    let text = path.to_string_lossy();
    text.ends_with('/') || (cfg!(windows) && text.ends_with('\\')) || path.is_dir()
}

/// A file in a folder that exists.
fn file(path: PathBuf) -> Result<Destination, Stop> {
    let is_standard = |name: &str| path.as_os_str() == name;
    if is_standard("-") || (cfg!(unix) && is_standard("/dev/stdout")) {
        return Ok(Destination::Standard);
    }
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        let (shown, folder) = (path.display(), folder.display());
        let message = format!("`{shown}` can't be written: there is no folder `{folder}`");
        let error = Diagnostic::error(Code::Unwritable, message);
        return Err(error
            .help(
                "create the folder first, or let `--output-dir DIR` create it, for one file a rule",
            )
            .into());
    }
    Ok(Destination::File(path))
}

/// `--output-name` needs a folder.
fn is_usual(pattern: &str) -> Result<(), Stop> {
    if pattern == USUAL {
        return Ok(());
    }
    let message = "`--output-name` names the files below a folder, and no folder is given";
    let error = Diagnostic::error(Code::OutputPath, message);
    Err(error.help("add `--output-dir DIR`").into())
}

fn unusable(pattern: &str, reason: &str) -> Stop {
    let message = format!("`{pattern}` can't name files: {reason}");
    let names: Vec<String> = placeholders()
        .map(|(name, _)| format!("`{{{name}}}`"))
        .collect();
    let error = Diagnostic::error(Code::OutputPath, message);
    error
        .help(format!("the placeholders: {}", names.join(", ")))
        .into()
}

/// The rules that are read, none of which may be overwritten.
pub struct Rules<'i> {
    /// By the names of their files.
    by_name: HashMap<&'i OsStr, Vec<&'i Path>>,
}

impl<'i> Rules<'i> {
    pub fn of(inputs: &'i [Input]) -> Self {
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        for input in inputs {
            if let Origin::File(path) = &input.origin
                && let Some(name) = path.file_name()
            {
                by_name.entry(name).or_default().push(path.as_path());
            }
        }
        Self { by_name }
    }

    /// Is the path one of them?
    pub fn has(&self, path: &Path) -> bool {
        let named = path.file_name().and_then(|name| self.by_name.get(name));
        let Some((named, path)) = named.zip(path.canonicalize().ok()) else {
            return false;
        };
        let mut files = named.iter().filter_map(|file| file.canonicalize().ok());
        files.any(|file| file == path)
    }
}

/// Why a rule's file is not overwritten.
pub fn is_a_rule(path: &Path) -> Diagnostic {
    let message = format!(
        "`{}` can't be written: it is a rule that is converted",
        path.display()
    );
    Diagnostic::error(Code::Unwritable, message).help("give another file or folder")
}
