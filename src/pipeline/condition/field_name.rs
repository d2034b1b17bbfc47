//! Conditions on field names: `include_fields`, `exclude_fields`.

use super::{FieldCondition, Load, state};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::entry::{Entry, Key, optional, required};
use crate::pipeline::python::regex::Regex;
use crate::pipeline::reader::{Keys, Names, scalar_text};
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
    test: Test,
    include: bool,
}

#[derive(Debug)]
enum Test {
    Plain(Names),
    Regexes {
        regexes: Vec<Regex>,
        /// Of a text in place of a list: Python takes each character for an expression.
        characters: Option<Vec<Regex>>,
    },
}

impl Fields {
    fn load(keys: &Keys<'_>, include: bool) -> Option<Self> {
        let by_regex = match keys.node("mode") {
            Some(_) => keys.choice("mode", &[("plain", false), ("re", true)])?,
            None => false,
        };
        let fields = keys.names("fields")?;
        let node = keys.node("fields")?;
        if fields.list().is_empty() {
            let (code, what) = if include {
                (Code::NeverHolds, "never holds")
            } else {
                (Code::NoEffect, "always holds")
            };
            let message = format!("the condition has no fields: it {what}");
            let warning = Diagnostic::warning(code, message).at(node.span);
            keys.loader.report(warning.help("Add field names."));
        }
        if !by_regex {
            let test = Test::Plain(fields);
            return Some(Self { test, include });
        }
        let nodes = node.as_sequence().unwrap_or(std::slice::from_ref(node));
        // Every one is compiled, so that every error shows.
        let compiled: Vec<_> = nodes
            .iter()
            .filter_map(|node| Some((scalar_text(node)?, node.span)))
            .map(|(text, span)| keys.compiled(&text, span, Regex::anchored))
            .collect();
        let characters = match &fields {
            Names::List(_) => None,
            Names::Text(text) => {
                let compiled = text.chars().map(|one| Regex::anchored(&one.to_string()));
                Some(compiled.filter_map(Result::ok).collect())
            }
        };
        let regexes = compiled.into_iter().collect::<Option<_>>()?;
        let test = Test::Regexes {
            regexes,
            characters,
        };
        Some(Self { test, include })
    }
}

impl FieldCondition for Fields {
    fn holds(&self, field: Option<&str>, state: &State<'_>) -> Result<bool, Diagnostic> {
        let compat = state.settings.compat;
        let mut listed = false;
        match (field, &self.test) {
            (None, _) => {}
            (Some(field), Test::Plain(names)) => {
                state.budget.step(names.cost())?;
                listed = names.contains(field, compat);
            }
            (
                Some(field),
                Test::Regexes {
                    regexes,
                    characters,
                },
            ) => {
                let regexes = characters.as_ref().filter(|_| compat).unwrap_or(regexes);
                for regex in regexes {
                    if regex.is_match(field, &state.budget)? {
                        listed = true;
                        break;
                    }
                }
            }
        }
        Ok(listed == self.include)
    }
}
