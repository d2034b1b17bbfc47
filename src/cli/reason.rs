//! Why a file can't be read or written, in words that are the same on every system.
//!
//! In: what the system says, `No such file or directory (os error 2)`. Out: a diagnostic,
//! `` `rules` can't be read: there is no such file or folder ``.

use crate::diagnostic::{Code, Diagnostic};
use crate::project::tree;
use std::io::{Error, ErrorKind};
use std::path::Path;

/// The reason alone.
pub fn reason(error: &Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "it is a file where a folder is needed".to_owned()
        }
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        ErrorKind::StorageFull => "there is no space left".to_owned(),
        ErrorKind::QuotaExceeded => "the disk quota is used up".to_owned(),
        ErrorKind::FileTooLarge => "the file would be larger than is allowed".to_owned(),
        ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    }
}

/// `` `a` ``, `` `a` and 3 other files ``
pub fn named(first: &str, count: usize) -> String {
    match count {
        0 | 1 => format!("`{first}`"),
        2 => format!("`{first}` and another file"),
        _ => format!("`{first}` and {} other files", count - 1),
    }
}

/// Files that can't be written. A full disk fails them all, and is reported once.
#[derive(Debug, Default)]
pub struct Unwritten {
    /// Reason, first path and count.
    reasons: Vec<(String, String, usize)>,
}

impl Unwritten {
    /// Adds a file and why it can't be written.
    pub fn add(&mut self, path: String, reason: String) {
        match self.reasons.iter_mut().find(|(known, ..)| *known == reason) {
            Some((_, _, count)) => *count += 1,
            None => self.reasons.push((reason, path, 1)),
        }
    }

    /// How many files there are.
    pub fn count(&self) -> usize {
        self.reasons.iter().map(|(.., count)| count).sum()
    }

    /// `VS0005`, once a reason.
    pub fn diagnostics(&self) -> impl Iterator<Item = Diagnostic> {
        self.reasons.iter().map(|(reason, path, count)| {
            let message = format!("{} can't be written: {reason}", named(path, *count));
            Diagnostic::error(Code::Unwritable, message)
        })
    }
}

impl FromIterator<(String, String)> for Unwritten {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(faults: I) -> Self {
        let mut unwritten = Self::default();
        for (path, reason) in faults {
            unwritten.add(path, reason);
        }
        unwritten
    }
}

/// `VS0001`: a file or folder can't be read.
pub fn unreadable(path: &Path, error: &Error) -> Diagnostic {
    let message = format!("`{}` can't be read: {}", path.display(), reason(error));
    faulty(error, message)
}

/// `VS0001`, or `VS0009` where a link leads out.
pub fn faulty(error: &Error, message: String) -> Diagnostic {
    tree::faulty(error, message)
}

/// `VS0010`: a link to a folder.
pub fn passed_over(path: &str) -> Diagnostic {
    let message = format!("`{path}` is a link to a folder: what is in it is not read");
    Diagnostic::warning(Code::PassedOver, message)
        .help("give the folder itself, or list it in `rules` of `varsigma.toml`")
}

/// `VS0005`: a file or folder can't be written.
pub fn unwritable(path: &Path, error: &Error) -> Diagnostic {
    let message = format!("`{}` can't be written: {}", path.display(), reason(error));
    Diagnostic::error(Code::Unwritable, message)
}
