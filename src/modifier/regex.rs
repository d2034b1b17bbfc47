//! `re` and its flags `i`, `m`, `s`.

use super::Step;
use super::fault::ModifierFault;
use crate::rule::{Part, Pattern, Regex, RegexFlags, Value};
use std::borrow::Cow;

/// The text was kept as written, for `parse` reads no escapes where the chain holds `re`.
pub(super) fn re<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, ModifierFault> {
    step.first()?;
    match value {
        Value::String(pattern) => Ok(expression(pattern)),
        Value::Number(number) => Ok(expression(Pattern::literal(number.text))),
        value => Err(ModifierFault::kind(&value, "a regular expression as text")),
    }
}

/// The regular expression of a text.
pub(crate) fn expression(pattern: Pattern<'_>) -> Value<'_> {
    Value::Regex(Regex {
        pattern: as_written(pattern),
        flags: RegexFlags::default(),
    })
}

pub(super) fn flag(value: Value<'_>, set: fn(&mut RegexFlags)) -> Result<Value<'_>, ModifierFault> {
    match value {
        Value::Regex(mut regex) => {
            set(&mut regex.flags);
            Ok(Value::Regex(regex))
        }
        value => Err(ModifierFault::kind(&value, "a regular expression (`re`)")),
    }
}

/// An item that a pipeline made may hold wildcards here; in a regular expression they are
/// characters like others.
fn as_written(pattern: Pattern<'_>) -> Pattern<'_> {
    let mut written = Pattern::default();
    for part in pattern.parts {
        written.push(match part {
            Part::Any => Part::Literal(Cow::Borrowed("*")),
            Part::One => Part::Literal(Cow::Borrowed("?")),
            part => part,
        });
    }
    written
}
