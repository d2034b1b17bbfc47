//! An event that meets one test and, where it can, the whole rule.
//!
//! In: a plan and one of its leaves. Out: an event in which the leaf counts: the rest of the rule is
//! set so that the rule's answer is the leaf's.

use super::field_of;
use super::sample;
use crate::eval::event::Event;
use crate::eval::matcher::{Leaf, Plan};
use crate::lower::Operator;
use crate::rule::Value;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The tests of a plan, in the rule's order.
pub(in crate::eval) fn leaves<'p, 'r>(plan: &'p Plan<'r>) -> Vec<&'p Leaf<'r>> {
    match plan {
        Plan::Group(_, _, plans) => plans.iter().flat_map(leaves).collect(),
        Plan::Not(plan) => leaves(plan),
        Plan::Test(leaf) => vec![leaf],
    }
}

/// An event that the plan matches by this leaf, as far as the values of one field agree.
pub(super) fn event(plan: &Plan<'_>, target: &Leaf<'_>) -> Map<String, Json> {
    let mut needs = BTreeMap::new();
    collect(plan, true, target, &mut needs);
    let mut event = Map::new();
    let mut references = Vec::new();
    for (field, needs) in &needs {
        for (leaf, wanted) in needs {
            if let (Value::FieldRef(reference), true) = (leaf.value, wanted) {
                references.push((*field, reference.field.as_ref()));
            }
        }
        if let Some(value) = value(field, needs) {
            event.insert((*field).to_owned(), value);
        }
    }
    for (field, other) in references {
        let known = event.get(other).or_else(|| event.get(field)).cloned();
        let value = known.unwrap_or_else(|| Json::from("same"));
        event.insert(field.to_owned(), value.clone());
        event.insert(other.to_owned(), value);
    }
    event
}

type Needs<'p, 'r> = BTreeMap<&'p str, Vec<(&'p Leaf<'r>, bool)>>;

/// The tests that have to hold, or not to, for the plan to have the wanted answer.
fn collect<'p, 'r>(plan: &'p Plan<'r>, wanted: bool, target: &Leaf<'_>, needs: &mut Needs<'p, 'r>) {
    match plan {
        Plan::Test(leaf) => needs
            .entry(field_of(leaf))
            .or_default()
            .push((leaf, wanted)),
        Plan::Not(plan) => collect(plan, !wanted, target, needs),
        Plan::Group(operator, _, plans) => {
            if (*operator == Operator::And) == wanted {
                for plan in plans {
                    collect(plan, wanted, target, needs);
                }
            } else {
                let one = plans
                    .iter()
                    .find(|plan| holds(plan, target))
                    .or(plans.first());
                if let Some(one) = one {
                    collect(one, wanted, target, needs);
                }
            }
        }
    }
}

fn holds(plan: &Plan<'_>, target: &Leaf<'_>) -> bool {
    match plan {
        Plan::Group(_, _, plans) => plans.iter().any(|plan| holds(plan, target)),
        Plan::Not(plan) => holds(plan, target),
        Plan::Test(leaf) => std::ptr::eq(
            std::ptr::from_ref::<Leaf<'_>>(leaf).cast::<()>(),
            std::ptr::from_ref(target).cast(),
        ),
    }
}

/// A value with which the field passes all its tests; the nearest to that where none does; nothing
/// where the field had better be missing.
fn value(field: &str, needs: &[(&Leaf<'_>, bool)]) -> Option<Json> {
    let mut candidates: Vec<Option<Json>> = Vec::new();
    let wanted = |wanted: bool| {
        let found = needs.iter().filter(move |(_, which)| *which == wanted);
        found.map(|(leaf, _)| *leaf)
    };
    let met: Vec<&Leaf<'_>> = wanted(true).collect();
    candidates.extend(sample::together(&met).into_iter().map(Some));
    for leaf in &met {
        candidates.extend(sample::of(leaf).into_iter().map(Some));
    }
    if met.is_empty() || candidates.is_empty() {
        candidates.push(None);
    }
    for leaf in wanted(false) {
        candidates.extend(sample::other(leaf).into_iter().map(Some));
    }
    candidates.push(Some(Json::from("x1")));
    candidates.push(None);
    let score = |candidate: &Option<Json>| {
        let mut event = Map::new();
        if let Some(value) = candidate {
            event.insert(field.to_owned(), value.clone());
        }
        let event = Event::new(&Json::Object(event));
        let right = |(leaf, wanted): &&(&Leaf<'_>, bool)| leaf.holds(&event) == *wanted;
        needs.iter().filter(right).count()
    };
    let mut best = (0, None);
    for candidate in candidates {
        let score = score(&candidate);
        if score > best.0 {
            best = (score, candidate);
        }
        if score == needs.len() {
            break;
        }
    }
    best.1
}
