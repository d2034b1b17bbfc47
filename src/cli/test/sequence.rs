//! Sequences of events that were made for a correlation, and the answers that they carry.

use super::firing::FiringVerdict;
use super::samples::Sample;
use super::verdict::Verdict;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// A sequence that gets another answer than it carries.
#[derive(Debug)]
pub(super) struct WrongSequence {
    /// Must it fire?
    matches: bool,
    /// `events.jsonl #3 (one event short)`
    place: String,
}

impl Verdict {
    /// Counts a sequence with its firings.
    pub fn take_sequence(
        &mut self,
        sequence: &[&Sample],
        firings: Vec<FiringVerdict>,
        wrong: &mut Vec<WrongSequence>,
    ) {
        let fired = !firings.is_empty();
        self.tested += sequence.len();
        self.fired |= fired;
        self.firings.get_or_insert_default().extend(firings);
        let Some(sample) = sequence.first() else {
            return;
        };
        if let Some(expected) = &sample.expected
            && expected.matches != fired
        {
            wrong.push(WrongSequence {
                matches: expected.matches,
                place: format!("`{}` #{} ({})", sample.file, sample.number, expected.about),
            });
        }
    }

    /// Judges after the last sequence.
    pub fn close_sequences(&mut self, wrong: &[WrongSequence], span: Span) {
        self.passed = wrong.is_empty();
        let Some(first) = wrong.first() else {
            return;
        };
        let [wanted, found] = if first.matches {
            ["a firing", "none"]
        } else {
            ["no firing", "one"]
        };
        let more = match wrong.len() - 1 {
            0 => String::new(),
            more => format!(", and so in {more} more"),
        };
        let message = format!(
            "expected {wanted} for the sequence at {}, found {found}{more}",
            first.place
        );
        let error = Diagnostic::error(Code::WitnessDiffers, message).at(span);
        self.diagnostics.push(error);
    }
}
