//! The conjuncts of a search: the parts that its outermost `and`s join.
//!
//! In: the pieces of a search as they are written. Out: its text, and where in it the conjuncts are:
//! `A=1`, `B=2` and `(C=3 OR D=4)` of `A=1 AND B=2 AND (C=3 OR D=4)`. A search whose outermost operator
//! is an `or` is one conjunct.

use super::write::Sink;
use crate::lower::Operator;
use std::ops::Range;

/// A search being written.
#[derive(Debug, Default)]
pub(super) struct Conjuncts {
    text: String,
    ends: Vec<Range<usize>>,
    /// Where the conjunct begins that is being written.
    start: usize,
    /// In how many parentheses and negations the next piece is.
    depth: usize,
    has_or: bool,
}

impl Conjuncts {
    /// Nothing yet, with room for so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            ..Self::default()
        }
    }

    /// The text, and the conjuncts' places in it.
    pub fn finish(mut self) -> (String, Vec<Range<usize>>) {
        if self.has_or {
            self.ends.clear();
            self.start = 0;
        }
        self.ends.push(self.start..self.text.len());
        (self.text, self.ends)
    }
}

impl Sink for Conjuncts {
    fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn operator(&mut self, operator: Operator, text: &str) {
        if self.depth == 0 {
            match operator {
                Operator::And => self.ends.push(self.start..self.text.len()),
                Operator::Or => self.has_or = true,
            }
        }
        self.text.push_str(text);
        if self.depth == 0 {
            self.start = self.text.len();
        }
    }

    fn open(&mut self) {
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth -= 1;
    }
}
