//! `[query.field]`: how fields are named.

use super::Context;
use crate::backend::bare::BareNames;
use crate::backend::field::{FieldNames, Inside};
use crate::table::read::Reader;

/// Reads `[query.field]`.
pub(super) fn names(reader: &Reader<'_>, context: &Context) -> FieldNames {
    let Some(field) = reader.table("field") else {
        return FieldNames {
            bare: None,
            quote: (String::new(), String::new()),
            escapes: Vec::new(),
            path: false,
            reserved: Vec::new(),
            reserved_prefix: String::new(),
            optional: String::new(),
            inside: None,
        };
    };
    let bare = field.regex("bare").map(BareNames::new);
    let quotes = field.texts("quote").unwrap_or_default();
    let open = quotes.first().copied().unwrap_or_default();
    let close = quotes.get(1).copied().unwrap_or(open);
    let escapes = field.pairs("escape").into_iter();
    let mut reserved: Vec<String> = field
        .texts("reserved")
        .unwrap_or_default()
        .into_iter()
        .map(str::to_lowercase)
        .collect();
    reserved.sort_unstable();
    let names = FieldNames {
        bare,
        quote: (open.to_owned(), close.to_owned()),
        escapes: escapes
            .filter_map(|(key, escape)| Some((key.chars().next()?, escape.to_owned())))
            .collect(),
        path: field.flag("path"),
        reserved,
        reserved_prefix: field.text("reserved_prefix").unwrap_or_default().to_owned(),
        optional: field.text("optional").unwrap_or_default().to_owned(),
        inside: field
            .table("inside")
            .and_then(|table| inside(&table, context)),
    };
    field.finish();
    names
}

fn inside(table: &Reader<'_>, context: &Context) -> Option<Inside> {
    let (name, place) = table.text_entry("option")?;
    let steps = table.texts("step").unwrap_or_default();
    let open = steps.first().copied().unwrap_or_default();
    let close = steps.get(1).copied().unwrap_or(open);
    let escapes = table.pairs("escape").into_iter();
    let inside = Inside {
        option: context.option(table, "option", name, place)?,
        text: context.template(table, "text", "{list}"),
        step: (open.to_owned(), close.to_owned()),
        separator: table.text("separator").unwrap_or_default().to_owned(),
        escapes: escapes
            .filter_map(|(key, escape)| Some((key.chars().next()?, escape.to_owned())))
            .collect(),
    };
    table.check_keys();
    Some(inside)
}
