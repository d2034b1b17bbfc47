//! Which files a project reads: no build writes over them.

use super::tree::has_ending;
use super::{config, lock, name};
use ignore::gitignore::Gitignore;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The files that pipelines were given, by path.
#[derive(Debug, Clone, Default)]
pub struct ReadFiles(Arc<Mutex<BTreeSet<String>>>);

impl ReadFiles {
    /// Notes a file.
    pub fn note(&self, path: &str) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(name::fold(path));
    }

    fn any(&self, is_meant: impl Fn(&str) -> bool) -> bool {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().any(|path| is_meant(path))
    }

    fn has(&self, folded: &str) -> bool {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.contains(folded)
    }
}

/// Which files a project reads.
#[derive(Debug, Default)]
pub struct Sources {
    /// Files, their paths folded.
    files: BTreeSet<String>,
    /// Folders, folded, and the endings of what is read in them.
    folders: Vec<(String, &'static [&'static str])>,
    /// Which rules are left out.
    exclude: Option<Gitignore>,
    /// What pipelines were given.
    seen: ReadFiles,
}

impl Sources {
    pub(super) fn new(exclude: Gitignore, seen: ReadFiles) -> Self {
        Self {
            files: BTreeSet::new(),
            folders: Vec::new(),
            exclude: Some(exclude),
            seen,
        }
    }

    /// Adds a file.
    pub(super) fn add(&mut self, path: &str) {
        self.files.insert(name::fold(path));
    }

    /// Adds a folder.
    pub(super) fn add_folder(&mut self, path: &str, endings: &'static [&'static str]) {
        let folder = (name::fold(path), endings);
        if !self.folders.contains(&folder) {
            self.folders.push(folder);
        }
    }

    /// Does the project read that file, or would it the next time?
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        let folded = name::fold(path);
        // Those of a project in a folder of this one, too.
        let last = folded.rsplit('/').next().unwrap_or(&folded);
        let is_own = [config::FILE, lock::FILE].contains(&last);
        if is_own || self.files.contains(&folded) || self.seen.has(&folded) {
            return true;
        }
        let excluded = self.exclude.as_ref().is_some_and(|exclude| {
            exclude
                .matched_path_or_any_parents(path.trim_start_matches('/'), false)
                .is_ignore()
        });
        !excluded
            && self
                .folders
                .iter()
                .any(|(folder, endings)| is_below(&folded, folder) && has_ending(&folded, endings))
    }

    /// Does the project read something in that folder, or would it the next time?
    #[must_use]
    pub fn has_in(&self, folder: &str) -> bool {
        let folder = name::fold(folder);
        let is_in = |path: &str| is_below(path, &folder);
        let known = self.folders.iter().map(|(known, _)| known);
        self.files.iter().any(|path| is_in(path))
            || self.seen.any(is_in)
            || known
                .into_iter()
                .any(|known| *known == folder || is_in(known) || is_below(&folder, known))
    }
}

/// Is a path in a folder? All are in that without a name.
fn is_below(path: &str, folder: &str) -> bool {
    let below = path.strip_prefix(folder);
    folder.is_empty() || below.is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ignore::gitignore::GitignoreBuilder;

    #[test]
    fn what_is_read_is_known_whatever_its_spelling() {
        let mut exclude = GitignoreBuilder::new("");
        exclude.add_line(None, "rules/made/").expect("a pattern");
        let seen = ReadFiles::default();
        seen.note("lists/users.txt");
        let mut sources = Sources::new(exclude.build().expect("built"), seen);
        sources.add("pipelines/p.yml");
        sources.add_folder("rules", &["yml", "yaml"]);
        for path in [
            "varsigma.toml",
            "Varsigma.LOCK",
            "inner/varsigma.toml",
            "rules/new.yml",
            "RULES/deep/x.YAML",
            "pipelines/P.yml",
            "lists/Users.txt",
        ] {
            assert!(sources.has(path), "{path}");
        }
        for path in [
            "rules/a.spl",
            "rules/made/x.yml",
            "rules2/a.yml",
            "pipelines/q.yml",
        ] {
            assert!(!sources.has(path), "{path}");
        }
        for folder in ["rules", "Rules/deep", "pipelines", "lists", ""] {
            assert!(sources.has_in(folder), "{folder}");
        }
        for folder in ["rules2", "pipeline", "lists/users.txt"] {
            assert!(!sources.has_in(folder), "{folder}");
        }
    }
}
