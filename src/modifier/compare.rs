//! `lt`, `lte`, `gt`, `gte`: a field as a number, or a part of its time, against a number.

use super::fault::ModifierFault;
use crate::rule::{Comparison, Value};

pub(super) fn compare(
    value: Value<'_>,
    comparison: Comparison,
) -> Result<Value<'_>, ModifierFault> {
    match value {
        Value::Number(number) => Ok(Value::Compare(comparison, None, number)),
        Value::Time(part, number) => Ok(Value::Compare(comparison, Some(part), number)),
        value => Err(ModifierFault::kind(&value, "a number")),
    }
}
