//! `map_string`: values become others by a map.
//!
//! Natively a value is found as Sigma compares it: `{true: egress}` is for `true`, `'true'` and
//! `'TRUE'`. pySigma compares texts with texts alone, and with regard to case.

use super::string::{pattern_of, string_like};
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

#[derive(Debug)]
struct Mapped {
    /// Is the key a text? Python finds no others.
    is_text: bool,
    is_list: bool,
    values: Vec<New>,
}

/// A value, as text and as what it is.
#[derive(Debug)]
struct New {
    text: Pattern<'static>,
    /// `None` for a text.
    data: Option<Value<'static>>,
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
                is_text: key.is_string(),
                is_list: value.as_sequence().is_some(),
                values,
            });
        }
        Some(mapping)
    }

    /// pySigma's answer: texts, by texts.
    fn by_text(&self, value: &Value<'_>) -> Option<&Mapped> {
        let found = *self.exact.get(text::plain(pattern_of(value)?).as_ref())?;
        self.entries.get(found).filter(|mapped| {
            mapped.is_text && (mapped.is_list || mapped.values.iter().all(|new| new.data.is_none()))
        })
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
        let found = *self.exact.get(text.as_ref()).or_else(folded)?;
        self.entries.get(found)
    }
}

impl Transformation for MapString {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let compat = pass.compat();
        pass.each_value(!compat, |_, value, state| {
            let get = if compat { Self::by_text } else { Self::get };
            let Some(mapped) = get(self, value) else {
                return Ok(Replacement::Keep);
            };
            let is_data = |new: &New| new.data.is_some();
            if mapped.values.is_empty() && !compat || compat && mapped.values.iter().any(is_data) {
                let found = if compat { "other values" } else { "none" };
                let message = format!("expected texts to map the value to, found {found}");
                return Err(Diagnostic::error(Code::TransformationFailed, message));
            }
            let mut new = mapped.values.iter().map(|new| match &new.data {
                Some(data) if !compat => data.clone(),
                _ => string_like(value, text::borrowed(&new.text), state),
            });
            Ok(match new.next() {
                Some(only) if !mapped.is_list => Replacement::One(only),
                first => Replacement::Many(first.into_iter().chain(new).collect()),
            })
        })
    }
}
