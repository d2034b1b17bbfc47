//! The working tree of a project: the files of the working folder.

use crate::cli::input::walk::PathKind;
use crate::cli::input::{own, walk};
use crate::project::name;
use crate::project::tree::{LeadsOut, Tree};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The working folder, which the commands of projects make the project's own.
#[derive(Debug, Default)]
pub(super) struct WorkingTree {
    /// Folders that are no links, nor below one.
    plain: Mutex<HashSet<String>>,
    passed: Mutex<BTreeSet<String>>,
    /// Files that can't be read, and why: they fail their own rules alone.
    faults: Mutex<HashMap<String, String>>,
}

impl WorkingTree {
    /// Why a file that a walk found can't be read.
    fn fault(&self, path: &str) -> Option<io::Error> {
        let faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults
            .get(path)
            .map(|reason| io::Error::other(reason.clone()))
    }

    /// Is there no link on the way to a path but such as stay in the project?
    fn check(&self, path: &str) -> io::Result<()> {
        if name::is_hidden(path) {
            return Err(io::Error::other(LeadsOut));
        }
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if folder.is_empty() {
            return Ok(());
        }
        let mut plain = self.plain.lock().unwrap_or_else(PoisonError::into_inner);
        if plain.contains(folder) {
            return Ok(());
        }
        let ends = folder.match_indices('/').map(|(at, _)| at);
        for end in ends.chain([folder.len()]) {
            let (whole, folder) = (folder, &folder[..end]);
            if !plain.contains(folder) && std::fs::symlink_metadata(folder)?.is_symlink() {
                // What is below it may be a link in its turn.
                return own::target(Path::new(""), Path::new(whole)).map(drop);
            }
            plain.insert(folder.to_owned());
        }
        Ok(())
    }
}

impl Tree for WorkingTree {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        if let Some(error) = self.fault(path) {
            return Err(error);
        }
        let read = self
            .check(path)
            .and_then(|()| own::file(Path::new(""), Path::new(path)))
            .and_then(|()| own::bytes(Path::new(path)));
        match read {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) => match error.kind() {
                // `a/b` where `a` is a file: there is no such file either.
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
                _ => Err(error),
            },
        }
    }

    fn files(&self, path: &str, endings: &[&str]) -> io::Result<Option<Vec<String>>> {
        match self.check(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            checked => checked?,
        }
        let folder = Path::new(if path.is_empty() { "." } else { path });
        let Ok(metadata) = std::fs::symlink_metadata(folder) else {
            return Ok(None);
        };
        let metadata = if metadata.is_symlink() {
            own::target(Path::new(""), folder)?
        } else {
            metadata
        };
        if !metadata.is_dir() {
            return Ok(Some(vec![path.to_owned()]));
        }
        let mut files = Vec::new();
        for (below, what) in walk::below(folder, Path::new("."), endings) {
            let path = match path {
                "" => below,
                _ => format!("{path}/{below}"),
            };
            match what {
                // A link is judged again when it is read, and fails its own rule then.
                PathKind::Fault(error)
                    if LeadsOut::is(&error)
                        || error.kind() != io::ErrorKind::Other
                            && std::fs::symlink_metadata(&path).is_ok_and(|m| !m.is_dir()) =>
                {
                    files.push(path);
                }
                PathKind::Fault(error) if error.kind() == io::ErrorKind::Other => {
                    let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
                    faults.insert(path.clone(), error.to_string());
                    files.push(path);
                }
                PathKind::Fault(error) => {
                    let message = format!("`{path}`: {error}");
                    return Err(io::Error::new(error.kind(), message));
                }
                PathKind::File => files.push(path),
                PathKind::Folder => {
                    let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
                    passed.insert(path);
                }
            }
        }
        Ok(Some(files))
    }

    fn passed_over(&self) -> Vec<String> {
        let passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        passed.iter().cloned().collect()
    }
}
