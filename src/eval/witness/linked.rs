//! Events for the documents of an index: of correlations they are sequences.
//!
//! In: an index. Out: for each document its name and its events, each with the number of its sequence.

use crate::diagnostic::{Code, Diagnostic};
use crate::eval::correlation::{Facts, Ingredients, evaluate, sequences, size};
use crate::eval::linked::{LinkedRules, ReadyRule};
use crate::eval::{Event, Processing, TimeFields, Witness, witness};
use crate::index::{Index, Place};
use crate::rule::{Correlation, Document};
use crate::transpile::{RuleNames, guarded};
use serde_json::{Map, Value as Json};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// So often is an event asked of a rule or a correlation, for all correlations of an index.
const MOST_STEPS: usize = 200_000_000;

/// A document's name, its events and what is wrong with it.
pub type NamedLines = (String, Vec<(Option<u64>, Witness)>, Vec<Diagnostic>);

/// The events for each file's documents, `limit` at most for each condition, and as many sequences for
/// each correlation. `time` is the field of the time.
#[must_use]
pub fn linked(
    index: &Index<'_>,
    processing: Processing<'_>,
    limit: usize,
    time: &str,
) -> Vec<Vec<NamedLines>> {
    let rules = LinkedRules::of(index, processing);
    let lowered = rules.lowered();
    let ready = rules.ready(&lowered);
    let broken = rules.broken(&ready);
    let events = matching(&rules, &ready, limit);
    let names = rules.names();
    let maker = Maker {
        rules: &rules,
        ready: &ready,
        ingredients: Ingredients {
            all: &rules.set.correlations,
            events: &events,
            names: &names,
            time,
        },
        names: &names,
        limit,
        steps: Cell::new(MOST_STEPS),
    };
    let files = (0..index.files()).map(|file| {
        let mut known = RuleNames::default();
        let documents = index.documents(file).iter().enumerate();
        let documents = documents.map(|(document, parsed)| {
            let place = Place { file, document };
            let name = known.next(parsed);
            let mut diagnostics = parsed.diagnostics.clone();
            let mut lines = Vec::new();
            if !diagnostics.iter().any(Diagnostic::is_error) {
                let made = guarded(parsed.span, || match &parsed.document {
                    Some(Document::Rule(_)) => maker.of_rule(place),
                    Some(Document::Correlation(correlation)) => {
                        maker.of_correlation(place, correlation, &broken)
                    }
                    _ => Ok(Vec::new()),
                });
                match made.flatten() {
                    Ok(made) => lines = made,
                    Err(error) => diagnostics.push(error),
                }
            }
            (name, lines, diagnostics)
        });
        documents.collect()
    });
    files.collect()
}

/// For each rule of a correlation, by number, an event that it matches, if one of its first `limit`
/// witnesses is such.
#[must_use]
pub fn matching(
    rules: &LinkedRules<'_>,
    ready: &[ReadyRule<'_>],
    limit: usize,
) -> Vec<Option<Map<String, Json>>> {
    let mut events = vec![None; rules.set.rules.len()];
    for ready in ready {
        if let (Some(number), Ok(matchers)) = (ready.number, &ready.matchers) {
            let witnesses = matchers
                .iter()
                .flat_map(|matcher| matcher.witnesses(limit.max(1)));
            let mut matching = witnesses.filter(|witness| witness.matches);
            events[number] = matching.next().and_then(|witness| object(witness.event));
        }
    }
    events
}

fn object(event: Json) -> Option<Map<String, Json>> {
    match event {
        Json::Object(event) => Some(event),
        _ => None,
    }
}

struct Maker<'m, 't> {
    rules: &'m LinkedRules<'t>,
    ready: &'m [ReadyRule<'m>],
    ingredients: Ingredients<'m>,
    names: &'m [BTreeMap<String, String>],
    limit: usize,
    /// How many more steps the search may take.
    steps: Cell<usize>,
}

type Lines = Vec<(Option<u64>, Witness)>;

impl Maker<'_, '_> {
    fn of_rule(&self, place: Place) -> Result<Lines, Diagnostic> {
        let mut rules = self.rules.rules.iter();
        let Some(processed) = rules.find(|known| known.place == place) else {
            return Ok(Vec::new());
        };
        let (rule, _) = processed.rule.as_ref().map_err(Clone::clone)?;
        let found = witness::of_rule(rule, self.limit)?;
        Ok(found.into_iter().map(|witness| (None, witness)).collect())
    }

    fn of_correlation(
        &self,
        place: Place,
        correlation: &Correlation<'_>,
        broken: &BTreeMap<usize, usize>,
    ) -> Result<Lines, Diagnostic> {
        let mut places = self.rules.set.places.iter();
        let Some(at) = places.position(|known| *known == place) else {
            return Ok(Vec::new());
        };
        if let Some(fault) = self.rules.fault(at, correlation, broken) {
            return Err(fault);
        }
        let parts = self.rules.parts_of(at);
        let is_part =
            |rule: &&ReadyRule<'_>| rule.number.is_some_and(|number| parts.contains(&number));
        let parts: Vec<&ReadyRule<'_>> = self.ready.iter().filter(is_part).collect();
        let mut fires = |events: &[Json]| self.fires(at, &parts, events);
        let found = sequences(self.ingredients, at, &mut fires);
        if found.is_empty() {
            let message = "no sequence of events is found on which the correlation fires";
            let error = Diagnostic::error(Code::NoSequence, message);
            let error = error.at(correlation.kind.span);
            return Err(if self.steps.get() == 0 {
                error.help(
                    "search fewer correlations at once: the search has a bound, and reached it",
                )
            } else {
                error.help("check that its condition can hold")
            });
        }
        let mut lines = Vec::new();
        for (number, sequence) in (1..).zip(found.into_iter().take(self.limit)) {
            lines.extend(sequence.events.into_iter().map(|event| {
                let witness = Witness {
                    matches: sequence.matches,
                    about: sequence.about.to_owned(),
                    event,
                };
                (Some(number), witness)
            }));
        }
        Ok(lines)
    }

    /// `None` where too much was searched already.
    fn fires(&self, at: usize, parts: &[&ReadyRule<'_>], events: &[Json]) -> Option<bool> {
        let asked = parts.len() + size(self.ingredients.all, at);
        let left = self.steps.get().checked_sub(events.len() * asked);
        self.steps.set(left.unwrap_or(0));
        left?;
        let times = TimeFields::new(vec![self.ingredients.time.to_owned()]);
        let mut facts = Facts::new(self.names);
        let file: Arc<str> = Arc::from("");
        for (number, event) in (1..).zip(events) {
            let event = Event::new(event);
            let matching = parts.iter().filter(|rule| rule.matches(&event));
            let numbers: Vec<usize> = matching.filter_map(|rule| rule.number).collect();
            facts.add(&event, times.of(&event), &numbers, (&file, number));
        }
        let outcome = evaluate(self.ingredients.all, at, &facts, false);
        Some(outcome.is_ok_and(|outcome| !outcome.firings.is_empty()))
    }
}
