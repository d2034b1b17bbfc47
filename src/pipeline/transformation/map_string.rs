//! `map_string`: values become others by a map.
//!
//! Natively a value is found as Sigma compares it: `{true: egress}` is for `true`, `'true'` and
//! `'TRUE'`.

use super::string::same_kind;
use super::value::number;
use super::walk::Replacement;
use super::{Pass, Transformation};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::data;
use crate::pipeline::reader::{Keys, scalar_text};
use crate::pipeline::text;
use crate::rule::{Pattern, Value};
use crate::yaml::Node;
use std::collections::HashMap;

/// `map_string`
#[derive(Debug, Default)]
pub struct MapString {
    entries: Vec<Mapped>,
    /// By the key's text, as written.
    exact: HashMap<String, usize>,
    /// By the key's text, case folded; the first of several.
    folded: HashMap<String, usize>,
}

/// What a value becomes.
#[derive(Debug)]
pub struct Mapped {
    /// Is the key a text?
    #[cfg(feature = "compat")]
    pub is_text: bool,
    /// Is it a list?
    pub is_list: bool,
    /// The new values.
    pub values: Vec<New>,
}

impl Mapped {
    /// The new values, as `make` makes them.
    pub fn replace<'s>(&'s self, make: impl Fn(&'s New) -> Value<'s>) -> Replacement<'s> {
        let mut new = self.values.iter().map(make);
        match new.next() {
            Some(only) if !self.is_list => Replacement::One(only),
            first => Replacement::Many(first.into_iter().chain(new).collect()),
        }
    }
}

/// A value is mapped to something that can't be put in its place.
pub fn no_texts(found: &str) -> Diagnostic {
    let message = format!("expected texts to map the value to, found {found}");
    Diagnostic::error(Code::TransformationFailed, message)
}

/// A value, as text and as what it is.
#[derive(Debug)]
pub struct New {
    /// Its text.
    pub text: Pattern<'static>,
    /// `None` for a text.
    pub data: Option<Value<'static>>,
}

impl New {
    fn load(node: &Node<'_>) -> Option<Self> {
        let data = match data::read(node) {
            serde_json::Value::Bool(value) => Some(Value::Bool(value)),
            serde_json::Value::Number(value) => number(&value.to_string()).map(Value::Number),
            serde_json::Value::Null => Some(Value::Null),
            _ => None,
        };
        let text = match data {
            Some(Value::Null) => String::new(),
            _ => scalar_text(node)?,
        };
        Some(Self {
            text: text::parse(&text),
            data,
        })
    }
}

impl MapString {
    /// Reads it.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        let node = keys.node("mapping")?;
        let Some(pairs) = node.as_mapping() else {
            keys.wrong("mapping", node, "a map of values");
            return None;
        };
        let mut mapping = Self::default();
        for (key, value) in pairs {
            let values = match value.as_sequence() {
                None if data::is_null(value) => None,
                None => New::load(value).map(|value| vec![value]),
                Some(items) => items.iter().map(New::load).collect(),
            };
            let (Some(written), Some(values)) = (scalar_text(key), values) else {
                keys.wrong("mapping[…]", value, "text or a list of texts");
                continue;
            };
            let position = mapping.entries.len();
            let key = data::read(key);
            // `yes` is true, and `0x10` is 16.
            let meant = match &key {
                serde_json::Value::Bool(value) => value.to_string(),
                serde_json::Value::Number(value) => value.to_string(),
                _ => written.clone(),
            };
            for name in [&meant, &written] {
                let folded = mapping.folded.entry(name.to_lowercase());
                folded.or_insert(position);
            }
            mapping.exact.insert(written, position);
            mapping.entries.push(Mapped {
                #[cfg(feature = "compat")]
                is_text: key.is_string(),
                is_list: value.as_sequence().is_some(),
                values,
            });
        }
        Some(mapping)
    }

    /// The values for a text, as written.
    pub fn exact(&self, text: &str) -> Option<&Mapped> {
        self.entries.get(*self.exact.get(text)?)
    }

    /// The values that a value becomes, as Sigma compares it.
    pub fn change<'s>(&'s self, value: &Value<'s>) -> Result<Replacement<'s>, Diagnostic> {
        let Some(mapped) = self.get(value) else {
            return Ok(Replacement::Keep);
        };
        if mapped.values.is_empty() {
            return Err(no_texts("none"));
        }
        Ok(mapped.replace(|new| match &new.data {
            Some(data) => data.clone(),
            None => same_kind(value, text::borrowed(&new.text)),
        }))
    }

    fn get(&self, value: &Value<'_>) -> Option<&Mapped> {
        let text = match value {
            Value::String(pattern) | Value::Cased(pattern) => text::plain(pattern),
            Value::Number(number) => number.text.as_ref().into(),
            Value::Bool(value) => value.to_string().into(),
            _ => return None,
        };
        let folded = || {
            let is_cased = matches!(value, Value::Cased(_));
            (!is_cased).then(|| self.folded.get(&text.to_lowercase()))?
        };
        self.exact(&text).or_else(|| self.entries.get(*folded()?))
    }
}

impl Transformation for MapString {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let rules = pass.rules();
        pass.each_value(rules.sees_alternatives(), |_, value, _| {
            rules.map_string(self, value)
        })
    }
}
