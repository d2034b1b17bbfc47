//! `varsigma witness RULE`: events that the rule must match, and near misses; of a correlation
//! sequences of events.

use super::filters::Filters;
use super::input::{self, FilePattern, Input};
use super::pipelines::Pipelines;
use super::report::Report;
use super::terminal::shown_json;
use super::testable::{self, Processing, RuleNames};
use super::{Exit, Stop};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::eval::{self, witness};
use crate::pipeline::Settings;
use crate::rule::Document;
use crate::transpile::{self, guarded};
use clap::Args;
use serde::Serialize;
use std::io::stdout;
use std::path::PathBuf;

/// Make events that a rule must match, and near misses that it must not.
///
/// One JSON object a line: `{"matches": true, "about": "…", "event": {…}, "rule": "…"}`, the rule by
/// its id or else its title. The same rule gives the same events: load them into an engine, run the
/// query of `convert`, and compare; `varsigma test RULE --events -` compares them with the rule's own
/// answers. With `-p`, events have the fields that the pipelines name. Of a correlation they are
/// sequences, each event with its number: `"sequence": 1`. Give the files of its rules, too.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma witness rules/windows/proc_a.yml
  varsigma witness --limit 5 rules/windows/proc_a.yml > events.jsonl")]
pub struct Witness {
    #[command(flatten)]
    pattern: FilePattern,
    /// Rule files, or `-` for standard input.
    #[arg(required = true, value_name = "RULE")]
    paths: Vec<PathBuf>,
    /// The most events for each condition.
    #[arg(long, value_name = "N", default_value_t = witness::LIMIT)]
    limit: usize,
    /// The field of the time, in events for correlations.
    #[arg(long, value_name = "FIELD", default_value = eval::TIME_FIELDS[0])]
    time_field: String,
    #[command(flatten)]
    pipelines: Pipelines,
    #[command(flatten)]
    filters: Filters,
}

/// A line of the output.
#[derive(Serialize)]
struct Line<'l> {
    #[serde(flatten)]
    witness: eval::Witness,
    /// What `test` knows the rule by.
    #[serde(skip_serializing_if = "str::is_empty")]
    rule: &'l str,
    /// Of a correlation the sequence that the event is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u64>,
}

impl Witness {
    pub(super) fn run(self, report: &mut Report) -> Result<Exit, Stop> {
        let dialect = Dialect::SPECIFICATION;
        let pipeline = self.pipelines.load(&[], &dialect, report)?;
        let allowed = self.pipelines.allowed();
        let processing = Processing {
            pipeline: &pipeline,
            settings: Settings::new(&dialect, &allowed, &[]),
        };
        let mut out = stdout().lock();
        let inputs = input::collect(&self.paths, &self.pattern, report);
        let filters = self.filters.read(&inputs, report);
        let texts: Vec<_> = inputs.iter().map(Input::text).collect();
        let known = texts.iter().map(|text| text.as_deref().ok());
        let known: Vec<Option<&str>> = known.chain(filters.texts()).collect();
        let index = transpile::index(&known, &dialect);
        let mut failed = filters.report(index.as_ref(), inputs.len(), &dialect, report);
        for (input, text) in inputs.iter().zip(&texts) {
            if let Err(error) = text {
                report.all(&input.name, "", [error]);
                failed = true;
            }
        }
        if let Some(index) = &index {
            let linked = witness::linked::linked(index, processing, self.limit, &self.time_field);
            for ((input, text), documents) in inputs.iter().zip(&known).zip(linked) {
                for (name, lines, diagnostics) in documents {
                    report.all(&input.name, text.unwrap_or_default(), &diagnostics);
                    failed |= diagnostics.iter().any(Diagnostic::is_error);
                    print(&mut out, &name, lines)?;
                }
            }
            return Ok(Exit::of(failed));
        }
        for (input, text) in inputs.iter().zip(&known) {
            let Some(text) = *text else {
                continue;
            };
            let mut names = RuleNames::default();
            for prepared in testable::rules(text) {
                let rule = names.next(&prepared);
                let mut diagnostics = prepared.diagnostics;
                let mut lines = Vec::new();
                if let Some(Document::Rule(mut rule)) = prepared.document
                    && !diagnostics.iter().any(Diagnostic::is_error)
                {
                    let result = guarded(prepared.span, || {
                        processing.apply(&mut rule)?;
                        witness::of_rule(&rule, self.limit)
                    });
                    match result.flatten() {
                        Ok(witnesses) => lines = witnesses,
                        Err(error) => diagnostics.push(error),
                    }
                }
                report.all(&input.name, text, &diagnostics);
                if diagnostics.iter().any(Diagnostic::is_error) {
                    failed = true;
                    continue;
                }
                let lines = lines.into_iter().map(|witness| (None, witness));
                print(&mut out, &rule, lines.collect())?;
            }
        }
        Ok(Exit::of(failed))
    }
}

/// Prints the events for a rule, each with the number of its sequence.
fn print(
    out: &mut impl std::io::Write,
    rule: &str,
    lines: Vec<(Option<u64>, eval::Witness)>,
) -> std::io::Result<()> {
    for (sequence, witness) in lines {
        let line = serde_json::to_string(&Line {
            witness,
            rule,
            sequence,
        });
        writeln!(out, "{}", shown_json(&line?))?;
    }
    Ok(())
}
