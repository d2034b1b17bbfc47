//! The texts that a number has in an index or a column.
//!
//! In: `4624`, as a rule writes it. Out: all that an engine's text of the same number can be: `4624`,
//! `4624.0`.

use crate::backend::literal::{Literal, Unsayable};
use crate::rule::Number;
use std::borrow::Cow;

/// Each text that an engine can have of a number, once: those that count as the number, an integer
/// with all of its digits, and a double as Java prints it.
pub(super) fn spellings<'n>(number: &'n Number<'_>) -> Vec<Cow<'n, str>> {
    let mut texts = number.texts();
    for text in [whole(number), java_double(number)].into_iter().flatten() {
        if !texts.iter().any(|known| *known == text) {
            texts.push(text.into());
        }
    }
    texts
}

/// Writes texts of a number as literals.
pub(super) fn write(
    texts: &[Cow<'_, str>],
    separator: &str,
    literal: &Literal,
    out: &mut String,
) -> Result<(), Unsayable> {
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            out.push_str(separator);
        }
        literal.write_text(text, out)?;
    }
    Ok(())
}

/// All digits of what is no integer as it is written but by its worth, where 64 bits hold it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the bound is one of 64 bits"
)]
fn whole(number: &Number<'_>) -> Option<String> {
    let value = number.value;
    let is_whole = !number.is_integer() && value.fract() == 0.0 && value.abs() < 9.2e18;
    is_whole.then(|| (value as i64).to_string())
}

/// What Java's `Double.toString` makes of it; nothing for an integer that no double is.
/// <https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/Double.html#toString(double)>
#[expect(
    clippy::cast_possible_truncation,
    reason = "a double that is an integer is compared with that integer"
)]
fn java_double(number: &Number<'_>) -> Option<String> {
    let value = number.value;
    let same = |integer: i128| value.abs() < 1e38 && value as i128 == integer;
    if !value.is_finite() || number.text.parse().is_ok_and(|integer| !same(integer)) {
        return None;
    }
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        return Some(format!("{value:?}"));
    }
    let scientific = format!("{value:E}");
    let (digits, exponent) = scientific.split_once('E')?;
    let point = if digits.contains('.') { "" } else { ".0" };
    Some(format!("{digits}{point}E{exponent}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number<'_> {
        Number {
            text: text.into(),
            value: text.parse().unwrap(),
        }
    }

    #[test]
    fn an_engine_has_a_double_as_java_prints_it() {
        for (written, texts) in [
            ("4624", "4624 4624.0"),
            ("1.5", "1.5"),
            ("1.50", "1.50 1.5"),
            ("3.0", "3.0 3"),
            ("10000000", "10000000 1.0E7"),
            ("12345678.5", "12345678.5 1.23456785E7"),
            ("0.0001", "0.0001 1.0E-4"),
            ("1e21", "1e21 1E21 1e+21 1.0E21"),
            ("-0.0", "-0.0 0"),
            ("1e16", "1e16 1E16 1e+16 10000000000000000 1.0E16"),
            ("9007199254740993", "9007199254740993"),
            ("9007199254740992", "9007199254740992 9.007199254740992E15"),
        ] {
            assert_eq!(spellings(&number(written)).join(" "), texts, "{written}");
        }
    }
}
