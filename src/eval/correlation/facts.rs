//! What correlations have to know of events.
//!
//! In: events one after another, with the rules that each matches. Out: [`Facts`]: of each event that
//! matches a rule its instant, its place and the values that correlations ask for, in some tens of
//! bytes. The event itself is not kept.

use super::postings::Postings;
use super::texts::Texts;
use crate::eval::{Event, Instant};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where an event comes from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct EventPlace {
    /// The file's path.
    pub file: String,
    /// Its number in the file, from 1.
    pub number: u32,
}

/// What is kept of events.
///
/// An event that matches a rule takes 12 bytes, one or two for each rule that it matches, and five
/// for each field that is asked for; each distinct value is kept once.
#[derive(Debug, Default)]
pub struct Facts {
    /// By event that matches a rule: when, and its number in its file.
    instants: Vec<i64>,
    numbers: Vec<u32>,
    /// The files, each with the first of those events.
    files: Vec<(usize, Arc<str>)>,
    /// By rule.
    rules: Vec<RuleFacts>,
    /// By field of events.
    columns: Vec<Column>,
    texts: Texts,
    horizon: Option<Instant>,
}

/// What is kept of the events that match a rule.
#[derive(Debug, Default)]
struct RuleFacts {
    events: Postings,
    /// The columns of the fields that are asked for, by the names that correlations have for them.
    columns: BTreeMap<String, usize>,
    /// How many more there are, without a time.
    timeless: usize,
}

/// The values of a field, of the events for which it is asked.
#[derive(Debug)]
struct Column {
    field: String,
    events: Postings,
    /// Numbers of texts; 0 where there is no value.
    values: Vec<u32>,
}

impl Facts {
    /// Makes room for rules, each with the fields that correlations ask of its events: the name that
    /// correlations have for it, and the event's.
    #[must_use]
    pub fn new(fields: &[BTreeMap<String, String>]) -> Self {
        let mut facts = Self::default();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for fields in fields {
            let mut columns = BTreeMap::new();
            for (name, field) in fields {
                let next = facts.columns.len();
                let place = *places.entry(field).or_insert(next);
                if place == next {
                    facts.columns.push(Column {
                        field: field.clone(),
                        events: Postings::default(),
                        values: Vec::new(),
                    });
                }
                columns.insert(name.clone(), place);
            }
            facts.rules.push(RuleFacts {
                columns,
                ..RuleFacts::default()
            });
        }
        facts
    }

    /// Adds an event: its time, the numbers of the rules that it matches, and where it is. An event
    /// that matches none of them counts for the horizon alone.
    pub fn add(
        &mut self,
        event: &Event,
        at: Option<Instant>,
        rules: &[usize],
        (file, number): (&Arc<str>, usize),
    ) {
        let Some(at) = at else {
            for rule in rules {
                if let Some(rule) = self.rules.get_mut(*rule) {
                    rule.timeless += 1;
                }
            }
            return;
        };
        self.horizon = self.horizon.max(Some(at));
        let place = self.instants.len();
        let (false, Ok(fact)) = (rules.is_empty(), u32::try_from(place)) else {
            return;
        };
        if self.files.last().is_none_or(|(_, last)| last != file) {
            self.files.push((place, Arc::clone(file)));
        }
        self.instants.push(at.0);
        self.numbers.push(u32::try_from(number).unwrap_or(u32::MAX));
        for rule in rules {
            let Some(rule) = self.rules.get_mut(*rule) else {
                continue;
            };
            rule.events.push(fact);
            for column in rule.columns.values() {
                let column = &mut self.columns[*column];
                if !column.events.ends_with(fact) {
                    column.events.push(fact);
                    let value = event.value(&column.field);
                    let value = value.map_or(0, |value| self.texts.intern(&value));
                    column.values.push(value);
                }
            }
        }
    }

    /// There was an event at this time, which matched no rule.
    pub fn extend_horizon(&mut self, at: Option<Instant>) {
        self.horizon = self.horizon.max(at);
    }

    /// The time of the last event that was added, whether it matched a rule or not.
    #[must_use]
    pub const fn horizon(&self) -> Option<Instant> {
        self.horizon
    }

    /// How many events match the rule and have no time.
    #[must_use]
    pub fn timeless_of(&self, rule: usize) -> usize {
        self.rules.get(rule).map_or(0, |rule| rule.timeless)
    }

    pub(super) const fn texts(&self) -> &Texts {
        &self.texts
    }

    /// How many events are kept.
    pub(super) fn len(&self) -> usize {
        self.instants.len()
    }

    pub(super) fn place(&self, event: u32) -> EventPlace {
        let after = self
            .files
            .partition_point(|(first, _)| *first <= event as usize);
        let file = after.checked_sub(1).map(|at| self.files[at].1.to_string());
        EventPlace {
            file: file.unwrap_or_default(),
            number: self.numbers.get(event as usize).copied().unwrap_or(0),
        }
    }

    /// Calls `visit` for each event of a rule, in the order in which they were added: its number, its
    /// instant, and the numbers of the texts in these fields, 0 for what has no value.
    pub(super) fn visit(
        &self,
        rule: usize,
        fields: &[&str],
        mut visit: impl FnMut(u32, i64, &[u32]),
    ) {
        let Some(rule) = self.rules.get(rule) else {
            return;
        };
        let mut cursors: Vec<_> = fields
            .iter()
            .map(|field| {
                let column = rule.columns.get(*field).map(|place| &self.columns[*place]);
                column.map(|column| column.events.iter().zip(column.values.iter().copied()))
            })
            .collect();
        let mut values = vec![0; fields.len()];
        for event in rule.events.iter() {
            for (cursor, value) in cursors.iter_mut().zip(&mut values) {
                let found = cursor.as_mut().and_then(|cursor| {
                    let mut from = cursor.skip_while(|(known, _)| *known < event);
                    from.next().filter(|(known, _)| *known == event)
                });
                *value = found.map_or(0, |(_, value)| value);
            }
            visit(event, self.instants[event as usize], &values);
        }
    }
}
