//! What jq's operators make of values.

use serde_json::{Number, Value};
use std::cmp::Ordering;

/// A number; whole ones stay whole.
pub fn number(value: f64) -> Value {
    #[allow(clippy::cast_possible_truncation)]
    let whole = value as i64;
    #[allow(clippy::cast_precision_loss, clippy::float_cmp)]
    if whole as f64 == value && whole.unsigned_abs() < 1 << 53 {
        return whole.into();
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// `"number"`, `"string"`, …
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Everything but `null` and `false`.
pub fn is_true(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(false) => 1,
        Value::Bool(true) => 2,
        Value::Number(_) => 3,
        Value::String(_) => 4,
        Value::Array(_) => 5,
        Value::Object(_) => 6,
    }
}

/// jq's order of all values.
pub fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => {
                let (left, right) = (left.as_f64(), right.as_f64());
                left.partial_cmp(&right).unwrap_or(Ordering::Equal)
            }
        },
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Array(left), Value::Array(right)) => {
            let mut pairs = left.iter().zip(right);
            pairs
                .find_map(|(left, right)| Some(compare(left, right)).filter(|by| by.is_ne()))
                .unwrap_or_else(|| left.len().cmp(&right.len()))
        }
        (Value::Object(left), Value::Object(right)) => {
            let mut keys: (Vec<_>, Vec<_>) = (left.keys().collect(), right.keys().collect());
            keys.0.sort();
            keys.1.sort();
            keys.0.cmp(&keys.1).then_with(|| {
                let mut pairs = keys.0.iter().map(|key| (&left[*key], &right[*key]));
                pairs
                    .find_map(|(left, right)| Some(compare(left, right)).filter(|by| by.is_ne()))
                    .unwrap_or(Ordering::Equal)
            })
        }
        _ => rank(left).cmp(&rank(right)),
    }
}

/// An error's text, with no more of a value than a line shows.
pub fn cannot(left: &Value, right: &Value, done: &str) -> Value {
    let text = format!("{} and {} can't be {done}", short(left), short(right));
    Value::String(text)
}

/// A value's kind, and its text where it is a scalar.
pub fn short(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => format!("an {}", kind(value)),
        Value::String(text) => {
            let start: String = text.chars().take(24).collect();
            let rest = if start.len() < text.len() { "…" } else { "" };
            format!("\"{start}{rest}\"")
        }
        scalar => scalar.to_string(),
    }
}

/// Parts of the value that the other contains, as `contains` has it.
pub fn contains(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(left), Value::String(right)) => left.contains(right.as_str()),
        (Value::Array(left), Value::Array(right)) => right
            .iter()
            .all(|wanted| left.iter().any(|found| contains(found, wanted))),
        (Value::Object(left), Value::Object(right)) => right
            .iter()
            .all(|(key, wanted)| left.get(key).is_some_and(|found| contains(found, wanted))),
        _ => compare(left, right).is_eq(),
    }
}
