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
    let options = reader.table("regex_by");
    let options = options.iter().flat_map(Reader::entries);
    let dialects = options.flat_map(|(name, place, entry)| {
        let option = context.option(reader, "regex_by", name, *place);
        let values = match &entry.value {
            Tree::Table(values) => values.entries.as_slice(),
            _ => &[],
        };
        values.iter().filter_map(move |(value, _, entry)| {
            Some((option?, value.clone(), from_entry(reader, entry)?))
        })
    });
    dialects.collect()
}

/// What the shape of the table lets pass is a dialect; whatever is not is noted all the same.
fn from_entry(reader: &Reader<'_>, entry: &Entry) -> Option<RegexDialect> {
    let Tree::Table(table) = &entry.value else {
        return None;
    };
    let dialect = RegexDialect::from_table(&plain(table));
    let noted = |message| reader.wrong(entry.place, format!("`regex`: {message}"));
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
