//! `regex`: string values become regular expressions.
//!
//! Natively `*\cmd.exe` becomes `\\[cC][mM][dD]\.[eE][xX][eE]\z`, which matches what the value did:
//! an expression is searched for, so an end of the value without a wildcard is an anchor.

use super::string::pattern_of;
use super::walk::Replacement;
use super::{Pass, Transformation};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::reader::Keys;
use crate::pipeline::state::State;
use crate::rule::fold::counterpart;
use crate::rule::{Part, Pattern, Regex, RegexFlags, Value};

/// How letters match in both cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// They do not.
    Plain,
    /// `(?i)`
    Flag,
    /// `[aA]`
    Brackets,
}

/// `regex`
#[derive(Debug)]
pub struct ToRegex(pub Method);

impl ToRegex {
    /// Reads it.
    pub fn load(keys: &Keys<'_>) -> Self {
        let methods = [
            ("plain", Method::Plain),
            ("ignore_case_flag", Method::Flag),
            ("ignore_case_brackets", Method::Brackets),
        ];
        let method = keys.choice("method", &methods);
        Self(method.unwrap_or(Method::Brackets))
    }

    /// The expression that matches what a value does.
    pub fn change<'s>(
        &self,
        value: &Value<'s>,
        pattern: &Pattern<'s>,
        is_keyword: bool,
        state: &State<'s>,
    ) -> Result<Replacement<'s>, Diagnostic> {
        // `*` alone asks whether the field is there, which is no matter of its text.
        if pattern.parts.iter().all(|part| *part == Part::Any) {
            return Ok(Replacement::Keep);
        }
        let method = match value {
            Value::Cased(_) => Method::Plain,
            _ => self.0,
        };
        if self.0 == Method::Plain && matches!(value, Value::String(_)) && has_case(pattern) {
            let text = "a pipeline made of the value a regular expression that minds case";
            state.narrow(text)?;
        }
        Ok(Replacement::One(exact(pattern, method, is_keyword)?))
    }
}

/// The expression that matches what the pattern does: the whole value, or anywhere in a keyword's
/// event.
fn exact(
    pattern: &Pattern<'_>,
    method: Method,
    is_keyword: bool,
) -> Result<Value<'static>, Diagnostic> {
    let is_any = |part: &&Part<'_>| **part == Part::Any;
    let parts = pattern.parts.as_slice();
    let leading = parts.iter().take_while(is_any).count();
    let trailing = parts[leading..].iter().rev().take_while(is_any).count();
    let inner = &parts[leading..parts.len() - trailing];
    let mut regex = String::new();
    if leading == 0 && !is_keyword {
        regex.push('^');
    }
    let mut dot_all = false;
    for part in inner {
        match part {
            Part::Literal(text) => {
                for character in text.chars() {
                    write(character, method, &mut regex);
                }
            }
            Part::Any => {
                regex.push_str(".*");
                dot_all = true;
            }
            Part::One => {
                regex.push('.');
                dot_all = true;
            }
            Part::Placeholder(name) => return Err(unfilled(name)),
        }
    }
    if trailing == 0 && !is_keyword {
        // `$` would let a line break follow.
        regex.push_str("\\z");
    }
    Ok(value(regex, method == Method::Flag, dot_all))
}

fn write(character: char, method: Method, into: &mut String) {
    if method == Method::Brackets
        && let Some(other) = counterpart(character)
    {
        let (lower, upper) = if character.is_lowercase() {
            (character, other)
        } else {
            (other, character)
        };
        into.push('[');
        into.push(lower);
        into.push(upper);
        into.push(']');
        return;
    }
    if "()[]{}?*+|^$\\.".contains(character) {
        into.push('\\');
    }
    into.push(character);
}

/// An expression as a value.
pub fn value(regex: String, ignore_case: bool, dot_all: bool) -> Value<'static> {
    Value::Regex(Regex {
        pattern: Pattern::literal(regex),
        flags: RegexFlags {
            ignore_case,
            dot_all,
            ..RegexFlags::default()
        },
    })
}

/// A placeholder is in the way.
pub fn unfilled(name: &str) -> Diagnostic {
    Diagnostic::error(
        Code::PlaceholderValue,
        format!("the placeholder `%{name}%` can't become a regular expression"),
    )
    .help("replace the placeholders before")
}

/// Does it match something else where case counts?
fn has_case(pattern: &Pattern<'_>) -> bool {
    let mut letters = pattern.literals().flat_map(str::chars);
    letters.any(|character| counterpart(character).is_some())
}

impl Transformation for ToRegex {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let rules = pass.rules();
        pass.each_value(
            rules.sees_alternatives(),
            |field, value, state| match pattern_of(value)
                .filter(|pattern| !pattern.parts.is_empty())
            {
                Some(pattern) => rules.to_regex(self, value, pattern, field.is_none(), state),
                None => Ok(Replacement::Keep),
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::text;

    #[test]
    fn an_end_without_a_wildcard_is_an_anchor() {
        for (written, keyword, expected) in [
            (r"*\a.b", false, r"\\[aA]\.[bB]\z"),
            ("-", false, r"^-\z"),
            ("a*", false, "^[aA]"),
            ("*ß?1*", false, "ß.1"),
            ("x", true, "[xX]"),
        ] {
            let made = exact(&text::parse(written), Method::Brackets, keyword);
            let Ok(Value::Regex(regex)) = made else {
                panic!("{written}")
            };
            assert_eq!(regex.pattern.as_literal(), Some(expected), "{written}");
            assert_eq!(regex.flags.dot_all, written.contains('?'));
        }
    }
}
