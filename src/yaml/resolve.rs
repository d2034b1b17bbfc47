//! What a scalar is: nothing, a truth value, a number, a time or text.
//!
//! In: `0x1F`. Out: a [`Number`] of the text `31`. The rules are those of YAML 1.2's core schema
//! (1.2.2, 10.3.2); [`yaml11`](super::yaml11) has PyYAML's. Most scalars are words, and their first
//! byte tells.

use super::{Number, Scalar, Schema, Tag};
use std::borrow::Cow;

/// What a scalar means under a schema.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved<'s> {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true`; in YAML 1.1 `yes` and `on` too.
    Bool(bool),
    /// `4688`, `0x1F`, `1.5`, `.inf`.
    Number(Number<'s>),
    /// `2024-01-31`, in YAML 1.1 only. Whether such a day exists is not checked.
    Timestamp,
    /// Anything else, and everything in quotes.
    String,
}

impl<'s> Scalar<'s> {
    /// What the scalar is under a schema.
    ///
    /// Hexadecimal, octal and binary numbers beyond 128 bits stay text.
    #[must_use]
    pub fn resolve(&self, schema: Schema) -> Resolved<'s> {
        if self.tag.is_none() && !self.plain {
            return Resolved::String;
        }
        match &self.text {
            Cow::Borrowed(text) => resolve(text, self.tag, schema),
            Cow::Owned(text) => match resolve(text, self.tag, schema) {
                Resolved::Number(number) => Resolved::Number(Number {
                    text: Cow::Owned(number.text.into_owned()),
                    value: number.value,
                }),
                Resolved::Null => Resolved::Null,
                Resolved::Bool(value) => Resolved::Bool(value),
                Resolved::Timestamp => Resolved::Timestamp,
                Resolved::String => Resolved::String,
            },
        }
    }
}

fn resolve(text: &str, tag: Option<Tag>, schema: Schema) -> Resolved<'_> {
    match tag {
        None => schema.plain(text),
        Some(Tag::Str) => Resolved::String,
        Some(Tag::Null) => Resolved::Null,
        Some(tag) => match (tag, schema.plain(text)) {
            (Tag::Bool, Resolved::Bool(value)) => Resolved::Bool(value),
            (Tag::Float, Resolved::Number(number)) => Resolved::Number(number),
            (Tag::Int, Resolved::Number(number)) if number.is_integer() => Resolved::Number(number),
            _ => Resolved::String,
        },
    }
}

/// A plain scalar under YAML 1.2's core schema.
pub(super) fn core(text: &str) -> Resolved<'_> {
    let bytes = text.as_bytes();
    let Some(first) = bytes.first() else {
        return Resolved::Null;
    };
    match first {
        b'~' if bytes.len() == 1 => Resolved::Null,
        b'n' | b'N' if matches!(text, "null" | "Null" | "NULL") => Resolved::Null,
        b't' | b'T' if matches!(text, "true" | "True" | "TRUE") => Resolved::Bool(true),
        b'f' | b'F' if matches!(text, "false" | "False" | "FALSE") => Resolved::Bool(false),
        b'0'..=b'9' | b'+' | b'-' | b'.' => {
            core_number(text).map_or(Resolved::String, Resolved::Number)
        }
        _ => Resolved::String,
    }
}

fn core_number(text: &str) -> Option<Number<'_>> {
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16, false);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8, false);
    }
    let (negative, body) = sign(text);
    if let Some(special) = infinite(negative, body) {
        return Some(special);
    }
    if text == ".nan" || text == ".NaN" || text == ".NAN" {
        return Some(not_a_number());
    }
    let whole = leading_digits(body);
    let mut rest = &body[whole..];
    let mut fraction = 0;
    if let Some(behind) = rest.strip_prefix('.') {
        fraction = leading_digits(behind);
        rest = &behind[fraction..];
    }
    if whole + fraction == 0 {
        return None;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if digits.is_empty() || leading_digits(digits) != digits.len() {
            return None;
        }
    } else if !rest.is_empty() {
        return None;
    }
    Some(decimal(text))
}

/// The sign in front of a number, and what follows it.
pub(super) fn sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn leading_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// `.inf`, which has no digits: its text is `.inf` or `-.inf`.
pub(super) fn infinite(negative: bool, body: &str) -> Option<Number<'static>> {
    let (text, value) = match (negative, body) {
        (false, ".inf" | ".Inf" | ".INF") => (".inf", f64::INFINITY),
        (true, ".inf" | ".Inf" | ".INF") => ("-.inf", f64::NEG_INFINITY),
        _ => return None,
    };
    Some(Number {
        text: Cow::Borrowed(text),
        value,
    })
}

/// `.nan`.
pub(super) fn not_a_number() -> Number<'static> {
    Number {
        text: Cow::Borrowed(".nan"),
        value: f64::NAN,
    }
}

/// A number written in decimal, already known to be one. Its digits stay as they are; what can't
/// are in other languages goes: a leading `+` and zeros, a point without digits at one side.
pub(super) fn decimal(text: &str) -> Number<'_> {
    let value = text.parse().unwrap_or(f64::NAN);
    let (negative, body) = sign(text);
    let zeros = body.len() - body.trim_start_matches('0').len();
    let bare = &body[zeros..];
    let needs_zero = !bare.starts_with(|c: char| c.is_ascii_digit());
    let lonely_point = bare
        .find('.')
        .filter(|point| !bare[point + 1..].starts_with(|c: char| c.is_ascii_digit()));
    let canonical = if needs_zero && zeros > 0 {
        &body[zeros - 1..]
    } else {
        bare
    };
    if lonely_point.is_none() && (!needs_zero || zeros > 0) {
        if !negative {
            return Number {
                text: Cow::Borrowed(canonical),
                value,
            };
        }
        if canonical.len() == body.len() && canonical != "0" {
            return Number {
                text: Cow::Borrowed(text),
                value,
            };
        }
    }
    let mut owned = String::with_capacity(text.len() + 2);
    if negative && canonical != "0" {
        owned.push('-');
    }
    if needs_zero && zeros == 0 {
        owned.push('0');
    }
    match lonely_point {
        Some(point) => {
            let split = point + (canonical.len() - bare.len());
            owned.push_str(&canonical[..=split]);
            owned.push('0');
            owned.push_str(&canonical[split + 1..]);
        }
        None => owned.push_str(canonical),
    }
    Number {
        text: Cow::Owned(owned),
        value,
    }
}

/// A whole number written in another base, without its prefix.
pub(super) fn radix(digits: &str, base: u32, negative: bool) -> Option<Number<'static>> {
    if !digits.starts_with(|c: char| c.is_digit(base)) {
        return None;
    }
    let number = u128::from_str_radix(digits, base).ok()?;
    Some(whole(number, negative))
}

/// A whole number that was computed.
pub(super) fn whole(number: u128, negative: bool) -> Number<'static> {
    let text = if negative && number != 0 {
        format!("-{number}")
    } else {
        number.to_string()
    };
    let value = text.parse().unwrap_or(f64::NAN);
    Number {
        text: Cow::Owned(text),
        value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(resolved: &Resolved<'_>) -> String {
        match resolved {
            Resolved::Number(number) => number.text.to_string(),
            other => format!("{other:?}"),
        }
    }

    fn in_core(text: &str) -> String {
        show(&core(text))
    }

    #[test]
    fn words_of_the_core_schema() {
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(in_core(text), "Null", "{text}");
        }
        for text in ["true", "True", "TRUE"] {
            assert_eq!(in_core(text), "Bool(true)");
        }
        assert_eq!(in_core("FALSE"), "Bool(false)");
        for text in [
            "yes",
            "on",
            "tRUE",
            "nULL",
            "~~",
            "nothing",
            "fish",
            "2024-01-31",
        ] {
            assert_eq!(in_core(text), "String", "{text}");
        }
    }

    #[test]
    fn numbers_of_the_core_schema() {
        for (text, shown) in [
            ("0", "0"),
            ("-0", "0"),
            ("4688", "4688"),
            ("+7", "7"),
            ("-7", "-7"),
            ("010", "10"),
            ("-010", "-10"),
            ("00", "0"),
            ("0o17", "15"),
            ("0x1F", "31"),
            ("9007199254740993", "9007199254740993"),
            (
                "123456789012345678901234567890",
                "123456789012345678901234567890",
            ),
            ("1.50", "1.50"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("0.5", "0.5"),
            ("00.5", "0.5"),
            ("-00.5", "-0.5"),
            ("-0.5", "-0.5"),
            ("1.", "1.0"),
            ("0.", "0.0"),
            ("1.e3", "1.0e3"),
            ("1e3", "1e3"),
            ("1E-3", "1E-3"),
            (".inf", ".inf"),
            ("+.INF", ".inf"),
            ("-.Inf", "-.inf"),
            (".NaN", ".nan"),
        ] {
            assert_eq!(in_core(text), shown, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_number_is_text() {
        for text in [
            "+", "-", ".", "-.", "1e", "1e+", "e3", "0x", "0xg", "0x+1", "-0x1", "0o8", "0b1",
            "1_000", "1:30", "1.2.3", "10.0.0.1", "4688a", "-a", "..", "+.nan",
        ] {
            assert_eq!(in_core(text), "String", "{text}");
        }
    }

    #[test]
    fn values_are_the_nearest_doubles() {
        for (text, value) in [("1.50", 1.5), ("-3", -3.0), ("0x10", 16.0), ("1e3", 1000.0)] {
            let Resolved::Number(number) = core(text) else {
                panic!("{text} is a number");
            };
            assert!((number.value - value).abs() < f64::EPSILON, "{text}");
        }
    }

    #[test]
    fn tags_and_quotes_decide() {
        let scalar = |text: &'static str, plain, tag| Scalar {
            text: text.into(),
            plain,
            tag,
        };
        assert_eq!(
            scalar("1", false, None).resolve(Schema::Core),
            Resolved::String
        );
        assert_eq!(
            scalar("1", true, Some(Tag::Str)).resolve(Schema::Core),
            Resolved::String
        );
        assert_eq!(
            show(&scalar("1", false, Some(Tag::Int)).resolve(Schema::Core)),
            "1"
        );
        assert_eq!(
            scalar("1.5", true, Some(Tag::Int)).resolve(Schema::Core),
            Resolved::String
        );
        assert_eq!(
            scalar("x", true, Some(Tag::Null)).resolve(Schema::Core),
            Resolved::Null
        );
        assert_eq!(
            scalar("true", false, Some(Tag::Bool)).resolve(Schema::Core),
            Resolved::Bool(true)
        );
    }
}
