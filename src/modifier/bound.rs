//! How large a value may grow: a chain such as `utf16le|utf16le|…` doubles it with each modifier.
//!
//! In: a value behind a modifier. Out: nothing, or the fault that it is too large to be meant.

use super::Step;
use super::fault::Fault;
use crate::diagnostic::Code;
use crate::rule::{Part, Pattern, Value};

/// Bytes of a value with all its alternatives. No engine takes a query of that length.
const MOST_BYTES: usize = 1 << 20;

/// Each modifier multiplies by a small number, so a value that is measured behind every one of
/// them is never much larger than the limit.
pub(super) fn check(value: &Value<'_>, step: &Step<'_>) -> Result<(), Fault> {
    if bytes(value) <= MOST_BYTES {
        return Ok(());
    }
    Err(Fault::Value(
        Code::ValueTooLarge,
        format!(
            "expected a value of at most {MOST_BYTES} bytes after `{}`, found more",
            step.modifier.name()
        ),
        "Write the modifier once, or a shorter value.".to_owned(),
    ))
}

/// A measure of a value's size; never 0, so that alternatives count.
fn bytes(value: &Value<'_>) -> usize {
    match value {
        Value::String(pattern) | Value::Cased(pattern) => length(pattern),
        Value::Regex(regex) => length(&regex.pattern),
        Value::Expansion(values) => values.iter().map(bytes).sum(),
        _ => 1,
    }
}

fn length(pattern: &Pattern<'_>) -> usize {
    let parts = pattern.parts.iter().map(|part| match part {
        Part::Literal(text) | Part::Placeholder(text) => text.len(),
        Part::Any | Part::One => 1,
    });
    parts.sum::<usize>() + 1
}
