//! What the files of a version have to do with one another, and what a change in one means to others.
//!
//! In: the texts of both versions' rule files. Out: which files depend on files that changed, and what
//! changed in the meaning of a document, the rules that it is made of and the filters that apply to it
//! included.

use crate::compare::{Comparison, Documents, sound};
use crate::dialect::Dialect;
use crate::index::{Index, Place, head, is_linked};
use crate::project::{Project, RuleFile};
use crate::rule::Rule;
use crate::transpile;
use std::collections::BTreeSet;

/// Has one of the files a correlation or a filter, as far as a look at them says?
pub(super) fn are_linked(texts: &[Option<&str>]) -> bool {
    let mut texts = texts.iter().flatten();
    texts.any(|text| is_linked(text.as_bytes()))
}

/// Both versions of a project whose files reach into one another.
#[derive(Debug)]
pub(super) struct Linked<'t> {
    before: Version<'t>,
    after: Version<'t>,
}

/// One of them.
#[derive(Debug)]
struct Version<'t> {
    project: &'t Project,
    index: Index<'t>,
}

impl<'t> Version<'t> {
    fn of(project: &'t Project, texts: &[Option<&'t str>]) -> Self {
        let index = transpile::index(texts, &Dialect::SPECIFICATION);
        Self {
            project,
            index: index.unwrap_or_default(),
        }
    }

    fn file(&self, path: &str) -> Option<usize> {
        let rules = &self.project.rules;
        rules
            .binary_search_by(|file| file.path.as_str().cmp(path))
            .ok()
    }

    /// The files that depend on one of these.
    fn dependents(&self, changed: &BTreeSet<usize>) -> BTreeSet<String> {
        let all = 0..self.index.files();
        let depends = |file: &usize| {
            let file = *file;
            let mut documents = 0..self.index.documents(file).len();
            documents.any(|document| {
                let dependencies = self.index.dependencies_of(Place { file, document });
                !dependencies.is_disjoint(changed)
            })
        };
        all.filter(depends)
            .map(|file| self.project.rules[file].path.clone())
            .collect()
    }
}

impl<'t> Linked<'t> {
    pub(super) fn of(
        (before, old): (&'t Project, &[Option<&'t str>]),
        (after, new): (&'t Project, &[Option<&'t str>]),
    ) -> Self {
        Self {
            before: Version::of(before, old),
            after: Version::of(after, new),
        }
    }

    /// The files with those that depend on them, in both versions.
    pub(super) fn with_dependents<'p>(
        &self,
        before: &[&'p RuleFile],
        after: &[&'p RuleFile],
    ) -> (Vec<&'p RuleFile>, Vec<&'p RuleFile>)
    where
        't: 'p,
    {
        let mut paths: BTreeSet<String> = BTreeSet::new();
        for version in [&self.before, &self.after] {
            let files = before.iter().chain(after);
            let changed = files.filter_map(|file| version.file(&file.path)).collect();
            paths.extend(version.dependents(&changed));
        }
        let extended = |version: &Version<'t>, files: &[&'p RuleFile]| {
            let rules: &'t [RuleFile] = &version.project.rules;
            let known: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
            let chosen = rules
                .iter()
                .filter(|file| known.contains(file.path.as_str()) || paths.contains(&file.path));
            chosen.collect::<Vec<&'p RuleFile>>()
        };
        (extended(&self.before, before), extended(&self.after, after))
    }

    /// What changed in the meaning of a document: its file's path and its number there, before and
    /// after. With it both versions' attributes. `None` where one of them has an error.
    pub(super) fn meaning(
        &self,
        before: (&str, usize),
        after: (&str, usize),
    ) -> Option<(Comparison, [&Rule<'t>; 2])> {
        let place = |version: &Version<'t>, (path, document): (&str, usize)| {
            let file = version.file(path)?;
            Some(Place { file, document })
        };
        let (old, new) = (place(&self.before, before)?, place(&self.after, after)?);
        let documents = Documents {
            before: &self.before.index,
            after: &self.after.index,
        };
        let heads = [sound(documents.before, old)?, sound(documents.after, new)?].map(head);
        Some((documents.compare(old, new)?, heads))
    }
}
