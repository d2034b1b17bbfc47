//! `cased`: letters compare exactly.

use super::Step;
use super::fault::ModifierFault;
use crate::rule::Value;

pub(crate) fn cased<'s>(value: Value<'s>, _: &Step<'_>) -> Result<Value<'s>, ModifierFault> {
    match value {
        Value::String(pattern) | Value::Cased(pattern) => Ok(Value::Cased(pattern)),
        // A number has no letters.
        Value::Number(number) => Ok(Value::Number(number)),
        value => Err(ModifierFault::kind(&value, "text")),
    }
}
