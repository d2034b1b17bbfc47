//! Windows event logs, by the crate `evtx` (feature `evtx`).

use crate::diagnostic::{Code, Diagnostic};
use crate::eval::read::Read;

/// The records of a log as flat events, and what is wrong with the others.
#[cfg(feature = "evtx")]
pub(super) fn events(bytes: Vec<u8>) -> Read {
    use crate::eval::windows::flatten;
    let wrong = |what: &str, error: &dyn std::fmt::Display| {
        Diagnostic::error(Code::Events, format!("{what}: {error}"))
    };
    let mut read = Read::default();
    // A header of 4 KiB and chunks of 64 KiB; the reader leaves out a chunk that is not whole.
    if bytes.len() > 4096 && !(bytes.len() - 4096).is_multiple_of(65536) {
        let message = "expected an event log of whole chunks, found one that is cut off: \
            the records of its last chunk are not read";
        read.errors.push(Diagnostic::warning(Code::Events, message));
    }
    let mut parser = match evtx::EvtxParser::from_buffer(bytes) {
        Ok(parser) => parser,
        Err(error) => {
            let what = "the Windows event log can't be read";
            read.errors.push(wrong(what, &error));
            return read;
        }
    };
    let mut broken = 0;
    for record in parser.records_json_value() {
        match record {
            Ok(record) => {
                let event = flatten(&record.data).unwrap_or(record.data);
                read.events.push(event.into());
            }
            Err(error) => {
                broken += 1;
                if broken == 1 {
                    let what = "a record of the Windows event log can't be read";
                    read.errors.push(wrong(what, &error));
                }
            }
        }
    }
    if let (2.., Some(error)) = (broken, read.errors.last_mut()) {
        let more = broken - 1;
        error.help.push(format!(
            "{more} more can't be read either; the others count"
        ));
    }
    read
}

/// This build has no reader of Windows event logs.
#[cfg(not(feature = "evtx"))]
pub(super) fn events(_: Vec<u8>) -> Read {
    let message = "this build of varsigma reads no Windows event logs (feature `evtx`)";
    let error = Diagnostic::error(Code::Events, message);
    Read {
        events: Vec::new(),
        errors: vec![error.help("give the log's JSON dump instead")],
    }
}
