//! `extract_fields`: a value's named groups become fields of their own.
//!
//! With `(?P<type>\w+):(?P<data>\d+)` and the prefix `reg`, `Details: Dword:1` becomes the map
//! `reg.type: Dword`, `reg.data: 1`.

use super::alternatives::{empty_item, group, opposite};
use super::string::{pattern_of, plain_of};
use super::walk::Outcome;
use super::{Pass, Transformation};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::python::regex::Regex;
use crate::pipeline::reader::Keys;
use crate::pipeline::state::State;
use crate::pipeline::text;
use crate::rule::{DetectionNode, Item, Link, Pattern, Value};
use crate::source::{Span, Spanned};
use std::borrow::Cow;

/// `extract_fields`
#[derive(Debug)]
pub struct Extract {
    regex: Regex,
    prefix: String,
    keep: bool,
}

/// Hears of a value that is dropped, beside one that is left.
type Lose<'l, 's> = &'l dyn Fn(&Spanned<Value<'s>>, Span) -> Result<(), Diagnostic>;

impl Extract {
    /// Reads it.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        let regex = keys.regex("regex", Regex::anchored)?;
        if !regex.has_names() {
            let message = "expected a named group such as `(?P<name>\\w+)`, found none";
            keys.report(Code::PipelineRegex, keys.span_of("regex"), message);
            return None;
        }
        let prefix = keys
            .text("field_prefix")
            .filter(|prefix| !prefix.is_empty());
        Some(Self {
            regex,
            prefix: prefix.map_or_else(String::new, |prefix| prefix + "."),
            keep: keys.flag("preserve_unmatched"),
        })
    }

    /// Makes items of what the expression finds; not (a and b) is not a or not b if `negated`.
    pub fn change<'s>(
        &self,
        found: &Item<'s>,
        negated: bool,
        state: &State<'s>,
        lose: Lose<'_, 's>,
    ) -> Result<Outcome<'s>, Diagnostic> {
        let mut values = found.values.iter();
        if !values.all(|value| pattern_of(&value.value).is_some()) {
            return Ok(Outcome::Unchanged);
        }
        let link = |link| if negated { opposite(link) } else { link };
        let mut nodes = Vec::new();
        let mut dropped = Vec::new();
        let mut left = None;
        for value in &found.values {
            let plain = plain_of(&value.value);
            // A backslash in front of a wildcard is written like the escape of a star.
            let has_stars = |pattern: &Pattern<'_>| {
                state.settings.items.keeps_stars()
                    && pattern.literals().any(|text| text.contains(['*', '?']))
            };
            let groups = match pattern_of(&value.value) {
                Some(pattern) if has_stars(pattern) => None,
                _ => self.regex.captures(&plain, &state.budget)?,
            };
            let Some(groups) = groups else {
                if self.keep {
                    left.get_or_insert(value.span);
                    nodes.push(item(found, found.field.clone(), value.clone(), negated));
                } else {
                    dropped.push(value);
                }
                continue;
            };
            let mut items = Vec::new();
            for (name, text) in groups {
                let Some(text) = text.filter(|text| !text.is_empty()) else {
                    continue;
                };
                // The dot after a prefix is free.
                let prefix = self.prefix.len().saturating_sub(1);
                state.budget.make(128 + prefix + name.len() + text.len())?;
                let field = format!("{}{name}", self.prefix);
                let value = Spanned::new(like(&value.value, convert(text)?, state), value.span);
                let field = Some(Cow::Owned(field));
                items.push(item(found, field, value, negated));
            }
            if !items.is_empty() {
                left.get_or_insert(value.span);
                nodes.push(group(found, link(Link::And), items));
            }
        }
        if let Some(left) = left {
            for value in dropped {
                lose(value, left)?;
            }
        }
        Ok(match nodes.len() {
            0 => Outcome::Unchanged,
            1 => Outcome::Replaced(nodes.remove(0)),
            _ => Outcome::Replaced(group(found, link(found.link), nodes)),
        })
    }
}

/// Says that a value goes: fewer events match, or, where all values have to match, more.
pub fn lose<'s>(
    found: &Item<'s>,
    value: &Spanned<Value<'s>>,
    left: Span,
    state: &State<'s>,
) -> Result<(), Diagnostic> {
    if found.link == Link::And {
        let plain = plain_of(&value.value);
        let message = format!("expected all values to match the expression, found `{plain}`");
        return Err(Diagnostic::error(Code::TransformationFailed, message)
            .at(value.span)
            .help("`preserve_unmatched: true` keeps it as it is"));
    }
    let text = "a pipeline dropped a value that its expression does not match";
    state.narrow_at(value.span, left, text)
}

fn like<'s>(old: &Value<'_>, new: Value<'s>, state: &State<'_>) -> Value<'s> {
    match new {
        Value::String(pattern) => state.settings.items.string_like(old, pattern),
        other => other,
    }
}

fn item<'s>(
    found: &Item<'s>,
    field: Option<Cow<'s, str>>,
    value: Spanned<Value<'s>>,
    negated: bool,
) -> DetectionNode<'s> {
    DetectionNode::Item(Item {
        field,
        values: vec![value],
        negated,
        ..empty_item(found.key)
    })
}

/// Null, a number or a string; what begins with a zero stays a string, for the zero's sake.
fn convert(text: &str) -> Result<Value<'static>, Diagnostic> {
    if matches!(text.to_lowercase().as_str(), "null" | "none") {
        return Ok(Value::Null);
    }
    let string = || Value::String(text::parse(text));
    if text != "0" && text.starts_with('0') {
        return Ok(string());
    }
    if let Some(number) = super::value::number(text) {
        return Ok(Value::Number(number));
    }
    match text.trim().parse::<f64>() {
        Ok(_) => {
            let message = format!("expected a finite number, found `{text}`");
            Err(Diagnostic::error(Code::TransformationFailed, message))
        }
        Err(_) => Ok(string()),
    }
}

impl Transformation for Extract {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let rules = pass.rules();
        pass.each_item(|found, state| rules.extract(self, found, state))
    }
}
