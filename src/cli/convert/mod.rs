//! `varsigma convert -t TARGET PATH…`: rules in, queries out.
//!
//! All files are read before the first is converted, for a correlation or a filter in one reaches
//! into others. Then they are converted in parallel and their outputs handed on in order, so the
//! queries of a whole run are never in memory, unless the format is one document.

mod destination;
mod folder;
mod outcome;
mod sink;
mod source;

use super::choose::{Chosen, RuleChoice};
use super::completions::candidates;
use super::input::{self, FilePattern};
use super::report::{Report, Tally};
use super::rule_options::RuleOptions;
use super::schema::SchemaFile;
use super::targets::Targets;
use super::{Exit, Stop};
use crate::diagnostic::Diagnostic;
use crate::dialect::{Dialect, Profile};
use crate::index::{self, Index};
use crate::pipeline::RuleView;
use crate::transpile::parallel::in_order_by_handfuls;
use crate::transpile::{self, FileOutput, Prepared, Request, Transpiler, prepare};
use clap::{Args, ValueEnum};
use destination::{Destination, Output};
use outcome::{count, hint, skip};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use sink::Sink;
pub(super) use source::SourceFile;
use std::ops::ControlFlow;
use std::path::PathBuf;

/// Convert rules into the queries of a target.
///
/// Standard output has queries only: one a line, a query of several lines between empty lines, or the
/// document of a format for many queries. Messages go to standard error, as JSON or SARIF too. One
/// rule's failure never affects another.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma convert -t splunk rules/
  varsigma convert -t esql -p ecs_windows -o queries.esql rules/
  varsigma convert -t splunk -f savedsearches -O min_time=-7d -o savedsearches.conf rules/
  varsigma convert -t lucene -o queries/ --output-name '{level}/{title}.{extension}' rules/
  varsigma convert -t kql -s -P 'proc_*.yml' rules/
  varsigma convert -t sqlite --json rules/ > queries.jsonl
  varsigma convert -t splunk --compat pysigma - < rules/windows/proc_a.yml")]
pub struct Convert {
    /// The target: `varsigma list targets` shows them.
    #[arg(short, long, add = candidates::targets())]
    target: String,
    /// The output format; the target's first if not given (`varsigma list formats TARGET`).
    #[arg(short, long, add = candidates::formats())]
    format: Option<String>,
    /// Set an option of the target (`varsigma list options TARGET`); can be given several times.
    #[arg(
        short = 'O',
        long = "option",
        alias = "backend-option",
        value_name = "KEY=VALUE"
    )]
    #[arg(value_parser = setting, add = candidates::options())]
    options: Vec<(String, String)>,
    /// How the windows of correlations lie in time: a value of the target's option `window`
    /// (`varsigma list options TARGET`), or `default`.
    #[arg(short, long, value_name = "METHOD")]
    correlation_method: Option<String>,
    /// Print what this reference prints, its faults included.
    #[arg(long, value_name = "REFERENCE")]
    compat: Option<Compat>,
    #[command(flatten)]
    output: Output,
    /// Print one JSON object a rule file.
    #[arg(long)]
    json: bool,
    /// Report a query that is not exact as an error.
    #[arg(long)]
    strict: bool,
    /// Skip rules that the target can't express: they are counted, and the exit code stays 0.
    #[arg(short, long)]
    skip_unsupported: bool,
    #[command(flatten)]
    accepted: Accepted,
    /// The number of threads; 0 is one for each processor.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    threads: usize,
    #[command(flatten)]
    rule_options: RuleOptions,
    #[command(flatten)]
    schema: SchemaFile,
    #[command(flatten)]
    targets: Targets,
    #[command(flatten)]
    pattern: FilePattern,
    /// Rule files, folders of them, or `-` for standard input. In folders `.yml` and `.yaml` files
    /// are taken, in sorted order, without hidden ones and those that a `.gitignore` names.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Options of sigma-cli that ask for what is the default here.
#[derive(Debug, Clone, Copy, Args)]
#[group(skip)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub struct Accepted {
    #[arg(long, hide = true, overrides_with = "skip_unsupported")]
    fail_unsupported: bool,
    #[arg(long, hide = true)]
    without_pipeline: bool,
    #[arg(long, hide = true)]
    pipeline_check: bool,
    #[arg(long, hide = true)]
    collect_errors: bool,
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

    /// The dialect of that reference.
    #[must_use]
    pub const fn dialect(self) -> Dialect {
        match self {
            Self::Sigmac => Dialect::SIGMAC,
            Self::Pysigma => Dialect::PYSIGMA,
        }
    }
}

/// `min_time=-7d`
pub(in crate::cli) fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE, such as `min_time=-7d`".to_owned()),
    }
}

/// A file's output with what its messages and its line of JSON are made from.
struct ConvertedInput {
    output: FileOutput,
    /// How many of its rules are chosen.
    chosen: Chosen,
    /// Its rules, where the names of files are made from their attributes.
    rules: Vec<Option<RuleView>>,
    /// The text, if it has diagnostics.
    text: String,
    json: Option<String>,
}

impl Convert {
    pub(super) fn run(self, report: &mut Report) -> Result<Exit, Stop> {
        super::pool(self.threads)?.install(|| self.convert(report))
    }

    fn convert(self, report: &mut Report) -> Result<Exit, Stop> {
        let registry = self.targets.registry()?;
        let destination = self.output.destination(self.json)?;
        let mut settings = self.options;
        let window = self.correlation_method.filter(|method| method != "default");
        settings.extend(window.map(|method| ("window".to_owned(), method)));
        let request = Request {
            target: self.target,
            profile: self.compat.map_or(Profile::Native, Compat::profile),
            format: self.format,
            settings,
            strict: self.strict,
        };
        let (transpiler, inputs) = rayon::join(
            || Transpiler::new(&registry, &request),
            || input::collect(&self.paths, &self.pattern, report),
        );
        let transpiler = transpiler?;
        let names = [transpiler.backend().name.as_str()];
        let pipeline = self
            .rule_options
            .pipelines
            .load(&names, transpiler.dialect(), report)?;
        let transpiler =
            transpiler.with_pipeline(pipeline, Box::new(self.rule_options.pipelines.allowed()));
        let transpiler = self.schema.load(transpiler)?;
        let wants = Wants {
            json: self.json,
            rules: destination.asks_of_rules(),
            choice: &self.rule_options.choice,
        };
        let to_folder = matches!(destination, Destination::Folder(..));
        let sources: Vec<SourceFile<'_>> = inputs.par_iter().map(SourceFile::read).collect();
        let filters = self.rule_options.filters.read(&inputs, report);
        let is_linked = sources.iter().any(|source| source.is_linked);
        let index = if is_linked || filters.texts().next().is_some() {
            let texts = sources.iter().map(|source| source.text().ok());
            let texts: Vec<_> = texts.chain(filters.texts()).collect();
            transpile::index(&texts, transpiler.dialect())
        } else {
            None
        };
        let is_filter_broken =
            filters.report(index.as_ref(), inputs.len(), transpiler.dialect(), report);
        let mut sink = Sink::new(destination, &transpiler, &inputs, self.json)?;
        let mut tally = Tally::default();
        let mut chosen = Chosen::default();
        let mut broken = None;
        let mut done = 0;
        let numbered: Vec<(usize, &SourceFile<'_>)> = sources.iter().enumerate().collect();
        let work = |sources: &[(usize, &SourceFile<'_>)]| match &index {
            Some(index) => convert_linked(sources, index, &transpiler, wants),
            None => convert_all(sources, &transpiler, wants),
        };
        in_order_by_handfuls(&numbered, work, |(_, source), mut converted| {
            let input = source.input;
            done += 1;
            chosen.add(converted.chosen);
            if let Err(error) = sink.take(input, &mut converted, &mut tally) {
                broken = Some(error);
                return ControlFlow::Break(());
            }
            if self.skip_unsupported {
                skip(&mut converted.output, &mut tally);
            }
            count(&converted.output, &mut tally);
            let diagnostics = converted.output.all_diagnostics();
            report.all(&input.name, &converted.text, diagnostics);
            report.progress(done, inputs.len());
            ControlFlow::Continue(())
        });
        if let Some(error) = broken {
            return Err(error.into());
        }
        let diagnostics = sink.finish(&transpiler, &mut tally)?;
        report.all("", "", &diagnostics);
        // Files of a folder that could not be written are counted one by one.
        if !to_folder && diagnostics.iter().any(Diagnostic::is_error) {
            tally.failed = tally.rules;
            tally.skipped = 0;
        }
        let nothing = wants.choice.nothing(chosen);
        report.all("", "", &nothing);
        report.summary(tally);
        Ok(Exit::of(
            tally.failed > 0 || is_filter_broken || nothing.is_some(),
        ))
    }
}

/// What each file has to give beside its queries.
#[derive(Debug, Clone, Copy)]
struct Wants<'c> {
    json: bool,
    rules: bool,
    choice: &'c RuleChoice,
}

impl Wants<'_> {
    /// Is a document one of those that are asked for?
    fn takes(self, prepared: &Prepared<'_>) -> bool {
        let document = prepared.document.as_ref();
        document.is_none_or(|document| self.choice.takes(document))
    }

    fn count<'p, 's: 'p>(self, rules: impl Iterator<Item = &'p Prepared<'s>>) -> Chosen {
        self.choice.count(rules.map(|rule| rule.document.as_ref()))
    }
}

/// Converts files that reach into one another.
fn convert_linked(
    sources: &[(usize, &SourceFile<'_>)],
    index: &Index<'_>,
    transpiler: &Transpiler,
    wants: Wants<'_>,
) -> Vec<ConvertedInput> {
    let is_chosen = |place| index.document(place).is_none_or(|one| wants.takes(one));
    let sources = sources.iter();
    sources
        .map(|(file, source)| {
            let name = &source.input.name;
            let mut output = match source.text() {
                Ok(_) => transpiler.convert_chosen(name, *file, index, &is_chosen),
                Err(error) => FileOutput::failed(name, error),
            };
            let documents = index.documents(*file).iter();
            let chosen = wants.count(documents.clone());
            let documents = documents.filter(|_| wants.rules);
            let heads = documents.map(|document| document.document.as_ref().map(index::head));
            let views = heads.map(|head| head.map(RuleView::of)).collect();
            hint(source.input, &mut output);
            converted(source, output, (views, chosen), wants)
        })
        .collect()
}

/// Converts some files, each by itself.
fn convert_all(
    sources: &[(usize, &SourceFile<'_>)],
    transpiler: &Transpiler,
    wants: Wants<'_>,
) -> Vec<ConvertedInput> {
    let dialect = transpiler.dialect();
    let sources = sources.iter().map(|(_, source)| *source);
    let prepared = sources
        .clone()
        .map(|source| prepare(source.text()?, dialect));
    // All are prepared before the first is converted: a stage's code stays in the cache.
    let prepared: Vec<Result<Vec<Prepared<'_>>, Diagnostic>> = prepared.collect();
    let outputs = sources.zip(prepared).map(|(source, rules)| {
        let input = source.input;
        let mut views = Vec::new();
        let mut chosen = Chosen::default();
        let mut output = match rules {
            Ok(mut rules) => {
                chosen = wants.count(rules.iter());
                rules.retain(|rule| wants.takes(rule));
                if wants.rules {
                    views.extend(rules.iter().map(|rule| rule.rule().map(RuleView::of)));
                }
                if rules.is_empty() && !wants.choice.is_empty() {
                    FileOutput {
                        path: input.name.clone(),
                        ..FileOutput::default()
                    }
                } else {
                    transpiler.convert_prepared(&input.name, rules)
                }
            }
            Err(error) => FileOutput::failed(&input.name, error),
        };
        hint(input, &mut output);
        converted(source, output, (views, chosen), wants)
    });
    outputs.collect()
}

fn converted(
    source: &SourceFile<'_>,
    output: FileOutput,
    (rules, chosen): (Vec<Option<RuleView>>, Chosen),
    wants: Wants<'_>,
) -> ConvertedInput {
    let has_said = !output.all_diagnostics().is_empty();
    let text = source.text().ok().filter(|_| has_said);
    let text = text.unwrap_or_default().to_owned();
    // Of a file in which no rule was chosen there is nothing to say.
    let is_left_out = output.rules.is_empty() && output.error.is_none() && !wants.choice.is_empty();
    let json = (wants.json && !is_left_out).then(|| output.to_json(&text));
    ConvertedInput {
        output,
        chosen,
        rules,
        text,
        json,
    }
}
