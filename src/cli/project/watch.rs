//! `varsigma watch`: builds whenever something of the project changes.

use super::ProjectArgs;
use super::apply::Consent;
use super::exclusive::Exclusive;
use crate::cli::report::Report;
use crate::cli::{Exit, Stop};
use crate::diagnostic::{Code, Diagnostic};
use crate::project::lock;
use clap::Args;
use notify::event::{EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
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
        let mut generated = self.build(report);
        loop {
            let Ok(event) = events.recv() else {
                return Ok(Exit::Fine);
            };
            if !matters(&event, &generated) {
                continue;
            }
            let mut still = Instant::now() + STILL;
            let latest = Instant::now() + LATEST;
            loop {
                let wait = still.min(latest).saturating_duration_since(Instant::now());
                match events.recv_timeout(wait) {
                    Ok(event) if matters(&event, &generated) => still = Instant::now() + STILL,
                    Ok(_) => {}
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return Ok(Exit::Fine),
                }
            }
            generated = self.build(report);
        }
    }

    /// Builds once, and gives the files that it may have touched. A project that can't be opened is
    /// told, and waited for.
    fn build(&self, report: &mut Report) -> BTreeSet<PathBuf> {
        report.restart();
        let mut generated = BTreeSet::new();
        let built = self.place.clone().with_threads(|| {
            let _exclusive = Exclusive::wait(report)?;
            let mut workspace = self.place.workspace(report)?;
            let orphans = workspace.status.orphans.iter().map(|orphan| &orphan.path);
            generated = workspace
                .plan
                .files
                .keys()
                .chain(orphans)
                .map(PathBuf::from)
                .collect();
            workspace.apply(Consent::default(), report);
            Ok(())
        });
        if let Err(Stop::Usage(error)) = built {
            report.all(&error.path, &error.text, &error.diagnostics);
            report.restart();
        }
        generated
    }
}

/// Can it change what a build gives? Reading can't, and neither can git's own files or ours. Where
/// the system lost events, anything may have changed.
fn matters(event: &notify::Result<notify::Event>, generated: &BTreeSet<PathBuf>) -> bool {
    let Ok(event) = event else { return true };
    let is_read = matches!(
        event.kind,
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_))
    );
    let here = std::env::current_dir().unwrap_or_default();
    let is_ours = |path: &PathBuf| {
        let below = path.strip_prefix(&here).unwrap_or(path);
        let mut names = below.components().map(std::path::Component::as_os_str);
        let is_hidden = |name: &OsStr| name.as_encoded_bytes().starts_with(b".");
        names.any(is_hidden) || below == Path::new(lock::FILE) || generated.contains(below)
    };
    !is_read && !event.paths.iter().all(is_ours)
}
