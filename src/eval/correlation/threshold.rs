//! Measures against bounds, exactly.
//!
//! In: `{gte: 0.3}` and the measure 3 / 10. Out: the condition holds. Measures are ratios of whole
//! numbers of units, `10^-places`, so that no sum drifts and a mean has no rounding: with doubles
//! 0.1 + 0.2 is more than 0.3.

use crate::eval::Decimal;
use crate::rule::CorrelationOperator;
use std::cmp::Ordering;

/// Digits of the greatest number in units. A sum of 2^32 of them, or one that is interpolated
/// between two at a rank with eight digits, fits into an `i128`.
const MOST_DIGITS: i32 = 24;

/// Digits of the greatest count.
const COUNT_DIGITS: i32 = 10;

/// What is beyond every measure.
const BEYOND: i128 = 10_i128.pow(36);

/// A measure in units: `units / count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ratio {
    pub units: i128,
    /// Not 0.
    pub count: i128,
}

/// Comparisons in units.
#[derive(Debug)]
pub(super) struct Thresholds {
    /// How many digits after the point a unit is.
    pub places: i32,
    bounds: Vec<(CorrelationOperator, i128)>,
}

impl Thresholds {
    /// Chooses a unit in which the bounds and the numbers that are measured are whole; a coarser one
    /// where the numbers have too many digits for that.
    pub fn new(
        bounds: &[(CorrelationOperator, Decimal)],
        numbers: impl Iterator<Item = Decimal>,
    ) -> Self {
        let fraction = bounds.iter().map(|(_, bound)| bound.fraction());
        let first = (fraction.max().unwrap_or(0).max(0), None);
        let (fraction, magnitude) = numbers.fold(first, |(fraction, magnitude), number| {
            (
                fraction.max(number.fraction()),
                magnitude.max(Some(number.magnitude())),
            )
        });
        let places = fraction.min(MOST_DIGITS - magnitude.unwrap_or(COUNT_DIGITS).max(1));
        let in_units = |bound: &Decimal| {
            let beyond = if bound.is_negative() { -BEYOND } else { BEYOND };
            bound.units(places).unwrap_or(beyond)
        };
        Self {
            places,
            bounds: bounds
                .iter()
                .map(|(operator, bound)| (*operator, in_units(bound)))
                .collect(),
        }
    }

    /// A count as a measure.
    pub fn count(&self, count: usize) -> Ratio {
        let units = Decimal::whole(u32::try_from(count).unwrap_or(u32::MAX)).units(self.places);
        Ratio {
            units: units.unwrap_or(BEYOND),
            count: 1,
        }
    }

    /// Do all comparisons hold?
    pub fn hold(&self, measure: Ratio) -> bool {
        let mut bounds = self.bounds.iter();
        bounds.all(|(operator, bound)| operator.holds(compare(measure, *bound)))
    }

    /// How far the measure is from holding.
    pub fn gap(&self, measure: Ratio) -> f64 {
        let failing = self
            .bounds
            .iter()
            .filter(|(operator, bound)| !operator.holds(compare(measure, *bound)));
        failing
            .map(|(_, bound)| (double(measure) - double(Ratio { units: *bound, count: 1 })).abs())
            .fold(0.0, |sum, gap| sum + gap)
    }

    /// The measure for people.
    pub fn shown(&self, measure: Ratio) -> String {
        let value = double(measure) / 10_f64.powi(self.places);
        // Twelve digits after the point, without the zeros at the end.
        let text = format!("{value:.12}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

fn compare(measure: Ratio, bound: i128) -> Ordering {
    match bound.checked_mul(measure.count) {
        Some(bound) => measure.units.cmp(&bound),
        None if bound > 0 => Ordering::Less,
        None => Ordering::Greater,
    }
}

#[expect(clippy::cast_precision_loss, reason = "it is shown to people, or ordered by")]
fn double(measure: Ratio) -> f64 {
    measure.units as f64 / measure.count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use CorrelationOperator::{Eq, Gt, Gte, Lt};

    fn holds(bounds: &[(CorrelationOperator, &str)], numbers: &[&str], mean: bool) -> bool {
        let read = |text: &str| Decimal::read(text).unwrap();
        let bounds: Vec<_> = bounds.iter().map(|(by, text)| (*by, read(text))).collect();
        let numbers: Vec<_> = numbers.iter().map(|text| read(text)).collect();
        let thresholds = Thresholds::new(&bounds, numbers.iter().copied());
        let sum = numbers.iter().map(|number| number.units(thresholds.places).unwrap());
        thresholds.hold(Ratio {
            units: sum.sum(),
            count: if mean { i128::try_from(numbers.len()).unwrap() } else { 1 },
        })
    }

    #[test]
    fn sums_are_exact() {
        assert!(holds(&[(Eq, "0.3")], &["0.1", "0.2"], false));
        assert!(holds(&[(Gte, "1")], &["0.1"; 10], false));
        assert!(holds(&[(Eq, "18014398509481985")], &["9007199254740992", "9007199254740993"], false));
        assert!(holds(&[(Gt, "0.3333333333333333"), (Lt, "0.3333333333333334")], &["0", "0", "1"], true));
        assert!(holds(&[(Eq, "1e300")], &["1e300"], false));
        assert!(holds(&[(Lt, "1e300"), (Gt, "2")], &["3"], false));
        assert!(!holds(&[(Gt, "1e300")], &["3"], true));
        assert!(holds(&[(Gt, "-1e300")], &["-3"], true));
    }

    #[test]
    fn measures_are_shown_short() {
        let thresholds = Thresholds::new(&[(Gt, Decimal::read("0.5").unwrap())], std::iter::empty());
        assert_eq!(thresholds.shown(thresholds.count(12)), "12");
        assert_eq!(thresholds.shown(Ratio { units: 5, count: 4 }), "0.125");
    }
}
