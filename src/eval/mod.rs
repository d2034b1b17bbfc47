//! Does an event match a rule? The reference meaning that every target is tested against.
//!
//! In: an [`Expr`](crate::lower::Expr) and an [`Event`] (JSON). Out: yes or no, or with
//! [`Matcher::explain`] which part held or failed and on which value.
//!
//! # What the specification leaves open
//! - A test on a field that is missing, or whose value is null, does not hold, whatever it tests;
//!   `null` and `exists` alone see the absence. So `not x` holds for an event without the field.
//! - `null` is a missing field, a null or an empty list; `''` is an empty text and nothing else.
//!   `exists` tests for the field's presence, even if its value is null.
//! - A list matches where an element does. A field's name is a key as it is written, or a path of
//!   keys joined by dots; names compare exactly. The value of a field that is an object has no text.
//! - A number matches an equal number, and its own decimal text. A string matches a number's
//!   or a boolean's text. Comparisons take numbers and decimal text; other text never compares.
//! - Networks hold addresses of their own family: `::ffff:10.0.0.1` is not in `10.0.0.0/8`.
//! - Parts of a time are the written ones: no time zone is converted. A date without a time is
//!   midnight. A number is seconds since 1970 in UTC, or milliseconds and finer by its size. A week
//!   is ISO 8601's.
//! - A field reference compares by text, ignoring case; numbers by value.
//! - A keyword is anywhere in a value. The names of fields are not searched.

mod check;
mod compiled;
pub mod correlation;
mod decimal;
mod event;
mod instant;
pub mod linked;
mod matched;
mod matcher;
mod mutant;
mod number;
mod processing;
pub mod read;
mod refusal;
pub mod routing;
mod text;
mod time;
mod trace;
pub mod windows;
pub mod witness;

pub use compiled::{CompiledRules, RuleMask, Scanner, Watching};
pub use decimal::Decimal;
pub use event::Event;
pub use instant::{Instant, TIME_FIELDS, TimeFields};
pub use matched::MatchedValue;
pub use matcher::Matcher;
pub use mutant::{CorrelationTests, Mutants, Shown, Unnoticed};
pub use processing::Processing;
pub use refusal::refusal;
pub use routing::{EventSources, Router, RoutingTable, RuleSource};
pub(crate) use trace::written;
pub use trace::{Seen, Trace};
pub use witness::Witness;
