//! What the files of a version have to do with one another, and what a change in one means to others.
//!
//! In: the texts of both versions' rule files. Out: which files depend on files that changed, and what
//! changed in the meaning of a document, the rules that it is made of and the filters that apply to it
//! included.

use super::meaning;
use crate::compare::{
    BaseVersion, Comparison, CorrelationVersion, IndexedCorrelation, Relation,
    compare_correlations, show,
};
use crate::dialect::Dialect;
use crate::index::{Index, Place, head, is_linked};
use crate::project::{Project, RuleFile};
use crate::rule::{Correlation, Document, Rule};
use crate::transpile;
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// How deep correlations of correlations are followed.
const MOST_DEPTH: usize = 8;

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

    fn document(&self, place: Place) -> Option<&Document<'t>> {
        let parsed = self.index.document(place)?;
        let is_broken = parsed
            .diagnostics
            .iter()
            .any(crate::diagnostic::Diagnostic::is_error);
        parsed.document.as_ref().filter(|_| !is_broken)
    }

    /// The rules at these places.
    fn bases(&self, places: &[Place]) -> Vec<BaseVersion<'_, 't>> {
        let documents = places.iter().filter_map(|place| self.document(*place));
        documents.map(base).collect()
    }

    const fn at(&self, place: Place) -> IndexedCorrelation<'_, 't> {
        IndexedCorrelation {
            index: &self.index,
            place,
        }
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
        let heads = [self.before.document(old)?, self.after.document(new)?].map(head);
        Some((self.compared(old, new, 0)?, heads))
    }

    fn compared(&self, old: Place, new: Place, depth: usize) -> Option<Comparison> {
        match (self.before.document(old)?, self.after.document(new)?) {
            // A filter's condition is compared as a rule's is.
            (Document::Rule(was), Document::Rule(is)) => Some(meaning::of_rule(was, is)),
            (Document::Filter(was), Document::Filter(is)) => {
                Some(meaning::of_rule(&was.rule, &is.rule))
            }
            (Document::Correlation(was), Document::Correlation(is)) if depth < MOST_DEPTH => {
                Some(self.correlations((was, old), (is, new), depth))
            }
            _ => None,
        }
    }

    fn correlations(
        &self,
        (was, old): (&Correlation<'t>, Place),
        (is, new): (&Correlation<'t>, Place),
        depth: usize,
    ) -> Comparison {
        let places = [self.before.index.bases(old), self.after.index.bases(new)];
        let before = CorrelationVersion {
            correlation: was,
            bases: self.before.bases(places[0]),
        };
        let after = CorrelationVersion {
            correlation: is,
            bases: self.after.bases(places[1]),
        };
        // Events that show how a rule changed show it of the correlation, too.
        let events: RefCell<Vec<Json>> = RefCell::default();
        let of_base = |old: usize, new: usize| {
            let (Some(old), Some(new)) = (places[0].get(old), places[1].get(new)) else {
                return Relation::Unknown;
            };
            match self.compared(*old, *new, depth + 1) {
                Some(comparison) => {
                    let shown = comparison.gained.into_iter().chain(comparison.lost);
                    events.borrow_mut().extend(shown);
                    comparison.relation
                }
                None => Relation::Unknown,
            }
        };
        let mut comparison = compare_correlations(&before, &after, of_base);
        if comparison.relation != Relation::Equal {
            let events = events.into_inner();
            let (before, after) = (self.before.at(old), self.after.at(new));
            show(&mut comparison, before, after, &events);
        }
        comparison
    }
}

/// A rule as what is compared: by its id, its name or its title it is the same in both versions.
fn base<'v, 't>(document: &'v Document<'t>) -> BaseVersion<'v, 't> {
    let head = head(document);
    let names = [head.name.as_ref(), head.id.as_ref(), Some(&head.title)];
    let name = names.into_iter().flatten().next();
    BaseVersion {
        key: name.map_or_else(String::new, |name| name.value.to_string()),
        head,
    }
}
