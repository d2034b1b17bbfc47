//! The tests of many rules, each once.
//!
//! In: the tests of one rule after another. Out: their numbers, the same for the same test of the
//! same field, and what is known of each.

use super::sight::{Mark, Place, Sight};
use crate::eval::check::Check;
use crate::eval::event::Event;
use crate::eval::matcher::Leaf;
use std::collections::HashMap;
use std::sync::Arc;

/// How a test is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// The pass over the values answers it.
    Seen,
    /// The pass over the values says whether it is worth asking.
    Needed,
    /// It has to be asked.
    Open,
}

/// The tests.
#[derive(Debug, Default)]
pub(super) struct Leaves<'r> {
    known: HashMap<(Option<&'r str>, String), u32>,
    tests: Vec<Arc<Leaf<'r>>>,
    hows: Vec<How>,
    /// How often events pass it, by a guess.
    shares: Vec<f64>,
    /// How many rules have it.
    uses: Vec<usize>,
}

impl<'r> Leaves<'r> {
    pub const fn len(&self) -> usize {
        self.tests.len()
    }

    /// The test's number; if it is new, its marks are handed to `mark`.
    pub fn number(
        &mut self,
        leaf: &Arc<Leaf<'r>>,
        mark: impl FnOnce(u32, Option<&'r str>, Vec<Mark>),
    ) -> u32 {
        let next = u32::try_from(self.tests.len()).unwrap_or(u32::MAX);
        if let Some(key) = leaf.check.key() {
            let number = *self.known.entry((leaf.field, key)).or_insert(next);
            if number != next {
                self.uses[number as usize] += 1;
                return number;
            }
        }
        let sight = Sight::of(leaf);
        self.tests.push(Arc::clone(leaf));
        self.uses.push(1);
        self.shares.push(share(leaf.field.is_some(), sight.marks()));
        self.hows.push(match &sight {
            Sight::Exact(_) => How::Seen,
            Sight::Needed(_) => How::Needed,
            Sight::Open => How::Open,
        });
        match sight {
            Sight::Exact(marks) | Sight::Needed(marks) => mark(next, leaf.field, marks),
            Sight::Open => {}
        }
        next
    }

    /// No pass over values finds the test.
    pub fn open(&mut self, test: u32) {
        self.hows[test as usize] = How::Open;
    }

    pub fn how(&self, test: u32) -> How {
        self.hows[test as usize]
    }

    /// Asks a test.
    pub fn holds(&self, test: u32, event: &Event) -> bool {
        self.tests[test as usize].holds(event)
    }

    /// The field of a test.
    pub fn field(&self, test: u32) -> Option<&'r str> {
        self.tests[test as usize].field
    }

    /// Can it hold where its field is missing?
    pub fn takes_absence(&self, test: u32) -> bool {
        let leaf = &self.tests[test as usize];
        leaf.field.is_none() || matches!(leaf.check, Check::Null | Check::Exists(false))
    }

    /// How long a test takes, by a guess.
    pub fn cost(&self, test: u32) -> usize {
        match (self.how(test), &self.tests[test as usize].check) {
            (How::Seen, _) => 1,
            (How::Needed, _) => 10,
            (How::Open, Check::Regex(_)) => 200,
            (How::Open, _) => 30,
        }
    }

    /// How often events pass a test, by a guess: what many rules look for is frequent.
    #[expect(clippy::cast_precision_loss, reason = "a guess")]
    pub fn share(&self, test: u32, rules: usize) -> f64 {
        let uses = self.uses[test as usize] as f64;
        self.shares[test as usize] + uses / rules.max(1) as f64
    }
}

/// How often events show one of these, by a guess.
fn share(has_field: bool, marks: &[Mark]) -> f64 {
    let shares = marks.iter().map(|mark| match mark {
        Mark::Number(_) => 0.05,
        Mark::Whole(_) | Mark::Word(_) => 0.01,
        Mark::Part(place, literal) => {
            let length = i32::try_from(literal.len()).unwrap_or(i32::MAX);
            let everywhere = if has_field { 1.0 } else { 4.0 };
            let anchored = if *place == Place::Anywhere { 1.0 } else { 0.5 };
            everywhere * anchored * 0.5_f64.powi(length)
        }
    });
    shares.sum()
}
