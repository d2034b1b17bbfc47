//! A window that moves over the rows of each group.
//!
//! In: sorted rows and a measure. Out: when the condition holds. Each row comes into the window once
//! and leaves it once.

use super::measure::{Measure, Novelty};
use super::resolved::{Presence, ResolvedCondition, ResolvedCorrelation};
use super::rows::Row;
use std::collections::BTreeSet;
use std::ops::Range;

/// When a condition holds.
#[derive(Debug)]
pub(super) struct Fired {
    pub at: i64,
    /// The group as it is shown.
    pub shown: u32,
    /// The window's rows.
    pub rows: Range<usize>,
    /// Its bounds.
    pub from: i64,
    pub to: i64,
    /// The measure, for people, if it was asked for.
    pub measure: Option<String>,
}

/// The window that came nearest to it.
#[derive(Debug)]
pub(super) struct Nearest {
    gap: f64,
    pub at: i64,
    pub shown: u32,
    pub rows: Range<usize>,
    pub measure: Option<String>,
    pub incomplete: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Swept {
    pub fired: Vec<Fired>,
    /// For each firing, by its place, the extras in its window, if they were asked for.
    pub extras: Vec<(u32, u32)>,
    /// Only where nothing fired.
    pub nearest: Option<Nearest>,
}

/// What is wanted beside the firings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub extras: bool,
    pub explain: bool,
    /// More than this many extras end the sweep.
    pub most: usize,
}

/// Moves the window over all rows. `None` where there are more extras than allowed.
pub(super) fn sweep(
    correlation: &ResolvedCorrelation,
    rows: &[Row],
    measure: Measure,
    horizon: i64,
    wanted: Wanted,
) -> Option<Swept> {
    let mut window = Window {
        rows,
        measure,
        presence: match &correlation.condition {
            ResolvedCondition::Presence(presence) => Some(presence),
            _ => None,
        },
        held: 0..0,
        extras: Vec::new(),
        distinct: BTreeSet::new(),
        wanted,
        swept: Swept::default(),
    };
    let mut start = 0;
    for group in rows.chunk_by(|a, b| a.group == b.group) {
        let end = start + group.len();
        window.held = start..start;
        if correlation.is_forward() {
            window.forward(end, correlation.timespan, horizon)?;
        } else {
            window.trailing(end, correlation.timespan)?;
        }
        window.leave(|_| true);
        window.measure.clear();
        start = end;
    }
    if !window.swept.fired.is_empty() {
        window.swept.nearest = None;
    }
    Some(window.swept)
}

struct Window<'w> {
    rows: &'w [Row],
    measure: Measure,
    presence: Option<&'w Presence>,
    /// The rows in it.
    held: Range<usize>,
    /// By extra: how many rows in it have it; which are there.
    extras: Vec<u32>,
    distinct: BTreeSet<u32>,
    wanted: Wanted,
    swept: Swept,
}

impl Window<'_> {
    /// Windows that end at each instant of a group.
    fn trailing(&mut self, end: usize, timespan: i64) -> Option<()> {
        while self.held.end < end {
            let first = self.held.end;
            let at = self.rows[first].at;
            let from = at.saturating_sub(timespan);
            self.leave(|row| row.at < from);
            self.enter(end, |row| row.at == at);
            self.measure.close(at, from);
            self.judge(first, (from, at), at, true)?;
        }
        Some(())
    }

    /// Windows that begin at each instant of a group. Those that end after the horizon don't count.
    fn forward(&mut self, end: usize, timespan: i64, horizon: i64) -> Option<()> {
        while self.held.start < end {
            let first = self.held.start;
            let from = self.rows[first].at;
            let to = from.saturating_add(timespan);
            self.enter(end, |row| row.at <= to);
            self.judge(first, (from, to), to, to <= horizon)?;
            self.leave(|row| row.at == from);
        }
        Some(())
    }

    fn enter(&mut self, end: usize, belongs: impl Fn(&Row) -> bool) {
        while self.held.end < end && belongs(&self.rows[self.held.end]) {
            let row = &self.rows[self.held.end];
            let new = novelty(self.rows, self.held.end);
            self.measure.add(row, new);
            if self.wanted.extras {
                let extra = row.extra as usize;
                if self.extras.len() <= extra {
                    self.extras.resize(extra + 1, 0);
                }
                if self.extras[extra] == 0 {
                    self.distinct.insert(row.extra);
                }
                self.extras[extra] += 1;
            }
            self.held.end += 1;
        }
    }

    fn leave(&mut self, goes: impl Fn(&Row) -> bool) {
        while self.held.start < self.held.end && goes(&self.rows[self.held.start]) {
            let row = &self.rows[self.held.start];
            let new = novelty(self.rows, self.held.start);
            self.measure.remove(row, new);
            if self.wanted.extras {
                let count = &mut self.extras[row.extra as usize];
                *count -= 1;
                if *count == 0 {
                    self.distinct.remove(&row.extra);
                }
            }
            self.held.start += 1;
        }
    }

    /// Does the condition hold now? `first` is the row that shows the group.
    fn judge(
        &mut self,
        first: usize,
        (from, to): (i64, i64),
        at: i64,
        complete: bool,
    ) -> Option<()> {
        let value = self.measure.value();
        let holds = match self.presence {
            Some(presence) => presence.holds(&|member| self.measure.is_present(member)),
            None => value.is_some_and(|value| self.measure.thresholds.hold(value)),
        };
        let shown = self.rows[first].shown;
        let measured = || value.map(|value| self.measure.thresholds.shown(value));
        if holds && complete {
            let firing = u32::try_from(self.swept.fired.len()).ok()?;
            if self.wanted.extras {
                let room = self.wanted.most.checked_sub(self.swept.extras.len());
                room.filter(|room| *room >= self.distinct.len())?;
                let extras = self.distinct.iter().map(|extra| (firing, *extra));
                self.swept.extras.extend(extras);
            }
            let measure = if self.wanted.explain { measured() } else { None };
            self.swept.fired.push(Fired {
                at,
                shown,
                rows: self.held.clone(),
                from,
                to,
                measure,
            });
        } else if self.swept.fired.is_empty() {
            let gap = match (self.presence, value) {
                _ if holds => 0.0,
                // Of an expression the more members are there the nearer; a complete window first.
                (_, Some(value)) => self.measure.thresholds.gap(value) + f64::from(!complete) + 1.0,
                (_, None) => f64::MAX,
            };
            let nearest = self.swept.nearest.as_ref();
            if nearest.is_none_or(|nearest| gap < nearest.gap) {
                self.swept.nearest = Some(Nearest {
                    gap,
                    at,
                    shown,
                    rows: self.held.clone(),
                    measure: measured(),
                    incomplete: !complete,
                });
            }
        }
        Some(())
    }
}

/// What is new about a row, beside the rows before it.
fn novelty(rows: &[Row], at: usize) -> Novelty {
    let row = &rows[at];
    let before = at.checked_sub(1).map(|before| &rows[before]);
    let same = before.filter(|before| {
        (before.group, before.at, before.source) == (row.group, row.at, row.source)
    });
    Novelty {
        source: same.is_none(),
        value: same.is_none_or(|same| same.value != row.value),
    }
}
