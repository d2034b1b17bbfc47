//! `[query.regex]`: the engine's regular expressions, and `[query.regex_by.OPTION.VALUE]` for those
//! that an option chooses.

use super::Context;
use crate::backend::RegexDialect;
use crate::table::read::Reader;
use crate::table::tree::{Entry, Table, Tree};

/// Reads `regex`.
pub(super) fn dialect(reader: &Reader<'_>) -> Option<RegexDialect> {
    let entry = reader.get("regex")?;
    from_entry(reader, entry)
}

/// Reads `regex_by`.
pub(super) fn dialects_by_option(
    reader: &Reader<'_>,
    context: &Context,
) -> Vec<(usize, String, RegexDialect)> {
    let mut dialects = Vec::new();
    let Some(options) = reader.table("regex_by") else {
        return dialects;
    };
    for (name, place, entry) in options.entries() {
        let (Some(option), Tree::Table(values)) = (
            context.option(reader, "regex_by", name, *place),
            &entry.value,
        ) else {
            continue;
        };
        for (value, _, entry) in &values.entries {
            if let Some(dialect) = from_entry(reader, entry) {
                dialects.push((option, value.clone(), dialect));
            }
        }
    }
    dialects
}

fn from_entry(reader: &Reader<'_>, entry: &Entry) -> Option<RegexDialect> {
    let Tree::Table(table) = &entry.value else {
        reader.expected("a table", &reader.path("regex"), entry.place);
        return None;
    };
    let dialect = RegexDialect::from_table(&plain(table));
    if let Err(message) = &dialect {
        let message = format!("`{}`: {message}", reader.path("regex"));
        reader.wrong(entry.place, message);
    }
    dialect.ok()
}

fn plain(table: &Table) -> toml::Table {
    table
        .entries
        .iter()
        .map(|(key, _, entry)| (key.clone(), plain_value(&entry.value)))
        .collect()
}

fn plain_value(tree: &Tree) -> toml::Value {
    match tree {
        Tree::Text(text) => toml::Value::String(text.clone()),
        Tree::Integer(number) => toml::Value::Integer(*number),
        Tree::Bool(value) => toml::Value::Boolean(*value),
        Tree::List(items) => {
            toml::Value::Array(items.iter().map(|item| plain_value(&item.value)).collect())
        }
        Tree::Table(table) => toml::Value::Table(plain(table)),
    }
}
