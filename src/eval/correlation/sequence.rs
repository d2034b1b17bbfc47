//! Sequences of events on which a correlation must fire, and near misses.
//!
//! In: a correlation, an event for each rule that it is made of, and an evaluator. Out:
//! [`SequenceWitness`]es: for `event_count` of 3 in `5m` three events over five minutes, the same with
//! one less, with one a millisecond earlier, in another group. Each has the answer that the evaluator
//! gives.

use super::resolved::ResolvedCorrelation;
use super::steps::{END, Ingredients, Step, members};
use crate::rule::CorrelationType;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A sequence of events with its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct SequenceWitness {
    /// Does the correlation fire?
    pub matches: bool,
    /// What it is there for: `one event short`.
    pub about: &'static str,
    /// The events, flat objects.
    pub events: Vec<Json>,
}

/// The sequences for one of the correlations. `fires` evaluates it, if it can.
///
/// Of the near misses only those are given that the evaluator has the expected answer for; none at
/// all where no sequence is found on which the correlation fires.
#[must_use]
pub fn sequences(
    ingredients: Ingredients<'_>,
    at: usize,
    fires: &mut dyn FnMut(&[Json]) -> Option<bool>,
) -> Vec<SequenceWitness> {
    let Some(base) = ingredients.base(at) else {
        return Vec::new();
    };
    let mut found: Vec<SequenceWitness> = Vec::new();
    for (about, expected, steps) in variants(&ingredients.all[at], &base, ingredients, at) {
        let events: Vec<Json> = steps.iter().map(|step| ingredients.event(step)).collect();
        let is_known = found.iter().any(|known| known.events == events);
        if is_known || fires(&events) != Some(expected) {
            if found.is_empty() {
                return found;
            }
            continue;
        }
        found.push(SequenceWitness {
            matches: expected,
            about,
            events,
        });
    }
    found
}

/// A sequence with what it shows and the answer that it should have.
pub(super) type Variant = (&'static str, bool, Vec<Step>);

pub(super) fn variants(
    correlation: &ResolvedCorrelation,
    base: &[Step],
    ingredients: Ingredients<'_>,
    at: usize,
) -> Vec<Variant> {
    let steps = base.to_vec();
    let mut found = vec![("as it must fire", true, steps.clone())];
    let mut add = |about, expected, change: &dyn Fn(&mut Vec<Step>)| {
        let mut steps = steps.clone();
        change(&mut steps);
        found.push((about, expected, steps));
    };
    add("in another order of the events", true, &|steps| {
        steps.reverse();
    });
    add("the group in other case", true, &|steps| {
        for step in steps.iter_mut().skip(1).step_by(2) {
            regroup(step, ingredients, at, &|value| match value {
                Json::String(text) => Json::from(text.to_uppercase()),
                other => other.clone(),
            });
        }
    });
    add("the first event missing", false, &|steps| {
        drop(steps.remove(0));
    });
    add("the last event missing", false, &|steps| {
        let last = steps.iter().rposition(|step| step.rule.is_some());
        drop(last.map(|last| steps.remove(last)));
    });
    add(
        "the first event a millisecond before the window",
        false,
        &|steps| {
            steps[0].at -= 1;
        },
    );
    add("the first event in another group", false, &|steps| {
        regroup(&mut steps[0], ingredients, at, &|_| Json::from("another"));
    });
    add(
        "the first event without a value of the group",
        false,
        &|steps| {
            regroup(&mut steps[0], ingredients, at, &|_| Json::Null);
        },
    );
    let turned = |steps: &mut Vec<Step>| {
        let times: Vec<i64> = steps.iter().rev().map(|step| step.at).collect();
        for (step, at) in steps.iter_mut().zip(times) {
            step.at = at;
        }
    };
    let at_once = |steps: &mut Vec<Step>| {
        let last = steps.last().map_or(END, |step| step.at);
        for step in steps.iter_mut() {
            step.at = last;
        }
    };
    match correlation.kind {
        CorrelationType::TemporalOrdered => {
            add("the other way round", false, &turned);
            add("all at one instant", false, &at_once);
        }
        _ if correlation.is_forward() => {}
        _ => {
            add("the other way round", true, &turned);
            add("all at one instant", true, &at_once);
        }
    }
    if correlation.kind == CorrelationType::ValueCount {
        add("a value twice", false, &|steps| {
            let last = steps.last().map(|step| step.values.clone());
            if let (Some(first), Some(last)) = (steps.first_mut(), last) {
                first.values = last;
            }
        });
    }
    found.extend(absences(correlation, base, ingredients, at));
    found
}

/// Sequences around the window in which something must be absent.
fn absences(
    correlation: &ResolvedCorrelation,
    base: &[Step],
    ingredients: Ingredients<'_>,
    at: usize,
) -> Vec<Variant> {
    if !correlation.is_forward() {
        return Vec::new();
    }
    let (Some(first), Some(clock)) = (base.first(), base.last()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let short = base.iter().filter(|step| step.rule.is_some());
    found.push((
        "the events end before the window does",
        false,
        short.cloned().collect(),
    ));
    let mut wanted = Vec::new();
    members(&correlation.condition, true, &mut wanted);
    for (member, is_present) in wanted {
        if is_present {
            continue;
        }
        for (about, expected, shift) in [
            ("what must be absent at the end of the window", false, 0),
            ("what must be absent just after the window", true, 1),
        ] {
            let end = first
                .at
                .saturating_add(correlation.timespan)
                .saturating_add(shift);
            let Some(more) = ingredients.of_member(at, member, &BTreeMap::new(), end, 0) else {
                continue;
            };
            let mut steps = base.to_vec();
            steps.extend(more);
            steps.push(Step {
                at: clock.at.saturating_add(1),
                ..clock.clone()
            });
            found.push((about, expected, steps));
        }
    }
    found
}

/// Changes the values of the group in an event, as far as its rule leaves them open.
fn regroup(
    step: &mut Step,
    ingredients: Ingredients<'_>,
    at: usize,
    change: &dyn Fn(&Json) -> Json,
) {
    let correlation = &ingredients.all[at];
    let names = correlation.group_by.iter().flat_map(|name| {
        let members = 0..correlation.members.len();
        members.map(move |member| correlation.field(member, name))
    });
    for name in names {
        if let Some(value) = step.values.get_mut(name) {
            *value = change(value);
        }
    }
}
