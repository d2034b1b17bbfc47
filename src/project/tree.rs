//! Where a project's files are read from: the working tree, or a revision.
//!
//! Paths are relative to the project's folder, with `/`; the empty one is the folder itself.

use super::sources::ReadFiles;
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::environment::{Command, Environment, Failure, Request};
use std::fmt::Debug;
use std::io;
use std::sync::Arc;

/// A tree of files.
pub trait Tree: Debug + Send + Sync {
    /// A file's bytes; `None` where there is no such file.
    ///
    /// # Errors
    /// The file is there and can't be read.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// The paths of all files below a folder whose names have one of these endings, in byte order;
    /// the path itself where it is a file; `None` where it is neither. Hidden files, and what is
    /// ignored by the repository, are left out.
    ///
    /// # Errors
    /// A folder can't be read.
    fn files(&self, path: &str, endings: &[&str]) -> io::Result<Option<Vec<String>>>;

    /// The links to folders that were found so far, and whose files are not read.
    fn passed_over(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Why a file is not read: a link leads out of the project, or it is hidden.
#[derive(Debug, Clone, Copy)]
pub struct LeadsOut;

impl std::error::Error for LeadsOut {}

impl std::fmt::Display for LeadsOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it leads out of the folder, or to a hidden file")
    }
}

impl LeadsOut {
    /// Is that the error?
    #[must_use]
    pub fn is(error: &io::Error) -> bool {
        matches!(error.get_ref(), Some(inner) if inner.is::<Self>())
    }
}

/// `VS0001`, or `VS0009` where a link leads out.
#[must_use]
pub fn faulty(error: &io::Error, message: String) -> Diagnostic {
    if LeadsOut::is(error) {
        return Diagnostic::error(Code::LeadsOut, message)
            .help("put a copy in the place of the link, or name the file itself");
    }
    Diagnostic::error(Code::Unreadable, message)
}

/// What a path holds; an error where there is nothing.
///
/// # Errors
/// `VS0001`: there is nothing, or it can't be read; `VS0009`.
pub fn there<T>(found: io::Result<Option<T>>, path: &str) -> Result<T, Diagnostic> {
    let missing = || io::Error::new(io::ErrorKind::NotFound, "there is no such file or folder");
    found
        .and_then(|found| found.ok_or_else(missing))
        .map_err(|error| unreadable(path, &error))
}

/// Why a path can't be read.
pub(super) fn unreadable(path: &str, error: &io::Error) -> Diagnostic {
    let message = format!("`{path}` can't be read: {error}");
    faulty(error, message)
}

/// Has a file's name one of these endings, in any case? The empty one stands for all names.
#[must_use]
pub fn has_ending(name: &str, endings: &[&str]) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let is = |known: &&str| {
        known.is_empty() || ending.is_some_and(|ending| ending.eq_ignore_ascii_case(known))
    };
    endings.iter().any(is)
}

/// Is it a file of tests beside a rule, `rule.test.yml`? No command reads it as a rule.
#[must_use]
pub fn is_test(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".test.yml") || name.ends_with(".test.yaml")
}

/// What a project's pipelines may reach: the tree's files that lie in the pipeline's own folder;
/// everything else as another environment has it.
#[derive(Debug)]
pub(super) struct TreeEnvironment {
    pub tree: Arc<dyn Tree>,
    pub other: Arc<dyn Environment>,
    pub seen: ReadFiles,
}

impl Environment for TreeEnvironment {
    fn read_file(&self, pipeline: &str, path: &str) -> Result<String, Failure> {
        let folder = pipeline.rsplit_once('/').map_or("", |(folder, _)| folder);
        let joined = format!("{folder}/{path}");
        self.seen.note(&plain(&joined));
        self.seen.note(&plain(path));
        // What isn't inside the pipeline's folder is the other environment's to allow.
        let Ok(inside) = super::path_pattern::inside(joined.trim_start_matches('/')) else {
            return self.other.read_file(pipeline, path);
        };
        match self.tree.read(&inside) {
            Ok(Some(bytes)) => String::from_utf8(bytes)
                .map_err(|_| Failure::Failed("it is not UTF-8 text".to_owned())),
            Ok(None) => self.other.read_file(pipeline, path),
            Err(error) => Err(Failure::Failed(error.to_string())),
        }
    }

    fn fetch(&self, request: &Request) -> Result<String, Failure> {
        self.other.fetch(request)
    }

    fn run(&self, command: &Command) -> Result<String, Failure> {
        self.other.run(command)
    }
}

/// A path without `.` and `..`, as far as its text tells.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
