//! `varsigma check`: is every generated file what the rules give now?

use super::{ProjectArgs, render};
use crate::cli::report::Report;
use crate::cli::terminal::{ColorChoice, Paint};
use crate::cli::{Exit, Stop};
use crate::diagnostic::render::visible;
use clap::{Args, ValueEnum};
use std::io::{IsTerminal, Write as _, stdout};

/// Check that a project's generated queries are what its rules give.
///
/// Converts every rule and compares the result with the files that are there; writes nothing. Reports
/// each file that differs, with the reason and the difference. Exit code 1 if any does, if a file is
/// missing or left over, or if a rule can't be converted.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma check
  varsigma check --format markdown")]
pub struct Check {
    #[command(flatten)]
    place: ProjectArgs,
    /// The form of findings on standard output.
    #[arg(short, long, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

/// `--format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people.
    Human,
    /// Workflow commands of GitHub Actions.
    Github,
    /// A GitLab Code Quality report.
    Gitlab,
    /// SARIF 2.1.0.
    Sarif,
    /// `JUnit`'s XML.
    Junit,
    /// One JSON object.
    Json,
    /// Markdown, for a comment.
    Markdown,
}

impl Check {
    pub(in crate::cli) fn run(self, color: ColorChoice, report: &mut Report) -> Result<Exit, Stop> {
        self.place.enter()?;
        self.place
            .clone()
            .with_threads(|| self.check(color, report))
    }

    fn check(&self, color: ColorChoice, report: &mut Report) -> Result<Exit, Stop> {
        let workspace = self.place.workspace(report)?;
        let checked = render::CheckResult {
            findings: workspace.findings(),
            fidelity: workspace.fidelity_changes(),
            files: workspace.plan.files.keys().map(String::as_str).collect(),
            rules: workspace.plan.rules,
        };
        let paint = Paint(color.wanted(stdout().is_terminal()));
        let text = match self.format {
            Format::Human => render::human(&checked, paint),
            Format::Github => render::github(&checked),
            Format::Gitlab => render::gitlab(&checked),
            Format::Sarif => render::sarif(&checked),
            Format::Junit => render::junit(&checked),
            Format::Json => render::json(&checked),
            Format::Markdown => visible::text(&render::markdown(&checked)).into_owned(),
        };
        stdout().write_all(text.as_bytes())?;
        report.checked(&checked.summary());
        Ok(Exit::of(!checked.findings.is_empty()))
    }
}
