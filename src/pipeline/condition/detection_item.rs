//! Conditions on detection items: `match_string`, `match_value`, `contains_wildcard`, `is_null`,
//! `is_regex`.

use super::{Condition, Subject, Types, boxed, state};
use crate::diagnostic::Diagnostic;
use crate::pipeline::bound;
use crate::pipeline::data::Wanted;
use crate::pipeline::python::regex::Regex;
use crate::pipeline::reader::Keys;
use crate::pipeline::state::State;
use crate::pipeline::text;
use crate::rule::{Pattern, Value};

/// Every condition on detection items.
pub const TABLE: Types = Types {
    name: "detection_item_condition",
    what: "detection item condition",
    common: &["typed"],
    loads: &[
        ("match_string", |keys| {
            let pattern = keys.regex("pattern", Regex::anchored);
            Values::load(keys, Test::String(pattern?, keys.flag("negate")))
        }),
        ("match_value", |keys| {
            let value = keys.data("value")?;
            Values::load(keys, Test::Value(Wanted::new(value)))
        }),
        ("contains_wildcard", |keys| {
            Values::load(keys, Test::Wildcard)
        }),
        ("is_null", |keys| Values::load(keys, Test::Null)),
        ("is_regex", |keys| Values::load(keys, Test::Expression)),
        ("processing_item_applied", state::applied),
        ("processing_state", state::in_state),
    ],
};

#[derive(Debug)]
struct Values {
    all: bool,
    test: Test,
}

#[derive(Debug)]
enum Test {
    String(Regex, bool),
    Value(Wanted),
    Wildcard,
    Null,
    Expression,
}

impl Values {
    fn load(keys: &Keys<'_>, test: Test) -> Option<Box<dyn Condition>> {
        let all = keys.choice("cond", &[("any", false), ("all", true)])?;
        boxed(Self { all, test })
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
            Self::Value(wanted) => {
                state.budget.step(bound::value_weight(value) / 64)?;
                state.settings.items.item_has(wanted, value)
            }
            Self::Wildcard => string.is_some_and(Pattern::has_wildcards),
            Self::Null => *value == Value::Null,
            Self::Expression => matches!(value, Value::Regex(_)),
        })
    }
}

impl Condition for Values {
    fn holds(&self, subject: Subject<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        let Subject::Item(item) = subject else {
            return Ok(false);
        };
        for value in &item.values {
            // What modifiers made of a value is seen one by one, as it is changed.
            let values = match &value.value {
                Value::Expansion(values) if state.settings.items.sees_alternatives() => {
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
