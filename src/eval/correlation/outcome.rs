//! What a correlation came to.

use super::facts::EventPlace;
use crate::eval::Instant;
use std::sync::Arc;

/// What a correlation came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// Each group and instant at which the condition holds, in order of time, then of group.
    pub firings: Vec<Firing>,
    /// How many events (and firings of other correlations) it looked at. One that belongs to
    /// several groups counts in each.
    pub considered: usize,
    /// How many matches of its rules were left out, as the group had no value.
    pub without_group: usize,
    /// How many matches of its rules were left out, as the event had no time.
    pub without_time: usize,
    /// Where it did not fire, how near it came.
    pub nearest: Option<NearMiss>,
}

/// An instant at which a correlation's condition holds for a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Firing {
    /// When.
    pub at: Instant,
    /// The values of the group's fields in order, as the event at the instant has them; of a window
    /// that ends where no event is, the event at its start.
    pub group: Arc<[Arc<str>]>,
    /// What the window holds, if it was asked for.
    pub evidence: Option<Box<Evidence>>,
}

/// A window that made a correlation fire.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Its first instant.
    pub from: Instant,
    /// Its last instant.
    pub to: Instant,
    /// What the correlation measured in it, for people: `3`, `4.5`.
    pub measure: String,
    /// How many events are in it.
    pub count: usize,
    /// The last of them, in order of time.
    pub events: Vec<Witnessed>,
}

/// An event in a window.
#[derive(Debug, Clone, PartialEq)]
pub struct Witnessed {
    /// When.
    pub at: Instant,
    /// Which of the correlation's members it is an event of: their places.
    pub members: Vec<usize>,
    /// Where it is; `None` for the firing of a correlation.
    pub place: Option<EventPlace>,
}

/// The window in which a correlation came nearest to firing.
#[derive(Debug, Clone, PartialEq)]
pub struct NearMiss {
    /// The instant at which it was judged.
    pub at: Instant,
    /// The group.
    pub group: Arc<[Arc<str>]>,
    /// What the correlation measured there, for people; none where there was nothing to measure.
    pub measure: Option<String>,
    /// The places of the members of which no event was in the window.
    pub absent: Vec<usize>,
    /// The window was that of an absence, and the events end before it does.
    pub incomplete: bool,
}
