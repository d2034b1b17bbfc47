//! Our own list of columns, in TOML: `[columns]` for every table, `[tables.NAME]` for one.

use super::{Schema, wrong};
use crate::diagnostic::Diagnostic;
use crate::table::Kind;
use crate::table::tree::{Table, Tree, parse};

pub(super) fn tables(text: &str) -> Result<Schema, Diagnostic> {
    let file = parse(text, 0, Kind::SCHEMA)
        .map_err(|error| wrong(format!("the schema can't be read: {}", error.message)))?;
    let mut schema = Schema::default();
    for (key, _, entry) in &file.entries {
        match (key.as_str(), &entry.value) {
            ("columns", Tree::Table(columns)) => add(columns, "", None, &mut schema)?,
            ("tables", Tree::Table(tables)) => {
                for (name, _, entry) in &tables.entries {
                    let Tree::Table(columns) = &entry.value else {
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
    for (name, _, entry) in &columns.entries {
        let name = format!("{before}{name}");
        match &entry.value {
            Tree::Text(kind) => schema.table(table).add_with_fields(&name, kind),
            Tree::Table(inner) => add(inner, &format!("{name}."), table, schema)?,
            _ => return Err(wrong(format!("`{name}`: expected the name of a type"))),
        }
    }
    Ok(())
}
