//! Why a file can't be read or written, in words that are the same on every system.
//!
//! In: what the system says, `No such file or directory (os error 2)`. Out: a diagnostic,
//! `` `rules` can't be read: there is no such file or folder ``.

use crate::diagnostic::{Code, Diagnostic};
use std::io::{Error, ErrorKind};
use std::path::Path;

/// The reason alone.
pub fn reason(error: &Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "a file stands where a folder is needed".to_owned()
        }
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        ErrorKind::StorageFull => "there is no space left".to_owned(),
        ErrorKind::InvalidData => "it is no UTF-8 text".to_owned(),
        _ => error.to_string(),
    }
}

/// `VS0001`: a file or folder can't be read.
pub fn unreadable(path: &Path, error: &Error) -> Diagnostic {
    let message = format!("`{}` can't be read: {}", path.display(), reason(error));
    Diagnostic::error(Code::Unreadable, message)
}

/// `VS0005`: a file or folder can't be written.
pub fn unwritable(path: &Path, error: &Error) -> Diagnostic {
    let message = format!("`{}` can't be written: {}", path.display(), reason(error));
    Diagnostic::error(Code::Unwritable, message)
}
