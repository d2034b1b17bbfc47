//! Windows event logs, by the crate `evtx` (feature `evtx`).

use crate::diagnostic::{Code, Diagnostic};
use crate::eval::read::Found;

/// The records of a log as flat events.
#[cfg(feature = "evtx")]
pub(super) fn events(bytes: Vec<u8>) -> Result<Vec<Found>, Diagnostic> {
    use crate::eval::windows::flatten;
    let wrong = |error: &dyn std::fmt::Display| {
        let message = format!("the Windows event log can't be read: {error}");
        Diagnostic::error(Code::Events, message)
    };
    let mut parser = evtx::EvtxParser::from_buffer(bytes).map_err(|error| wrong(&error))?;
    let records = parser.records_json_value();
    records
        .map(|record| {
            let record = record.map_err(|error| wrong(&error))?;
            Ok(flatten(&record.data).unwrap_or(record.data).into())
        })
        .collect()
}

/// This build has no reader of Windows event logs.
#[cfg(not(feature = "evtx"))]
pub(super) fn events(_: Vec<u8>) -> Result<Vec<Found>, Diagnostic> {
    let message = "this build of varsigma reads no Windows event logs (feature `evtx`)";
    Err(Diagnostic::error(Code::Events, message).help("give the log's JSON dump instead"))
}
