//! Changes of a correlation that its tests should notice.
//!
//! In: a correlation and the sequences of its tests. Out: [`Mutants`]: of `timespan: 5m` with a test
//! whose events are all within a minute, that `timespan: 150s` would do, with events over five minutes
//! on which only the correlation as it is fires.

use super::change::{Change, Changed, changes};
use super::{MOST_MUTANTS, Mutants, Shown, Unnoticed};
use crate::eval::correlation::{
    Facts, Ingredients, ResolvedCorrelation, candidates, evaluate, fields,
};
use crate::eval::linked::{LinkedRules, ReadyRule};
use crate::eval::{Event, TimeFields, witness};
use crate::rule::Correlation;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Of the sequences that are tried for every change, so many have a say.
const MOST_TRIED: usize = 128;

/// And so many events they have.
const MOST_EVENTS: usize = 20_000;

/// A correlation and its tests.
#[derive(Clone, Copy)]
pub struct CorrelationTests<'c> {
    /// All rules and correlations.
    pub rules: &'c LinkedRules<'c>,
    /// The rules, ready for events.
    pub ready: &'c [ReadyRule<'c>],
    /// For each rule the events' names of the fields that correlations ask for.
    pub names: &'c [BTreeMap<String, String>],
    /// Where events hold their time.
    pub times: &'c TimeFields,
    /// The correlation's place among the resolved ones.
    pub at: usize,
    /// The correlation as it is written.
    pub written: &'c Correlation<'c>,
    /// The sequences, each with whether it fires.
    pub sequences: &'c [(Vec<&'c Event<'c>>, bool)],
}

/// The correlations, with the changed ones after them.
struct Trial<'c> {
    tests: CorrelationTests<'c>,
    all: Vec<ResolvedCorrelation>,
    names: Vec<BTreeMap<String, String>>,
    parts: Vec<&'c ReadyRule<'c>>,
    /// For each rule an event that it matches.
    events: Vec<Option<serde_json::Map<String, Json>>>,
}

/// A sequence that may show changes.
struct Tried {
    events: Vec<Json>,
    facts: Facts,
    /// Does the correlation fire, as it is?
    fires: bool,
}

impl Mutants {
    /// Changes a correlation whose tests pass.
    #[must_use]
    pub fn of_correlation(tests: CorrelationTests<'_>) -> Self {
        let mut mutants = Self::default();
        let Some(resolved) = tests.rules.set.correlations.get(tests.at) else {
            return mutants;
        };
        let found = changes(tests.written, resolved);
        let step = found.len().div_ceil(MOST_MUTANTS).max(1);
        let found: Vec<Change> = found.into_iter().step_by(step).collect();
        let mut trial = Trial::new(tests);
        // Each change that is a correlation, by its place among all.
        let numbered: Vec<(Change, Option<usize>)> = found
            .into_iter()
            .map(|change| {
                let number = match &change.kind {
                    Changed::Answer(_) => None,
                    Changed::Other(other) => Some(trial.add((**other).clone())),
                };
                (change, number)
            })
            .collect();
        let last = trial.all.len();
        trial.add_rotated(resolved);
        trial.name_fields();
        let sequences: Vec<(Facts, bool)> = tests
            .sequences
            .iter()
            .map(|(events, fires)| (trial.facts(events.iter().copied()), *fires))
            .collect();
        let mut pool = None;
        for (change, number) in numbered {
            let answer = |facts: &Facts| match (&change.kind, number) {
                (Changed::Answer(answer), _) => Some(*answer),
                (Changed::Other(_), Some(number)) => trial.fires(number, facts),
                (Changed::Other(_), None) => None,
            };
            let mut answers = sequences
                .iter()
                .map(|(facts, fires)| (answer(facts), *fires));
            if answers.any(|(found, fires)| found.is_some_and(|found| found != fires)) {
                mutants.made += 1;
                mutants.noticed += 1;
                continue;
            }
            let differs = |tried: &Tried| answer(&tried.facts).is_some_and(|it| it != tried.fires);
            let pool: &Vec<Tried> = pool.get_or_insert_with(|| trial.pool(last));
            let own = || number.map_or_else(Vec::new, |number| trial.tried(number, usize::MAX));
            let known = pool.iter().find(|tried| differs(tried));
            let shown = |tried: &Tried| (tried.events.clone(), tried.fires);
            let found = known
                .map(shown)
                .or_else(|| own().iter().find(|it| differs(it)).map(shown));
            // A change that no sequence shows is none.
            if let Some((events, matches)) = found {
                mutants.made += 1;
                mutants.unnoticed.push(Unnoticed {
                    change: change.about,
                    span: change.span,
                    shown: Shown::Events(events),
                    matches,
                });
            }
        }
        mutants
    }
}

impl<'c> Trial<'c> {
    fn new(tests: CorrelationTests<'c>) -> Self {
        let parts = tests.rules.parts_of(tests.at);
        let is_part =
            |rule: &&ReadyRule<'_>| rule.number.is_some_and(|number| parts.contains(&number));
        Self {
            tests,
            all: tests.rules.set.correlations.clone(),
            names: tests.names.to_vec(),
            parts: tests.ready.iter().filter(is_part).collect(),
            events: witness::linked::matching(tests.rules, tests.ready, witness::LIMIT),
        }
    }

    fn add(&mut self, correlation: ResolvedCorrelation) -> usize {
        self.all.push(correlation);
        self.all.len() - 1
    }

    /// Adds the correlation with each other rule as its first: sequences of counts and sums are made of
    /// that one's events.
    fn add_rotated(&mut self, resolved: &ResolvedCorrelation) {
        for member in 1..resolved.members.len() {
            let mut other = resolved.clone();
            if other.kind.is_temporal() {
                return;
            }
            other.members.swap(0, member);
            for alias in &mut other.aliases {
                alias.fields.swap(0, member);
            }
            self.add(other);
        }
    }

    /// A change may ask for fields that no correlation asked for: those have no other name in events.
    fn name_fields(&mut self) {
        let asked = fields(&self.all, self.names.len());
        for (names, asked) in self.names.iter_mut().zip(asked) {
            for field in asked {
                names.entry(field.clone()).or_insert(field);
            }
        }
    }

    fn facts<'e>(&self, events: impl Iterator<Item = &'e Event<'e>>) -> Facts {
        let mut facts = Facts::new(&self.names);
        let file: Arc<str> = Arc::from("");
        for (number, event) in (1..).zip(events) {
            let matching = self.parts.iter().filter(|rule| rule.matches(event));
            let numbers: Vec<usize> = matching.filter_map(|rule| rule.number).collect();
            facts.add(event, self.tests.times.of(event), &numbers, (&file, number));
        }
        facts
    }

    fn fires(&self, number: usize, facts: &Facts) -> Option<bool> {
        let outcome = evaluate(&self.all, number, facts, false);
        outcome.ok().map(|outcome| !outcome.firings.is_empty())
    }

    /// Sequences around what makes one of the correlations fire, `limit` at most.
    fn tried(&self, number: usize, limit: usize) -> Vec<Tried> {
        let ingredients = Ingredients {
            all: &self.all,
            events: &self.events,
            names: &self.names,
            time: self.tests.times.first(),
        };
        let found = candidates(ingredients, number).into_iter().take(limit);
        let tried = found.filter_map(|events| {
            let read: Vec<Event> = events.iter().map(Event::new).collect();
            let facts = self.facts(read.iter());
            let fires = self.fires(self.tests.at, &facts)?;
            Some(Tried {
                events,
                facts,
                fires,
            })
        });
        tried.collect()
    }

    /// The sequences that are tried for every change: those of the correlation itself, and what makes
    /// each changed one fire. From `last` on are those that are no changes.
    fn pool(&self, last: usize) -> Vec<Tried> {
        let mut pool = self.tried(self.tests.at, usize::MAX);
        let changed = self.tests.rules.set.correlations.len()..last;
        for number in (last..self.all.len()).chain(changed) {
            let events: usize = pool.iter().map(|tried| tried.events.len()).sum();
            if pool.len() >= MOST_TRIED || events >= MOST_EVENTS {
                break;
            }
            pool.extend(self.tried(number, 1));
        }
        pool
    }
}
