//! What a hunt found, rule by rule.

use super::rules::HuntedRules;
use super::scan::Found;
use crate::cli::choose::RuleLevel;
use crate::cli::events::EventFile;
use crate::eval::Instant;
use crate::eval::correlation::Facts;
use crate::eval::routing::SourceCounts;
use std::time::Duration;

/// What was found, in all.
pub(super) struct Tally {
    /// By rule.
    pub rules: Vec<RuleTally>,
    /// By correlation.
    pub correlations: Vec<RuleTally>,
    pub facts: Facts,
    /// How many events there were of each log source.
    pub sources: SourceCounts,
    pub events: usize,
    pub files: usize,
    /// Events that are out of the time that is looked at.
    pub out_of_span: usize,
    /// Matches without a time, which are in no window of a correlation.
    pub without_time: usize,
    pub interrupted: bool,
}

/// What a rule found.
#[derive(Debug, Default)]
pub(super) struct RuleTally {
    pub matches: usize,
    pub first: Option<Instant>,
    pub last: Option<Instant>,
    pub example: Option<Example>,
    /// How many events it was asked of.
    pub asked: usize,
    pub time: Duration,
}

/// An event that a rule matches.
#[derive(Debug)]
pub(super) struct Example {
    pub file: String,
    /// Its number in the file, from 1.
    pub record: usize,
    pub values: Vec<(Option<String>, String)>,
}

impl RuleTally {
    pub fn add(&mut self, at: Option<Instant>, example: impl FnOnce() -> Example) {
        self.matches += 1;
        if let Some(at) = at {
            self.first = Some(self.first.map_or(at, |first| first.min(at)));
            self.last = self.last.max(Some(at));
        }
        self.example.get_or_insert_with(example);
    }
}

impl Tally {
    pub fn new(rules: &HuntedRules<'_>) -> Self {
        let room = |count| {
            std::iter::repeat_with(RuleTally::default)
                .take(count)
                .collect()
        };
        Self {
            rules: room(rules.rules.len()),
            correlations: room(rules.correlations.len()),
            facts: rules.facts(),
            sources: SourceCounts::new(),
            events: 0,
            files: 0,
            out_of_span: 0,
            without_time: 0,
            interrupted: false,
        }
    }

    /// Takes what was found in a chunk. `first` is the number of its first event.
    pub fn take(&mut self, file: &EventFile, first: usize, found: Found) {
        self.out_of_span += found.out_of_span;
        for (sources, count) in found.sources {
            *self.sources.entry(sources).or_default() += count;
        }
        for one in found.matches {
            self.rules[one.rule].add(one.at, || Example {
                file: file.name.to_string(),
                record: first + one.event,
                values: one.values.map(|values| values.matched).unwrap_or_default(),
            });
        }
        for fact in found.facts {
            let place = (&file.name, first + fact.number);
            self.facts.add(&fact.event, fact.at, &fact.rules, place);
        }
        self.facts.extend_horizon(found.horizon);
        for (rule, (asked, time)) in self.rules.iter_mut().zip(found.costs) {
            rule.asked += asked;
            rule.time += time;
        }
    }

    /// The highest level of what matched.
    pub fn highest(&self, rules: &HuntedRules<'_>) -> Option<RuleLevel> {
        let of_rules = self.rules.iter().zip(&rules.rules);
        let correlations = rules.correlations.iter().map(|(_, hunted)| hunted);
        let of_correlations = self.correlations.iter().zip(correlations);
        let found = of_rules.chain(of_correlations);
        let found = found.filter(|(tally, _)| tally.matches > 0);
        found.map(|(_, hunted)| hunted.level).max()
    }
}
