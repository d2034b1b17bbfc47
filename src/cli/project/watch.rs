//! `varsigma watch`: builds whenever something of the project changes.

use super::ProjectArgs;
use super::apply::Consent;
use super::exclusive::Exclusive;
use crate::cli::report::Report;
use crate::cli::{Exit, Stop};
use crate::diagnostic::{Code, Diagnostic};
use crate::project::lock;
use crate::project::sources::Sources;
use crate::project::tree::has_ending;
use clap::Args;
use notify::event::{EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Build a project whenever its rules, pipelines or settings change.
///
/// Reports errors and waits for the next change. Ends with Ctrl-C.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma watch")]
pub struct Watch {
    #[command(flatten)]
    place: ProjectArgs,
}

/// How long without a change before a build: editors write a file in several steps.
const STILL: Duration = Duration::from_millis(50);

/// The longest that a build waits while changes keep coming.
const LATEST: Duration = Duration::from_secs(1);

impl Watch {
    pub(in crate::cli) fn run(self, report: &mut Report) -> Result<Exit, Stop> {
        self.place.enter()?;
        let (sender, events) = channel();
        let failed = |error: notify::Error| {
            let message = format!("the project's folder can't be watched: {error}");
            Stop::from(Diagnostic::error(Code::Unreadable, message))
        };
        let send = move |event| {
            // When the program ends, the receiver is gone.
            let _ = sender.send(event);
        };
        // A link may lead anywhere, and no file reached through one is read.
        let config = notify::Config::default().with_follow_symlinks(false);
        let mut watcher = RecommendedWatcher::new(send, config).map_err(failed)?;
        let here = std::env::current_dir().map_err(Stop::Output)?;
        watcher
            .watch(&here, RecursiveMode::Recursive)
            .map_err(failed)?;
        let mut known = Known::default();
        self.build(&mut known, report);
        loop {
            let Ok(event) = events.recv() else {
                return Ok(Exit::Fine);
            };
            if !known.matters(&event) {
                continue;
            }
            let mut still = Instant::now() + STILL;
            let latest = Instant::now() + LATEST;
            loop {
                let wait = still.min(latest).saturating_duration_since(Instant::now());
                match events.recv_timeout(wait) {
                    Ok(event) if known.matters(&event) => still = Instant::now() + STILL,
                    Ok(_) => {}
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return Ok(Exit::Fine),
                }
            }
            self.build(&mut known, report);
        }
    }

    /// Builds once. Why a project can't be opened is printed, and the next change is waited for.
    fn build(&self, known: &mut Known, report: &mut Report) {
        report.restart();
        known.is_open = false;
        let built = self.place.clone().with_threads(|| {
            let _exclusive = Exclusive::wait(report)?;
            let mut workspace = self.place.workspace(report)?;
            let orphans = workspace.status.orphans.iter().map(|orphan| &orphan.path);
            let generated = workspace.plan.files.keys().chain(orphans);
            known.generated = generated.cloned().collect();
            workspace.apply(Consent::default(), report);
            known.sources = workspace.project.sources;
            known.is_open = true;
            Ok(())
        });
        if let Err(Stop::Usage(error)) = built {
            report.all(&error.path, &error.text, &error.diagnostics);
            report.restart();
        }
    }
}

/// What the last build tells of the project's files.
#[derive(Default)]
struct Known {
    /// What the project reads.
    sources: Sources,
    /// Did it open? What it would read is not known otherwise.
    is_open: bool,
    /// What the build may have touched.
    generated: BTreeSet<String>,
}

/// The endings of what a project may read.
const READ: &[&str] = &["toml", "yml", "yaml", "json", "csv", "sql", "tsv"];

impl Known {
    /// Can it change what a build gives? Reading can't, and neither can what the project does not read:
    /// the file of its own messages may be one. Where the system lost events, anything may have changed.
    fn matters(&self, event: &notify::Result<notify::Event>) -> bool {
        let Ok(event) = event else { return true };
        let is_read = matches!(
            event.kind,
            EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_))
        );
        let here = std::env::current_dir().unwrap_or_default();
        let mut paths = event.paths.iter();
        event.need_rescan() || !is_read && paths.any(|path| self.has(path, &here))
    }

    fn has(&self, path: &Path, here: &Path) -> bool {
        let below = path.strip_prefix(here).unwrap_or(path);
        let names: Vec<_> = below.iter().map(OsStr::to_string_lossy).collect();
        let below = names.join("/");
        let is_hidden = names.iter().any(|name| name.starts_with('.'));
        if is_hidden || below == lock::FILE || self.generated.contains(&below) {
            return false;
        }
        self.sources.has(&below)
            || !self.is_open && has_ending(&below, READ)
            // A folder that came, or what is gone and may have been one.
            || !path.is_file() && (!self.is_open || self.sources.has_in(&below))
    }
}
