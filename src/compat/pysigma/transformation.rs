//! What pySigma's transformations make of values.

use crate::diagnostic::Diagnostic;
use crate::pipeline::State;
use crate::pipeline::text;
use crate::pipeline::transformation::alternatives::group;
use crate::pipeline::transformation::hashes::{ByField, Hashes};
use crate::pipeline::transformation::map_string::{MapString, Mapped, no_texts};
use crate::pipeline::transformation::replace::Replace;
use crate::pipeline::transformation::string::{pattern_of, plain_of, same_kind};
use crate::pipeline::transformation::to_regex::{Method, ToRegex, unfilled, value as regex_value};
use crate::pipeline::transformation::walk::{Outcome, Replacement};
use crate::rule::{Item, Link, Part, Pattern, Value};
use crate::source::Spanned;
use std::borrow::Cow;

/// The algorithm, if it is a valid one, and the hash.
fn split(hashes: &Hashes, value: &str) -> Option<(String, String)> {
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
    let valid = !algorithm.is_empty() && super::items::lists(&hashes.algorithms, &algorithm);
    valid.then_some((algorithm, hash))
}

/// It forgets `|all` and `|neq`, and what wildcards there were.
pub(super) fn hashes<'s>(
    hashes: &Hashes,
    found: &Item<'s>,
    state: &State<'s>,
) -> Result<Outcome<'s>, Diagnostic> {
    let budget = &state.budget;
    let mut by_field = ByField::default();
    for value in &found.values {
        budget.step(hashes.algorithms.cost())?;
        let Some((algorithm, hash)) = split(hashes, &plain_of(&value.value)) else {
            continue;
        };
        let value = Spanned::new(Value::String(text::parse(&hash)), value.span);
        by_field.push(hashes.field(&algorithm), value, budget)?;
    }
    let nodes = by_field.nodes(found, Link::Or, false);
    if nodes.is_empty() {
        return Err(hashes.none_of(found));
    }
    Ok(Outcome::Replaced(group(found, Link::Or, nodes)))
}

/// Its ends are open, and its wildcards take no line breaks.
pub(super) fn regex(step: &ToRegex, pattern: &Pattern<'_>) -> Result<Value<'static>, Diagnostic> {
    let mut regex = String::new();
    for part in &pattern.parts {
        match part {
            Part::Literal(text) => {
                for character in text.chars() {
                    escape(step.0, character, &mut regex);
                }
            }
            Part::Any => regex.push_str(".*"),
            Part::One => regex.push('.'),
            Part::Placeholder(name) => return Err(unfilled(name)),
        }
    }
    Ok(regex_value(regex, step.0 == Method::Flag, false))
}

fn escape(method: Method, character: char, into: &mut String) {
    if method == Method::Brackets && character.is_alphabetic() {
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

/// Texts are found by texts, with regard to case.
pub(super) fn map_string<'s>(
    map: &'s MapString,
    value: &Value<'s>,
) -> Result<Replacement<'s>, Diagnostic> {
    let is_text = |mapped: &&Mapped| {
        mapped.is_text && (mapped.is_list || mapped.values.iter().all(|new| new.data.is_none()))
    };
    let mapped = pattern_of(value).and_then(|pattern| map.exact(&text::plain(pattern)));
    let Some(mapped) = mapped.filter(is_text) else {
        return Ok(Replacement::Keep);
    };
    if mapped.values.iter().any(|new| new.data.is_some()) {
        return Err(no_texts("other values"));
    }
    Ok(mapped.replace(|new| Value::String(text::borrowed(&new.text))))
}

/// A number becomes text, and where only the parts between wildcards are replaced, a value keeps
/// its kind.
pub(super) fn replace_string<'s>(
    replace: &Replace,
    value: &Value<'s>,
    state: &State<'s>,
) -> Result<Replacement<'s>, Diagnostic> {
    let new = match value {
        Value::Number(found) | Value::Time(_, found) => {
            let text = Pattern::literal(found.text.clone());
            Value::String(replaced(replace, &text, state)?)
        }
        value => match pattern_of(value) {
            Some(pattern) if replace.skip_special => {
                same_kind(value, replaced(replace, pattern, state)?)
            }
            Some(pattern) => Value::String(replaced(replace, pattern, state)?),
            None => return Ok(Replacement::Keep),
        },
    };
    Ok(Replacement::One(new))
}

/// It replaces in the text with its escapes and reads that again.
fn replaced<'s>(
    replace: &Replace,
    pattern: &Pattern<'s>,
    state: &State<'s>,
) -> Result<Pattern<'s>, Diagnostic> {
    let in_text = |text: &str| {
        let (regex, template) = (&replace.regex, &replace.template);
        regex.replace_all(text, template, &state.budget)
    };
    if !replace.skip_special {
        let new = text::parse(&double_backslashes(&in_text(&text::plain(pattern))?));
        return Ok(match pattern.placeholder() {
            Some(_) => text::expand(new),
            None => new,
        });
    }
    let mut new = Pattern::default();
    for part in &pattern.parts {
        match part {
            Part::Literal(text) => {
                let text = in_text(text)?;
                if replace.interpret_special {
                    for part in text::parse(&text).parts {
                        new.push(part);
                    }
                } else {
                    new.push(Part::Literal(Cow::Owned(text)));
                }
            }
            other => new.push(other.clone()),
        }
    }
    Ok(new)
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
