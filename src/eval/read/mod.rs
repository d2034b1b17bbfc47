//! Events as files hold them.
//!
//! In: a stream of bytes in any [`InputFormat`]: compressed or not, in UTF-8 or UTF-16. Out: events,
//! and what is wrong with the records that can't be read. Reading has two steps: [`EventReader`] cuts
//! the stream into chunks of whole records, in order and in bounded memory; an [`EventChunk`] is
//! decoded by itself, many at once. Records of Windows event logs become flat
//! ([`windows`](super::windows)), envelopes are taken off.

mod auditd;
mod cef;
mod chunk;
mod envelope;
mod evtx;
mod fields;
mod format;
mod frame;
mod json;
mod lines;
mod logfmt;
mod rows;
mod shape;
mod sniff;
mod surrogate;
mod syslog;
mod table;
mod wide;
mod xml;
mod zeek;

pub use chunk::{ChunkReport, EventBody, EventChunk, EventRecord};
pub use format::InputFormat;
pub use frame::{EventReader, ReadError, ReadOptions};
pub use json::events;
pub use shape::is_marked;

use super::event::Event;
use serde_json::Value as Json;

/// An event, with the answer that it should get where its file says so.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The event.
    pub event: Json,
    /// The answer that a witness carries.
    pub expected: Option<Expected>,
}

/// The answer that an event should get: what `varsigma witness` prints beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The id or the title of the rule that it was made for; `None`: it is for every rule.
    pub rule: Option<String>,
    /// Must the rule match it?
    pub matches: bool,
    /// What it is there for.
    pub about: String,
    /// Of a correlation's witness the sequence that the event is part of: the answer is that of all
    /// events of the sequence together.
    pub sequence: Option<u64>,
}

impl Found {
    /// The event, prepared for matching.
    #[must_use]
    pub fn prepare(&self) -> Event<'static> {
        Event::new(&self.event)
    }
}

impl From<Json> for Found {
    fn from(event: Json) -> Self {
        Self {
            event,
            expected: None,
        }
    }
}
