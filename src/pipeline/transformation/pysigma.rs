//! What pySigma makes of values where it is not followed natively, its faults included.

use super::alternatives::group;
use super::hashes::{ByField, Hashes};
use super::replace::Replace;
use super::string::plain_of;
use super::to_regex::{Method, ToRegex, unfilled, value};
use super::walk::Outcome;
use crate::diagnostic::Diagnostic;
use crate::pipeline::bound::Budget;
use crate::pipeline::text;
use crate::rule::{Item, Link, Part, Pattern, Value};
use crate::source::Spanned;
use std::borrow::Cow;

impl Hashes {
    /// The algorithm, if it is a valid one, and the hash.
    fn split(&self, value: &str) -> Option<(String, String)> {
        let separator = if value.contains('|') { '|' } else { '=' };
        let parts: Vec<&str> = value.split(separator).collect();
        let trim = |text: &str| text.trim_matches(['*', '?']).to_owned();
        let (algorithm, hash) = match parts.as_slice() {
            [algorithm, hash] => (algorithm.trim_start_matches('*').to_uppercase(), trim(hash)),
            parts => {
                let hash = trim(parts.first().copied().unwrap_or_default());
                let algorithm = match hash.chars().count() {
                    32 => "MD5",
                    40 => "SHA1",
                    64 => "SHA256",
                    128 => "SHA512",
                    _ => "",
                };
                (algorithm.to_owned(), hash)
            }
        };
        let valid = !algorithm.is_empty() && self.algorithms.contains(&algorithm, true);
        valid.then_some((algorithm, hash))
    }

    /// It forgets `|all` and `|neq`, and what wildcards there were.
    pub fn change_as_pysigma<'s>(
        &self,
        found: &Item<'s>,
        budget: &Budget,
    ) -> Result<Outcome<'s>, Diagnostic> {
        let mut by_field = ByField::default();
        for value in &found.values {
            budget.step(self.algorithms.cost())?;
            let Some((algorithm, hash)) = self.split(&plain_of(&value.value)) else {
                continue;
            };
            let value = Spanned::new(Value::String(text::parse(&hash)), value.span);
            by_field.push(self.field(&algorithm), value, budget)?;
        }
        let nodes = by_field.nodes(found, Link::Or, false);
        if nodes.is_empty() {
            return Err(self.none_of(found));
        }
        Ok(Outcome::Replaced(group(found, Link::Or, nodes)))
    }
}

impl ToRegex {
    /// Its ends are open, and its wildcards take no line breaks.
    pub fn convert(&self, pattern: &Pattern<'_>) -> Result<Value<'static>, Diagnostic> {
        let mut regex = String::new();
        for part in &pattern.parts {
            match part {
                Part::Literal(text) => {
                    for character in text.chars() {
                        self.escape(character, &mut regex);
                    }
                }
                Part::Any => regex.push_str(".*"),
                Part::One => regex.push('.'),
                Part::Placeholder(name) => return Err(unfilled(name)),
            }
        }
        Ok(value(regex, self.0 == Method::Flag, false))
    }

    fn escape(&self, character: char, into: &mut String) {
        if self.0 == Method::Brackets && character.is_alphabetic() {
            into.push('[');
            into.extend(character.to_lowercase());
            into.extend(character.to_uppercase());
            into.push(']');
            return;
        }
        // What Python's `re.escape` escapes.
        if "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}".contains(character) {
            into.push('\\');
        }
        into.push(character);
    }
}

impl Replace {
    /// It replaces in the text with its escapes and reads that again.
    pub fn replace_as_pysigma<'s>(
        &self,
        pattern: &Pattern<'s>,
        budget: &Budget,
    ) -> Result<Pattern<'s>, Diagnostic> {
        if !self.skip_special {
            let replaced = self
                .regex
                .replace_all(&text::plain(pattern), &self.template, budget)?;
            let new = text::parse(&double_backslashes(&replaced));
            return Ok(match pattern.placeholder() {
                Some(_) => text::expand(new),
                None => new,
            });
        }
        let mut new = Pattern::default();
        for part in &pattern.parts {
            match part {
                Part::Literal(text) => {
                    let replaced = self.regex.replace_all(text, &self.template, budget)?;
                    if self.interpret_special {
                        for part in text::parse(&replaced).parts {
                            new.push(part);
                        }
                    } else {
                        new.push(Part::Literal(Cow::Owned(replaced)));
                    }
                }
                other => new.push(other.clone()),
            }
        }
        Ok(new)
    }
}

/// Doubles every backslash that does not escape a wildcard, so that reading the text again keeps
/// them all.
fn double_backslashes(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 4);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        result.push(character);
        if character == '\\' && !matches!(characters.peek(), Some('*' | '?')) {
            result.push('\\');
        }
    }
    result
}
