//! Sequences of events on which a correlation must fire, and near misses.
//!
//! In: a correlation, an event for each rule that it is made of, and an evaluator. Out:
//! [`SequenceWitness`]es: for `event_count` of 3 in `5m` three events over five minutes, the same with
//! one less, with one a millisecond earlier, in another group. Each has the answer that the evaluator
//! gives.

use super::resolved::{Member, Presence, ResolvedCondition, ResolvedCorrelation};
use crate::eval::{Decimal, Instant};
use crate::rule::CorrelationType;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// When sequences end: 2026-01-01T00:00:00Z.
const END: i64 = 1_767_225_600_000;

/// The most events of a sequence.
const MOST_EVENTS: usize = 2000;

/// No deeper are correlations in one another.
const MOST_DEPTH: usize = 16;

/// A sequence of events with its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct SequenceWitness {
    /// Does the correlation fire?
    pub matches: bool,
    /// What it is there for: `one event short`.
    pub about: &'static str,
    /// The events, flat objects.
    pub events: Vec<Json>,
}

/// What sequences are made of.
#[derive(Debug, Clone, Copy)]
pub struct Ingredients<'i> {
    /// The correlations.
    pub all: &'i [ResolvedCorrelation],
    /// For each rule an event that it matches; `None` where none is known.
    pub events: &'i [Option<Map<String, Json>>],
    /// For each rule the events' names of the fields that correlations ask for.
    pub names: &'i [BTreeMap<String, String>],
    /// The field of the time.
    pub time: &'i str,
}

/// An event to be made.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    at: i64,
    /// The rule that it matches; `None`: none, it shows that time goes on.
    rule: Option<usize>,
    /// Values by the names that correlations have for fields of the rule.
    values: BTreeMap<String, Json>,
}

/// The sequences for one of the correlations. `fires` evaluates it.
///
/// Of the near misses only those are given that the evaluator has the expected answer for; none at
/// all where no sequence is found on which the correlation fires.
#[must_use]
pub fn sequences(
    ingredients: Ingredients<'_>,
    at: usize,
    fires: &mut dyn FnMut(&[Json]) -> bool,
) -> Vec<SequenceWitness> {
    let Some(base) = ingredients.base(at) else {
        return Vec::new();
    };
    let mut found: Vec<SequenceWitness> = Vec::new();
    for (about, expected, steps) in variants(&ingredients.all[at], &base, ingredients, at) {
        let events: Vec<Json> = steps.iter().map(|step| ingredients.event(step)).collect();
        let is_known = found.iter().any(|known| known.events == events);
        if is_known || (fires(&events) != expected) {
            if found.is_empty() {
                return found;
            }
            continue;
        }
        found.push(SequenceWitness {
            matches: expected,
            about,
            events,
        });
    }
    found
}

/// A sequence with what it shows and the answer that it should have.
type Variant = (&'static str, bool, Vec<Step>);

fn variants(
    correlation: &ResolvedCorrelation,
    base: &[Step],
    ingredients: Ingredients<'_>,
    at: usize,
) -> Vec<Variant> {
    let steps = base.to_vec();
    let mut found = vec![("as it must fire", true, steps.clone())];
    let mut add = |about, expected, change: &dyn Fn(&mut Vec<Step>)| {
        let mut steps = steps.clone();
        change(&mut steps);
        found.push((about, expected, steps));
    };
    add("in another order of the events", true, &|steps| steps.reverse());
    add("the group in other case", true, &|steps| {
        for step in steps.iter_mut().skip(1).step_by(2) {
            regroup(step, ingredients, at, &|value| match value {
                Json::String(text) => Json::from(text.to_uppercase()),
                other => other.clone(),
            });
        }
    });
    add("the first event missing", false, &|steps| drop(steps.remove(0)));
    add("the last event missing", false, &|steps| {
        let last = steps.iter().rposition(|step| step.rule.is_some());
        drop(last.map(|last| steps.remove(last)));
    });
    add("the first event a millisecond before the window", false, &|steps| {
        steps[0].at -= 1;
    });
    add("the first event in another group", false, &|steps| {
        regroup(&mut steps[0], ingredients, at, &|_| Json::from("another"));
    });
    add("the first event without a value of the group", false, &|steps| {
        regroup(&mut steps[0], ingredients, at, &|_| Json::Null);
    });
    let turned = |steps: &mut Vec<Step>| {
        let times: Vec<i64> = steps.iter().rev().map(|step| step.at).collect();
        for (step, at) in steps.iter_mut().zip(times) {
            step.at = at;
        }
    };
    let at_once = |steps: &mut Vec<Step>| {
        let last = steps.last().map_or(END, |step| step.at);
        steps.iter_mut().for_each(|step| step.at = last);
    };
    match correlation.kind {
        CorrelationType::TemporalOrdered => {
            add("the other way round", false, &turned);
            add("all at one instant", false, &at_once);
        }
        _ if correlation.is_forward() => {}
        _ => {
            add("the other way round", true, &turned);
            add("all at one instant", true, &at_once);
        }
    }
    if correlation.kind == CorrelationType::ValueCount {
        add("a value twice", false, &|steps| {
            let last = steps.last().map(|step| step.values.clone());
            if let (Some(first), Some(last)) = (steps.first_mut(), last) {
                first.values = last;
            }
        });
    }
    found.extend(absences(correlation, base, ingredients, at));
    found
}

/// Sequences around the window in which something must be absent.
fn absences(
    correlation: &ResolvedCorrelation,
    base: &[Step],
    ingredients: Ingredients<'_>,
    at: usize,
) -> Vec<Variant> {
    if !correlation.is_forward() {
        return Vec::new();
    }
    let (Some(first), Some(clock)) = (base.first(), base.last()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let short = base.iter().filter(|step| step.rule.is_some());
    found.push(("the events end before the window does", false, short.cloned().collect()));
    let mut wanted = Vec::new();
    members(&correlation.condition, true, &mut wanted);
    for (member, is_present) in wanted {
        if is_present {
            continue;
        }
        for (about, expected, shift) in [
            ("what must be absent at the end of the window", false, 0),
            ("what must be absent just after the window", true, 1),
        ] {
            let end = first.at + correlation.timespan + shift;
            let Some(more) = ingredients.of_member(at, member, &BTreeMap::new(), end, 0) else {
                continue;
            };
            let mut steps = base.to_vec();
            steps.extend(more);
            steps.push(Step {
                at: clock.at + 1,
                ..clock.clone()
            });
            found.push((about, expected, steps));
        }
    }
    found
}

/// Changes the values of the group in an event, as far as its rule leaves them open.
fn regroup(step: &mut Step, ingredients: Ingredients<'_>, at: usize, change: &dyn Fn(&Json) -> Json) {
    let correlation = &ingredients.all[at];
    let names = correlation.group_by.iter().flat_map(|name| {
        let members = 0..correlation.members.len();
        members.map(move |member| correlation.field(member, name))
    });
    for name in names {
        if let Some(value) = step.values.get_mut(name) {
            *value = change(value);
        }
    }
}

/// Which members an expression wants to be present, and which absent.
fn members(condition: &ResolvedCondition, wanted: bool, found: &mut Vec<(usize, bool)>) {
    fn walk(presence: &Presence, wanted: bool, found: &mut Vec<(usize, bool)>) {
        match presence {
            Presence::Member(member) => found.push((*member, wanted)),
            Presence::Not(operand) => walk(operand, !wanted, found),
            Presence::And(operands) | Presence::Or(operands) => {
                // Of alternatives, the first is enough.
                let all = matches!(presence, Presence::And(_)) == wanted;
                let operands = operands.iter().take(if all { usize::MAX } else { 1 });
                operands.for_each(|operand| walk(operand, wanted, found));
            }
        }
    }
    if let ResolvedCondition::Presence(presence) = condition {
        walk(presence, wanted, found);
    }
}

/// How often a member has to come up, by the condition on a count.
fn count(correlation: &ResolvedCorrelation, all: usize) -> Option<usize> {
    let ResolvedCondition::Bounds(bounds) = &correlation.condition else {
        return Some(all);
    };
    (1..=MOST_EVENTS).find(|count| {
        let count = Decimal::whole(u32::try_from(*count).unwrap_or(u32::MAX)).to_f64();
        let mut bounds = bounds.iter();
        bounds.all(|(operator, bound)| operator.holds(count.total_cmp(&bound.to_f64())))
    })
}

/// A number that meets the condition by itself.
fn number(correlation: &ResolvedCorrelation) -> Option<f64> {
    let ResolvedCondition::Bounds(bounds) = &correlation.condition else {
        return None;
    };
    let near = bounds.iter().flat_map(|(_, bound)| {
        let bound = bound.to_f64();
        [bound, bound + 1.0, bound - 1.0, bound + 0.5, bound - 0.5]
    });
    let meets = |number: &f64| {
        let mut bounds = bounds.iter();
        bounds.all(|(operator, bound)| operator.holds(number.total_cmp(&bound.to_f64())))
    };
    near.into_iter().find(meets)
}

/// A number as JSON: whole where it is.
fn json(number: f64) -> Json {
    let text = number.to_string();
    text.parse::<i64>().map_or_else(|_| Json::from(number), Json::from)
}

/// A member with the values that its event needs beside the group's.
type Need = (usize, Vec<(String, Json)>);

fn needs(correlation: &ResolvedCorrelation) -> Option<Vec<Need>> {
    let plain = |member: usize| (member, Vec::new());
    Some(match correlation.kind {
        CorrelationType::EventCount => vec![plain(0); count(correlation, 1)?],
        CorrelationType::ValueCount => (1..=count(correlation, 1)?)
            .map(|at| {
                let counted = correlation.counted.iter();
                let value = Json::from(format!("value-{at}"));
                (0, counted.map(|name| (name.clone(), value.clone())).collect())
            })
            .collect(),
        CorrelationType::Temporal => match &correlation.condition {
            ResolvedCondition::Presence(_) => {
                let mut wanted = Vec::new();
                members(&correlation.condition, true, &mut wanted);
                let present = wanted.into_iter().filter(|(_, present)| *present);
                present.map(|(member, _)| plain(member)).collect()
            }
            _ => {
                let all = correlation.members.len();
                (0..count(correlation, all)?.min(all)).map(plain).collect()
            }
        },
        CorrelationType::TemporalOrdered => {
            let stages = &correlation.stages;
            let count = count(correlation, stages.len())?.min(stages.len());
            stages.iter().take(count).map(|member| plain(*member)).collect()
        }
        _ => {
            let value = json(number(correlation)?);
            let counted = correlation.counted.first()?.clone();
            vec![(0, vec![(counted, value)])]
        }
    })
}

impl Ingredients<'_> {
    /// The sequence on which the correlation fires, with an event after it where one has to show
    /// that time goes on.
    fn base(self, at: usize) -> Option<Vec<Step>> {
        let mut steps = self.steps(at, &BTreeMap::new(), END, 0)?;
        steps.sort_by_key(|step| step.at);
        if steps.is_empty() || steps.len() > MOST_EVENTS {
            return None;
        }
        if self.has_absence(at, 0) {
            steps.push(Step {
                at: END,
                rule: None,
                values: BTreeMap::new(),
            });
        }
        Some(steps)
    }

    fn has_absence(self, at: usize, depth: usize) -> bool {
        let Some(correlation) = self.all.get(at).filter(|_| depth < MOST_DEPTH) else {
            return false;
        };
        let inner = |member: &Member| match member {
            Member::Correlation(inner) => self.has_absence(*inner, depth + 1),
            Member::Rule(_) => false,
        };
        correlation.is_forward() || correlation.members.iter().any(inner)
    }

    /// The events that make a correlation fire at an instant, with these values for its names.
    fn steps(
        self,
        at: usize,
        values: &BTreeMap<String, Json>,
        fires: i64,
        depth: usize,
    ) -> Option<Vec<Step>> {
        let correlation = self.all.get(at).filter(|_| depth < MOST_DEPTH)?;
        let needs = needs(correlation)?;
        let last = i64::try_from(needs.len()).ok()?.saturating_sub(1).max(1);
        let mut found = Vec::new();
        for (place, (member, own)) in (0..).zip(needs) {
            let after = correlation.timespan / last * place;
            // One event is at the end of the window, or at the start of one that goes forward.
            let (start, end) = (fires - correlation.timespan, fires);
            let instant = match (correlation.is_forward(), place == last) {
                (true, false) => start + after,
                (_, true) => end,
                (false, false) if last == 1 && found.is_empty() && self.is_single(correlation) => end,
                (false, false) => start + after,
            };
            let mut values = values.clone();
            values.extend(own);
            found.extend(self.of_member(at, member, &values, instant, depth)?);
            if found.len() > MOST_EVENTS {
                return None;
            }
        }
        Some(found)
    }

    fn is_single(self, correlation: &ResolvedCorrelation) -> bool {
        needs(correlation).is_some_and(|needs| needs.len() == 1)
    }

    /// The events of a member at an instant, with these values for the names of the correlation.
    fn of_member(
        self,
        at: usize,
        member: usize,
        values: &BTreeMap<String, Json>,
        instant: i64,
        depth: usize,
    ) -> Option<Vec<Step>> {
        let correlation = self.all.get(at)?;
        let mut translated = BTreeMap::new();
        for name in &correlation.group_by {
            if !values.contains_key(name) {
                let value = self.group_value(at, name, 0);
                let value = value.unwrap_or_else(|| Json::from(format!("{name}-1")));
                translated.insert(correlation.field(member, name).to_owned(), value);
            }
        }
        for (name, value) in values {
            translated.insert(correlation.field(member, name).to_owned(), value.clone());
        }
        match *correlation.members.get(member)? {
            Member::Rule(rule) => Some(vec![Step {
                at: instant,
                rule: Some(rule),
                values: translated,
            }]),
            Member::Correlation(inner) => self.steps(inner, &translated, instant, depth + 1),
        }
    }

    /// The value of a field of the group that one of the rules asks for.
    fn group_value(self, at: usize, name: &str, depth: usize) -> Option<Json> {
        let correlation = self.all.get(at).filter(|_| depth < MOST_DEPTH)?;
        let members = correlation.members.iter().enumerate();
        members.into_iter().find_map(|(place, member)| {
            let field = correlation.field(place, name);
            match *member {
                Member::Rule(rule) => {
                    let field = self.names.get(rule)?.get(field)?;
                    let value = self.events.get(rule)?.as_ref()?.get(field)?;
                    (value.is_string() || value.is_number()).then(|| value.clone())
                }
                Member::Correlation(inner) => self.group_value(inner, field, depth + 1),
            }
        })
    }

    fn event(self, step: &Step) -> Json {
        let known = step.rule.and_then(|rule| self.events.get(rule)?.clone());
        let mut event = Map::new();
        event.insert(self.time.to_owned(), Instant(step.at).to_string().into());
        event.extend(known.unwrap_or_default());
        for (name, value) in &step.values {
            let names = step.rule.and_then(|rule| self.names.get(rule));
            let field = names.and_then(|names| names.get(name));
            event.insert(field.unwrap_or(name).clone(), value.clone());
        }
        Json::Object(event)
    }
}
