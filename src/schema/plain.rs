//! Our own list of columns, in TOML: `[columns]` for every table, `[tables.NAME]` for one.

use super::{Schema, wrong};
use crate::diagnostic::Diagnostic;
use toml::{Table, Value};

pub(super) fn tables(text: &str) -> Result<Schema, Diagnostic> {
    let file: Table = text.parse().map_err(|error: toml::de::Error| {
        wrong(format!("the schema can't be read: {}", error.message()))
    })?;
    let mut schema = Schema::default();
    for (key, value) in &file {
        match (key.as_str(), value) {
            ("columns", Value::Table(columns)) => add(columns, "", None, &mut schema)?,
            ("tables", Value::Table(tables)) => {
                for (name, columns) in tables {
                    let Value::Table(columns) = columns else {
                        return Err(wrong(format!(
                            "`tables.{name}`: expected a table of columns"
                        )));
                    };
                    add(columns, "", Some(name), &mut schema)?;
                }
            }
            _ => {
                return Err(wrong(format!(
                    "expected `columns` or `tables`, found `{key}`"
                )));
            }
        }
    }
    Ok(schema)
}

/// Adds the columns of a table. A name with dots that is not quoted is nested tables to TOML.
fn add(
    columns: &Table,
    before: &str,
    table: Option<&str>,
    schema: &mut Schema,
) -> Result<(), Diagnostic> {
    for (name, kind) in columns {
        let name = format!("{before}{name}");
        match kind {
            Value::String(kind) => schema.table(table).add(name, kind),
            Value::Table(inner) => add(inner, &format!("{name}."), table, schema)?,
            _ => return Err(wrong(format!("`{name}`: expected the name of a type"))),
        }
    }
    Ok(())
}
