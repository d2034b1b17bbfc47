//! How sigmac applies modifiers.

use super::Sigmac;
use crate::modifier::{Action, ModifierFault, Rules, action, affix};
use crate::rule::{Modifier, Part, Pattern, Value};

impl Rules for Sigmac {
    fn action(&self, modifier: Modifier) -> Action {
        match modifier {
            Modifier::Contains => Action::Value(|value, _| affix(value, true, true)),
            Modifier::StartsWith => Action::Value(|value, _| affix(value, false, true)),
            Modifier::EndsWith => Action::Value(|value, _| affix(value, true, false)),
            modifier => action(modifier),
        }
    }
}

/// A string's wildcard is still a character of it; where there is one, none is added.
fn affix(value: Value<'_>, before: bool, after: bool) -> Result<Value<'_>, ModifierFault> {
    let (before, after) = match &value {
        Value::String(pattern) | Value::Cased(pattern) => {
            let (starts, ends) = stars(pattern);
            (before && !starts, after && !ends)
        }
        _ => (before, after),
    };
    affix::affix(value, before, after)
}

/// Does a string begin, and end, with a `*`?
fn stars(pattern: &Pattern<'_>) -> (bool, bool) {
    let starts =
        matches!(pattern.parts.first(), Some(Part::Literal(text)) if text.starts_with('*'));
    let ends = matches!(pattern.parts.last(), Some(Part::Literal(text)) if text.ends_with('*'));
    (starts, ends)
}
