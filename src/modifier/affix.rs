//! `contains`, `startswith`, `endswith`.
//!
//! `Image|endswith: '\cmd.exe'` gives `*\cmd.exe`. A regular expression is unanchored as it is:
//! `startswith` and `endswith` anchor it, alternations grouped.

use super::fault::ModifierFault;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{Item, Modifier, Part, Pattern, Regex, Value};

/// A keyword is searched anywhere: it has no beginning and no end to hold on to.
pub(super) fn of_keyword(item: &Item<'_>) -> Option<Diagnostic> {
    if item.field.is_some() {
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

/// A value with anything before or after it.
pub(crate) fn affix(
    value: Value<'_>,
    before: bool,
    after: bool,
) -> Result<Value<'_>, ModifierFault> {
    Ok(match value {
        Value::String(pattern) => Value::String(string(pattern, before, after)),
        Value::Cased(pattern) => Value::Cased(string(pattern, before, after)),
        Value::Number(number) => {
            Value::String(string(Pattern::literal(number.text), before, after))
        }
        Value::Regex(expression) => Value::Regex(regex(expression, before, after)),
        Value::FieldRef(mut reference) => {
            reference.starts_with |= after;
            reference.ends_with |= before;
            Value::FieldRef(reference)
        }
        value => return Err(ModifierFault::kind(&value, "text")),
    })
}

fn string(mut pattern: Pattern<'_>, before: bool, after: bool) -> Pattern<'_> {
    if before && pattern.parts.first() != Some(&Part::Any) {
        pattern.parts.insert(0, Part::Any);
    }
    if after && pattern.parts.last() != Some(&Part::Any) {
        pattern.parts.push(Part::Any);
    }
    pattern
}

fn regex(regex: Regex<'_>, before: bool, after: bool) -> Regex<'_> {
    if before && after {
        return regex;
    }
    let alternation = regex.pattern.literals().any(|text| text.contains('|'));
    let (open, close) = match (after, alternation) {
        (true, true) => ("^(?:", ")"),
        (true, false) if begins(&regex.pattern, "^") => ("", ""),
        (true, false) => ("^", ""),
        (false, true) => ("(?:", ")$"),
        (false, false) if ends(&regex.pattern, "$") => ("", ""),
        (false, false) => ("", "$"),
    };
    surrounded(regex, open, close)
}

pub(crate) fn begins(pattern: &Pattern<'_>, text: &str) -> bool {
    matches!(pattern.parts.first(), Some(Part::Literal(first)) if first.starts_with(text))
}

pub(crate) fn ends(pattern: &Pattern<'_>, text: &str) -> bool {
    matches!(pattern.parts.last(), Some(Part::Literal(last)) if last.ends_with(text))
}

pub(crate) fn surrounded<'s>(
    regex: Regex<'s>,
    open: &'static str,
    close: &'static str,
) -> Regex<'s> {
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
