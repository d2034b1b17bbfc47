//! `varsigma convert -t TARGET PATH…`: rules in, queries out.
//!
//! Files are read and converted in parallel and their outputs handed on in order, so neither the
//! sources nor the queries of a whole run are ever in memory, unless the format is one document.

mod folder;
mod sink;

use super::input::{self, Input};
use super::pipelines::Pipelines;
use super::report::{Report, Tally};
use super::targets::Targets;
use super::{Exit, Stop};
use crate::diagnostic::{Diagnostic, Severity};
use crate::dialect::Profile;
use crate::transpile::parallel::in_order_by_handfuls;
use crate::transpile::{FileOutput, Request, Transpiler};
use clap::{Args, ValueEnum};
use sink::Sink;
use std::ops::ControlFlow;
use std::path::PathBuf;

/// Convert rules into the queries of a target.
///
/// Queries go to standard output and nothing else does: one a line, a query of several lines with
/// an empty line around it, or, where the format is a document of many queries, that document.
/// Messages go to standard error, as JSON or SARIF too. One rule's failure never touches another.
#[derive(Debug, Args)]
pub struct Convert {
    /// The target: `varsigma list targets` shows them.
    #[arg(short, long)]
    target: String,
    /// The output format; the target's first if not given (`varsigma list formats`).
    #[arg(short, long)]
    format: Option<String>,
    /// Set an option of the target; can be given several times.
    #[arg(short = 'O', long = "option", value_name = "KEY=VALUE", value_parser = setting)]
    options: Vec<(String, String)>,
    /// Print what that reference prints, its faults included.
    #[arg(long, value_name = "REFERENCE")]
    compat: Option<Compat>,
    /// Write one file a rule below this folder, in the places that the rules have below the
    /// folders given.
    #[arg(short, long, value_name = "DIR", conflicts_with = "json")]
    output: Option<PathBuf>,
    /// Print one JSON object a rule file.
    #[arg(long)]
    json: bool,
    /// A query that is not exact is an error.
    #[arg(long)]
    strict: bool,
    /// Threads to work with; 0 is one a processor.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    threads: usize,
    #[command(flatten)]
    pipelines: Pipelines,
    #[command(flatten)]
    targets: Targets,
    /// Rule files, folders of them, or `-` for standard input. In folders `.yml` and `.yaml` files
    /// are taken, in sorted order, but hidden ones and those that a `.gitignore` names.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// `--compat`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Compat {
    /// sigmac, early 2020 (Splunk only).
    Sigmac,
    /// pySigma 1.5.
    Pysigma,
}

impl Compat {
    /// The profile of that reference.
    #[must_use]
    pub const fn profile(self) -> Profile {
        match self {
            Self::Sigmac => Profile::Sigmac,
            Self::Pysigma => Profile::Pysigma,
        }
    }
}

/// `min_time=-7d`
fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE, such as `min_time=-7d`".to_owned()),
    }
}

/// A file's output with what its messages and its line of JSON are made from.
struct Converted {
    output: FileOutput,
    /// The text, where there is something to say about it.
    text: String,
    json: Option<String>,
}

impl Convert {
    pub(super) fn run(self, report: &mut Report) -> Result<Exit, Stop> {
        super::pool(self.threads)?.install(|| self.convert(report))
    }

    fn convert(self, report: &mut Report) -> Result<Exit, Stop> {
        let registry = self.targets.registry()?;
        let request = Request {
            target: self.target,
            profile: self.compat.map_or(Profile::Native, Compat::profile),
            format: self.format,
            settings: self.options,
            strict: self.strict,
        };
        let (transpiler, inputs) = rayon::join(
            || Transpiler::new(&registry, &request),
            || input::collect(&self.paths, report),
        );
        let transpiler = transpiler?;
        let names = [transpiler.backend().name.as_str()];
        let pipeline = self.pipelines.load(&names, transpiler.profile(), report)?;
        let transpiler = transpiler.with_pipeline(pipeline, Box::new(self.pipelines.allowed()));
        let mut sink = match &self.output {
            Some(folder) => Sink::folder(folder, &transpiler)?,
            None if self.json => Sink::json(),
            None if transpiler.has_whole_document() => Sink::document(),
            None => Sink::lines(),
        };
        let mut tally = Tally::default();
        let mut broken = None;
        let mut rest = inputs.iter();
        let work = |inputs: &[Input]| convert_all(inputs, &transpiler, self.json);
        in_order_by_handfuls(&inputs, work, |mut converted| {
            let input = rest.next().expect("there is one result an input");
            if let Err(error) = sink.take(input, &mut converted, &mut tally) {
                broken = Some(error);
                return ControlFlow::Break(());
            }
            count(&converted.output, &mut tally);
            let diagnostics = converted.output.all_diagnostics();
            report.all(&input.name, &converted.text, diagnostics);
            report.progress(inputs.len() - rest.len(), inputs.len());
            ControlFlow::Continue(())
        });
        if let Some(error) = broken {
            return Err(error.into());
        }
        let errors = sink.finish(&transpiler)?;
        report.all("", "", &errors);
        if !errors.is_empty() && self.output.is_none() {
            tally.failed = tally.rules;
        }
        report.summary(tally);
        Ok(if tally.failed > 0 {
            Exit::Failed
        } else {
            Exit::Fine
        })
    }
}

/// Reads and converts some files.
fn convert_all(inputs: &[Input], transpiler: &Transpiler, wants_json: bool) -> Vec<Converted> {
    let texts: Vec<_> = inputs.iter().map(Input::read).collect();
    let files = inputs.iter().zip(&texts);
    let readable = files.filter_map(|(input, text)| Some((&*input.name, text.as_deref().ok()?)));
    let mut outputs = transpiler
        .convert_files(&readable.collect::<Vec<_>>())
        .into_iter();
    let files = inputs.iter().zip(texts);
    let converted = files.map(|(input, text)| match text {
        Ok(bytes) => {
            let output = outputs.next().expect("there is an output for each file");
            Converted::new(output, bytes, wants_json)
        }
        Err(error) => {
            let output = FileOutput::failed(&input.name, error);
            Converted::new(output, Vec::new(), wants_json)
        }
    });
    converted.collect()
}

impl Converted {
    fn new(output: FileOutput, bytes: Vec<u8>, wants_json: bool) -> Self {
        let has_said = !output.all_diagnostics().is_empty();
        let text = if has_said {
            String::from_utf8(bytes).unwrap_or_default()
        } else {
            String::new()
        };
        let json = wants_json.then(|| output.to_json(&text));
        Self { output, text, json }
    }
}

fn count(output: &FileOutput, tally: &mut Tally) {
    let failures = output.failures();
    tally.rules += output.rules.len().max(failures);
    tally.failed += failures;
    let is_warning = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Warning;
    let converted = output.rules.iter().filter(|rule| rule.error.is_none());
    let warned = converted.filter(|rule| rule.diagnostics.iter().any(is_warning));
    tally.with_warnings += warned.count();
}
