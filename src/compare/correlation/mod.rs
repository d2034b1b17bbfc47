//! What changed in meaning between two versions of a correlation.
//!
//! In: two correlations with the rules that they refer to, and how each of those rules changed.
//! Out: a [`Comparison`]. Each part that changed (window, condition, rules, groups) is judged by
//! itself, and the whole is broader only if no part is anything else:
//!
//! ```text
//! timespan: 5m → 15m, condition {gte: 10}    broader: the window is longer
//! condition: {gte: 10} → {gte: 20}           narrower: the condition asks for more
//! timespan: 5m → 15m, condition {lt: 10}     narrower: more events are in the window
//! ```
//!
//! What is proven so is then shown: [`show`] looks for events on which one version fires and the other
//! does not.
//!
//! Broader means: where the old version fires for a group, the new one fires within the same window,
//! for that group or for one that holds it.

mod edits;
mod effect;
mod parts;
mod player;
mod presence;
mod sequence;
mod threshold;

pub use player::IndexedCorrelation;
pub(super) use sequence::{MOST_STEPS, show};

use super::{Comparison, Relation};
use crate::index::field_in;
use crate::rule::{Correlation, CorrelationCondition, CorrelationOperator, CorrelationType, Rule};
use std::collections::BTreeSet;
use threshold::Range;

/// A version of a correlation.
#[derive(Debug, Clone)]
pub struct CorrelationVersion<'v, 'r> {
    /// The correlation.
    pub correlation: &'v Correlation<'r>,
    /// What it refers to, in the order of its `rules`.
    pub bases: Vec<BaseVersion<'v, 'r>>,
}

/// A rule that a correlation refers to.
#[derive(Debug, Clone)]
pub struct BaseVersion<'v, 'r> {
    /// What is the same in both versions if the rule is.
    pub key: String,
    /// Its attributes.
    pub head: &'v Rule<'r>,
}

/// How a condition answers to more events in its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trend {
    /// It still holds.
    Rising,
    /// Where it does not hold, it still does not.
    Falling,
    /// Nothing is known.
    Open,
}

/// Compares two versions of a correlation. `of_base` says how a rule that both refer to changed, by
/// its numbers in the two lists.
#[must_use]
pub fn compare_correlations(
    before: &CorrelationVersion<'_, '_>,
    after: &CorrelationVersion<'_, '_>,
    of_base: impl Fn(usize, usize) -> Relation,
) -> Comparison {
    let bases = changed_bases(before, after, of_base);
    let edits = edits::edits(before, after, &bases);
    let mut effects = vec![
        parts::of_kind(before, after),
        parts::of_window(before, after),
        parts::of_condition(before, after),
        parts::of_groups(before, after),
        parts::of_fields(before, after),
    ];
    effects.extend(
        bases
            .iter()
            .map(|(title, relation)| parts::of_rule(after, title, *relation)),
    );
    let (relation, why) = effect::combined(effects);
    Comparison {
        relation,
        why: why.or_else(|| {
            let why = "proven: the same rules, groups, window and condition";
            (!edits.is_empty()).then(|| why.to_owned())
        }),
        gained: None,
        lost: None,
        edits,
    }
}

/// The rules that both versions refer to and that changed, by title, each once.
fn changed_bases(
    before: &CorrelationVersion<'_, '_>,
    after: &CorrelationVersion<'_, '_>,
    of_base: impl Fn(usize, usize) -> Relation,
) -> Vec<(String, Relation)> {
    let mut seen = BTreeSet::new();
    let mut changed = Vec::new();
    for (new, base) in after.bases.iter().enumerate() {
        let old = before.bases.iter().position(|old| old.key == base.key);
        let Some(old) = old.filter(|_| seen.insert(&base.key)) else {
            continue;
        };
        let relation = of_base(old, new);
        if relation != Relation::Equal {
            changed.push((base.head.title.value.to_string(), relation));
        }
    }
    changed
}

impl CorrelationVersion<'_, '_> {
    fn kind(&self) -> CorrelationType {
        self.correlation.kind.value
    }

    fn keys(&self) -> Vec<&str> {
        self.bases.iter().map(|base| base.key.as_str()).collect()
    }

    fn distinct(&self) -> BTreeSet<&str> {
        self.keys().into_iter().collect()
    }

    /// The operators and numbers of the condition, as they are written.
    fn bounds(&self) -> Vec<(CorrelationOperator, &str)> {
        let CorrelationCondition::Threshold(threshold) = &self.correlation.condition else {
            return Vec::new();
        };
        let bounds = threshold.bounds.iter();
        let bounds = bounds.map(|bound| (bound.operator, bound.number.value.text.as_ref()));
        bounds.collect()
    }

    /// What the condition asks of a count or a measure; of temporal types the number of rules. None
    /// where doubles are too coarse to compare it.
    fn range(&self) -> Option<Range> {
        let bounds: Vec<(CorrelationOperator, f64)> = match &self.correlation.condition {
            CorrelationCondition::Threshold(threshold) => {
                let bounds = threshold.bounds.iter();
                let numbers = bounds.map(|bound| {
                    let number = &bound.number.value;
                    let is_exact = number.is_told_by_doubles();
                    is_exact.then_some((bound.operator, number.value))
                });
                numbers.collect::<Option<_>>()?
            }
            CorrelationCondition::AllRules => {
                let count = match self.kind() {
                    CorrelationType::TemporalOrdered => self.bases.len(),
                    _ => self.distinct().len(),
                };
                vec![(CorrelationOperator::Gte, u32::try_from(count).ok()?.into())]
            }
            CorrelationCondition::Expression { .. } => return None,
        };
        // There is an event at the window's end, but it may lack the field whose values count.
        let least = match self.kind() {
            CorrelationType::ValueCount if !self.is_counted_by() => Some(0.0),
            kind => (!kind.is_metric()).then_some(1.0),
        };
        Some(Range::of(&bounds, least))
    }

    fn trend(&self) -> Trend {
        if self.kind().is_metric() {
            return Trend::Open;
        }
        match &self.correlation.condition {
            CorrelationCondition::AllRules => Trend::Rising,
            CorrelationCondition::Expression { expr, .. } => {
                if presence::is_positive(expr) {
                    Trend::Rising
                } else {
                    Trend::Open
                }
            }
            CorrelationCondition::Threshold(threshold) => {
                let all = |operators: &[CorrelationOperator]| {
                    let mut bounds = threshold.bounds.iter();
                    bounds.all(|bound| operators.contains(&bound.operator))
                };
                if all(&[CorrelationOperator::Gt, CorrelationOperator::Gte]) {
                    Trend::Rising
                } else if all(&[CorrelationOperator::Lt, CorrelationOperator::Lte]) {
                    Trend::Falling
                } else {
                    Trend::Open
                }
            }
        }
    }

    /// The fields that an entry of `group-by` or `field` stands for, by the keys of rules that both
    /// versions have.
    fn fields_of(
        &self,
        entry: &crate::rule::Text<'_>,
        common: &BTreeSet<&str>,
    ) -> BTreeSet<(String, String)> {
        let mut fields = BTreeSet::new();
        let entries = self.correlation.group_by.iter().chain(self.field());
        let entry = entries.into_iter().find(|known| known.value == entry.value);
        for (base, reference) in self.bases.iter().zip(&self.correlation.rules) {
            if !common.contains(base.key.as_str()) {
                continue;
            }
            let field = entry
                .and_then(|entry| field_in(self.correlation, entry, &reference.value, base.head));
            // A rule that an alias leaves out has a field of its name.
            let field = field
                .or(entry)
                .map_or("", |field| field.value.as_ref())
                .to_owned();
            fields.insert((base.key.clone(), field));
        }
        fields
    }

    /// Have all events of a group the same values of `field`?
    fn is_counted_by(&self) -> bool {
        let group_by = &self.correlation.group_by;
        let is_grouped =
            |field: &crate::rule::Text<'_>| group_by.iter().any(|group| group.value == field.value);
        self.field().iter().all(is_grouped)
    }

    fn field(&self) -> &[crate::rule::Text<'_>] {
        match &self.correlation.condition {
            CorrelationCondition::Threshold(threshold) => &threshold.field,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests;
