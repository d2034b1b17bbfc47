//! `[formats.NAME]`: what a query is printed as.

use super::{Context, literal};
use crate::backend::Format;
use crate::backend::template::Template;
use crate::profile::Profile;
use crate::table::read::Reader;

/// Reads the formats, in the order written. The first is the default.
pub(super) fn formats(file: Reader<'_>, context: &Context<'_>) -> Vec<Format> {
    file.tables("formats", |name, reader| format(name, *reader, context))
}

fn format(name: &str, reader: Reader<'_>, context: &Context<'_>) -> Format {
    Format {
        name: name.to_owned(),
        title: reader.owned("title"),
        extension: reader.text("extension").map(str::to_owned),
        query: context.template(reader, "query", "{query}"),
        query_with_fields: context.template_with(reader, "query_with_fields", &[]),
        behind: behind(reader, context),
        field_separator: reader.text("field_separator").unwrap_or(",").to_owned(),
        raw_fields: reader.flag("raw_fields"),
        literal: reader.table("literal").map(literal::alone),
        profile: reader.text("profile").and_then(Profile::from_name),
        document: reader.text("document").map(str::to_owned),
        texts: texts(reader, context),
        with: reader.owned_pairs("with"),
        whole: reader.flag("whole"),
        statement: reader.flag("statement"),
        bounds: reader.owned_texts("bounds"),
        needs: reader.owned_texts("needs"),
        hoist: reader.flag("hoist"),
        no_correlations: reader.text("no_correlations").map(str::to_owned),
        several: reader.text("several").map(str::to_owned),
        paired: reader.text("paired").map(str::to_owned),
        filters: reader.flag("filters"),
    }
}

/// The texts that follow the query: tables with an `option` and a `text`.
fn behind(reader: Reader<'_>, context: &Context<'_>) -> Vec<(usize, Template)> {
    let tables = reader.list_of_tables("behind").into_iter();
    let texts = tables.filter_map(|table| {
        let option = context.option(table, "option")?;
        Some((option, context.template(table, "text", "")))
    });
    texts.collect()
}

/// Templates that each query fills in, by their names.
fn texts(reader: Reader<'_>, context: &Context<'_>) -> Vec<(String, Template)> {
    let texts = reader.pairs("texts");
    let texts = texts.map(|(name, text)| (name.to_owned(), context.compile(text, &[])));
    texts.collect()
}
