//! What transformations of string values share, and `case`.

use super::walk::{Replacement, each_value};
use super::{Load, Transformation};
use crate::diagnostic::Diagnostic;
use crate::pipeline::entry::{Entry, optional};
use crate::pipeline::item::ProcessingItem;
use crate::pipeline::state::State;
use crate::pipeline::text::counterpart;
use crate::rule::{Part, Pattern, Rule, Value};
use std::borrow::Cow;

/// `case`
pub const CASE: Entry<Load> = Entry {
    name: "case",
    summary: "Changes the case of string values.",
    keys: &[optional(
        "method",
        "`lower` (the default), `upper` or `snake_case`",
    )],
    load: |keys| {
        let methods: [(&str, [Function; 2]); 3] = [
            ("lower", [lower, str::to_lowercase]),
            ("upper", [upper, str::to_uppercase]),
            ("snake_case", [snake_case, snake_case]),
        ];
        let [native, compat] = match keys.node("method") {
            Some(_) => keys.choice("method", &methods)?,
            None => methods[0].1,
        };
        Some(Box::new(Case { native, compat }))
    },
};

/// `NewProcessName` to `new_process_name`.
pub fn snake_case(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 4);
    for (index, character) in text.char_indices() {
        if index > 0 && character.is_ascii_uppercase() {
            result.push('_');
        }
        result.push(character);
    }
    result.to_lowercase()
}

/// The pattern of a string value.
pub fn pattern_of<'v, 's>(value: &'v Value<'s>) -> Option<&'v Pattern<'s>> {
    match value {
        Value::String(pattern) | Value::Cased(pattern) => Some(pattern),
        _ => None,
    }
}

/// A string in place of `old`. pySigma forgets that the old one was case-sensitive.
pub fn string_like<'s>(old: &Value<'_>, new: Pattern<'s>, state: &State<'_>) -> Value<'s> {
    match old {
        Value::Cased(_) if !state.settings.compat => Value::Cased(new),
        _ => Value::String(new),
    }
}

type Function = fn(&str) -> String;

struct Case {
    native: Function,
    compat: Function,
}

/// Letters that are lower in one character, so that the value matches what it did: `ß` and `İ` stay.
fn lower(text: &str) -> String {
    let lower = |c: char| counterpart(c).filter(|other| other.is_lowercase());
    text.chars().map(|c| lower(c).unwrap_or(c)).collect()
}

fn upper(text: &str) -> String {
    let upper = |c: char| counterpart(c).filter(|other| !other.is_lowercase());
    text.chars().map(|c| upper(c).unwrap_or(c)).collect()
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Case")
    }
}

impl Transformation for Case {
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        let compat = state.settings.compat;
        let change = if compat { self.compat } else { self.native };
        each_value(item, rule, state, !compat, |_, value, _| {
            let Some(pattern) = pattern_of(value) else {
                return Ok(Replacement::Keep);
            };
            let mut new = Pattern::default();
            for part in &pattern.parts {
                new.push(match part {
                    Part::Literal(text) => Part::Literal(Cow::Owned(change(text))),
                    other => other.clone(),
                });
            }
            Ok(Replacement::One(match value {
                Value::Cased(_) => Value::Cased(new),
                _ => Value::String(new),
            }))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_stays_one() {
        assert_eq!(lower("AÄßİ1"), "aäßİ1");
        assert_eq!(upper("aäßİ1"), "AÄßİ1");
    }
}
