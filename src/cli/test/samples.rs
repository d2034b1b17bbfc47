//! The events that rules are tested on.
//!
//! In: files and folders. Out: [`Sample`]s in the order of their files. Files are read a chunk at a
//! time, so that [`stream`] holds no more than some.

use crate::cli::events::{self, ChunkWork, FormatOptions, Interrupt, Purpose, UnreadFile};
use crate::cli::report::Report;
use crate::eval::Event;
use crate::eval::read::Expected;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

/// An event and where it comes from.
#[derive(Debug)]
pub(super) struct Sample {
    /// The file's path.
    pub file: Arc<str>,
    /// Its number in the file, from 1.
    pub number: usize,
    pub event: Event,
    /// Which rules it is for; none for all of them.
    pub purpose: Option<Arc<Purpose>>,
    /// The answer that it carries, if it is a witness.
    pub expected: Option<Expected>,
}

/// Reads all events.
pub(super) fn collect(
    paths: &[PathBuf],
    format: FormatOptions,
    report: &mut Report,
) -> (Vec<Sample>, Vec<UnreadFile>) {
    let mut samples = Vec::new();
    let unread = stream(paths, format, report, &mut |piece| samples.extend(piece));
    (samples, unread)
}

/// Reads all events and hands them to `take`, some thousand at a time.
pub(super) fn stream(
    paths: &[PathBuf],
    format: FormatOptions,
    report: &mut Report,
    take: &mut dyn FnMut(Vec<Sample>),
) -> Vec<UnreadFile> {
    let (files, mut unread) = events::find(paths, format);
    let reading = events::read(
        files,
        &Interrupt::default(),
        report,
        |_, chunk| {
            let mut events = Vec::new();
            let report = chunk.decode(&mut |record| {
                events.push(record.into_event());
            });
            ChunkWork {
                events: events.len(),
                made: events,
                report,
            }
        },
        |file, first, events| {
            let samples = events.into_iter().enumerate();
            let samples = samples.map(|(at, (event, expected))| Sample {
                file: Arc::clone(&file.name),
                number: first + at,
                event,
                purpose: file.purpose.clone(),
                expected,
            });
            take(samples.collect());
            ControlFlow::Continue(())
        },
    );
    unread.extend(reading.unread);
    unread
}
