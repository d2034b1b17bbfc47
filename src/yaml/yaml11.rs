//! A plain scalar as PyYAML's `SafeLoader` resolves it: YAML 1.1, with the patterns of its
//! `resolver.py` and the arithmetic of its `constructor.py` (6.0).
//!
//! In: `010`, `1:30`, `yes`. Out: the number 8, the number 90, true.

use super::Number;
use super::resolve::{Resolved, decimal, infinite, not_a_number, radix, sign, whole};
use std::borrow::Cow;

/// What a plain scalar is in YAML 1.1.
pub(super) fn plain(text: &str) -> Resolved<'_> {
    let bytes = text.as_bytes();
    let Some(first) = bytes.first() else {
        return Resolved::Null;
    };
    match first {
        b'~' if bytes.len() == 1 => Resolved::Null,
        b'n' | b'N' if matches!(text, "null" | "Null" | "NULL") => Resolved::Null,
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' => {
            truth(text).map_or(Resolved::String, Resolved::Bool)
        }
        b'0'..=b'9' | b'+' | b'-' | b'.' => match number(text) {
            Some(number) => Resolved::Number(number),
            None if is_timestamp(bytes) => Resolved::Timestamp,
            None => Resolved::String,
        },
        _ => Resolved::String,
    }
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

fn number(text: &str) -> Option<Number<'_>> {
    let (negative, body) = sign(text);
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(not_a_number()),
        _ => {
            if let Some(special) = infinite(negative, body) {
                return Some(special);
            }
        }
    }
    let digits = body.bytes().take_while(|b| digit_or_line(*b)).count();
    match (body.as_bytes().first()?, body.as_bytes().get(digits)) {
        // `1_000.5e+3`, `1.`, and without a sign `.5`
        (b'0'..=b'9', Some(b'.')) if is_fraction(&body[digits + 1..], false) => {
            Some(without_lines(text))
        }
        (b'.', _) if body.len() == text.len() && is_fraction(&body[1..], true) => {
            Some(without_lines(text))
        }
        (b'0'..=b'9', Some(b':')) => sexagesimal(negative, body, digits),
        (b'0', Some(b'b' | b'x')) if digits == 1 => {
            let base = if body.as_bytes()[1] == b'b' { 2 } else { 16 };
            radix(&body[2..].replace('_', ""), base, negative)
        }
        (b'0', None) if digits == 1 => Some(whole(0, false)),
        (b'0', None) => {
            let octal = body.replace('_', "");
            if octal == "0" {
                Some(whole(0, false))
            } else {
                radix(&octal, 8, negative)
            }
        }
        (b'1'..=b'9', None) => Some(without_lines(text)),
        _ => None,
    }
}

fn digit_or_line(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'_'
}

/// What follows a point: digits, and an exponent that must have a sign.
fn is_fraction(text: &str, must_start_with_digit: bool) -> bool {
    if must_start_with_digit && !text.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
    if rest.is_empty() {
        return true;
    }
    rest.strip_prefix(['e', 'E'])
        .and_then(|exponent| exponent.strip_prefix(['+', '-']))
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// `1_000` as `1000`.
fn without_lines(text: &str) -> Number<'_> {
    if !text.contains('_') {
        return decimal(text);
    }
    let number = text.replace('_', "");
    let Number { text, value } = decimal(&number);
    Number {
        text: Cow::Owned(text.into_owned()),
        value,
    }
}

/// `1:30` is 90, `1:30.5` is 90.5; a whole one does not start with 0.
fn sexagesimal(negative: bool, body: &str, digits: usize) -> Option<Number<'static>> {
    let (wholes, fraction) = match body.split_once('.') {
        Some((wholes, fraction)) if fraction.bytes().all(digit_or_line) => (wholes, Some(fraction)),
        Some(_) => return None,
        None => (body, None),
    };
    let first = body[..digits].replace('_', "");
    let mut places = wholes[digits..].split(':').skip(1);
    let is_place = |place: &str| match place.as_bytes() {
        [one] => one.is_ascii_digit(),
        [ten, one] => (b'0'..=b'5').contains(ten) && one.is_ascii_digit(),
        _ => false,
    };
    if !places.clone().all(is_place) {
        return None;
    }
    let Some(fraction) = fraction else {
        if first.starts_with('0') {
            return None;
        }
        let number = places.try_fold(first.parse().ok()?, |sum: u128, place| {
            sum.checked_mul(60)?.checked_add(place.parse().ok()?)
        })?;
        return Some(whole(number, negative));
    };
    let mut places: Vec<String> = std::iter::once(first)
        .chain(places.map(str::to_owned))
        .collect();
    if let Some(last) = places.last_mut() {
        last.push('.');
        last.push_str(&fraction.replace('_', ""));
    }
    // Added up from the right, for the rounding to be Python's.
    let (mut value, mut base) = (0.0, 1.0);
    for place in places.iter().rev() {
        value += place.parse::<f64>().ok()? * base;
        base *= 60.0;
    }
    if negative {
        value = -value;
    }
    Some(Number {
        text: Cow::Owned(format!("{value:?}")),
        value,
    })
}

/// `2024-01-31`, `2024-1-31 9:00:00.5 +01:00`.
fn is_timestamp(bytes: &[u8]) -> bool {
    let mut rest = Cursor(bytes);
    if !(rest.digits(4, 4) && rest.byte(b'-')) {
        return false;
    }
    let before = rest.0.len();
    if !(rest.digits(1, 2) && rest.byte(b'-') && rest.digits(1, 2)) {
        return false;
    }
    if rest.0.is_empty() {
        return before == 5;
    }
    let separated = rest.byte(b'T') || rest.byte(b't') || rest.blanks();
    let time = separated
        && rest.digits(1, 2)
        && rest.byte(b':')
        && rest.digits(2, 2)
        && rest.byte(b':')
        && rest.digits(2, 2);
    if !time {
        return false;
    }
    if rest.byte(b'.') {
        while rest.digits(1, 1) {}
    }
    if rest.0.is_empty() {
        return true;
    }
    rest.blanks();
    if rest.byte(b'Z') {
        return rest.0.is_empty();
    }
    if !((rest.byte(b'+') || rest.byte(b'-')) && rest.digits(1, 2)) {
        return false;
    }
    rest.0.is_empty() || (rest.byte(b':') && rest.digits(2, 2) && rest.0.is_empty())
}

/// What is left to read of a timestamp.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn byte(&mut self, wanted: u8) -> bool {
        let found = self.0.first() == Some(&wanted);
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    /// As many digits as are here, up to `most`.
    fn digits(&mut self, least: usize, most: usize) -> bool {
        let count = self
            .0
            .iter()
            .take(most)
            .take_while(|b| b.is_ascii_digit())
            .count();
        self.0 = &self.0[count..];
        count >= least
    }

    fn blanks(&mut self) -> bool {
        let count = self
            .0
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count();
        self.0 = &self.0[count..];
        count > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> String {
        match plain(text) {
            Resolved::Number(number) => number.text.into_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn words() {
        for text in [
            "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE",
        ] {
            assert_eq!(show(text), "Bool(true)", "{text}");
        }
        for text in [
            "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE",
        ] {
            assert_eq!(show(text), "Bool(false)", "{text}");
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(show(text), "Null", "{text}");
        }
        for text in ["y", "n", "yEs", "oN", "nULL", "=", "<<", "other"] {
            assert_eq!(show(text), "String", "{text}");
        }
    }

    // Expected values are PyYAML 6.0's.
    #[test]
    fn numbers() {
        for (text, shown) in [
            ("0", "0"),
            ("-0", "0"),
            ("010", "8"),
            ("-010", "-8"),
            ("0_", "0"),
            ("0_1_7", "15"),
            ("0b101", "5"),
            ("-0b1_0", "-2"),
            ("0x1_F", "31"),
            ("+0x1F", "31"),
            ("1_000", "1000"),
            ("+12", "12"),
            ("1:30", "90"),
            ("-1:30", "-90"),
            ("190:20:30", "685230"),
            ("1:30.5", "90.5"),
            ("01:30.", "90.0"),
            ("1.5", "1.5"),
            ("-1.50", "-1.50"),
            ("1.", "1.0"),
            (".5", "0.5"),
            ("1_0.5_0", "10.50"),
            ("1.5e+3", "1.5e+3"),
            ("01.5", "1.5"),
            ("-.inf", "-.inf"),
            (".NAN", ".nan"),
        ] {
            assert_eq!(show(text), shown, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_number_is_text() {
        for text in [
            "08",
            "0o17",
            "1e3",
            "1.5e3",
            "-.5",
            "+.5",
            "0:30",
            "1:60",
            "1:",
            "1:300",
            "0b",
            "0b2",
            "0x",
            "_1",
            "10.0.0.1",
            "1.2.3",
            "4688a",
            "+",
            "-",
            ".",
            "._",
            "1:30.5e+3",
        ] {
            assert_eq!(show(text), "String", "{text}");
        }
    }

    #[test]
    fn timestamps() {
        for text in [
            "2024-01-31",
            "2024-1-3 9:00:00",
            "2024-01-31T09:00:00Z",
            "2024-01-31t09:00:00.123 +1",
            "2024-01-31 09:00:00.-01:30",
        ] {
            assert_eq!(show(text), "Timestamp", "{text}");
        }
        for text in [
            "2024-1-31",
            "2024/01/31",
            "24-01-31",
            "2024-01-31T",
            "2024-01-31 09:00",
            "2024-01-31 09:00:00 +01:0",
            "2024-01-31x",
        ] {
            assert_eq!(show(text), "String", "{text}");
        }
    }
}
