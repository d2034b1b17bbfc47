//! The texts that a number has in an index or a column.
//!
//! In: `1.50`, as a rule writes it. Out: `1.5`, its shortest form, or all that an engine's text of
//! the same number can be: `1.50`, `1.5`.

use crate::rule::Number;

/// The shortest decimal form: `1.5` of `1.50`, `1000` of `1e3`. What JSON writes with an exponent
/// stays as it is.
pub(super) fn shortest(number: &Number<'_>) -> String {
    let text = number.text.as_ref();
    if let Ok(integer) = text.parse::<i128>() {
        return integer.to_string();
    }
    let size = number.value.abs();
    if number.is_integer() || !(size == 0.0 || (1e-6..1e21).contains(&size)) {
        return text.to_owned();
    }
    if size == 0.0 {
        return "0".to_owned();
    }
    number.value.to_string()
}

/// Each text that an engine can have of a number, once: as the rule writes it, in its shortest form,
/// and as Java prints a double.
pub(super) fn spellings(number: &Number<'_>) -> Vec<String> {
    let mut texts = vec![number.text.to_string()];
    let upper = number.text.replace('e', "E");
    for text in [Some(upper), Some(shortest(number)), java_double(number)] {
        texts.extend(text.filter(|text| !texts.contains(text)));
    }
    texts
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
    fn the_shortest_form_has_the_same_value() {
        for (written, short) in [
            ("1.50", "1.5"),
            ("3.0", "3"),
            ("007", "7"),
            ("1e3", "1000"),
            ("-0.0", "0"),
            ("0.10", "0.1"),
            ("1e21", "1e21"),
            ("9007199254740993", "9007199254740993"),
            (
                "340282366920938463463374607431768211456",
                "340282366920938463463374607431768211456",
            ),
        ] {
            assert_eq!(shortest(&number(written)), short, "{written}");
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
            ("1e21", "1e21 1E21 1.0E21"),
            ("-0.0", "-0.0 0"),
            ("9007199254740993", "9007199254740993"),
            ("9007199254740992", "9007199254740992 9.007199254740992E15"),
        ] {
            assert_eq!(spellings(&number(written)).join(" "), texts, "{written}");
        }
    }
}
