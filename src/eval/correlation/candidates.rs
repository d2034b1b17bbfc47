//! Sequences that may tell a correlation from one that is nearly the same.
//!
//! In: a correlation, and an event for each rule that it is made of. Out: sequences of events: what it
//! fires on, its near misses, and those in which one name of `group-by` or of `field` alone differs.

use super::resolved::{ResolvedCondition, ResolvedCorrelation};
use super::sequence::variants;
use super::steps::{END, Ingredients, MOST_EVENTS, Step, json, number};
use crate::eval::Decimal;
use crate::rule::CorrelationType;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The sequences, that on which the correlation fires first; none where none is found. What the answer
/// to each is remains to be seen.
#[must_use]
pub fn candidates(ingredients: Ingredients<'_>, at: usize) -> Vec<Vec<Json>> {
    let (Some(base), Some(correlation)) = (ingredients.base(at), ingredients.all.get(at)) else {
        return Vec::new();
    };
    let near = variants(correlation, &base, ingredients, at);
    let mut found: Vec<Vec<Step>> = near.into_iter().map(|(_, _, steps)| steps).collect();
    found.extend(by_name(correlation, &base));
    found.extend(by_number(correlation, &base));
    found.extend(by_count(ingredients, at, correlation));
    let mut sequences: Vec<Vec<Json>> = Vec::new();
    for mut steps in found {
        steps.sort_by_key(|step| step.at);
        let events: Vec<Json> = steps.iter().map(|step| ingredients.event(step)).collect();
        if !events.is_empty() && !sequences.contains(&events) {
            sequences.push(events);
        }
    }
    sequences
}

/// One name of the group is another in the first event; one of the counted names is the same in all.
fn by_name(correlation: &ResolvedCorrelation, base: &[Step]) -> Vec<Vec<Step>> {
    let fields = |name: &str| -> Vec<String> {
        let members = 0..correlation.members.len();
        let fields = members.map(|member| correlation.field(member, name).to_owned());
        fields.collect()
    };
    let mut found = Vec::new();
    for name in &correlation.group_by {
        let mut steps = base.to_vec();
        for field in fields(name) {
            if let Some(value) = steps
                .first_mut()
                .and_then(|step| step.values.get_mut(&field))
            {
                *value = Json::from("another");
            }
        }
        found.push(steps);
    }
    for name in &correlation.counted {
        let mut steps = base.to_vec();
        for field in fields(name) {
            let first = base.first().and_then(|step| step.values.get(&field));
            for step in &mut steps {
                if let (Some(value), Some(first)) = (step.values.get_mut(&field), first) {
                    value.clone_from(first);
                }
            }
        }
        found.push(steps);
    }
    found
}

/// As many events, or values, as a bound says, one less and one more, all at one instant: a window
/// that grows to them event by event would hold fewer first.
fn by_count(
    ingredients: Ingredients<'_>,
    at: usize,
    correlation: &ResolvedCorrelation,
) -> Vec<Vec<Step>> {
    let (
        CorrelationType::EventCount | CorrelationType::ValueCount,
        ResolvedCondition::Bounds(bounds),
    ) = (correlation.kind, &correlation.condition)
    else {
        return Vec::new();
    };
    let is_near = |count: usize, bound: f64| {
        let count = Decimal::whole(u32::try_from(count).unwrap_or(u32::MAX)).to_f64();
        (count - bound).abs() <= 1.0
    };
    let counts = (1..=MOST_EVENTS).filter(|count| {
        bounds
            .iter()
            .any(|(_, bound)| is_near(*count, bound.to_f64()))
    });
    let step = |number: usize| {
        let value = Json::from(format!("value-{number}"));
        let counted = correlation.counted.iter();
        let values: BTreeMap<String, Json> =
            counted.map(|name| (name.clone(), value.clone())).collect();
        ingredients.of_member(at, 0, &values, END, 0)
    };
    let sequence = |count: usize| -> Option<Vec<Step>> {
        let steps: Option<Vec<Vec<Step>>> = (1..=count).map(step).collect();
        Some(steps?.concat())
    };
    counts.filter_map(sequence).collect()
}

/// Numbers whose sum, mean and median are far apart.
fn by_number(correlation: &ResolvedCorrelation, base: &[Step]) -> Vec<Vec<Step>> {
    let (true, [step]) = (correlation.kind.is_metric(), base) else {
        return Vec::new();
    };
    let (Some(meets), Some(name)) = (number(correlation), correlation.counted.first()) else {
        return Vec::new();
    };
    let field = correlation.field(0, name);
    let lists: [&[f64]; 5] = [
        &[meets / 2.0, meets / 2.0],
        &[meets, meets],
        &[0.0, 0.0, meets * 4.0],
        &[meets, meets, 0.0],
        &[0.0, 0.0, 0.0, 0.0, meets * 2.0],
    ];
    // All are in one window.
    let apart = (correlation.timespan / 8).min(1000);
    let sequence = |numbers: &&[f64]| {
        let steps = (0..).zip(numbers.iter()).map(|(place, number)| {
            let mut step = step.clone();
            step.at = step.at.saturating_sub(apart * place);
            step.values.insert(field.to_owned(), json(*number));
            step
        });
        steps.collect()
    };
    lists.iter().map(sequence).collect()
}
