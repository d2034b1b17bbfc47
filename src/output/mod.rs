//! From queries to what a user keeps: the text of a format, and documents of many queries.
//!
//! In: a [`Query`] with its rule, and a [`Format`] of the backend. Out: the query's text
//! ([`text`]), and for formats that have one the document around the texts ([`Documents`]).

mod bounds;
pub mod correlation;
#[cfg_attr(not(feature = "documents"), path = "document/none.rs")]
mod document;
mod entry;
#[cfg(feature = "documents")]
mod functions;
#[cfg(feature = "documents")]
mod guid;
mod lines;
#[cfg(feature = "documents")]
mod names;
#[cfg(feature = "documents")]
mod python;
#[cfg(feature = "documents")]
mod scans;
#[cfg(feature = "documents")]
mod threat;
#[cfg(feature = "documents")]
mod view;

pub use bounds::{bounds, fields};
pub use document::Documents;
pub use entry::DocumentEntry;
pub use lines::{QueryLines, lines};

use crate::backend::template::{RuleText, Slot, Template};
use crate::backend::{Backend, Format};
use crate::emit::{Query, Settings};
use crate::rule::Rule;
use std::collections::BTreeMap;

/// The text of a query in a format that has no document, or inside its document.
#[must_use]
pub fn text(
    query: &Query,
    rule: &Rule<'_>,
    backend: &Backend,
    format: &Format,
    settings: &Settings,
) -> String {
    let core = core(query, backend, format, settings);
    let template = match &format.query_with_fields {
        Some(with_fields) if !rule.fields.is_empty() => with_fields,
        _ => &format.query,
    };
    let mut text = String::with_capacity(core.len() + 64);
    let mut slots =
        |slot, out: &mut String| fill_slot(slot, rule, backend, (format, settings), &core, out);
    fill(template, settings, &mut text, &mut slots);
    for (option, behind) in &format.behind {
        if !settings.at(*option).is_empty() {
            fill(behind, settings, &mut text, &mut slots);
        }
    }
    let Some(literal) = &format.literal else {
        return text;
    };
    let mut escaped = String::with_capacity(text.len() + 32);
    match literal.write_text(&text, &mut escaped) {
        Ok(()) => escaped,
        Err(_) => text,
    }
}

/// The format's `texts`, filled in for a query.
#[must_use]
pub fn texts(
    query: &Query,
    rule: &Rule<'_>,
    backend: &Backend,
    format: &Format,
    settings: &Settings,
) -> BTreeMap<String, String> {
    if format.texts.is_empty() {
        return BTreeMap::new();
    }
    let core = core(query, backend, format, settings);
    let texts = format.texts.iter().map(|(name, template)| {
        let mut text = String::new();
        fill(template, settings, &mut text, |slot, out| {
            fill_slot(slot, rule, backend, (format, settings), &core, out);
        });
        (name.clone(), text)
    });
    texts.collect()
}

/// What `{query}` stands for.
fn core(query: &Query, backend: &Backend, format: &Format, settings: &Settings) -> String {
    let mut core = String::with_capacity(query.search.len() + query.after.len() + 32);
    if query.before.is_empty() {
        frame(backend, settings, &query.search, &mut core);
    } else if let Some((leading, rest)) = query.hoisted.as_ref().filter(|_| format.hoist) {
        core.push_str(leading);
        core.push_str(&query.before);
        core.push_str(&query.resume);
        core.push_str(rest);
    } else {
        core.push_str(&query.before);
        core.push_str(&query.resume);
        core.push_str(&query.search);
    }
    if !backend.filter.as_ref().is_some_and(|filter| filter.apart) {
        core.push_str(&query.after);
    }
    core
}

/// Fills a slot of a format's templates.
fn fill_slot(
    slot: Slot,
    rule: &Rule<'_>,
    backend: &Backend,
    (format, settings): (&Format, &Settings),
    core: &str,
    out: &mut String,
) {
    match slot {
        Slot::Query => out.push_str(core),
        Slot::Rule(text) => rule_text(rule, text, backend, out),
        Slot::OptionName(option) => backend.query.field.write_dotted(settings.at(option), out),
        Slot::OptionNames(option) => names(rule, backend, settings, option, out),
        Slot::Fields => {
            for (at, field) in rule.fields.iter().enumerate() {
                if at > 0 {
                    out.push_str(&format.field_separator);
                }
                if format.raw_fields {
                    out.push_str(field);
                } else {
                    backend.query.field.write(field, out);
                }
            }
        }
        _ => {}
    }
}

/// A text of the rule in the backend's first literal; without what that can't hold.
fn rule_text(rule: &Rule<'_>, text: RuleText, backend: &Backend, out: &mut String) {
    let text = match text {
        RuleText::Id => rule.id.as_ref(),
        RuleText::Title => Some(&rule.title),
        RuleText::Level => rule.level.as_ref(),
        RuleText::Label => rule.id.as_ref().or(Some(&rule.title)),
    };
    let text = text.map(|text| text.value.as_ref()).unwrap_or_default();
    let Some(literal) = backend.query.literals.first() else {
        return out.push_str(text);
    };
    let start = out.len();
    if literal.write_text(text, out).is_err() {
        out.truncate(start);
        let kept: String = text
            .chars()
            .filter(|c| {
                literal
                    .write_text(c.encode_utf8(&mut [0; 4]), &mut String::new())
                    .is_ok()
            })
            .collect();
        let _ = literal.write_text(&kept, out);
    }
}

/// The names of a list of columns: those of the table, or `fields` for the rule's, wherever they lie.
fn names(rule: &Rule<'_>, backend: &Backend, settings: &Settings, option: usize, out: &mut String) {
    let field = &backend.query.field;
    let of_rule = settings.at(option).trim() == "fields";
    if of_rule && rule.fields.is_empty() {
        return out.push('*');
    }
    let fields = rule.fields.iter().map(|field| field.value.as_ref());
    let fields = fields.filter(|_| of_rule);
    let columns = settings.names(option).filter(|_| !of_rule);
    for (at, name) in fields.chain(columns).enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        match name {
            "*" => out.push('*'),
            name if of_rule => {
                let within = settings.within(name, backend);
                field.write_place(name, |option| settings.at(option), within, out);
            }
            name => field.write(name, out),
        }
    }
}

fn frame(backend: &Backend, settings: &Settings, search: &str, out: &mut String) {
    let mut frames = backend.frames.iter();
    let Some(frame) = frames.find(|frame| settings.are(&frame.when)) else {
        return out.push_str(search);
    };
    fill(&frame.text, settings, out, |slot, out| {
        if slot == Slot::Query {
            out.push_str(search);
        }
    });
}

fn fill(
    template: &Template,
    settings: &Settings,
    out: &mut String,
    mut fill: impl FnMut(Slot, &mut String),
) {
    let written: Result<(), std::convert::Infallible> = template.write(out, |slot, out| {
        match slot {
            Slot::Option(option) => out.push_str(settings.at(option)),
            slot => fill(slot, out),
        }
        Ok(())
    });
    let Ok(()) = written;
}
