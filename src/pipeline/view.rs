//! The rule and the pipeline as templates of pipelines see them, in the forms that pySigma gives
//! them: `rule.level` in lower case, `rule.date.year`, `rule.tags[0].name`, `pipeline.state.index`,
//! `pipeline.vars.x`.

use super::data;
use super::rule_view::RuleView;
use super::state::State;
use crate::rule::Rule;
use minijinja::Value;
use minijinja::value::{Object, ObjectRepr, Serde};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Something that shows as text and has attributes besides.
#[derive(Debug)]
struct Shown {
    text: String,
    attributes: Vec<(&'static str, Value)>,
}

impl Object for Shown {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        self.attributes
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.clone())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The rule.
pub fn rule(rule: &Rule<'_>) -> Value {
    Value::from_object(PysigmaRule(RuleView::of(rule)))
}

#[derive(Debug)]
struct PysigmaRule(RuleView);

impl Object for PysigmaRule {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let rule = &self.0;
        let key = key.as_str()?;
        let text = match key {
            "id" => &rule.id,
            "status" => &rule.status,
            "level" => &rule.level,
            "date" => &rule.date,
            "modified" => &rule.modified,
            "logsource" => return Some(log_source(rule)),
            "tags" => return Some(rule.tags.iter().map(|text| tag(text)).collect()),
            key => return rule.get(key),
        };
        let form = match key {
            "id" => |text: &str| Value::from(text.to_lowercase()),
            "status" | "level" => ranked,
            _ => date,
        };
        Some(text.as_deref().map_or(Value::from(()), form))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.title)
    }
}

/// The log source, which prints as nothing.
fn log_source(rule: &RuleView) -> Value {
    let source = &rule.logsource;
    Value::from_object(Shown {
        text: String::new(),
        attributes: vec![
            ("category", source.category.as_deref().into()),
            ("product", source.product.as_deref().into()),
            ("service", source.service.as_deref().into()),
            ("definition", source.definition.as_deref().into()),
        ],
    })
}

/// A status or level: lower case, and in upper case its `name`.
fn ranked(text: &str) -> Value {
    Value::from_object(Shown {
        text: text.to_lowercase(),
        attributes: vec![("name", text.to_uppercase().into())],
    })
}

/// `2026-01-31` with `year`, `month` and `day`.
fn date(text: &str) -> Value {
    let Some((year, month, day)) = data::date(text) else {
        return Value::from(text);
    };
    Value::from_object(Shown {
        text: format!("{year:04}-{month:02}-{day:02}"),
        attributes: vec![
            ("year", year.into()),
            ("month", month.into()),
            ("day", day.into()),
        ],
    })
}

/// A tag with `namespace` and `name`.
fn tag(text: &str) -> Value {
    let (namespace, name) = text.split_once('.').unwrap_or(("", text));
    Value::from_object(Shown {
        text: text.to_owned(),
        attributes: vec![("namespace", namespace.into()), ("name", name.into())],
    })
}

/// The pipeline: its state and variables.
pub fn pipeline(state: Option<&State<'_>>) -> Value {
    let map = |pairs: &mut dyn Iterator<Item = (&str, &serde_json::Value)>| {
        let pairs: BTreeMap<&str, &serde_json::Value> = pairs.collect();
        Value::from(Serde(pairs))
    };
    let pair = |(name, value): &'_ (String, serde_json::Value)| (name.clone(), value.clone());
    let vars: BTreeMap<String, serde_json::Value> = state
        .into_iter()
        .flat_map(|state| state.vars.iter().chain(state.settings.vars))
        .map(pair)
        .collect();
    let values = map(&mut state.into_iter().flat_map(State::values));
    Value::from_object(Shown {
        text: String::new(),
        attributes: vec![("state", values), ("vars", Value::from(Serde(vars)))],
    })
}
