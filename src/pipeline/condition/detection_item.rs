//! Conditions on detection items: `match_string`, `match_value`, `contains_wildcard`, `is_null`.

use super::{ItemCondition, Load, state};
use crate::diagnostic::Diagnostic;
use crate::pipeline::bound;
use crate::pipeline::data;
use crate::pipeline::entry::{Entry, Key, nullable, optional, required};
use crate::pipeline::python::regex::Regex;
use crate::pipeline::reader::Keys;
use crate::pipeline::state::State;
use crate::pipeline::text;
use crate::rule::{Item, Pattern, Value};

const COND: Key = required("cond", "`any` or `all`: how many of the values must match");

/// Every condition on detection items.
pub const TABLE: &[Entry<Load<dyn ItemCondition>>] = &[
    Entry {
        name: "match_string",
        summary: "String values match a regular expression from their beginning.",
        keys: &[
            COND,
            required("pattern", "a regular expression"),
            optional("negate", "`true`: a value that does not match counts"),
        ],
        load: |keys| {
            let pattern = keys.regex("pattern", Regex::anchored);
            Values::load(keys, Test::String(pattern?, keys.flag("negate")))
        },
    },
    Entry {
        name: "match_value",
        summary: "Values equal a string, number or truth value.",
        keys: &[COND, nullable("value", "text, a number, `true` or `false`")],
        load: |keys| {
            let value = data::read(keys.node_or_null("value")?);
            let pattern = value.as_str().map(text::parse);
            Values::load(keys, Test::Value(value, pattern))
        },
    },
    Entry {
        name: "contains_wildcard",
        summary: "String values have a wildcard.",
        keys: &[COND],
        load: |keys| Values::load(keys, Test::Wildcard),
    },
    Entry {
        name: "is_null",
        summary: "Values are null.",
        keys: &[COND],
        load: |keys| Values::load(keys, Test::Null),
    },
    state::ITEM[0],
    state::ITEM[1],
];

#[derive(Debug)]
struct Values {
    all: bool,
    test: Test,
}

#[derive(Debug)]
enum Test {
    String(Regex, bool),
    Value(serde_json::Value, Option<Pattern<'static>>),
    Wildcard,
    Null,
}

impl Values {
    fn load(keys: &Keys<'_>, test: Test) -> Option<Box<dyn ItemCondition>> {
        let all = keys.choice("cond", &[("any", false), ("all", true)])?;
        Some(Box::new(Self { all, test }))
    }
}

impl Test {
    fn holds(&self, value: &Value<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        let string = match value {
            Value::String(pattern) | Value::Cased(pattern) => Some(pattern),
            _ => None,
        };
        Ok(match self {
            Self::String(regex, negate) => {
                let is_match = match string {
                    Some(pattern) => regex.is_match(&text::plain(pattern), &state.budget)?,
                    None => false,
                };
                is_match != *negate
            }
            Self::Value(wanted, pattern) if !state.settings.compat => {
                state.budget.step(bound::value_weight(value) / 64)?;
                data::means(wanted, pattern.as_ref(), value)
            }
            Self::Value(wanted, wanted_pattern) => match value {
                Value::String(pattern) | Value::Cased(pattern) => {
                    wanted_pattern.as_ref() == Some(pattern)
                }
                Value::Number(number) => data::is_number(wanted, number),
                Value::Bool(value) => wanted.as_bool() == Some(*value),
                _ => false,
            },
            Self::Wildcard => string.is_some_and(Pattern::has_wildcards),
            Self::Null => *value == Value::Null,
        })
    }
}

impl ItemCondition for Values {
    fn holds(&self, item: &Item<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        for value in &item.values {
            // What modifiers made of a value is seen one by one, as it is changed.
            let values = match &value.value {
                Value::Expansion(values) if !state.settings.compat => {
                    state.budget.step(values.len())?;
                    values.as_slice()
                }
                other => std::slice::from_ref(other),
            };
            for value in values {
                if self.test.holds(value, state)? != self.all {
                    return Ok(!self.all);
                }
            }
        }
        Ok(self.all)
    }
}
