//! The events that rules are tested on.
//!
//! In: files and folders. Out: [`Sample`]s in the order of their files. Files are read a chunk at a
//! time, so that [`EventSource::stream`] holds no more than some.

use crate::cli::events::{
    self, ChunkWork, FormatOptions, Interrupt, Purpose, TimeSpan, UnreadFile,
};
use crate::cli::report::Report;
use crate::eval::read::Expected;
use crate::eval::{Event, TimeFields};
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
    pub event: Event<'static>,
    /// Which rules it is for; none for all of them.
    pub purpose: Option<Arc<Purpose>>,
    /// The answer that it carries, if it is a witness.
    pub expected: Option<Expected>,
}

/// The events that are given.
pub(super) struct EventSource<'e> {
    pub paths: &'e [PathBuf],
    pub format: FormatOptions,
    pub span: TimeSpan,
    pub times: &'e TimeFields,
    /// Ends reading.
    pub interrupt: Interrupt,
}

impl EventSource<'_> {
    /// Reads all events.
    pub fn collect(&self, report: &mut Report) -> (Vec<Sample>, Vec<UnreadFile>) {
        let mut samples = Vec::new();
        let unread = self.stream(report, &mut |piece| samples.extend(piece));
        (samples, unread)
    }

    /// Reads all events and hands them to `take`, some thousand at a time.
    pub fn stream(
        &self,
        report: &mut Report,
        take: &mut dyn FnMut(Vec<Sample>),
    ) -> Vec<UnreadFile> {
        let (files, mut unread) = events::find(self.paths, self.format);
        let reading = events::read(
            files,
            &self.interrupt,
            report,
            |_, chunk| {
                let mut events = Vec::new();
                let mut count = 0;
                let report = chunk.decode_events(&mut |event, expected| {
                    if self.span.takes(&event, self.times) {
                        events.push((count, event.into_owned(), expected));
                    }
                    count += 1;
                });
                ChunkWork {
                    events: count,
                    made: events,
                    report,
                }
            },
            |file, first, events| {
                let samples = events.into_iter();
                let samples = samples.map(|(at, event, expected)| Sample {
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
}
