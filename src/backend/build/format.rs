//! `[formats.NAME]`: what a query is printed as.

use super::{Context, literal};
use crate::backend::Format;
use crate::backend::template::Template;
use crate::profile::Profile;
use crate::table::read::Reader;
use crate::table::tree::Tree;

/// Reads the formats, in the order written. The first is the default.
pub(super) fn formats(file: &Reader<'_>, context: &Context) -> Vec<Format> {
    let Some(table) = file.table("formats") else {
        file.missing("formats");
        return Vec::new();
    };
    let formats = table.entries().iter().filter_map(|(name, _, entry)| {
        let Tree::Table(keys) = &entry.value else {
            if entry.value != Tree::Bool(false) {
                table.expected("a table", &table.path(name), entry.place);
            }
            return None;
        };
        let reader = Reader::new(keys, &table.path(name), table.problems());
        let format = format(name, &reader, context);
        reader.finish();
        Some(format)
    });
    formats.collect()
}

fn format(name: &str, reader: &Reader<'_>, context: &Context) -> Format {
    let profile = reader.text_entry("profile").and_then(|(text, place)| {
        let profile = Profile::from_name(text);
        if profile.is_none() {
            let message = format!("there is no profile `{text}`");
            reader.wrong(place, message);
        }
        profile
    });
    let literal = reader.get("literal").and_then(|entry| match &entry.value {
        Tree::Table(keys) => Some(literal::alone(keys, &reader.path("literal"), reader)),
        _ => {
            reader.expected("a table", &reader.path("literal"), entry.place);
            None
        }
    });
    Format {
        name: name.to_owned(),
        title: reader.required("title").to_owned(),
        extension: reader.text("extension").map(str::to_owned),
        query: context.template(reader, "query", "{query}"),
        query_with_fields: reader
            .text("query_with_fields")
            .map(|_| context.template(reader, "query_with_fields", "")),
        behind: behind(reader, context),
        field_separator: reader.text("field_separator").unwrap_or(",").to_owned(),
        raw_fields: reader.flag("raw_fields"),
        literal,
        profile,
        document: reader.text("document").map(str::to_owned),
        with: reader
            .pairs("with")
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        whole: reader.flag("whole"),
        statement: reader.flag("statement"),
        bounds: reader
            .texts("bounds")
            .unwrap_or_default()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        needs: reader
            .texts("needs")
            .unwrap_or_default()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        hoist: reader.flag("hoist"),
        several: reader.text("several").map(str::to_owned),
        paired: reader.text("paired").map(str::to_owned),
        filters: reader.flag("filters"),
    }
}

/// `behind`: tables with an `option` and a `text`.
fn behind(reader: &Reader<'_>, context: &Context) -> Vec<(usize, Template)> {
    let Some(entry) = reader.get("behind") else {
        return Vec::new();
    };
    let Tree::List(items) = &entry.value else {
        reader.expected("a list of tables", &reader.path("behind"), entry.place);
        return Vec::new();
    };
    let texts = items.iter().filter_map(|item| {
        let Tree::Table(keys) = &item.value else {
            reader.expected("a table", &reader.path("behind"), item.place);
            return None;
        };
        let table = Reader::new(keys, &reader.path("behind"), reader.problems());
        let (name, place) = table.text_entry("option")?;
        let text = context.template(&table, "text", "");
        let behind = context.option(&table, "option", name, place)?;
        table.finish();
        Some((behind, text))
    });
    texts.collect()
}
