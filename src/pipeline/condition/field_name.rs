//! Conditions on field names: `include_fields`, `exclude_fields`.

use super::{FieldCondition, Load, state};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::entry::{Entry, Key, optional, required};
use crate::pipeline::python::regex::Regex;
use crate::pipeline::reader::{Keys, scalar_text};
use crate::pipeline::state::State;

const KEYS: &[Key] = &[
    required("fields", "a list of field names"),
    optional(
        "mode",
        "`plain` (the default), or `re`: the names are regular expressions",
    ),
];

/// Every condition on field names.
pub const TABLE: &[Entry<Load<dyn FieldCondition>>] = &[
    Entry {
        name: "include_fields",
        summary: "The field is one of these.",
        keys: KEYS,
        load: |keys| Some(Box::new(Fields::load(keys, true)?)),
    },
    Entry {
        name: "exclude_fields",
        summary: "The field is none of these; keywords are none of any.",
        keys: KEYS,
        load: |keys| Some(Box::new(Fields::load(keys, false)?)),
    },
    state::FIELD[0],
    state::FIELD[1],
];

#[derive(Debug)]
struct Fields {
    names: Names,
    include: bool,
}

#[derive(Debug)]
enum Names {
    Plain(Vec<String>),
    Regexes(Vec<Regex>),
}

impl Fields {
    fn load(keys: &Keys<'_>, include: bool) -> Option<Self> {
        let by_regex = match keys.node("mode") {
            Some(_) => keys.choice("mode", &[("plain", false), ("re", true)])?,
            None => false,
        };
        let fields = keys.texts("fields")?;
        if fields.is_empty() {
            let (code, what) = if include {
                (Code::NeverHolds, "never holds")
            } else {
                (Code::NoEffect, "always holds")
            };
            let message = format!("the condition has no fields: it {what}");
            let warning = Diagnostic::warning(code, message).at(keys.node("fields")?.span);
            keys.loader.report(warning.help("Add field names."));
        }
        let names = if by_regex {
            let nodes = keys.node("fields")?.as_sequence().unwrap_or_default();
            // Every one is compiled, so that every error shows.
            let compiled: Vec<_> = nodes
                .iter()
                .filter_map(|node| Some((scalar_text(node)?, node.span)))
                .map(|(text, span)| keys.compiled(&text, span, Regex::anchored))
                .collect();
            Names::Regexes(compiled.into_iter().collect::<Option<_>>()?)
        } else {
            Names::Plain(fields)
        };
        Some(Self { names, include })
    }
}

impl FieldCondition for Fields {
    fn holds(&self, field: Option<&str>, _: &State<'_>) -> Result<bool, Diagnostic> {
        let listed = field.is_some_and(|field| match &self.names {
            Names::Plain(names) => names.iter().any(|name| name == field),
            Names::Regexes(regexes) => regexes.iter().any(|regex| regex.is_match(field)),
        });
        Ok(listed == self.include)
    }
}
