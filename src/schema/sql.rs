//! `CREATE TABLE`, in any of the dialects that `sqlparser` reads.
//!
//! Names and types of columns are read, and nothing else of a script: what a column's default or a
//! table's engine is does not matter, and expressions can be deeper than a parser's stack.

use super::{Schema, Table, wrong};
use crate::diagnostic::Diagnostic;
use sqlparser::ast::{DataType, ObjectName, StructField};
use sqlparser::dialect::{
    BigQueryDialect, ClickHouseDialect, Dialect, DuckDbDialect, GenericDialect, HiveDialect,
    MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect, SnowflakeDialect,
};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Tokenizer};

/// Types in types: the parser calls itself for each, and real tables have a handful.
const DEEPEST: usize = 32;

/// The words after which `<` begins a type's parts.
const TYPES: [Keyword; 3] = [Keyword::ARRAY, Keyword::STRUCT, Keyword::MAP];

/// The words that begin what is no column.
const CONSTRAINTS: [Keyword; 9] = [
    Keyword::CONSTRAINT,
    Keyword::PRIMARY,
    Keyword::UNIQUE,
    Keyword::FOREIGN,
    Keyword::CHECK,
    Keyword::KEY,
    Keyword::INDEX,
    Keyword::LIKE,
    Keyword::PROJECTION,
];

/// The tables that a script creates. The first dialect that can read them all does.
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
        let read = Tokenizer::new(dialect, text).tokenize();
        let read = read.map_err(|error| error.to_string());
        let read = read.and_then(|tokens| {
            if is_too_deep(&tokens) {
                return Err("their types are nested too deeply".to_owned());
            }
            let mut parser = Parser::new(dialect).with_tokens(tokens);
            schema(&mut parser).map_err(|error| error.to_string())
        });
        match read {
            Ok(schema) => return Ok(schema),
            Err(error) => first = first.or(Some(error)),
        }
    }
    let error = first.unwrap_or_default();
    Err(wrong(format!("the statements can't be read: {error}")))
}

/// Are there more types in one another than the parser should be asked for?
fn is_too_deep(tokens: &[Token]) -> bool {
    let tokens = tokens.iter();
    let mut tokens = tokens.filter(|token| !matches!(token, Token::Whitespace(_)));
    let (mut types, mut parentheses, mut arrays) = (0_usize, 0_usize, 0_usize);
    let mut after_word = false;
    tokens.any(|token| {
        match token {
            Token::Lt if after_word => types += 1,
            Token::Gt => types = types.saturating_sub(1),
            Token::ShiftRight => types = types.saturating_sub(2),
            Token::LParen => parentheses += 1,
            Token::RParen => parentheses = parentheses.saturating_sub(1),
            Token::LBracket => arrays += 1,
            Token::Comma => arrays = 0,
            Token::SemiColon => (types, parentheses, arrays) = (0, 0, 0),
            _ => {}
        }
        after_word = matches!(token, Token::Word(word) if TYPES.contains(&word.keyword));
        types > DEEPEST || parentheses > DEEPEST || arrays > DEEPEST
    })
}

fn schema(parser: &mut Parser<'_>) -> Result<Schema, ParserError> {
    let mut schema = Schema::default();
    loop {
        match parser.next_token().token {
            Token::EOF => return Ok(schema),
            Token::Word(word) if word.keyword == Keyword::CREATE => {}
            _ => continue,
        }
        // `OR REPLACE TEMPORARY TABLE`, but not `INDEX … ON table`.
        let is_table = loop {
            match parser.peek_token().token {
                Token::Word(word) if word.keyword == Keyword::TABLE => break true,
                Token::Word(word) if BEFORE_TABLE.contains(&word.keyword) => {
                    parser.advance_token();
                }
                _ => break false,
            }
        };
        if !is_table {
            continue;
        }
        parser.advance_token();
        let _ = parser.parse_keywords(&[Keyword::IF, Keyword::NOT, Keyword::EXISTS]);
        let name = name(&parser.parse_object_name(false)?);
        // `CREATE TABLE a LIKE b` has no columns of its own.
        if parser.consume_token(&Token::LParen) {
            columns(parser, schema.table(Some(&name)))?;
        }
    }
}

/// The words between `CREATE` and `TABLE`.
const BEFORE_TABLE: [Keyword; 9] = [
    Keyword::OR,
    Keyword::REPLACE,
    Keyword::TEMP,
    Keyword::TEMPORARY,
    Keyword::EXTERNAL,
    Keyword::GLOBAL,
    Keyword::LOCAL,
    Keyword::TRANSIENT,
    Keyword::UNLOGGED,
];

/// Reads columns up to the parenthesis that ends them.
fn columns(parser: &mut Parser<'_>, table: &mut Table) -> Result<(), ParserError> {
    loop {
        let first = parser.peek_token().token;
        let is_column = match &first {
            Token::RParen | Token::EOF => false,
            // A quoted name is one, whatever it is.
            Token::Word(word) => word.quote_style.is_some() || !CONSTRAINTS.contains(&word.keyword),
            _ => true,
        };
        if is_column {
            let name = parser.parse_identifier()?.value;
            match parser.peek_token().token {
                Token::Comma | Token::RParen => table.add(name, ""),
                _ => add(table, name, &parser.parse_data_type()?),
            }
        }
        if !skip_column(parser) {
            return Ok(());
        }
    }
}

/// Skips the rest of a column; `false`: it was the last.
fn skip_column(parser: &mut Parser<'_>) -> bool {
    let mut depth = 0_usize;
    loop {
        match parser.next_token().token {
            Token::EOF => return false,
            Token::LParen => depth += 1,
            Token::RParen if depth == 0 => return false,
            Token::RParen => depth -= 1,
            Token::Comma if depth == 0 => return true,
            _ => {}
        }
    }
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
