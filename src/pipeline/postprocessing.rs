//! Postprocessing items: what is done to each finished query.
//!
//! In: a query, text or, in formats that give JSON, a map. Out: another.

use super::bound;
use super::condition::{Conditions, Subject, rule};
use super::definition::Table;
use super::python::dump_json::dump;
use super::python::format::Format;
use super::python::regex::Regex;
use super::python::replacement::Template as Replacement;
use super::reader::{Keys, Loader};
use super::state::State;
use super::template::Template;
use super::view;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::Rule;
use crate::source::Span;
use crate::yaml::Node;
use minijinja::context;
use minijinja::value::Serde;
use serde_json::Value;

/// An entry of `postprocessing`.
#[derive(Debug)]
pub struct PostprocessingItem {
    /// `id:`
    pub id: Option<String>,
    /// Its type.
    pub kind: &'static str,
    /// The pipeline and the line in its file.
    place: (String, usize),
    conditions: Conditions,
    change: Change,
}

/// What is done.
#[derive(Debug)]
pub enum Change {
    Embed { prefix: String, suffix: String },
    Format(Format),
    Template(Box<Template>),
    Json(Value),
    Replace(Regex, Replacement),
    Nest(Vec<PostprocessingItem>),
}

/// Every postprocessing item.
pub const TABLE: Table<Change> = Table {
    name: "postprocessing",
    what: "postprocessing item",
    common: &["typed", "item"],
    loads: &[
        ("embed", |keys| {
            Some(Change::Embed {
                prefix: keys.text_or_empty("prefix"),
                suffix: keys.text_or_empty("suffix"),
            })
        }),
        ("simple_template", |keys| {
            let format = Format::parse(&keys.text("template")?, &["query", "rule", "pipeline"]);
            let format = keys.check_result("template", Code::PipelineTemplate, format);
            format.map(Change::Format)
        }),
        ("template", |keys| {
            Some(Change::Template(Box::new(Template::load(keys)?)))
        }),
        ("json", |keys| {
            let json = serde_json::from_str(&keys.text("json_template")?);
            let json = json.map_err(|problem| format!("invalid JSON: {problem}"));
            let json = keys.check_result("json_template", Code::PipelineTemplate, json);
            json.map(Change::Json)
        }),
        ("replace", |keys| {
            let regex = keys.regex("pattern", Regex::search)?;
            let replacement = Replacement::load(keys, &regex)?;
            Some(Change::Replace(regex, replacement))
        }),
        ("nest", |keys| {
            let items = keys.list("items");
            Some(Change::Nest(PostprocessingItem::load_all(
                items,
                keys.loader,
            )))
        }),
    ],
};

impl PostprocessingItem {
    /// Reads the list of a pipeline or of `nest`.
    pub fn load_all(nodes: &[Node<'_>], loader: &Loader<'_>) -> Vec<Self> {
        nodes
            .iter()
            .filter_map(|node| Self::load(node, loader))
            .collect()
    }

    fn load(node: &Node<'_>, loader: &Loader<'_>) -> Option<Self> {
        let mut keys = Keys::new(node, "a postprocessing item", loader)?;
        let made = keys.typed(&TABLE, Code::UnknownOutputStep);
        let conditions = Conditions::load(&keys, "rule", &rule::TABLE);
        let (kind, change) = made?;
        Some(Self {
            id: keys.text("id"),
            kind,
            place: (loader.path.to_owned(), loader.line(node.span)),
            conditions,
            change,
        })
    }

    /// Its id, and those of the items inside of it. Their places are not reported.
    pub fn ids(&self) -> Vec<(&str, Span)> {
        let id = self.id.as_deref().map(|id| (id, Span::default()));
        let mut ids: Vec<_> = id.into_iter().collect();
        if let Change::Nest(items) = &self.change {
            ids.extend(items.iter().flat_map(Self::ids));
        }
        ids
    }

    /// Changes a query if the conditions on its rule hold.
    pub fn apply<'s>(
        &'s self,
        rule: &Rule<'_>,
        state: &mut State<'s>,
        query: Value,
    ) -> Result<Value, Diagnostic> {
        self.change(rule, state, query).map_err(|error| {
            if error.code != Code::PipelineBudget || !error.help.is_empty() {
                return error;
            }
            let name = self.id.as_deref().unwrap_or(self.kind);
            let (path, line) = &self.place;
            error.help(format!("check `{name}`, line {line} of `{path}`"))
        })
    }

    fn change<'s>(
        &'s self,
        rule: &Rule<'_>,
        state: &mut State<'s>,
        query: Value,
    ) -> Result<Value, Diagnostic> {
        let conditions = &self.conditions;
        if !(conditions.is_empty() || conditions.hold(Subject::Rule(rule), state)?) {
            return Ok(query);
        }
        let is_template = matches!(self.change, Change::Format(_) | Change::Template(_));
        if let Some(id) = self.id.as_deref()
            && (!is_template || state.settings.items.notes_templates())
        {
            state.applied.insert(id);
        }
        state.budget.step(1)?;
        let text = |query: &Value| match query {
            Value::String(text) => Ok(text.clone()),
            _ => Err(Diagnostic::error(
                Code::PipelineQuery,
                format!("`{}` changes text, but the format gives JSON", self.kind),
            )),
        };
        Ok(match &self.change {
            Change::Embed { prefix, suffix } => {
                let length = query.as_str().map_or(0, str::len);
                state.budget.make(length + prefix.len() + suffix.len())?;
                Value::String(format!("{prefix}{}{suffix}", text(&query)?))
            }
            Change::Format(format) => {
                let values = [
                    ("query", minijinja::Value::from(Serde(&query))),
                    ("rule", view::rule(rule)),
                    ("pipeline", view::pipeline(Some(state))),
                ];
                let rendered = format.render(&values, state.budget.bytes_left());
                let text = rendered.map_err(|problem| match problem.as_str() {
                    "" => bound::too_long(),
                    _ => Diagnostic::error(Code::PipelineTemplate, problem),
                })?;
                state.budget.make(text.len())?;
                Value::String(text)
            }
            Change::Template(template) => {
                let values = context! {
                    query => minijinja::Value::from(Serde(&query)),
                    rule => view::rule(rule),
                    pipeline => view::pipeline(Some(state)),
                };
                let text = template.render(values, Some(&state.budget))?;
                state.budget.make(text.len())?;
                Value::String(text)
            }
            Change::Json(json) => {
                let length = query
                    .as_str()
                    .map_or_else(|| query.to_string().len(), str::len);
                state.budget.make(length.saturating_mul(queries_in(json)))?;
                let text = dump(&fill(json, &query), None);
                state.budget.make(text.len())?;
                Value::String(text)
            }
            Change::Replace(regex, replacement) => {
                Value::String(regex.replace_all(&text(&query)?, replacement, &state.budget)?)
            }
            Change::Nest(items) => {
                let mut query = query;
                for item in items {
                    query = item.apply(rule, state, query)?;
                }
                query
            }
        })
    }

    /// The ids that its conditions ask for.
    pub fn asked_ids(&self, ids: &mut Vec<String>) {
        ids.extend(self.conditions.asked().map(|(id, _)| id.to_owned()));
        if let Change::Nest(items) = &self.change {
            for item in items {
                item.asked_ids(ids);
            }
        }
    }
}

/// How often the query is put into JSON.
fn queries_in(json: &Value) -> usize {
    match json {
        Value::String(text) => usize::from(text == "%QUERY%"),
        Value::Array(items) => items.iter().map(queries_in).sum(),
        Value::Object(pairs) => pairs.values().map(queries_in).sum(),
        _ => 0,
    }
}

/// Puts the query in place of every `%QUERY%`.
fn fill(json: &Value, query: &Value) -> Value {
    match json {
        Value::String(text) if text == "%QUERY%" => query.clone(),
        Value::Array(items) => Value::Array(items.iter().map(|item| fill(item, query)).collect()),
        Value::Object(pairs) => Value::Object(
            pairs
                .iter()
                .map(|(key, value)| (key.clone(), fill(value, query)))
                .collect(),
        ),
        other => other.clone(),
    }
}
