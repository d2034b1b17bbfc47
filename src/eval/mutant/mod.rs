//! Changes of rules and correlations that their tests should notice.
//!
//! In: a rule or a correlation, and the events of its tests. Out: [`Mutants`]: how many small changes
//! were made, and each that no test notices, with what shows it.

mod change;
mod correlation;
mod rule;

pub use correlation::CorrelationTests;

use crate::source::Span;
use serde::Serialize;
use serde_json::Value as Json;

/// Of a rule with more changes, so many from all over it are made.
const MOST_MUTANTS: usize = 256;

/// What came of the changes of a rule.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Mutants {
    /// How many changes were made that an event can show.
    pub made: usize,
    /// How many of them a test noticed.
    pub noticed: usize,
    /// The others.
    pub unnoticed: Vec<Unnoticed>,
}

/// A change that no test noticed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unnoticed {
    /// What was changed: ``without `Image: '*\a.exe'` ``.
    pub change: String,
    /// Where in the rule.
    #[serde(skip)]
    pub span: Span,
    /// What shows it.
    #[serde(flatten)]
    pub shown: Shown,
    /// Does the rule match it, as it is?
    pub matches: bool,
}

/// What shows a change: the rule and the changed rule give other answers for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// An event, of a rule.
    Event(Json),
    /// A sequence of events, of a correlation.
    Events(Vec<Json>),
}
