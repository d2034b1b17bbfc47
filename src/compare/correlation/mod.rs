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
mod presence;
mod sequence;
mod threshold;

pub use sequence::{IndexedCorrelation, show};

use super::{Comparison, Relation};
use crate::index::field_in;
use crate::rule::{Correlation, CorrelationCondition, CorrelationOperator, CorrelationType, Rule};
use effect::Effect;
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
        of_kind(before, after),
        of_window(before, after),
        of_condition(before, after),
        of_groups(before, after),
        of_fields(before, after),
    ];
    effects.extend(
        bases
            .iter()
            .map(|(title, relation)| of_rule(after, title, *relation)),
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

    /// What the condition asks of a count or a measure; of temporal types the number of rules.
    fn range(&self) -> Option<Range> {
        let bounds: Vec<(CorrelationOperator, f64)> = match &self.correlation.condition {
            CorrelationCondition::Threshold(threshold) => {
                let bounds = threshold.bounds.iter();
                bounds
                    .map(|bound| (bound.operator, bound.number.value.value))
                    .collect()
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
        Some(Range::of(&bounds, !self.kind().is_metric()))
    }

    fn trend(&self) -> Trend {
        if self.kind().is_metric() {
            return Trend::Open;
        }
        match &self.correlation.condition {
            CorrelationCondition::AllRules => Trend::Rising,
            CorrelationCondition::Expression { expr, .. } => match presence::is_positive(expr) {
                true => Trend::Rising,
                false => Trend::Open,
            },
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

    fn field(&self) -> &[crate::rule::Text<'_>] {
        match &self.correlation.condition {
            CorrelationCondition::Threshold(threshold) => &threshold.field,
            _ => &[],
        }
    }
}

fn of_kind(before: &CorrelationVersion<'_, '_>, after: &CorrelationVersion<'_, '_>) -> Effect {
    use CorrelationType::{Temporal, TemporalOrdered};
    let all = |version: &CorrelationVersion<'_, '_>| {
        matches!(
            version.correlation.condition,
            CorrelationCondition::AllRules
        )
    };
    let are_same = before.distinct() == after.distinct() && all(before) && all(after);
    match (before.kind(), after.kind()) {
        (old, new) if old == new => Effect::NONE,
        (TemporalOrdered, Temporal) if are_same => {
            Effect::broader("the order is no longer asked for")
        }
        (Temporal, TemporalOrdered) if are_same => Effect::narrower("the order is asked for"),
        _ => Effect::unknown("the type changed"),
    }
}

fn of_window(before: &CorrelationVersion<'_, '_>, after: &CorrelationVersion<'_, '_>) -> Effect {
    let [old, new] = [before, after].map(|version| version.correlation.timespan.seconds());
    if old == new {
        return Effect::NONE;
    }
    let trend = match before.trend() == after.trend() {
        true => after.trend(),
        false => Trend::Open,
    };
    let word = if new > old { "longer" } else { "shorter" };
    match (trend, new > old) {
        (Trend::Rising, true) => Effect::broader("the window is longer"),
        (Trend::Rising, false) => Effect::narrower("the window is shorter"),
        (Trend::Falling, true) => Effect::narrower("the window is longer, so that more is in it"),
        (Trend::Falling, false) => Effect::broader("the window is shorter, so that less is in it"),
        (Trend::Open, _) => Effect::unknown(&format!(
            "the window is {word}, and the condition can hold in either of the two alone"
        )),
    }
}

fn of_condition(before: &CorrelationVersion<'_, '_>, after: &CorrelationVersion<'_, '_>) -> Effect {
    let is_temporal = before.kind().is_temporal();
    if is_temporal != after.kind().is_temporal()
        || before.kind().is_metric() != after.kind().is_metric()
    {
        // The type says it.
        return Effect::NONE;
    }
    let are_same_rules = before.distinct() == after.distinct();
    if !is_temporal {
        let rules = of_more_rules(before, after);
        return match (before.range(), after.range()) {
            (Some(old), Some(new)) => effect::both(rules, of_ranges(&old, &new)),
            _ => Effect::unknown("the condition changed"),
        };
    }
    if [before, after]
        .iter()
        .any(|version| version.kind() == CorrelationType::TemporalOrdered)
    {
        return of_order(before, after);
    }
    if before.trend() == Trend::Rising && after.trend() == Trend::Rising {
        return presence::compare(before, after);
    }
    match (before.range(), after.range()) {
        (Some(old), Some(new)) if are_same_rules => of_ranges(&old, &new),
        _ if are_same_rules && presence::compare(before, after) == Effect::NONE => Effect::NONE,
        _ => Effect::unknown("the condition changed"),
    }
}

/// Rules that were added to or taken from a count.
fn of_more_rules(
    before: &CorrelationVersion<'_, '_>,
    after: &CorrelationVersion<'_, '_>,
) -> Effect {
    let (old, new) = (before.distinct(), after.distinct());
    if old == new {
        return Effect::NONE;
    }
    let is_rising = before.trend() == Trend::Rising && after.trend() == Trend::Rising;
    if is_rising && old.is_subset(&new) {
        Effect::broader("events of more rules count")
    } else if is_rising && new.is_subset(&old) {
        Effect::narrower("events of fewer rules count")
    } else {
        Effect::unknown("events of other rules count")
    }
}

fn of_ranges(old: &Range, new: &Range) -> Effect {
    match (old.is_within(new), new.is_within(old)) {
        (true, true) => Effect::NONE,
        (true, false) => Effect::broader("the condition asks for less"),
        (false, true) => Effect::narrower("the condition asks for more"),
        (false, false) => Effect::unknown("the condition changed"),
    }
}

/// Rules one after the other.
fn of_order(before: &CorrelationVersion<'_, '_>, after: &CorrelationVersion<'_, '_>) -> Effect {
    if before.kind() != after.kind() {
        return Effect::NONE;
    }
    let (old, new) = (before.keys(), after.keys());
    let all = |version: &CorrelationVersion<'_, '_>| {
        matches!(
            version.correlation.condition,
            CorrelationCondition::AllRules
        )
    };
    if old == new {
        return match (before.range(), after.range()) {
            (Some(old), Some(new)) => of_ranges(&old, &new),
            _ => presence::compare(before, after),
        };
    }
    if all(before) && all(after) {
        if is_part(&new, &old) {
            return Effect::broader("the order has fewer rules");
        }
        if is_part(&old, &new) {
            return Effect::narrower("the order has more rules");
        }
    }
    Effect::unknown("the order of the rules changed")
}

/// Are these in a list, in their order?
fn is_part(some: &[&str], list: &[&str]) -> bool {
    let mut list = list.iter();
    some.iter().all(|one| list.any(|other| other == one))
}

fn of_groups(before: &CorrelationVersion<'_, '_>, after: &CorrelationVersion<'_, '_>) -> Effect {
    let common: BTreeSet<&str> = &before.distinct() & &after.distinct();
    let groups = |version: &CorrelationVersion<'_, '_>| -> BTreeSet<BTreeSet<(String, String)>> {
        let entries = version.correlation.group_by.iter();
        entries
            .map(|entry| version.fields_of(entry, &common))
            .collect()
    };
    let (old, new) = (groups(before), groups(after));
    if old == new {
        return Effect::NONE;
    }
    let is_rising = before.trend() == Trend::Rising && after.trend() == Trend::Rising;
    if is_rising && new.is_subset(&old) {
        Effect::broader("groups are larger, for they have fewer fields in common")
    } else if is_rising && old.is_subset(&new) {
        Effect::narrower("groups are smaller, for they have more fields in common")
    } else {
        Effect::unknown("the groups changed")
    }
}

fn of_fields(before: &CorrelationVersion<'_, '_>, after: &CorrelationVersion<'_, '_>) -> Effect {
    let common: BTreeSet<&str> = &before.distinct() & &after.distinct();
    let fields = |version: &CorrelationVersion<'_, '_>| -> BTreeSet<BTreeSet<(String, String)>> {
        let entries = version.field().iter();
        entries
            .map(|entry| version.fields_of(entry, &common))
            .collect()
    };
    let percentile = |version: &CorrelationVersion<'_, '_>| match &version.correlation.condition {
        CorrelationCondition::Threshold(threshold) => threshold
            .percentile
            .as_ref()
            .map(|number| number.value.value),
        _ => None,
    };
    if fields(before) != fields(after) {
        Effect::unknown("another field is counted")
    } else if percentile(before) != percentile(after) {
        Effect::unknown("another percentile is looked at")
    } else {
        Effect::NONE
    }
}

/// A rule that changed.
fn of_rule(version: &CorrelationVersion<'_, '_>, title: &str, relation: Relation) -> Effect {
    match (relation, version.trend()) {
        (Relation::Broader, Trend::Rising) => {
            Effect::broader(&format!("the rule \"{title}\" is broader"))
        }
        (Relation::Narrower, Trend::Rising) => {
            Effect::narrower(&format!("the rule \"{title}\" is narrower"))
        }
        (Relation::Equal, _) => Effect::NONE,
        (Relation::Broader | Relation::Narrower, _) => Effect::unknown(&format!(
            "the rule \"{title}\" is {}, which this condition can answer either way",
            relation.name()
        )),
        _ => Effect::unknown(&format!("the rule \"{title}\" matches other events")),
    }
}

#[cfg(test)]
mod tests;
