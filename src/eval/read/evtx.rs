//! Windows event logs, by the crate `evtx` (feature `evtx`).
//!
//! A log is a header of 4 KiB and chunks of 64 KiB, each of which is read by itself.

use super::chunk::{EventBody, Sink};
use super::frame::{Cut, Cutter};
use crate::diagnostic::{Code, Diagnostic};
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
pub(super) fn decode(header: Option<&[u8]>, bytes: &[u8], sink: &mut Sink<'_>) {
    use crate::eval::windows::into_flat;

    let wrong = |what: &str, error: &dyn std::fmt::Display| {
        Diagnostic::error(Code::Events, format!("{what}: {error}"))
    };
    // The reader leaves out a chunk that is not whole.
    if header.is_some() && !bytes.len().is_multiple_of(CHUNK) {
        let message = "expected an event log of whole chunks, found one that is cut off: \
            the records of its last chunk are not read";
        sink.diagnostics
            .push(Diagnostic::warning(Code::Events, message));
    }
    let log = [header.unwrap_or_default(), bytes].concat();
    let mut parser = match evtx::EvtxParser::from_buffer(log) {
        Ok(parser) => parser,
        Err(error) => return sink.fail(|| wrong("the Windows event log can't be read", &error)),
    };
    for record in parser.records_json_value() {
        match record {
            Ok(record) => {
                sink.event(0, EventBody::Value(into_flat(record.data)));
            }
            Err(error) => {
                let what = "a record of the Windows event log can't be read";
                sink.fail(|| wrong(what, &error));
            }
        }
    }
}

/// This build has no reader of Windows event logs.
#[cfg(not(feature = "evtx"))]
pub(super) fn decode(_: Option<&[u8]>, _: &[u8], sink: &mut Sink<'_>) {
    let message = "this build of varsigma reads no Windows event logs (feature `evtx`)";
    let error = Diagnostic::error(Code::Events, message);
    sink.fail(|| error.help("give the log's JSON dump instead"));
}
