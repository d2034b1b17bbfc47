//! Framing: a stream is cut into chunks of whole records.
//!
//! In: bytes as they come, in any format, compressed or not. Out: [`EventChunk`]s of about a
//! megabyte, in order, each of which is decoded by itself, on any thread. No more than a chunk is
//! held; a record that has more than 64 MB is left out, with an error.

mod compressed;
mod json;
mod lines;
mod stream;
mod table;

use super::chunk::EventChunk;
use super::format::InputFormat;
use super::sniff;
use crate::diagnostic::{Code, Diagnostic};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use stream::Stream;

pub(super) use json::{Scan, list_in_envelope};

/// How large the pieces of a stream are.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    /// How many bytes a chunk has, unless a record is larger.
    chunk: usize,
    /// The most that a record may have.
    record: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            chunk: 1 << 20,
            record: 64 << 20,
        }
    }
}

/// How much of a stream shows its format.
const START: usize = 64 << 10;

/// How a stream is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ReadOptions {
    /// The format; by default the one that the content shows.
    pub format: Option<InputFormat>,
    /// The format where the content shows none; by default that is an error.
    pub fallback: Option<InputFormat>,
}

impl ReadOptions {
    /// The format of all that is read.
    #[must_use]
    pub const fn format(mut self, format: Option<InputFormat>) -> Self {
        self.format = format;
        self
    }

    /// The format where the content shows none.
    #[must_use]
    pub const fn fallback(mut self, format: Option<InputFormat>) -> Self {
        self.fallback = format;
        self
    }
}

/// Why the rest of a stream is not read.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// The stream itself failed.
    Io(io::Error),
    /// What it holds is broken: a compressed stream is cut off, or no format fits.
    Content(Diagnostic),
}

/// What cuts a format's bytes into whole records.
pub(super) trait Cutter: std::fmt::Debug + Send {
    /// Cuts whole records off the front of the bytes, as many as there are; `None`: more bytes are
    /// needed. Where `is_last`, no more will come, and what is left is one piece.
    fn cut(&mut self, bytes: &[u8], is_last: bool) -> Option<Cut>;

    /// Where reading goes on after a record that is too large: the first place in the bytes at which
    /// a record may begin.
    fn resume(&mut self, bytes: &[u8]) -> Option<usize> {
        memchr::memchr(b'\n', bytes).map(|at| at + 1)
    }

    /// What the chunks need of the stream's beginning.
    fn header(&self) -> Option<Arc<[u8]>> {
        None
    }

    /// Is something open that no chunk shows: a list whose elements are the events?
    fn is_open(&self) -> bool {
        false
    }
}

/// A piece of the bytes: its records, and where the next piece begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    pub start: usize,
    pub end: usize,
    pub next: usize,
}

impl Cut {
    /// All bytes before the place.
    pub const fn before(end: usize) -> Self {
        Self {
            start: 0,
            end,
            next: end,
        }
    }

    /// No records: reading goes on at the place.
    pub const fn after(next: usize) -> Self {
        Self {
            start: next,
            end: next,
            next,
        }
    }
}

/// Cuts a stream into chunks.
///
/// ```
/// use varsigma::eval::read::{EventReader, ReadOptions};
///
/// let log = "{\"a\":1}\n{\"a\":2}\n".as_bytes();
/// let mut count = 0;
/// for chunk in EventReader::new(log, ReadOptions::default()) {
///     let errors = chunk.unwrap().decode(&mut |record| count += 1);
///     assert!(errors.is_empty());
/// }
/// assert_eq!(count, 2);
/// ```
#[derive(Debug)]
pub struct EventReader<R> {
    stream: Stream<R>,
    options: ReadOptions,
    sizes: Sizes,
    /// Known after the first bytes.
    state: Option<State>,
    bytes: Vec<u8>,
    is_last: bool,
    is_done: bool,
    /// Bytes, lines and chunks before `bytes`, and columns in the last of those lines.
    position: Position,
    pending: VecDeque<ReadError>,
    is_idle: IsIdle,
}

/// Says whether a read would wait for long.
struct IsIdle(Box<dyn FnMut() -> bool + Send>);

impl std::fmt::Debug for IsIdle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IsIdle")
    }
}

#[derive(Debug)]
struct State {
    format: InputFormat,
    cutter: Box<dyn Cutter>,
}

/// The place at which a chunk begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Position {
    pub chunk: usize,
    pub offset: u64,
    pub line: usize,
    pub column: usize,
}

impl Position {
    fn advance(&mut self, bytes: &[u8]) {
        self.offset += bytes.len() as u64;
        let last = memchr::memrchr(b'\n', bytes);
        match last {
            Some(at) => {
                self.line += memchr::memchr_iter(b'\n', bytes).count();
                self.column = bytes.len() - at - 1;
            }
            None => self.column += bytes.len(),
        }
    }
}

impl<R: io::Read> EventReader<R> {
    /// Reads a stream.
    pub fn new(input: R, options: ReadOptions) -> Self {
        Self {
            stream: Stream::new(input),
            options,
            sizes: Sizes::default(),
            state: None,
            bytes: Vec::new(),
            is_last: false,
            is_done: false,
            position: Position::default(),
            pending: VecDeque::new(),
            is_idle: IsIdle(Box::new(|| false)),
        }
    }

    /// Does not wait for a whole chunk: what has come is cut where the source has nothing more for
    /// now. `is_idle` may wait for it for a while.
    #[must_use]
    pub fn live(mut self, is_idle: impl FnMut() -> bool + Send + 'static) -> Self {
        self.is_idle = IsIdle(Box::new(is_idle));
        self
    }

    /// The format that is read; `None` before the first chunk, and where none was found.
    #[must_use]
    pub fn format(&self) -> Option<InputFormat> {
        self.state.as_ref().map(|state| state.format)
    }

    /// Reads on until there are as many bytes, or no more; of a source that is idle, until there is a
    /// line.
    fn fill(&mut self, wanted: usize) {
        while self.bytes.len() < wanted && !self.is_last {
            if memchr::memrchr(b'\n', &self.bytes).is_some() && (self.is_idle.0)() {
                return;
            }
            match self.stream.fill(&mut self.bytes, wanted) {
                Ok(0) => self.is_last = true,
                Ok(_) => {}
                Err(error) => {
                    self.is_last = true;
                    self.pending.push_back(error);
                }
            }
        }
    }

    fn start(&mut self) -> Option<ReadError> {
        self.fill(START);
        // The first lines of a source that is idle may show no format yet.
        while self.bytes.len() < START
            && !self.is_last
            && self.options.format.is_none()
            && sniff::format_of(&self.bytes).is_none()
        {
            self.fill(START);
        }
        let start = &self.bytes[..self.bytes.len().min(START)];
        let is_blank = start
            .iter()
            .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
        let found = match self.options.format {
            Some(format) => Some(format),
            None if is_blank && self.is_last => Some(InputFormat::Text),
            None => match (sniff::format_of(start), self.options.fallback) {
                (Some(found), None) => Some(found.format),
                (Some(found), Some(_)) if found.is_certain => Some(found.format),
                (_, fallback) => fallback,
            },
        };
        let Some(format) = found else {
            self.is_done = true;
            return Some(ReadError::Content(sniff::unknown(start)));
        };
        let cutter: Box<dyn Cutter> = match format {
            InputFormat::Json => Box::new(json::JsonCutter::new(self.sizes.chunk * 4)),
            InputFormat::Evtx => Box::new(super::evtx::EvtxCutter::default()),
            InputFormat::Xml => Box::new(lines::XmlCutter),
            InputFormat::Csv | InputFormat::Tsv => Box::new(table::TableCutter::default()),
            InputFormat::Zeek | InputFormat::W3c => Box::new(table::LogCutter::default()),
            InputFormat::Auditd => Box::new(lines::AuditCutter),
            InputFormat::Syslog
            | InputFormat::Cef
            | InputFormat::Leef
            | InputFormat::Logfmt
            | InputFormat::Text => Box::new(lines::LineCutter),
        };
        self.state = Some(State { format, cutter });
        None
    }

    /// The next piece of the stream that holds anything.
    fn cut(&mut self) -> Option<EventChunk> {
        let mut wanted = self.sizes.chunk;
        loop {
            self.fill(wanted);
            let state = self.state.as_mut()?;
            if self.bytes.is_empty() {
                return None;
            }
            let is_last = self.is_last;
            if let Some(cut) = state.cutter.cut(&self.bytes, is_last) {
                if let Some(chunk) = self.take(cut) {
                    return Some(chunk);
                }
                wanted = self.sizes.chunk;
            } else if is_last {
                let whole = Cut::before(self.bytes.len());
                return self.take(whole);
            } else if self.bytes.len() >= self.sizes.record {
                return Some(self.skip());
            } else {
                wanted = (self.bytes.len() * 2).min(self.sizes.record);
            }
        }
    }

    fn take(&mut self, cut: Cut) -> Option<EventChunk> {
        let mut position = self.position;
        position.advance(&self.bytes[..cut.start]);
        let state = self.state.as_ref()?;
        let is_end = self.is_last && cut.next == self.bytes.len();
        let is_open = is_end && state.cutter.is_open();
        let chunk = (cut.start < cut.end || is_open).then(|| EventChunk {
            format: state.format,
            header: state.cutter.header(),
            bytes: self.bytes[cut.start..cut.end].to_vec(),
            position,
            is_open,
            diagnostic: None,
        });
        self.position.advance(&self.bytes[..cut.next]);
        self.bytes.drain(..cut.next);
        self.position.chunk += usize::from(chunk.is_some());
        chunk
    }

    /// Leaves out a record that is too large, up to the next place at which one may begin.
    fn skip(&mut self) -> EventChunk {
        let position = self.position;
        let message = format!(
            "expected a record of {} MB at most, found a larger one",
            self.sizes.record >> 20
        );
        let error = Diagnostic::error(Code::OversizedRecord, message)
            .help("check the file, which may be broken here; the records after it count");
        let mut first = true;
        while let Some(state) = self.state.as_mut() {
            // The record's own beginning is no place to go on.
            let from = usize::from(first).min(self.bytes.len());
            first = false;
            if let Some(at) = state.cutter.resume(&self.bytes[from..]) {
                self.position.advance(&self.bytes[..from + at]);
                self.bytes.drain(..from + at);
                break;
            }
            self.position.advance(&self.bytes);
            self.bytes.clear();
            if self.is_last {
                break;
            }
            self.fill(self.sizes.chunk);
        }
        self.position.chunk += 1;
        EventChunk {
            format: self.format().unwrap_or(InputFormat::Text),
            header: None,
            bytes: Vec::new(),
            position,
            is_open: false,
            diagnostic: Some(error),
        }
    }
}

impl<R: io::Read> Iterator for EventReader<R> {
    type Item = Result<EventChunk, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if !self.is_done && self.state.is_none() {
            // A stream that fails at once has no format: why it failed says more.
            self.fill(START);
            if self.bytes.is_empty() && !self.pending.is_empty() {
                self.is_done = true;
            } else if let Some(error) = self.start() {
                return Some(Err(error));
            }
        }
        if !self.is_done {
            if let Some(chunk) = self.cut() {
                return Some(Ok(chunk));
            }
            self.is_done = true;
        }
        self.pending.pop_front().map(Err)
    }
}

#[cfg(test)]
mod tests;
