//! What of one document reaches into another: names and ids, correlations and the rules that they
//! refer to, filters and the rules that they are joined to.
//!
//! In: the documents of all inputs, prepared. Out: an [`Index`], which holds them with their links.
//! What is wrong with a link becomes an error of the document that has it, and of that one alone.
//! Most inputs have no links: [`is_linked`] tells by a look at a file's text, so that files are
//! converted one by one where none has any.

mod filter;
mod join;
mod links;
mod look;
mod order;
mod rules;

pub use filter::applies;
pub use look::is_linked;
pub use order::LinkRules;
pub use rules::Rules;

use crate::diagnostic::Diagnostic;
use crate::parse::Parsed;
use crate::rule::correlation::Alias;
use crate::rule::{Correlation, Document, Rule, Text};
use crate::source::Span;
use links::Links;
use std::collections::{BTreeMap, BTreeSet};

/// Where a document is: its file's number among the inputs, and its own in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file, from 0.
    pub file: usize,
    /// The document, from 0.
    pub document: usize,
}

/// All documents and how they hang together.
#[derive(Debug, Default)]
pub struct Index<'s> {
    files: Vec<Vec<Parsed<'s>>>,
    /// For each correlation without a fault, the rules that it refers to, in its order.
    bases: BTreeMap<Place, Vec<Place>>,
    /// The documents that give no query of their own: correlations of their file use them.
    parts: BTreeSet<Place>,
    /// The rules that have queries of their own though correlations name them.
    generated: BTreeSet<Place>,
    /// For each file its documents, in the order in which they are converted.
    orders: Vec<Vec<usize>>,
    /// The filters that were joined to each rule that has any, in their order.
    filters: BTreeMap<Place, Vec<Place>>,
}

impl<'s> Index<'s> {
    /// Links the documents of files, whose modifiers were applied, and joins the filters among them
    /// to the rules. A file that can't be read has no documents.
    #[must_use]
    pub fn new(files: Vec<Vec<Parsed<'s>>>, rules: &(impl AsRef<dyn Rules> + ?Sized)) -> Self {
        let mut index = Self {
            files,
            ..Self::default()
        };
        // A rule whose filter can't be joined has an error, and with it the correlations of the rule.
        index.filters = filter::join_all(&mut index.files, rules.as_ref());
        let rules = rules.as_ref().links();
        let links = Links::of(&index.files, rules);
        let (bases, mut faults) = links.resolve();
        (index.parts, index.generated) = links.parts(&bases);
        index.orders = links.orders(&bases);
        if rules.needs_order() {
            faults.extend(links.too_early(&bases, &index.orders));
        }
        index.bases = bases;
        for (place, fault) in faults {
            let documents = index.files.get_mut(place.file);
            if let Some(document) = documents.and_then(|file| file.get_mut(place.document)) {
                document.diagnostics.push(fault);
            }
        }
        index
    }

    /// Does any of a file's documents need an index?
    #[must_use]
    pub fn concerns(documents: &[Parsed<'_>]) -> bool {
        documents.iter().any(|parsed| {
            let document = parsed.document.as_ref();
            !parsed.parts.is_empty()
                || document.is_some_and(|document| !matches!(document, Document::Rule(_)))
        })
    }

    /// The documents of a file, in order.
    #[must_use]
    pub fn documents(&self, file: usize) -> &[Parsed<'s>] {
        self.files.get(file).map_or(&[], Vec::as_slice)
    }

    /// Adds something that there is to say of a document.
    pub fn say(&mut self, place: Place, diagnostic: Diagnostic) {
        let documents = self.files.get_mut(place.file);
        if let Some(document) = documents.and_then(|file| file.get_mut(place.document)) {
            document.diagnostics.push(diagnostic);
        }
    }

    /// The number of files.
    #[must_use]
    pub const fn files(&self) -> usize {
        self.files.len()
    }

    /// The document at a place.
    #[must_use]
    pub fn document(&self, place: Place) -> Option<&Parsed<'s>> {
        self.documents(place.file).get(place.document)
    }

    /// What a correlation refers to, in the order of its `rules`; empty where that has a fault.
    #[must_use]
    pub fn bases(&self, correlation: Place) -> &[Place] {
        self.bases.get(&correlation).map_or(&[], Vec::as_slice)
    }

    /// Does a document only feed correlations of its file, so that it has no query of its own?
    #[must_use]
    pub fn is_part(&self, place: Place) -> bool {
        self.parts.contains(&place)
    }

    /// Has a rule queries of its own, though a correlation names it?
    #[must_use]
    pub fn is_generated(&self, place: Place) -> bool {
        self.generated.contains(&place)
    }

    /// The documents of a file, by their numbers, in the order in which they are converted.
    #[must_use]
    pub fn order(&self, file: usize) -> &[usize] {
        self.orders.get(file).map_or(&[], Vec::as_slice)
    }

    /// The filters that were joined to a rule, in their order.
    #[must_use]
    pub fn filters(&self, rule: Place) -> &[Place] {
        self.filters.get(&rule).map_or(&[], Vec::as_slice)
    }

    /// The files that a document depends on, its own not among them.
    #[must_use]
    pub fn dependencies_of(&self, document: Place) -> BTreeSet<usize> {
        let (file, mut todo) = (document.file, vec![document]);
        let mut seen = BTreeSet::new();
        while let Some(place) = todo.pop() {
            if seen.insert(place) {
                todo.extend(self.bases(place).iter().chain(self.filters(place)));
            }
        }
        let files = seen.into_iter().map(|place| place.file);
        files.filter(|other| *other != file).collect()
    }
}

/// The attributes of a document.
#[must_use]
pub fn head<'d, 's>(document: &'d Document<'s>) -> &'d Rule<'s> {
    match document {
        Document::Rule(rule) => rule,
        Document::Correlation(correlation) => &correlation.head,
        Document::Filter(filter) => &filter.rule,
    }
}

/// The field that stands for an entry of `group-by` or `field` in a rule that a correlation refers
/// to: an alias's for that rule, or the entry itself. `None`: the alias leaves the rule out, whose
/// field then has the alias's name.
#[must_use]
pub fn field_in<'c, 's>(
    correlation: &'c Correlation<'s>,
    entry: &'c Text<'s>,
    reference: &str,
    head: &Rule<'s>,
) -> Option<&'c Text<'s>> {
    let Some(alias) = alias(correlation, entry) else {
        return Some(entry);
    };
    let is_meant = |key: &Text<'_>| {
        let names = [head.id.as_ref(), head.name.as_ref()];
        key.value == reference
            || names
                .into_iter()
                .flatten()
                .any(|name| name.value == key.value)
    };
    let mut fields = alias.fields.iter();
    fields.find_map(|(key, field)| is_meant(key).then_some(field))
}

/// The alias that an entry of `group-by` or `field` names.
fn alias<'c, 's>(correlation: &'c Correlation<'s>, entry: &Text<'s>) -> Option<&'c Alias<'s>> {
    let mut aliases = correlation.aliases.iter();
    aliases.find(|alias| alias.name.value == entry.value)
}

/// The place of a reference in a correlation's text.
#[must_use]
pub fn reference_span(correlation: &Correlation<'_>, at: usize) -> Span {
    let reference = correlation.rules.get(at);
    reference.map_or(correlation.span, |reference| reference.span)
}
