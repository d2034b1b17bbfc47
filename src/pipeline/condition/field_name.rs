//! Conditions on field names: `include_fields`, `exclude_fields`, `is_column`.

use super::column::IsColumn;
use super::{Condition, Subject, Types, boxed, state};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::python::regex::Regex;
use crate::pipeline::reader::{Keys, Names, scalar_text};
use crate::pipeline::state::State;
use crate::rule::Value;

/// Every condition on field names.
pub const TABLE: Types = Types {
    name: "field_name_condition",
    what: "field name condition",
    common: &["typed"],
    loads: &[
        ("include_fields", |keys| boxed(Fields::load(keys, true)?)),
        ("exclude_fields", |keys| boxed(Fields::load(keys, false)?)),
        ("is_column", |keys| boxed(IsColumn::load(keys)?)),
        ("processing_item_applied", state::applied),
        ("processing_state", state::in_state),
    ],
};

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
        /// Of a text in place of a list: an expression for each character.
        characters: Option<Vec<Regex>>,
    },
}

impl Fields {
    fn load(keys: &Keys<'_>, include: bool) -> Option<Self> {
        let by_regex = keys.choice("mode", &[("plain", false), ("re", true)]) == Some(true);
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
            keys.loader.report(warning.help("add field names"));
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

impl Fields {
    fn lists(&self, field: &str, state: &State<'_>) -> Result<bool, Diagnostic> {
        let rules = state.settings.items;
        match &self.test {
            Test::Plain(names) => {
                state.budget.step(names.cost())?;
                Ok(rules.lists(names, field))
            }
            Test::Regexes {
                regexes,
                characters,
            } => {
                for regex in rules.name_regexes(regexes, characters.as_deref()) {
                    if regex.is_match(field, &state.budget)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    fn holds_for(&self, field: Option<&str>, state: &State<'_>) -> Result<bool, Diagnostic> {
        let listed = field.map_or(Ok(false), |field| self.lists(field, state))?;
        Ok(listed == self.include)
    }
}

impl Condition for Fields {
    fn holds(&self, subject: Subject<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        let item = match subject {
            Subject::Field(field) => return self.holds_for(field, state),
            Subject::Item(item) => item,
            Subject::Rule(_) => return Ok(false),
        };
        // By the item's field, or a field that a value refers to.
        let mut held = self.holds_for(item.field.as_deref(), state)?;
        let values = item.values.iter().flat_map(|value| match &value.value {
            Value::Expansion(values) => values.as_slice(),
            other => std::slice::from_ref(other),
        });
        for value in values {
            if let Value::FieldRef(reference) = value {
                held = held || self.holds_for(Some(&reference.field), state)?;
            }
        }
        Ok(held)
    }
}
