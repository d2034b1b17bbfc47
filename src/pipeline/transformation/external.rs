//! Placeholders whose values come from outside: a file, an HTTP server, a command.
//!
//! In: the text that the [`Environment`] brought. Out: values, by the `format`: a line each, a CSV
//! column, or what a jq expression finds in JSON or YAML. Fetched once, when a rule first needs it.

use super::placeholder::{Choice, replace};
use super::{Pass, Transformation, boxed};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::bound::{self, Budget};
use crate::pipeline::data;
use crate::pipeline::environment::{Body, Command, CommandLine, Environment, Failure, Request};
use crate::pipeline::jq::{Failure as JqFailure, Filter};
use crate::pipeline::python::regex::Regex;
use crate::pipeline::reader::{Keys, scalar_text};
use crate::pipeline::text;
use crate::rule::Pattern;
use crate::yaml::{self, Node, Schema};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::OnceLock;

/// The most bytes accepted, unless the pipeline says otherwise.
const LIMIT: u64 = 10 << 20;

/// `file_placeholders`
pub fn file(keys: &Keys<'_>) -> Option<Box<dyn Transformation>> {
    External::load(keys, Source::File(keys.text("path")?))
}

/// `http_placeholders`
pub fn http(keys: &Keys<'_>) -> Option<Box<dyn Transformation>> {
    let body = match (keys.node("form_data"), keys.node("json_body")) {
        (Some(_), _) => Body::Form(keys.text_map("form_data")),
        (None, Some(node)) => Body::Json(data::read(node)),
        (None, None) => Body::Empty,
    };
    let request = Request {
        url: keys.text("url")?,
        method: keys.text("method").unwrap_or_else(|| "GET".into()),
        timeout: keys.count("timeout").unwrap_or(10),
        headers: keys.text_map("headers"),
        params: keys.text_map("params"),
        body,
        limit: keys.count("max_body_size").unwrap_or(LIMIT),
    };
    External::load(keys, Source::Http(request))
}

/// `command_placeholders`
pub fn command(keys: &Keys<'_>) -> Option<Box<dyn Transformation>> {
    let line = match keys.node("cmd")?.as_sequence() {
        Some(_) => CommandLine::Arguments(keys.texts("cmd")?),
        None => CommandLine::Shell(keys.text("cmd")?),
    };
    let command = Command {
        line,
        timeout: keys.count("timeout").unwrap_or(30),
        limit: keys.count("max_stdout").unwrap_or(LIMIT),
    };
    External::load(keys, Source::Command(command))
}

#[derive(Debug)]
enum Source {
    File(String),
    Http(Request),
    Command(Command),
}

impl Source {
    fn name(&self) -> String {
        match self {
            Self::File(path) => format!("the file `{path}`"),
            Self::Http(request) => format!("`{}`", request.url),
            Self::Command(command) => match &command.line {
                CommandLine::Shell(line) => format!("the command `{line}`"),
                CommandLine::Arguments(words) => format!("the command `{}`", words.join(" ")),
            },
        }
    }

    fn fetch(&self, pipeline: &str, environment: &dyn Environment) -> Result<String, Diagnostic> {
        let fetched = match self {
            Self::File(path) => environment.read_file(pipeline, path),
            Self::Http(request) => environment.fetch(request),
            Self::Command(command) => environment.run(command),
        };
        fetched.map_err(|failure| {
            let name = self.name();
            match failure {
                Failure::NotAllowed(option) => {
                    let message =
                        format!("the pipeline `{pipeline}` needs {name}, which is not allowed");
                    let error = Diagnostic::error(Code::PipelineAccess, message);
                    error.help(format!(
                        "if you trust the pipeline, allow it with `{option}`"
                    ))
                }
                Failure::Failed(problem) => {
                    let message = format!("{name} gives no values: {problem}");
                    Diagnostic::error(Code::ExternalSource, message)
                }
            }
        })
    }
}

#[derive(Debug)]
enum Format {
    Lines,
    Csv(Column),
    Json(Filter),
    Yaml(Filter),
}

#[derive(Debug)]
enum Column {
    Name(String),
    Index { index: usize, header: bool },
}

#[derive(Debug)]
struct External {
    source: Source,
    format: Format,
    filter: Option<Regex>,
    choice: Choice,
    pipeline: String,
    values: OnceLock<Result<Vec<Pattern<'static>>, Diagnostic>>,
}

impl External {
    fn load(keys: &Keys<'_>, source: Source) -> Option<Box<dyn Transformation>> {
        let filter = keys.regex("filter", Regex::search);
        let format = match keys.text_or_empty("format").as_str() {
            "csv" => Format::Csv(column(keys)?),
            "json" => Format::Json(jq(keys)?),
            "yaml" => Format::Yaml(jq(keys)?),
            _ => Format::Lines,
        };
        boxed(Self {
            source,
            format,
            filter,
            choice: Choice::load(keys)?,
            pipeline: keys.loader.path.to_owned(),
            values: OnceLock::new(),
        })
    }

    fn values(&self, environment: &dyn Environment) -> &Result<Vec<Pattern<'static>>, Diagnostic> {
        self.values.get_or_init(|| {
            let text = self.source.fetch(&self.pipeline, environment)?;
            let values = self.parse(&text).map_err(|problem| match problem {
                JqFailure::Bound(what) => bound::exceeded(format!("{what} in `jq_expression`")),
                JqFailure::Error(problem) => {
                    let message = format!("{} can't be read: {problem}", self.source.name());
                    Diagnostic::error(Code::ExternalSource, message)
                }
            })?;
            bound::values(values.len())?;
            let budget = Budget::default();
            let mut found = Vec::with_capacity(values.len());
            for value in &values {
                let is_wanted = match &self.filter {
                    Some(filter) => filter.is_match(value, &budget)?,
                    None => true,
                };
                if is_wanted {
                    found.push(text::parse(value));
                }
            }
            Ok(found)
        })
    }

    fn parse(&self, text: &str) -> Result<Vec<String>, JqFailure> {
        match &self.format {
            Format::Lines => {
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                Ok(lines.map(str::to_owned).collect())
            }
            Format::Csv(column) => csv_values(text, column).map_err(JqFailure::Error),
            Format::Json(filter) => {
                let value = serde_json::from_str(text)
                    .map_err(|error| JqFailure::Error(error.to_string()))?;
                scalars(&filter.run(&value)?).map_err(JqFailure::Error)
            }
            Format::Yaml(filter) => {
                let loaded = yaml::load(text, Schema::PyYaml);
                if let Some(error) = loaded.error {
                    return Err(JqFailure::Error(error.message));
                }
                let value = loaded.documents.first().map_or(Value::Null, data::read);
                scalars(&filter.run(&value)?).map_err(JqFailure::Error)
            }
        }
    }
}

/// A key that the format needs.
fn needed<'n>(keys: &Keys<'n>, name: &str) -> Option<&'n Node<'n>> {
    let node = keys.node(name);
    if node.is_none() {
        let message = format!("expected `{name}` for this format, found none");
        keys.report(Code::PipelineKeyMissing, keys.span, message);
    }
    node
}

fn jq(keys: &Keys<'_>) -> Option<Filter> {
    let name = "jq_expression";
    needed(keys, name)?;
    let filter = Filter::parse(&keys.text(name)?);
    keys.check_result(name, Code::PipelineValue, filter)
}

fn column(keys: &Keys<'_>) -> Option<Column> {
    let header = keys.node("csv_has_header").is_none() || keys.flag("csv_has_header");
    let node = needed(keys, "csv_column")?;
    if let Some(index) = data::read(node).as_u64() {
        let index = usize::try_from(index).ok()?;
        return Some(Column::Index { index, header });
    }
    if !header {
        let message = "a column without a header has a number, not a name";
        keys.report(Code::PipelineValue, node.span, message);
        return None;
    }
    scalar_text(node).map(Column::Name)
}

fn csv_values(text: &str, column: &Column) -> Result<Vec<String>, String> {
    let rows = csv_rows(text);
    let (index, skip) = match column {
        Column::Index { index, header } => (*index, usize::from(*header)),
        Column::Name(name) => {
            let header = rows.first().map(Vec::as_slice).unwrap_or_default();
            let index = header.iter().position(|cell| cell == name);
            match index {
                Some(index) => (index, 1),
                None if rows.len() <= 1 => return Ok(Vec::new()),
                None => return Err(format!("there is no column `{name}`")),
            }
        }
    };
    let found = rows.into_iter().skip(skip);
    Ok(found.filter_map(|row| row.into_iter().nth(index)).collect())
}

/// Rows of cells; a cell in quotes may hold commas, line breaks and doubled quotes.
fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted => {
                if characters.next_if_eq(&'"').is_some() {
                    cell.push('"');
                } else {
                    quoted = false;
                }
            }
            '"' if cell.is_empty() => quoted = true,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted && characters.peek() == Some(&'\n') => {}
            '\n' | '\r' if !quoted => {
                if !row.is_empty() || !cell.is_empty() {
                    row.push(std::mem::take(&mut cell));
                    rows.push(std::mem::take(&mut row));
                }
            }
            other => cell.push(other),
        }
    }
    if !row.is_empty() || !cell.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

/// What a jq expression gave, as values: null is left out, a list or map is an error.
fn scalars(found: &[Value]) -> Result<Vec<String>, String> {
    found
        .iter()
        .filter(|value| !value.is_null())
        .map(|value| match value {
            Value::Array(_) | Value::Object(_) => Err(
                "expected the jq expression to select texts and numbers, found a list or a map \
                 (write `.items[]`, not `.items`)"
                    .to_owned(),
            ),
            value => Ok(data::text(value)),
        })
        .collect()
}

impl Transformation for External {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        replace(&self.choice, pass, |_, state| {
            let values = self.values(state.settings.environment).as_ref();
            let values = values.map(|values| Cow::Borrowed(values.as_slice()));
            values.map_err(Clone::clone)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_cells_may_be_quoted() {
        let rows = csv_rows("a,b\r\n\"x, \"\"y\"\"\nz\",2\n\n,3");
        assert_eq!(
            rows,
            [vec!["a", "b"], vec!["x, \"y\"\nz", "2"], vec!["", "3"]]
        );
        let by_name = Column::Name("b".into());
        assert_eq!(csv_values("a,b\n1,2\n3\n", &by_name), Ok(vec!["2".into()]));
        let by_index = Column::Index {
            index: 0,
            header: false,
        };
        assert_eq!(
            csv_values("x\ny", &by_index),
            Ok(vec!["x".into(), "y".into()])
        );
        assert!(csv_values("a\n1\n", &by_name).is_err());
    }
}
