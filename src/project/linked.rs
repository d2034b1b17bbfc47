//! A project's files with what reaches from one into another: correlations and filters.
//!
//! In: a [`Project`]. Out: a [`LinkedProject`], which converts each of its rule files. The files are
//! read once. An output of a rule depends on the rule's file, on those of the rules that it names, and
//! on those of the filters that apply.

use super::Project;
use super::digest::digest;
use super::filters::FilterFile;
use crate::diagnostic::Diagnostic;
use crate::dialect::{Dialect, Profile};
use crate::index::{Index, Place};
use crate::transpile::{self, text_of};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use std::collections::BTreeMap;
use std::io;

/// The rule files of a project as they were read, in its order.
#[derive(Debug)]
pub struct RuleTexts(Vec<io::Result<Option<Vec<u8>>>>);

/// A project and its files.
#[derive(Debug)]
pub struct LinkedProject<'p> {
    /// The project.
    pub project: &'p Project,
    texts: &'p RuleTexts,
    indexes: Vec<ProjectIndex<'p>>,
}

/// The rules as a dialect reads them, with a set of filters beside them.
#[derive(Debug)]
struct ProjectIndex<'p> {
    profile: Profile,
    /// The number of their set in [`Project::filters`].
    filters: usize,
    /// There is none where no file reaches into another.
    index: Option<Index<'p>>,
}

impl RuleTexts {
    /// The texts; `None` for a file that can't be read.
    #[must_use]
    pub fn texts(&self) -> Vec<Option<&str>> {
        let read = self.0.iter();
        let text = read.map(|read| text_of(read.as_ref().ok()?.as_ref()?).ok());
        text.collect()
    }
}

impl Project {
    /// Reads the rule files.
    #[must_use]
    pub fn rule_texts(&self) -> RuleTexts {
        let files = self.rules.par_iter();
        RuleTexts(files.map(|file| self.tree.read(&file.path)).collect())
    }

    /// The project with its files.
    #[must_use]
    pub fn linked<'p>(&'p self, texts: &'p RuleTexts) -> LinkedProject<'p> {
        let mut indexes: Vec<ProjectIndex<'p>> = Vec::new();
        for (transpiler, filters) in self.ways() {
            let dialect = transpiler.dialect();
            let is_known = |known: &ProjectIndex<'_>| {
                known.profile == dialect.profile && known.filters == filters
            };
            if !indexes.iter().any(is_known) {
                indexes.push(ProjectIndex {
                    profile: dialect.profile,
                    filters,
                    index: self.index(texts, filters, dialect),
                });
            }
        }
        LinkedProject {
            project: self,
            texts,
            indexes,
        }
    }

    fn index<'p>(
        &'p self,
        texts: &'p RuleTexts,
        filters: usize,
        dialect: &Dialect,
    ) -> Option<Index<'p>> {
        let rules = texts.texts().into_iter();
        let filters = self.filters.files_of(filters);
        let filters = filters.map(|file| Some(file.text.as_str()));
        let all: Vec<Option<&str>> = rules.chain(filters).collect();
        transpile::index(&all, dialect)
    }
}

impl<'p> LinkedProject<'p> {
    /// The number of a rule file.
    fn number(&self, path: &str) -> Option<usize> {
        let files = &self.project.rules;
        files
            .binary_search_by(|file| file.path.as_str().cmp(path))
            .ok()
    }

    /// What was read of a rule file.
    pub(super) fn read(&self, path: &str) -> Option<&'p io::Result<Option<Vec<u8>>>> {
        self.texts.0.get(self.number(path)?)
    }

    /// The rules of a file with what reaches into them, if anything reaches anywhere: the index that
    /// a dialect and a set of filters have, and the file's number in it.
    pub(super) fn documents(
        &self,
        path: &str,
        profile: Profile,
        filters: usize,
    ) -> Option<(&Index<'p>, usize)> {
        let number = self.number(path)?;
        let is_meant =
            |known: &&ProjectIndex<'_>| known.profile == profile && known.filters == filters;
        let index = self.indexes.iter().find(is_meant)?.index.as_ref()?;
        // A file that failed as a whole has none.
        (!index.documents(number).is_empty()).then_some((index, number))
    }

    /// The other files that a rule's output is made of, with their digests.
    pub(super) fn inputs(
        &self,
        index: &Index<'_>,
        rule: Place,
        filters: usize,
    ) -> BTreeMap<String, String> {
        let rules = self.project.rules.len();
        let dependencies = index.dependencies_of(rule).into_iter();
        let inputs = dependencies.filter_map(|file| {
            if let Some(file) = file.checked_sub(rules) {
                let file = self.project.filters.files_of(filters).nth(file)?;
                return Some((file.path.clone(), digest(file.text.as_bytes())));
            }
            let path = self.project.rules[file].path.clone();
            let bytes = self.texts.0.get(file)?.as_ref().ok()?.as_ref()?;
            Some((path, digest(bytes)))
        });
        inputs.collect()
    }

    /// What there is to say of the files of filters: path, text, diagnostics. Each is said once,
    /// however many outputs have the file.
    #[must_use]
    pub fn filter_messages(&self) -> Vec<(&'p FilterFile, Vec<Diagnostic>)> {
        let mut messages: Vec<(&FilterFile, Vec<Diagnostic>)> = Vec::new();
        for known in &self.indexes {
            let Some(index) = &known.index else { continue };
            let files = self.project.filters.files_of(known.filters);
            for (number, file) in (self.project.rules.len()..).zip(files) {
                let documents = index.documents(number).iter();
                let said = documents.flat_map(|document| &document.diagnostics);
                let at = messages
                    .iter()
                    .position(|(known, _)| known.path == file.path);
                let at = at.unwrap_or_else(|| {
                    messages.push((file, Vec::new()));
                    messages.len() - 1
                });
                for diagnostic in said {
                    if !messages[at].1.contains(diagnostic) {
                        messages[at].1.push(diagnostic.clone());
                    }
                }
            }
        }
        messages.retain(|(_, diagnostics)| !diagnostics.is_empty());
        messages
    }
}
