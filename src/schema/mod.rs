//! The columns of tables, as people can export them.
//!
//! In: the text of a mapping, of `CREATE TABLE`, of a table of columns, or a list of our own. Out: a
//! [`Schema`], each column with the type that the export calls it by. What kind of text it is its
//! content tells. `docs/schemas.md` has an example of each.

mod mapping;
mod plain;
mod rows;
#[cfg(feature = "schemas")]
mod sql;

use crate::diagnostic::{Code, Diagnostic};
use crate::embedded::typed_columns;
use serde_json::Value;
use std::collections::HashMap;

/// The columns of tables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schema {
    /// Tables in the order of the text.
    pub tables: Vec<Table>,
    /// Where each of them is.
    places: HashMap<Option<String>, usize>,
}

/// A table, an index, or what stands for several of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Its name, or a pattern of names with `*`; `None`: the text has no name for it.
    pub name: Option<String>,
    /// Its columns, in the order of the text.
    pub columns: Vec<Column>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name; of a nested field with dots.
    pub name: String,
    /// Its type as the text calls it, in lower case and without what is in parentheses:
    /// `character varying`, `normalized` for a keyword that is stored in lower case. Empty: it has
    /// none.
    pub kind: String,
}

impl Schema {
    /// Reads the text of an exported schema.
    ///
    /// # Errors
    /// `VS1301`: it is of no kind that is known, or not well-formed; `VS1302`: it has no columns.
    pub fn read(text: &str) -> Result<Self, Diagnostic> {
        let start = text.trim_start_matches('\u{FEFF}').trim_start();
        let schema = match start.chars().next() {
            Some('{' | '[') if !is_toml(start) => json(start)?,
            _ if start.starts_with(SHOWN) => sql_tables(&shown(start))?,
            _ if is_sql(start) => sql_tables(start)?,
            _ if rows::is_table(start) => rows::of_text(start)?,
            _ => plain::tables(start)?,
        };
        if schema.tables.iter().all(|table| table.columns.is_empty()) {
            let error = Diagnostic::error(Code::NoColumns, "the schema has no columns");
            return Err(error.help("give one of the exports that docs/schemas.md shows"));
        }
        Ok(schema)
    }

    /// Reads what comes with a target.
    #[must_use]
    pub fn of_lines(text: &str) -> Self {
        let mut schema = Self::default();
        for [table, kind, column] in typed_columns(text) {
            schema.table(Some(table)).add(column, kind);
        }
        schema
    }

    /// The table of that name, made where it is not there yet.
    fn table(&mut self, name: Option<&str>) -> &mut Table {
        let name = name.map(str::to_owned);
        let at = *self.places.entry(name).or_insert_with_key(|name| {
            self.tables.push(Table {
                name: name.clone(),
                columns: Vec::new(),
            });
            self.tables.len() - 1
        });
        &mut self.tables[at]
    }
}

impl Table {
    fn add(&mut self, name: impl Into<String>, kind: &str) {
        let (name, kind) = (name.into(), base(kind));
        self.columns.push(Column { name, kind });
    }

    /// Adds a column, and the fields that its type names: `STRUCT(name VARCHAR, pid BIGINT)`.
    fn add_with_fields(&mut self, name: &str, kind: &str) {
        #[cfg(feature = "schemas")]
        sql::add_column(self, name, kind);
        #[cfg(not(feature = "schemas"))]
        self.add(name, kind);
    }
}

fn wrong(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::UnreadableSchema, message)
        .help("give one of the exports that docs/schemas.md shows")
}

/// Does the text begin with the header of a table of TOML, `[tables.logs]`?
fn is_toml(text: &str) -> bool {
    let header = text.strip_prefix('[').map(str::trim_start);
    header.is_some_and(|header| header.starts_with("tables") || header.starts_with("columns"))
}

/// The header of `mysql -e 'SHOW CREATE TABLE logs'`.
const SHOWN: &str = "Table\tCreate Table";

/// The statements of such a text, whose line ends and tabs are written as escapes.
fn shown(text: &str) -> String {
    let rows = text.lines().skip(1);
    let statements = rows.filter_map(|row| Some(row.split_once('\t')?.1));
    let statements: Vec<_> = statements
        .map(|statement| statement.replace("\\n", "\n").replace("\\t", "\t"))
        .collect();
    statements.join(";\n")
}

/// Does a statement create a table, or does the text begin as scripts do?
fn is_sql(text: &str) -> bool {
    let lines = text.lines().map(str::trim);
    // Lines of `psql` begin with a backslash: `\restrict TOKEN`.
    let mut lines =
        lines.filter(|line| !line.is_empty() && !line.starts_with("--") && !line.starts_with('\\'));
    let first = lines.next().unwrap_or_default().to_lowercase();
    let words = ["create", "set", "use", "drop", "begin", "alter", "/*"];
    let begins = words.iter().any(|word| {
        let rest = first.strip_prefix(word);
        rest.is_some_and(|rest| *word == "/*" || rest.starts_with([' ', '\t']) || rest.is_empty())
    });
    begins || text.split([';', '\n']).any(creates_table)
}

/// Does a statement begin with `CREATE TABLE`, `CREATE TEMPORARY TABLE` or the like?
fn creates_table(statement: &str) -> bool {
    let mut words = statement.split_ascii_whitespace().take(5);
    let first = words.next();
    first.is_some_and(|word| word.eq_ignore_ascii_case("create"))
        && words.any(|word| word.eq_ignore_ascii_case("table"))
}

#[cfg(feature = "schemas")]
fn sql_tables(text: &str) -> Result<Schema, Diagnostic> {
    sql::tables(text)
}

#[cfg(not(feature = "schemas"))]
fn sql_tables(_: &str) -> Result<Schema, Diagnostic> {
    Err(wrong("statements of SQL need the feature `schemas`"))
}

fn json(text: &str) -> Result<Schema, Diagnostic> {
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        // Several values, a line each: rows as they are exported.
        Err(error) => serde_json::Deserializer::from_str(text)
            .into_iter()
            .collect::<Result<Vec<Value>, _>>()
            .map(Value::Array)
            .map_err(|_| wrong(format!("the schema is not JSON: {error}")))?,
    };
    if let Some(schema) = rows::of_json(&value) {
        return Ok(schema);
    }
    Ok(mapping::tables(&value))
}

/// A type without what is in parentheses and what wraps it: `varchar(255)` is `varchar`, and
/// `Nullable(String)` is `string`. A list is its elements' type and `[]`: `array(varchar)` is
/// `varchar[]`.
fn base(kind: &str) -> String {
    let lowered = kind.trim().to_lowercase();
    let (mut value, mut lists) = (lowered.as_str(), String::new());
    // A list of lists of lists is as unknown to every target as one of lists.
    for _ in 0..2 {
        if let Some(element) = element(value) {
            value = element;
            lists.push_str("[]");
        }
    }
    base_of_value(value) + &lists
}

/// What a list is of: `varchar` of `array(varchar)`, nothing of `array`.
fn element(kind: &str) -> Option<&str> {
    let rest = ["array", "list"]
        .iter()
        .find_map(|list| kind.strip_prefix(list))?;
    let inner = |open, close| rest.strip_prefix(open)?.strip_suffix(close);
    let none = Some(rest).filter(|rest| rest.is_empty());
    let inner = none.or_else(|| inner('(', ')')).or_else(|| inner('<', '>'));
    inner.map(str::trim)
}

fn base_of_value(kind: &str) -> String {
    let mut value = kind;
    while let Some(inner) = wrapped(value) {
        value = inner;
    }
    let mut out = String::with_capacity(value.len());
    let mut depth = 0_usize;
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        match c {
            '(' | '<' => depth += 1,
            ')' | '>' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            '"' | '`' => {}
            // A name of SQL Server, `[int]`, or a list: `[]`, and `[3]` of so many elements.
            '[' => {
                let inner: String = rest.by_ref().take_while(|c| *c != ']').collect();
                let is_list = inner.bytes().all(|byte| byte.is_ascii_digit());
                out.push_str(if is_list { "[]" } else { &inner });
            }
            c => out.push(c),
        }
    }
    let words: Vec<&str> = out.split_whitespace().collect();
    let name = words.join(" ");
    match name.split_once('.') {
        // Kusto's types have names of .NET, others may have that of their schema: `public.citext`.
        Some((schema, _)) if schema != "system" => {
            let last = name.rsplit('.').next().unwrap_or_default();
            last.to_owned()
        }
        _ => name,
    }
}

/// The type that a wrapper of ClickHouse is about.
fn wrapped(kind: &str) -> Option<&str> {
    let wrappers = [
        "nullable(",
        "lowcardinality(",
        "simpleaggregatefunction(any, ",
    ];
    let mut inner = wrappers
        .iter()
        .filter_map(|wrapper| kind.strip_prefix(wrapper));
    let inner = inner.next()?;
    Some(inner.strip_suffix(')').unwrap_or(inner).trim())
}

#[cfg(test)]
mod tests;
