//! Diagnostics for readers: people, programs, code scanners, workflow logs.
//!
//! In: a [`Source`](crate::source::Source) and a [`Diagnostic`](super::Diagnostic) whose spans
//! belong to it. A source without a name stands for no file at all. Out:
//!
//! | function | one diagnostic as |
//! |---|---|
//! | [`human()`] | text with the lines it is about and carets |
//! | [`json()`] | an object on one line |
//! | [`sarif()`] | a result among others, in one SARIF document |
//! | [`github()`] | a workflow command, which GitHub shows beside the line |

mod github;
mod human;
mod json;
mod sarif;
pub mod visible;

pub use crate::source::Region;
pub use github::github;
pub use human::human;
pub use json::{JsonDiagnostic, JsonLabel, JsonReplacement, json};
pub use sarif::sarif;
