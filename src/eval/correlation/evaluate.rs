//! A correlation on facts.
//!
//! In: resolved correlations, which of them to evaluate, and facts. Out: its [`Outcome`]. What it
//! names is evaluated first: the firings of a correlation are facts of those that name it.

use super::facts::Facts;
use super::measure::Measure;
use super::outcome::{Evidence, Firing, NearMiss, Outcome, Witnessed};
use super::resolved::{Member, ResolvedCorrelation};
use super::rows::{Layout, Row, Rows};
use super::sweep::{Fired, Swept, Wanted, sweep};
use crate::eval::Instant;
use crate::rule::CorrelationType;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most facts that inner correlations may give an outer one.
const MOST_INNER: usize = 1 << 24;

/// The most correlations that one is made of, those counted again that are named again.
const MOST_EVALUATIONS: usize = 1 << 10;

/// Of a window so many events are listed.
const MOST_WITNESSED: usize = 20;

/// Inner correlations fire too often to be correlated, or there are too many of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyFirings;

/// How many correlations one is made of, itself included, those counted again that are named again; no
/// more than are evaluated.
#[must_use]
pub fn size(all: &[ResolvedCorrelation], at: usize) -> usize {
    let mut open = vec![at];
    let mut count = 0;
    while let Some(correlation) = open.pop().and_then(|at| all.get(at)) {
        count += 1;
        if count == MOST_EVALUATIONS {
            break;
        }
        let inner = correlation
            .members
            .iter()
            .filter_map(|member| match member {
                Member::Correlation(inner) => Some(*inner),
                Member::Rule(_) => None,
            });
        open.extend(inner);
    }
    count
}

/// The fields that correlations ask of the events of each rule, by the rule's number.
#[must_use]
pub fn fields(all: &[ResolvedCorrelation], rules: usize) -> Vec<BTreeSet<String>> {
    let mut found = vec![BTreeSet::new(); rules];
    // What each correlation is asked for by those that name it, until nothing new comes up.
    let mut asked: Vec<BTreeSet<String>> = vec![BTreeSet::new(); all.len()];
    let mut open: Vec<usize> = (0..all.len()).rev().collect();
    while let Some(at) = open.pop() {
        let correlation = &all[at];
        let names = correlation.group_by.iter().chain(&correlation.counted);
        for (place, member) in correlation.members.iter().enumerate() {
            let names = names.clone().chain(&asked[at]);
            let fields: Vec<&str> = names.map(|name| correlation.field(place, name)).collect();
            match *member {
                Member::Rule(rule) => {
                    if let Some(found) = found.get_mut(rule) {
                        found.extend(fields.into_iter().map(str::to_owned));
                    }
                }
                Member::Correlation(inner) if inner != at && inner < all.len() => {
                    let own =
                        |field: &&&str| all[inner].group_by.iter().any(|name| name == **field);
                    let new: Vec<String> = fields
                        .iter()
                        .filter(|field| !own(field))
                        .map(|field| (*field).to_owned())
                        .filter(|field| !asked[inner].contains(field))
                        .collect();
                    if !new.is_empty() {
                        asked[inner].extend(new);
                        open.push(inner);
                    }
                }
                Member::Correlation(_) => {}
            }
        }
    }
    found
}

/// Evaluates one of the correlations. With `explain`, each firing has its evidence.
///
/// # Errors
/// Correlations that it names fire too often.
pub fn evaluate(
    all: &[ResolvedCorrelation],
    at: usize,
    facts: &Facts,
    explain: bool,
) -> Result<Outcome, TooManyFirings> {
    let mut run = Run {
        all,
        facts,
        inner: 0,
        evaluations: 0,
    };
    let evaluated = run.evaluate(at, &[], explain)?;
    Ok(run.outcome(at, evaluated, explain))
}

/// A correlation's rows, sorted, and what came of them.
struct Evaluated {
    rows: Rows,
    swept: Swept,
}

struct Run<'e> {
    all: &'e [ResolvedCorrelation],
    facts: &'e Facts,
    /// How many facts are firings.
    inner: usize,
    evaluations: usize,
}

impl<'e> Run<'e> {
    /// `wanted` are the names, beside those of its group, that an outer correlation asks for.
    fn evaluate(
        &mut self,
        at: usize,
        wanted: &[&'e str],
        explain: bool,
    ) -> Result<Evaluated, TooManyFirings> {
        self.evaluations += 1;
        let known = self.all.get(at);
        let correlation = known
            .filter(|_| self.evaluations <= MOST_EVALUATIONS)
            .ok_or(TooManyFirings)?;
        let mut rows = Rows::default();
        let layout = Layout {
            group: correlation.group_by.len(),
            counted: correlation.counted.len(),
            is_text: correlation.kind == CorrelationType::ValueCount,
        };
        let own = correlation.group_by.iter().chain(&correlation.counted);
        let names: Vec<&str> = own
            .map(String::as_str)
            .chain(wanted.iter().copied())
            .collect();
        let mut next = u32::try_from(self.facts.len()).map_err(|_| TooManyFirings)?;
        for (place, member) in (0..).zip(&correlation.members) {
            let fields: Vec<&'e str> = names
                .iter()
                .map(|name| correlation.field(place as usize, name))
                .collect();
            match *member {
                Member::Rule(rule) => {
                    let texts = self.facts.texts();
                    self.facts.visit(rule, &fields, |event, at, values| {
                        rows.push((event, at, place), values, layout, texts);
                    });
                }
                Member::Correlation(inner) => {
                    self.inner_facts(inner, &fields, |(firing, at), values, texts| {
                        let source = next.saturating_add(firing);
                        rows.push((source, at, place), values, layout, texts);
                    })
                    .map(|firings| next = next.saturating_add(firings))?;
                }
            }
        }
        let measure = Measure::new(correlation, &mut rows, self.facts.texts());
        rows.sort();
        let horizon = self.facts.horizon().map_or(i64::MIN, |horizon| horizon.0);
        let wanted = Wanted {
            extras: !wanted.is_empty(),
            explain,
            most: MOST_INNER - self.inner.min(MOST_INNER),
        };
        let swept = sweep(correlation, &rows.rows, measure, horizon, wanted);
        let swept = swept.ok_or(TooManyFirings)?;
        Ok(Evaluated { rows, swept })
    }

    /// Calls `visit` for each firing of an inner correlation, once for each way to give these fields
    /// values; gives the number of firings.
    fn inner_facts(
        &mut self,
        inner: usize,
        fields: &[&'e str],
        mut visit: impl FnMut((u32, i64), &[u32], &super::texts::Texts),
    ) -> Result<u32, TooManyFirings> {
        let group_by = self.all.get(inner).map(|inner| &inner.group_by);
        let group_by = group_by.ok_or(TooManyFirings)?;
        let in_group = |field: &str| group_by.iter().position(|name| name == field);
        let mut wanted: Vec<&'e str> = fields.to_vec();
        wanted.retain(|field| in_group(field).is_none());
        wanted.sort_unstable();
        wanted.dedup();
        let Evaluated { rows, swept } = self.evaluate(inner, &wanted, false)?;
        self.inner += swept.fired.len().max(swept.extras.len());
        if self.inner > MOST_INNER {
            return Err(TooManyFirings);
        }
        // Where each value is: in the group, or among the extras.
        let places: Vec<(bool, usize)> = fields
            .iter()
            .map(|field| match in_group(field) {
                Some(place) => (true, place),
                None => (
                    false,
                    wanted.iter().position(|name| name == field).unwrap_or(0),
                ),
            })
            .collect();
        let mut give = |firing: u32, extra: &[u32]| {
            let fired = &swept.fired[firing as usize];
            let group = rows.shown.get(fired.shown);
            let from = |&(of_group, place): &(bool, usize)| {
                let values = if of_group { group } else { extra };
                values.get(place).copied().unwrap_or(0)
            };
            let values: Vec<u32> = places.iter().map(from).collect();
            visit((firing, fired.at), &values, self.facts.texts());
        };
        let firings = u32::try_from(swept.fired.len()).map_err(|_| TooManyFirings)?;
        if wanted.is_empty() {
            (0..firings).for_each(|firing| give(firing, &[]));
        } else {
            for (firing, extra) in &swept.extras {
                give(*firing, rows.extras.get(*extra));
            }
        }
        Ok(firings)
    }

    fn outcome(&self, at: usize, evaluated: Evaluated, explain: bool) -> Outcome {
        let Evaluated { rows, swept } = evaluated;
        let texts = self.facts.texts();
        let mut groups: Vec<Option<Arc<[Arc<str>]>>> = vec![None; rows.shown.len()];
        let mut group = |shown: u32| -> Arc<[Arc<str>]> {
            let known = &mut groups[shown as usize];
            let values = rows.shown.get(shown).iter().map(|value| texts.get(*value));
            Arc::clone(known.get_or_insert_with(|| values.collect()))
        };
        let nearest = swept.nearest.map(|nearest| {
            let window = &rows.rows[nearest.rows.clone()];
            let present: BTreeSet<u32> = window.iter().map(|row| row.member).collect();
            let members = 0..u32::try_from(self.all[at].members.len()).unwrap_or(u32::MAX);
            NearMiss {
                at: Instant(nearest.at),
                group: group(nearest.shown),
                measure: nearest.measure,
                absent: members
                    .filter(|member| !present.contains(member))
                    .map(|member| member as usize)
                    .collect(),
                incomplete: nearest.incomplete,
            }
        });
        let mut firings: Vec<Firing> = swept
            .fired
            .into_iter()
            .map(|fired| Firing {
                at: Instant(fired.at),
                group: group(fired.shown),
                evidence: explain.then(|| Box::new(self.evidence(fired, &rows.rows))),
            })
            .collect();
        firings.sort_by(|a, b| (a.at, &a.group).cmp(&(b.at, &b.group)));
        let sources = rows
            .rows
            .chunk_by(|a, b| (a.group, a.at, a.source) == (b.group, b.at, b.source));
        let timeless = self.all[at].members.iter().map(|member| match *member {
            Member::Rule(rule) => self.facts.timeless_of(rule),
            Member::Correlation(_) => 0,
        });
        Outcome {
            considered: sources.count(),
            firings,
            without_group: rows.without_group,
            without_time: timeless.sum(),
            nearest,
        }
    }

    fn evidence(&self, fired: Fired, rows: &[Row]) -> Evidence {
        let window = &rows[fired.rows];
        let sources: Vec<&[Row]> = window
            .chunk_by(|a, b| (a.at, a.source) == (b.at, b.source))
            .collect();
        let shown = sources.len().saturating_sub(MOST_WITNESSED);
        let events = sources[shown..].iter().map(|rows| {
            let mut members: Vec<usize> = rows.iter().map(|row| row.member as usize).collect();
            members.sort_unstable();
            members.dedup();
            let source = rows[0].source;
            let is_event = (source as usize) < self.facts.len();
            Witnessed {
                at: Instant(rows[0].at),
                members,
                place: is_event.then(|| self.facts.place(source)),
            }
        });
        Evidence {
            from: Instant(fired.from),
            to: Instant(fired.to),
            measure: fired.measure.unwrap_or_default(),
            count: sources.len(),
            events: events.collect(),
        }
    }
}
