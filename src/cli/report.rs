//! What there is to say besides the output, on standard error.
//!
//! In: diagnostics, file by file. Out: text, JSON lines, workflow commands or one SARIF document.
//! People see one fact once ([`grouped`]), when the run ends, unless they ask for all.

mod grouped;
mod summary;

pub use summary::Tally;
pub(super) use summary::thousands;

use super::Global;
use super::terminal::Paint;
use crate::diagnostic::{Code, Diagnostic, Severity, render};
use crate::source::Source;
use clap::ValueEnum;
use grouped::GroupedMessages;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::Cell;
use std::io::{ErrorKind, IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// Messages about one file that people see before the rest is only counted.
const MOST_OF_A_FILE: usize = 200;

/// How long a run lasts before progress is worth showing.
const PATIENCE: Duration = Duration::from_millis(500);

/// `--message-format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum MessageFormat {
    /// Text with the lines of the rule and carets.
    #[default]
    Human,
    /// One JSON object a line and message.
    Json,
    /// One SARIF 2.1.0 document, when the run ends.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
}

/// Where messages go.
#[derive(Debug)]
pub struct Report {
    format: MessageFormat,
    quiet: bool,
    verbose: bool,
    color: bool,
    started: Instant,
    /// What people are to see when the run ends.
    grouped: GroupedMessages,
    /// What the SARIF document is to hold.
    kept: Vec<FileDiagnostics>,
    progress: Option<ProgressBar>,
    /// Standard error did not take all of it.
    is_cut: Cell<bool>,
}

/// A file's diagnostics, kept until the end.
#[derive(Debug)]
struct FileDiagnostics {
    path: String,
    text: String,
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    pub(super) fn new(global: &Global) -> Self {
        Self {
            format: global.message_format,
            quiet: global.quiet,
            verbose: global.verbose,
            color: global.color.wanted(stderr().is_terminal()),
            started: Instant::now(),
            grouped: GroupedMessages::default(),
            kept: Vec::new(),
            progress: None,
            is_cut: Cell::new(false),
        }
    }

    /// Reports the diagnostics of one file.
    pub fn all<'d>(
        &mut self,
        path: &str,
        text: &str,
        diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
    ) {
        let source = Source::new(path, text);
        let mut kept = Vec::new();
        let mut out = String::new();
        let mut count = 0;
        // Programs read all of it.
        let is_read = matches!(self.format, MessageFormat::Human | MessageFormat::Github);
        for diagnostic in diagnostics {
            if !self.is_wanted(diagnostic) {
                continue;
            }
            count += 1;
            if is_read && count > MOST_OF_A_FILE {
                continue;
            }
            self.put(&source, diagnostic, &mut out, &mut kept);
        }
        if is_read && count > MOST_OF_A_FILE {
            let more = count - MOST_OF_A_FILE;
            let message = format!("{} more messages about this file", summary::thousands(more));
            let note = Diagnostic::warning(Code::TooManyMessages, message)
                .help("correct the ones above first, or read all with `--message-format json`");
            self.put(&Source::new(path, ""), &note, &mut out, &mut kept);
        }
        self.print(&out);
        if !kept.is_empty() {
            self.kept.push(FileDiagnostics {
                path: path.to_owned(),
                text: text.to_owned(),
                diagnostics: kept,
            });
        }
    }

    /// Reports at once what must not wait for the end of the run.
    pub fn now(&mut self, diagnostic: &Diagnostic) {
        if self.format != MessageFormat::Human {
            return self.all("", "", [diagnostic]);
        }
        if self.is_wanted(diagnostic) {
            let text = render::human(&Source::new("", ""), diagnostic, self.color);
            self.print(&format!("{text}\n"));
        }
    }

    /// A message in its format: its text goes to `out`, unless it is kept for the end of the run.
    fn put(
        &mut self,
        source: &Source<'_>,
        diagnostic: &Diagnostic,
        out: &mut String,
        kept: &mut Vec<Diagnostic>,
    ) {
        let text = match self.format {
            MessageFormat::Human if !self.verbose => {
                return self.grouped.push(source, diagnostic, self.color);
            }
            MessageFormat::Sarif => return kept.push(diagnostic.clone()),
            MessageFormat::Human => render::human(source, diagnostic, self.color),
            MessageFormat::Json => render::json(source, diagnostic),
            MessageFormat::Github => render::github(source, diagnostic),
        };
        out.push_str(&text);
        out.push('\n');
    }

    const fn is_wanted(&self, diagnostic: &Diagnostic) -> bool {
        match diagnostic.severity {
            Severity::Error => true,
            Severity::Warning => !self.quiet,
            Severity::Note => self.verbose,
        }
    }

    /// Writes the messages that were gathered.
    fn flush(&mut self) {
        let text = self.grouped.take(Paint(self.color));
        self.print(&text);
    }

    /// Are all details wanted?
    pub const fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Shows the progress of a long run on a terminal.
    pub fn progress(&mut self, done: usize, of: usize) {
        let watched = self.format == MessageFormat::Human && !self.quiet;
        if self.progress.is_none() && watched && self.started.elapsed() > PATIENCE {
            let target = ProgressDrawTarget::stderr();
            let bar = ProgressBar::with_draw_target(Some(of as u64), target);
            if let Ok(style) =
                ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} files")
            {
                bar.set_style(style);
            }
            self.progress = Some(bar);
        }
        if let Some(bar) = &self.progress {
            bar.set_position(done as u64);
        }
    }

    /// Shows how many events of an unknown number were read.
    pub fn events(&mut self, done: usize) {
        let watched = self.format == MessageFormat::Human && !self.quiet;
        if self.progress.is_none() && watched && self.started.elapsed() > PATIENCE {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) =
                ProgressStyle::with_template("{spinner} {human_pos} events, {per_sec}, {elapsed}")
            {
                bar.set_style(style);
            }
            self.progress = Some(bar);
        }
        if let Some(bar) = &self.progress {
            bar.set_position(done as u64);
        }
    }

    /// Ends the line that shows how many events were read.
    pub fn end_of_events(&mut self) {
        self.end_progress();
    }

    /// Prints a text that is no message, if messages are for people.
    pub fn text(&mut self, text: &str) {
        self.end_progress();
        self.flush();
        if self.has_last_line() {
            self.print(text);
        }
    }

    /// Says what the run came to: `3,141 rules: 3,120 converted, 21 failed in 71 ms`.
    pub fn summary(&mut self, tally: Tally) {
        self.end_progress();
        self.flush();
        if self.has_last_line() {
            self.print(&tally.line(self.started.elapsed(), Paint(self.color)));
        }
    }

    /// Writes what was kept, and starts the time anew.
    pub fn restart(&mut self) {
        self.flush();
        self.started = Instant::now();
    }

    /// Says what a check came to, as the last line of a run.
    pub fn checked(&mut self, line: &str) {
        self.end_progress();
        self.flush();
        if self.has_last_line() {
            let time = summary::shown(self.started.elapsed());
            self.print(&format!("{line} in {time}\n"));
        }
    }

    fn has_last_line(&self) -> bool {
        !self.quiet && matches!(self.format, MessageFormat::Human | MessageFormat::Github)
    }

    fn end_progress(&mut self) {
        if let Some(bar) = self.progress.take() {
            bar.finish_and_clear();
        }
    }

    /// Ends the report: a SARIF document is written now. Has a program that reads the messages all of
    /// them? People see what they see.
    pub fn finish(&mut self) -> bool {
        self.end_progress();
        self.flush();
        if self.format == MessageFormat::Sarif {
            self.print_sarif();
        }
        self.format == MessageFormat::Human || !self.is_cut.get()
    }

    fn print_sarif(&self) {
        let sources: Vec<Source<'_>> = self
            .kept
            .iter()
            .map(|kept| Source::new(&kept.path, &kept.text))
            .collect();
        let results = self.kept.iter().zip(&sources).flat_map(|(kept, source)| {
            let of_file = kept.diagnostics.iter();
            of_file.map(move |diagnostic| (kept.path.as_str(), Some(source), diagnostic))
        });
        let document = render::sarif(results);
        self.print(&document);
    }

    /// Writes to standard error. A failure can't be reported anywhere but by the exit code.
    fn print(&self, text: &str) {
        if text.is_empty() {
            return;
        }
        let write = || {
            let written = stderr().lock().write_all(text.as_bytes());
            // Whoever read the messages has seen enough.
            let is_cut = written.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe);
            self.is_cut.set(self.is_cut.get() | is_cut);
        };
        match &self.progress {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}
