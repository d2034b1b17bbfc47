//! Tables of columns, a row for each: `information_schema.columns`, `getschema`, `fieldsummary`, as
//! CSV, TSV or JSON.

use super::{Schema, wrong};
use crate::diagnostic::Diagnostic;
use serde_json::Value;

/// What a row calls a column's table, name and type, in lower case and without `_`.
const TABLES: [&str; 2] = ["tablename", "table"];
const NAMES: [&str; 3] = ["columnname", "name", "field"];
const TYPES: [&str; 3] = ["datatype", "columntype", "type"];

/// Is it a table with a header that has such names?
pub(super) fn is_table(text: &str) -> bool {
    let header = text.lines().next().unwrap_or_default();
    let names: Vec<String> = split(header).iter().map(|name| key(name)).collect();
    let has = |known: &[&str]| {
        known
            .iter()
            .any(|known| names.iter().any(|name| name == known))
    };
    names.len() > 1 && has(&NAMES) && (has(&TYPES) || has(&["numericcount"]))
}

/// The separator of a header.
fn separator(header: &str) -> char {
    let most = ['\t', ';', '|'].into_iter();
    let mut most = most.filter(|separator| header.contains(*separator) && !header.contains(','));
    most.next().unwrap_or(',')
}

fn split(header: &str) -> Vec<&str> {
    let parts = header.split(separator(header));
    parts.map(|part| part.trim().trim_matches('"')).collect()
}

fn key(name: &str) -> String {
    name.to_lowercase().replace(['_', ' '], "")
}

/// The columns of such a text.
#[cfg(feature = "schemas")]
pub(super) fn of_text(text: &str) -> Result<Schema, Diagnostic> {
    let header = text.lines().next().unwrap_or_default();
    let names: Vec<String> = split(header).into_iter().map(key).collect();
    let mut schema = Schema::default();
    let mut rows = csv::ReaderBuilder::new();
    let mut rows = rows
        .delimiter(separator(header) as u8)
        .from_reader(text.as_bytes());
    for row in rows.records() {
        let row = row.map_err(|error| wrong(format!("the table can't be read: {error}")))?;
        let cell = |keys: &[&str]| {
            let mut keys = keys.iter();
            keys.find_map(|key| {
                let at = names.iter().position(|name| name == key)?;
                let cell = row.get(at)?.trim();
                Some(cell.to_owned()).filter(|cell| !cell.is_empty())
            })
        };
        add(&mut schema, cell);
    }
    Ok(schema)
}

#[cfg(not(feature = "schemas"))]
pub(super) fn of_text(_: &str) -> Result<Schema, Diagnostic> {
    Err(wrong("a table of columns needs the feature `schemas`"))
}

/// The columns of JSON that has a row for each, in an array or in what answers wrap it in.
pub(super) fn of_json(value: &Value) -> Option<Schema> {
    let rows = match value {
        Value::Array(rows) => rows,
        Value::Object(object) => ["results", "rows", "data"]
            .iter()
            .find_map(|key| object.get(*key)?.as_array())?,
        _ => return None,
    };
    let mut schema = Schema::default();
    for row in rows {
        // Splunk wraps each row.
        let row = row.get("result").unwrap_or(row).as_object()?;
        let cell = |keys: &[&str]| {
            let mut keys = keys.iter();
            keys.find_map(|wanted| {
                let (_, value) = row.iter().find(|(name, _)| key(name) == *wanted)?;
                match value {
                    Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                }
            })
        };
        if !add(&mut schema, cell) {
            return None;
        }
    }
    Some(schema)
}

/// Adds the column of a row; `false`: it names none.
fn add(schema: &mut Schema, cell: impl Fn(&[&str]) -> Option<String>) -> bool {
    let Some(name) = cell(&NAMES) else {
        return false;
    };
    let kind = cell(&TYPES).or_else(|| {
        // `fieldsummary` tells how many of a field's values are numbers.
        let (all, numbers) = (cell(&["count"])?, cell(&["numericcount"])?);
        let is_number = all == numbers && all != "0";
        Some(if is_number { "number" } else { "string" }.to_owned())
    });
    let Some(kind) = kind else {
        return false;
    };
    let table = schema.table(cell(&TABLES).as_deref());
    table.add_with_fields(&name, &kind);
    true
}
