//! The files of filters that a project names.
//!
//! In: paths of `varsigma.toml`, and the tree. Out: sets of files, one for each combination of an
//! output and the folders of rules.

use super::RuleFile;
use super::digest::digest_all;
use super::open::placeless;
use super::tree::{Tree, is_test, there};
use crate::backend::BackendError;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::transpile::{prepare, text_of};
use std::collections::BTreeSet;

/// A file of filters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterFile {
    /// Its path.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The files, and sets of them by their numbers.
#[derive(Debug, Clone, Default)]
pub struct FilterSets {
    files: Vec<FilterFile>,
    sets: Vec<Vec<usize>>,
}

impl FilterSets {
    /// The files of a set.
    pub fn files_of(&self, set: usize) -> impl Iterator<Item = &FilterFile> {
        let set = self.sets.get(set).into_iter().flatten();
        set.filter_map(|file| self.files.get(*file))
    }

    /// The digest of all files of some sets; empty where there are none.
    pub(super) fn digest(&self, sets: &[usize]) -> String {
        let numbers = sets.iter().filter_map(|set| self.sets.get(*set)).flatten();
        let numbers: BTreeSet<usize> = numbers.copied().collect();
        if numbers.is_empty() {
            return String::new();
        }
        let files = numbers.iter().filter_map(|file| self.files.get(*file));
        digest_all(files.flat_map(|file| [file.path.as_str(), file.text.as_str()]))
    }

    /// The number of the set of filters in these files and folders. A file that is among the rules is
    /// there already.
    pub(super) fn set(
        &mut self,
        paths: &[String],
        tree: &dyn Tree,
        rules: &[RuleFile],
    ) -> Result<usize, BackendError> {
        let mut set = Vec::new();
        for path in paths {
            let files = there(tree.files(path, &["yml", "yaml"]), path).map_err(placeless)?;
            for file in files {
                if is_test(&file) || rules.iter().any(|rule| rule.path == file) {
                    continue;
                }
                let known = self.files.iter().position(|known| known.path == file);
                let number = match known {
                    Some(number) => number,
                    None => self.add(file, tree)?,
                };
                if !set.contains(&number) {
                    set.push(number);
                }
            }
        }
        let known = self.sets.iter().position(|known| *known == set);
        Ok(known.unwrap_or_else(|| {
            self.sets.push(set);
            self.sets.len() - 1
        }))
    }

    /// Reads a file and checks it.
    fn add(&mut self, path: String, tree: &dyn Tree) -> Result<usize, BackendError> {
        let bytes = there(tree.read(&path), &path).map_err(placeless)?;
        let in_file = |text: &str, diagnostics| BackendError {
            path: path.clone(),
            text: text.to_owned(),
            diagnostics,
        };
        let text = text_of(&bytes).map_err(|error| in_file("", vec![error]))?;
        let documents = prepare(text, &Dialect::SPECIFICATION);
        let documents = documents.map_err(|error| in_file(text, vec![error]))?;
        let errors = documents
            .into_iter()
            .flat_map(|document| document.diagnostics);
        let errors: Vec<Diagnostic> = errors.filter(Diagnostic::is_error).collect();
        if !errors.is_empty() {
            return Err(in_file(text, errors));
        }
        let text = text.to_owned();
        self.files.push(FilterFile { path, text });
        Ok(self.files.len() - 1)
    }
}
