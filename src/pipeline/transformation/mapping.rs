//! Maps of field names to one name or several.

use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::data;
use crate::pipeline::reader::{Keys, scalar_text};
use crate::source::Span;
use std::collections::{HashMap, HashSet};

/// The new names of a field.
#[derive(Debug, Clone)]
pub enum Names<T> {
    /// `mapping: {a: b}`
    One(T),
    /// `mapping: {a: [b, c]}`
    Many(Vec<T>),
}

impl<T> Names<T> {
    /// The same of other names.
    pub fn map<'a, U>(&'a self, f: impl Fn(&'a T) -> U) -> Names<U> {
        match self {
            Self::One(name) => Names::One(f(name)),
            Self::Many(names) => Names::Many(names.iter().map(f).collect()),
        }
    }

    /// As a list.
    pub fn into_vec(self) -> Vec<T> {
        match self {
            Self::One(name) => vec![name],
            Self::Many(names) => names,
        }
    }
}

/// A map of field names.
#[derive(Debug, Default)]
pub struct Mapping {
    /// In the order written, for prefixes.
    pub names: Vec<(String, Names<String>)>,
    positions: HashMap<String, usize>,
    /// Where the names are.
    spans: HashMap<String, Span>,
    /// What keywords are mapped to, by the key `null`.
    pub keyword: Option<Names<String>>,
}

impl Mapping {
    /// Reads `mapping`.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        let node = keys.node("mapping")?;
        let Some(pairs) = node.as_mapping() else {
            keys.wrong("mapping", node, "a map of field names");
            return None;
        };
        let mut mapping = Self::default();
        for (key, value) in pairs {
            let names = match value.as_sequence() {
                // `Field: null` leaves the field as it is.
                _ if data::is_null(value) => continue,
                None => scalar_text(value).map(Names::One),
                Some(items) => items
                    .iter()
                    .map(scalar_text)
                    .collect::<Option<_>>()
                    .map(Names::Many),
            };
            let Some(names) = names else {
                keys.wrong("mapping[…]", value, "a field name or a list of them");
                continue;
            };
            match scalar_text(key) {
                Some(field) => {
                    mapping.positions.insert(field.clone(), mapping.names.len());
                    mapping.spans.insert(field.clone(), key.span);
                    mapping.names.push((field, names));
                }
                None => mapping.keyword = Some(names),
            }
        }
        Some(mapping)
    }

    /// Warns of prefixes after one that is a prefix of theirs: the first that fits counts.
    pub fn warn_of_shadows(&self, keys: &Keys<'_>) {
        let mut before = HashSet::new();
        for (prefix, _) in &self.names {
            // No field name is longer.
            let ends = prefix.char_indices().map(|(end, _)| end).take(256);
            let shorter = ends
                .map(|end| &prefix[..end])
                .find(|part| before.contains(part));
            before.insert(prefix.as_str());
            let Some(shorter) = shorter else {
                continue;
            };
            let message = format!("the prefix `{shorter}` comes before `{prefix}` and fits first");
            let span = self.spans.get(prefix).copied().unwrap_or(keys.span);
            let warning = Diagnostic::warning(Code::NoEffect, message).at(span);
            keys.loader
                .report(warning.help("write the longer prefix first"));
        }
    }

    /// The new names of a field; keywords are `None`.
    pub fn get(&self, field: Option<&str>) -> Option<&Names<String>> {
        match field {
            Some(field) => self.positions.get(field).map(|at| &self.names[*at].1),
            None => self.keyword.as_ref(),
        }
    }
}
