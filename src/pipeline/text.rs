//! Strings as pipelines write and see them.
//!
//! In: `C:\*.exe` from a pipeline. Out: the [`Pattern`] it means; and back, the text by which a
//! regular expression or a `map_string` key sees a rule's value: wildcards as `*` and `?`, literal
//! ones as `\*` and `\?`, backslashes as they are, placeholders as `%name%`.

use crate::parse::pattern::pattern;
use crate::rule::{Part, Pattern, Regex, Value};
use std::borrow::Cow;
use std::fmt::Write;

/// Reads Sigma's string syntax: `*` and `?` are wildcards, `\*`, `\?` and `\\` are escaped, any
/// other backslash stands for itself.
pub fn parse(text: &str) -> Pattern<'static> {
    pattern(text).into_owned()
}

/// The text by which pipelines see a value.
pub fn plain<'p>(pattern: &'p Pattern<'_>) -> Cow<'p, str> {
    match pattern.as_literal() {
        Some(text) if !text.contains(['*', '?']) => return Cow::Borrowed(text),
        _ => {}
    }
    let mut text = String::new();
    for part in &pattern.parts {
        match part {
            Part::Literal(literal) => {
                for character in literal.chars() {
                    if matches!(character, '*' | '?') {
                        text.push('\\');
                    }
                    text.push(character);
                }
            }
            Part::Any => text.push('*'),
            Part::One => text.push('?'),
            Part::Placeholder(name) => {
                let _ = write!(text, "%{name}%");
            }
        }
    }
    Cow::Owned(text)
}

/// Turns `%name%` in literals into placeholders and `\%` into `%`, as `|expand` does.
pub fn expand(pattern: Pattern<'_>) -> Pattern<'_> {
    let mut expanded = Pattern::default();
    for part in pattern.parts {
        let Part::Literal(text) = part else {
            expanded.push(part);
            continue;
        };
        let mut rest = text.as_ref();
        let mut from = 0;
        while let Some(start) = rest[from..].find('%').map(|at| at + from) {
            let escaped = rest[..start].ends_with('\\');
            let end = rest[start + 1..].find('%').map(|at| at + start + 1);
            match end {
                Some(end) if !escaped && end > start + 1 => {
                    expanded.push(Part::Literal(Cow::Owned(rest[..start].replace("\\%", "%"))));
                    expanded.push(Part::Placeholder(Cow::Owned(
                        rest[start + 1..end].to_owned(),
                    )));
                    rest = &rest[end + 1..];
                    from = 0;
                }
                _ => from = start + 1,
            }
        }
        expanded.push(Part::Literal(Cow::Owned(rest.replace("\\%", "%"))));
    }
    expanded
}

/// The same pattern, borrowing its text.
pub fn borrowed<'p>(pattern: &'p Pattern<'_>) -> Pattern<'p> {
    Pattern {
        parts: pattern
            .parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => Part::Literal(Cow::Borrowed(text)),
                Part::Any => Part::Any,
                Part::One => Part::One,
                Part::Placeholder(name) => Part::Placeholder(Cow::Borrowed(name)),
            })
            .collect(),
    }
}

/// The same value, borrowing its text where it is a string; what pipelines insert into rules.
pub fn borrowed_value<'p>(value: &'p Value<'p>) -> Value<'p> {
    match value {
        Value::String(pattern) => Value::String(borrowed(pattern)),
        Value::Cased(pattern) => Value::Cased(borrowed(pattern)),
        Value::Regex(regex) => Value::Regex(Regex {
            pattern: borrowed(&regex.pattern),
            flags: regex.flags,
        }),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_wildcards_are_read() {
        let pattern = parse(r"C:\a\*b*\\?\");
        assert_eq!(
            pattern.parts,
            [
                Part::Literal(r"C:\a*b".into()),
                Part::Any,
                Part::Literal("\\".into()),
                Part::One,
                Part::Literal("\\".into()),
            ]
        );
        assert_eq!(plain(&pattern), r"C:\a\*b*\?\");
        assert_eq!(parse("").parts, []);
    }

    #[test]
    fn placeholders_are_found() {
        let pattern = expand(parse(r"a%b%c\%d%%e"));
        assert_eq!(
            pattern.parts,
            [
                Part::Literal("a".into()),
                Part::Placeholder("b".into()),
                Part::Literal("c%d%%e".into()),
            ]
        );
    }
}
