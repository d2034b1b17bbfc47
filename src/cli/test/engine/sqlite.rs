//! SQLite, embedded (feature `sqlite`).
//!
//! In: a table and a query. Out: the numbers of the events that the query finds. Columns are `TEXT`.

use super::table::{NUMBER, Table};
use regex::{Regex, RegexBuilder};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, Error, params_from_iter};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A compiled regular expression takes no more memory than this.
const MAX_REGEX_BYTES: usize = 32 << 20;

/// Makes the table in memory and runs the query.
pub(super) fn ask(table: &Table, query: &str) -> Result<BTreeSet<usize>, String> {
    run(table, query).map_err(|error| error.to_string())
}

fn run(table: &Table, query: &str) -> rusqlite::Result<BTreeSet<usize>> {
    let connection = Connection::open_in_memory()?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("regexp", 2, flags, regexp)?;
    let mut create = format!("CREATE TABLE logs ({NUMBER} INTEGER");
    for column in &table.columns {
        let _ = write!(create, ", `{}` TEXT", column.replace('`', "``"));
    }
    create.push(')');
    connection.execute(&create, [])?;
    let marks = vec!["?"; table.columns.len() + 1].join(", ");
    connection.execute_batch("BEGIN")?;
    let mut insert = connection.prepare(&format!("INSERT INTO logs VALUES ({marks})"))?;
    for row in &table.rows {
        let number = Some(row.event.to_string());
        insert.execute(params_from_iter(
            std::iter::once(&number).chain(&row.values),
        ))?;
    }
    let mut select = connection.prepare(query)?;
    let found = select.query_map([], |row| row.get(0))?;
    found.collect()
}

/// `text REGEXP pattern`, compiled once a query. What is missing matches nothing.
fn regexp(context: &Context<'_>) -> rusqlite::Result<Option<bool>> {
    let regex = context.get_or_create_aux(0, |pattern| -> Result<Regex, Error> {
        RegexBuilder::new(pattern.as_str()?)
            .size_limit(MAX_REGEX_BYTES)
            .build()
            .map_err(|error| Error::UserFunctionError(Box::new(error)))
    })?;
    let text: Option<String> = context.get(1)?;
    Ok(text.map(|text| regex.is_match(&text)))
}
