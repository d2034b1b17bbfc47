//! Decoding: a chunk of whole records becomes events.
//!
//! In: an [`EventChunk`], as [`EventReader`](super::EventReader) cut it. Out: its events one by one,
//! and a [`ChunkReport`] with what is wrong with the records that can't be read. A chunk needs no other
//! to be decoded, so that many are at once.

use super::format::InputFormat;
use super::frame::Position;
use super::shape::is_marked;
use super::{Expected, Found, auditd, evtx, json, lines, table, xml};
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::Event;
use crate::eval::event::Layouts;
use crate::source::Span;
use serde::Deserialize as _;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::sync::Arc;

/// After as many errors of a chunk the others are counted alone.
pub(super) const MOST_ERRORS: usize = 16;

/// A piece of a stream: whole records.
#[derive(Debug, Clone)]
pub struct EventChunk {
    pub(super) format: InputFormat,
    /// What the chunk needs of the stream's beginning: the header of a table or of a log.
    pub(super) header: Option<Arc<[u8]>>,
    pub(super) bytes: Vec<u8>,
    pub(super) position: Position,
    /// Does the stream end in the middle of a list?
    pub(super) is_open: bool,
    /// What framing found wrong.
    pub(super) diagnostic: Option<Diagnostic>,
}

/// An event as its format gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRecord<'c> {
    /// What it holds.
    pub body: EventBody<'c>,
    /// The answer that it should get, where it is a witness.
    pub expected: Option<Expected>,
    /// The byte of the chunk's text at which the record begins, for [`EventChunk::line_of`].
    pub offset: usize,
}

/// What an event holds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum EventBody<'c> {
    /// The text of a JSON object that is the event itself: it was checked, and can be deserialized
    /// straight.
    Object(&'c str),
    /// A value that was made of the record, an object mostly.
    Value(Json),
    /// A line of text, searched by keywords.
    Line(&'c str),
}

/// What is wrong with a chunk's records.
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use]
pub struct ChunkReport {
    /// What is wrong, in order; of many errors the first.
    pub diagnostics: Vec<Diagnostic>,
    /// The text that they point into, with as many empty lines before it as the stream has lines
    /// before the chunk; empty where nothing is wrong.
    pub text: String,
    /// How many records could not be read.
    pub unread: usize,
}

impl ChunkReport {
    /// Is nothing wrong?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }
}

impl EventRecord<'_> {
    /// The event as JSON: a line is a text.
    #[must_use]
    pub fn json(&self) -> Json {
        match &self.body {
            EventBody::Object(text) => serde_json::from_str(text).unwrap_or_default(),
            EventBody::Value(value) => value.clone(),
            EventBody::Line(line) => Json::from(*line),
        }
    }

    /// The event, prepared for matching.
    #[must_use]
    pub fn event(&self) -> Event<'static> {
        match &self.body {
            EventBody::Object(text) => {
                serde_json::from_str(text).unwrap_or_else(|_| Event::new(&Json::from(*text)))
            }
            EventBody::Value(value) => Event::new(value),
            EventBody::Line(line) => Event::new(&Json::from(*line)),
        }
    }

    /// The event, prepared for matching, with the answer that it should get; nothing of a value is
    /// copied.
    #[must_use]
    pub fn into_event(self) -> (Event<'static>, Option<Expected>) {
        let event = match self.body {
            EventBody::Value(value) => Event::deserialize(value).unwrap_or_else(|error| {
                // Deeper than any event is, which no reader gives.
                Event::new(&Json::from(error.to_string()))
            }),
            _ => self.event(),
        };
        (event, self.expected)
    }

    /// The event as JSON, with the answer that it should get.
    #[must_use]
    pub fn into_found(self) -> Found {
        let event = match self.body {
            EventBody::Value(value) => value,
            _ => self.json(),
        };
        Found {
            event,
            expected: self.expected,
        }
    }
}

impl EventChunk {
    /// Its format.
    #[must_use]
    pub const fn format(&self) -> InputFormat {
        self.format
    }

    /// Its number in the stream, from 0.
    #[must_use]
    pub const fn number(&self) -> usize {
        self.position.chunk
    }

    /// The byte of the stream (decompressed, in UTF-8) at which it begins.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.position.offset
    }

    /// How many bytes it has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// The line of the stream, from 1, that holds a byte of the chunk.
    #[must_use]
    pub fn line_of(&self, offset: usize) -> usize {
        let before = &self.bytes[..offset.min(self.bytes.len())];
        self.position.line + memchr::memchr_iter(b'\n', before).count() + 1
    }

    /// Hands each event to `take`, in order.
    pub fn decode(&self, take: &mut dyn FnMut(EventRecord<'_>)) -> ChunkReport {
        self.decode_into(Sink::new(take))
    }

    /// Hands each event to `take` as it is matched, in order, with the answer that it should get. A JSON
    /// object is read once; [`Self::decode`] and [`EventRecord::into_event`] read it twice.
    pub fn decode_events(&self, take: &mut dyn FnMut(Event<'_>, Option<Expected>)) -> ChunkReport {
        self.decode_into(Sink::of_events(take))
    }

    fn decode_into(&self, mut sink: Sink<'_>) -> ChunkReport {
        sink.diagnostics.extend(self.diagnostic.clone());
        sink.unread += usize::from(self.diagnostic.is_some());
        if self.format == InputFormat::Evtx {
            let header = self.header.as_deref();
            evtx::decode(header, &self.bytes, self.position.offset, &mut sink);
            return sink.report();
        }
        let text = self.text(&mut sink);
        let header = self.header.as_deref().unwrap_or_default();
        match self.format {
            InputFormat::Json => json::values(&text, self.is_open, &mut sink),
            InputFormat::Xml => xml::decode(&text, &mut sink),
            InputFormat::Csv | InputFormat::Tsv => table::csv(header, &text, &mut sink),
            InputFormat::Zeek => table::log(header, &text, true, &mut sink),
            InputFormat::W3c => table::log(header, &text, false, &mut sink),
            InputFormat::Auditd => auditd::decode(&text, &mut sink),
            format => lines::decode(&text, format, &mut sink),
        }
        let mut report = sink.report();
        self.place(&text, &mut report);
        report
    }

    /// The text. Bytes that are not UTF-8 are U+FFFD, and the first of them is pointed at.
    fn text(&self, sink: &mut Sink<'_>) -> Cow<'_, str> {
        let text = String::from_utf8_lossy(&self.bytes);
        if let Cow::Owned(text) = &text
            && let Err(error) = std::str::from_utf8(&self.bytes)
        {
            let at = error.valid_up_to();
            let message = format!(
                "expected UTF-8 text, found the byte 0x{:02x}",
                self.bytes[at]
            );
            sink.diagnostics.push(
                Diagnostic::warning(Code::NotUtf8, message)
                    .label(character(text, at), "read as U+FFFD")
                    .help("save it as UTF-8; each byte that is not is read as U+FFFD"),
            );
        }
        text
    }

    /// The places of errors are those in the stream: its earlier lines are there, but empty.
    fn place(&self, text: &str, report: &mut ChunkReport) {
        if report.diagnostics.is_empty() {
            return;
        }
        let Position { line, column, .. } = self.position;
        for diagnostic in &mut report.diagnostics {
            for label in &mut diagnostic.labels {
                let range = label.span.range();
                label.span = Span::new(range.start + line + column, range.end + line + column);
            }
        }
        report.text = "\n".repeat(line) + &" ".repeat(column) + text;
    }
}

/// The character that holds a byte of a text, or the end of the text.
pub(super) fn character(text: &str, at: usize) -> Span {
    let mut start = at.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let length = text[start..].chars().next().map_or(0, char::len_utf8);
    Span::new(start, start + length)
}

/// Where a format's decoder puts what it reads.
pub(super) struct Sink<'t> {
    take: Take<'t>,
    layouts: Layouts,
    pub diagnostics: Vec<Diagnostic>,
    unread: usize,
}

/// Takes an event that is prepared, and the answer that it should get.
type TakeEvent<'t> = dyn FnMut(Event<'_>, Option<Expected>) + 't;

/// How events are wanted.
enum Take<'t> {
    Records(&'t mut dyn FnMut(EventRecord<'_>)),
    Events(&'t mut TakeEvent<'t>),
}

impl<'t> Sink<'t> {
    pub fn new(take: &'t mut dyn FnMut(EventRecord<'_>)) -> Self {
        Self::of(Take::Records(take))
    }

    /// Where events are wanted as they are matched.
    pub fn of_events(take: &'t mut TakeEvent<'t>) -> Self {
        Self::of(Take::Events(take))
    }

    fn of(take: Take<'t>) -> Self {
        Self {
            take,
            layouts: Layouts::default(),
            diagnostics: Vec::new(),
            unread: 0,
        }
    }

    /// The event at the start of a text of JSON, where events are wanted as they are matched. How long its
    /// text is; `None` where it takes more to read.
    pub fn prepared(&mut self, text: &str) -> Option<usize> {
        match &mut self.take {
            Take::Records(_) => None,
            Take::Events(take) => self
                .layouts
                .event(text, is_marked, |event| take(event, None)),
        }
    }

    /// An event that begins at the byte.
    pub fn event(&mut self, offset: usize, body: EventBody<'_>) {
        self.record(EventRecord {
            body,
            expected: None,
            offset,
        });
    }

    /// An event that was in an envelope.
    pub fn found(&mut self, offset: usize, found: Found) {
        self.record(EventRecord {
            body: EventBody::Value(found.event),
            expected: found.expected,
            offset,
        });
    }

    fn record(&mut self, record: EventRecord<'_>) {
        match &mut self.take {
            Take::Records(take) => take(record),
            Take::Events(take) => {
                let (event, expected) = record.into_event();
                take(event, expected);
            }
        }
    }

    /// A record that can't be read. The text of its error is made where it is wanted.
    pub fn fail(&mut self, error: impl FnOnce() -> Diagnostic) {
        self.unread += 1;
        if self.unread <= MOST_ERRORS {
            self.diagnostics.push(error());
        }
    }

    /// The build lacks a format's reader.
    #[cfg(not(feature = "events"))]
    pub fn lacks(&mut self, format: &str) {
        let message = format!("this build of varsigma reads no {format} (feature `events`)");
        self.fail(|| Diagnostic::error(Code::Events, message));
    }

    pub fn report(mut self) -> ChunkReport {
        if let Some(more) = self
            .unread
            .checked_sub(MOST_ERRORS)
            .filter(|more| *more > 0)
            && let Some(last) = self.diagnostics.iter_mut().rfind(|one| one.is_error())
        {
            last.help.push(match more {
                1 => "see to one more record after it that can't be read either".to_owned(),
                _ => format!("see to {more} more records after it that can't be read either"),
            });
        }
        ChunkReport {
            diagnostics: self.diagnostics,
            text: String::new(),
            unread: self.unread,
        }
    }
}
