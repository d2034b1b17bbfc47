//! The numbers that satisfy a correlation's operators.
//!
//! In: `{gte: 10, lt: 100}`. Out: a range; whether it lies within another. A count is a whole number,
//! so `gt: 9` and `gte: 10` are the same of it.

use crate::rule::CorrelationOperator;

/// A range with holes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Range {
    low: f64,
    /// Is `low` itself left out?
    above: bool,
    high: f64,
    /// Is `high` itself left out?
    below: bool,
    holes: Vec<f64>,
}

#[expect(
    clippy::float_cmp,
    reason = "ends are numbers as they were written, or whole"
)]
impl Range {
    /// The numbers for which all operators hold; of counts, which have a least, the whole ones.
    pub(super) fn of(bounds: &[(CorrelationOperator, f64)], least: Option<f64>) -> Self {
        let mut range = Self {
            low: least.unwrap_or(f64::NEG_INFINITY),
            above: false,
            high: f64::INFINITY,
            below: false,
            holes: Vec::new(),
        };
        for (operator, number) in bounds {
            match operator {
                CorrelationOperator::Gt => range.at_least(*number, true),
                CorrelationOperator::Gte => range.at_least(*number, false),
                CorrelationOperator::Lt => range.at_most(*number, true),
                CorrelationOperator::Lte => range.at_most(*number, false),
                CorrelationOperator::Eq => {
                    range.at_least(*number, false);
                    range.at_most(*number, false);
                }
                CorrelationOperator::Neq => range.holes.push(*number),
            }
        }
        if least.is_some() {
            range.make_whole();
        }
        range
    }

    fn at_least(&mut self, number: f64, above: bool) {
        if number > self.low || (number == self.low && above) {
            (self.low, self.above) = (number, above);
        }
    }

    fn at_most(&mut self, number: f64, below: bool) {
        if number < self.high || (number == self.high && below) {
            (self.high, self.below) = (number, below);
        }
    }

    /// Moves its ends to whole numbers that are in it.
    fn make_whole(&mut self) {
        let low = self.low.ceil();
        self.low = if self.above && low == self.low {
            low + 1.0
        } else {
            low
        };
        let high = self.high.floor();
        self.high = if self.below && high == self.high {
            high - 1.0
        } else {
            high
        };
        (self.above, self.below) = (false, false);
        self.holes.retain(|hole| hole.fract() == 0.0);
        while self.holes.contains(&self.low) && self.low <= self.high {
            self.low += 1.0;
        }
        while self.holes.contains(&self.high) && self.low <= self.high {
            self.high -= 1.0;
        }
    }

    fn is_empty(&self) -> bool {
        self.low > self.high || (self.low == self.high && (self.above || self.below))
    }

    /// Is the number in it?
    pub(super) fn has(&self, number: f64) -> bool {
        let low = number > self.low || (number == self.low && !self.above);
        let high = number < self.high || (number == self.high && !self.below);
        low && high && !self.holes.contains(&number)
    }

    /// Is every number of it one of the other's?
    pub(super) fn is_within(&self, other: &Self) -> bool {
        if self.is_empty() {
            return true;
        }
        let low = self.low > other.low || (self.low == other.low && (self.above || !other.above));
        let high =
            self.high < other.high || (self.high == other.high && (self.below || !other.below));
        low && high && !other.holes.iter().any(|hole| self.has(*hole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CorrelationOperator::{Eq, Gt, Gte, Lt, Lte, Neq};

    #[test]
    fn counts_are_whole_and_at_least_one() {
        let count = |bounds: &[(CorrelationOperator, f64)]| Range::of(bounds, Some(1.0));
        for (old, new, within) in [
            (vec![(Gt, 9.0)], vec![(Gte, 10.0)], (true, true)),
            (vec![(Gte, 9.5)], vec![(Gte, 10.0)], (true, true)),
            (vec![(Gte, 10.0)], vec![(Gte, 5.0)], (true, false)),
            (
                vec![(Gte, 10.0), (Lt, 20.0)],
                vec![(Gte, 10.0)],
                (true, false),
            ),
            (vec![(Lt, 5.0)], vec![(Gte, 1.0), (Lte, 4.0)], (true, true)),
            (vec![(Eq, 5.0)], vec![(Neq, 4.0)], (true, false)),
            (vec![(Neq, 1.0)], vec![(Gt, 1.0)], (true, true)),
            (vec![(Gte, 1.0)], vec![(Neq, 0.0)], (true, true)),
            (vec![(Lt, 1.0)], vec![(Gte, 3.0)], (true, false)),
            (vec![(Lt, 5.0)], vec![(Gt, 3.0)], (false, false)),
        ] {
            let (a, b) = (count(&old), count(&new));
            assert_eq!(
                (a.is_within(&b), b.is_within(&a)),
                within,
                "{old:?} {new:?}"
            );
        }
    }

    #[test]
    fn values_can_be_none() {
        let count = |operator, number| Range::of(&[(operator, number)], Some(0.0));
        let (lt, gt) = (count(Lt, 1.0), count(Gt, 1.0));
        assert!(lt.has(0.0) && !lt.is_within(&gt) && !gt.is_within(&lt));
        let (one, none) = (count(Neq, 1.0), count(Neq, 0.0));
        assert!(!one.is_within(&none) && !none.is_within(&one));
    }

    #[test]
    fn measures_are_any_numbers() {
        let gt = Range::of(&[(Gt, 0.5)], None);
        let gte = Range::of(&[(Gte, 0.5)], None);
        assert!(gt.is_within(&gte) && !gte.is_within(&gt));
        let hole = Range::of(&[(Neq, 0.5), (Gte, 0.5)], None);
        assert!(hole.is_within(&gte) && !gte.is_within(&hole));
    }
}
