//! `varsigma diff`: what a change does to the queries.

mod against;
mod entry;
mod human;
mod json;
mod lines;
mod markdown;
mod projects;
mod sequence;
mod summary;
mod texts;

use super::ProjectArgs;
use crate::cli::reason::passed_over;
use crate::cli::report::Report;
use crate::cli::terminal::{ColorChoice, Paint};
use crate::cli::{Exit, Stop};
use crate::diagnostic::render::visible;
use crate::project::diff::{self, Versions};
use clap::{Args, ValueEnum};
use std::io::{IsTerminal, Write as _, stdout};

/// Show what a change does to the queries of a project.
///
/// The rules, pipelines and settings of two versions are converted in memory and compared rule by
/// rule: first what changed in meaning, with an event that shows it, then the texts. Nothing is
/// written. Without revisions, the last commit is compared with the files that are there; with one,
/// that revision with the files; with two, the first with the second. `A..B` is `A B`, and `A...B`
/// begins where the two parted, as a pull request does. The most important changes come first, and
/// a change of many rules is reported once, with one of them; `-v` shows every change in full.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma diff
  varsigma diff HEAD~1 --stat
  varsigma diff --target-diff splunk,splunk_spl2")]
pub struct Diff {
    #[command(flatten)]
    place: ProjectArgs,
    /// The revision to compare: anything that git takes for one.
    #[arg(value_name = "REV", default_value = "HEAD", hide_default_value = true)]
    from: String,
    /// The revision to compare it with; the working files if not given.
    #[arg(value_name = "REV2")]
    to: Option<String>,
    /// The form of the difference on standard output.
    #[arg(short, long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Print a line for each change, without the texts.
    #[arg(long)]
    stat: bool,
    /// Compare two targets, two sets of pipelines or two versions of them over the same rules, of
    /// the files that are there or of REV. A side is `NAME[+PIPELINE…][@REV]`: an output's name or
    /// a target's, pipelines in place of the output's own, and the revision that backend files and
    /// pipelines are taken from.
    #[arg(long = "target-diff", value_name = "A,B", conflicts_with = "to")]
    compared: Option<String>,
    /// End with 1 if there are differences.
    #[arg(long)]
    exit_code: bool,
}

/// `--format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people.
    Human,
    /// Markdown, for a comment.
    Markdown,
    /// One JSON object.
    Json,
}

/// What the two sides are called.
#[derive(Debug, Clone)]
struct VersionNames {
    before: String,
    after: String,
}

impl Diff {
    pub(in crate::cli) fn run(self, color: ColorChoice, report: &mut Report) -> Result<Exit, Stop> {
        let place = self.place.clone();
        place.with_threads(|| self.diff(color, report))
    }

    fn diff(&self, color: ColorChoice, report: &mut Report) -> Result<Exit, Stop> {
        let projects = match &self.compared {
            Some(asked) => against::projects(self, asked)?,
            None => projects::projects(self)?,
        };
        for warned in projects.warnings() {
            report.all(&warned.path, &warned.text, &warned.diagnostics);
        }
        for path in projects.after.tree.passed_over() {
            report.all("", "", [&passed_over(&path)]);
        }
        let (before, after) = projects.candidates();
        let versions = Versions {
            before: &projects.before,
            after: &projects.after,
            outputs: &projects.outputs,
        };
        let mut difference = diff::difference(versions, &before, &after);
        if self.compared.is_some() {
            // That they are made otherwise is what was asked for.
            for rule in &mut difference.rules {
                rule.causes.clear();
            }
        }
        let paint = Paint(color.wanted(stdout().is_terminal()));
        let all = report.is_verbose();
        let text = match self.format {
            Format::Human if self.stat => human::stat(&difference, all, paint),
            Format::Human => human::human(&difference, all, paint),
            Format::Markdown => {
                let text = markdown::markdown(&difference, &projects.names, self.stat);
                visible::text(&text).into_owned()
            }
            Format::Json => json::json(&difference, &projects.names),
        };
        stdout().write_all(text.as_bytes())?;
        Ok(Exit::of(self.exit_code && !difference.rules.is_empty()))
    }
}
