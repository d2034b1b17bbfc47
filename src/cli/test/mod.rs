//! `varsigma test RULES --events FILE…`: does each rule fire?

mod choice;
mod engine;
mod evtx;
mod samples;
mod verdict;

use super::input::{self, FilePattern, Input};
use super::pipelines::Pipelines;
use super::report::Report;
use super::terminal::{ColorChoice, Paint};
use super::testable::Processing;
use super::{Exit, Stop};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::render::visible;
use crate::dialect::Dialect;
use crate::eval::{Seen, Trace};
use crate::pipeline::Settings;
use crate::transpile::parallel::in_order;
use choice::SampleChoice;
use clap::Args;
use engine::Session;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _, stdout};
use std::ops::ControlFlow;
use std::path::PathBuf;
use verdict::{EventVerdict, Trial, Verdict};

/// Test rules on events: each has to fire.
///
/// Events are JSON (objects, arrays, one object a line, the answers of Elasticsearch's and Splunk's
/// searches, batches of `Records`), Windows event logs (EVTX, or its JSON dump) or the lines of a
/// text log (`.log`, `.raw`), in any mixture. A folder with an `info.yml`, as in SigmaHQ's
/// `regression_data`, holds the sample of the rules that it names: those are tested on it alone, and
/// only they where there are no other events. The output of `varsigma witness` is read too, and its
/// answers are compared with the rule's. With `-p`, events have the names that the pipelines give.
/// Exit code 0 if every tested rule fired.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma test rules/ --events events.jsonl
  varsigma test rules/windows/proc_a.yml --events events.jsonl --explain
  varsigma test rules/ --events events.jsonl --engine sqlite")]
pub struct Test {
    #[command(flatten)]
    pattern: FilePattern,
    /// Rule files, folders of them, or `-` for standard input.
    #[arg(required = true, value_name = "RULES")]
    paths: Vec<PathBuf>,
    /// Files or folders of events; `-` for standard input.
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    events: Vec<PathBuf>,
    /// What decides: the reference meaning of rules, or an engine that runs their queries.
    #[arg(long, value_name = "ENGINE", default_value = engine::EVAL, value_parser = engine::names())]
    engine: String,
    /// Say which part of each condition held or failed, and on which value.
    #[arg(long)]
    explain: bool,
    /// Print one JSON object a rule.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pipelines: Pipelines,
}

/// A rule file's verdicts, and its text if it has diagnostics.
struct FileVerdicts {
    verdicts: Vec<Verdict>,
    text: String,
    unread: Option<Diagnostic>,
}

impl Test {
    pub(super) fn run(self, color: ColorChoice, report: &mut Report) -> Result<Exit, Stop> {
        // A pipeline is written for the SIEM that holds the events, not for the engine that runs here.
        let mut pipeline = self.pipelines.load(&[], &Dialect::SPECIFICATION, report)?;
        let allowed = self.pipelines.allowed();
        let (samples, unread) = samples::collect(&self.events);
        for unread in &unread {
            report.all(&unread.path, &unread.text, &unread.diagnostics);
        }
        let session = match engine::find(&self.engine) {
            Some(engine) => {
                let pipeline = std::mem::take(&mut pipeline);
                Some(Session::open(engine, &samples, pipeline, allowed)?)
            }
            None => None,
        };
        let choice = SampleChoice::new(&samples);
        let own = Processing {
            pipeline: &pipeline,
            settings: Settings::new(&Dialect::SPECIFICATION, &allowed, &[]),
        };
        let trial = Trial {
            choice: &choice,
            explain: self.explain,
            session: session.as_ref(),
            processing: session.as_ref().map_or(own, Session::processing),
        };
        let inputs = input::collect(&self.paths, &self.pattern, report);
        let paint = Paint(color.wanted(stdout().is_terminal()));
        let mut unread = unread.iter().flat_map(|unread| &unread.diagnostics);
        let mut failed = unread.any(Diagnostic::is_error);
        let (mut fired, mut tested, mut without) = (0, 0, 0);
        let mut broken = None;
        let mut out = std::io::BufWriter::new(stdout());
        in_order(
            &inputs,
            |input| judge(input, trial),
            |input, judged| {
                report.all(&input.name, &judged.text, &judged.unread);
                failed |= judged.unread.is_some();
                for verdict in &judged.verdicts {
                    report.all(&input.name, &judged.text, &verdict.diagnostics);
                    if verdict.tested == 0 && verdict.error.is_none() {
                        without += 1;
                        continue;
                    }
                    tested += 1;
                    fired += usize::from(verdict.fired);
                    failed |= !verdict.passed;
                    let text = if self.json {
                        serde_json::to_string(verdict)
                            .map(|line| line + "\n")
                            .unwrap_or_default()
                    } else {
                        shown(verdict, self.explain, paint)
                    };
                    if let Err(error) = out.write_all(text.as_bytes()) {
                        broken = Some(error);
                        return ControlFlow::Break(());
                    }
                }
                ControlFlow::Continue(())
            },
        );
        if let Some(error) = broken {
            return Err(error.into());
        }
        if !self.json {
            let mut line = format!("{fired} of {tested} rules fired");
            if without > 0 {
                let _ = match without {
                    1 => write!(line, "; 1 rule has no sample"),
                    without => write!(line, "; {without} rules have no sample"),
                };
            }
            writeln!(out, "{line}")?;
        }
        out.flush()?;
        // A run that tested no rule has failed: the samples are for other rules.
        Ok(Exit::of(failed || tested == 0))
    }
}

fn judge(input: &Input, trial: Trial<'_>) -> FileVerdicts {
    match input.text() {
        Ok(text) => FileVerdicts {
            verdicts: verdict::of_file(&input.name, &text, trial),
            text,
            unread: None,
        },
        Err(error) => FileVerdicts {
            verdicts: Vec::new(),
            text: String::new(),
            unread: Some(error),
        },
    }
}

/// `fired   1 of 3  rules/a.yml: Title`, and the events below it.
fn shown(verdict: &Verdict, explain: bool, paint: Paint) -> String {
    let title = visible::message(verdict.title.as_deref().unwrap_or("(no title)"));
    let path = visible::message(&verdict.path);
    let word = match (verdict.fired, verdict.tested) {
        (true, _) => paint.bold("fired "),
        (false, 0) => return format!("{} {path}: {title}\n", paint.error("failed")),
        (false, _) => paint.error("silent"),
    };
    let mut out = format!(
        "{word} {} of {} events  {path}: {title}\n",
        verdict.matched, verdict.tested
    );
    if explain {
        for query in &verdict.queries {
            let _ = writeln!(out, "    {}", visible::text(query));
        }
    }
    for EventVerdict {
        file,
        number,
        matches,
        traces,
    } in &verdict.events
    {
        let word = if *matches { "matches" } else { "no match" };
        let file = visible::message(file);
        let _ = writeln!(out, "    {file} #{number}: {word}");
        for trace in traces {
            show(trace, 2, &mut out);
        }
    }
    out
}

fn show(trace: &Trace, depth: usize, out: &mut String) {
    let sign = if trace.held { '+' } else { '-' };
    let what = visible::message(&trace.what);
    let _ = write!(out, "{}{sign} {what}", "    ".repeat(depth));
    match &trace.seen {
        None => {}
        Some(Seen::Missing) => out.push_str("  (the field is missing)"),
        Some(Seen::NoText) => out.push_str("  (the field has no value)"),
        Some(Seen::Values(values)) if values.is_empty() => out.push_str("  (in no value)"),
        Some(Seen::Values(values)) => {
            let shown: Vec<String> = values.iter().map(|value| short(value)).collect();
            let _ = write!(out, "  found {}", shown.join(", "));
        }
    }
    out.push('\n');
    for part in &trace.parts {
        show(part, depth + 1, out);
    }
}

/// A value on one line, of bounded length.
fn short(value: &str) -> String {
    let cut: String = value.chars().take(120).collect();
    let more = if cut.len() < value.len() { "…" } else { "" };
    visible::message(&format!("{cut:?}{more}")).into_owned()
}
