//! The rule and the pipeline as templates see them: `rule.title`, `rule.level`, `rule.tags[0].name`,
//! `rule.logsource.product`, `rule.custom_attributes.x`, `pipeline.state.index`, `pipeline.vars.x`.

use super::data;
use super::state::State;
use crate::rule::{Rule, Text};
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
    let text = |text: &Option<Text<'_>>| {
        text.as_ref()
            .map_or(Value::from(()), |text| Value::from(text.value.as_ref()))
    };
    let texts = |texts: &[Text<'_>]| -> Value {
        texts
            .iter()
            .map(|text| Value::from(text.value.as_ref()))
            .collect()
    };
    let ranked = |text: &Option<Text<'_>>| {
        text.as_ref().map_or(Value::from(()), |text| {
            Value::from_object(Shown {
                text: text.value.to_lowercase(),
                attributes: vec![("name", text.value.to_uppercase().into())],
            })
        })
    };
    let date = |text: &Option<Text<'_>>| {
        text.as_ref()
            .map_or(Value::from(()), |text| match data::date(&text.value) {
                Some((year, month, day)) => Value::from_object(Shown {
                    text: format!("{year:04}-{month:02}-{day:02}"),
                    attributes: vec![
                        ("year", year.into()),
                        ("month", month.into()),
                        ("day", day.into()),
                    ],
                }),
                None => Value::from(text.value.as_ref()),
            })
    };
    let tags: Value = rule
        .tags
        .iter()
        .map(|tag| {
            let (namespace, name) = tag.value.split_once('.').unwrap_or(("", &tag.value));
            Value::from_object(Shown {
                text: tag.value.to_string(),
                attributes: vec![("namespace", namespace.into()), ("name", name.into())],
            })
        })
        .collect();
    let logsource = Value::from_object(Shown {
        text: String::new(),
        attributes: vec![
            ("category", text(&rule.logsource.category)),
            ("product", text(&rule.logsource.product)),
            ("service", text(&rule.logsource.service)),
            ("definition", text(&rule.logsource.definition)),
        ],
    });
    let custom: BTreeMap<&str, Value> = rule
        .custom
        .iter()
        .map(|(name, node)| (name.value.as_ref(), Value::from(Serde(data::read(node)))))
        .collect();
    let id = rule
        .id
        .as_ref()
        .map_or(Value::from(()), |id| Value::from(id.value.to_lowercase()));
    let taxonomy = rule
        .taxonomy
        .as_ref()
        .map_or("sigma", |taxonomy| &taxonomy.value);
    Value::from_object(Shown {
        text: rule.title.value.to_string(),
        attributes: vec![
            ("title", rule.title.value.as_ref().into()),
            ("id", id),
            ("name", text(&rule.name)),
            ("taxonomy", taxonomy.into()),
            ("status", ranked(&rule.status)),
            ("description", text(&rule.description)),
            ("license", text(&rule.license)),
            ("references", texts(&rule.references)),
            ("author", text(&rule.author)),
            ("date", date(&rule.date)),
            ("modified", date(&rule.modified)),
            ("tags", tags),
            ("level", ranked(&rule.level)),
            ("falsepositives", texts(&rule.falsepositives)),
            ("fields", texts(&rule.fields)),
            ("scope", texts(&rule.scope)),
            ("logsource", logsource),
            ("custom_attributes", Value::from(Serde(custom))),
        ],
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
