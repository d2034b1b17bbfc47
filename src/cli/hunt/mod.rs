//! `varsigma hunt RULES EVENTS…`: what do the rules find?

mod correlations;
mod record;
mod rules;
mod scan;
mod summary;
mod tally;

use super::choose::{LEVELS, RuleLevel};
use super::completions::candidates;
use super::events::{self, FormatOptions, Interrupt, RoutingOptions, TimeOptions};
use super::input::{self, FilePattern};
use super::report::Report;
use super::rule_options::RuleOptions;
use super::terminal::{ColorChoice, Paint};
use super::testable::Processing;
use super::{Exit, Stop};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::eval::routing::Routing;
use crate::pipeline::Settings;
use clap::Args;
use record::{Form, Records};
use rules::HuntedRules;
use scan::Scan;
use std::io::{self, IsTerminal as _, Write as _, stdout};
use std::ops::ControlFlow;
use std::path::PathBuf;
use tally::Tally;

/// Find the events that rules match: a table, JSON or CSV.
///
/// Events are files, folders of them, or `-` for standard input, in any form that `varsigma test`
/// reads. Correlations fire on the matches of the rules that they name, and filters apply. All cores
/// work; of the events no more than some megabytes are held at a time. Ctrl-C ends the run with what was
/// found so far.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 the run is complete, 1 a rule or event can't be read or (with `--fail-on`) a rule of
that level matched, 2 wrong usage, 130 interrupted.

Examples:
  varsigma hunt rules/ events.jsonl
  varsigma hunt rules/ events.jsonl --csv > timeline.csv
  varsigma hunt rules/ events.jsonl --fail-on critical
  varsigma hunt rules/ - --json < events.jsonl")]
pub struct Hunt {
    #[command(flatten)]
    pattern: FilePattern,
    /// A rule file, a folder of them, or `-` for standard input.
    #[arg(value_name = "RULES")]
    rules: PathBuf,
    /// Files or folders of events; `-` for standard input.
    #[arg(required = true, value_name = "EVENTS")]
    events: Vec<PathBuf>,
    /// Print one JSON object a match.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print one line of CSV a match: time, level, rule, id, tags, file, record, values.
    #[arg(long)]
    csv: bool,
    /// Exit with 1 if a rule or correlation of this level, or a higher one, matched.
    #[arg(long, value_name = "LEVEL", value_parser = RuleLevel::named)]
    #[arg(add = candidates::words(LEVELS))]
    fail_on: Option<RuleLevel>,
    /// Print what each rule costs: how many events it was asked of, and for how long.
    #[arg(long)]
    cost: bool,
    /// The number of threads; 0 is one for each processor.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    threads: usize,
    #[command(flatten)]
    time: TimeOptions,
    #[command(flatten)]
    format: FormatOptions,
    #[command(flatten)]
    routing: RoutingOptions,
    #[command(flatten)]
    rule_options: RuleOptions,
}

impl Hunt {
    pub(super) fn run(self, color: ColorChoice, report: &mut Report) -> Result<Exit, Stop> {
        super::pool(self.threads)?.install(|| self.hunt(color, report))
    }

    fn hunt(self, color: ColorChoice, report: &mut Report) -> Result<Exit, Stop> {
        let table = self.routing.table()?;
        let options = &self.rule_options;
        let pipelines = &options.pipelines;
        let pipeline = pipelines.load(&[], &Dialect::SPECIFICATION, report)?;
        let allowed = pipelines.allowed();
        let processing = Processing {
            pipeline: &pipeline,
            settings: Settings::new(&Dialect::SPECIFICATION, &allowed, &[]),
        };
        let inputs = input::collect(std::slice::from_ref(&self.rules), &self.pattern, report);
        let filters = options.filters.read(&inputs, report);
        let texts = rules::read(&inputs);
        let index = rules::index(&texts, &filters);
        let mut failed =
            filters.report(Some(&index), inputs.len(), &Dialect::SPECIFICATION, report);
        let linked = crate::eval::linked::LinkedRules::of(&index, processing);
        let lowered = linked.lowered();
        let ready = linked.ready(&lowered);
        let rules = HuntedRules::new(&index, &linked, &ready, &inputs, &options.choice);
        failed |= rules.report(&texts, &options.choice, report);

        let routing = table.map(|table| {
            let sources = rules.rules.iter().map(|hunted| hunted.source.clone());
            let sources = sources.zip(rules.matchers.iter().copied());
            Routing::new(table, sources)
        });
        let interrupt = Interrupt::listen();
        let (files, mut unread) = events::find(&self.events, self.format);
        let form = match (self.json, self.csv) {
            (true, _) => Form::Json,
            (_, true) => Form::Csv,
            _ => Form::Table,
        };
        let (span, times) = (self.time.span(), self.time.fields());
        let scan = Scan {
            rules: &rules,
            routing: routing.as_ref(),
            times: &times,
            span,
            with_values: form != Form::Table,
            with_costs: self.cost,
        };
        let mut records = Records::new(form, io::BufWriter::new(stdout()), &rules);
        let mut tally = Tally::new(&rules);
        let mut broken = records.start().err();
        let reading = events::read(
            files,
            &interrupt,
            report,
            |_, chunk| scan.chunk(chunk),
            |file, first, found| {
                let written = records.matches(file, first, &found);
                tally.take(file, first, found);
                match written {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(error) => {
                        broken = Some(error);
                        ControlFlow::Break(())
                    }
                }
            },
        );
        if let Some(error) = broken {
            return Err(error.into());
        }
        unread.extend(reading.unread);
        for unread in &unread {
            report.all(&unread.path, &unread.text, &unread.diagnostics);
            failed |= unread.diagnostics.iter().any(Diagnostic::is_error);
        }
        tally.events = reading.events;
        tally.files = reading.files;
        tally.interrupted = reading.interrupted;
        failed |= correlations::evaluate_all(&rules, &texts, &mut tally, &mut records, report)?;
        let mut out = records.finish()?;
        let paint = Paint(color.wanted(stdout().is_terminal()));
        if form == Form::Table {
            let table = summary::table(&rules, &tally, routing.as_ref(), paint);
            out.write_all(table.as_bytes())?;
        }
        if self.cost {
            let costs = summary::costs(&rules, &tally);
            match form {
                Form::Table => out.write_all(costs.as_bytes())?,
                Form::Json | Form::Csv => report.text(&costs),
            }
        }
        out.flush()?;
        if form != Form::Table {
            let closing = summary::closing(&rules, &tally, routing.as_ref(), Paint(false));
            report.text(&closing);
        }
        let is_found = self
            .fail_on
            .is_some_and(|level| tally.highest(&rules).is_some_and(|found| found >= level));
        if tally.interrupted {
            return Ok(Exit::Interrupted);
        }
        Ok(Exit::of(failed || is_found))
    }
}
