//! Numbers as rules write them.

use std::borrow::Cow;

/// A number: its decimal text, kept digit for digit, and what it is worth.
///
/// `9007199254740993` stays that; `0x1F` is `31`; `1.50` stays `1.50`.
#[derive(Debug, Clone, PartialEq)]
pub struct Number<'s> {
    /// Decimal text, no leading `+`; hexadecimal and octal numbers are converted.
    pub text: Cow<'s, str>,
    /// The nearest double, for comparison.
    pub value: f64,
}

impl Number<'_> {
    /// Do doubles tell it from its neighbors and keep their order? Up to 15 digits they do.
    #[must_use]
    pub fn is_told_by_doubles(&self) -> bool {
        let mantissa = self.text.split(['e', 'E']).next().unwrap_or_default();
        let digits = mantissa.bytes().filter(u8::is_ascii_digit);
        digits.skip_while(|digit| *digit == b'0').count() <= 15
    }

    /// Is the text a whole number (no point, no exponent)?
    #[must_use]
    pub fn is_integer(&self) -> bool {
        !self.text.contains(['.', 'e', 'E'])
    }

    /// The shortest text of its worth, which JSON and columns of text hold: `1.5` of `1.50`, `1000`
    /// of `1e3`.
    #[must_use]
    pub fn shortest(&self) -> Cow<'_, str> {
        if self.is_integer() {
            return Cow::Borrowed(&self.text);
        }
        match serde_json::Number::from_f64(self.value) {
            Some(number) => Cow::Owned(shortened(number.to_string())),
            None => Cow::Borrowed(&self.text),
        }
    }
}

impl Number<'_> {
    /// The texts that count as the number: as it is written, with an exponent's letter in either
    /// case, and the shortest.
    #[must_use]
    pub fn texts(&self) -> Vec<Cow<'_, str>> {
        let mut texts = vec![Cow::Borrowed(self.text.as_ref())];
        let others = [
            self.text.to_ascii_lowercase().into(),
            self.text.to_ascii_uppercase().into(),
            self.shortest(),
        ];
        for other in others {
            if !texts.contains(&other) {
                texts.push(other);
            }
        }
        texts
    }
}

/// A number's text as JSON writes it, without what says only that it is a double: `1000` of
/// `1000.0`.
pub(crate) fn shortened(mut text: String) -> String {
    if let Some(whole) = text.strip_suffix(".0") {
        let length = if whole == "-0" { 0 } else { whole.len() };
        text.truncate(length);
        if length == 0 {
            text.push('0');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::yaml::resolve::decimal;

    #[test]
    fn the_shortest_text_is_that_of_json() {
        for (written, shortest) in [
            ("1.50", "1.5"),
            ("1.0", "1"),
            ("1e3", "1000"),
            ("-0.0", "0"),
            (".5", "0.5"),
            ("-1.25e1", "-12.5"),
            ("007", "7"),
            ("1e22", "1e+22"),
            ("9007199254740993", "9007199254740993"),
        ] {
            assert_eq!(decimal(written).shortest(), shortest, "{written}");
        }
    }
}
