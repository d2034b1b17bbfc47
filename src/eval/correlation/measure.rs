//! What a correlation measures in a window, kept up to date as rows come and go.
//!
//! In: rows, each with what is new about it. Out: a [`Ratio`], or nothing where there are no
//! numbers to compute with.

use super::order::Chains;
use super::rank::Ranks;
use super::resolved::{ResolvedCondition, ResolvedCorrelation};
use super::rows::{Row, Rows};
use super::texts::Texts;
use super::threshold::{Ratio, Thresholds};
use crate::eval::Decimal;
use crate::rule::{CorrelationOperator, CorrelationType};
use std::collections::HashMap;

/// Of a percentile that many digits after the point count.
const PERCENTILE_PLACES: i32 = 6;

/// What a row is the first of, among those of its group and instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Novelty {
    /// No earlier row is of the same source.
    pub source: bool,
    /// No earlier row is of the same source and value.
    pub value: bool,
}

/// A measure of the window.
#[derive(Debug)]
pub(super) struct Measure {
    state: State,
    pub thresholds: Thresholds,
}

#[derive(Debug)]
enum State {
    /// How many sources.
    Events(usize),
    /// How many values: of each how often it is there.
    Distinct { counts: Vec<u32>, distinct: usize },
    /// How many members: of each how often it is there.
    Members { counts: Vec<u32>, present: usize },
    /// How long a chain.
    Chain { chains: Chains, length: usize },
    /// The sum of numbers, or their mean.
    Sum {
        numbers: Vec<i128>,
        sum: i128,
        count: usize,
        mean: bool,
    },
    /// A percentile of numbers, in millionths of a percent.
    Percentile {
        numbers: Vec<i128>,
        ranks: Ranks,
        percentile: i128,
    },
}

impl Measure {
    /// The measure of a correlation on these rows. Those of a metric get the ranks of their numbers
    /// as values.
    pub fn new(correlation: &ResolvedCorrelation, rows: &mut Rows, texts: &Texts) -> Self {
        let members = correlation.members.len();
        let all = |count: usize| {
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            vec![(CorrelationOperator::Gte, Decimal::whole(count))]
        };
        let bounds = match &correlation.condition {
            ResolvedCondition::Bounds(bounds) => bounds.clone(),
            _ if correlation.kind == CorrelationType::TemporalOrdered => {
                all(correlation.stages.len())
            }
            _ => all(members),
        };
        let mut thresholds = None;
        let state = match correlation.kind {
            CorrelationType::EventCount => State::Events(0),
            CorrelationType::ValueCount => State::Distinct {
                counts: vec![0; rows.values.len() + 1],
                distinct: 0,
            },
            CorrelationType::TemporalOrdered
                if !matches!(correlation.condition, ResolvedCondition::Presence(_)) =>
            {
                let whole = correlation.condition == ResolvedCondition::All;
                State::Chain {
                    chains: Chains::new(&correlation.stages, members, whole),
                    length: 0,
                }
            }
            CorrelationType::Temporal | CorrelationType::TemporalOrdered => State::Members {
                counts: vec![0; members],
                present: 0,
            },
            CorrelationType::ValueSum
            | CorrelationType::ValueAvg
            | CorrelationType::ValuePercentile
            | CorrelationType::ValueMedian => {
                let (numbers, chosen) = rank_numbers(rows, texts, &bounds);
                thresholds = Some(chosen);
                metric(correlation, numbers)
            }
        };
        Self {
            state,
            thresholds: thresholds.unwrap_or_else(|| Thresholds::new(&bounds, std::iter::empty())),
        }
    }

    /// A row comes into the window.
    pub fn add(&mut self, row: &Row, new: Novelty) {
        match &mut self.state {
            State::Events(count) => *count += usize::from(new.source),
            State::Distinct { counts, distinct } => {
                count(counts, distinct, row.value as usize, row.value > 0);
            }
            State::Members { counts, present } => {
                count(counts, present, row.member as usize, true);
            }
            State::Chain { chains, .. } => chains.add(row.member as usize),
            State::Sum {
                numbers,
                sum,
                count,
                ..
            } => {
                if let (Some(number), true) = (number(numbers, row), new.value) {
                    *sum += number;
                    *count += 1;
                }
            }
            State::Percentile { ranks, .. } => {
                if row.value > 0 && new.value {
                    ranks.change(row.value - 1, true);
                }
            }
        }
    }

    /// A row leaves the window.
    pub fn remove(&mut self, row: &Row, new: Novelty) {
        match &mut self.state {
            State::Events(count) => *count -= usize::from(new.source),
            State::Distinct { counts, distinct } => {
                discount(counts, distinct, row.value as usize, row.value > 0);
            }
            State::Members { counts, present } => {
                discount(counts, present, row.member as usize, true);
            }
            State::Chain { .. } => {}
            State::Sum {
                numbers,
                sum,
                count,
                ..
            } => {
                if let (Some(number), true) = (number(numbers, row), new.value) {
                    *sum -= number;
                    *count -= 1;
                }
            }
            State::Percentile { ranks, .. } => {
                if row.value > 0 && new.value {
                    ranks.change(row.value - 1, false);
                }
            }
        }
    }

    /// The rows of an instant are in the window, which begins at `from`.
    pub fn close(&mut self, at: i64, from: i64) {
        if let State::Chain { chains, length } = &mut self.state {
            *length = chains.close(at, from);
        }
    }

    /// The rows of a group have left the window.
    pub fn clear(&mut self) {
        if let State::Chain { chains, .. } = &mut self.state {
            chains.clear();
        }
    }

    /// What it is now; none where there is no number.
    pub fn value(&self) -> Option<Ratio> {
        match &self.state {
            State::Events(count)
            | State::Distinct {
                distinct: count, ..
            }
            | State::Members { present: count, .. }
            | State::Chain { length: count, .. } => Some(self.thresholds.count(*count)),
            State::Sum { count: 0, .. } => None,
            State::Sum {
                sum, count, mean, ..
            } => Some(Ratio {
                units: *sum,
                count: if *mean { *count as i128 } else { 1 },
            }),
            State::Percentile {
                numbers,
                ranks,
                percentile,
            } => interpolated(numbers, ranks, *percentile),
        }
    }

    /// Is an event of the member in the window? Only of types that look at members.
    pub fn is_present(&self, member: usize) -> bool {
        match &self.state {
            State::Members { counts, .. } => counts.get(member).is_some_and(|count| *count > 0),
            _ => false,
        }
    }
}

fn count(counts: &mut [u32], distinct: &mut usize, at: usize, counts_at_all: bool) {
    if let (Some(count), true) = (counts.get_mut(at), counts_at_all) {
        *distinct += usize::from(*count == 0);
        *count += 1;
    }
}

fn discount(counts: &mut [u32], distinct: &mut usize, at: usize, counts_at_all: bool) {
    if let (Some(count), true) = (counts.get_mut(at), counts_at_all) {
        *count -= 1;
        *distinct -= usize::from(*count == 0);
    }
}

fn number(numbers: &[i128], row: &Row) -> Option<i128> {
    numbers.get((row.value as usize).checked_sub(1)?).copied()
}

fn metric(correlation: &ResolvedCorrelation, numbers: Vec<i128>) -> State {
    match correlation.kind {
        CorrelationType::ValueSum | CorrelationType::ValueAvg => State::Sum {
            numbers,
            sum: 0,
            count: 0,
            mean: correlation.kind == CorrelationType::ValueAvg,
        },
        _ => {
            let percentile = correlation.percentile.unwrap_or_else(|| Decimal::whole(50));
            let most = 100 * 10_i128.pow(PERCENTILE_PLACES.unsigned_abs());
            let percentile = percentile.units(PERCENTILE_PLACES).unwrap_or(most);
            State::Percentile {
                ranks: Ranks::new(numbers.len()),
                numbers,
                percentile: percentile.clamp(0, most),
            }
        }
    }
}

/// Replaces the texts of values by ranks from 1 of their numbers, and gives the numbers in units.
fn rank_numbers(
    rows: &mut Rows,
    texts: &Texts,
    bounds: &[(CorrelationOperator, Decimal)],
) -> (Vec<i128>, Thresholds) {
    let mut known: HashMap<u32, Option<Decimal>> = HashMap::new();
    for row in &rows.rows {
        let read = || Decimal::read(&texts.get(row.value));
        known.entry(row.value).or_insert_with(read);
    }
    let thresholds = Thresholds::new(bounds, rows.rows.iter().filter_map(|row| known[&row.value]));
    let in_units = |value: u32| known[&value]?.units(thresholds.places);
    let mut numbers: Vec<i128> = rows
        .rows
        .iter()
        .filter_map(|row| in_units(row.value))
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    for row in &mut rows.rows {
        let number = in_units(row.value);
        let rank = number.and_then(|number| numbers.binary_search(&number).ok());
        let rank = rank.and_then(|rank| u32::try_from(rank + 1).ok());
        row.value = rank.unwrap_or(0);
    }
    (numbers, thresholds)
}

/// `PERCENTILE_CONT`: the number at the rank p · (n - 1), between two of them in proportion.
fn interpolated(numbers: &[i128], ranks: &Ranks, percentile: i128) -> Option<Ratio> {
    let last = ranks.len().checked_sub(1)?;
    let whole = 100 * 10_i128.pow(PERCENTILE_PLACES.unsigned_abs());
    let rank = percentile * i128::from(last);
    let (low, part) = (rank / whole, rank % whole);
    let low = u32::try_from(low).ok()?;
    let at = |k: u32| numbers.get(ranks.kth(k.min(last)) as usize).copied();
    Some(Ratio {
        units: at(low)? * (whole - part) + at(low + 1)? * part,
        count: whole,
    })
}
