//! `expand`: `%name%` in the value is a placeholder.
//!
//! `%admins%` gives the placeholder `admins`; `\%` is a plain percent sign. (Specification:
//! *placeholders*.)

use super::Step;
use super::fault::ModifierFault;
use crate::rule::{Part, Pattern, Value};
use std::borrow::Cow;

pub(crate) fn expand<'s>(value: Value<'s>, _: &Step<'_>) -> Result<Value<'s>, ModifierFault> {
    Ok(match value {
        Value::String(pattern) => Value::String(inserted(pattern)),
        Value::Cased(pattern) => Value::Cased(inserted(pattern)),
        Value::Regex(mut regex) => {
            regex.pattern = in_regex(regex.pattern);
            Value::Regex(regex)
        }
        Value::Number(number) => Value::Number(number),
        value => return Err(ModifierFault::kind(&value, "text")),
    })
}

fn inserted(pattern: Pattern<'_>) -> Pattern<'_> {
    if !pattern.literals().any(|text| text.contains('%')) {
        return pattern;
    }
    let mut with = Pattern::default();
    for part in pattern.parts {
        match part {
            Part::Literal(Cow::Borrowed(text)) => insert(text, &mut with),
            Part::Literal(Cow::Owned(text)) => {
                let mut pieces = Pattern::default();
                insert(&text, &mut pieces);
                for part in pieces.into_owned().parts {
                    with.push(part);
                }
            }
            part => with.push(part),
        }
    }
    with
}

/// A placeholder's name ends at a quantifier: `%a*b%` is none, as in pySigma.
fn in_regex(pattern: Pattern<'_>) -> Pattern<'_> {
    let Some(text) = pattern.as_literal() else {
        return pattern;
    };
    let mut with = Pattern::default();
    for piece in text.split_inclusive(['*', '?']) {
        let plain = piece.strip_suffix(['*', '?']).unwrap_or(piece);
        insert(plain, &mut with);
        with.push(Part::Literal(Cow::Borrowed(&piece[plain.len()..])));
    }
    with.into_owned()
}

/// Appends text with its placeholders.
fn insert<'t>(text: &'t str, pattern: &mut Pattern<'t>) {
    let (mut done, mut from) = (0, 0);
    while let Some(open) = text[from..].find('%').map(|at| from + at) {
        from = open + 1;
        if text[..open].ends_with('\\') {
            continue;
        }
        let Some(close) = text[from..].find('%').map(|at| from + at) else {
            break;
        };
        if close > from {
            pattern.push(Part::Literal(plain(&text[done..open])));
            pattern.push(Part::Placeholder(Cow::Borrowed(&text[from..close])));
            from = close + 1;
            done = from;
        }
    }
    pattern.push(Part::Literal(plain(&text[done..])));
}

fn plain(text: &str) -> Cow<'_, str> {
    if text.contains(r"\%") {
        Cow::Owned(text.replace(r"\%", "%"))
    } else {
        Cow::Borrowed(text)
    }
}
