//! The numbers that a measure can have while a condition holds.
//!
//! In: what the measure can be, then operator by operator. Out: whether any number is left:
//! `gt: 5` and `lt: 6` leave a sum between them, and no count.

use crate::rule::CorrelationOperator;
use std::fmt;

/// An interval of numbers, some of them left out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Interval {
    least: f64,
    has_least: bool,
    most: f64,
    has_most: bool,
    without: Vec<f64>,
    is_whole: bool,
}

impl Interval {
    /// Every number.
    pub(super) const ALL: Self = Self {
        least: f64::NEG_INFINITY,
        has_least: false,
        most: f64::INFINITY,
        has_most: false,
        without: Vec::new(),
        is_whole: false,
    };

    /// The whole numbers from a least one on.
    pub(super) fn whole(least: f64, most: Option<usize>) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a list has fewer entries")]
        let bound = most.map_or(f64::INFINITY, |most| most as f64);
        Self {
            least,
            has_least: true,
            most: bound,
            has_most: most.is_some(),
            without: Vec::new(),
            is_whole: true,
        }
    }

    /// Is it of whole numbers?
    pub(super) const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Does it end?
    pub(super) const fn has_most(&self) -> bool {
        self.has_most
    }

    /// Leaves the numbers for which a comparison holds.
    pub(super) fn restrict(&mut self, operator: CorrelationOperator, number: f64) {
        match operator {
            CorrelationOperator::Gt => self.from(number, false),
            CorrelationOperator::Gte => self.from(number, true),
            CorrelationOperator::Lt => self.to(number, false),
            CorrelationOperator::Lte => self.to(number, true),
            CorrelationOperator::Eq => {
                self.from(number, true);
                self.to(number, true);
            }
            CorrelationOperator::Neq => self.without.push(number),
        }
    }

    fn from(&mut self, number: f64, is_in: bool) {
        if number > self.least {
            (self.least, self.has_least) = (number, is_in);
        } else if number >= self.least {
            self.has_least &= is_in;
        }
    }

    fn to(&mut self, number: f64, is_in: bool) {
        if number < self.most {
            (self.most, self.has_most) = (number, is_in);
        } else if number <= self.most {
            self.has_most &= is_in;
        }
    }

    /// Is a number in it?
    pub(super) fn has(&self, number: f64) -> bool {
        let is_above = number > self.least || self.has_least && number >= self.least;
        let is_below = number < self.most || self.has_most && number <= self.most;
        let is_left_out = self.without.iter().any(|&without| same(number, without));
        is_above && is_below && !is_left_out && (!self.is_whole || same(number.fract(), 0.0))
    }

    /// Is nothing in it?
    pub(super) fn is_empty(&self) -> bool {
        if !self.is_whole {
            let is_point = same(self.least, self.most) && self.has_least && self.has_most;
            return if is_point {
                !self.has(self.least)
            } else {
                self.least >= self.most
            };
        }
        // Numbers that are left out are the only gaps, so that one more than they are is enough.
        let mut number = self.least.ceil();
        for _ in 0..=self.without.len() + 1 {
            if self.has(number) {
                return false;
            }
            number += 1.0;
        }
        true
    }
}

fn same(a: f64, b: f64) -> bool {
    a.total_cmp(&b).is_eq() || a - b == 0.0
}

impl fmt::Display for Interval {
    /// `from 1 to 3`, `at least 1`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least.is_finite(), self.most.is_finite()) {
            (true, true) if same(self.least, self.most) => write!(f, "{}", self.least),
            (true, true) => write!(f, "{} to {}", self.least, self.most),
            (true, false) => write!(f, "at least {}", self.least),
            (false, true) => write!(f, "at most {}", self.most),
            (false, false) => write!(f, "any"),
        }
    }
}
