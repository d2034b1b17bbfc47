//! `varsigma pipeline check FILE…` and `varsigma pipeline trace -p PIPELINE RULE`.

use super::convert::Compat;
use super::filters::Filters;
use super::pipelines::{Access, Pipelines};
use super::report::Report;
use super::{Exit, Stop};
use crate::cli::pipelines;
use crate::cli::reason::unreadable;
use crate::diagnostic::render::visible;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::index::Place;
use crate::pipeline::trace::{Answer, Step};
use crate::pipeline::{self, Settings};
use crate::rule::Document;
use crate::transpile::{self, log_sources, prepare};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{Write, stdout};
use std::path::PathBuf;

/// Check pipelines, and see what they do to a rule.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma pipeline check pipelines/ours.yml
  varsigma pipeline trace -p ecs_windows rules/windows/proc_a.yml")]
pub struct PipelineCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read pipeline files and say what is wrong with them.
    #[command(
        after_help = "Examples:\n  varsigma pipeline check pipelines/ours.yml\n  varsigma pipeline check pipelines/"
    )]
    Check {
        #[command(flatten)]
        access: Access,
        /// Pipeline files, and folders of them.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Show what each item of the pipelines does to a rule: which conditions hold, which fields
    /// and values change.
    #[command(
        after_help = "Examples:\n  varsigma pipeline trace -p ecs_windows rules/windows/proc_a.yml"
    )]
    Trace(Trace),
}

#[derive(Debug, Args)]
struct Trace {
    #[command(flatten)]
    pipelines: Pipelines,
    #[command(flatten)]
    filters: Filters,
    /// Convert as this reference does, its faults included.
    #[arg(long, value_name = "REFERENCE")]
    compat: Option<Compat>,
    /// Print JSON: an object a rule.
    #[arg(long)]
    json: bool,
    /// Show items that were not applied, too.
    #[arg(long, conflicts_with = "json")]
    all: bool,
    /// A rule file.
    #[arg(value_name = "RULE")]
    rule: PathBuf,
}

impl PipelineCommand {
    pub(super) fn run(self, report: &mut Report) -> Result<Exit, Stop> {
        match self.command {
            Command::Check { access, files } => check(&access, &files, report),
            Command::Trace(trace) => trace.run(report),
        }
    }
}

fn check(access: &Access, files: &[PathBuf], report: &mut Report) -> Result<Exit, Stop> {
    let mut failed = false;
    let mut texts = Vec::new();
    for path in files {
        if path.is_dir() {
            let found = pipelines::texts(&path.to_string_lossy())?;
            if found.is_empty() {
                let message = format!("expected pipelines in `{}`, found none", path.display());
                report.all("", "", [&Diagnostic::error(Code::UnknownPipeline, message)]);
                failed = true;
            }
            texts.extend(found);
            continue;
        }
        match std::fs::read_to_string(path) {
            Ok(text) => texts.push((path.clone(), text)),
            Err(error) => {
                report.all("", "", [&unreadable(path, &error)]);
                failed = true;
            }
        }
    }
    for (path, text) in texts {
        let name = path.display().to_string();
        let loaded = pipeline::load(&name, &text, &access.allowed());
        report.all(&name, &text, &loaded.diagnostics);
        match loaded.pipeline {
            Some(pipeline) => {
                let (items, postprocessing, finalizers) = pipeline.counts();
                let shown = visible::message(&name);
                writeln!(
                    stdout(),
                    "{shown}: {items} transformations, {postprocessing} postprocessing items, \
                     {finalizers} finalizers"
                )?;
            }
            None => failed = true,
        }
    }
    Ok(Exit::of(failed))
}

impl Trace {
    fn run(self, report: &mut Report) -> Result<Exit, Stop> {
        let dialect = self.compat.map_or(Dialect::SPECIFICATION, Compat::dialect);
        let pipeline = self.pipelines.load(&[], &dialect, report)?;
        let name = self.rule.display().to_string();
        let text =
            std::fs::read_to_string(&self.rule).map_err(|error| unreadable(&self.rule, &error))?;
        let allowed = self.pipelines.allowed();
        let filters = self.filters.read(&[], report);
        let texts: Vec<Option<&str>> = std::iter::once(Some(text.as_str()))
            .chain(filters.texts())
            .collect();
        let index = transpile::index(&texts, &dialect);
        let mut exit = Exit::of(filters.report(index.as_ref(), 1, &dialect, report));
        let documents = match index.as_ref().map(|index| index.documents(0)) {
            Some(documents) if !documents.is_empty() => documents.to_vec(),
            _ => prepare(&text, &dialect)?,
        };
        let settings = Settings::new(&dialect, &allowed, &[]);
        for (document, prepared) in documents.into_iter().enumerate() {
            let has_error = prepared.diagnostics.iter().any(Diagnostic::is_error);
            let mut state = pipeline.start(settings);
            let mut rule = match prepared.document.filter(|_| !has_error) {
                Some(Document::Rule(rule)) => rule,
                Some(Document::Correlation(correlation)) => {
                    let place = Place { file: 0, document };
                    let sources = index
                        .as_ref()
                        .map(|index| log_sources(&pipeline, settings, &dialect, (index, place)));
                    state = pipeline.start_correlation(settings, sources.unwrap_or_default());
                    Box::new(correlation.head)
                }
                Some(Document::Filter(filter)) => {
                    self.not_traced(&name, &filter.rule.title.value)?;
                    continue;
                }
                None => {
                    report.all(&name, &text, &prepared.diagnostics);
                    exit = Exit::Failed;
                    continue;
                }
            };
            let title = rule.title.value.to_string();
            let (steps, error) = pipeline.trace(&mut rule, &mut state);
            let shown = if self.json {
                let error = error
                    .as_ref()
                    .map(|error| json!({"code": error.code.number(), "message": error.message}));
                let value = json!({"path": name, "title": title, "steps": steps, "error": error});
                format!("{}\n", Value::to_string(&value))
            } else {
                show(&title, &steps, self.all)
            };
            stdout().write_all(shown.as_bytes())?;
            if let Some(error) = &error {
                report.all(&name, &text, [error]);
                exit = Exit::Failed;
            }
        }
        Ok(exit)
    }

    /// A filter goes through no pipeline itself.
    fn not_traced(&self, path: &str, title: &str) -> Result<(), Stop> {
        let why = "a filter is processed as a part of the rules that it applies to";
        let shown = if self.json {
            let value =
                json!({"path": path, "title": title, "steps": [], "error": null, "note": why});
            format!("{}\n", Value::to_string(&value))
        } else {
            format!("{}\n\n{why}\n", visible::message(title))
        };
        Ok(stdout().write_all(shown.as_bytes())?)
    }
}

fn show(title: &str, steps: &[Step], all: bool) -> String {
    let mut text = format!("{}\n", visible::message(title));
    for step in steps {
        show_step(step, all, 0, &mut text);
    }
    let skipped = steps.iter().filter(|step| !step.applied).count();
    if skipped > 0 && !all {
        let _ = writeln!(
            text,
            "\n{skipped} items were not applied; `--all` shows them"
        );
    }
    text
}

fn show_step(step: &Step, all: bool, depth: usize, into: &mut String) {
    if !step.applied && !all {
        return;
    }
    let indent = "  ".repeat(depth);
    let id = step
        .id
        .as_ref()
        .map_or(String::new(), |id| format!(" {}", visible::message(id)));
    let verdict = match (step.applied, step.changes.is_empty()) {
        (false, _) => "not applied",
        (true, true) => "applied, nothing changed",
        (true, false) => "applied",
    };
    let _ = writeln!(
        into,
        "\n{indent}{} {}. {}{id}: {verdict}",
        visible::message(&step.pipeline),
        step.number,
        step.kind
    );
    let answers = |answers: &[Answer], into: &mut String, indent: &str| {
        for answer in answers {
            let mark = if answer.held { "yes" } else { "no " };
            let condition = visible::message(&answer.condition);
            let _ = writeln!(into, "{indent}  {mark} {condition}");
        }
    };
    answers(&step.rule_conditions, into, &indent);
    for asked in &step.detection_items {
        let mark = if asked.matched { "yes" } else { "no " };
        let _ = writeln!(into, "{indent}  {mark} {}", visible::message(&asked.item));
        answers(&asked.conditions, into, &format!("{indent}    "));
    }
    for nested in &step.nested {
        show_step(nested, all, depth + 1, into);
    }
    if step.nested.is_empty() {
        for change in &step.changes {
            let part = visible::message(&change.part);
            if let Some(before) = &change.before {
                let before = visible::message(before);
                let _ = writeln!(into, "{indent}  - {part}: {before}");
            }
            if let Some(after) = &change.after {
                let after = visible::message(after);
                let _ = writeln!(into, "{indent}  + {part}: {after}");
            }
        }
    }
}
