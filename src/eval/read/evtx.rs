//! Windows event logs, by the crate `evtx` (feature `evtx`).
//!
//! A log is a header of 4 KiB and chunks of 64 KiB, each of which is read by itself.

use super::chunk::Sink;
use super::frame::{Cut, Cutter};
#[cfg(feature = "evtx")]
use super::json;
use crate::diagnostic::{Code, Diagnostic};
#[cfg(feature = "evtx")]
use ::evtx::err::{DeserializationError, EvtxError};
#[cfg(feature = "evtx")]
use std::io;
use std::sync::Arc;

const HEADER: usize = 4096;
const CHUNK: usize = 65536;

/// Cuts between the chunks of a log.
#[derive(Debug, Default)]
pub(super) struct EvtxCutter {
    header: Option<Arc<[u8]>>,
}

impl Cutter for EvtxCutter {
    fn cut(&mut self, bytes: &[u8], _: bool) -> Option<Cut> {
        if self.header.is_none() {
            let header = bytes.get(..HEADER)?;
            self.header = Some(header.into());
            return Some(Cut::after(HEADER));
        }
        let whole = bytes.len() - bytes.len() % CHUNK;
        (whole > 0).then_some(Cut::before(whole))
    }

    fn header(&self) -> Option<Arc<[u8]>> {
        self.header.clone()
    }
}

/// The records of chunks as flat events.
#[cfg(feature = "evtx")]
pub(super) fn decode(header: Option<&[u8]>, bytes: &[u8], offset: u64, sink: &mut Sink<'_>) {
    // The reader leaves out a chunk that is not whole.
    if header.is_some() && !bytes.len().is_multiple_of(CHUNK) {
        let message = "expected an event log of whole chunks, found one that is cut off: \
            the records of its last chunk are not read";
        sink.diagnostics
            .push(Diagnostic::warning(Code::Events, message));
    }
    let log = Joined {
        parts: [header.unwrap_or_default(), bytes],
        at: 0,
    };
    let mut parser = match ::evtx::EvtxParser::from_read_seek(log) {
        Ok(parser) => parser,
        Err(error) => {
            let message = format!("the Windows event log can't be read: {error}");
            return sink.fail(|| Diagnostic::error(Code::Events, message));
        }
    };
    let first = offset.saturating_sub(HEADER as u64) / CHUNK as u64;
    // The crate writes a record as JSON much faster than it makes a value of it.
    for record in parser.records_json() {
        match record {
            Ok(record) => {
                let known = sink.diagnostics.len();
                json::values(&record.data, false, sink);
                // Nobody has the text that they point into.
                for diagnostic in &mut sink.diagnostics[known..] {
                    diagnostic.labels.clear();
                }
            }
            Err(error) => sink.fail(|| unread(&error, first)),
        }
    }
}

/// What of the log can't be read, and why. The crate counts chunks from the first that it was given.
#[cfg(feature = "evtx")]
fn unread(error: &EvtxError, first: u64) -> Diagnostic {
    let what = match error {
        EvtxError::FailedToParseChunk { chunk_id, .. } => format!("chunk {}", first + chunk_id),
        EvtxError::FailedToReadRecordAt {
            chunk: Some(chunk),
            offset,
            ..
        } => format!("the record at byte {offset} of chunk {}", first + chunk),
        EvtxError::FailedToParseRecord { record_id, .. } => format!("record {record_id}"),
        _ => "a record".to_owned(),
    };
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let why = match cause.downcast_ref() {
        Some(DeserializationError::InvalidEvtxChunkMagic { .. }) => {
            "expected `ElfChnk`, found other bytes".to_owned()
        }
        _ => cause.to_string(),
    };
    let message = format!("{what} of the Windows event log can't be read: {why}");
    Diagnostic::error(Code::Events, message)
}

/// A log's header and some of its chunks, as if they were one file.
#[cfg(feature = "evtx")]
struct Joined<'l> {
    parts: [&'l [u8]; 2],
    at: u64,
}

#[cfg(feature = "evtx")]
impl io::Read for Joined<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let [header, chunks] = self.parts;
        let at = usize::try_from(self.at).unwrap_or(usize::MAX);
        let rest = match header.get(at..).filter(|rest| !rest.is_empty()) {
            Some(rest) => rest,
            None => chunks.get(at - header.len()..).unwrap_or_default(),
        };
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

#[cfg(feature = "evtx")]
impl io::Seek for Joined<'_> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let length = self.parts.iter().map(|part| part.len() as u64).sum::<u64>();
        let at = match to {
            io::SeekFrom::Start(at) => Some(at),
            io::SeekFrom::End(by) => length.checked_add_signed(by),
            io::SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// This build has no reader of Windows event logs.
#[cfg(not(feature = "evtx"))]
pub(super) fn decode(_: Option<&[u8]>, _: &[u8], _: u64, sink: &mut Sink<'_>) {
    let message = "this build of varsigma reads no Windows event logs (feature `evtx`)";
    let error = Diagnostic::error(Code::Events, message);
    sink.fail(|| error.help("give the log's JSON dump instead"));
}
