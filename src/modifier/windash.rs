//! `windash`: `-`, `/` and the long dashes stand for each other where an option begins.
//!
//! `cmd -c` gives the five alternatives `cmd -c`, `cmd /c`, `cmd –c`, `cmd —c`, `cmd ―c`. An option
//! begins at a dash after anything but a letter, digit or `_`, and before one of these. Several
//! options give every combination, the first varying slowest.

use super::fault::ModifierFault;
use super::{Step, bound};
use crate::diagnostic::Code;
use crate::rule::{Part, Pattern, Value};
use std::borrow::Cow;

/// Hyphen, slash, en dash, em dash, horizontal bar.
pub(crate) const DASHES: [&str; 5] = ["-", "/", "\u{2013}", "\u{2014}", "\u{2015}"];

/// The most alternatives of one value.
const MOST: usize = 1_000;

pub(super) fn windash<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, ModifierFault> {
    let (pattern, make): (_, fn(Pattern<'s>) -> Value<'s>) = match value {
        Value::String(pattern) => (pattern, Value::String),
        Value::Cased(pattern) => (pattern, Value::Cased),
        Value::Number(number) => (Pattern::literal(number.text), Value::String),
        value => return Err(ModifierFault::kind(&value, "text")),
    };
    let found = alternatives(&pattern, &DASHES, MOST, step)?;
    let patterns = found.unwrap_or_else(|| vec![pattern]);
    Ok(Value::Expansion(patterns.into_iter().map(make).collect()))
}

/// The alternatives of a pattern in which each of `dashes` is one; `None` if it has no options.
pub(crate) fn alternatives<'s>(
    pattern: &Pattern<'_>,
    dashes: &[&str],
    most: usize,
    step: &Step<'_>,
) -> Result<Option<Vec<Pattern<'s>>>, ModifierFault> {
    let pieces = split(pattern, dashes);
    let options = pieces.iter().filter(|piece| piece.is_none()).count();
    if options == 0 {
        return Ok(None);
    }
    let count = u32::try_from(options)
        .ok()
        .and_then(|options| DASHES.len().checked_pow(options))
        .filter(|&count| count <= most)
        .ok_or_else(|| {
            ModifierFault::Value(
                Code::TooManyAlternatives,
                format!("expected a value of at most {most} alternatives, found {options} options of five dashes each"),
                "search each option by itself, in a list under `windash|contains|all`".to_owned(),
            )
        })?;
    bound::check_before(pattern, count, step)?;
    let alternatives = (0..count).map(|number| alternative(&pieces, number, count));
    Ok(Some(alternatives.collect()))
}

/// The parts, with `None` for each dash that begins an option.
fn split<'p>(pattern: &'p Pattern<'_>, recognized: &[&str]) -> Vec<Option<Part<'p>>> {
    let mut pieces = Vec::new();
    for part in &pattern.parts {
        let text = match part {
            Part::Literal(text) => text.as_ref(),
            Part::Any => {
                pieces.push(Some(Part::Any));
                continue;
            }
            Part::One => {
                pieces.push(Some(Part::One));
                continue;
            }
            Part::Placeholder(name) => {
                pieces.push(Some(Part::Placeholder(Cow::Borrowed(name))));
                continue;
            }
        };
        let mut start = 0;
        for (at, dash) in text.match_indices(|c: char| {
            let mut buffer = [0; 4];
            recognized.contains(&&*c.encode_utf8(&mut buffer))
        }) {
            let (before, after) = (&text[..at], &text[at + dash.len()..]);
            if !before.ends_with(is_word) && after.starts_with(is_word) {
                pieces.push(Some(Part::Literal(Cow::Borrowed(&text[start..at]))));
                pieces.push(None);
                start = at + dash.len();
            }
        }
        pieces.push(Some(Part::Literal(Cow::Borrowed(&text[start..]))));
    }
    pieces
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The alternative of that number out of that many, the first dash being the highest digit.
fn alternative<'s>(pieces: &[Option<Part<'_>>], number: usize, of: usize) -> Pattern<'s> {
    let mut pattern = Pattern::default();
    let mut digit = of;
    for piece in pieces {
        pattern.push(if let Some(part) = piece {
            part.clone().into_owned()
        } else {
            digit /= DASHES.len();
            Part::Literal(Cow::Borrowed(DASHES[number / digit % DASHES.len()]))
        });
    }
    pattern
}
