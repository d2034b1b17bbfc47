//! `--schema`, and `varsigma schema check`: do rules and the columns of tables fit?
//!
//! In: an exported schema, rules, the pipelines that they go through. Out: for each log source the
//! fields that its tables lack, and the rules that no event can match.

use super::completions::candidates;
use super::convert::setting;
use super::input::{self, FilePattern};
use super::pipelines::Pipelines;
use super::reason::unreadable;
use super::report::{Report, Tally};
use super::targets::Targets;
use super::{Exit, Stop};
use crate::diagnostic::Diagnostic;
use crate::dialect::Profile;
use crate::rule::{LogSource, Rule};
use crate::schema::Schema;
use crate::transpile::{Request, RuleColumns, Transpiler, guarded, prepare};
use clap::{Args, Subcommand};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{Write, stdout};
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
/// For each log source on standard output, or as JSON. The exit code is 1 where a rule can never match.
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

/// What became known of the rules of a log source.
#[derive(Debug, Default)]
struct OfSource {
    rules: usize,
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
        let mut tally = Tally::of("passed");
        let mut sources: BTreeMap<String, OfSource> = BTreeMap::new();
        let mut out = stdout().lock();
        for input in &inputs {
            let text = match input.text() {
                Ok(text) => text,
                Err(error) => {
                    tally.rules += 1;
                    tally.failed += 1;
                    report.all(&input.name, "", [&error]);
                    continue;
                }
            };
            let rules = prepare(&text, transpiler.dialect());
            for prepared in rules.unwrap_or_default() {
                let Some(rule) = prepared.rule() else {
                    continue;
                };
                tally.rules += 1;
                let source = name(&rule.logsource);
                let title = rule.title.value.to_string();
                let mut errors = prepared.diagnostics.iter();
                let error = errors.find(|found| found.is_error()).cloned();
                let columns = match error {
                    Some(error) => Err(error),
                    None => columns_of(&transpiler, rule),
                };
                match columns {
                    Ok(columns) => {
                        if self.json {
                            writeln!(out, "{}", line(&input.name, &title, &source, &columns))?;
                        }
                        tally.with_warnings += usize::from(!columns.missing.is_empty());
                        tally.failed += usize::from(!columns.is_possible);
                        let of_source = sources.entry(source).or_default();
                        of_source.add(&input.name, title, columns);
                    }
                    Err(error) => {
                        tally.failed += 1;
                        report.all(&input.name, &text, [&error]);
                    }
                }
            }
        }
        if !self.json {
            for (name, source) in &sources {
                source.write(name, &mut out)?;
            }
        }
        report.summary(tally);
        Ok(Exit::of(tally.failed > 0))
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
    })
}

/// `windows/process_creation`
fn name(logsource: &LogSource<'_>) -> String {
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
        for field in columns.missing {
            *self.missing.entry(field).or_default() += 1;
        }
        if !columns.is_possible {
            self.impossible.push((path.to_owned(), title));
        }
    }

    fn write(&self, name: &str, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(out, "{name}: {}", rules(self.rules))?;
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
