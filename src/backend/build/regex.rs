//! `[query.regex]`: the engine's regular expressions, and `[query.regex_by.OPTION.VALUE]` for those
//! that an option chooses.

use super::Context;
use crate::backend::RegexDialect;
use crate::table::read::Reader;
use crate::table::tree::{Entry, Table, Tree};

/// Reads `regex`.
pub(super) fn dialect(reader: Reader<'_>, context: &Context<'_>) -> Option<RegexDialect> {
    from_entry(reader.entry("regex")?, context)
}

/// Reads `regex_by`.
pub(super) fn dialects_by_option(
    reader: Reader<'_>,
    context: &Context<'_>,
) -> Vec<(usize, String, RegexDialect)> {
    let dialects = reader.tables("regex_by", |option, values| {
        let option = context.option_named(option);
        let dialects = values
            .entries()
            .iter()
            .filter_map(move |(value, _, entry)| {
                Some((option?, value.clone(), from_entry(entry, context)?))
            });
        dialects.collect::<Vec<_>>()
    });
    dialects.into_iter().flatten().collect()
}

/// What the shape of the table lets pass is a dialect; whatever is not is noted all the same.
fn from_entry(entry: &Entry, context: &Context<'_>) -> Option<RegexDialect> {
    let Tree::Table(table) = &entry.value else {
        return None;
    };
    let dialect = RegexDialect::from_table(&plain(table));
    let noted = |message| context.wrong(entry.place, format!("`regex`: {message}"));
    dialect.map_err(noted).ok()
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
        Tree::Float(number) => toml::Value::String(number.clone()),
        Tree::Bool(value) => toml::Value::Boolean(*value),
        Tree::List(items) => {
            toml::Value::Array(items.iter().map(|item| plain_value(&item.value)).collect())
        }
        Tree::Table(table) => toml::Value::Table(plain(table)),
    }
}
