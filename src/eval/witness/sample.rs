//! Values that pass a test.

use crate::eval::matcher::Leaf;
use crate::eval::time::Time;
use crate::pattern::ast::{GroupKind, Kind, Node};
use crate::pattern::{members, parse};
use crate::rule::{Comparison, Number, Part, Pattern, TimePart, Value};
use regex_syntax::hir::ClassUnicodeRange;
use serde_json::Value as Json;

/// A sample of a regular expression is no longer than this.
const MAX_SAMPLE: usize = 8192;

/// Values that pass one test, the plainest first.
pub(super) fn of(leaf: &Leaf<'_>) -> Vec<Json> {
    match leaf.value {
        Value::String(pattern) | Value::Cased(pattern) => {
            vec![fill(pattern, "x1").into(), fill(pattern, "").into()]
        }
        Value::Number(number) => vec![json(number), number.text.as_ref().into()],
        Value::Bool(truth) => vec![Json::Bool(*truth)],
        Value::Exists(true) => vec!["x1".into()],
        Value::Regex(regex) => {
            let Ok(parsed) = parse(regex) else {
                return Vec::new();
            };
            let samples = [(false, 0), (true, 0), (false, 1), (true, 1)];
            let samples = samples.iter().map(|&(last, more)| {
                let mut text = String::new();
                write(&parsed.root, last, more, &mut text);
                text
            });
            let mut texts: Vec<String> = samples.collect();
            texts.dedup();
            texts.into_iter().map(Json::from).collect()
        }
        Value::Cidr(network) => {
            let net = network.net;
            vec![
                net.broadcast().to_string().into(),
                net.network().to_string().into(),
            ]
        }
        Value::Compare(comparison, None, number) => around(*comparison, number),
        Value::Time(..) | Value::Compare(_, Some(_), _) => together(&[leaf]),
        _ => Vec::new(),
    }
}

/// Values that a test does not pass, for where the field has to be there.
pub(super) fn other(leaf: &Leaf<'_>) -> Vec<Json> {
    match leaf.value {
        Value::Bool(truth) => vec![Json::Bool(!truth)],
        Value::Number(_) => vec![Json::from(0), Json::from(1)],
        _ => vec!["x1".into(), "".into()],
    }
}

/// Values that pass several tests of one field.
pub(super) fn together(leaves: &[&Leaf<'_>]) -> Vec<Json> {
    let parts = leaves.iter().filter_map(|leaf| match leaf.value {
        Value::Time(part, number) => Some((*part, whole(number, 0))),
        Value::Compare(comparison, Some(part), number) => {
            let shift = match comparison {
                Comparison::Lt => -1,
                Comparison::Gt => 1,
                Comparison::Lte | Comparison::Gte => 0,
            };
            Some((*part, whole(number, shift)))
        }
        _ => None,
    });
    let parts: Vec<(TimePart, i64)> = parts.collect();
    if !parts.is_empty() {
        return vec![Time::of_parts(&parts).to_string().into()];
    }
    // What is bound to the start comes first, what is bound to the end last.
    let mut texts: Vec<(u8, String)> = Vec::new();
    for leaf in leaves {
        match leaf.value {
            Value::String(pattern) | Value::Cased(pattern) => {
                let opens = pattern.parts.first() == Some(&Part::Any);
                let ends = pattern.parts.last() == Some(&Part::Any);
                let place = match (opens, ends) {
                    (false, true) => 0,
                    (true, false) => 2,
                    _ => 1,
                };
                texts.push((place, fill(pattern, "")));
            }
            Value::Regex(_) => {
                if let Some(Json::String(text)) = of(leaf).into_iter().next() {
                    texts.push((1, text));
                }
            }
            _ => {}
        }
    }
    if texts.len() < 2 {
        return Vec::new();
    }
    texts.sort_by_key(|(place, _)| *place);
    let texts: Vec<String> = texts.into_iter().map(|(_, text)| text).collect();
    vec![texts.concat().into(), texts.join(" ").into()]
}

/// A pattern with its stars filled; a question mark is a `q`.
pub(super) fn fill(pattern: &Pattern<'_>, any: &str) -> String {
    let parts = pattern.parts.iter().map(|part| match part {
        Part::Literal(text) | Part::Placeholder(text) => text.as_ref(),
        Part::Any => any,
        Part::One => "q",
    });
    parts.collect()
}

/// The number as JSON: an integer where it is one.
pub(super) fn json(number: &Number<'_>) -> Json {
    match number.text.parse::<i64>() {
        Ok(integer) => integer.into(),
        Err(_) => number.value.into(),
    }
}

/// Numbers at the border of a comparison.
pub(super) fn around(comparison: Comparison, number: &Number<'_>) -> Vec<Json> {
    let shifted = |by: i64| match number.text.parse::<i64>() {
        Ok(integer) => Json::from(integer.saturating_add(by)),
        Err(_) if by == 0 => Json::from(number.value),
        Err(_) => Json::from(number.value + if by < 0 { -1.0 } else { 1.0 }),
    };
    match comparison {
        Comparison::Lt => vec![shifted(-1), shifted(0), shifted(1)],
        Comparison::Lte => vec![shifted(0), shifted(-1), shifted(1)],
        Comparison::Gt => vec![shifted(1), shifted(0), shifted(-1)],
        Comparison::Gte => vec![shifted(0), shifted(1), shifted(-1)],
    }
}

fn whole(number: &Number<'_>, shift: i64) -> i64 {
    number
        .text
        .parse::<i64>()
        .unwrap_or(0)
        .saturating_add(shift)
}

/// Writes a text that the expression matches: its first branches and fewest rounds, or its last
/// branches and `more` rounds.
fn write(node: &Node, last: bool, more: u32, out: &mut String) {
    if out.len() > MAX_SAMPLE {
        return;
    }
    match &node.kind {
        Kind::Literal { c, .. } => out.push(*c),
        // Where no word ends, a letter keeps it so.
        Kind::Dot { .. } | Kind::NotBoundary => out.push('x'),
        Kind::Class(class) => {
            let Some(set) = members(class) else { return };
            let has = |c: &char| {
                set.ranges()
                    .iter()
                    .any(|r| r.start() <= *c && *c <= r.end())
            };
            let readable = ('a'..='z')
                .chain('0'..='9')
                .chain('A'..='Z')
                .chain(' '..='~');
            let found = readable.into_iter().find(has);
            out.extend(found.or_else(|| set.ranges().first().map(ClassUnicodeRange::start)));
        }
        Kind::Concat(nodes) => {
            for node in nodes {
                write(node, last, more, out);
            }
        }
        Kind::Alternation(nodes) => {
            let branch = if last { nodes.last() } else { nodes.first() };
            if let Some(node) = branch {
                write(node, last, more, out);
            }
        }
        Kind::Repeat { node, min, max, .. } => {
            let rounds = min.saturating_add(more).min(max.unwrap_or(u32::MAX));
            for _ in 0..rounds {
                write(node, last, more, out);
                if out.len() > MAX_SAMPLE {
                    return;
                }
            }
        }
        Kind::Group {
            kind: GroupKind::Capture | GroupKind::Plain | GroupKind::Atomic,
            node,
        } => write(node, last, more, out),
        _ => {}
    }
}
