//! `varsigma test RULES [--events FILE…]`: does each rule fire?

mod beside;
mod choice;
mod correlated;
mod engine;
mod firing;
mod junit;
mod linked;
mod mutants;
mod samples;
mod sequence;
mod show;
mod subject;
mod verdict;

use super::atomic;
use super::events::{FormatOptions, Interrupt, RoutingOptions, TimeOptions, UnreadFile};
use super::input::{self, FilePattern, InputText};
use super::reason::unwritable;
use super::report::Report;
use super::rule_options::RuleOptions;
use super::terminal::{ColorChoice, Paint};
use super::testable::{self, Processing};
use super::{Exit, Stop};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::index::Index;
use crate::pipeline::Settings;
use choice::SampleChoice;
use clap::Args;
use engine::Session;
use junit::TestCases;
use linked::LinkedTrial;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use samples::EventSource;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _, stdout};
use std::path::PathBuf;
use subject::{Subject, TestFolders};
use verdict::{Trial, Verdict};

/// Test rules on events: each has to fire.
///
/// The tests beside a rule (`rule.test.yml`) and in it (the key `tests`) say which events it has to
/// match and which not.
///
/// Events are JSON (objects, arrays, one object a line, the answers of Elasticsearch's and Splunk's
/// searches, batches of `Records`), Windows event logs (EVTX, or its JSON dump) or the lines of a
/// text log (`.log`, `.raw`), in any mixture. A folder with an `info.yml`, as in SigmaHQ's
/// `regression_data`, holds the sample of the rules that it names: those are tested on it alone, and
/// only they where there are no other events. The output of `varsigma witness` is read too, and its
/// answers are compared with the rule's. With `-p`, events have the names that the pipelines give.
/// Correlations and filters reach into all rules that are given; rules that only feed correlations
/// of their file need not match. Exit code 0 if every tested rule fired.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma test
  varsigma test rules/
  varsigma test rules/ --events events.jsonl
  varsigma test rules/windows/proc_a.yml --events events.jsonl --explain
  varsigma test rules/ --events events.jsonl --engine sqlite")]
pub struct Test {
    #[command(flatten)]
    pattern: FilePattern,
    /// Rule files, folders of them, or `-` for standard input. Without any, the rules of the project,
    /// on the folders that it names in `tests`.
    #[arg(value_name = "RULES", group = "subject")]
    paths: Vec<PathBuf>,
    /// The project's folder; by default the working folder or the nearest above it that has a
    /// `varsigma.toml`.
    #[arg(long, value_name = "DIR", group = "subject")]
    project: Option<PathBuf>,
    /// Files or folders of events; `-` for standard input. Without it, the tests beside the rules
    /// and in them are run alone.
    #[arg(long, num_args = 1.., value_name = "FILE", requires = "subject")]
    events: Vec<PathBuf>,
    #[command(flatten)]
    format: FormatOptions,
    /// What decides: the reference meaning of rules, or an engine that runs their queries.
    #[arg(long, value_name = "ENGINE", default_value = engine::EVAL, value_parser = engine::names())]
    engine: String,
    /// Say which part of each condition held or failed, and on which value.
    #[arg(long)]
    explain: bool,
    /// Change each rule that has tests of its own in small ways, and fail for every change that none of
    /// them notices, with an event that shows it.
    #[arg(long)]
    mutants: bool,
    /// Print one JSON object a rule.
    #[arg(long)]
    json: bool,
    /// Write the results as JUnit's XML, too.
    #[arg(long, value_name = "FILE", value_parser = junit::path)]
    junit: Option<PathBuf>,
    #[command(flatten)]
    time: TimeOptions,
    #[command(flatten)]
    routing: RoutingOptions,
    #[command(flatten)]
    rule_options: RuleOptions,
}

impl Test {
    /// What is tested: the paths that are given, or the project.
    fn subject(&self, report: &mut Report) -> Result<Subject, Stop> {
        if self.paths.is_empty() {
            let allowed = self.rule_options.pipelines.allowed();
            return Subject::of_project(self.project.as_deref(), allowed, &self.events, report);
        }
        Ok(Subject {
            inputs: input::collect(&self.paths, &self.pattern, report),
            events: self.events.clone(),
            tests: TestFolders::default(),
        })
    }

    pub(super) fn run(self, color: ColorChoice, report: &mut Report) -> Result<Exit, Stop> {
        // A pipeline is written for the SIEM that holds the events, not for the engine that runs here.
        let table = self.routing.table()?;
        let mut pipeline =
            self.rule_options
                .pipelines
                .load(&[], &Dialect::SPECIFICATION, report)?;
        let allowed = self.rule_options.pipelines.allowed();
        let subject = self.subject(report)?;
        let inputs = &subject.inputs;
        let files: Vec<InputText<'_>> = inputs.par_iter().map(InputText::read).collect();
        let filters = self.rule_options.filters.read(inputs, report);
        let texts = files.iter().map(|file| file.text.as_deref().ok());
        let texts: Vec<Option<&str>> = texts.chain(filters.texts()).collect();
        let documents = texts.par_iter().map(|text| match text {
            Some(text) => testable::rules(text),
            None => Vec::new(),
        });
        let documents: Vec<_> = documents.collect();
        let is_linked = documents.iter().any(|documents| Index::concerns(documents));
        let index = Index::new(documents, &Dialect::SPECIFICATION);
        let engine = engine::find(&self.engine);
        let span = self.time.span();
        let times = self.time.fields();
        let source = EventSource {
            paths: &subject.events,
            format: self.format,
            span,
            times: &times,
            interrupt: Interrupt::listen(),
        };
        // An engine takes all events at once; the reference meaning one after another.
        let is_streamed = engine.is_none();
        let (mut samples, tests_unread) = beside::samples(&files, &subject.tests);
        let mut unread = Vec::new();
        if !is_streamed {
            let (found, failed) = source.collect(report);
            samples.extend(found);
            unread = failed;
        }
        let session = match engine {
            Some(engine) => {
                let pipeline = std::mem::take(&mut pipeline);
                let times = is_linked.then(|| times.clone());
                Some(Session::open(engine, &samples, pipeline, allowed, times)?)
            }
            None => None,
        };
        let none = SampleChoice::new(&[]);
        let own = Processing {
            pipeline: &pipeline,
            settings: Settings::new(&Dialect::SPECIFICATION, &allowed, &[]),
        };
        let trial = Trial {
            choice: &none,
            explain: self.explain,
            mutants: self.mutants,
            session: session.as_ref(),
            processing: session.as_ref().map_or(own, Session::processing),
        };
        let mut results = Results {
            json: self.json,
            explain: self.explain,
            junit: self.junit.map(|path| (path, TestCases::default())),
            ..Results::new(color)
        };
        results.failed |=
            filters.report(Some(&index), inputs.len(), &Dialect::SPECIFICATION, report);
        let paths = inputs.iter().map(|input| input.name.as_str());
        let paths: Vec<&str> = paths.chain(filters.names()).collect();
        let linked = LinkedTrial {
            index: &index,
            paths: &paths,
            trial,
            times: &times,
            choice: &self.rule_options.choice,
        };
        let verdicts = linked::verdicts(linked, table, |take| {
            take(samples);
            if is_streamed {
                unread = source.stream(report, take);
            }
        });
        results.unread(&tests_unread, report);
        results.unread(&unread, report);
        for (file, verdicts) in files.iter().zip(&verdicts) {
            results.take(file, verdicts, report)?;
        }
        let chosen = &self.rule_options.choice;
        let documents = (0..inputs.len()).flat_map(|file| index.documents(file));
        let count = chosen.count(documents.map(|parsed| parsed.document.as_ref()));
        report.all("", "", &chosen.nothing(count));
        results.write_junit(report);
        let exit = results.finish()?;
        if source.interrupt.is_set() {
            report.text("interrupted: the verdicts are on the events that were read so far\n");
            return Ok(Exit::Interrupted);
        }
        Ok(exit)
    }
}

/// Verdicts as they are printed and counted.
struct Results {
    out: std::io::BufWriter<std::io::Stdout>,
    json: bool,
    explain: bool,
    paint: Paint,
    failed: bool,
    fired: usize,
    tested: usize,
    without: usize,
    /// The file of JUnit's XML, and what goes into it.
    junit: Option<(PathBuf, TestCases)>,
}

impl Results {
    fn new(color: ColorChoice) -> Self {
        Self {
            out: std::io::BufWriter::new(stdout()),
            json: false,
            explain: false,
            paint: Paint(color.wanted(stdout().is_terminal())),
            failed: false,
            fired: 0,
            tested: 0,
            without: 0,
            junit: None,
        }
    }

    fn unread(&mut self, unread: &[UnreadFile], report: &mut Report) {
        for unread in unread {
            report.all(&unread.path, &unread.text, &unread.diagnostics);
            self.failed |= unread.diagnostics.iter().any(Diagnostic::is_error);
        }
    }

    /// Prints the verdicts on a file.
    fn take(
        &mut self,
        file: &InputText<'_>,
        verdicts: &[Verdict],
        report: &mut Report,
    ) -> std::io::Result<()> {
        let name = &file.input.name;
        report.all(name, "", file.text.as_ref().err());
        self.failed |= file.text.is_err();
        for verdict in verdicts {
            report.all(name, file.text(), &verdict.diagnostics);
            // A part that has tests of its own is no exception.
            let mutants = verdict.mutants.as_ref();
            self.failed |= mutants.is_some_and(|mutants| !mutants.unnoticed.is_empty());
            self.failed |= verdict.error.is_some();
            if verdict.tested == 0 && verdict.error.is_none() {
                self.without += usize::from(!verdict.part);
                continue;
            }
            if !verdict.part {
                self.tested += 1;
                self.fired += usize::from(verdict.fired);
                self.failed |= !verdict.passed;
            }
            if let Some((_, cases)) = self.junit.as_mut().filter(|_| !verdict.part) {
                let is_failure = verdict.error.is_some() || !verdict.passed;
                let shown = show::shown(verdict, self.explain, Paint(false));
                cases.add(verdict, is_failure, &shown);
            }
            let text = if self.json {
                serde_json::to_string(verdict)? + "\n"
            } else {
                show::shown(verdict, self.explain, self.paint)
            };
            self.out.write_all(text.as_bytes())?;
        }
        Ok(())
    }

    fn write_junit(&mut self, report: &mut Report) {
        let Some((path, cases)) = self.junit.take() else {
            return;
        };
        if let Err(error) = atomic::write_named(&path, cases.finish().as_bytes()) {
            self.failed = true;
            report.all("", "", [&unwritable(&path, &error)]);
        }
    }

    fn finish(mut self) -> Result<Exit, Stop> {
        if !self.json {
            let mut line = format!("{} of {} rules fired", self.fired, self.tested);
            if self.without > 0 {
                let _ = match self.without {
                    1 => write!(line, "; 1 rule has no sample"),
                    without => write!(line, "; {without} rules have no sample"),
                };
            }
            writeln!(self.out, "{line}")?;
        }
        self.out.flush()?;
        // A run that tested no rule has failed: the samples are for other rules.
        Ok(Exit::of(self.failed || self.tested == 0))
    }
}
