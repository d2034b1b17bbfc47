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
    /// Is the text a whole number (no point, no exponent)?
    #[must_use]
    pub fn is_integer(&self) -> bool {
        !self.text.contains(['.', 'e', 'E'])
    }
}
