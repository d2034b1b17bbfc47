//! Placeholders whose values come from outside: a file, an HTTP server, a command.
//!
//! In: the text that the [`Environment`] brought. Out: values, by the `format`: a line each, a CSV
//! column, or what a jq expression finds in JSON or YAML. Fetched once, when a rule first needs it.

use super::placeholder::{Choice, EXCLUDE, INCLUDE, replace};
use super::{Load, Transformation};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::bound::{self, Budget};
use crate::pipeline::data;
use crate::pipeline::entry::{Entry, Key, optional, required};
use crate::pipeline::environment::{Body, Command, CommandLine, Environment, Failure, Request};
use crate::pipeline::item::ProcessingItem;
use crate::pipeline::jq::{Failure as JqFailure, Filter};
use crate::pipeline::python::regex::Regex;
use crate::pipeline::reader::{Keys, scalar_text};
use crate::pipeline::state::State;
use crate::pipeline::text;
use crate::rule::{Pattern, Rule};
use crate::yaml::{self, Schema};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::OnceLock;

const FORMAT: Key = optional(
    "format",
    "`plaintext` (the default), `csv`, `json` or `yaml`",
);
const FILTER: Key = optional("filter", "a regular expression; other values are left out");
const COLUMN: Key = optional("csv_column", "a column's name, or its number from 0");
const HEADER: Key = optional("csv_has_header", "`false`: the first row holds values");
const JQ: Key = optional(
    "jq_expression",
    "what to take of JSON or YAML: `.items[].name`",
);

/// The most bytes accepted, unless the pipeline says otherwise.
const LIMIT: u64 = 10 << 20;

/// `file_placeholders`
pub const FILE: Entry<Load> = Entry {
    name: "file_placeholders",
    summary: "Replaces placeholders by the values in a file.",
    keys: &[
        required("path", "a file in the pipeline's folder"),
        FORMAT,
        FILTER,
        COLUMN,
        HEADER,
        JQ,
        INCLUDE,
        EXCLUDE,
    ],
    load: |keys| External::load(keys, Source::File(keys.text("path")?)),
};

/// `http_placeholders`
pub const HTTP: Entry<Load> = Entry {
    name: "http_placeholders",
    summary: "Replaces placeholders by the values that an HTTP server gives; needs `--allow-network`.",
    keys: &[
        required("url", "an address"),
        optional("method", "`GET` by default"),
        optional("timeout", "seconds; 10 by default"),
        optional("headers", "a map"),
        optional("params", "a map of query parameters"),
        optional("form_data", "a map, sent as a form"),
        optional("json_body", "a map, sent as JSON"),
        optional("max_body_size", "bytes; 10 MiB by default"),
        FORMAT,
        FILTER,
        COLUMN,
        HEADER,
        JQ,
        INCLUDE,
        EXCLUDE,
    ],
    load: |keys| {
        let map = |name: &str| keys.text_map(name).unwrap_or_default();
        let body = match (keys.node("form_data"), keys.node("json_body")) {
            (Some(_), _) => Body::Form(map("form_data")),
            (None, Some(node)) => Body::Json(data::read(node)),
            (None, None) => Body::Empty,
        };
        let request = Request {
            url: keys.text("url")?,
            method: keys.text("method").unwrap_or_else(|| "GET".into()),
            timeout: keys.count("timeout").unwrap_or(10),
            headers: map("headers"),
            params: map("params"),
            body,
            limit: keys.count("max_body_size").unwrap_or(LIMIT),
        };
        External::load(keys, Source::Http(request))
    },
};

/// `command_placeholders`
pub const COMMAND: Entry<Load> = Entry {
    name: "command_placeholders",
    summary: "Replaces placeholders by the values that a command prints; needs `--allow-exec`.",
    keys: &[
        required(
            "cmd",
            "text for the shell, or a list: a program and its arguments",
        ),
        optional("timeout", "seconds; 30 by default"),
        optional("max_stdout", "bytes; 10 MiB by default"),
        FORMAT,
        FILTER,
        COLUMN,
        HEADER,
        JQ,
        INCLUDE,
        EXCLUDE,
    ],
    load: |keys| {
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
    },
};

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
        fetched.map_err(|failure| match failure {
            Failure::NotAllowed(option) => Diagnostic::error(
                Code::PipelineAccess,
                format!(
                    "the pipeline `{pipeline}` needs {}, which is not allowed",
                    self.name()
                ),
            )
            .help(format!(
                "if you trust the pipeline, allow it with `{option}`"
            )),
            Failure::Failed(problem) => Diagnostic::error(
                Code::ExternalSource,
                format!("{} gives no values: {problem}", self.name()),
            ),
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
        let format = match keys.node("format") {
            None => Some("plaintext"),
            Some(_) => keys.choice(
                "format",
                &["plaintext", "csv", "json", "yaml"].map(|name| (name, name)),
            ),
        };
        let filter = match keys.node("filter") {
            Some(_) => keys.regex("filter", Regex::search).map(Some),
            None => Some(None),
        };
        let format = match format? {
            "csv" => Format::Csv(column(keys)?),
            "json" => Format::Json(jq(keys)?),
            "yaml" => Format::Yaml(jq(keys)?),
            _ => Format::Lines,
        };
        Some(Box::new(Self {
            source,
            format,
            filter: filter?,
            choice: Choice::load(keys)?,
            pipeline: keys.loader.path.to_owned(),
            values: OnceLock::new(),
        }))
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
            Format::Lines => Ok(text
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect()),
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

fn jq(keys: &Keys<'_>) -> Option<Filter> {
    let Some(node) = keys.node("jq_expression") else {
        keys.report(
            Code::PipelineKeyMissing,
            keys.span,
            "expected `jq_expression` for this format, found none",
        );
        return None;
    };
    Filter::parse(&keys.text("jq_expression")?)
        .map_err(|problem| keys.report(Code::PipelineValue, node.span, problem))
        .ok()
}

fn column(keys: &Keys<'_>) -> Option<Column> {
    let header = keys.node("csv_has_header").is_none() || keys.flag("csv_has_header");
    let Some(node) = keys.node("csv_column") else {
        keys.report(
            Code::PipelineKeyMissing,
            keys.span,
            "expected `csv_column` for this format, found none",
        );
        return None;
    };
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
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        replace(&self.choice, item, rule, state, |_, state| {
            match self.values(state.settings.environment) {
                Ok(values) => Ok(Cow::Borrowed(values.as_slice())),
                Err(error) => Err(error.clone()),
            }
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
