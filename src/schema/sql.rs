//! `CREATE TABLE`, in any of the dialects that `sqlparser` reads.

use super::{Schema, Table, wrong};
use crate::diagnostic::Diagnostic;
use sqlparser::ast::{DataType, ObjectName, Statement, StructField};
use sqlparser::dialect::{
    BigQueryDialect, ClickHouseDialect, Dialect, DuckDbDialect, GenericDialect, HiveDialect,
    MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect, SnowflakeDialect,
};
use sqlparser::parser::Parser;

/// The tables that a script creates. The first dialect in which all of it is well-formed reads it.
pub(super) fn tables(text: &str) -> Result<Schema, Diagnostic> {
    let dialects: [&dyn Dialect; 10] = [
        &GenericDialect {},
        &PostgreSqlDialect {},
        &MySqlDialect {},
        &ClickHouseDialect {},
        &DuckDbDialect {},
        &SnowflakeDialect {},
        &BigQueryDialect {},
        &MsSqlDialect {},
        &SQLiteDialect {},
        &HiveDialect {},
    ];
    let mut first = None;
    for dialect in dialects {
        match Parser::parse_sql(dialect, text) {
            Ok(statements) => return Ok(schema(statements)),
            Err(error) => first = first.or(Some(error)),
        }
    }
    let error = first.map_or_else(String::new, |error| error.to_string());
    Err(wrong(format!("the statements can't be read: {error}")))
}

fn schema(statements: Vec<Statement>) -> Schema {
    let mut schema = Schema::default();
    for statement in statements {
        if let Statement::CreateTable(table) = statement {
            let name = name(&table.name);
            let columns = schema.table(Some(&name));
            for column in &table.columns {
                add(columns, column.name.value.clone(), &column.data_type);
            }
        }
    }
    schema
}

fn name(name: &ObjectName) -> String {
    let parts = name.0.iter().filter_map(|part| part.as_ident());
    let parts: Vec<&str> = parts.map(|part| part.value.as_str()).collect();
    parts.join(".")
}

/// Adds a column, and the fields of a structure.
fn add(table: &mut Table, name: String, kind: &DataType) {
    if let DataType::Struct(fields, _) | DataType::Tuple(fields) = kind {
        for StructField {
            field_name,
            field_type,
            ..
        } in fields
        {
            if let Some(field) = field_name {
                add(table, format!("{name}.{}", field.value), field_type);
            }
        }
        return table.add(name, "struct");
    }
    table.add(name, &kind.to_string());
}
