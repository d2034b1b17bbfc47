//! Postprocessing items: what is done to each finished query.
//!
//! In: a query, text or, in formats that give JSON, a map. Out: another.

use super::bound;
use super::condition::{Conditions, RuleCondition, rule};
use super::entry::{self, Entry, optional, required, typed};
use super::item::COMMON_KEYS;
use super::python::dump_json::dump;
use super::python::format::Format;
use super::python::regex::Regex;
use super::python::replacement::Template as Replacement;
use super::reader::{Keys, Loader, scalar_text};
use super::state::State;
use super::template::{self, Template};
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
    conditions: Conditions<dyn RuleCondition>,
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

type Load = entry::Load<Change>;

/// Every postprocessing item.
pub const TABLE: &[Entry<Load>] = &[
    Entry {
        name: "embed",
        summary: "Puts text before and behind the query.",
        keys: &[optional("prefix", "text"), optional("suffix", "text")],
        load: |keys| {
            Some(Change::Embed {
                prefix: keys.text("prefix").unwrap_or_default(),
                suffix: keys.text("suffix").unwrap_or_default(),
            })
        },
    },
    Entry {
        name: "simple_template",
        summary: "Puts the query into a Python format string: `{query}`, `{rule.title}`, `{pipeline.state[key]}`.",
        keys: &[required("template", "a format string")],
        load: |keys| {
            let text = keys.text("template")?;
            let span = keys.node("template")?.span;
            Format::parse(&text, &["query", "rule", "pipeline"])
                .map(Change::Format)
                .map_err(|problem| keys.report(Code::PipelineTemplate, span, problem))
                .ok()
        },
    },
    Entry {
        name: "template",
        summary: "Puts the query into a Jinja template: `query`, `rule`, `pipeline`.",
        keys: template::KEYS,
        load: |keys| Some(Change::Template(Box::new(Template::load(keys)?))),
    },
    Entry {
        name: "json",
        summary: "Puts the query in place of `%QUERY%` in JSON.",
        keys: &[required("json_template", "JSON text")],
        load: |keys| {
            let text = keys.text("json_template")?;
            let span = keys.node("json_template")?.span;
            serde_json::from_str(&text)
                .map(Change::Json)
                .map_err(|problem| {
                    let message = format!("expected JSON: {problem}");
                    keys.report(Code::PipelineTemplate, span, message);
                })
                .ok()
        },
    },
    Entry {
        name: "replace",
        summary: "Replaces what a regular expression matches in the query.",
        keys: &[
            required("pattern", "a regular expression"),
            required("replacement", "text; `\\1` and `\\g<name>` are groups"),
        ],
        load: |keys| {
            let regex = keys.regex("pattern", Regex::search)?;
            let node = keys.node_or_null("replacement")?;
            Replacement::new(&scalar_text(node)?, &regex)
                .map_err(|problem| keys.report(Code::PipelineRegex, node.span, problem))
                .ok()
                .map(|replacement| Change::Replace(regex, replacement))
        },
    },
    Entry {
        name: "nest",
        summary: "Applies a list of postprocessing items, if the conditions hold.",
        keys: &[required(
            "items",
            "a list of items as under `postprocessing`",
        )],
        load: |keys| {
            let items = PostprocessingItem::load_all(keys.maps("items")?, keys.loader);
            Some(Change::Nest(items))
        },
    },
];

impl PostprocessingItem {
    /// Reads the list of a pipeline or of `nest`.
    pub fn load_all(nodes: &[Node<'_>], loader: &Loader<'_>) -> Vec<Self> {
        nodes
            .iter()
            .filter_map(|node| Self::load(node, loader))
            .collect()
    }

    fn load(node: &Node<'_>, loader: &Loader<'_>) -> Option<Self> {
        let what = "postprocessing item";
        let mut keys = Keys::new(node, "a postprocessing item", loader)?;
        let common = &COMMON_KEYS[..6];
        let made = typed(&mut keys, what, Code::UnknownOutputStep, TABLE, common);
        let conditions = Conditions::load(&keys, "rule", rule::TABLE);
        let (kind, change) = made?;
        Some(Self {
            id: keys.text("id"),
            kind,
            place: (loader.path.to_owned(), loader.line(node.span)),
            conditions,
            change,
        })
    }

    /// Its id, and those of the items inside of it. They stand nowhere: no place is reported.
    pub fn ids(&self) -> Vec<(&str, Span)> {
        let mut ids: Vec<_> = self
            .id
            .as_deref()
            .map(|id| (id, Span::default()))
            .into_iter()
            .collect();
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
            error.help(format!("said by `{name}`, line {line} of `{path}`"))
        })
    }

    fn change<'s>(
        &'s self,
        rule: &Rule<'_>,
        state: &mut State<'s>,
        query: Value,
    ) -> Result<Value, Diagnostic> {
        let holds = self.conditions.is_empty()
            || self
                .conditions
                .hold(|condition| condition.holds(rule, state))?;
        if !holds {
            return Ok(query);
        }
        let is_template = matches!(self.change, Change::Format(_) | Change::Template(_));
        if let Some(id) = self.id.as_deref()
            && !(state.settings.compat && is_template)
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
        let asked = self.conditions.all.iter();
        ids.extend(
            asked
                .filter_map(|named| named.condition.asks_for())
                .map(str::to_owned),
        );
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
