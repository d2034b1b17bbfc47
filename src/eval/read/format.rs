//! The formats that events come in, and how a stream shows its own.
//!
//! In: the first bytes of a stream, `CEF:0|Vendor|…`. Out: [`InputFormat::Cef`], or nothing where no
//! format fits. The name of a file plays no part.

use super::sniff;

/// A format of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum InputFormat {
    /// `{"EventID": 1}`: objects one a line, one after another or in arrays, the answers of searches
    /// and batches of `Records`.
    Json,
    /// Windows event logs.
    Evtx,
    /// Any text, each line an event that is searched by keywords.
    Text,
}

impl InputFormat {
    /// All of them, in the order of their names' list.
    pub const ALL: &[Self] = &[Self::Json, Self::Evtx, Self::Text];

    /// `json`
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Evtx => "evtx",
            Self::Text => "text",
        }
    }

    /// What its files hold.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Json => "JSON: objects one a line or in arrays, answers of searches",
            Self::Evtx => "Windows event logs",
            Self::Text => "any text: each line is an event that keywords search",
        }
    }

    /// The format of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|format| format.name() == name);
        found.copied()
    }

    /// The format of a stream that begins with these bytes, decompressed and in UTF-8. `None`: none
    /// fits, or there is no more than blanks.
    #[must_use]
    pub fn of(start: &[u8]) -> Option<Self> {
        sniff::format_of(start).map(|found| found.format)
    }
}
