//! From queries to what a user keeps: the text of a format, and documents of many queries.
//!
//! In: a [`Query`] with its rule, and a [`Format`] of the backend. Out: the query's text
//! ([`text`]), and for formats that have one the document around the texts ([`Documents`]).

mod document;
mod functions;
mod hoist;
mod threat;

pub use document::{Documents, Entry, RuleFacts};

use crate::backend::template::{Slot, Template};
use crate::backend::{Backend, Format};
use crate::emit::{Query, Settings};
use crate::rule::Rule;

/// The text of a query in a format that has no document, or inside its document.
#[must_use]
pub fn text(
    query: &Query,
    rule: &Rule<'_>,
    backend: &Backend,
    format: &Format,
    settings: &Settings,
) -> String {
    let mut core = String::with_capacity(query.search.len() + query.after.len() + 32);
    if query.before.is_empty() {
        frame(backend, settings, &query.search, &mut core);
    } else if format.hoist {
        let (leading, rest) = hoist::split(&query.search, &query.computed);
        core.push_str(&leading);
        core.push_str(&query.before);
        core.push_str(&query.resume);
        core.push_str(rest);
    } else {
        core.push_str(&query.before);
        core.push_str(&query.resume);
        core.push_str(&query.search);
    }
    core.push_str(&query.after);
    let template = match &format.query_with_fields {
        Some(with_fields) if !rule.fields.is_empty() => with_fields,
        _ => &format.query,
    };
    let mut text = String::with_capacity(core.len() + 64);
    fill(template, settings, &mut text, |slot, out| match slot {
        Slot::Query => out.push_str(&core),
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
    });
    let Some(literal) = &format.literal else {
        return text;
    };
    let mut escaped = String::with_capacity(text.len() + 32);
    match literal.write_text(&text, &mut escaped) {
        Ok(()) => escaped,
        Err(_) => text,
    }
}

fn frame(backend: &Backend, settings: &Settings, search: &str, out: &mut String) {
    fill(&backend.frame, settings, out, |slot, out| {
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
