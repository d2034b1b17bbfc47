//! Two lists of values: what was added, removed or replaced.
//!
//! In: the values of a field before and after. Out: [`Change`]s. A value that went and one that came
//! are one change where they have the same text, or one holds the other, or they are much alike.

use super::tree::{Entry, Key};
use super::{Change, How, words};
use crate::lower::Operator;
use crate::rule::{Part, Pattern, Value};
use std::collections::BTreeSet;

/// No more values than this are compared each with each.
const MAX_PAIRED: usize = 48;

/// So many values of a list are compared with others; the rest went or came.
const MAX_ALIKE: usize = 20_000;

/// Longer texts together than this are compared at their ends only.
const MAX_COMPARED: usize = 2000;

/// Values that are more alike than this are versions of each other.
const ALIKE: f64 = 0.6;

/// What changed between two lists of values.
pub(super) fn changes(
    old: &[Entry<'_>],
    new: &[Entry<'_>],
    operator: Operator,
    field: Option<&str>,
) -> Vec<Change> {
    let field = || field.map(str::to_owned);
    let keys = |entries: &'_ [Entry<'_>]| -> BTreeSet<Key> {
        entries.iter().map(|entry| entry.key).collect()
    };
    let (had, has) = (keys(old), keys(new));
    let gone: Vec<&Entry<'_>> = old
        .iter()
        .filter(|entry| !has.contains(&entry.key))
        .collect();
    let mut come: Vec<Option<&Entry<'_>>> = new
        .iter()
        .filter(|entry| !had.contains(&entry.key))
        .map(Some)
        .collect();
    let only = gone.len() == 1 && come.len() == 1;
    let mut changes = Vec::new();
    // Of many, each has its partner near its own place, if anywhere.
    let mut first = 0;
    let mut compared = 0;
    for entry in gone {
        let mut best: Option<(f64, usize)> = None;
        while come.get(first).is_some_and(Option::is_none) {
            first += 1;
        }
        for (at, other) in come.iter().enumerate().skip(first).take(MAX_PAIRED) {
            compared += 1;
            if compared > MAX_ALIKE {
                break;
            }
            let score = other.map_or(0.0, |other| alike(entry.value, other.value));
            let score = if only { score.max(1.0) } else { score };
            if score > ALIKE && best.is_none_or(|(known, _)| score > known) {
                best = Some((score, at));
            }
        }
        let partner = best.and_then(|(_, at)| come[at].take());
        changes.push(match partner {
            Some(partner) => Change::ValueChanged {
                field: field(),
                before: words::value(entry.value),
                after: words::value(partner.value),
                how: how(entry.value, partner.value),
            },
            None => Change::ValueRemoved {
                field: field(),
                value: words::value(entry.value),
                join: operator.into(),
            },
        });
    }
    changes.extend(come.into_iter().flatten().map(|entry| Change::ValueAdded {
        field: field(),
        value: words::value(entry.value),
        join: operator.into(),
    }));
    changes
}

fn how(before: &Value<'_>, after: &Value<'_>) -> How {
    let (old, new) = (core(before), core(after));
    let (before, after) = (comparison(before), comparison(after));
    if old == new && before != after {
        let (before, after) = (before.to_owned(), after.to_owned());
        return How::Modifier { before, after };
    }
    if before != after || old == new {
        How::Other
    } else if new.contains(&old) {
        How::Longer
    } else if old.contains(&new) {
        How::Shorter
    } else {
        How::Other
    }
}

fn alike(a: &Value<'_>, b: &Value<'_>) -> f64 {
    let (a, b) = (core(a), core(b));
    if a == b {
        return 2.0;
    }
    if !a.is_empty() && !b.is_empty() && (a.contains(&b) || b.contains(&a)) {
        return 1.0;
    }
    if a.len() + b.len() > MAX_COMPARED {
        return ends_in_common(&a, &b);
    }
    strsim::normalized_levenshtein(&a, &b)
}

/// The share of two long texts that they begin and end with alike.
#[expect(clippy::cast_precision_loss, reason = "texts are shorter than that")]
fn ends_in_common(a: &str, b: &str) -> f64 {
    let shorter = a.len().min(b.len());
    let start = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let ends = a.bytes().rev().zip(b.bytes().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    let common = (start + end).min(shorter);
    common as f64 / a.len().max(b.len()).max(1) as f64
}

/// The text of a value without what says how it is compared.
fn core(value: &Value<'_>) -> String {
    match value {
        Value::String(pattern) | Value::Cased(pattern) => {
            let mut parts = pattern.parts.as_slice();
            if let [Part::Any, rest @ ..] = parts {
                parts = rest;
            }
            if let [rest @ .., Part::Any] = parts {
                parts = rest;
            }
            let texts = parts.iter().map(|part| match part {
                Part::Literal(text) | Part::Placeholder(text) => text.as_ref(),
                Part::Any => "*",
                Part::One => "?",
            });
            texts.collect::<String>().to_lowercase()
        }
        Value::Number(number) | Value::Compare(_, _, number) | Value::Time(_, number) => {
            number.text.to_string()
        }
        Value::Regex(regex) => regex.pattern.literals().collect(),
        other => words::value(other),
    }
}

/// How a value is compared, by the modifier's name.
fn comparison(value: &Value<'_>) -> &'static str {
    use crate::rule::Comparison::{Gt, Gte, Lt, Lte};
    match value {
        Value::String(pattern) => bounds(pattern),
        Value::Cased(pattern) => match bounds(pattern) {
            "contains" => "contains|cased",
            "startswith" => "startswith|cased",
            "endswith" => "endswith|cased",
            _ => "cased",
        },
        Value::Number(_) | Value::Bool(_) | Value::Null => "equals",
        Value::Exists(_) => "exists",
        Value::Regex(_) => "re",
        Value::Cidr(_) => "cidr",
        Value::Compare(Lt, ..) => "lt",
        Value::Compare(Lte, ..) => "lte",
        Value::Compare(Gt, ..) => "gt",
        Value::Compare(Gte, ..) => "gte",
        Value::Time(part, _) => part.name(),
        Value::FieldRef(_) => "fieldref",
        Value::Expansion(_) | Value::Query { .. } => "expand",
    }
}

fn bounds(pattern: &Pattern<'_>) -> &'static str {
    let opens = pattern.parts.first() == Some(&Part::Any);
    let ends = pattern.parts.last() == Some(&Part::Any);
    match (opens, ends) {
        (true, true) => "contains",
        (false, true) => "startswith",
        (true, false) => "endswith",
        (false, false) => "equals",
    }
}
