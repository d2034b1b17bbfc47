//! The facts of one correlation, as rows sorted by group and time.
//!
//! In: events of rules and firings of correlations, with the values that the correlation asks for.
//! Out: [`Rows`]: for each group, source and member a row of 32 bytes.

use super::texts::Texts;
use std::collections::HashMap;

/// A fact in one of its groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    /// The group, by number.
    pub group: u32,
    /// When.
    pub at: i64,
    /// The number of the event, or of the firing: these come after the events.
    pub source: u32,
    /// The counted value, by number; 0 where there is none.
    pub value: u32,
    /// Of which member it is: its place.
    pub member: u32,
    /// The values that are kept for correlations that name this one.
    pub extra: u32,
    /// The group's values as this fact has them.
    pub shown: u32,
}

/// Tuples by number, from 0.
#[derive(Debug, Default)]
pub(super) struct Tuples {
    numbers: HashMap<Box<[u32]>, u32>,
    tuples: Vec<Box<[u32]>>,
}

impl Tuples {
    pub fn intern(&mut self, tuple: &[u32]) -> u32 {
        if let Some(&number) = self.numbers.get(tuple) {
            return number;
        }
        let number = u32::try_from(self.tuples.len()).unwrap_or(u32::MAX);
        self.numbers.insert(tuple.into(), number);
        self.tuples.push(tuple.into());
        number
    }

    pub fn get(&self, number: u32) -> &[u32] {
        self.tuples.get(number as usize).map_or(&[], AsRef::as_ref)
    }

    pub fn len(&self) -> usize {
        self.tuples.len()
    }
}

/// The facts of one correlation.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub rows: Vec<Row>,
    /// Groups, with case folded.
    groups: Tuples,
    /// Groups as they are written.
    pub shown: Tuples,
    /// Counted values, with case folded.
    pub values: Tuples,
    /// What is kept for correlations that name this one.
    pub extras: Tuples,
    /// How many were left out, as their group has no value.
    pub without_group: usize,
    folded: Vec<u32>,
}

/// Where the values of a fact are: the group's first, then counted ones, then extras.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub group: usize,
    pub counted: usize,
    /// Are counted values compared as text? Else they are numbers, taken as they are.
    pub is_text: bool,
}

impl Rows {
    /// Adds a fact with its values, numbers of texts.
    pub fn push(
        &mut self,
        (source, at, member): (u32, i64, u32),
        values: &[u32],
        layout: Layout,
        texts: &Texts,
    ) {
        let (group, rest) = values.split_at(layout.group.min(values.len()));
        let (counted, extra) = rest.split_at(layout.counted.min(rest.len()));
        if group.contains(&0) {
            self.without_group += 1;
            return;
        }
        let fold = |folded: &mut Vec<u32>, values: &[u32]| {
            folded.clear();
            folded.extend(values.iter().map(|value| texts.folded(*value)));
        };
        fold(&mut self.folded, group);
        let number = self.groups.intern(&self.folded);
        let value = if counted.is_empty() || counted.contains(&0) {
            0
        } else if layout.is_text {
            fold(&mut self.folded, counted);
            self.values.intern(&self.folded).saturating_add(1)
        } else {
            counted[0]
        };
        self.rows.push(Row {
            group: number,
            at,
            source,
            value,
            member,
            extra: self.extras.intern(extra),
            shown: self.shown.intern(group),
        });
    }

    /// Sorts by group, instant and source. What differs in nothing is there once.
    pub fn sort(&mut self) {
        self.rows.sort_unstable();
        self.rows.dedup();
    }
}
