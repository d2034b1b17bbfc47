//! `lt`, `lte`, `gt`, `gte`: a field as a number, or a part of its time, against a number.

use super::Step;
use super::fault::Fault;
use crate::rule::{Comparison, Value};

pub(super) fn lt<'s>(value: Value<'s>, _: &Step<'_>) -> Result<Value<'s>, Fault> {
    compare(value, Comparison::Lt)
}

pub(super) fn lte<'s>(value: Value<'s>, _: &Step<'_>) -> Result<Value<'s>, Fault> {
    compare(value, Comparison::Lte)
}

pub(super) fn gt<'s>(value: Value<'s>, _: &Step<'_>) -> Result<Value<'s>, Fault> {
    compare(value, Comparison::Gt)
}

pub(super) fn gte<'s>(value: Value<'s>, _: &Step<'_>) -> Result<Value<'s>, Fault> {
    compare(value, Comparison::Gte)
}

fn compare(value: Value<'_>, comparison: Comparison) -> Result<Value<'_>, Fault> {
    match value {
        Value::Number(number) => Ok(Value::Compare(comparison, None, number)),
        Value::Time(part, number) => Ok(Value::Compare(comparison, Some(part), number)),
        value => Err(Fault::kind(&value, "a number")),
    }
}
