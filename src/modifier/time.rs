//! `minute`, `hour`, `day`, `week`, `month`, `year`: a part of the field's time.

use super::Step;
use super::fault::ModifierFault;
use crate::diagnostic::Code;
use crate::rule::{Modifier, TimePart, Value};
use std::ops::RangeInclusive;

pub(super) fn time<'s>(
    value: Value<'s>,
    step: &Step<'_>,
    part: TimePart,
) -> Result<Value<'s>, ModifierFault> {
    match value {
        Value::Number(number) if number.value.fract() != 0.0 => Err(ModifierFault::Value(
            Code::ModifierValue,
            format!(
                "expected a whole number for `{}`, found {}",
                part.name(),
                number.text
            ),
            "write a whole number".to_owned(),
        )),
        // `hour|lt: 24` is odd but true; `hour: 24` never is.
        Value::Number(number) if !compared(step) && !range(part).contains(&number.value) => {
            let range = range(part);
            Err(ModifierFault::Value(
                Code::ModifierValue,
                format!(
                    "expected {} to {} for `{}`, found {}",
                    range.start(),
                    range.end(),
                    part.name(),
                    number.text
                ),
                "write a number in this range; the item would never match".to_owned(),
            ))
        }
        Value::Number(number) => Ok(Value::Time(part, number)),
        value => Err(ModifierFault::kind(&value, "a whole number")),
    }
}

fn compared(step: &Step<'_>) -> bool {
    use Modifier as M;
    step.later
        .iter()
        .any(|later| matches!(later.value, M::Lt | M::Lte | M::Gt | M::Gte))
}

const fn range(part: TimePart) -> RangeInclusive<f64> {
    match part {
        TimePart::Minute => 0.0..=59.0,
        TimePart::Hour => 0.0..=23.0,
        TimePart::Day => 1.0..=31.0,
        TimePart::Week => 1.0..=53.0,
        TimePart::Month => 1.0..=12.0,
        TimePart::Year => 0.0..=9999.0,
    }
}
