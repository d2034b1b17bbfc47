//! Modifiers as pySigma applies them.
//!
//! In: an item's value as written, or as the modifier before it left it. Out: what pySigma makes of
//! it: numbers are rejected where text is due, `.*` is put around regular expressions, fractions of
//! times are cut off.

use super::encoding::{base64, base64offset, utf16, utf16_marked};
use super::{Pysigma, faults};
use crate::compat::python_regex;
use crate::diagnostic::{Code, Diagnostic};
use crate::modifier::affix::{affix, begins, ends, surrounded};
use crate::modifier::windash::{DASHES, alternatives};
use crate::modifier::{
    Action, Charset, ModifierFault, Rules, Step, ValueFunction, action, case, existence, expand,
    network, reference, regex,
};
use crate::rule::{Item, Modifier, Number, Part, Pattern, Regex, TimePart, Value};
use std::borrow::Cow;

impl Rules for Pysigma {
    fn action(&self, modifier: Modifier) -> Action {
        use Modifier as M;
        let function: ValueFunction = match modifier {
            M::StartsWith => |value, _| around(value, false, true),
            M::EndsWith => |value, _| around(value, true, false),
            M::Contains => |value, _| around(value, true, true),
            M::Exists => |value, step| {
                first(step)?;
                existence::existence(value, step)
            },
            M::Cased => |value, step| case::cased(text(value)?, step),
            M::WinDash => windash,
            M::Re => re,
            M::Base64 => base64,
            M::Base64Offset => base64offset,
            M::Utf16Le => |value, step| utf16(value, step, Charset::Utf16Le),
            M::Utf16Be => |value, step| utf16(value, step, Charset::Utf16Be),
            M::Utf16 => utf16_marked,
            M::Minute => |value, _| time(value, TimePart::Minute),
            M::Hour => |value, _| time(value, TimePart::Hour),
            M::Day => |value, _| time(value, TimePart::Day),
            M::Week => |value, _| time(value, TimePart::Week),
            M::Month => |value, _| time(value, TimePart::Month),
            M::Year => |value, _| time(value, TimePart::Year),
            M::Cidr => |value, step| {
                first(step)?;
                network::network(value)
            },
            M::Expand => |value, step| expand::expand(text(value)?, step),
            M::FieldRef => |value, _| fieldref(value),
            modifier => return action(modifier),
        };
        Action::Value(function)
    }

    /// It takes a modifier twice, and has no bytes to leave to another.
    fn begin(&self, _step: &Step<'_>) -> Result<Option<Charset>, Diagnostic> {
        Ok(None)
    }

    fn doubts(&self, _item: &Item<'_>) -> Vec<Diagnostic> {
        Vec::new()
    }

    fn may_be_faulty(&self, item: &Item<'_>) -> bool {
        faults::may_be(item)
    }

    fn faults(&self, written: &Item<'_>, applied: &Item<'_>) -> Vec<Diagnostic> {
        let refused = applied
            .values
            .iter()
            .filter_map(|value| match &value.value {
                Value::Regex(regex) => python_regex::refusal(regex, value.span),
                _ => None,
            });
        let mut found: Vec<Diagnostic> = refused.collect();
        found.extend(faults::of(written, applied));
        found
    }
}

/// Some modifiers take only values as they were written, and even `all` counts before them.
fn first(step: &Step<'_>) -> Result<(), ModifierFault> {
    step.earlier.last().map_or(Ok(()), |earlier| {
        Err(ModifierFault::NotFirst(earlier.value))
    })
}

/// Rejects a number.
fn text(value: Value<'_>) -> Result<Value<'_>, ModifierFault> {
    match value {
        Value::Number(_) => Err(ModifierFault::kind(&value, "text")),
        value => Ok(value),
    }
}

fn around(value: Value<'_>, before: bool, after: bool) -> Result<Value<'_>, ModifierFault> {
    match text(value)? {
        Value::Regex(regex) => Ok(Value::Regex(regex_around(regex, before, after)?)),
        value => affix(value, before, after),
    }
}

/// Adds `.*` to an end of an expression that has neither `.*` nor an anchor there.
fn regex_around(regex: Regex<'_>, before: bool, after: bool) -> Result<Regex<'_>, ModifierFault> {
    if regex.pattern.parts.is_empty() {
        return Err(ModifierFault::Value(
            Code::ModifierValue,
            "expected a regular expression, found none".to_owned(),
            "write the regular expression, or remove the item".to_owned(),
        ));
    }
    // `.*` would make an expression of these; the reference compiles them without it first.
    let text = regex.pattern.parts.last().map(|part| match part {
        Part::Literal(text) | Part::Placeholder(text) => text.as_ref(),
        Part::Any | Part::One => "",
    });
    let slashes = text.map_or(0, |text| text.len() - text.trim_end_matches('\\').len());
    let quantified = ["*", "+", "?"]
        .iter()
        .any(|sign| begins(&regex.pattern, sign));
    if quantified || slashes % 2 == 1 {
        return Err(ModifierFault::Value(
            Code::InvalidRegex,
            "regular expression is not valid without the `.*` around it".to_owned(),
            "write a literal `*`, `+`, `?` or backslash with a backslash before it".to_owned(),
        ));
    }
    let open = before && !begins(&regex.pattern, ".*") && !begins(&regex.pattern, "^");
    let close = after && !ends(&regex.pattern, ".*") && !ends(&regex.pattern, "$");
    let around = |wanted| if wanted { ".*" } else { "" };
    Ok(surrounded(regex, around(open), around(close)))
}

/// It recognizes the first two dashes only, and forgets `cased`, without an option too where it
/// found a placeholder, as which it sees its dashes.
fn windash<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, ModifierFault> {
    let (pattern, cased) = match value {
        Value::String(pattern) => (pattern, false),
        Value::Cased(pattern) => (pattern, true),
        value => return Err(ModifierFault::kind(&value, "text")),
    };
    Ok(Value::Expansion(
        match alternatives(&pattern, &DASHES[..2], 100_000, step)? {
            Some(found) => found.into_iter().map(Value::String).collect(),
            None if cased && pattern.placeholder().is_none() => vec![Value::Cased(pattern)],
            None => vec![Value::String(pattern)],
        },
    ))
}

fn re<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, ModifierFault> {
    first(step)?;
    Ok(regex::expression(match value {
        Value::String(pattern) => pattern,
        value => plain(value, step)?,
    }))
}

/// It takes anything for a regular expression, as Python prints it, but what would change the
/// text fails on what is none.
fn plain<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Pattern<'s>, ModifierFault> {
    use Modifier as M;
    let changes = |modifier| {
        matches!(
            modifier,
            M::Contains | M::StartsWith | M::EndsWith | M::Expand
        )
    };
    if step.later.iter().any(|later| changes(later.value)) {
        return Err(ModifierFault::kind(&value, "a regular expression as text"));
    }
    Ok(match value {
        Value::Number(number) => Pattern::literal(number.text),
        Value::Bool(true) => Pattern::literal("True"),
        Value::Bool(false) => Pattern::literal("False"),
        Value::Null => Pattern::literal("None"),
        value => return Err(ModifierFault::kind(&value, "a regular expression as text")),
    })
}

fn fieldref(value: Value<'_>) -> Result<Value<'_>, ModifierFault> {
    match value {
        // Whether a reference heeds case is the target's answer; `cased` is lost.
        Value::String(pattern) | Value::Cased(pattern) => {
            reference::check_name(&pattern)?;
            Ok(reference::reference(Cow::Owned(network::printed(&pattern))))
        }
        value => Err(ModifierFault::kind(&value, "a field's name")),
    }
}

fn time(value: Value<'_>, part: TimePart) -> Result<Value<'_>, ModifierFault> {
    match value {
        Value::Number(number) | Value::Time(_, number) => Ok(Value::Time(part, truncated(number))),
        value => Err(ModifierFault::kind(&value, "a whole number")),
    }
}

/// The fraction is cut off.
fn truncated(number: Number<'_>) -> Number<'_> {
    if number.is_integer() {
        return number;
    }
    let value = number.value.trunc();
    Number {
        // The sum turns a negative zero into zero.
        text: Cow::Owned(format!("{:.0}", value + 0.0)),
        value,
    }
}
