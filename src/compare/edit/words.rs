//! Edits as sentences.

use super::tree::{Kind, List, Tree};
use super::{Change, How, Join};
use crate::compare::Relation;
use crate::eval::written;
use crate::lower::Operator;
use crate::rule::Value;

/// A test is shown with no more values than this.
const MAX_VALUES: usize = 3;

/// A description is no longer than this, in characters.
const MAX_LENGTH: usize = 200;

/// A value as a rule writes it, its modifier in front: `re '^a'`.
pub(super) fn value(value: &Value<'_>) -> String {
    let (modifiers, text) = written(value);
    let text = match modifiers.strip_prefix('|') {
        Some(modifiers) => format!("{modifiers} {text}"),
        None => text,
    };
    bounded(&text)
}

/// A part of an expression in a line.
pub(super) fn test(tree: &Tree<'_>) -> String {
    bounded(&whole(tree))
}

fn whole(tree: &Tree<'_>) -> String {
    match &tree.kind {
        Kind::List(list) => values(list),
        Kind::Group(operator, parts) => {
            let word = match operator {
                Operator::And => " and ",
                Operator::Or => " or ",
            };
            let shown = parts.iter().map(|part| match part.kind {
                Kind::Group(..) => format!("({})", whole(part)),
                _ => whole(part),
            });
            shown.collect::<Vec<_>>().join(word)
        }
        Kind::Not(inner) => match inner.kind {
            Kind::Group(..) => format!("not ({})", whole(inner)),
            _ => format!("not {}", whole(inner)),
        },
        Kind::Nothing => String::new(),
    }
}

fn values(list: &List<'_>) -> String {
    let field = list
        .field
        .map_or(String::new(), |field| format!("{field}: "));
    let count = list.entries.len();
    let mut shown: Vec<String> = list
        .entries
        .iter()
        .take(MAX_VALUES)
        .map(|entry| value(entry.value))
        .collect();
    if let [only] = shown.as_slice() {
        return format!("{field}{only}");
    }
    if count > MAX_VALUES {
        shown.push(format!("and {} more", count - MAX_VALUES));
    }
    let how = match list.operator {
        Operator::And => "all of",
        Operator::Or => "one of",
    };
    format!("{field}{how} {}", shown.join(", "))
}

fn bounded(text: &str) -> String {
    match text.char_indices().nth(MAX_LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// An edit in a line.
pub(super) fn sentence(detection: Option<&str>, negated: bool, change: &Change) -> String {
    let place = detection.map_or(String::new(), |name| format!("{name}: "));
    let under = if negated { " (under not)" } else { "" };
    format!("{place}{}{under}", what(change))
}

fn what(change: &Change) -> String {
    let of = |field: &Option<String>| field.clone().unwrap_or_else(|| "keywords".to_owned());
    let all = |join: &Join| match join {
        Join::And => "all of ",
        Join::Or => "",
    };
    match change {
        Change::ValueAdded { field, value, join } => {
            format!("value added to {}{}: {value}", all(join), of(field))
        }
        Change::ValueRemoved { field, value, join } => {
            format!("value removed from {}{}: {value}", all(join), of(field))
        }
        Change::ValueChanged {
            field,
            before,
            after,
            how,
        } => {
            let how = match how {
                How::Modifier { before, after } => format!(" ({before} to {after})"),
                How::Longer => " (longer)".to_owned(),
                How::Shorter => " (shorter)".to_owned(),
                How::Other => String::new(),
            };
            format!("value of {} changed: {before} to {after}{how}", of(field))
        }
        Change::TestAdded { test, join } => match join {
            Join::And => format!("test added: {test}"),
            Join::Or => format!("alternative added: {test}"),
        },
        Change::TestRemoved { test, join } => match join {
            Join::And => format!("test removed: {test}"),
            Join::Or => format!("alternative removed: {test}"),
        },
        Change::NegationAdded { test } => format!("negation added: not {test}"),
        Change::NegationRemoved { test } => format!("negation removed: {test}"),
        Change::FieldRenamed { before, after } => format!("field renamed: {before} to {after}"),
        Change::LinkChanged {
            field,
            before,
            after,
        } => {
            let word = |join: &Join| match join {
                Join::And => "all",
                Join::Or => "one",
            };
            let (before, after) = (word(before), word(after));
            format!(
                "{} of the values of {} must match, was {before}",
                after,
                of(field)
            )
        }
        Change::OperatorChanged { before, after } => {
            let word = |join: &Join| match join {
                Join::And => "and",
                Join::Or => "or",
            };
            format!("operator changed: {} to {}", word(before), word(after))
        }
        Change::Rearranged => "the same tests, joined in another way".to_owned(),
        Change::LogsourceChanged { before, after } => {
            format!("log source changed: {before} to {after}")
        }
        Change::AggregationChanged { before, after } => {
            let text = |aggregation: &Option<String>| match aggregation {
                Some(text) => text.clone(),
                None => "none".to_owned(),
            };
            format!("aggregation changed: {} to {}", text(before), text(after))
        }
        Change::AttributeChanged {
            attribute,
            before,
            after,
        } => match (before, after) {
            (None, Some(after)) => format!("{attribute} added: {after}"),
            (Some(before), None) => format!("{attribute} removed: {before}"),
            (before, after) => {
                let text = |text: &Option<String>| text.clone().unwrap_or_default();
                format!("{attribute} changed: {} to {}", text(before), text(after))
            }
        },
        Change::TimespanChanged {
            before,
            after,
            longer,
        } => {
            let word = if *longer { "longer" } else { "shorter" };
            format!("timespan changed: {before} to {after} ({word})")
        }
        Change::RuleAdded { rule } => format!("rule added: {rule}"),
        Change::RuleRemoved { rule } => format!("rule removed: {rule}"),
        Change::RuleChanged { rule, relation } => match relation {
            Relation::Unknown => format!("rule changed: {rule}"),
            relation => format!("rule changed: {rule} ({})", relation.name()),
        },
        Change::GroupAdded { field } => format!("group-by field added: {field}"),
        Change::GroupRemoved { field } => format!("group-by field removed: {field}"),
    }
}
