//! The evaluator against a reference that is written down as the semantics are, without a thought
//! for time: for each instant of each group the window is made anew.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "the numbers are small, and the reference computes with doubles that are exact"
)]

use super::*;
use crate::eval::{Decimal, Event, Instant};
use crate::rule::{CorrelationOperator, CorrelationType};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const RULES: usize = 3;

/// A firing as a test compares it: when, and the group with case folded.
type Fired = (i64, Vec<String>);

/// A fact of the reference: when, its identity, members, group, values and fields for others.
#[derive(Debug, Clone)]
struct Fact {
    at: i64,
    id: String,
    member: usize,
    group: Vec<String>,
    value: Option<Vec<String>>,
    fields: BTreeMap<String, Vec<String>>,
}

fn text(value: Option<&Json>) -> Option<String> {
    match value? {
        Json::String(text) => Some(text.to_lowercase()),
        Json::Number(number) => {
            let text = number.to_string();
            Some(text.strip_suffix(".0").unwrap_or(&text).to_owned())
        }
        Json::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// An event of a test: its time, which rules it matches, its fields.
#[derive(Debug, Clone)]
struct Sample {
    at: Option<i64>,
    rules: Vec<usize>,
    fields: Map<String, Json>,
}

/// Every way to choose one of each.
fn choices(lists: &[Vec<String>]) -> Vec<Vec<String>> {
    lists.iter().fold(vec![Vec::new()], |found, list| {
        let longer = |start: &Vec<String>| {
            let start = start.clone();
            list.iter()
                .map(move |item| [start.clone(), vec![item.clone()]].concat())
        };
        found.iter().flat_map(longer).collect()
    })
}

/// What a member gives: facts with several values a field where it is a correlation.
fn facts_of(all: &[ResolvedCorrelation], at: usize, samples: &[Sample]) -> Vec<Fact> {
    let correlation = &all[at];
    let mut facts = Vec::new();
    for (place, member) in correlation.members.iter().enumerate() {
        let mut give = |at: i64, id: String, values: &dyn Fn(&str) -> Vec<String>| {
            let named = |names: &[String]| -> Vec<Vec<String>> {
                let fields = names.iter().map(|name| correlation.field(place, name));
                fields.map(values).collect()
            };
            let (groups, counted) = (named(&correlation.group_by), named(&correlation.counted));
            let known = ["g", "h", "v", "n"]
                .map(|name| (name.to_owned(), values(correlation.field(place, name))));
            for group in choices(&groups) {
                let mut add = |value| {
                    facts.push(Fact {
                        at,
                        id: id.clone(),
                        member: place,
                        group: group.clone(),
                        value,
                        fields: known.clone().into(),
                    });
                };
                // Fields that are in the group are those of the group.
                let consistent = |value: &Vec<String>| {
                    let mut pairs = correlation.counted.iter().zip(value);
                    pairs.all(|(name, value)| {
                        let at = correlation.group_by.iter().position(|known| known == name);
                        at.is_none_or(|at| &group[at] == value)
                    })
                };
                let values: Vec<_> = choices(&counted).into_iter().filter(consistent).collect();
                if values.is_empty() || correlation.counted.is_empty() {
                    add(None);
                } else {
                    for value in values {
                        add(Some(value));
                    }
                }
            }
        };
        match *member {
            Member::Rule(rule) => {
                for (number, sample) in samples.iter().enumerate() {
                    if let (Some(at), true) = (sample.at, sample.rules.contains(&rule)) {
                        let values =
                            |field: &str| text(sample.fields.get(field)).into_iter().collect();
                        give(at, format!("event {number}"), &values);
                    }
                }
            }
            Member::Correlation(inner) => {
                for (number, (fired, window)) in naive(all, inner, samples).into_iter().enumerate()
                {
                    // Each event of its window is a candidate.
                    for fact in window {
                        let values = |field: &str| -> Vec<String> {
                            let own = all[inner].group_by.iter().position(|name| name == field);
                            match own {
                                Some(own) => vec![fired.1[own].clone()],
                                None => fact.fields.get(field).cloned().unwrap_or_default(),
                            }
                        };
                        give(fired.0, format!("{inner} {number}"), &values);
                    }
                }
            }
        }
    }
    facts
}

fn metric(correlation: &ResolvedCorrelation, window: &[Fact]) -> Option<f64> {
    let mut numbers: Vec<(String, f64)> = Vec::new();
    for fact in window {
        let number = fact
            .value
            .as_ref()
            .and_then(|value| value[0].parse::<f64>().ok());
        if let Some(number) = number
            && !numbers.contains(&(fact.id.clone(), number))
        {
            numbers.push((fact.id.clone(), number));
        }
    }
    let mut numbers: Vec<f64> = numbers.into_iter().map(|(_, number)| number).collect();
    numbers.sort_by(f64::total_cmp);
    if numbers.is_empty() {
        return None;
    }
    let sum: f64 = numbers.iter().sum();
    let count = numbers.len();
    Some(match correlation.kind {
        CorrelationType::ValueSum => sum,
        CorrelationType::ValueAvg => sum / count as f64,
        _ => {
            let p = correlation.percentile.map_or(50.0, Decimal::to_f64);
            let rank = p / 100.0 * (count - 1) as f64;
            let low = numbers[rank as usize];
            let high = numbers[(rank as usize + 1).min(count - 1)];
            low + (high - low) * (rank - rank.floor())
        }
    })
}

/// The length of the longest chain over the list that ends at the instant.
fn chain(stages: &[usize], window: &[Fact], at: i64) -> usize {
    let last = stages.iter().enumerate().filter(|(_, member)| {
        window
            .iter()
            .any(|fact| fact.at == at && fact.member == **member)
    });
    let longest = last.map(|(stage, _)| {
        let times: BTreeSet<i64> = window
            .iter()
            .map(|fact| fact.at)
            .filter(|time| *time < at)
            .collect();
        let before = times
            .into_iter()
            .map(|time| chain(&stages[..stage], window, time));
        1 + before.max().unwrap_or(0)
    });
    longest.max().unwrap_or(0)
}

fn holds(correlation: &ResolvedCorrelation, window: &[Fact], at: i64) -> bool {
    let members: BTreeSet<usize> = window.iter().map(|fact| fact.member).collect();
    let measure = match correlation.kind {
        CorrelationType::EventCount => {
            let ids: BTreeSet<&String> = window.iter().map(|fact| &fact.id).collect();
            Some(ids.len() as f64)
        }
        CorrelationType::ValueCount => {
            let values: BTreeSet<_> = window
                .iter()
                .filter_map(|fact| fact.value.as_ref())
                .collect();
            Some(values.len() as f64)
        }
        CorrelationType::Temporal => Some(members.len() as f64),
        CorrelationType::TemporalOrdered => Some(chain(&correlation.stages, window, at) as f64),
        _ => metric(correlation, window),
    };
    match &correlation.condition {
        ResolvedCondition::All if correlation.kind == CorrelationType::Temporal => {
            members.len() == correlation.members.len()
        }
        ResolvedCondition::All => measure == Some(correlation.stages.len() as f64),
        ResolvedCondition::Presence(presence) => {
            presence.holds(&|member| members.contains(&member))
        }
        ResolvedCondition::Bounds(bounds) => measure.is_some_and(|measure| {
            let mut bounds = bounds.iter();
            bounds.all(|(operator, bound)| operator.holds(measure.total_cmp(&bound.to_f64())))
        }),
    }
}

/// The firings, each with its window.
fn naive(all: &[ResolvedCorrelation], at: usize, samples: &[Sample]) -> Vec<(Fired, Vec<Fact>)> {
    let correlation = &all[at];
    let facts = facts_of(all, at, samples);
    let horizon = samples
        .iter()
        .filter_map(|sample| sample.at)
        .max()
        .unwrap_or(0);
    let starts: BTreeSet<Fired> = facts
        .iter()
        .map(|fact| (fact.at, fact.group.clone()))
        .collect();
    let mut found = Vec::new();
    for (start, group) in starts {
        let (from, to) = if correlation.is_forward() {
            (start, start + correlation.timespan)
        } else {
            (start - correlation.timespan, start)
        };
        let inside = |fact: &&Fact| fact.group == group && (from..=to).contains(&fact.at);
        let window: Vec<Fact> = facts.iter().filter(inside).cloned().collect();
        if holds(correlation, &window, to) && (to <= horizon || !correlation.is_forward()) {
            found.push(((to, group), window));
        }
    }
    found
}

fn evaluated(all: &[ResolvedCorrelation], at: usize, samples: &[Sample]) -> Vec<Fired> {
    let same = |names: BTreeSet<String>| names.into_iter().map(|name| (name.clone(), name));
    let asked: Vec<_> = fields(all, RULES)
        .into_iter()
        .map(|names| same(names).collect())
        .collect();
    let mut facts = Facts::new(&asked);
    let file: Arc<str> = "events".into();
    for (number, sample) in samples.iter().enumerate() {
        let event = Event::new(&Json::Object(sample.fields.clone()));
        facts.add(
            &event,
            sample.at.map(Instant),
            &sample.rules,
            (&file, number + 1),
        );
    }
    let outcome = evaluate(all, at, &facts, true).unwrap();
    assert_eq!(outcome, {
        let mut plain = evaluate(all, at, &facts, false).unwrap();
        for (firing, explained) in plain.firings.iter_mut().zip(&outcome.firings) {
            firing.evidence.clone_from(&explained.evidence);
        }
        plain
    });
    let firings = outcome.firings.into_iter();
    let group = |firing: &Firing| {
        firing
            .group
            .iter()
            .map(|text| text.to_lowercase())
            .collect()
    };
    let mut found: Vec<Fired> = firings
        .map(|firing| (firing.at.0, group(&firing)))
        .collect();
    found.sort();
    found
}

fn value() -> impl Strategy<Value = Option<Json>> {
    prop_oneof![
        6 => prop::sample::select(vec![json!("a"), json!("A"), json!("b"), json!(1), json!("1"), json!(2.5), json!(true)])
            .prop_map(Some),
        1 => prop::sample::select(vec![json!(null), json!(["a"]), json!({"x": 1}), json!([])]).prop_map(Some),
        1 => Just(None),
    ]
}

fn number() -> impl Strategy<Value = Option<Json>> {
    prop_oneof![
        6 => (-4_i32..12).prop_map(|n| Some(json!(n))),
        2 => (0_i32..40).prop_map(|n| Some(json!(f64::from(n) / 4.0))),
        1 => Just(Some(json!("2.50"))),
        1 => Just(Some(json!("x"))),
        1 => Just(None),
    ]
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let sample = (
        prop_oneof![12 => (0_i64..40).prop_map(|at| Some(at * 250)), 1 => Just(None)],
        prop::collection::btree_set(0..RULES, 0..=RULES),
        (value(), value(), value(), number()),
    );
    let sample = sample.prop_map(|(at, rules, (g, h, v, n))| {
        let fields = [("g", g), ("h", h), ("v", v), ("n", n)];
        let fields = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Sample {
            at,
            rules: rules.into_iter().collect(),
            fields: fields.collect(),
        }
    });
    prop::collection::vec(sample, 0..30)
}

fn presence() -> impl Strategy<Value = Presence> {
    let leaf = (0..2_usize).prop_map(Presence::Member);
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Presence::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Presence::Or),
            inner.prop_map(|inner| Presence::Not(Box::new(inner))),
        ]
    })
}

fn bounds() -> impl Strategy<Value = ResolvedCondition> {
    let bound = (
        prop::sample::select(CorrelationOperator::ALL),
        prop::sample::select(vec!["0", "1", "2", "3", "2.5", "1.25", "4"]),
    );
    let bound = bound.prop_map(|(operator, text)| (operator, Decimal::read(text).unwrap()));
    prop::collection::vec(bound, 1..3).prop_map(ResolvedCondition::Bounds)
}

fn names(of: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<String>> {
    let names = prop::sample::subsequence(of, 0..=most);
    names.prop_map(|names| names.into_iter().map(str::to_owned).collect())
}

/// A correlation over two members.
fn correlation(members: [Member; 2]) -> impl Strategy<Value = ResolvedCorrelation> {
    let kind = prop::sample::select(CorrelationType::ALL);
    (
        kind,
        prop::sample::select(vec![0_i64, 250, 1000, 3000]),
        prop::collection::vec(0..2_usize, 2..4),
        names(&["g", "h"], 2),
        prop_oneof![names(&["v", "h"], 2), Just(vec!["v".to_owned()])],
        (bounds(), presence(), 0..4_u8),
        prop::sample::select(vec!["0", "25", "75", "99.5", "100"]),
        prop::bool::ANY,
    )
        .prop_map(
            move |(kind, timespan, stages, group_by, counted, condition, p, alias)| {
                let (bounds, presence, which) = condition;
                let condition = match which {
                    0 if kind.is_temporal() => ResolvedCondition::All,
                    1 if kind == CorrelationType::Temporal => ResolvedCondition::Presence(presence),
                    _ => bounds,
                };
                let counted = match kind {
                    CorrelationType::ValueCount if counted.is_empty() => vec!["v".to_owned()],
                    CorrelationType::ValueCount => counted,
                    _ if kind.is_metric() => vec!["n".to_owned()],
                    _ => Vec::new(),
                };
                // The reference's `g` of the second member is its `h`.
                let alias = alias.then(|| AliasFields {
                    name: "g".to_owned(),
                    fields: vec![None, Some("h".to_owned())],
                });
                ResolvedCorrelation {
                    kind,
                    timespan,
                    members: members.to_vec(),
                    stages: [vec![0, 1], stages].concat(),
                    group_by,
                    counted,
                    aliases: alias.into_iter().collect(),
                    condition,
                    percentile: Decimal::read(p),
                }
            },
        )
}

fn without_alias(mut correlation: ResolvedCorrelation) -> ResolvedCorrelation {
    correlation.aliases.clear();
    correlation
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn firings_are_those_of_the_reference(
        correlation in correlation([Member::Rule(0), Member::Rule(1)]),
        samples in samples(),
    ) {
        let all = [correlation];
        let mut expected: Vec<Fired> = naive(&all, 0, &samples).into_iter().map(|(fired, _)| fired).collect();
        expected.sort();
        prop_assert_eq!(evaluated(&all, 0, &samples), expected);
    }

    #[test]
    fn chains_fire_as_the_reference_does(
        inner in correlation([Member::Rule(0), Member::Rule(1)]),
        outer in correlation([Member::Correlation(0), Member::Rule(2)]).prop_map(without_alias),
        samples in samples(),
    ) {
        let all = [without_alias(inner), outer];
        let mut expected: Vec<Fired> = naive(&all, 1, &samples).into_iter().map(|(fired, _)| fired).collect();
        expected.sort();
        expected.dedup();
        prop_assert_eq!(evaluated(&all, 1, &samples), expected);
    }

    #[test]
    fn the_order_of_events_does_not_matter(
        correlation in correlation([Member::Rule(0), Member::Rule(1)]),
        samples in samples(),
    ) {
        let all = [correlation];
        let mut reversed = samples.clone();
        reversed.reverse();
        prop_assert_eq!(evaluated(&all, 0, &samples), evaluated(&all, 0, &reversed));
    }
}
