//! Decimal numbers by their digits, for sums and comparisons that a double would round.
//!
//! In: `0.1`, `1e3`, `-12.50`. Out: a whole number of units of a power of ten, `125 · 10^-1`.

/// Digits that are kept; those after them are cut off.
const MOST_DIGITS: usize = 24;

/// A finite decimal number: `digits · 10^exponent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    /// Below 10^24 in size, without zeros at the end.
    digits: i128,
    exponent: i32,
}

impl Decimal {
    /// Reads decimal text: `-1`, `1.50`, `1e3`; nothing for anything else, or for a number that no
    /// double is near to.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let unsigned = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let all = || whole.bytes().chain(fraction.bytes());
        if all().next().is_none() || !all().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let leading = all().take_while(|byte| *byte == b'0').count();
        let kept = all().skip(leading).take(MOST_DIGITS);
        let digits = kept.fold(0, |sum, byte| sum * 10 + i128::from(byte - b'0'));
        let cut = (whole.len() + fraction.len() - leading).saturating_sub(MOST_DIGITS);
        let shift = i32::try_from(cut).ok()? - i32::try_from(fraction.len()).ok()?;
        let digits = if mantissa.starts_with('-') { -digits } else { digits };
        let number = Self {
            digits,
            exponent: exponent.checked_add(shift)?,
        };
        number.trimmed()
    }

    /// A whole number.
    #[must_use]
    pub fn whole(number: u32) -> Self {
        let number = Self {
            digits: number.into(),
            exponent: 0,
        };
        number.trimmed().unwrap_or(number)
    }

    /// A number that is greater than every other that was read, or less.
    #[must_use]
    pub const fn beyond(is_negative: bool) -> Self {
        Self {
            digits: if is_negative { -1 } else { 1 },
            exponent: 309,
        }
    }

    fn trimmed(mut self) -> Option<Self> {
        if self.digits == 0 {
            self.exponent = 0;
        }
        while self.digits != 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.exponent = self.exponent.checked_add(1)?;
        }
        (-400..309).contains(&self.magnitude()).then_some(self)
    }

    /// How many digits are before the point; negative where zeros follow it.
    #[must_use]
    pub fn magnitude(self) -> i32 {
        let length = self.digits.unsigned_abs().checked_ilog10().map_or(0, |log| log + 1);
        self.exponent.saturating_add(i32::try_from(length).unwrap_or(0))
    }

    /// How many digits are after the point; negative where the number ends in zeros.
    #[must_use]
    pub const fn fraction(self) -> i32 {
        -self.exponent
    }

    /// How many units of `10^-places` it is, rounded down. `None` where that is 10^36 or more.
    #[must_use]
    pub fn units(self, places: i32) -> Option<i128> {
        let shift = self.exponent.checked_add(places)?;
        if shift < 0 {
            let by = 10_i128.checked_pow(shift.unsigned_abs());
            return Some(by.map_or(-i128::from(self.digits < 0), |by| self.digits.div_euclid(by)));
        }
        if self.digits == 0 {
            return Some(0);
        }
        let by = 10_i128.checked_pow(shift.unsigned_abs())?;
        let units = self.digits.checked_mul(by)?;
        (units.unsigned_abs() < 10_u128.pow(36)).then_some(units)
    }

    /// The number times `10^shift`, rounded down, where an `i64` holds it.
    #[must_use]
    pub fn floor_shifted(self, shift: i32) -> Option<i64> {
        self.units(shift)?.try_into().ok()
    }

    /// Is it below zero?
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.digits < 0
    }

    /// The nearest double.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        let text = format!("{}e{}", self.digits, self.exponent);
        text.parse().unwrap_or(f64::INFINITY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept() {
        let units = |text: &str, places| Decimal::read(text).and_then(|number| number.units(places));
        assert_eq!(units("0.1", 3), Some(100));
        assert_eq!(units("-1.25e1", 1), Some(-125));
        assert_eq!(units("-1.25e1", 0), Some(-13));
        assert_eq!(units("1e3", 0), Some(1000));
        assert_eq!(units("9007199254740993", 0), Some(9_007_199_254_740_993));
        assert_eq!(units("1e-300", 0), Some(0));
        assert_eq!(units("-1e-300", 0), Some(-1));
        assert_eq!(units("1e300", 0), None);
        assert_eq!(units("0e5", 30), Some(0));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "-", ".", "1e", "1e999", "0x1f", " 1", "1_0", "inf", "1.2.3", "1e99999999999"] {
            assert_eq!(Decimal::read(text), None, "{text}");
        }
        for text in ["5.", ".5", "+5", "00.50"] {
            assert!(Decimal::read(text).is_some(), "{text}");
        }
    }

    #[test]
    fn sizes_are_counted_in_digits() {
        let number = |text| Decimal::read(text).unwrap();
        assert_eq!((number("123.450").magnitude(), number("123.450").fraction()), (3, 2));
        assert_eq!((number("0.001").magnitude(), number("0.001").fraction()), (-2, 3));
        assert_eq!((number("500").magnitude(), number("500").fraction()), (3, -2));
        let long = number("123456789012345678901234567890");
        assert_eq!(long.magnitude(), 30);
    }
}
