//! Numbers as ranges: is one inside another?
//!
//! In: `gt 5` and `gte 5`. Out: yes. Only numbers that doubles hold exactly take part: beyond,
//! [`eval`](crate::eval) compares integers with integers, but with a fraction as doubles, and an order
//! that depends on the other side proves nothing.

use crate::rule::{Comparison, Number};

/// Integers up to here are doubles, each its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// `>= 5`, or `= 5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::compare) struct Range {
    /// None for equality.
    comparison: Option<Comparison>,
    /// The bits of a double; zero has one sign.
    bound: u64,
}

impl Range {
    /// The range of a comparison, or of one number alone.
    pub fn new(comparison: Option<Comparison>, number: &Number<'_>) -> Option<Self> {
        Self::around(comparison, number.value)
    }

    fn around(comparison: Option<Comparison>, value: f64) -> Option<Self> {
        let bound = (value + 0.0).to_bits();
        (value.abs() < EXACT).then_some(Self { comparison, bound })
    }

    /// The number that a text stands for.
    pub fn of_text(text: &str) -> Option<Self> {
        let decimal = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
        let number = text.chars().all(decimal).then(|| text.parse().ok());
        Self::around(None, number.flatten()?)
    }

    const fn value(self) -> f64 {
        f64::from_bits(self.bound)
    }

    /// Is every number of this range one of the other's?
    pub fn within(self, outer: Self) -> bool {
        use Comparison::{Gt, Gte, Lt, Lte};
        let (a, b) = (self.value(), outer.value());
        match (self.comparison, outer.comparison) {
            (None, None) => same(a, b),
            (None | Some(Lte), Some(Lt)) => a < b,
            (None | Some(Lt | Lte), Some(Lte)) | (Some(Lt), Some(Lt)) => a <= b,
            (None | Some(Gte), Some(Gt)) => a > b,
            (None | Some(Gt | Gte), Some(Gte)) | (Some(Gt), Some(Gt)) => a >= b,
            _ => false,
        }
    }
}

/// Both are finite, so the order is total.
fn same(a: f64, b: f64) -> bool {
    a.partial_cmp(&b) == Some(std::cmp::Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_each_other() {
        use Comparison::{Gt, Gte, Lt, Lte};
        let range = |comparison, value: f64| Range::around(comparison, value).unwrap();
        let within = |a: (Option<Comparison>, f64), b: (Option<Comparison>, f64)| {
            range(a.0, a.1).within(range(b.0, b.1))
        };
        assert!(within((Some(Gt), 5.0), (Some(Gte), 5.0)));
        assert!(!within((Some(Gte), 5.0), (Some(Gt), 5.0)));
        assert!(within((Some(Lt), 4.0), (Some(Lte), 5.0)));
        assert!(within((None, 5.0), (Some(Lte), 5.0)));
        assert!(!within((None, 5.0), (Some(Lt), 5.0)));
        assert!(within((None, -0.0), (None, 0.0)));
        assert!(!within((Some(Gt), 5.0), (Some(Lt), 9.0)));
        assert!(Range::around(None, EXACT).is_none());
        assert!(Range::around(None, f64::NAN).is_none());
        assert!(Range::of_text("0x1").is_none() && Range::of_text("1e3").is_some());
    }
}
