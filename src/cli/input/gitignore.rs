//! Which files of a tree git ignores.
//!
//! Only the `.gitignore` files of the tree count: those of the folders walked and, within a
//! repository, of the folders above. A machine's own git settings would make the output
//! differ between machines. A folder without such files costs nothing.

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::path::{Path, PathBuf};

/// The patterns in force in one folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Ignored {
    /// The folder that the walk began at.
    root: PathBuf,
    /// The files' patterns, the outermost first.
    files: Vec<Gitignore>,
}

impl Ignored {
    /// The patterns of the folders above `folder`, as far up as its repository goes.
    pub fn above(folder: &Path) -> Self {
        let Ok(root) = std::fs::canonicalize(folder) else {
            return Self::default();
        };
        let is_top = |folder: &Path| folder.join(".git").exists();
        let mut above: Vec<&Path> = Vec::new();
        if !is_top(&root) {
            for parent in root.ancestors().skip(1) {
                above.push(parent);
                if is_top(parent) {
                    break;
                }
            }
            if !above.last().is_some_and(|top| is_top(top)) {
                above.clear();
            }
        }
        let files = above.iter().rev().filter_map(|folder| read(folder));
        Self {
            files: files.collect(),
            root,
        }
    }

    /// The same with the patterns of a folder that lies `below` the root.
    pub fn with(&self, folder: &Path, below: &str) -> Self {
        let mut own = self.clone();
        let inside = self.root.join(below);
        own.files.extend(read_as(folder, &inside));
        own
    }

    /// Is that path below the root ignored? The innermost file with a pattern for it decides.
    pub fn has(&self, below: &str, is_dir: bool) -> bool {
        if self.files.is_empty() {
            return false;
        }
        let path = self.root.join(below);
        let matches = self
            .files
            .iter()
            .rev()
            .map(|file| file.matched(&path, is_dir));
        matches
            .into_iter()
            .find(|matches| !matches.is_none())
            .is_some_and(|matches| matches.is_ignore())
    }
}

fn read(folder: &Path) -> Option<Gitignore> {
    read_as(folder, folder)
}

/// The `.gitignore` of `folder`, whose paths begin at `inside`. A pattern that git would not
/// understand is passed over, as git does.
fn read_as(folder: &Path, inside: &Path) -> Option<Gitignore> {
    let path = folder.join(".gitignore");
    // git reads no `.gitignore` that is a link, and a pipe would never end.
    if !std::fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
        return None;
    }
    let mut builder = GitignoreBuilder::new(inside);
    builder.add(path);
    builder.build().ok()
}
