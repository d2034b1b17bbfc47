//! Transformations of whole values: `set_value`, `convert_type`, `drop_detection_item`.

use super::walk::{Outcome, Replacement};
use super::{Pass, Transformation};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::data;
use crate::pipeline::reader::Keys;
use crate::pipeline::text;
use crate::rule::{Number, Pattern, Value};
use std::borrow::Cow;

#[derive(Debug, Clone, Copy)]
pub enum Type {
    Str,
    Num,
}

const TYPES: &[(&str, Type)] = &[("str", Type::Str), ("num", Type::Num)];

/// `drop_detection_item`
#[derive(Debug)]
pub struct DropItem;

impl Transformation for DropItem {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        pass.each_item(|_, _| Ok(Outcome::Dropped))
    }
}

/// `set_value`
#[derive(Debug)]
pub struct SetValue(Value<'static>);

impl SetValue {
    /// Reads it.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        use serde_json::Value as Data;
        let data = keys.data("value")?;
        let force = keys.choice("force_type", TYPES);
        let value = match (&data, force) {
            (Data::Array(_) | Data::Object(_), _) | (Data::Null, Some(_)) => None,
            (data, Some(Type::Str)) => Some(Value::String(text::parse(&data::text(data)))),
            (data, Some(Type::Num)) => number(&data::text(data)).map(Value::Number),
            (Data::Null, None) => Some(Value::Null),
            (Data::Bool(value), None) => Some(Value::Bool(*value)),
            (Data::String(value), None) => Some(Value::String(text::parse(value))),
            (Data::Number(value), None) => number(&value.to_string()).map(Value::Number),
        };
        if value.is_none() {
            let expected = match force {
                Some(Type::Num) => "a number",
                _ => "text, a number, `true` or `false`",
            };
            keys.wrong("value", keys.node_or_null("value")?, expected);
        }
        value.map(Self)
    }
}

/// A number of a text or of a YAML number; `1.0` is 1, as in pySigma.
pub fn number(text: &str) -> Option<Number<'static>> {
    if let Some(number) = integer(text) {
        return Some(number);
    }
    let value: f64 = text.trim().parse().ok()?;
    if !value.is_finite() {
        return None;
    }
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
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        pass.each_value(false, |_, _, _| {
            Ok(Replacement::One(text::borrowed_value(&self.0)))
        })
    }
}

/// `convert_type`
#[derive(Debug)]
pub struct ConvertType(Type);

impl ConvertType {
    /// Reads it.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        keys.choice("target_type", TYPES).map(Self)
    }
}

impl Transformation for ConvertType {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let as_text = |number: &Number<'s>| {
            Replacement::One(Value::String(Pattern::literal(number.text.clone())))
        };
        pass.each_value(true, |_, value, state| {
            Ok(match (self.0, value) {
                (Type::Str, value) => {
                    let number = state.settings.items.number(value);
                    number.map_or(Replacement::Keep, as_text)
                }
                (Type::Num, Value::String(pattern) | Value::Cased(pattern)) => {
                    let plain = text::plain(pattern);
                    let problem = || {
                        let message =
                            format!("expected a whole number to convert, found `{plain}`");
                        Diagnostic::error(Code::TransformationFailed, message)
                    };
                    Replacement::One(Value::Number(integer(&plain).ok_or_else(problem)?))
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
