//! What transformations of string values share, and `case`.

use super::walk::Replacement;
use super::{Pass, Transformation};
use crate::diagnostic::Diagnostic;
use crate::pipeline::reader::Keys;
use crate::pipeline::text;
use crate::rule::fold::counterpart;
use crate::rule::{Part, Pattern, Value};
use std::borrow::Cow;

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

/// A string of the kind of `old`.
pub fn same_kind<'s>(old: &Value<'_>, new: Pattern<'s>) -> Value<'s> {
    match old {
        Value::Cased(_) => Value::Cased(new),
        _ => Value::String(new),
    }
}

/// The text by which pipelines see a string value.
pub fn plain_of<'v>(value: &'v Value<'_>) -> Cow<'v, str> {
    pattern_of(value).map(text::plain).unwrap_or_default()
}

/// A change to a text.
pub type Function = fn(&str) -> String;

/// `case`
#[derive(Debug)]
pub struct Case {
    own: Function,
    python: Function,
}

impl Case {
    /// Reads it.
    pub fn load(keys: &Keys<'_>) -> Self {
        let methods: [(&str, [Function; 2]); 3] = [
            ("lower", [lower, str::to_lowercase]),
            ("upper", [upper, str::to_uppercase]),
            ("snake_case", [snake_case, snake_case]),
        ];
        let [own, python] = keys.choice("method", &methods).unwrap_or(methods[0].1);
        Self { own, python }
    }
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

impl Transformation for Case {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let rules = pass.rules();
        let change = rules.case(self.own, self.python);
        pass.each_value(rules.sees_alternatives(), |_, value, _| {
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
            Ok(Replacement::One(same_kind(value, new)))
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
