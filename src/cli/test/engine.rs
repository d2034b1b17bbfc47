//! Engines that run a rule's query on the events: `--engine sqlite`.
//!
//! In: a rule's queries, the fields that it names, and events. Out: which events the queries find.
//! An engine is an entry of [`ENGINES`]; `eval`, the reference meaning, is not among them.

mod correlate;
#[cfg(feature = "sqlite")]
mod sqlite;
mod table;

pub(super) use correlate::Correlated;

use super::samples::Sample;
use crate::backend::{BackendError, Registry};
use crate::cli::environment::Allowed;
use crate::cli::testable::Processing;
use crate::eval::TimeFields;
use crate::index::Index;
use crate::lower::Lowered;
use crate::pipeline::Pipeline;
use crate::transpile::{Request, RuleOutput, Transpiler};
use clap::builder::PossibleValue;
use std::collections::BTreeSet;
use table::{KEYWORD, NUMBER, TIME, Table};

/// The name of the reference meaning, which needs no engine.
pub(super) const EVAL: &str = "eval";

/// An engine that is part of the program.
#[derive(Debug)]
pub(super) struct Engine {
    /// What `--engine` calls it.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The target whose queries it runs.
    target: &'static str,
    /// The options that suit it.
    settings: &'static [(&'static str, &'static str)],
    /// Makes a table `logs` and runs a query on it: the numbers of the events found.
    ask: fn(&Table, &str) -> Result<BTreeSet<usize>, String>,
    /// The same for the query of a correlation with so many fields in its group.
    firings: fn(&Table, &str, usize) -> Result<Vec<EngineFiring>, String>,
}

/// A row that a correlation's query gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EngineFiring {
    /// The group's values.
    pub group: Vec<String>,
    /// Milliseconds since 1970.
    pub at: i64,
}

const ENGINES: &[Engine] = &[
    #[cfg(feature = "sqlite")]
    Engine {
        name: "sqlite",
        title: "SQLite",
        target: "sqlite",
        settings: &[("regexp", "rust")],
        ask: sqlite::ask,
        firings: sqlite::firings,
    },
];

/// The engine of that name; none for `eval`.
pub(super) fn find(name: &str) -> Option<&'static Engine> {
    ENGINES.iter().find(|engine| engine.name == name)
}

/// The names that `--engine` takes.
pub(super) fn names() -> Vec<PossibleValue> {
    let eval = PossibleValue::new(EVAL);
    let help = "The reference meaning of rules";
    let eval = eval.help(help);
    let engines = ENGINES.iter().map(|engine| {
        let help = format!("The queries for {}, run on it", engine.title);
        PossibleValue::new(engine.name).help(help)
    });
    std::iter::once(eval).chain(engines).collect()
}

/// An engine, ready to run the queries of many rules on the same events.
#[derive(Debug)]
pub(super) struct Session {
    pub engine: &'static Engine,
    transpiler: Transpiler,
    /// As many columns hold the values that keywords are searched in.
    keyword_columns: usize,
    /// Where events hold their time, if there are correlations.
    times: Option<TimeFields>,
}

impl Session {
    /// Makes an engine ready, with the pipelines that its queries go through.
    pub fn open(
        engine: &'static Engine,
        samples: &[Sample],
        pipeline: Pipeline,
        allowed: Allowed,
        times: Option<TimeFields>,
    ) -> Result<Self, BackendError> {
        let values = samples.iter().map(|sample| sample.event.all_values().len());
        let keyword_columns = values.max().unwrap_or(0);
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut settings: Vec<_> = engine.settings.iter().map(owned).collect();
        let columns: Vec<String> = (1..=keyword_columns)
            .map(|at| format!("{KEYWORD}{at}"))
            .collect();
        settings.push(("keyword_columns".to_owned(), columns.join(",")));
        settings.push(("columns".to_owned(), NUMBER.to_owned()));
        if times.is_some() {
            settings.push(("timestamp_field".to_owned(), TIME.to_owned()));
            settings.push(("timestamp_type".to_owned(), "milliseconds".to_owned()));
        }
        let request = Request {
            target: engine.target.to_owned(),
            settings,
            ..Request::default()
        };
        let transpiler = Transpiler::new(&Registry::built_in(), &request)?;
        Ok(Self {
            engine,
            transpiler: transpiler.with_pipeline(pipeline, Box::new(allowed)),
            keyword_columns,
            times,
        })
    }

    /// The same pipelines, for the reference meaning.
    pub fn processing(&self) -> Processing<'_> {
        Processing {
            pipeline: self.transpiler.pipeline(),
            settings: self.transpiler.pipeline_settings(),
        }
    }

    /// The queries of a file of an index, in the order of its rules.
    pub fn convert_indexed(&self, path: &str, file: usize, index: &Index<'_>) -> Vec<RuleOutput> {
        self.transpiler.convert_indexed(path, file, index).rules
    }

    /// Does each of the events match one of the queries?
    pub fn answers(
        &self,
        queries: &[String],
        conditions: &[Lowered<'_>],
        samples: &[&Sample],
    ) -> Result<Vec<bool>, String> {
        let table = Table::of(
            conditions,
            samples,
            self.keyword_columns,
            self.times.as_ref(),
        )?;
        let mut answers = vec![false; samples.len()];
        for query in queries {
            for number in (self.engine.ask)(&table, query)? {
                if let Some(answer) = answers.get_mut(number) {
                    *answer = true;
                }
            }
        }
        Ok(answers)
    }
}
