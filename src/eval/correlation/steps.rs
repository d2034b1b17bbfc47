//! The events that make a correlation fire.
//!
//! In: a correlation, and an event for each rule that it is made of. Out: [`Step`]s: which rule's event
//! has to be when, with which values: for `event_count` of 3 in `5m` three events of one group over
//! five minutes. For a correlation that it names there are those that make that one fire.

use super::resolved::{Member, Presence, ResolvedCondition, ResolvedCorrelation};
use crate::eval::{Decimal, Instant};
use crate::rule::CorrelationType;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// When sequences end: 2026-01-01T00:00:00Z.
pub(super) const END: i64 = 1_767_225_600_000;

/// The most events of a sequence.
pub(super) const MOST_EVENTS: usize = 2000;

/// No deeper are correlations in one another.
const MOST_DEPTH: usize = 16;

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
pub(super) struct Step {
    pub at: i64,
    /// The rule that it matches; `None`: none, it shows that time goes on.
    pub rule: Option<usize>,
    /// Values by the names that correlations have for fields of the rule.
    pub values: BTreeMap<String, Json>,
}

/// Which members an expression wants to be present, and which absent.
pub(super) fn members(condition: &ResolvedCondition, wanted: bool, found: &mut Vec<(usize, bool)>) {
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
    if !matches!(correlation.condition, ResolvedCondition::Bounds(_)) {
        return Some(all);
    }
    (1..=MOST_EVENTS).find(|count| holds(correlation, *count))
}

/// Does the condition hold of a count, if it is one on counts?
fn holds(correlation: &ResolvedCorrelation, count: usize) -> bool {
    let ResolvedCondition::Bounds(bounds) = &correlation.condition else {
        return false;
    };
    let count = Decimal::whole(u32::try_from(count).unwrap_or(u32::MAX)).to_f64();
    let mut bounds = bounds.iter();
    bounds.all(|(operator, bound)| operator.holds(count.total_cmp(&bound.to_f64())))
}

/// A number that meets the condition by itself.
pub(super) fn number(correlation: &ResolvedCorrelation) -> Option<f64> {
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
pub(super) fn json(number: f64) -> Json {
    let text = number.to_string();
    text.parse::<i64>()
        .map_or_else(|_| Json::from(number), Json::from)
}

/// A member with the values that its event needs beside the group's.
type Need = (usize, Vec<(String, Json)>);

fn needs(correlation: &ResolvedCorrelation) -> Option<Vec<Need>> {
    let plain = |member: usize| (member, Vec::new());
    Some(match correlation.kind {
        CorrelationType::EventCount => vec![plain(0); count(correlation, 1)?],
        CorrelationType::ValueCount if count(correlation, 1).is_none() => {
            // An event without a value is none of them.
            let counted = correlation.counted.iter();
            let nulls = counted.map(|name| (name.clone(), Json::Null)).collect();
            holds(correlation, 0).then(|| vec![(0, nulls)])?
        }
        CorrelationType::ValueCount => (1..=count(correlation, 1)?)
            .map(|at| {
                // A group's fields are the same in all events.
                let counted = correlation.counted.iter();
                let counted = counted.filter(|name| !correlation.group_by.contains(name));
                let value = Json::from(format!("value-{at}"));
                (
                    0,
                    counted.map(|name| (name.clone(), value.clone())).collect(),
                )
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
            stages
                .iter()
                .take(count)
                .map(|member| plain(*member))
                .collect()
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
    pub(super) fn base(self, at: usize) -> Option<Vec<Step>> {
        let mut steps = self.steps(at, &BTreeMap::new(), END, 0)?;
        steps.sort_by_key(|step| step.at);
        if steps.is_empty() || steps.len() > MOST_EVENTS {
            return None;
        }
        if self.has_absence(at, &mut BTreeSet::new()) {
            steps.push(Step {
                at: END,
                rule: None,
                values: BTreeMap::new(),
            });
        }
        Some(steps)
    }

    /// Does it, or one that it names, look forward? What was `seen` is not asked again.
    fn has_absence(self, at: usize, seen: &mut BTreeSet<usize>) -> bool {
        let Some(correlation) = self.all.get(at).filter(|_| seen.insert(at)) else {
            return false;
        };
        let mut inner = |member: &Member| match member {
            Member::Correlation(inner) => self.has_absence(*inner, seen),
            Member::Rule(_) => false,
        };
        correlation.is_forward() || correlation.members.iter().any(&mut inner)
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
        let is_single = needs.len() == 1;
        let last = i64::try_from(needs.len()).ok()?.saturating_sub(1).max(1);
        let mut found = Vec::new();
        for (place, (member, own)) in (0..).zip(needs) {
            let after = correlation.timespan / last * place;
            // One event is at the end of the window, or at the start of one that goes forward.
            let at_end = place == last || (is_single && !correlation.is_forward());
            let instant = if at_end {
                fires
            } else {
                fires
                    .saturating_sub(correlation.timespan)
                    .saturating_add(after)
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

    /// The events of a member at an instant, with these values for the names of the correlation.
    pub(super) fn of_member(
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
                let value = self.group_value(at, name, &mut BTreeSet::new());
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

    /// The value of a field of the group that one of the rules asks for. What was `seen` has none.
    fn group_value<'n>(
        self,
        at: usize,
        name: &'n str,
        seen: &mut BTreeSet<(usize, &'n str)>,
    ) -> Option<Json>
    where
        Self: 'n,
    {
        let correlation = self.all.get(at).filter(|_| seen.insert((at, name)))?;
        let members = correlation.members.iter().enumerate();
        members.into_iter().find_map(|(place, member)| {
            let field = correlation.field(place, name);
            match *member {
                Member::Rule(rule) => {
                    let field = self.names.get(rule)?.get(field)?;
                    let value = self.events.get(rule)?.as_ref()?.get(field)?;
                    (value.is_string() || value.is_number()).then(|| value.clone())
                }
                Member::Correlation(inner) => self.group_value(inner, field, seen),
            }
        })
    }

    pub(super) fn event(self, step: &Step) -> Json {
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
