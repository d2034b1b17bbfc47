//! SQLite, embedded (feature `sqlite`).
//!
//! In: a table and a query. Out: the numbers of the events that the query finds, or the groups and
//! instants at which a correlation fires. Columns are `TEXT`.

use super::EngineFiring;
use super::table::{NUMBER, TIME, Table};
use regex::{Regex, RegexBuilder};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::Value;
use rusqlite::{Connection, Error, params_from_iter};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A compiled regular expression takes no more memory than this.
const MAX_REGEX_BYTES: usize = 32 << 20;

/// Makes the table in memory and runs the query.
pub(super) fn ask(table: &Table, query: &str) -> Result<BTreeSet<usize>, String> {
    run(table, query).map_err(|error| error.to_string())
}

/// The same for the query of a correlation: columns of the group, then the instant.
pub(super) fn firings(
    table: &Table,
    query: &str,
    count: usize,
) -> Result<Vec<EngineFiring>, String> {
    correlate(table, query, count).map_err(|error| error.to_string())
}

fn run(table: &Table, query: &str) -> rusqlite::Result<BTreeSet<usize>> {
    let connection = filled(table)?;
    let mut select = connection.prepare(query)?;
    let found = select.query_map([], |row| row.get(0))?;
    found.collect()
}

fn correlate(table: &Table, query: &str, count: usize) -> rusqlite::Result<Vec<EngineFiring>> {
    let connection = filled(table)?;
    let mut select = connection.prepare(query)?;
    let found = select.query_map([], |row| {
        let group = (0..count).map(|at| row.get::<_, Value>(at).map(text));
        Ok(EngineFiring {
            at: row.get(count)?,
            group: group.collect::<rusqlite::Result<_>>()?,
        })
    })?;
    found.collect()
}

/// A value's text.
fn text(value: Value) -> String {
    match value {
        Value::Null | Value::Blob(_) => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text,
    }
}

/// A database with the table.
fn filled(table: &Table) -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("regexp", 2, flags, regexp)?;
    let mut create = format!("CREATE TABLE logs ({NUMBER} INTEGER");
    if table.has_time {
        let _ = write!(create, ", {TIME} INTEGER");
    }
    for column in &table.columns {
        let _ = write!(create, ", `{}` TEXT", column.replace('`', "``"));
    }
    create.push(')');
    connection.execute(&create, [])?;
    let own = 1 + usize::from(table.has_time);
    let marks = vec!["?"; table.columns.len() + own].join(", ");
    connection.execute_batch("BEGIN")?;
    let mut insert = connection.prepare(&format!("INSERT INTO logs VALUES ({marks})"))?;
    for row in &table.rows {
        let number = Some(row.event.to_string());
        let at = row.at.map(|at| at.to_string());
        let at = table.has_time.then_some(&at);
        insert.execute(params_from_iter(
            std::iter::once(&number).chain(at).chain(&row.values),
        ))?;
    }
    drop(insert);
    Ok(connection)
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
