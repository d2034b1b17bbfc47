//! What changed in meaning between a document of one index and one of another.
//!
//! In: the [`Index`] of each version's files, a place in each. Out: a [`Comparison`], for which the
//! rules that a correlation is made of, and the filters that apply to a rule, count as its own.

use super::{
    BaseVersion, Comparison, CorrelationVersion, IndexedCorrelation, Relation, Version, compare,
    compare_correlations,
    correlation::{MOST_STEPS, show},
};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::index::{Index, Place, head};
use crate::lower::lower;
use crate::rule::{Correlation, Document, Rule, Text};
use serde_json::Value as Json;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// How deep correlations of correlations are followed.
const MOST_DEPTH: usize = 8;

/// What comparisons of the same two versions share.
struct Known {
    /// How many more steps the search for events may take.
    steps: Cell<usize>,
    /// What is known already.
    compared: RefCell<BTreeMap<(Place, Place), Comparison>>,
}

/// Two versions of the same files.
#[derive(Debug, Clone, Copy)]
pub struct Documents<'i, 's> {
    /// The old version.
    pub before: &'i Index<'s>,
    /// The new one.
    pub after: &'i Index<'s>,
}

/// Compares two versions of a rule, each by its dialect.
#[must_use]
pub fn compare_rules(
    (before, old): (&Rule<'_>, &Dialect),
    (after, new): (&Rule<'_>, &Dialect),
) -> Comparison {
    let (was, is) = (lower(before, old), lower(after, new));
    let version = |rule, lowered| Version { rule, lowered };
    compare(version(before, &was), version(after, &is))
}

impl<'s> Documents<'_, 's> {
    /// What changed between two documents; `None` where one of them has an error, or is of another
    /// kind.
    #[must_use]
    pub fn compare(&self, old: Place, new: Place) -> Option<Comparison> {
        let known = Known {
            steps: Cell::new(MOST_STEPS),
            compared: RefCell::default(),
        };
        self.compared((old, new), 0, &known)
    }

    /// The comparison of two documents, which is made once for those that are named again.
    fn compared(
        &self,
        (old, new): (Place, Place),
        depth: usize,
        known: &Known,
    ) -> Option<Comparison> {
        let found = known.compared.borrow().get(&(old, new)).cloned();
        if found.is_some() {
            return found;
        }
        let compared = self.compare_anew((old, new), depth, known)?;
        let mut all = known.compared.borrow_mut();
        all.insert((old, new), compared.clone());
        Some(compared)
    }

    fn compare_anew(
        &self,
        (old, new): (Place, Place),
        depth: usize,
        known: &Known,
    ) -> Option<Comparison> {
        let native = &Dialect::SPECIFICATION;
        match (sound(self.before, old)?, sound(self.after, new)?) {
            (Document::Rule(was), Document::Rule(is)) => {
                Some(compare_rules((was, native), (is, native)))
            }
            // A filter's condition is compared as a rule's is.
            (Document::Filter(was), Document::Filter(is)) => {
                Some(compare_rules((&was.rule, native), (&is.rule, native)))
            }
            (Document::Correlation(was), Document::Correlation(is)) if depth < MOST_DEPTH => {
                Some(self.correlations((was, old), (is, new), depth, known))
            }
            _ => None,
        }
    }

    fn correlations(
        &self,
        (was, old): (&Correlation<'s>, Place),
        (is, new): (&Correlation<'s>, Place),
        depth: usize,
        known: &Known,
    ) -> Comparison {
        let places = [self.before.bases(old), self.after.bases(new)];
        let before = CorrelationVersion {
            correlation: was,
            bases: bases(self.before, places[0]),
        };
        let after = CorrelationVersion {
            correlation: is,
            bases: bases(self.after, places[1]),
        };
        // Events that show how a rule changed show it of the correlation, too.
        let events: RefCell<Vec<Json>> = RefCell::default();
        let of_base = |old: usize, new: usize| {
            let (Some(old), Some(new)) = (places[0].get(old), places[1].get(new)) else {
                return Relation::Unknown;
            };
            match self.compared((*old, *new), depth + 1, known) {
                Some(comparison) => {
                    let shown = comparison.gained.into_iter().chain(comparison.lost);
                    events.borrow_mut().extend(shown);
                    let relation = comparison.relation;
                    let sound = sound(self.before, *old).zip(sound(self.after, *new));
                    match sound.filter(|pair| keeps_firings(*pair, relation)) {
                        Some(_) => relation,
                        None => Relation::Unknown,
                    }
                }
                None => Relation::Unknown,
            }
        };
        let mut comparison = compare_correlations(&before, &after, of_base);
        if comparison.relation != Relation::Equal {
            let events = events.into_inner();
            let at = |index, place| IndexedCorrelation { index, place };
            let (before, after) = (at(self.before, old), at(self.after, new));
            show(&known.steps, &mut comparison, before, after, &events);
        }
        comparison
    }
}

/// Are the firings of a correlation what another counts, before and after: of the same groups, by the
/// same names, and at the same instants?
fn keeps_firings(documents: (&Document<'_>, &Document<'_>), relation: Relation) -> bool {
    let (Document::Correlation(was), Document::Correlation(is)) = documents else {
        return true;
    };
    let texts = |names: &[Text<'_>]| -> Vec<String> {
        let names = names.iter();
        names.map(|name| name.value.to_string()).collect()
    };
    let groups = |correlation: &Correlation<'_>| -> BTreeSet<String> {
        texts(&correlation.group_by).into_iter().collect()
    };
    was.kind.value == is.kind.value
        && groups(was) == groups(is)
        && (relation == Relation::Equal || texts(&was.rules) == texts(&is.rules))
}

/// The document at a place, if it has no error.
#[must_use]
pub fn sound<'i, 's>(index: &'i Index<'s>, place: Place) -> Option<&'i Document<'s>> {
    let parsed = index.document(place)?;
    let is_broken = parsed.diagnostics.iter().any(Diagnostic::is_error);
    parsed.document.as_ref().filter(|_| !is_broken)
}

/// The rules at these places.
fn bases<'i, 's>(index: &'i Index<'s>, places: &[Place]) -> Vec<BaseVersion<'i, 's>> {
    let documents = places.iter().filter_map(|place| sound(index, *place));
    documents.map(base).collect()
}

/// A rule as what is compared: by its id, its name or its title it is the same in both versions.
fn base<'v, 's>(document: &'v Document<'s>) -> BaseVersion<'v, 's> {
    let head = head(document);
    let names = [head.name.as_ref(), head.id.as_ref(), Some(&head.title)];
    let name = names.into_iter().flatten().next();
    BaseVersion {
        key: name.map_or_else(String::new, |name| name.value.to_string()),
        head,
    }
}
