//! Numbers as Python prints them, for what a reference prints.

use crate::rule::Number;

/// The text that Python gives a number which went through `int()` and `float()`: whole numbers
/// without a point, others by `repr`. `9007199254740993` becomes `9007199254740992.0`.
#[must_use]
pub fn python(number: &Number<'_>) -> String {
    let value = number.value;
    if number.is_integer() {
        let exact = number.text.parse::<i128>().ok();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "compared with the original"
        )]
        let same = exact.is_some_and(|integer| value as i128 == integer);
        if same || exact.is_none() && value.is_finite() {
            return exact.map_or_else(|| number.text.to_string(), |integer| integer.to_string());
        }
        return repr(value);
    }
    if value.fract() == 0.0 && value.is_finite() {
        return format!("{value:.0}");
    }
    repr(value)
}

/// Python's `repr` of a float: shortest digits, an exponent below 1e-4 and from 1e16 on.
fn repr(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) {
        return format!("{value:?}");
    }
    let text = format!("{value:e}");
    let Some((digits, exponent)) = text.split_once('e') else {
        return text;
    };
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
    fn numbers_print_as_in_python() {
        for (text, expected) in [
            ("4624", "4624"),
            ("9007199254740993", "9007199254740992.0"),
            ("9007199254740992", "9007199254740992"),
            ("1.0", "1"),
            ("1.50", "1.5"),
            ("0.00001", "1e-05"),
            ("-0.5", "-0.5"),
            ("1e22", "10000000000000000000000"),
        ] {
            let number = Number {
                text: text.into(),
                value: text.parse().unwrap(),
            };
            assert_eq!(python(&number), expected, "{text}");
        }
    }
}
