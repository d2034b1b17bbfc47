//! The working tree of a project: the files of the working folder.

use crate::cli::input::walk;
use crate::project::tree::Tree;
use std::io;
use std::path::Path;

/// The working folder, which the commands of projects make the project's own.
#[derive(Debug, Clone, Copy)]
pub(super) struct WorkingTree;

impl Tree for WorkingTree {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) => match error.kind() {
                // `a/b` where `a` is a file: there is no such file either.
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
                _ => Err(error),
            },
        }
    }

    fn files(&self, path: &str, endings: &[&str]) -> io::Result<Option<Vec<String>>> {
        let folder = Path::new(if path.is_empty() { "." } else { path });
        if folder.is_file() {
            return Ok(Some(vec![path.to_owned()]));
        }
        if !folder.is_dir() {
            return Ok(None);
        }
        let mut files = Vec::new();
        for (below, fault) in walk::below(folder, endings) {
            if let Some(error) = fault {
                return Err(error);
            }
            files.push(match path {
                "" => below,
                _ => format!("{path}/{below}"),
            });
        }
        Ok(Some(files))
    }
}
