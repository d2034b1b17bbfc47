//! Small changes of a correlation.
//!
//! In: a correlation as it is written and as it is resolved. Out: [`Change`]s, each a correlation of its
//! own: of `timespan: 5m` one with `10m`, of `gte: 3` one with `gte: 4`, one for each rule or field
//! that is left out.

use crate::eval::Decimal;
use crate::eval::correlation::{Presence, ResolvedCondition, ResolvedCorrelation};
use crate::rule::correlation::{Bound, Threshold, TimeUnit};
use crate::rule::{Correlation, CorrelationCondition, CorrelationOperator, CorrelationType};
use crate::source::Span;

/// A change.
#[derive(Debug)]
pub(super) struct Change {
    /// ``with `gte: 4` for `gte: 3` ``
    pub about: String,
    /// Where in the correlation.
    pub span: Span,
    pub kind: Changed,
}

/// What a correlation becomes.
#[derive(Debug)]
pub(super) enum Changed {
    /// It always fires, or never does.
    Answer(bool),
    Other(Box<ResolvedCorrelation>),
}

/// The changes of a correlation.
pub(super) fn changes(written: &Correlation<'_>, resolved: &ResolvedCorrelation) -> Vec<Change> {
    let mut changes = Changes {
        written,
        resolved,
        found: Vec::new(),
    };
    for (answer, about) in [
        (true, "where it always fires"),
        (false, "where it never fires"),
    ] {
        changes.found.push(Change {
            about: about.to_owned(),
            span: written.kind.span,
            kind: Changed::Answer(answer),
        });
    }
    changes.kinds();
    changes.rules();
    changes.timespans();
    changes.groups();
    match &written.condition {
        CorrelationCondition::AllRules => {}
        CorrelationCondition::Threshold(threshold) => changes.threshold(threshold),
        CorrelationCondition::Expression { text, .. } => changes.expression(text.span),
    }
    changes.aliases();
    changes.found
}

struct Changes<'c> {
    written: &'c Correlation<'c>,
    resolved: &'c ResolvedCorrelation,
    found: Vec<Change>,
}

impl Changes<'_> {
    fn add(&mut self, span: Span, about: String, change: impl FnOnce(&mut ResolvedCorrelation)) {
        let mut other = self.resolved.clone();
        change(&mut other);
        self.found.push(Change {
            about,
            span,
            kind: Changed::Other(Box::new(other)),
        });
    }

    fn kinds(&mut self) {
        let kind = self.written.kind.value;
        let has_order = self.resolved.stages.len() > 1
            && !matches!(self.resolved.condition, ResolvedCondition::Presence(_));
        let other = match kind {
            CorrelationType::Temporal if has_order => CorrelationType::TemporalOrdered,
            CorrelationType::TemporalOrdered if has_order => CorrelationType::Temporal,
            CorrelationType::ValueCount => CorrelationType::EventCount,
            CorrelationType::ValueAvg => CorrelationType::ValueSum,
            CorrelationType::ValueSum | CorrelationType::ValueMedian => CorrelationType::ValueAvg,
            CorrelationType::ValuePercentile => CorrelationType::ValueMedian,
            // There is no field whose values could be counted.
            CorrelationType::EventCount
            | CorrelationType::Temporal
            | CorrelationType::TemporalOrdered => return,
        };
        let about = format!("with `{}` for `{}`", other.name(), kind.name());
        self.add(self.written.kind.span, about, |changed| {
            changed.kind = other;
            changed.percentile = None;
            if other == CorrelationType::EventCount {
                changed.counted.clear();
            }
        });
    }

    fn rules(&mut self) {
        for (stage, reference) in self.written.rules.iter().enumerate() {
            if let Some(other) = without_stage(self.resolved, stage) {
                let about = format!("without `{}`", reference.value);
                self.add(reference.span, about, |changed| *changed = other);
            }
        }
    }

    fn timespans(&mut self) {
        let seconds = self.resolved.timespan / 1000;
        let text = &self.written.timespan.text;
        for other in [seconds / 2, seconds.saturating_mul(2)] {
            if other == 0 {
                continue;
            }
            let about = format!("with `timespan: {}` for `{}`", duration(other), text.value);
            self.add(text.span, about, |changed| {
                changed.timespan = other.saturating_mul(1000);
            });
        }
    }

    fn groups(&mut self) {
        for (at, name) in self.written.group_by.iter().enumerate() {
            let about = format!("without `{}` in `group-by`", name.value);
            self.add(name.span, about, |changed| {
                drop(changed.group_by.remove(at));
            });
        }
    }

    fn threshold(&mut self, threshold: &Threshold<'_>) {
        for (at, bound) in threshold.bounds.iter().enumerate() {
            let was = shown(bound.operator, &bound.number.value.text);
            let span = bound.number.span;
            for (operator, number) in neighbors(bound, self.written.kind.value) {
                let Some(limit) = Decimal::read(&number) else {
                    continue;
                };
                let about = format!("with `{}` for `{was}`", shown(operator, &number));
                self.add(span, about, |changed| {
                    if let ResolvedCondition::Bounds(bounds) = &mut changed.condition {
                        bounds[at] = (operator, limit);
                    }
                });
            }
            if threshold.bounds.len() > 1 {
                self.add(span, format!("without `{was}`"), |changed| {
                    if let ResolvedCondition::Bounds(bounds) = &mut changed.condition {
                        bounds.remove(at);
                    }
                });
            }
        }
        // Of one field there is nothing left; that events are counted is a change of the type.
        for (at, name) in threshold.field.iter().enumerate() {
            if threshold.field.len() > 1 {
                let about = format!("without `{}` in `field`", name.value);
                self.add(name.span, about, |changed| {
                    drop(changed.counted.remove(at));
                });
            }
        }
    }

    /// Turns each operator of an expression, and leaves each `not` out.
    fn expression(&mut self, span: Span) {
        let ResolvedCondition::Presence(presence) = &self.resolved.condition else {
            return;
        };
        for at in 0..size(presence) {
            let mut changed = presence.clone();
            let Some(part) = part(&mut changed, &mut { at }) else {
                continue;
            };
            let name = self.named(part);
            let about = match std::mem::replace(part, Presence::And(Vec::new())) {
                Presence::And(operands) if operands.len() > 1 => {
                    *part = Presence::Or(operands);
                    format!("with one of for all of {name}")
                }
                Presence::Or(operands) if operands.len() > 1 => {
                    *part = Presence::And(operands);
                    format!("with all of for one of {name}")
                }
                Presence::Not(operand) => {
                    *part = *operand;
                    format!("without the `not` before {name}")
                }
                _ => continue,
            };
            self.add(span, about, |other| {
                other.condition = ResolvedCondition::Presence(changed);
            });
        }
    }

    /// What a part of the expression is about: `` `a` and 1 more``.
    fn named(&self, presence: &Presence) -> String {
        let members = members(presence);
        let name = members.first().map_or("", |member| self.name(*member));
        match members.len().saturating_sub(1) {
            0 => format!("`{name}`"),
            more => format!("`{name}` and {more} more"),
        }
    }

    /// How the correlation refers to a member.
    fn name(&self, member: usize) -> &str {
        let mut stages = self.resolved.stages.iter();
        let stage = stages.position(|stage| *stage == member);
        let reference = stage.and_then(|stage| self.written.rules.get(stage));
        reference.map_or("", |reference| &reference.value)
    }

    fn aliases(&mut self) {
        for (at, alias) in self.resolved.aliases.iter().enumerate() {
            let Some(written) = self.written.aliases.get(at) else {
                continue;
            };
            for (member, field) in alias.fields.iter().enumerate() {
                if field.is_none() {
                    continue;
                }
                let name = self.name(member).to_owned();
                let about = format!("without `{name}` in the alias `{}`", alias.name);
                self.add(written.name.span, about, |changed| {
                    changed.aliases[at].fields[member] = None;
                });
            }
        }
    }
}

/// The correlation without a rule of its list; none where it is the only one.
fn without_stage(resolved: &ResolvedCorrelation, at: usize) -> Option<ResolvedCorrelation> {
    let mut other = resolved.clone();
    if at >= other.stages.len() {
        return None;
    }
    let member = other.stages.remove(at);
    if other.stages.contains(&member) {
        // Where there is no order, one that is listed twice is listed once.
        return (other.kind == CorrelationType::TemporalOrdered).then_some(other);
    }
    if other.members.len() < 2 {
        return None;
    }
    other.members.remove(member);
    for stage in &mut other.stages {
        *stage -= usize::from(*stage > member);
    }
    for alias in &mut other.aliases {
        alias.fields.remove(member);
    }
    if let ResolvedCondition::Presence(presence) = &other.condition {
        other.condition = ResolvedCondition::Presence(without(presence, member)?);
    }
    Some(other)
}

/// The expression without a member, those after it renumbered.
fn without(presence: &Presence, member: usize) -> Option<Presence> {
    let rest = |operands: &[Presence]| -> Option<Vec<Presence>> {
        let rest = operands
            .iter()
            .filter_map(|operand| without(operand, member));
        Some(rest.collect::<Vec<_>>()).filter(|rest| !rest.is_empty())
    };
    match presence {
        Presence::Member(at) if *at == member => None,
        Presence::Member(at) => Some(Presence::Member(at - usize::from(*at > member))),
        Presence::Not(operand) => Some(Presence::Not(Box::new(without(operand, member)?))),
        Presence::And(operands) => rest(operands).map(Presence::And),
        Presence::Or(operands) => rest(operands).map(Presence::Or),
    }
}

/// How many parts an expression has.
fn size(presence: &Presence) -> usize {
    match presence {
        Presence::Member(_) => 1,
        Presence::Not(operand) => 1 + size(operand),
        Presence::And(operands) | Presence::Or(operands) => {
            1 + operands.iter().map(size).sum::<usize>()
        }
    }
}

/// The part of that number, in the order in which they are written.
fn part<'p>(presence: &'p mut Presence, number: &mut usize) -> Option<&'p mut Presence> {
    if *number == 0 {
        return Some(presence);
    }
    *number -= 1;
    match presence {
        Presence::Member(_) => None,
        Presence::Not(operand) => part(operand, number),
        Presence::And(operands) | Presence::Or(operands) => operands
            .iter_mut()
            .find_map(|operand| part(operand, number)),
    }
}

fn members(presence: &Presence) -> Vec<usize> {
    match presence {
        Presence::Member(member) => vec![*member],
        Presence::Not(operand) => members(operand),
        Presence::And(operands) | Presence::Or(operands) => {
            operands.iter().flat_map(members).collect()
        }
    }
}

/// What a comparison may have been meant to be. Of a count that is one more or one less: `gt: 3` would
/// be `gte: 4`.
fn neighbors(bound: &Bound<'_>, kind: CorrelationType) -> Vec<(CorrelationOperator, String)> {
    use CorrelationOperator::{Eq, Gt, Gte, Lt, Lte, Neq};
    let text = bound.number.value.text.to_string();
    let whole = text.parse::<i64>().ok().filter(|_| !kind.is_metric());
    match (bound.operator, whole) {
        (Eq, _) => vec![(Gte, text.clone()), (Lte, text)],
        (Neq, _) => Vec::new(),
        (operator, Some(number)) => [number.checked_sub(1), number.checked_add(1)]
            .into_iter()
            .flatten()
            .map(|number| (operator, number.to_string()))
            .collect(),
        (Gt, None) => vec![(Gte, text)],
        (Gte, None) => vec![(Gt, text)],
        (Lt, None) => vec![(Lte, text)],
        (Lte, None) => vec![(Lt, text)],
    }
}

fn shown(operator: CorrelationOperator, number: &str) -> String {
    format!("{}: {number}", operator.name())
}

/// Seconds as a time span: `10m`.
fn duration(seconds: i64) -> String {
    let units = [
        TimeUnit::Week,
        TimeUnit::Day,
        TimeUnit::Hour,
        TimeUnit::Minute,
    ];
    let length = |unit: TimeUnit| i64::try_from(unit.seconds()).unwrap_or(1);
    let mut whole = units
        .into_iter()
        .filter(|unit| seconds % length(*unit) == 0);
    let unit = whole.next().unwrap_or(TimeUnit::Second);
    format!("{}{}", seconds / length(unit), unit.letter())
}
