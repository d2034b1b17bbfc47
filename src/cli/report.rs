//! What there is to say besides the output, on standard error.
//!
//! In: diagnostics, file by file. Out: text, JSON lines, workflow commands or one SARIF document.
//! People see at most [`MOST_ALIKE`] warnings of one code, unless they ask for all.

mod summary;

pub use summary::Tally;

use super::Global;
use super::terminal::Paint;
use crate::diagnostic::{Code, Diagnostic, Severity, render};
use crate::source::Source;
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// Warnings of one code that people see before the rest is only counted.
const MOST_ALIKE: usize = 20;

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
    /// How many warnings of each code there were.
    warnings: BTreeMap<Code, usize>,
    /// What the SARIF document is to hold.
    kept: Vec<Kept>,
    progress: Option<ProgressBar>,
}

/// A file's diagnostics, kept until the end.
#[derive(Debug)]
struct Kept {
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
            warnings: BTreeMap::new(),
            kept: Vec::new(),
            progress: None,
        }
    }

    /// Says everything that there is to say of one file.
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
        for diagnostic in diagnostics {
            if !self.is_wanted(diagnostic) {
                continue;
            }
            count += 1;
            let is_read = matches!(self.format, MessageFormat::Human | MessageFormat::Github);
            if is_read && count > MOST_OF_A_FILE {
                continue;
            }
            match self.format {
                MessageFormat::Human => {
                    out.push_str(&render::human(&source, diagnostic, self.color));
                    out.push('\n');
                }
                MessageFormat::Json => {
                    out.push_str(&render::json(&source, diagnostic));
                    out.push('\n');
                }
                MessageFormat::Github => {
                    out.push_str(&render::github(&source, diagnostic));
                    out.push('\n');
                }
                MessageFormat::Sarif => kept.push(diagnostic.clone()),
            }
        }
        if let Some(more) = count.checked_sub(MOST_OF_A_FILE).filter(|more| *more > 0)
            && !out.is_empty()
        {
            let message = format!("{} more messages about this file", summary::thousands(more));
            let note = Diagnostic::warning(Code::TooManyMessages, message)
                .help("Mend the ones above first, or read all with `--message-format json`.");
            let source = Source::new(path, "");
            out.push_str(&match self.format {
                MessageFormat::Github => render::github(&source, &note),
                _ => render::human(&source, &note, self.color),
            });
            out.push('\n');
        }
        self.say(&out);
        if !kept.is_empty() {
            self.kept.push(Kept {
                path: path.to_owned(),
                text: text.to_owned(),
                diagnostics: kept,
            });
        }
    }

    fn is_wanted(&mut self, diagnostic: &Diagnostic) -> bool {
        match diagnostic.severity {
            Severity::Error => true,
            _ if self.quiet => false,
            Severity::Note => self.verbose,
            Severity::Warning => {
                let count = self.warnings.entry(diagnostic.code).or_default();
                *count += 1;
                self.verbose || self.format != MessageFormat::Human || *count <= MOST_ALIKE
            }
        }
    }

    /// Shows how far a long run is, where somebody watches.
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

    /// Says what the run came to: `3,141 rules: 3,120 converted, 21 failed in 71 ms`.
    pub fn summary(&mut self, tally: Tally) {
        if let Some(bar) = self.progress.take() {
            bar.finish_and_clear();
        }
        let for_people = matches!(self.format, MessageFormat::Human | MessageFormat::Github);
        if self.quiet || !for_people {
            return;
        }
        let paint = Paint(self.color);
        let mut out = String::new();
        if self.format == MessageFormat::Human && !self.verbose {
            let cut = |count: usize| count.checked_sub(MOST_ALIKE).filter(|more| *more > 0);
            let cut = |(code, count): (&Code, &usize)| Some((*code, cut(*count)?));
            for (code, more) in self.warnings.iter().filter_map(cut) {
                out.push_str(&summary::more_alike(code, more, paint));
            }
        }
        out.push_str(&tally.line(self.started.elapsed(), paint));
        self.say(&out);
    }

    /// Begins anew: the time, and the count of warnings.
    pub fn restart(&mut self) {
        self.started = Instant::now();
        self.warnings.clear();
    }

    /// Says what a check came to, as the last line of a run.
    pub fn checked(&mut self, line: &str) {
        if let Some(bar) = self.progress.take() {
            bar.finish_and_clear();
        }
        if !self.quiet && matches!(self.format, MessageFormat::Human | MessageFormat::Github) {
            let time = summary::shown(self.started.elapsed());
            self.say(&format!("{line} in {time}\n"));
        }
    }

    /// Ends the report: a SARIF document is written now.
    pub fn finish(&mut self) {
        if let Some(bar) = self.progress.take() {
            bar.finish_and_clear();
        }
        if self.format != MessageFormat::Sarif {
            return;
        }
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
        self.say(&document);
    }

    /// Writes to standard error. If that can't be done there is nobody to tell.
    fn say(&self, text: &str) {
        if text.is_empty() {
            return;
        }
        let write = || {
            let _ = stderr().lock().write_all(text.as_bytes());
        };
        match &self.progress {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}
