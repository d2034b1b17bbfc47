//! Which correlations fire on which events? The reference meaning that every target is tested
//! against.
//!
//! In: [`ResolvedCorrelation`]s, whose references are numbers of rules and of each other, and
//! [`Facts`]: which event matched which rules, and when. Out: an [`Outcome`] with a [`Firing`] for
//! each group and instant at which the condition holds: `user: ann` at `2026-01-01T00:00:34.250Z`.
//!
//! # What the specification leaves open
//! - A window slides: that of an event at `t` is all events of its group in `[t - timespan, t]`, both
//!   ends and all events of one instant included. A correlation fires at `t`, once, if its condition
//!   holds there. Events may come in any order. Instants have milliseconds.
//! - An event counts once, however many rules it matches. To temporal types it is an event of each
//!   of them.
//! - Groups and counted values are equal where a rule could not tell them apart: text ignoring
//!   case, `1` and `"1"`. A firing shows them as the event at its instant has them.
//! - An event without a time, or whose group has a field that is missing, null, a list or an object,
//!   is left out and reported. A rule that an alias leaves out has a field of the alias's name.
//! - `value_count` counts distinct tuples of its fields, of events that have all of them. Metrics
//!   take numbers and decimal text; without any there is no value, and nothing fires. Percentiles
//!   are interpolated linearly, as `PERCENTILE_CONT` is.
//! - `temporal_ordered` measures the longest chain of the listed rules, each at a later instant than
//!   the one before, which ends at `t` and lies in the window. A rule listed twice is two stages.
//! - Where an expression has a `not`, the window is that which begins at an event, `[t, t + timespan]`.
//!   It fires at its end, if that is no later than the last event given, matched or not.
//! - A firing of a correlation that another names is an event of it at the instant of its firing. It
//!   has the fields of its group. Others are those of an event in its window: it belongs to each group
//!   that one of them gives, and counts once in each.

mod candidates;
mod evaluate;
mod facts;
mod measure;
mod order;
mod outcome;
mod postings;
mod rank;
mod resolve;
mod resolved;
mod rows;
mod sequence;
mod steps;
mod sweep;
mod texts;
mod threshold;

#[cfg(test)]
mod tests;

pub use candidates::candidates;
pub use evaluate::{TooManyFirings, evaluate, fields, size};
pub use facts::{EventPlace, Facts};
pub use outcome::{Evidence, Firing, NearMiss, Outcome, Witnessed};
pub use resolve::ResolvedSet;
pub use resolved::{AliasFields, Member, Presence, ResolvedCondition, ResolvedCorrelation};
pub use sequence::{SequenceWitness, sequences};
pub use steps::Ingredients;
