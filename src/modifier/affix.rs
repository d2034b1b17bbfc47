//! `contains`, `startswith`, `endswith`.
//!
//! `Image|endswith: '\cmd.exe'` gives `*\cmd.exe`. A regular expression is unanchored as it is:
//! natively `startswith` and `endswith` anchor it, alternations grouped; pySigma puts `.*` around
//! it.

use super::Step;
use super::fault::Fault;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::rule::{Item, Modifier, Part, Pattern, Regex, Value};

/// A keyword is searched anywhere in the event, so it has no beginning and no end.
pub(super) fn of_keyword(item: &Item<'_>, dialect: &Dialect) -> Option<Diagnostic> {
    if dialect.pysigma_values || item.field.is_some() {
        return None;
    }
    let mut modifiers = item.modifiers.iter();
    if modifiers
        .clone()
        .any(|modifier| modifier.value == Modifier::Re)
    {
        return None;
    }
    let affix = modifiers
        .find(|modifier| matches!(modifier.value, Modifier::StartsWith | Modifier::EndsWith))?;
    let name = affix.value.name();
    let message =
        format!("expected a field before `{name}`, found none: keywords are searched anywhere");
    let warning = Diagnostic::warning(Code::AffixOfKeyword, message).at(affix.span);
    Some(warning.help(format!("name the field, or remove `|{name}`")))
}

/// The wildcards that a modifier adds around the value.
#[derive(Clone, Copy)]
struct Affix {
    before: bool,
    after: bool,
}

pub(super) fn contains<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, Fault> {
    affix(value, step, true, true)
}

pub(super) fn startswith<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, Fault> {
    affix(value, step, false, true)
}

pub(super) fn endswith<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, Fault> {
    affix(value, step, true, false)
}

fn affix<'s>(
    value: Value<'s>,
    step: &Step<'_>,
    before: bool,
    after: bool,
) -> Result<Value<'s>, Fault> {
    let affix = Affix { before, after };
    Ok(match value {
        Value::String(pattern) => Value::String(affix.string(pattern, step)),
        Value::Cased(pattern) => Value::Cased(affix.string(pattern, step)),
        Value::Number(number) if !step.dialect.pysigma_values => {
            Value::String(affix.string(Pattern::literal(number.text), step))
        }
        Value::Regex(regex) if step.dialect.pysigma_values => {
            Value::Regex(affix.pysigma_regex(regex)?)
        }
        Value::Regex(regex) => Value::Regex(affix.regex(regex)),
        Value::FieldRef(mut reference) => {
            reference.starts_with |= after;
            reference.ends_with |= before;
            Value::FieldRef(reference)
        }
        value => return Err(Fault::kind(&value, "text")),
    })
}

impl Affix {
    fn string<'s>(self, mut pattern: Pattern<'s>, step: &Step<'_>) -> Pattern<'s> {
        let open = |part: Option<&Part<'_>>, star: fn(&str) -> bool| match part {
            Some(Part::Any) => true,
            // A raw string's wildcard is still a character of it.
            Some(Part::Literal(text)) => step.dialect.raw_strings && star(text),
            _ => false,
        };
        if self.before && !open(pattern.parts.first(), |text| text.starts_with('*')) {
            pattern.parts.insert(0, Part::Any);
        }
        if self.after && !open(pattern.parts.last(), |text| text.ends_with('*')) {
            pattern.parts.push(Part::Any);
        }
        pattern
    }

    fn regex(self, regex: Regex<'_>) -> Regex<'_> {
        if self.before && self.after {
            return regex;
        }
        let alternation = regex.pattern.literals().any(|text| text.contains('|'));
        let (open, close) = match (self.after, alternation) {
            (true, true) => ("^(?:", ")"),
            (true, false) if begins(&regex.pattern, "^") => ("", ""),
            (true, false) => ("^", ""),
            (false, true) => ("(?:", ")$"),
            (false, false) if ends(&regex.pattern, "$") => ("", ""),
            (false, false) => ("", "$"),
        };
        surrounded(regex, open, close)
    }

    fn pysigma_regex(self, regex: Regex<'_>) -> Result<Regex<'_>, Fault> {
        if regex.pattern.parts.is_empty() {
            return Err(Fault::Value(
                Code::ModifierValue,
                "expected a regular expression, found none".to_owned(),
                "write the regular expression, or remove the item".to_owned(),
            ));
        }
        // `.*` would make an expression of these; the reference compiles them without it first.
        let text = regex.pattern.parts.last().map(|part| match part {
            Part::Literal(text) | Part::Placeholder(text) => text.as_ref(),
            Part::Any | Part::One => "",
        });
        let slashes = text.map_or(0, |text| text.len() - text.trim_end_matches('\\').len());
        let quantified = ["*", "+", "?"]
            .iter()
            .any(|sign| begins(&regex.pattern, sign));
        if quantified || slashes % 2 == 1 {
            return Err(Fault::Value(
                Code::InvalidRegex,
                "regular expression is not valid without the `.*` around it".to_owned(),
                "write a literal `*`, `+`, `?` or backslash with a backslash before it".to_owned(),
            ));
        }
        let open = self.before && !begins(&regex.pattern, ".*") && !begins(&regex.pattern, "^");
        let close = self.after && !ends(&regex.pattern, ".*") && !ends(&regex.pattern, "$");
        let around = |wanted| if wanted { ".*" } else { "" };
        Ok(surrounded(regex, around(open), around(close)))
    }
}

fn begins(pattern: &Pattern<'_>, text: &str) -> bool {
    matches!(pattern.parts.first(), Some(Part::Literal(first)) if first.starts_with(text))
}

fn ends(pattern: &Pattern<'_>, text: &str) -> bool {
    matches!(pattern.parts.last(), Some(Part::Literal(last)) if last.ends_with(text))
}

fn surrounded<'s>(regex: Regex<'s>, open: &'static str, close: &'static str) -> Regex<'s> {
    let mut pattern = Pattern::literal(open);
    for part in regex.pattern.parts {
        pattern.push(part);
    }
    pattern.push(Part::Literal(close.into()));
    Regex {
        pattern,
        flags: regex.flags,
    }
}
