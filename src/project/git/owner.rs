//! Whether a repository belongs to the folder that leads to it.
//!
//! A `.git` can come from anybody, as a part of an archive, and lead to any repository on the disk: as
//! a file or a link, by what it names as the folder that it shares with other worktrees, by links in
//! it, and by other repositories' objects that it borrows. What those hold must not be shown.

use super::command::Git;
use super::path_of;
use crate::diagnostic::{Code, Diagnostic};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What git reads revisions from, in its folder. Links from there to other places are refused.
const SOURCES: [&str; 8] = [
    "HEAD",
    "packed-refs",
    "refs",
    "reftable",
    "logs",
    "objects",
    "shallow",
    "index",
];

/// So far git follows folders of objects that name others.
const MOST_ALTERNATES: usize = 64;

/// The folders of a repository, links in their paths followed.
struct Places {
    /// The folder that holds `.git`; where it is bare, that of its own files.
    home: PathBuf,
    /// The repository's own folder.
    git: PathBuf,
    /// What it shares with its other worktrees; the same where it has none.
    common: PathBuf,
}

/// Refuses the repository that git found from a folder if it leads to what is another's.
///
/// # Errors
/// `VS1041`: it does; `VS1043`: git fails.
pub(super) fn check(git: &Git, folder: &Path) -> Result<(), Diagnostic> {
    let asked = |name: &str| -> Result<PathBuf, Diagnostic> {
        let path = git.ask(&["rev-parse", name])?;
        let path = git
            .folder
            .join(path_of(path.strip_suffix(b"\n").unwrap_or(&path)));
        Ok(path.canonicalize().unwrap_or(path))
    };
    let own = asked("--absolute-git-dir")?;
    let common = asked("--git-common-dir")?;
    let Some(home) = home(folder, &own) else {
        return Err(foreign(&own, &own));
    };
    let places = Places {
        home,
        git: own,
        common,
    };
    if !places.is_home_named(git) {
        return Err(foreign(&places.git, &places.git));
    }
    if !places.is_common_own() {
        return Err(foreign(&places.common, &places.git));
    }
    places.check_links()?;
    places.check_alternates()
}

/// The folder from which git found a repository: the first above a folder that leads to it.
fn home(folder: &Path, git: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    let leads = |above: &&Path| {
        let named = above.join(".git");
        let is_it = |path: &Path| path.canonicalize().is_ok_and(|path| path == git);
        if named.is_file() {
            let text = std::fs::read(&named).unwrap_or_default();
            let to = text.strip_prefix(b"gitdir:").unwrap_or_default();
            return is_it(&above.join(path_of(to.trim_ascii())));
        }
        *above == git || is_it(&named)
    };
    folder.ancestors().find(leads).map(Path::to_owned)
}

impl Places {
    /// Does the repository name the folder that leads to it, or lie in it?
    fn is_home_named(&self, git: &Git) -> bool {
        // A worktree's own folder names its `.git`, a submodule's settings name its files.
        let of_worktree = || {
            let text = std::fs::read(self.git.join("gitdir")).ok()?;
            let named = self.git.join(path_of(text.trim_ascii_end()));
            named.parent()?.canonicalize().ok()
        };
        let of_submodule = || {
            let named = git.ask(&["config", "--get", "core.worktree"]).ok()?;
            let named = self.git.join(path_of(named.strip_suffix(b"\n")?));
            named.canonicalize().ok()
        };
        self.git.starts_with(&self.home)
            || of_worktree().as_ref() == Some(&self.home)
            || of_submodule().as_ref() == Some(&self.home)
    }

    /// Does it lie where it says that other worktrees are, or share nothing with others?
    fn is_common_own(&self) -> bool {
        let worktrees = self.common.join("worktrees");
        self.common.starts_with(&self.home)
            || self.common.starts_with(&self.git)
            || self.git.parent() == Some(&worktrees)
    }

    /// Is a path the repository's own, or among its files?
    fn has(&self, path: &Path) -> bool {
        [&self.git, &self.common, &self.home]
            .iter()
            .any(|own| path.starts_with(own))
    }

    /// Refuses links to other places.
    fn check_links(&self) -> Result<(), Diagnostic> {
        for folder in [&self.git, &self.common] {
            for name in SOURCES {
                self.check_below(&folder.join(name))?;
            }
        }
        Ok(())
    }

    /// Refuses a link to another place, at a path or below it.
    fn check_below(&self, path: &Path) -> Result<(), Diagnostic> {
        let mut todo = vec![path.to_owned()];
        let mut seen = BTreeSet::new();
        while let Some(path) = todo.pop() {
            let Ok(metadata) = path.symlink_metadata() else {
                continue;
            };
            if metadata.is_symlink() {
                match path.canonicalize() {
                    Ok(target) if !self.has(&target) => {
                        return Err(self.leads_out(&path, &target));
                    }
                    Ok(target) if target.is_dir() && seen.insert(target.clone()) => {
                        todo.push(target);
                    }
                    // A link to nothing may be a reference to a branch that is not there yet.
                    _ => {}
                }
            } else if metadata.is_dir() {
                let below = std::fs::read_dir(&path).into_iter().flatten().flatten();
                // Objects are many, and files that are no links need no second look.
                let is_plain =
                    |entry: &std::fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
                let below = below.filter(|entry| !is_plain(entry));
                todo.extend(below.map(|entry| entry.path()));
            }
        }
        Ok(())
    }

    /// Refuses folders of objects in other places, which `objects/info/alternates` names.
    fn check_alternates(&self) -> Result<(), Diagnostic> {
        let mut known = vec![self.common.join("objects")];
        let mut at = 0;
        while let Some(objects) = known.get(at).cloned() {
            at += 1;
            let named = objects.join("info/alternates");
            let Ok(text) = std::fs::read(&named) else {
                continue;
            };
            let lines = text.split(|byte| *byte == b'\n');
            for line in lines.filter(|line| !line.is_empty() && !line.starts_with(b"#")) {
                let path = objects.join(path_of(line));
                // What is in quotes git alone can read.
                let is_quoted = line.starts_with(b"\"");
                let target = match path.canonicalize() {
                    Ok(target) => target,
                    Err(_) if !is_quoted => continue,
                    Err(_) => path,
                };
                if is_quoted || !self.has(&target) || known.len() > MOST_ALTERNATES {
                    return Err(self.leads_out(&named, &target));
                }
                self.check_below(&target)?;
                if !known.contains(&target) {
                    known.push(target);
                }
            }
        }
        Ok(())
    }

    fn leads_out(&self, path: &Path, target: &Path) -> Diagnostic {
        let (path, target) = (path.display(), target.display());
        let message = format!("`{path}` leads to `{target}`, which is not the repository's own");
        told(&self.git, message)
    }
}

fn foreign(folder: &Path, git: &Path) -> Diagnostic {
    let folder = folder.display();
    let message = format!("`.git` leads to `{folder}`, a repository that has other files");
    told(git, message)
}

fn told(git: &Path, message: String) -> Diagnostic {
    let error = Diagnostic::error(Code::NoRepository, message);
    error.help(format!(
        "set `GIT_DIR={}` if that one is meant",
        git.display()
    ))
}
