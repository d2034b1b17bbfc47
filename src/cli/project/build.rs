//! `varsigma build`: writes the outputs of the rules.

use super::apply::{Consent, apply};
use super::exclusive::Exclusive;
use super::{ProjectArgs, Workspace};
use crate::cli::report::{Report, Tally};
use crate::cli::{Exit, Stop};
use crate::diagnostic::render::visible;
use crate::diagnostic::{Diagnostic, Severity};
use crate::project::status::FileStatus;
use clap::Args;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{BufRead as _, IsTerminal, Read as _, Write as _, stderr, stdin, stdout};

/// Write the queries of a project.
///
/// Writes each output of `varsigma.toml` that differs, atomically, and removes outputs whose rules are
/// gone, unless that would be most of them. `varsigma.lock` records what was written, and from what.
/// Exit code 0 if all rules have their outputs, 1 if some rule or file failed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma build
  varsigma build -n")]
pub struct Build {
    #[command(flatten)]
    place: ProjectArgs,
    /// Replace files in the place of an output that are not as a build left them.
    #[arg(long)]
    adopt: bool,
    /// Remove outputs without a rule even if they are most of all, or lie where no output of
    /// `varsigma.toml` does.
    #[arg(long)]
    prune: bool,
    /// Print what would be written and removed, and do nothing.
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl Build {
    pub(in crate::cli) fn run(self, report: &mut Report) -> Result<Exit, Stop> {
        self.place.enter()?;
        self.place.clone().with_threads(|| self.build(report))
    }

    fn build(&self, report: &mut Report) -> Result<Exit, Stop> {
        let mut consent = Consent {
            adopt: self.adopt,
            prune: self.prune,
            removal: false,
        };
        if self.dry_run {
            let workspace = self.place.workspace(report)?;
            stdout().write_all(workspace.preview(consent).as_bytes())?;
            return Ok(workspace.exit());
        }
        let _exclusive = Exclusive::wait(report)?;
        let mut workspace = self.place.workspace(report)?;
        let held = workspace.status.held(&workspace.plan).len();
        if !consent.prune && held > 0 {
            consent.removal = asked(held);
        }
        let failed = workspace.apply(consent, report);
        Ok(if failed {
            Exit::Failed
        } else {
            workspace.exit()
        })
    }
}

/// Asks on a terminal whether to remove most outputs.
fn asked(count: usize) -> bool {
    if !stdin().is_terminal() || !stderr().is_terminal() {
        return false;
    }
    let files = if count == 1 { "file" } else { "files" };
    let _ = write!(
        stderr(),
        "{count} {files} would be removed, for many rules are gone. Remove? [y/N] "
    );
    let mut answer = String::new();
    let read = stdin().lock().take(100).read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

impl Workspace {
    /// Makes the files equal to the plan and reports the counts. Did something fail?
    pub(super) fn apply(&mut self, consent: Consent, report: &mut Report) -> bool {
        let applied = apply(&mut self.plan, &self.last, &self.status, consent);
        report.all("", "", &applied.diagnostics);
        report.summary(Tally {
            written: applied.written,
            removed: applied.removed,
            unwritten: applied.unwritten,
            unchanged: self.status.same,
            ..self.tally()
        });
        applied.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// A line a file that would change.
    fn preview(&self, consent: Consent) -> String {
        let mut text = String::new();
        for differing in &self.status.differing {
            let verb = match differing.state {
                FileStatus::Foreign | FileStatus::Edited if !consent.adopt => "keep",
                FileStatus::Unreadable(_) => "keep",
                FileStatus::Missing => "create",
                _ => "update",
            };
            let _ = writeln!(text, "{verb} {}", visible::message(&differing.path));
        }
        let held = self.status.held(&self.plan);
        for orphan in &self.status.orphans {
            let is_held = orphan.elsewhere || held.contains(&orphan);
            let stays = orphan.edited || (is_held && !consent.prune);
            let verb = if stays { "keep" } else { "remove" };
            let _ = writeln!(text, "{verb} {}", visible::message(&orphan.path));
        }
        text
    }

    /// Has every rule its outputs?
    pub(super) fn exit(&self) -> Exit {
        Exit::of(self.plan.failures().next().is_some())
    }

    fn tally(&self) -> Tally {
        let failed: BTreeSet<usize> = self.plan.failures().map(|failure| failure.rule).collect();
        let is_warning = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Warning;
        let messages = self.plan.messages.iter();
        let warned = messages.filter(|file| file.diagnostics.iter().any(is_warning));
        Tally {
            rules: self.plan.rules,
            failed: failed.len(),
            with_warnings: warned.count(),
            ..Tally::default()
        }
    }
}
