//! Which tests wake a rule.
//!
//! In: a rule's program. Out: the rarest tests of which one has to hold for the rule to match: the
//! rule is asked only of events in which one of them was seen.

use super::leaves::{How, Leaves};
use super::program::Program;

/// What wakes a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watch {
    /// A test that was seen, or whose text was.
    Test(u32),
    /// The field of this test is there.
    Field(u32),
}

/// A share of all events that show a field.
const PRESENT: f64 = 1.0;

impl Program {
    /// What wakes the rule; `None`: every event does.
    pub fn watches(&self, leaves: &Leaves<'_>, rules: usize) -> Option<Vec<Watch>> {
        match self {
            Self::Test(test) => match leaves.how(*test) {
                How::Seen | How::Needed => Some(vec![Watch::Test(*test)]),
                // No test but those of absence holds where its field is missing.
                How::Open => (!leaves.takes_absence(*test)).then(|| vec![Watch::Field(*test)]),
            },
            Self::AnySeen(tests) => Some(tests.iter().copied().map(Watch::Test).collect()),
            Self::Any(parts) => {
                let mut watches = Vec::new();
                for part in parts {
                    watches.extend(part.watches(leaves, rules)?);
                }
                Some(watches)
            }
            Self::All(parts) => {
                let share = |watches: &Vec<Watch>| -> f64 {
                    let shares = watches.iter().map(|watch| match watch {
                        Watch::Test(test) => leaves.share(*test, rules),
                        Watch::Field(_) => PRESENT,
                    });
                    shares.sum()
                };
                let parts = parts.iter();
                let watches = parts.filter_map(|part| part.watches(leaves, rules));
                watches.min_by(|a, b| share(a).total_cmp(&share(b)))
            }
            // What must not be says nothing of what is there.
            Self::Not(_) => None,
        }
    }
}
