//! `varsigma build`: writes what the rules give.

use super::apply::{Applied, apply};
use super::{Place, Standing};
use crate::cli::report::{Report, Tally};
use crate::cli::{Exit, Stop};
use crate::diagnostic::render::visible;
use crate::diagnostic::{Diagnostic, Severity};
use crate::project::survey::State;
use clap::Args;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{Write as _, stdout};

/// Write the queries of a project.
///
/// Every output that `varsigma.toml` names is written where it differs, at once or not at all;
/// outputs whose rules are gone are removed. `varsigma.lock` records what was written, and from
/// what. Exit code 0 if all rules have their outputs, 1 if some rule or file failed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma build
  varsigma build -n")]
pub struct Build {
    #[command(flatten)]
    place: Place,
    /// Replace files that stand in the place of an output and that no build wrote.
    #[arg(long)]
    adopt: bool,
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
        let mut standing = self.place.standing(report)?;
        if self.dry_run {
            stdout().write_all(standing.preview(self.adopt).as_bytes())?;
            return Ok(standing.exit());
        }
        let Applied {
            written,
            removed,
            diagnostics,
        } = standing.apply(self.adopt);
        report.all("", "", &diagnostics);
        let tally = standing.tally();
        report.summary(Tally {
            written,
            removed,
            unchanged: standing.survey.same,
            ..tally
        });
        let failed = diagnostics.iter().any(Diagnostic::is_error);
        Ok(if failed {
            Exit::Failed
        } else {
            standing.exit()
        })
    }
}

impl Standing {
    pub(super) fn apply(&mut self, adopt: bool) -> Applied {
        apply(&mut self.plan, &self.last, &self.survey, adopt)
    }

    /// A line a file that would change.
    fn preview(&self, adopt: bool) -> String {
        let mut text = String::new();
        for differing in &self.survey.differing {
            let verb = match differing.state {
                State::Foreign if !adopt => "keep",
                State::Missing => "create",
                _ => "update",
            };
            let _ = writeln!(text, "{verb} {}", visible::message(&differing.path));
        }
        for orphan in &self.survey.orphans {
            let verb = if orphan.edited { "keep" } else { "remove" };
            let _ = writeln!(text, "{verb} {}", visible::message(&orphan.path));
        }
        text
    }

    /// Has every rule its outputs?
    pub(super) fn exit(&self) -> Exit {
        if self.plan.failures().next().is_some() {
            Exit::Failed
        } else {
            Exit::Fine
        }
    }

    pub(super) fn tally(&self) -> Tally {
        let failed: BTreeSet<usize> = self.plan.failures().map(|failure| failure.rule).collect();
        let is_warning = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Warning;
        let said = self.plan.said.iter();
        let warned = said.filter(|said| said.diagnostics.iter().any(is_warning));
        Tally {
            rules: self.plan.rules,
            failed: failed.len(),
            with_warnings: warned.count(),
            ..Tally::default()
        }
    }
}
