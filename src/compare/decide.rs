//! Does one expression hold wherever another does?
//!
//! In: two [`Literal`]s of a [`Store`]. Out: yes, proven; no, with an event that shows it; or open.
//! The question is put as "can the first hold, and the second not?". If no assignment of their tests
//! allows it, that is the proof. Otherwise an event is made from the assignment, and counts only once
//! [`eval`](crate::eval) says of both expressions what it should.

use super::clauses;
use super::formula::{Literal, Node, Store};
use super::solve::{Answer, Solver};
use crate::eval::witness::Tests;
use crate::eval::{Event, Matcher};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Clauses looked at for one question, at most.
const BUDGET: usize = 2_000_000;

/// The most assignments that are tried as events.
const MAX_MODELS: usize = 48;

/// How often tests are put to values for one question, at most.
const MAX_ASKED: usize = 2_000_000;

/// Of more tests than this no witnesses are made: that takes their square in time.
const MAX_WITNESSED: usize = 1000;

/// Of more fields than this an event keeps all, needed or not.
const MAX_SMALLER: usize = 200;

/// Whether an expression holds wherever another does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// It does.
    Proven,
    /// Not for this event.
    Refuted(Json),
    /// Neither is known.
    Open(Doubt),
}

/// Why a question stays open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// No proof, and no event either.
    NoEvent,
    /// Too large.
    Budget,
}

/// One of the expressions: its literal, and what says of events whether it holds. None where an
/// event cannot be asked (a piece of the target's language).
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'m, 'r> {
    pub literal: Literal,
    pub matchers: Option<&'m [Matcher<'r>]>,
}

impl Side<'_, '_> {
    fn takes(&self, event: &Event) -> Option<bool> {
        let matchers = self.matchers?;
        Some(matchers.iter().any(|matcher| matcher.matches(event)))
    }
}

/// Does `outer` hold wherever `inner` does?
pub(super) fn implies(store: &Store<'_>, inner: Side<'_, '_>, outer: Side<'_, '_>) -> Verdict {
    if inner.literal == outer.literal {
        return Verdict::Proven;
    }
    let clauses = clauses::of(store, &[inner.literal, !outer.literal]);
    let mut solver = Solver::new(clauses, store.len(), BUDGET);
    let mut tests = Prepared::default();
    let mut spent = 0;
    for tried in 0..MAX_MODELS {
        let model = match solver.run() {
            Answer::None if tried == 0 => return Verdict::Proven,
            // What was taken out of the search may have been possible.
            Answer::None => break,
            Answer::Unknown => return Verdict::Open(Doubt::Budget),
            Answer::Model(model) => model,
        };
        let atoms: Vec<Literal> = model
            .into_iter()
            .filter(|literal| matches!(store.node(literal.node()), Node::Atom(..)))
            .collect();
        let culprits = match tests.event(store, &atoms) {
            Some(Ok(event)) if separates(&event, inner, outer) => {
                return Verdict::Refuted(smaller(event, inner, outer));
            }
            Some(Err(culprits)) => culprits,
            Some(Ok(_)) => atoms,
            None => break,
        };
        if culprits.is_empty() {
            break;
        }
        // An event was put to both versions.
        spent += 2 * store.len();
        if tests.tests.asked() + spent > MAX_ASKED {
            return Verdict::Open(Doubt::Budget);
        }
        solver.add(culprits.into_iter().map(|literal| !literal).collect());
    }
    if store.len() > MAX_WITNESSED {
        return Verdict::Open(Doubt::Budget);
    }
    match [inner, outer]
        .iter()
        .find_map(|side| among_witnesses(side, inner, outer))
    {
        Some(event) => Verdict::Refuted(smaller(event, inner, outer)),
        None => Verdict::Open(Doubt::NoEvent),
    }
}

/// Does the event pass the first, but not the second?
fn separates(event: &Json, inner: Side<'_, '_>, outer: Side<'_, '_>) -> bool {
    let event = Event::new(event);
    inner.takes(&event) == Some(true) && outer.takes(&event) == Some(false)
}

/// An event among those that engines are tested with.
fn among_witnesses(of: &Side<'_, '_>, inner: Side<'_, '_>, outer: Side<'_, '_>) -> Option<Json> {
    let matchers = of.matchers?.iter();
    let events = matchers.flat_map(|matcher| matcher.witnesses(crate::eval::witness::LIMIT));
    events
        .map(|witness| witness.event)
        .find(|event| separates(event, inner, outer))
}

/// The event without the fields that do not count.
fn smaller(event: Json, inner: Side<'_, '_>, outer: Side<'_, '_>) -> Json {
    let Json::Object(mut fields) = event else {
        return event;
    };
    if fields.len() > MAX_SMALLER {
        return Json::Object(fields);
    }
    let names: Vec<String> = fields.keys().cloned().collect();
    for name in names {
        let fewer: Map<String, Json> = fields
            .iter()
            .filter(|(known, _)| **known != name)
            .map(|(known, value)| (known.clone(), value.clone()))
            .collect();
        let fewer = Json::Object(fewer);
        if separates(&fewer, inner, outer)
            && let Json::Object(fewer) = fewer
        {
            fields = fewer;
        }
    }
    Json::Object(fields)
}

/// Tests that were prepared already, by node. Most questions need few.
#[derive(Default)]
struct Prepared<'r> {
    tests: Tests<'r>,
    numbers: BTreeMap<usize, usize>,
}

impl<'r> Prepared<'r> {
    /// An event for these tests, or those that are in its way. Nothing where a test cannot be
    /// asked of an event.
    fn event(
        &mut self,
        store: &Store<'r>,
        atoms: &[Literal],
    ) -> Option<Result<Json, Vec<Literal>>> {
        let mut wanted = Vec::with_capacity(atoms.len());
        for literal in atoms {
            let node = literal.node();
            let number = match self.numbers.get(&node) {
                Some(number) => *number,
                None => {
                    let written = store.written(node)?;
                    let number = self.tests.push(written.field, written.value).ok()?;
                    self.numbers.insert(node, number);
                    number
                }
            };
            wanted.push((number, !literal.is_negated()));
        }
        let found = self.tests.event(&wanted, MAX_ASKED);
        Some(found.map_err(|numbers| {
            let of_numbers = atoms.iter().zip(&wanted);
            of_numbers
                .filter(|(_, (number, _))| numbers.contains(number))
                .map(|(literal, _)| *literal)
                .collect()
        }))
    }
}
