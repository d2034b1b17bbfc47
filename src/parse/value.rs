//! Values: a YAML scalar to a [`Value`].
//!
//! In: `4624`, `'*\cmd.exe'`. Out: a [`Value`], a number or a pattern. Under `re` text is taken as
//! written, without wildcards or escapes.

use super::pattern;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::rule::{Number, Pattern, Value};
use crate::yaml::{Resolved, Scalar};
use std::borrow::Cow;

/// Reads a value; `regex` says that `re` is among its modifiers. An error has no place yet.
pub(super) fn value<'s>(
    scalar: Scalar<'s>,
    regex: bool,
    dialect: &Dialect,
) -> Result<Value<'s>, Diagnostic> {
    match scalar.resolve(dialect) {
        Resolved::Null => Ok(Value::Null),
        Resolved::String => Ok(Value::String(text(
            scalar.text,
            regex || dialect.raw_strings,
        ))),
        // A regular expression is text, whatever it looks like; pySigma is pickier later.
        _ if regex && !dialect.pysigma_values => Ok(Value::String(text(scalar.text, true))),
        Resolved::Timestamp if regex || !dialect.pysigma_values => {
            Ok(Value::String(text(scalar.text, regex)))
        }
        Resolved::Timestamp => Err(Diagnostic::error(
            Code::ValueShape,
            format!("expected a value, found the date `{}`", scalar.text),
        )
        .help(
            "put it in quotes: without them, YAML 1.1 reads a date, which the reference refuses",
        )),
        Resolved::Bool(value) => Ok(Value::Bool(value)),
        Resolved::Number(number) if !number.value.is_finite() => Err(Diagnostic::error(
            Code::InvalidNumber,
            format!("expected a finite number, found `{}`", scalar.text),
        )
        .help("put it in quotes if it is meant as text")),
        // A regular expression is Python's text of the number itself, any other value pySigma's.
        Resolved::Number(number) if dialect.pysigma_values && regex => {
            Ok(Value::Number(if number.is_integer() {
                number
            } else {
                printed(shortest(number.value), number.value)
            }))
        }
        Resolved::Number(number) if dialect.pysigma_values => {
            Ok(Value::Number(as_python_prints(number)))
        }
        Resolved::Number(number) => Ok(Value::Number(number)),
    }
}

/// The reference's text of a number, if its floats change the number, as they do with
/// `9007199254740993`.
pub(super) fn other_number<'v>(
    written: &Scalar<'_>,
    read: &'v Value<'_>,
    dialect: &Dialect,
) -> Option<&'v str> {
    let Value::Number(read) = read else {
        return None;
    };
    let Resolved::Number(written) = written.resolve(dialect) else {
        return None;
    };
    (digits(&written.text) != digits(&read.text)).then_some(read.text.as_ref())
}

/// What a decimal number is: its digits without the zeros at either end, and the power of ten that
/// the first stands for.
fn digits(number: &str) -> (String, i64) {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{}{fraction}", whole.trim_start_matches(['-', '+']));
    let significant = all.trim_start_matches('0');
    let leading = i64::try_from(all.len() - significant.len()).unwrap_or(0);
    let whole = i64::try_from(all.len() - fraction.len()).unwrap_or(0);
    match significant.trim_end_matches('0') {
        "" => (String::new(), 0),
        digits => (digits.to_owned(), whole - leading + exponent),
    }
}

fn text(text: Cow<'_, str>, regex: bool) -> Pattern<'_> {
    if regex {
        Pattern::literal(text)
    } else {
        pattern(text)
    }
}

/// pySigma's numbers: whole where the double is, else the shortest text of the double, with an
/// exponent outside 1e-4 to 1e16, as Python prints it. `9007199254740993` is not a double, hence
/// `9007199254740992.0`.
fn as_python_prints(number: Number<'_>) -> Number<'_> {
    let value = number.value;
    let whole = format!("{:.0}", value + 0.0);
    if number.text == whole {
        return number;
    }
    let text = if value.fract() == 0.0 && (!number.is_integer() || number.text == "-0") {
        whole
    } else {
        shortest(value)
    };
    printed(text, value)
}

fn printed<'s>(text: String, value: f64) -> Number<'s> {
    Number {
        text: Cow::Owned(text),
        value,
    }
}

fn shortest(value: f64) -> String {
    if (1e-4..1e16).contains(&value.abs()) {
        return format!("{value:?}");
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_however_they_are_written() {
        for (one, other, same) in [
            ("1000", "1e3", true),
            ("1.50", "1.5", true),
            ("0.0001", "1e-04", true),
            ("-0", "0", true),
            ("10000000000000000000000", "1e+22", true),
            ("9007199254740993", "9007199254740992.0", false),
            ("12345678901234567890", "1.2345678901234567e+19", false),
        ] {
            assert_eq!(digits(one) == digits(other), same, "{one} {other}");
        }
    }

    #[test]
    fn numbers_print_as_in_python() {
        for (written, printed) in [
            ("5", "5"),
            ("-7", "-7"),
            ("1.50", "1.5"),
            ("2.0", "2"),
            ("1e3", "1000"),
            ("-0.0", "0"),
            ("-0", "0"),
            ("9007199254740993", "9007199254740992.0"),
            ("9007199254740992", "9007199254740992"),
            ("12345678901234567890", "1.2345678901234567e+19"),
            ("1e22", "10000000000000000000000"),
            ("0.00001", "1e-05"),
            ("0.0001", "0.0001"),
            ("1.5e-7", "1.5e-07"),
        ] {
            let number = Number {
                text: written.into(),
                value: written.parse().unwrap(),
            };
            assert_eq!(as_python_prints(number).text, printed, "{written}");
        }
    }
}
