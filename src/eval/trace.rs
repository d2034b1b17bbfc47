//! Why an event matched, or didn't.
//!
//! In: a [`Matcher`] and an [`Event`]. Out: a [`Trace`], the expression as a tree in which every part
//! says whether it held, and every test which values it saw.

use super::event::{Event, Scalar};
use super::matcher::{Leaf, Matcher, Plan};
use crate::lower::{Operator, Origin};
use crate::rule::{Comparison, Part, Pattern, Value};
use crate::source::Span;
use serde::Serialize;

/// No more values than this are listed for one test.
const MAX_SEEN: usize = 8;

/// A part of the expression and how it fared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trace {
    /// Did it hold?
    pub held: bool,
    /// What it asks: `all of a map`, `Image: '*\cmd.exe'`.
    pub what: String,
    /// Where its value is in the rule; none for groups.
    #[serde(skip)]
    pub span: Option<Span>,
    /// For a test: the values it saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// The parts of a group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Trace>,
}

/// What a test saw in the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// The event has no such field.
    Missing,
    /// The field is there without a value that has a text: null, an object, an empty list.
    NoText,
    /// These texts, in order; for a keyword, the one it is in.
    Values(Vec<String>),
}

impl Matcher<'_> {
    /// Which part held or failed, and on which value.
    #[must_use]
    pub fn explain(&self, event: &Event) -> Trace {
        match &self.plan {
            Some(plan) => plan.trace(event),
            None => Trace {
                held: false,
                what: "nothing: no test is left of the rule".to_owned(),
                span: None,
                seen: None,
                parts: Vec::new(),
            },
        }
    }
}

impl Plan<'_> {
    fn trace(&self, event: &Event) -> Trace {
        let group = |held, what: String, parts| Trace {
            held,
            what,
            span: None,
            seen: None,
            parts,
        };
        match self {
            Self::Group(_, _, plans) if plans.len() == 1 => plans[0].trace(event),
            Self::Group(operator, origin, plans) => {
                let parts: Vec<Trace> = plans.iter().map(|plan| plan.trace(event)).collect();
                let mut held = parts.iter().map(|part| part.held);
                let (held, how) = match operator {
                    Operator::And => (held.all(|held| held), "all of"),
                    Operator::Or => (held.any(|held| held), "one of"),
                };
                group(held, format!("{how} {}", origin_name(*origin)), parts)
            }
            Self::Not(plan) => {
                let part = plan.trace(event);
                group(!part.held, "not".to_owned(), vec![part])
            }
            Self::Test(leaf) => leaf.trace(event),
        }
    }
}

impl Leaf<'_> {
    fn trace(&self, event: &Event) -> Trace {
        let held = self.holds(event);
        let seen = self
            .field
            .map_or_else(|| self.searched(event), |field| seen(event, field));
        Trace {
            held,
            what: describe(self.field, self.value),
            span: Some(self.span),
            seen: Some(seen),
            parts: Vec::new(),
        }
    }
}

impl Leaf<'_> {
    /// The value that a keyword is in.
    fn searched(&self, event: &Event) -> Seen {
        let mut found = Vec::new();
        event.any(&mut |scalar: &Scalar| {
            if self.check.takes(scalar) {
                found.push(scalar.text.clone().into_owned());
            }
            !found.is_empty()
        });
        Seen::Values(found)
    }
}

fn seen(event: &Event, field: &str) -> Seen {
    let Some(nodes) = event.field(field) else {
        return Seen::Missing;
    };
    let mut texts = Vec::new();
    for node in nodes {
        node.any_element(&mut |scalar| {
            texts.extend(scalar.as_text().map(str::to_owned));
            texts.len() >= MAX_SEEN
        });
    }
    if texts.is_empty() {
        Seen::NoText
    } else {
        Seen::Values(texts)
    }
}

const fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Condition | Origin::Parentheses => "the condition's parts",
        Origin::Selector => "the selected detections",
        Origin::Detection => "the detection",
        Origin::Map => "a map",
        Origin::List => "a list",
        Origin::Values => "the values",
        Origin::Expansion => "the forms of a value",
    }
}

/// A test as a rule would write it: `Image|cased: 'C:\*'`.
pub(super) fn describe(field: Option<&str>, value: &Value<'_>) -> String {
    let (modifiers, text) = written(value);
    match field {
        Some(field) => format!("{field}{modifiers}: {text}"),
        None if modifiers.is_empty() => text,
        None => format!("{modifiers}: {text}"),
    }
}

/// A value's modifiers and its text, as a rule would write them: `|cased` and `'C:\*'`.
pub(crate) fn written(value: &Value<'_>) -> (String, String) {
    match value {
        Value::String(pattern) => (String::new(), quoted(pattern)),
        Value::Cased(pattern) => ("|cased".to_owned(), quoted(pattern)),
        Value::Number(number) => (String::new(), number.text.to_string()),
        Value::Bool(truth) => (String::new(), truth.to_string()),
        Value::Null => (String::new(), "null".to_owned()),
        Value::Exists(wanted) => ("|exists".to_owned(), wanted.to_string()),
        Value::Regex(regex) => {
            let mut modifiers = "|re".to_owned();
            let flags = [
                (regex.flags.ignore_case, "|i"),
                (regex.flags.multi_line, "|m"),
                (regex.flags.dot_all, "|s"),
            ];
            modifiers.extend(flags.iter().filter(|(on, _)| *on).map(|(_, name)| *name));
            let text = regex.pattern.as_literal().unwrap_or_default();
            (modifiers, format!("'{}'", text.replace('\'', "''")))
        }
        Value::Cidr(network) => ("|cidr".to_owned(), network.text.to_string()),
        Value::Compare(comparison, part, number) => {
            let part = part.map_or(String::new(), |part| format!("|{}", part.name()));
            let name = match comparison {
                Comparison::Lt => "lt",
                Comparison::Lte => "lte",
                Comparison::Gt => "gt",
                Comparison::Gte => "gte",
            };
            (format!("{part}|{name}"), number.text.to_string())
        }
        Value::Time(part, number) => (format!("|{}", part.name()), number.text.to_string()),
        Value::FieldRef(reference) => {
            let how = match (reference.starts_with, reference.ends_with) {
                (true, true) => "|contains",
                (true, false) => "|startswith",
                (false, true) => "|endswith",
                (false, false) => "",
            };
            (format!("|fieldref{how}"), reference.field.to_string())
        }
        Value::Expansion(_) | Value::Query { .. } => (String::new(), value.kind().to_owned()),
    }
}

/// A pattern in the rule's own syntax. A backslash is doubled where a single one would be read as an
/// escape or as half of a pair.
fn quoted(pattern: &Pattern<'_>) -> String {
    let mut text = String::from("'");
    let mut parts = pattern.parts.iter().peekable();
    while let Some(part) = parts.next() {
        match part {
            Part::Any => text.push('*'),
            Part::One => text.push('?'),
            Part::Placeholder(name) => {
                text.push('%');
                text.push_str(name);
                text.push('%');
            }
            Part::Literal(literal) => {
                let before_wildcard = parts.peek().is_some();
                let mut chars = literal.chars().peekable();
                let mut behind_backslash = false;
                while let Some(c) = chars.next() {
                    let special = match chars.peek() {
                        None => before_wildcard,
                        Some(next) => matches!(next, '*' | '?' | '\\'),
                    };
                    match c {
                        '\\' if special || behind_backslash => text.push_str(r"\\"),
                        '*' | '?' => text.extend(['\\', c]),
                        '\'' => text.push_str("''"),
                        c => text.push(c),
                    }
                    behind_backslash = c == '\\';
                }
            }
        }
    }
    text.push('\'');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_written_as_a_rule_writes_it() {
        let mut pattern = Pattern::literal(r"it's \a*b\");
        pattern.push(Part::Any);
        pattern.push(Part::Literal(r"\\x\?".into()));
        assert_eq!(quoted(&pattern), r"'it''s \a\*b\\*\\\\x\\\?'");
    }
}
