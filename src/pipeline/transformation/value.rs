//! Transformations of whole values: `set_value`, `convert_type`, `drop_detection_item`.

use super::walk::{Outcome, Replacement, each_item, each_value};
use super::{Load, Transformation};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::data;
use crate::pipeline::entry::{Entry, nullable, optional, required};
use crate::pipeline::item::ProcessingItem;
use crate::pipeline::reader::Keys;
use crate::pipeline::state::State;
use crate::pipeline::text;
use crate::rule::{Number, Pattern, Rule, Value};
use std::borrow::Cow;

/// `drop_detection_item`
pub const DROP_DETECTION_ITEM: Entry<Load> = Entry {
    name: "drop_detection_item",
    summary: "Removes the detection items that meet the conditions.",
    keys: &[],
    load: |_| Some(Box::new(DropItem)),
};

/// `set_value`
pub const SET_VALUE: Entry<Load> = Entry {
    name: "set_value",
    summary: "Puts one value in place of every value.",
    keys: &[
        nullable("value", "text, a number, `true`, `false` or `null`"),
        optional(
            "force_type",
            "`str` or `num`: what a text or number becomes",
        ),
    ],
    load: |keys| Some(Box::new(SetValue(load_value(keys)?))),
};

/// `convert_type`
pub const CONVERT_TYPE: Entry<Load> = Entry {
    name: "convert_type",
    summary: "Makes strings of numbers, or numbers of strings.",
    keys: &[required("target_type", "`str` or `num`")],
    load: |keys| {
        let target = keys.choice("target_type", &[("str", Type::Str), ("num", Type::Num)])?;
        Some(Box::new(ConvertType(target)))
    },
};

#[derive(Debug, Clone, Copy)]
enum Type {
    Str,
    Num,
}

#[derive(Debug)]
struct DropItem;

impl Transformation for DropItem {
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        each_item(item, rule, state, |_, _| Ok(Outcome::Dropped))
    }
}

#[derive(Debug)]
struct SetValue(Value<'static>);

fn load_value(keys: &Keys<'_>) -> Option<Value<'static>> {
    let node = keys.node_or_null("value")?;
    let value = data::read(node);
    let force = match keys.node("force_type") {
        Some(_) => Some(keys.choice("force_type", &[("str", Type::Str), ("num", Type::Num)])?),
        None => None,
    };
    let made = match (&value, force) {
        (serde_json::Value::Array(_) | serde_json::Value::Object(_), _)
        | (serde_json::Value::Null, Some(_)) => None,
        (value, Some(Type::Str)) => Some(Value::String(text::parse(&data::text(value)))),
        (value, Some(Type::Num)) => number(&data::text(value)).map(Value::Number),
        (serde_json::Value::Null, None) => Some(Value::Null),
        (serde_json::Value::Bool(value), None) => Some(Value::Bool(*value)),
        (serde_json::Value::String(value), None) => Some(Value::String(text::parse(value))),
        (serde_json::Value::Number(value), None) => number(&value.to_string()).map(Value::Number),
    };
    if made.is_none() {
        let expected = match force {
            Some(Type::Num) => "a number",
            _ => "text, a number, `true` or `false`",
        };
        keys.wrong("value", node, expected);
    }
    made
}

/// A number of a text or of a YAML number; `1.0` is 1, as in pySigma.
pub fn number(text: &str) -> Option<Number<'static>> {
    if let Some(number) = integer(text) {
        return Some(number);
    }
    let value: f64 = text
        .trim()
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())?;
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return integer(&format!("{value:.0}"));
    }
    let text = serde_json::Number::from_f64(value)
        .map(|number| crate::pipeline::python::dump_json::number(&number))?;
    Some(Number {
        text: Cow::Owned(text),
        value,
    })
}

/// A whole number as Python's `int` reads it: signs, spaces around and `_` between are allowed.
fn integer(text: &str) -> Option<Number<'static>> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let valid = digits
        .split('_')
        .all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    if !valid {
        return None;
    }
    let digits = digits.replace('_', "");
    let digits = digits.trim_start_matches('0');
    let text = match digits {
        "" => "0".to_owned(),
        digits => format!("{sign}{digits}"),
    };
    let value = text.parse().ok()?;
    Some(Number {
        text: Cow::Owned(text),
        value,
    })
}

impl Transformation for SetValue {
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        each_value(item, rule, state, false, |_, _, _| {
            Ok(Replacement::One(text::borrowed_value(&self.0)))
        })
    }
}

#[derive(Debug)]
struct ConvertType(Type);

impl Transformation for ConvertType {
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        each_value(item, rule, state, true, |_, value, state| {
            Ok(match (self.0, value) {
                (Type::Str, Value::Number(number)) => {
                    Replacement::One(Value::String(Pattern::literal(number.text.clone())))
                }
                // pySigma takes a part of a time for a plain number.
                (Type::Str, Value::Time(_, number)) if state.settings.compat => {
                    Replacement::One(Value::String(Pattern::literal(number.text.clone())))
                }
                (Type::Num, Value::String(pattern) | Value::Cased(pattern)) => {
                    let plain = text::plain(pattern);
                    let number = integer(&plain).ok_or_else(|| {
                        Diagnostic::error(
                            Code::TransformationFailed,
                            format!("expected a whole number to convert, found `{plain}`"),
                        )
                    })?;
                    Replacement::One(Value::Number(number))
                }
                _ => Replacement::Keep,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_pythons() {
        let text = |written: &str| number(written).map(|number| number.text.into_owned());
        assert_eq!(text(" +1_000 ").as_deref(), Some("1000"));
        assert_eq!(text("1.0").as_deref(), Some("1"));
        assert_eq!(text("-007").as_deref(), Some("-7"));
        assert_eq!(text("2.5").as_deref(), Some("2.5"));
        assert_eq!(text("nan"), None);
        assert_eq!(text("x"), None);
        assert!(integer("12.5").is_none());
    }
}
