//! `--schema`, and `varsigma schema check`: do rules and the columns of tables fit?
//!
//! In: an exported schema, rules, the pipelines that they go through. Out: for each log source the
//! tables and fields that are missing, and the rules that no event can match.

use super::completions::candidates;
use super::convert::setting;
use super::input::{self, FilePattern, InputText};
use super::pipelines::Pipelines;
use super::reason::unreadable;
use super::report::{Report, Tally};
use super::targets::Targets;
use super::{Exit, Stop};
use crate::diagnostic::Diagnostic;
use crate::dialect::Profile;
use crate::index::{Index, Place};
use crate::rule::{Document, LogSource, Rule};
use crate::schema::Schema;
use crate::transpile::{self, Prepared, Request, RuleColumns, Transpiler, guarded, prepare};
use clap::{Args, Subcommand};
use serde_json::json;
use std::collections::BTreeMap;
use std::convert::identity;
use std::io::{StdoutLock, Write, stdout};
use std::iter;
use std::path::{Path, PathBuf};

/// The option.
#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
pub struct SchemaFile {
    /// The columns of the tables that the queries are for, by whose types tests are worded: an
    /// exported mapping, `CREATE TABLE`, a table of columns, or a list (docs/schemas.md).
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
}

impl SchemaFile {
    /// Gives the file's columns to a transpiler.
    pub fn load(&self, transpiler: Transpiler) -> Result<Transpiler, Stop> {
        match &self.schema {
            Some(path) => Ok(transpiler.with_schema(&read(path)?)),
            None => Ok(transpiler),
        }
    }
}

fn read(path: &Path) -> Result<Schema, Stop> {
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    Schema::read(&text).map_err(|error| Stop::in_file(&path.display().to_string(), "", vec![error]))
}

/// Check rules against the columns of tables.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  varsigma schema check -t postgres columns.csv rules/")]
pub struct SchemaCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Check(Check),
}

impl SchemaCommand {
    pub(super) fn run(self, report: &mut Report) -> Result<Exit, Stop> {
        let What::Check(check) = self.what;
        check.run(report)
    }
}

/// Tell which fields of rules the tables lack, and which rules can never match.
///
/// For each log source on standard output, or as JSON. The exit code is 1 where a rule is invalid, can
/// never match, or tests a field without which the target refuses it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma schema check -t postgres columns.csv rules/
  varsigma schema check -t kql -p ecs_windows --json mapping.json rules/")]
struct Check {
    /// The target that the rules are for: its pipelines and options name tables and fields.
    #[arg(short, long, add = candidates::targets())]
    target: String,
    /// Set an option of the target (`varsigma list options TARGET`); can be given several times.
    #[arg(short = 'O', long = "option", value_name = "KEY=VALUE")]
    #[arg(value_parser = setting, add = candidates::options())]
    options: Vec<(String, String)>,
    /// Print one JSON object a rule.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pipelines: Pipelines,
    #[command(flatten)]
    targets: Targets,
    #[command(flatten)]
    pattern: FilePattern,
    /// The exported schema (docs/schemas.md).
    #[arg(value_name = "SCHEMA")]
    schema: PathBuf,
    /// Rule files, folders of them, or `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Where correlations are listed: they have no log source of their own.
const CORRELATIONS: &str = "correlations";

/// What became known of the rules of a log source.
#[derive(Debug, Default)]
struct OfSource {
    rules: usize,
    /// Tables that the schema lacks, and of how many rules.
    missing_tables: BTreeMap<String, usize>,
    /// Fields that tables lack, and in how many rules.
    missing: BTreeMap<String, usize>,
    /// The rules that can't match: path and title.
    impossible: Vec<(String, String)>,
}

impl Check {
    fn run(self, report: &mut Report) -> Result<Exit, Stop> {
        let request = Request {
            target: self.target.clone(),
            profile: Profile::Native,
            settings: self.options.clone(),
            ..Request::default()
        };
        let transpiler = Transpiler::new(&self.targets.registry()?, &request)?;
        let names = [transpiler.backend().name.as_str()];
        let pipeline = self.pipelines.load(&names, transpiler.dialect(), report)?;
        let transpiler = transpiler.with_pipeline(pipeline, Box::new(self.pipelines.allowed()));
        let transpiler = transpiler.with_schema(&read(&self.schema)?);
        let inputs = input::collect(&self.paths, &self.pattern, report);
        // All files are read first: a correlation or a filter in one reaches into others.
        let files: Vec<InputText<'_>> = inputs.iter().map(InputText::read).collect();
        let texts = files.iter().map(|file| file.text.as_deref().ok());
        let texts: Vec<Option<&str>> = texts.collect();
        let index = transpile::index(&texts, transpiler.dialect());
        let mut run = Run {
            transpiler: &transpiler,
            index: index.as_ref(),
            json: self.json,
            tally: Tally::of("passed"),
            sources: BTreeMap::new(),
            out: stdout().lock(),
            report,
        };
        for (number, file) in files.iter().enumerate() {
            run.file(number, file)?;
        }
        run.end()
    }
}

/// A run over rules.
struct Run<'r> {
    transpiler: &'r Transpiler,
    /// Where there is a correlation or a filter among the rules.
    index: Option<&'r Index<'r>>,
    json: bool,
    tally: Tally,
    sources: BTreeMap<String, OfSource>,
    out: StdoutLock<'static>,
    report: &'r mut Report,
}

impl Run<'_> {
    fn file(&mut self, number: usize, file: &InputText<'_>) -> Result<(), Stop> {
        let name = &file.input.name;
        let text = match &file.text {
            Ok(text) => text,
            Err(error) => {
                self.fail(name, "", [error]);
                return Ok(());
            }
        };
        let indexed = self.index.map(|index| index.documents(number));
        // A file that was read has a document.
        let indexed = indexed.filter(|documents| !documents.is_empty());
        let read;
        let documents = match indexed {
            Some(documents) => documents,
            None => match prepare(text, self.transpiler.dialect()) {
                Ok(documents) => {
                    read = documents;
                    &read
                }
                Err(error) => {
                    self.fail(name, text, [&error]);
                    return Ok(());
                }
            },
        };
        for (document, prepared) in documents.iter().enumerate() {
            let place = Place {
                file: number,
                document,
            };
            self.document(prepared, place, name, text)?;
        }
        Ok(())
    }

    fn document(
        &mut self,
        prepared: &Prepared<'_>,
        place: Place,
        path: &str,
        text: &str,
    ) -> Result<(), Stop> {
        let mut errors = prepared.diagnostics.iter().filter(|found| found.is_error());
        if let Some(first) = errors.next() {
            self.fail(path, text, iter::once(first).chain(errors));
            return Ok(());
        }
        let (rule, source, columns): (&Rule<'_>, String, _) = match (&prepared.document, self.index)
        {
            (Some(Document::Rule(rule)), _) => {
                let columns = columns_of(self.transpiler, rule);
                (rule, source_name(&rule.logsource), columns)
            }
            (Some(Document::Correlation(correlation)), Some(index)) => {
                let columns = guarded(correlation.span, || {
                    let transpiler = self.transpiler;
                    transpiler.columns_of_correlation(correlation, place, index)
                });
                let source = CORRELATIONS.to_owned();
                (&correlation.head, source, columns.and_then(identity))
            }
            // A filter is checked with the rules that it is joined to.
            _ => return Ok(()),
        };
        let columns = match columns {
            Ok(columns) => columns,
            Err(error) => {
                self.fail(path, text, [&error]);
                return Ok(());
            }
        };
        let title = rule.title.value.to_string();
        if self.json {
            writeln!(self.out, "{}", line(path, &title, &source, &columns))?;
        }
        self.report.all(path, text, &columns.errors);
        let lacks = !columns.missing.is_empty() || columns.missing_table.is_some();
        self.tally.rules += 1;
        self.tally.with_warnings += usize::from(lacks);
        self.tally.failed += usize::from(!columns.is_possible || !columns.errors.is_empty());
        let of_source = self.sources.entry(source).or_default();
        of_source.add(path, title, columns);
        Ok(())
    }

    /// Reports what can't be checked, as a rule that failed.
    fn fail<'d>(
        &mut self,
        path: &str,
        text: &str,
        errors: impl IntoIterator<Item = &'d Diagnostic>,
    ) {
        self.tally.rules += 1;
        self.tally.failed += 1;
        self.report.all(path, text, errors);
    }

    fn end(mut self) -> Result<Exit, Stop> {
        if !self.json {
            for (name, source) in &self.sources {
                source.write(name, &mut self.out)?;
            }
        }
        self.report.summary(self.tally);
        Ok(Exit::of(self.tally.failed > 0))
    }
}

/// A rule held against the schema; what fails in it fails alone.
fn columns_of(transpiler: &Transpiler, rule: &Rule<'_>) -> Result<RuleColumns, Diagnostic> {
    guarded(rule.span, || transpiler.columns_of(rule.clone()))?
}

fn line(path: &str, title: &str, source: &str, columns: &RuleColumns) -> serde_json::Value {
    json!({
        "path": path,
        "title": title,
        "logsource": source,
        "missing": columns.missing,
        "missing_table": columns.missing_table,
        "possible": columns.is_possible,
        "refused": !columns.errors.is_empty(),
    })
}

/// `windows/process_creation`
fn source_name(logsource: &LogSource<'_>) -> String {
    let parts = [&logsource.product, &logsource.category, &logsource.service];
    let parts: Vec<&str> = parts
        .into_iter()
        .flatten()
        .map(|part| part.value.as_ref())
        .collect();
    parts.join("/")
}

impl OfSource {
    fn add(&mut self, path: &str, title: String, columns: RuleColumns) {
        self.rules += 1;
        if let Some(table) = columns.missing_table {
            *self.missing_tables.entry(table).or_default() += 1;
        }
        for field in columns.missing {
            *self.missing.entry(field).or_default() += 1;
        }
        if !columns.is_possible {
            self.impossible.push((path.to_owned(), title));
        }
    }

    fn write(&self, name: &str, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(out, "{name}: {}", rules(self.rules))?;
        for (table, count) in &self.missing_tables {
            writeln!(out, "  no table {table}: {}", rules(*count))?;
        }
        for (field, count) in &self.missing {
            writeln!(out, "  no field {field}: {}", rules(*count))?;
        }
        for (path, title) in &self.impossible {
            writeln!(out, "  can't match: {path}: {title}")?;
        }
        Ok(())
    }
}

/// `1 rule`, `2 rules`
fn rules(count: usize) -> String {
    match count {
        1 => "1 rule".to_owned(),
        count => format!("{count} rules"),
    }
}
