//! The keys of a correlation.
//!
//! In: the pairs below `correlation:`. Out: each known key with its value, and what is wrong with
//! the others: `group_by` is `VS1201`, with `group-by` as help.

use super::Entry;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::parse::collection::Pairs;
use crate::parse::rule::Reader;
use crate::rule::{CorrelationOperator, Text};
use crate::yaml::{Node, Resolved};

/// The keys that a correlation has.
const KEYS: [&str; 7] = [
    "type",
    "rules",
    "group-by",
    "timespan",
    "condition",
    "aliases",
    "generate",
];

/// Other words for them, without signs and in lower case.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("groupby", "group-by"),
    ("groupbyfields", "group-by"),
    ("by", "group-by"),
    ("timeframe", "timespan"),
    ("timewindow", "timespan"),
    ("window", "timespan"),
    ("within", "timespan"),
    ("maxspan", "timespan"),
    ("duration", "timespan"),
    ("rule", "rules"),
    ("alias", "aliases"),
    ("fieldaliases", "aliases"),
    ("conditions", "condition"),
    ("threshold", "condition"),
];

/// The keys of a correlation, those that are there.
#[derive(Debug, Default)]
pub(super) struct Keys<'s> {
    pub kind: Option<Entry<'s>>,
    pub rules: Option<Entry<'s>>,
    pub group_by: Option<Entry<'s>>,
    pub timespan: Option<Entry<'s>>,
    pub condition: Option<Entry<'s>>,
    pub aliases: Option<Entry<'s>>,
    pub generate: Option<Entry<'s>>,
}

impl<'s> Keys<'s> {
    /// Sorts the pairs by key. `null` is as if the key were not there.
    pub(super) fn read(reader: &mut Reader<'s, '_>, pairs: Pairs<'s>) -> Self {
        let mut keys = Self::default();
        for (key, value) in pairs {
            let Some(name) = reader.attribute_name(&key) else {
                continue;
            };
            let place = match name.value.as_ref() {
                "type" => &mut keys.kind,
                "rules" => &mut keys.rules,
                "group-by" => &mut keys.group_by,
                "timespan" => &mut keys.timespan,
                "condition" => &mut keys.condition,
                "aliases" => &mut keys.aliases,
                "generate" => &mut keys.generate,
                _ => {
                    let severity = reader.rules.correlation().ignored_severity();
                    let mut diagnostic = unknown(&name);
                    diagnostic.severity = diagnostic.severity.min(severity);
                    reader.diagnostics.push(diagnostic);
                    continue;
                }
            };
            if !is_null(reader, &value) {
                *place = Some((name, value));
            }
        }
        keys
    }
}

fn is_null(reader: &Reader<'_, '_>, node: &Node<'_>) -> bool {
    let scalar = node.as_scalar();
    scalar.is_some_and(|scalar| scalar.resolve(reader.rules.schema()) == Resolved::Null)
}

/// An error for a key that is meant as a known one, a warning for any other: it has no effect.
fn unknown(name: &Text<'_>) -> Diagnostic {
    let message = format!("expected a key of a correlation, found `{}`", name.value);
    let error = Diagnostic::error(Code::CorrelationKey, message.clone()).at(name.span);
    let lower = name.to_lowercase();
    let plain: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    let other = OTHER_WORDS.iter().find(|(word, _)| *word == plain);
    let near = other.map(|&(_, key)| key);
    if let Some(near) = near.or_else(|| nearest(&lower, KEYS)) {
        return error.help(format!("did you mean `{near}`?"));
    }
    let is_operator = CorrelationOperator::from_name(&lower).is_some();
    if is_operator || matches!(plain.as_str(), "field" | "fields" | "percentile") {
        return error.help("move it into `condition`: `condition: {gte: 10, field: User}`");
    }
    Diagnostic::warning(Code::CorrelationKey, message)
        .at(name.span)
        .help(format!(
            "remove it, it has no effect; the keys are `{}`",
            KEYS.join("`, `")
        ))
}
