//! `re` and its flags `i`, `m`, `s`.

use super::Step;
use super::fault::Fault;
use crate::rule::{Modifier, Part, Pattern, Regex, RegexFlags, Value};
use std::borrow::Cow;

/// The text is as written: `parse` reads no escapes under `re`.
pub(super) fn re<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, Fault> {
    step.first()?;
    let pattern = match value {
        Value::String(pattern) => as_written(pattern),
        value if step.dialect.pysigma_values => pysigma_plain(value, step)?,
        Value::Number(number) => Pattern::literal(number.text),
        value => return Err(Fault::kind(&value, "a regular expression as text")),
    };
    Ok(Value::Regex(Regex {
        pattern,
        flags: RegexFlags::default(),
    }))
}

/// pySigma takes the text of any value, as Python prints it, for a regular expression; modifiers that
/// change the text fail on other values.
fn pysigma_plain<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Pattern<'s>, Fault> {
    use Modifier as M;
    let changes = |modifier| {
        matches!(
            modifier,
            M::Contains | M::StartsWith | M::EndsWith | M::Expand
        )
    };
    if step.later.iter().any(|later| changes(later.value)) {
        return Err(Fault::kind(&value, "a regular expression as text"));
    }
    Ok(match value {
        Value::Number(number) => Pattern::literal(number.text),
        Value::Bool(true) => Pattern::literal("True"),
        Value::Bool(false) => Pattern::literal("False"),
        Value::Null => Pattern::literal("None"),
        value => return Err(Fault::kind(&value, "a regular expression as text")),
    })
}

pub(super) fn ignore_case<'s>(value: Value<'s>, _: &Step<'_>) -> Result<Value<'s>, Fault> {
    flag(value, |flags| flags.ignore_case = true)
}

pub(super) fn multi_line<'s>(value: Value<'s>, _: &Step<'_>) -> Result<Value<'s>, Fault> {
    flag(value, |flags| flags.multi_line = true)
}

pub(super) fn dot_all<'s>(value: Value<'s>, _: &Step<'_>) -> Result<Value<'s>, Fault> {
    flag(value, |flags| flags.dot_all = true)
}

fn flag(value: Value<'_>, set: fn(&mut RegexFlags)) -> Result<Value<'_>, Fault> {
    match value {
        Value::Regex(mut regex) => {
            set(&mut regex.flags);
            Ok(Value::Regex(regex))
        }
        value => Err(Fault::kind(&value, "a regular expression (`re`)")),
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
