//! Events on all cores, in bounded memory.
//!
//! In: files, and what is to be done with a chunk of their events. Out: what came of each chunk, in
//! order. A thread reads the files and cuts them into chunks, some of which wait; these are decoded and
//! worked on together.

use super::find::EventFile;
use super::live::Live;
use super::{Interrupt, UnreadFile};
use crate::cli::reason::{faulty, reason};
use crate::cli::report::Report;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::eval::read::{ChunkReport, EventChunk, EventReader, ReadError};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// How often an interrupt is looked for while nothing is read.
const PATIENCE: Duration = Duration::from_millis(100);

/// What came of a chunk.
#[derive(Debug)]
pub struct ChunkWork<T> {
    pub made: T,
    /// How many events it has.
    pub events: usize,
    /// What is wrong with the others.
    pub report: ChunkReport,
}

/// How reading went.
#[derive(Debug, Default)]
pub struct EventReading {
    pub unread: Vec<UnreadFile>,
    /// How many files have events.
    pub files: usize,
    pub events: usize,
    /// Did an interrupt end it?
    pub interrupted: bool,
}

/// What the reading thread says of a file.
enum Piece {
    Chunk(EventChunk),
    Failed(ReadError),
    End,
}

/// What is known of the file that is read.
#[derive(Default)]
struct FileState {
    events: usize,
    has_error: bool,
}

/// Reads files, and hands what `work` makes of each chunk to `take`, with the file's number and the
/// number of the chunk's first event in it, from 1.
pub fn read<T: Send>(
    files: Vec<EventFile>,
    interrupt: &Interrupt,
    report: &mut Report,
    work: impl Fn(&EventFile, &EventChunk) -> ChunkWork<T> + Sync,
    mut take: impl FnMut(&EventFile, usize, T) -> ControlFlow<()>,
) -> EventReading {
    let threads = rayon::current_num_threads();
    let files: Arc<[EventFile]> = files.into();
    let pieces = start(Arc::clone(&files), threads * 2);
    let mut reading = EventReading::default();
    let mut state = FileState::default();
    loop {
        report.events(reading.events);
        let batch = next_batch(&pieces, threads * 2, interrupt);
        reading.interrupted |= interrupt.is_set();
        if batch.is_empty() || reading.interrupted {
            report.end_of_events();
            return reading;
        }
        let done: Vec<_> = batch
            .into_par_iter()
            .map(|(file, piece)| match piece {
                Piece::Chunk(chunk) => (file, Ok(work(&files[file], &chunk))),
                Piece::Failed(error) => (file, Err(Some(error))),
                Piece::End => (file, Err(None)),
            })
            .collect();
        for (number, result) in done {
            let file = &files[number];
            match result {
                Ok(mut work) => {
                    let problems = &mut work.report.diagnostics;
                    if file.is_guess() && state.events + work.events == 0 {
                        for problem in problems.iter_mut() {
                            problem.severity = problem.severity.min(Severity::Warning);
                        }
                    }
                    state.has_error |= problems.iter().any(Diagnostic::is_error);
                    if !problems.is_empty() {
                        let ChunkReport {
                            diagnostics, text, ..
                        } = work.report;
                        reading.unread.push(file.unread(text, diagnostics));
                    }
                    let first = state.events + 1;
                    reading.files += usize::from(state.events == 0 && work.events > 0);
                    state.events += work.events;
                    reading.events += work.events;
                    if take(file, first, work.made).is_break() {
                        return reading;
                    }
                }
                Err(Some(error)) => {
                    state.has_error = true;
                    let error = match error {
                        ReadError::Content(mut error) => {
                            if error.code == Code::UnknownInputFormat && file.is_guess() {
                                error.severity = Severity::Warning;
                            }
                            error
                        }
                        ReadError::Io(error) => {
                            let message = format!("the file can't be read: {}", reason(&error));
                            faulty(&error, message)
                        }
                    };
                    reading.unread.push(file.unread(String::new(), vec![error]));
                }
                Err(None) => {
                    let state = std::mem::take(&mut state);
                    if state.events == 0 && !state.has_error {
                        let warning = Diagnostic::warning(Code::NoEvents, Code::NoEvents.title());
                        let warning = warning.help("write one JSON object a line");
                        reading
                            .unread
                            .push(file.unread(String::new(), vec![warning]));
                    }
                }
            }
        }
    }
}

/// Starts the thread that reads. It is not waited for: standard input may never end.
fn start(files: Arc<[EventFile]>, waiting: usize) -> Receiver<(usize, Piece)> {
    let (sender, receiver) = sync_channel(waiting);
    thread::spawn(move || {
        for (number, file) in files.iter().enumerate() {
            if cut(number, file, &sender).is_none() {
                // Nobody takes any more.
                return;
            }
        }
    });
    receiver
}

fn cut(number: usize, file: &EventFile, sender: &SyncSender<(usize, Piece)>) -> Option<()> {
    let send = |piece| sender.send((number, piece)).ok();
    match file.open() {
        Err(error) => send(Piece::Failed(ReadError::Io(error)))?,
        Ok(open) => {
            for chunk in reader(file, open) {
                send(match chunk {
                    Ok(chunk) => Piece::Chunk(chunk),
                    Err(error) => Piece::Failed(error),
                })?;
            }
        }
    }
    send(Piece::End)
}

fn reader(file: &EventFile, open: Box<dyn io::Read>) -> EventReader<Box<dyn io::Read>> {
    if !file.is_standard_input() {
        return EventReader::new(open, file.options());
    }
    let live = Live::new(io::stdin());
    let input: Box<dyn io::Read> = Box::new(live.clone());
    EventReader::new(input, file.options()).live(move || live.is_idle())
}

/// What there is to work on: some pieces, or none at the end.
fn next_batch(
    pieces: &Receiver<(usize, Piece)>,
    most: usize,
    interrupt: &Interrupt,
) -> Vec<(usize, Piece)> {
    let mut batch = Vec::new();
    while batch.is_empty() && !interrupt.is_set() {
        match pieces.recv_timeout(PATIENCE) {
            Ok(piece) => batch.push(piece),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return batch,
        }
    }
    while batch.len() < most {
        match pieces.try_recv() {
            Ok(piece) => batch.push(piece),
            Err(_) => break,
        }
    }
    batch
}
