//! Numbers by their worth: exactly as integers, otherwise as doubles.

use std::cmp::Ordering;

/// A number that text or JSON holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct NumericValue {
    integer: Option<i128>,
    double: f64,
}

impl NumericValue {
    /// Reads decimal text: `-1`, `1.50`, `1e3`; nothing for anything else (`0x1f`, `inf`, ` 1`).
    pub fn read(text: &str) -> Option<Self> {
        let decimal =
            |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
        if !text.bytes().all(decimal) {
            return None;
        }
        Some(Self {
            integer: text.parse().ok(),
            double: text.parse().ok()?,
        })
    }

    /// A number of a rule: its decimal text and the double it is nearest to.
    pub fn of(text: &str, double: f64) -> Self {
        Self {
            integer: text.parse().ok(),
            double,
        }
    }

    /// The bits of the nearest double: numbers that are equal have the same.
    pub const fn bits(self) -> u64 {
        // There is a negative zero.
        (self.double + 0.0).to_bits()
    }

    /// How two numbers compare.
    pub fn compare(self, other: Self) -> Option<Ordering> {
        match (self.integer, other.integer) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => self.double.partial_cmp(&other.double),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_decimal_text_is_a_number() {
        for text in ["1", "-1", "+1", "1.50", "1e3", ".5", "5."] {
            assert!(NumericValue::read(text).is_some(), "{text}");
        }
        for text in ["", " 1", "0x1f", "inf", "nan", "1a", "1_0", "--1", "e"] {
            assert!(NumericValue::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn great_integers_compare_exactly() {
        let worth = |text| NumericValue::read(text).unwrap();
        let compare = worth("9007199254740993").compare(worth("9007199254740992"));
        assert_eq!(compare, Some(Ordering::Greater));
        assert_eq!(worth("1.0").compare(worth("1")), Some(Ordering::Equal));
    }
}
