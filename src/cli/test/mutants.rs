//! What the tests of a rule or a correlation do not notice.
//!
//! In: [`Mutants`]. Out: a warning for each change that none of the tests notices, with a test that
//! would.

use super::verdict::Verdict;
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::{Mutants, Shown, Unnoticed};
use serde_json::Value as Json;

/// Of a rule's changes that no test notices so many are shown.
const MOST_UNNOTICED: usize = 10;

/// A longer sequence is not written into a message.
const MOST_EVENTS: usize = 12;

impl Verdict {
    /// Takes what came of the changes.
    pub fn take_mutants(&mut self, mutants: Mutants) {
        self.passed &= mutants.unnoticed.is_empty();
        let shown = mutants.unnoticed.iter().take(MOST_UNNOTICED);
        self.diagnostics.extend(shown.map(unnoticed));
        self.mutants = Some(mutants);
    }
}

fn unnoticed(change: &Unnoticed) -> Diagnostic {
    let answer = if change.matches { "match" } else { "no_match" };
    let (what, help) = match &change.shown {
        Shown::Event(event) => (
            "rule",
            format!("add a test: `{{event: {event}, expect: {answer}}}`"),
        ),
        Shown::Events(events) if events.len() > MOST_EVENTS => (
            "correlation",
            format!(
                "add a test with `expect: {answer}` of the {} events that `--json` shows",
                events.len()
            ),
        ),
        Shown::Events(events) => (
            "correlation",
            format!(
                "add a test: `{{events: {}, expect: {answer}}}`",
                Json::from(events.clone())
            ),
        ),
    };
    let message = format!("no test notices the {what} {}", change.change);
    let warning = Diagnostic::warning(Code::UnnoticedChange, message);
    warning.at(change.span).help(help)
}
