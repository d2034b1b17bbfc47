//! Rules and events as SQL engines are asked about them.
//!
//! In: a rule file, and a transpiler for a target. Out: its queries, each with the rows of a table
//! and the answers that the reference meaning gives for the rows *as they are stored*: null is a
//! missing field, and in columns of text numbers and booleans are their text.

use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use varsigma::backend::Registry;
use varsigma::dialect::Dialect;
use varsigma::eval::{Event, Matcher};
use varsigma::lower::{Expr, lower};
use varsigma::rule::{Document, Value};
use varsigma::schema::{Column, Schema, Table};
use varsigma::transpile::{Request, Transpiler};
use varsigma::{modifier, parse};

/// How events are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// A column of text for each field.
    Text,
    /// `-O json=event`: one column of JSON, in which a name with dots is a path.
    Json,
    /// `-O number=native`: columns of numbers where the rule compares with nothing else.
    Number,
    /// `--schema`: columns of the types that the rule's values have, whatever else they are compared
    /// with.
    Typed,
    /// The same, each column a list of such values.
    List,
}

impl Storage {
    /// The one of that name.
    #[allow(dead_code, reason = "the example asks by name, the tests do not")]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            "number" => Some(Self::Number),
            "typed" => Some(Self::Typed),
            "list" => Some(Self::List),
            _ => None,
        }
    }
}

/// Targets whose lists are never null: one without elements is a missing field.
const NO_NULL_LISTS: [&str; 2] = ["bigquery", "clickhouse"];

/// A query with what it is held against.
#[derive(Debug, serde::Serialize)]
pub struct Asked {
    /// The rule's file.
    pub path: String,
    /// The query, or why there is none.
    pub query: Result<String, String>,
    /// How true it says it is.
    pub fidelity: &'static str,
    /// The table's columns.
    pub columns: Vec<String>,
    /// What each holds: `text`, `number`, `boolean`, `json`, or `text[]` and so on: a list as JSON.
    pub types: Vec<&'static str>,
    /// A value or nothing for each column.
    pub rows: Vec<Vec<Option<String>>>,
    /// Does the rule match the row?
    pub expected: Vec<bool>,
}

/// Every condition of a file's rules, with witness events and those of the `.jsonl` beside it.
pub fn asked(
    registry: &Registry,
    target: &str,
    storage: Storage,
    path: &str,
    text: &str,
    events: &str,
) -> Vec<Asked> {
    let dialect = Dialect::SPECIFICATION;
    let mut all = Vec::new();
    let parsed = parse::parse(text, &dialect);
    let Ok([parsed]) = <[_; 1]>::try_from(parsed) else {
        return all;
    };
    let Some(Document::Rule(mut rule)) = parsed.document else {
        return all;
    };
    let faults = modifier::apply(&mut rule, &dialect);
    if faults
        .iter()
        .chain(&parsed.diagnostics)
        .any(varsigma::diagnostic::Diagnostic::is_error)
    {
        return all;
    }
    let by_hand: Vec<Json> = events
        .lines()
        .filter_map(|line| serde_json::from_str::<Json>(line).ok())
        .map(|case| case["event"].clone())
        .collect();
    for (at, lowered) in lower(&rule, &dialect).iter().enumerate() {
        let Ok(matcher) = Matcher::new(&lowered.expr) else {
            continue;
        };
        let mut fields = Fields::default();
        fields.of(&lowered.expr);
        let witnesses = matcher.witnesses(varsigma::eval::witness::LIMIT);
        let events = witnesses
            .into_iter()
            .map(|witness| witness.event)
            .chain(by_hand.iter().cloned());
        let Some(mut stored) = storage.stored(events, &fields) else {
            continue;
        };
        if storage == Storage::List && !NO_NULL_LISTS.contains(&target) {
            stored.add_empty_lists();
        }
        let mut settings = vec![("columns".to_owned(), "row_number_".to_owned())];
        match storage {
            Storage::Json => settings.push(("json".to_owned(), "event".to_owned())),
            Storage::Number => settings.push(("number".to_owned(), "native".to_owned())),
            Storage::Text | Storage::Typed | Storage::List if fields.keywords => {
                settings.push(("keyword_columns".to_owned(), stored.columns.join(",")));
            }
            Storage::Text | Storage::Typed | Storage::List => {}
        }
        if target == "sqlite" {
            settings.push(("regexp".to_owned(), "rust".to_owned()));
        }
        let matches = |event: &Json| matcher.matches(&Event::new(event));
        let expected = stored.events.iter().map(matches).collect();
        let request = Request {
            target: target.to_owned(),
            settings,
            ..Request::default()
        };
        let transpiler = Transpiler::new(registry, &request).expect("the target is well formed");
        let transpiler = match storage {
            Storage::Typed | Storage::List => transpiler.with_schema(&stored.schema()),
            _ => transpiler,
        };
        let output = transpiler.convert_text(path, text);
        let query = output.rules.first().and_then(|rule| rule.queries.get(at));
        let refused = || {
            let diagnostics = output.all_diagnostics();
            let error = diagnostics.iter().find(|diagnostic| diagnostic.is_error());
            error.map_or_else(String::new, |error| error.message.clone())
        };
        all.push(Asked {
            path: path.to_owned(),
            fidelity: query.map_or("refused", |query| query.fidelity.name()),
            query: query.map(|query| query.text.clone()).ok_or_else(refused),
            columns: stored.columns,
            types: stored.types,
            rows: stored.rows,
            expected,
        });
    }
    all
}

/// The fields that an expression names.
#[derive(Default)]
struct Fields {
    names: BTreeSet<String>,
    /// Those that are compared with what is no number.
    other: BTreeSet<String>,
    /// Those whose times are asked for: a number is no time to SQL.
    times: BTreeSet<String>,
    /// Those that are compared with numbers, and those with booleans.
    numbers: BTreeSet<String>,
    booleans: BTreeSet<String>,
    /// Are there keywords too?
    keywords: bool,
}

impl Fields {
    /// The columns that are not of text: of the values that the rule has for them.
    fn typed(&self) -> Vec<(&str, &'static str)> {
        let numbers = self.numbers.difference(&self.times);
        let booleans = self.booleans.difference(&self.numbers);
        let numbers = numbers.map(|name| (name.as_str(), "number"));
        let booleans = booleans.map(|name| (name.as_str(), "boolean"));
        numbers.chain(booleans).collect()
    }

    fn of(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Group(group) => group.operands.iter().for_each(|operand| self.of(operand)),
            Expr::Not(operand) => self.of(operand),
            Expr::Test(test) => {
                self.names.insert(test.field.to_owned());
                let numeric = matches!(
                    test.value,
                    Value::Number(_) | Value::Compare(_, None, _) | Value::Null | Value::Exists(_)
                );
                if matches!(test.value, Value::Time(..) | Value::Compare(_, Some(_), _)) {
                    self.times.insert(test.field.to_owned());
                }
                match test.value {
                    Value::Number(_) | Value::Compare(_, None, _) => {
                        self.numbers.insert(test.field.to_owned());
                    }
                    Value::Bool(_) => drop(self.booleans.insert(test.field.to_owned())),
                    _ => {}
                }
                if !numeric {
                    self.other.insert(test.field.to_owned());
                }
                if let Value::FieldRef(reference) = test.value {
                    self.names.insert(reference.field.to_string());
                    self.other.insert(reference.field.to_string());
                }
            }
            Expr::Keyword(_) => self.keywords = true,
        }
    }
}

/// Events as a table holds them.
struct Stored {
    columns: Vec<String>,
    types: Vec<&'static str>,
    rows: Vec<Vec<Option<String>>>,
    /// What the rows are, as the reference sees them.
    events: Vec<Json>,
}

impl Stored {
    /// The lists of an event, as JSON.
    fn row(&self, event: &Json) -> Vec<Option<String>> {
        let columns = self.columns.iter();
        columns
            .map(|column| event.get(column).map(Json::to_string))
            .collect()
    }

    /// Adds an event whose lists have no elements.
    fn add_empty_lists(&mut self) {
        let columns = self.columns.iter();
        let event = columns.map(|column| (column.clone(), Json::Array(Vec::new())));
        let event = Json::Object(event.collect());
        self.rows.push(self.row(&event));
        self.events.push(event);
    }

    /// The columns as a schema has them.
    fn schema(&self) -> Schema {
        let columns = self
            .columns
            .iter()
            .zip(&self.types)
            .map(|(name, kind)| Column {
                name: name.clone(),
                kind: kind.replace("number", "bigint"),
            });
        let mut schema = Schema::default();
        schema.tables.push(Table {
            name: None,
            columns: columns.collect(),
        });
        schema
    }
}

impl Storage {
    /// The events as they are stored; nothing where there is nothing to be seen of the rule.
    fn stored(self, events: impl Iterator<Item = Json>, fields: &Fields) -> Option<Stored> {
        match self {
            Self::Text => Some(in_columns(events, fields, &[])),
            Self::List => Some(in_lists(events, fields)),
            Self::Typed => {
                let typed = fields.typed();
                (!typed.is_empty()).then(|| in_columns(events, fields, &typed))
            }
            Self::Number => {
                let numbers = fields.names.difference(&fields.other);
                let numbers: Vec<_> = numbers.map(|name| (name.as_str(), "number")).collect();
                let some = !numbers.is_empty() && !fields.keywords;
                some.then(|| in_columns(events, fields, &numbers))
            }
            Self::Json => {
                let is_epoch =
                    |event: &Json| fields.times.iter().any(|time| event[time].is_number());
                let events = events.filter(|event| !is_epoch(event));
                let events: Vec<Json> = events.filter_map(|event| nested(&event)).collect();
                Some(Stored {
                    columns: vec!["event".to_owned()],
                    types: vec!["json"],
                    rows: events
                        .iter()
                        .map(|event| vec![Some(event.to_string())])
                        .collect(),
                    events: events.iter().map(without_nulls).collect(),
                })
            }
        }
    }
}

/// A column for each field, each a list: of an event's values, and of those of two events in a row,
/// where a field that one of them lacks is a null among them.
fn in_lists(events: impl Iterator<Item = Json>, fields: &Fields) -> Stored {
    let flat = in_columns(events, fields, &fields.typed());
    let field = |event: &Json, column: &String| match event.get(column) {
        None => Json::Null,
        Some(value) => value.clone(),
    };
    let of_one = flat.events.iter().map(|event| vec![event]);
    let of_two = flat.events.windows(2).map(|events| events.iter().collect());
    let lists = of_one.chain(of_two).map(|events: Vec<&Json>| {
        let columns = flat.columns.iter().filter_map(|column| {
            let values: Vec<Json> = events.iter().map(|event| field(event, column)).collect();
            let is_there = values.iter().any(|value| !value.is_null());
            is_there.then(|| (column.clone(), Json::Array(values)))
        });
        Json::Object(columns.collect())
    });
    let mut stored = Stored {
        types: flat.types.iter().map(|kind| list_of(kind)).collect(),
        events: lists.collect(),
        rows: Vec::new(),
        columns: flat.columns,
    };
    stored.rows = stored
        .events
        .iter()
        .map(|event| stored.row(event))
        .collect();
    stored
}

fn list_of(kind: &str) -> &'static str {
    match kind {
        "number" => "number[]",
        "boolean" => "boolean[]",
        _ => "text[]",
    }
}

/// A column for each field, of text but for those of another type.
fn in_columns(
    events: impl Iterator<Item = Json>,
    fields: &Fields,
    typed: &[(&str, &'static str)],
) -> Stored {
    let mut flat = Vec::new();
    for event in events {
        let mut map = Map::new();
        if flatten("", &event, &mut map).is_none() {
            continue;
        }
        map.retain(|name, _| fields.keywords || fields.names.contains(name));
        if typed.iter().all(|(name, kind)| {
            let Some(value) = map.get_mut(*name) else {
                return true;
            };
            // Such a column holds no other text, and no number beyond 64 bits.
            let text = value.as_str().unwrap_or_default();
            let kept = match *kind {
                "boolean" => text.parse::<bool>().ok().map(Json::from),
                _ => text.parse::<i32>().ok().map(Json::from),
            };
            let is_kept = kept.is_some();
            *value = kept.unwrap_or(Json::Null);
            is_kept
        }) {
            flat.push(map);
        }
    }
    let mut columns = fields.names.clone();
    if fields.keywords {
        columns.extend(flat.iter().flat_map(|event| event.keys().cloned()));
    }
    let columns: Vec<String> = columns.into_iter().collect();
    let value = |event: &Map<String, Json>, column: &String| match event.get(column)? {
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    Stored {
        types: columns
            .iter()
            .map(|column| {
                let mut typed = typed.iter();
                typed
                    .find(|(name, _)| name == column)
                    .map_or("text", |(_, kind)| kind)
            })
            .collect(),
        rows: flat
            .iter()
            .map(|event| columns.iter().map(|column| value(event, column)).collect())
            .collect(),
        events: flat.into_iter().map(Json::Object).collect(),
        columns,
    }
}

/// The event flat and as text; nothing for one with lists, which no column can hold.
fn flatten(name: &str, value: &Json, flat: &mut Map<String, Json>) -> Option<()> {
    match value {
        Json::Null => {}
        Json::Array(_) => return None,
        Json::Object(map) => {
            for (key, value) in map {
                let separator = if name.is_empty() { "" } else { "." };
                flatten(&format!("{name}{separator}{key}"), value, flat)?;
            }
        }
        Json::String(text) if text.contains('\0') => return None,
        Json::String(text) => drop(flat.insert(name.to_owned(), text.as_str().into())),
        other => drop(flat.insert(name.to_owned(), other.to_string().into())),
    }
    Some(())
}

/// The event with a path for a name with dots; nothing where it can't be one, or holds lists,
/// objects or numbers that engines write in their own way.
fn nested(event: &Json) -> Option<Json> {
    let mut root = Map::new();
    for (name, value) in event.as_object()? {
        let value = match value {
            Json::Array(_) => return None,
            Json::Object(map) if map.is_empty() => return None,
            Json::Object(_) => nested(value)?,
            Json::String(text) if text.contains('\0') => return None,
            Json::Number(number) if !number.is_i64() => return None,
            value => value.clone(),
        };
        let (mut map, mut rest) = (&mut root, name.as_str());
        while let Some((step, more)) = rest.split_once('.') {
            let inner = map.entry(step).or_insert_with(|| Map::new().into());
            (map, rest) = (inner.as_object_mut()?, more);
        }
        if map.insert(rest.to_owned(), value).is_some() {
            return None;
        }
    }
    Some(Json::Object(root))
}

/// Null is a missing field where paths are read.
fn without_nulls(event: &Json) -> Json {
    let Json::Object(map) = event else {
        return event.clone();
    };
    let some = map.iter().filter(|(_, value)| !value.is_null());
    Json::Object(
        some.map(|(key, value)| (key.clone(), without_nulls(value)))
            .collect(),
    )
}
