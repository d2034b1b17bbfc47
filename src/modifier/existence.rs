//! `exists`: is the field there, whatever its value?

use super::Step;
use super::fault::ModifierFault;
use crate::diagnostic::Code;
use crate::rule::Value;

pub(super) fn exists<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, ModifierFault> {
    step.first()?;
    existence(value, step)
}

/// The test of a value, whatever modifiers precede it.
pub(crate) fn existence<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, ModifierFault> {
    if step.keyword {
        return Err(ModifierFault::Value(
            Code::ModifierValue,
            "expected a field before `exists`, found none".to_owned(),
            "name the field that should exist: `Field|exists: true`".to_owned(),
        ));
    }
    match value {
        Value::Bool(exists) => Ok(Value::Exists(exists)),
        value => {
            let truth = match &value {
                Value::String(pattern) => pattern.as_literal().and_then(truth),
                _ => None,
            };
            Err(ModifierFault::Kind {
                found: value.kind(),
                expected: "`true` or `false`",
                help: truth.map(|truth| format!("write `{truth}`, without quotes")),
            })
        }
    }
}

/// What YAML 1.1 took for a boolean, and what people put in quotes.
fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}
