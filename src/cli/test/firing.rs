//! What a correlation came to, as `test` reports it.
//!
//! In: an [`Outcome`] and the names of what the correlation refers to. Out: [`FiringVerdict`]s, which
//! are `{"at": "2026-01-01T00:00:34.250Z", "group": {"user": "ann"}}` in JSON.

use crate::eval::Instant;
use crate::eval::correlation::{Evidence, EventPlace, Firing, NearMiss, Outcome};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// A group and an instant at which a correlation fired.
#[derive(Debug, Serialize)]
pub(super) struct FiringVerdict {
    pub at: Instant,
    pub group: GroupVerdict,
    /// With `--explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowVerdict>,
}

/// A group: the names of `group-by` with their values.
#[derive(Debug)]
pub(super) struct GroupVerdict {
    pub names: Arc<[String]>,
    pub values: Arc<[Arc<str>]>,
}

impl Serialize for GroupVerdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.names.len()))?;
        for (name, value) in self.names.iter().zip(self.values.iter()) {
            map.serialize_entry(name, &**value)?;
        }
        map.end()
    }
}

/// The window that made a correlation fire.
#[derive(Debug, Serialize)]
pub(super) struct WindowVerdict {
    pub from: Instant,
    pub to: Instant,
    pub measure: String,
    /// How many events are in it.
    pub count: usize,
    /// The last of them.
    pub events: Vec<WindowEvent>,
}

/// An event in a window.
#[derive(Debug, Serialize)]
pub(super) struct WindowEvent {
    pub at: Instant,
    /// The rules that it matches, as the correlation refers to them.
    pub rules: Vec<Arc<str>>,
    #[serde(flatten)]
    pub place: Option<EventPlace>,
}

/// What a correlation did not fire on.
#[derive(Debug, Serialize)]
pub(super) struct Review {
    /// How many matches were left out for want of a time.
    pub without_time: usize,
    /// How many matches were left out for want of a value of the group.
    pub without_group: usize,
    /// Where it did not fire: the window that came nearest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest: Option<NearestVerdict>,
}

/// The window that came nearest to firing.
#[derive(Debug, Serialize)]
pub(super) struct NearestVerdict {
    pub at: Instant,
    pub group: GroupVerdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// The rules of which no event was in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<Arc<str>>,
    /// The events end before the window does.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
}

/// The names in a correlation: of its group, and of what it refers to.
#[derive(Debug, Clone)]
pub(super) struct CorrelationNames {
    pub group: Arc<[String]>,
    pub members: Vec<Arc<str>>,
}

impl CorrelationNames {
    /// The firings, and what did not fire.
    pub fn report(&self, outcome: Outcome) -> (Vec<FiringVerdict>, Review) {
        let firings = outcome.firings.into_iter();
        let firings = firings.map(|firing| self.firing(firing)).collect();
        let review = Review {
            without_time: outcome.without_time,
            without_group: outcome.without_group,
            nearest: outcome.nearest.map(|nearest| self.nearest(nearest)),
        };
        (firings, review)
    }

    fn firing(&self, firing: Firing) -> FiringVerdict {
        FiringVerdict {
            at: firing.at,
            group: self.group(firing.group),
            window: firing.evidence.map(|evidence| self.window(*evidence)),
        }
    }

    fn window(&self, evidence: Evidence) -> WindowVerdict {
        let events = evidence.events.into_iter().map(|event| WindowEvent {
            at: event.at,
            rules: self.named(&event.members),
            place: event.place,
        });
        WindowVerdict {
            from: evidence.from,
            to: evidence.to,
            measure: evidence.measure,
            count: evidence.count,
            events: events.collect(),
        }
    }

    fn nearest(&self, nearest: NearMiss) -> NearestVerdict {
        NearestVerdict {
            at: nearest.at,
            absent: self.named(&nearest.absent),
            group: self.group(nearest.group),
            measure: nearest.measure,
            incomplete: nearest.incomplete,
        }
    }

    fn group(&self, values: Arc<[Arc<str>]>) -> GroupVerdict {
        GroupVerdict {
            names: Arc::clone(&self.group),
            values,
        }
    }

    fn named(&self, members: &[usize]) -> Vec<Arc<str>> {
        let names = members.iter().filter_map(|member| self.members.get(*member));
        names.cloned().collect()
    }
}
