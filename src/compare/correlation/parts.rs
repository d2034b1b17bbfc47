//! What each part of a correlation that changed does to what fires.

use super::effect::{self, Effect};
use super::threshold::Range;
use super::{CorrelationVersion, Trend, presence};
use crate::compare::Relation;
use crate::rule::{CorrelationCondition, CorrelationType};
use std::collections::BTreeSet;

pub(super) fn of_kind(
    before: &CorrelationVersion<'_, '_>,
    after: &CorrelationVersion<'_, '_>,
) -> Effect {
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

pub(super) fn of_window(
    before: &CorrelationVersion<'_, '_>,
    after: &CorrelationVersion<'_, '_>,
) -> Effect {
    let [old, new] = [before, after].map(|version| version.correlation.timespan.seconds());
    if old == new {
        return Effect::NONE;
    }
    let trend = if before.trend() == after.trend() {
        after.trend()
    } else {
        Trend::Open
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

pub(super) fn of_condition(
    before: &CorrelationVersion<'_, '_>,
    after: &CorrelationVersion<'_, '_>,
) -> Effect {
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
            (None, None) if before.bounds() == after.bounds() => rules,
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

pub(super) fn of_groups(
    before: &CorrelationVersion<'_, '_>,
    after: &CorrelationVersion<'_, '_>,
) -> Effect {
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

pub(super) fn of_fields(
    before: &CorrelationVersion<'_, '_>,
    after: &CorrelationVersion<'_, '_>,
) -> Effect {
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
pub(super) fn of_rule(
    version: &CorrelationVersion<'_, '_>,
    title: &str,
    relation: Relation,
) -> Effect {
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
        (Relation::Unknown, _) => Effect::unknown(&format!("the rule \"{title}\" changed")),
        _ => Effect::unknown(&format!("the rule \"{title}\" matches other events")),
    }
}
