//! Plain data in pipelines: what `set_state`, `vars` and comparisons hold.
//!
//! In: YAML nodes. Out: JSON values. Pipelines are YAML 1.1 as PyYAML reads it, in every profile:
//! they are written for pySigma and must mean here what they mean there.

use crate::rule::{self, Number, Part, Pattern, fold};
use crate::yaml::{Content, Node, Resolved, Scalar, Schema};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cmp::Ordering;

/// The data of a node.
pub fn read(node: &Node<'_>) -> Value {
    match &node.content {
        Content::Scalar(scalar) => read_scalar(scalar),
        Content::Sequence(items) => Value::Array(items.iter().map(read).collect()),
        Content::Mapping(pairs) => Value::Object(
            pairs
                .iter()
                .map(|(key, value)| (text(&read(key)), read(value)))
                .collect::<Map<_, _>>(),
        ),
    }
}

fn read_scalar(scalar: &Scalar<'_>) -> Value {
    match scalar.resolve(Schema::PyYaml) {
        Resolved::Null => Value::Null,
        Resolved::Bool(value) => Value::Bool(value),
        Resolved::Number(number) => serde_json::from_str(&number.text)
            .ok()
            .filter(Value::is_number)
            .or_else(|| serde_json::Number::from_f64(number.value).map(Value::Number))
            .unwrap_or_else(|| Value::String(number.text.into_owned())),
        Resolved::Timestamp | Resolved::String => Value::String(scalar.text.clone().into_owned()),
    }
}

/// Is it `null`, `~` or nothing?
pub fn is_null(node: &Node<'_>) -> bool {
    node.as_scalar()
        .is_some_and(|scalar| read_scalar(scalar).is_null())
}

/// Was it written without quotes?
pub fn is_plain(node: &Node<'_>) -> bool {
    node.as_scalar().is_some_and(|scalar| scalar.plain)
}

/// Text as Python's `str` gives it.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Number(number) => super::python::dump_json::number(number),
        Value::String(text) => text.clone(),
        other => super::python::dump_json::dump(other, None),
    }
}

/// A number's worth; text that is a number counts, as in Python's `float`.
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Is the value a rule's number? `true` is 1 in Python.
pub fn is_number(value: &Value, wanted: &Number<'_>) -> bool {
    match value {
        Value::Number(found) if wanted.is_integer() && !found.is_f64() => {
            found.to_string() == wanted.text
        }
        Value::Number(found) => found.as_f64() == Some(wanted.value),
        Value::Bool(_) => number(value).map(f64::to_bits) == Some(wanted.value.to_bits()),
        _ => false,
    }
}

/// A value that a condition asks for.
#[derive(Debug)]
pub struct Wanted {
    /// It, as written.
    pub value: Value,
    /// Of a text.
    pub pattern: Option<Pattern<'static>>,
}

impl Wanted {
    /// Reads it.
    pub fn new(value: Value) -> Self {
        let pattern = value.as_str().map(super::text::parse);
        Self { value, pattern }
    }

    /// Is it a rule's value, as Sigma compares them: without regard to case, `true` and `'true'`, `1`
    /// and `'1'` alike?
    pub fn means(&self, value: &rule::Value<'_>) -> bool {
        match (&self.pattern, value) {
            (Some(wanted), rule::Value::Cased(pattern)) => wanted == pattern,
            (Some(wanted), rule::Value::String(pattern)) => {
                let pairs = wanted.parts.iter().zip(&pattern.parts);
                wanted.parts.len() == pattern.parts.len()
                    && pairs.into_iter().all(|pair| match pair {
                        (Part::Literal(wanted), Part::Literal(found)) => fold::equal(wanted, found),
                        (wanted, found) => wanted == found,
                    })
            }
            (None, rule::Value::String(pattern) | rule::Value::Cased(pattern)) => {
                let text = pattern.as_literal().unwrap_or_default();
                match &self.value {
                    Value::Bool(wanted) => text.eq_ignore_ascii_case(&wanted.to_string()),
                    Value::Number(wanted) => text == wanted.to_string(),
                    _ => false,
                }
            }
            (Some(wanted), rule::Value::Bool(value)) => wanted
                .as_literal()
                .is_some_and(|wanted| wanted.eq_ignore_ascii_case(&value.to_string())),
            (Some(wanted), rule::Value::Number(number)) => {
                wanted.as_literal() == Some(number.text.as_ref())
            }
            (None, rule::Value::Bool(value)) => self.value.as_bool() == Some(*value),
            (None, rule::Value::Number(number)) => {
                !self.value.is_boolean() && is_number(&self.value, number)
            }
            (None, rule::Value::Null) => self.value.is_null(),
            _ => false,
        }
    }
}

/// Python's `==`.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(_), _) | (_, Value::String(_)) => left == right,
        _ => match (number(left), number(right)) {
            (Some(left), Some(right)) => left.partial_cmp(&right) == Some(Ordering::Equal),
            _ => left == right,
        },
    }
}

/// Python's order, where there is one.
pub fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::String(_), _) | (_, Value::String(_)) => None,
        _ => number(left)?.partial_cmp(&number(right)?),
    }
}

/// A day: `2024-01-31`, `2024/1/31` or `20240131`.
pub fn date(text: &str) -> Option<(u16, u8, u8)> {
    let compact = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = if compact {
        vec![&text[..4], &text[4..6], &text[6..]]
    } else {
        text.split(['-', '/']).collect()
    };
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some((year, month, day))
}

/// A node that owns its text.
pub fn owned(node: &Node<'_>) -> Node<'static> {
    Node {
        span: node.span,
        content: match &node.content {
            Content::Scalar(scalar) => Content::Scalar(Scalar {
                text: Cow::Owned(scalar.text.clone().into_owned()),
                plain: scalar.plain,
                tag: scalar.tag,
            }),
            Content::Sequence(items) => Content::Sequence(items.iter().map(owned).collect()),
            Content::Mapping(pairs) => Content::Mapping(
                pairs
                    .iter()
                    .map(|(key, value)| (owned(key), owned(value)))
                    .collect(),
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_compare_as_sigmas_do() {
        let text = |text: &str| rule::Value::String(Pattern::literal(text.to_owned()));
        for (wanted, value, same) in [
            (json!(true), text("True"), true),
            (json!("true"), rule::Value::Bool(true), true),
            (json!(true), text("yes"), false),
            (json!(4688), text("4688"), true),
            (json!("Foo"), text("fOO"), true),
            (
                json!("Foo"),
                rule::Value::Cased(Pattern::literal("foo")),
                false,
            ),
            (json!(1), rule::Value::Bool(true), false),
            (json!(null), rule::Value::Null, true),
        ] {
            let wanted = Wanted::new(wanted);
            assert_eq!(wanted.means(&value), same, "{wanted:?}");
        }
    }
}
