//! The rule and the pipeline as templates see them: `rule.title`, `rule.level`, `rule.tags[0].name`,
//! `rule.logsource.product`, `rule.custom_attributes.x`, `pipeline.state.index`, `pipeline.vars.x`.

use super::attribute::{Attribute, attributes};
use super::condition::rule::parts_of;
use super::data;
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

fn shown(text: String, attributes: Vec<(&'static str, Value)>) -> Value {
    Value::from_object(Shown { text, attributes })
}

fn date(text: &str) -> Value {
    match data::date(text) {
        Some((year, month, day)) => shown(
            format!("{year:04}-{month:02}-{day:02}"),
            vec![
                ("year", year.into()),
                ("month", month.into()),
                ("day", day.into()),
            ],
        ),
        None => Value::from(text),
    }
}

fn tag(tag: &str) -> Value {
    let (namespace, name) = tag.split_once('.').unwrap_or(("", tag));
    let attributes = vec![("namespace", namespace.into()), ("name", name.into())];
    shown(tag.to_owned(), attributes)
}

/// The rule.
pub fn rule(rule: &Rule<'_>) -> Value {
    let view = |(name, attribute): (&'static str, Attribute<'_>)| {
        let value = match attribute {
            Attribute::Missing => Value::from(()),
            Attribute::Text(text) => Value::from(text),
            Attribute::Date(text) => date(text),
            Attribute::Ranked(_, text) => {
                let name = text.to_uppercase();
                shown(text, vec![("name", name.into())])
            }
            Attribute::Texts(texts) => {
                let texts = texts.iter().map(|text| text.value.as_ref());
                match name {
                    "tags" => texts.map(tag).collect(),
                    _ => texts.map(Value::from).collect(),
                }
            }
        };
        (name, value)
    };
    let mut attributes: Vec<_> = attributes(rule).into_iter().map(view).collect();
    let source = &rule.logsource;
    let definition = source.definition.as_ref();
    let definition = definition.map(|text| text.value.as_ref());
    let mut parts: Vec<(_, Value)> = Vec::new();
    for (name, part) in parts_of(source)
        .into_iter()
        .chain([("definition", definition)])
    {
        parts.push((name, part.into()));
    }
    let custom = rule.custom.iter();
    let custom: BTreeMap<&str, Value> = custom
        .map(|(name, node)| (name.value.as_ref(), Value::from(Serde(data::read(node)))))
        .collect();
    attributes.push(("logsource", shown(String::new(), parts)));
    attributes.push(("custom_attributes", Value::from(Serde(custom))));
    shown(rule.title.value.to_string(), attributes)
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
    let attributes = vec![("state", values), ("vars", Value::from(Serde(vars)))];
    shown(String::new(), attributes)
}
