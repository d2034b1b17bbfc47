//! `extract_fields`: a value's named groups become fields of their own.
//!
//! With `(?P<type>\w+):(?P<data>\d+)` and the prefix `reg`, `Details: Dword:1` becomes the map
//! `reg.type: Dword`, `reg.data: 1`.

use super::hashes::opposite;
use super::string::{pattern_of, string_like};
use super::walk::{Outcome, each_item};
use super::{Load, Transformation};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::entry::{Entry, optional, required};
use crate::pipeline::item::ProcessingItem;
use crate::pipeline::python::regex::Regex;
use crate::pipeline::state::State;
use crate::pipeline::text;
use crate::rule::{Detection, DetectionNode, Item, Link, Rule, Value};
use crate::source::{Span, Spanned};
use std::borrow::Cow;

/// Its entry.
pub const ENTRY: Entry<Load> = Entry {
    name: "extract_fields",
    summary: "Makes fields of what named groups match in string values; values that do not match go.",
    keys: &[
        required(
            "regex",
            "a regular expression with named groups, matched from the beginning",
        ),
        optional(
            "field_prefix",
            "what stands, with a dot, before a group's name",
        ),
        optional(
            "preserve_unmatched",
            "`true`: values that do not match stay",
        ),
    ],
    load: |keys| {
        let regex = keys.regex("regex", Regex::anchored)?;
        if !regex.has_names() {
            let span = keys.node("regex")?.span;
            keys.report(
                Code::PipelineRegex,
                span,
                "expected a named group such as `(?P<name>\\w+)`, found none",
            );
            return None;
        }
        Some(Box::new(Extract {
            regex,
            prefix: keys
                .text("field_prefix")
                .filter(|prefix| !prefix.is_empty()),
            keep: keys.flag("preserve_unmatched"),
        }))
    },
};

#[derive(Debug)]
struct Extract {
    regex: Regex,
    prefix: Option<String>,
    keep: bool,
}

impl Extract {
    fn change<'s>(&self, found: &Item<'s>, state: &State<'s>) -> Result<Outcome<'s>, Diagnostic> {
        let compat = state.settings.compat;
        if !found
            .values
            .iter()
            .all(|value| pattern_of(&value.value).is_some())
        {
            return Ok(Outcome::Unchanged);
        }
        // pySigma forgets `|neq`; natively not (a and b) is not a or not b.
        let negated = found.negated && !compat;
        let link = |link| if negated { opposite(link) } else { link };
        let mut nodes = Vec::new();
        let mut dropped = Vec::new();
        let mut left = None;
        for value in &found.values {
            let plain = pattern_of(&value.value)
                .map(text::plain)
                .unwrap_or_default();
            let Some(groups) = self.regex.captures(&plain, &state.budget)? else {
                if self.keep {
                    left.get_or_insert(value.span);
                    nodes.push(DetectionNode::Item(item(
                        found,
                        found.field.clone(),
                        value.clone(),
                        negated,
                    )));
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
                let prefix = self.prefix.as_ref().map_or(0, String::len);
                state.budget.make(128 + prefix + name.len() + text.len())?;
                let field = match &self.prefix {
                    Some(prefix) => format!("{prefix}.{name}"),
                    None => name.to_owned(),
                };
                let value = Spanned::new(like(&value.value, convert(text)?, state), value.span);
                let field = Some(Cow::Owned(field));
                items.push(DetectionNode::Item(item(found, field, value, negated)));
            }
            if !items.is_empty() {
                left.get_or_insert(value.span);
                nodes.push(DetectionNode::Detection(Detection {
                    span: found.key,
                    link: link(Link::And),
                    nodes: items,
                }));
            }
        }
        if let Some(left) = left
            && !compat
        {
            for value in dropped {
                lose(found, value, left, state)?;
            }
        }
        Ok(match nodes.len() {
            0 => Outcome::Unchanged,
            1 => Outcome::Replaced(nodes.remove(0)),
            _ => Outcome::Replaced(DetectionNode::Detection(Detection {
                span: found.key,
                link: link(found.link),
                nodes,
            })),
        })
    }
}

/// Says that a value goes: fewer events match, or, where all values have to match, more.
fn lose<'s>(
    found: &Item<'s>,
    value: &Spanned<Value<'s>>,
    left: Span,
    state: &State<'s>,
) -> Result<(), Diagnostic> {
    if found.link == Link::And {
        let plain = pattern_of(&value.value)
            .map(text::plain)
            .unwrap_or_default();
        let message = format!("expected all values to match the expression, found `{plain}`");
        return Err(Diagnostic::error(Code::TransformationFailed, message)
            .at(value.span)
            .help("`preserve_unmatched: true` keeps it as it is"));
    }
    let text = "a pipeline dropped a value that its expression does not match";
    state.narrow_at(value.span, left, text)
}

/// pySigma forgets that a value minds case.
fn like<'s>(old: &Value<'_>, new: Value<'s>, state: &State<'_>) -> Value<'s> {
    match new {
        Value::String(pattern) => string_like(old, pattern, state),
        other => other,
    }
}

fn item<'s>(
    found: &Item<'s>,
    field: Option<Cow<'s, str>>,
    value: Spanned<Value<'s>>,
    negated: bool,
) -> Item<'s> {
    Item {
        field,
        key: found.key,
        modifiers: Vec::new(),
        values: vec![value],
        listed: false,
        link: Link::Or,
        negated,
        processed_by: Vec::new(),
    }
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
        Ok(_) => Err(Diagnostic::error(
            Code::TransformationFailed,
            format!("expected a finite number, found `{text}`"),
        )),
        Err(_) => Ok(string()),
    }
}

impl Transformation for Extract {
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        each_item(item, rule, state, |found, state| self.change(found, state))
    }
}
