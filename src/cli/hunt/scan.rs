//! What rules find in a chunk of events.
//!
//! In: a chunk. Out: [`Found`]: its matches, and what correlations and the closing table ask of it.

use super::rules::HuntedRules;
use crate::cli::events::{ChunkWork, TimeSpan};
use crate::eval::read::EventChunk;
use crate::eval::routing::{Routing, SourceCounts};
use crate::eval::{Event, Instant, TimeFields};
use std::time::{self, Duration};

/// How events are looked at.
pub(super) struct Scan<'s, 'r> {
    pub rules: &'s HuntedRules<'r>,
    /// Which rules look at an event; none: all of them.
    pub routing: Option<&'s Routing>,
    pub times: &'s TimeFields,
    pub span: TimeSpan,
    /// Are the values of each match wanted? Otherwise those of a rule's first match alone.
    pub with_values: bool,
    pub with_costs: bool,
}

/// What was found in a chunk.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub matches: Vec<Match>,
    /// Events that rules of correlations match, each with these rules' numbers.
    pub facts: Vec<Fact>,
    /// The last time of an event.
    pub horizon: Option<Instant>,
    /// Events that are out of the time that is looked at.
    pub out_of_span: usize,
    /// How many events there were of each log source.
    pub sources: SourceCounts,
    /// By rule: how often it was asked, and for how long.
    pub costs: Vec<(usize, Duration)>,
}

/// An event that a rule matches.
#[derive(Debug)]
pub(super) struct Match {
    /// The number of the rule.
    pub rule: usize,
    /// The number of the event in the chunk, from 0.
    pub event: usize,
    pub at: Option<Instant>,
    pub values: Option<Values>,
}

/// What an event shows of a match.
#[derive(Debug)]
pub(super) struct Values {
    /// For which values it matches; keywords have no field.
    pub matched: Vec<(Option<String>, String)>,
    /// Those of the fields that the rule names.
    pub fields: Vec<(String, String)>,
}

/// An event that correlations look at.
#[derive(Debug)]
pub(super) struct Fact {
    pub event: Event<'static>,
    pub number: usize,
    pub at: Option<Instant>,
    pub rules: Vec<usize>,
}

impl Scan<'_, '_> {
    pub fn chunk(&self, chunk: &EventChunk) -> ChunkWork<Found> {
        let rules = &self.rules.rules;
        let mut scanner = self.rules.compiled.scanner();
        let mut found = Found::default();
        let mut masks = self.routing.map(Routing::masks);
        let mut events = 0;
        let has_correlations = !self.rules.correlations.is_empty();
        let mut shown = vec![self.with_values; rules.len()];
        if self.with_costs {
            found.costs = vec![(0, Duration::ZERO); rules.len()];
        }
        let report = chunk.decode_events(&mut |event, _| {
            let number = events;
            events += 1;
            let mut at = None;
            let mut is_timed = false;
            if has_correlations || !self.span.is_all() {
                at = self.times.of(&event);
                is_timed = true;
                if !self.span.holds(at) {
                    found.out_of_span += 1;
                    return;
                }
                found.horizon = found.horizon.max(at);
            }
            let masks = masks.as_mut();
            let mask = masks.map(|masks| masks.of(&event, &self.rules.compiled));
            let matching = if self.with_costs {
                let costs = &mut found.costs;
                scanner.matching_watched(&event, mask, &mut |rule, ask| {
                    let start = time::Instant::now();
                    let holds = ask();
                    costs[rule].0 += 1;
                    costs[rule].1 += start.elapsed();
                    holds
                })
            } else {
                scanner.matching(&event, mask)
            };
            if matching.is_empty() {
                return;
            }
            if !is_timed {
                at = self.times.of(&event);
            }
            let mut numbers = Vec::new();
            for rule in matching {
                numbers.extend(rules[*rule].number);
                if rules[*rule].is_shown {
                    let is_first = !std::mem::replace(&mut shown[*rule], true);
                    let values = (self.with_values || is_first).then(|| self.values(*rule, &event));
                    found.matches.push(Match {
                        rule: *rule,
                        event: number,
                        at,
                        values,
                    });
                }
            }
            if !numbers.is_empty() {
                found.facts.push(Fact {
                    event: event.into_owned(),
                    number,
                    at,
                    rules: numbers,
                });
            }
        });
        if let Some(masks) = masks {
            found.sources = masks.counts();
        }
        ChunkWork {
            made: found,
            events,
            report,
        }
    }

    fn values(&self, rule: usize, event: &Event) -> Values {
        let mut matched = Vec::new();
        for matcher in self.rules.matchers[rule] {
            for value in matcher.matched(event) {
                let value = (value.field.map(str::to_owned), value.value);
                if !matched.contains(&value) {
                    matched.push(value);
                }
            }
        }
        let fields = self.rules.rules[rule].fields.iter();
        let fields = fields.filter_map(|field| {
            let values = event.values(field).into_iter().flatten();
            let values: Vec<_> = values.collect();
            (!values.is_empty()).then(|| (field.clone(), values.join(", ")))
        });
        Values {
            fields: fields.collect(),
            matched,
        }
    }
}
