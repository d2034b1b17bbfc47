//! `CREATE TABLE`, in any of the dialects that `sqlparser` reads.
//!
//! Names and types of columns are read, and nothing else of a script: what a column's default or a
//! table's engine is does not matter, and expressions can be deeper than a parser's stack.

use super::{Schema, Table, wrong};
use crate::diagnostic::Diagnostic;
use sqlparser::ast::ObjectName;
use sqlparser::dialect::{
    BigQueryDialect, ClickHouseDialect, Dialect, DuckDbDialect, GenericDialect, HiveDialect,
    MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect, SnowflakeDialect,
};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Tokenizer, Word};
use std::iter;

/// Types in types: the parser calls itself for each, and real tables have a handful.
const DEEPEST: usize = 32;
const TOO_DEEP: &str = "their types are nested too deeply";

/// The words after which `<` begins a type's parts.
const TYPES: [Keyword; 5] = [
    Keyword::ARRAY,
    Keyword::STRUCT,
    Keyword::MAP,
    Keyword::ROW,
    Keyword::TUPLE,
];

/// What types with fields of their own are called: `STRUCT(a INT)`, `struct<a:int>`, `ROW(a INT)`.
const STRUCTURES: [&str; 4] = ["struct", "row", "tuple", "record"];

/// The words that begin what is no column.
const CONSTRAINTS: [Keyword; 12] = [
    Keyword::CONSTRAINT,
    Keyword::PRIMARY,
    Keyword::UNIQUE,
    Keyword::FOREIGN,
    Keyword::CHECK,
    Keyword::KEY,
    Keyword::INDEX,
    Keyword::LIKE,
    Keyword::PROJECTION,
    Keyword::FULLTEXT,
    Keyword::SPATIAL,
    Keyword::EXCLUDE,
];

/// The tables that a script creates, by the first dialect that can read all types, or most.
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
    let (mut first, mut best) = (None, None);
    for dialect in dialects {
        let read = parser(dialect, text).and_then(|mut parser| {
            let mut unread = 0;
            let schema = schema(&mut parser, &mut unread).map_err(|error| error.to_string())?;
            Ok((unread, schema))
        });
        match read {
            Ok((0, schema)) => return Ok(schema),
            Ok((unread, schema)) => {
                if best.as_ref().is_none_or(|(least, _)| unread < *least) {
                    best = Some((unread, schema));
                }
            }
            Err(error) => first = first.or(Some(error)),
        }
    }
    if let Some((_, schema)) = best
        && first.as_deref() != Some(TOO_DEEP)
    {
        return Ok(schema);
    }
    let error = first.unwrap_or_default();
    Err(wrong(format!("the statements can't be read: {error}")))
}

/// Adds a column of a type that a table of columns has, with its fields.
pub(super) fn add_column(table: &mut Table, name: &str, kind: &str) {
    let is_structure = STRUCTURES.iter().any(|word| {
        let first = kind.get(..word.len());
        first.is_some_and(|first| first.eq_ignore_ascii_case(word))
    });
    let before = table.columns.len();
    if is_structure && let Ok(mut parser) = parser(&GenericDialect {}, kind) {
        match column(&mut parser, table, name, &mut 0) {
            Ok(()) => return,
            Err(_) => table.columns.truncate(before),
        }
    }
    table.add(name, kind);
}

fn parser<'d>(dialect: &'d dyn Dialect, text: &str) -> Result<Parser<'d>, String> {
    let tokens = Tokenizer::new(dialect, text).tokenize();
    let tokens = tokens.map_err(|error| error.to_string())?;
    // `>>` ends two types, and expressions are not read.
    let tokens = tokens.into_iter().flat_map(|token| match token {
        Token::ShiftRight => iter::repeat_n(Token::Gt, 2),
        token => iter::repeat_n(token, 1),
    });
    let tokens: Vec<_> = tokens.collect();
    if is_too_deep(&tokens) {
        return Err(TOO_DEEP.to_owned());
    }
    Ok(Parser::new(dialect).with_tokens(tokens))
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
            Token::LParen => parentheses += 1,
            Token::RParen => parentheses = parentheses.saturating_sub(1),
            Token::LBracket => arrays += 1,
            Token::Comma => arrays = 0,
            Token::SemiColon => (types, parentheses, arrays) = (0, 0, 0),
            _ => {}
        }
        after_word = matches!(
            token,
            Token::Word(word) if TYPES.contains(&word.keyword) || is_structure(word)
        );
        types > DEEPEST || parentheses > DEEPEST || arrays > DEEPEST
    })
}

/// Reads a script. `unread` counts the types that the dialect lacks.
fn schema(parser: &mut Parser<'_>, unread: &mut usize) -> Result<Schema, ParserError> {
    let mut schema = Schema::default();
    let mut last: Option<String> = None;
    loop {
        match parser.next_token().token {
            Token::EOF => return Ok(schema),
            Token::Word(word) if word.keyword == Keyword::CREATE => {}
            Token::Word(word) if word.keyword == Keyword::PARTITIONED => {
                if let Some(name) = &last
                    && parser.parse_keyword(Keyword::BY)
                    && parser.consume_token(&Token::LParen)
                {
                    partitions(parser, schema.table(Some(name)), unread)?;
                }
                continue;
            }
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
            columns(parser, schema.table(Some(&name)), unread)?;
        }
        last = Some(name);
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
fn columns(
    parser: &mut Parser<'_>,
    table: &mut Table,
    unread: &mut usize,
) -> Result<(), ParserError> {
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
                _ => column(parser, table, &name, unread)?,
            }
        }
        if !skip_part(parser, &Token::RParen) {
            return Ok(());
        }
    }
}

/// Reads the columns of `PARTITIONED BY (dt string)`. A name without a type is that of a column of
/// the table: `PARTITIONED BY (dt, days(t))`.
fn partitions(
    parser: &mut Parser<'_>,
    table: &mut Table,
    unread: &mut usize,
) -> Result<(), ParserError> {
    loop {
        let next = (parser.peek_token().token, parser.peek_nth_token(1).token);
        if matches!(next, (Token::Word(_), Token::Word(_))) {
            let name = parser.parse_identifier()?.value;
            column(parser, table, &name, unread)?;
        }
        if !skip_part(parser, &Token::RParen) {
            return Ok(());
        }
    }
}

/// Skips the rest of a column or a field; `false`: it was the last, and so is what closes them.
fn skip_part(parser: &mut Parser<'_>, close: &Token) -> bool {
    let mut depth = 0_usize;
    loop {
        match parser.next_token().token {
            Token::EOF => return false,
            token if depth == 0 && token == *close => return false,
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
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

fn is_structure(word: &Word) -> bool {
    let mut structures = STRUCTURES.iter();
    let is_one = structures.any(|structure| word.value.eq_ignore_ascii_case(structure));
    is_one && word.quote_style.is_none()
}

/// Reads a type, and adds the column and the fields of a structure.
fn column(
    parser: &mut Parser<'_>,
    table: &mut Table,
    name: &str,
    unread: &mut usize,
) -> Result<(), ParserError> {
    let close = match (parser.peek_token().token, parser.peek_nth_token(1).token) {
        (Token::Word(word), Token::LParen) if is_structure(&word) => Token::RParen,
        (Token::Word(word), Token::Lt) if is_structure(&word) => Token::Gt,
        _ => {
            table.add(name, &kind(parser, unread)?);
            return Ok(());
        }
    };
    parser.advance_token();
    parser.advance_token();
    let before = table.columns.len();
    loop {
        // `Tuple(String, UInt8)` has no names.
        let is_named = match (parser.peek_token().token, parser.peek_nth_token(1).token) {
            (Token::Word(_), Token::Word(_) | Token::Colon) => true,
            (Token::Word(word), _) => word.quote_style.is_some(),
            _ => false,
        };
        if is_named {
            let field = parser.parse_identifier()?.value;
            let _ = parser.consume_token(&Token::Colon);
            column(parser, table, &format!("{name}.{field}"), unread)?;
        }
        if !skip_part(parser, &close) {
            break;
        }
    }
    if parser.peek_token().token == Token::LBracket {
        table.columns.truncate(before);
        table.add(name, "struct[]");
    } else {
        table.add(name, "struct");
    }
    Ok(())
}

/// Reads a type: as the dialect does, or as it is written where that does not know it.
fn kind(parser: &mut Parser<'_>, unread: &mut usize) -> Result<String, ParserError> {
    let known = parser.maybe_parse(|parser| {
        let kind = parser.parse_data_type()?;
        match parser.peek_token() {
            found if matches!(found.token, Token::Lt | Token::LParen) => {
                parser.expected("the end of the type", found)
            }
            _ => Ok(kind),
        }
    })?;
    if let Some(kind) = known {
        return Ok(kind.to_string());
    }
    *unread += 1;
    let mut text = String::new();
    let (mut depth, mut after_word) = (0_usize, false);
    loop {
        let token = parser.peek_token().token;
        let is_word = matches!(token, Token::Word(_));
        match &token {
            Token::EOF => break,
            Token::LParen | Token::Lt => depth += 1,
            Token::RParen | Token::Gt if depth > 0 => depth -= 1,
            Token::LBracket | Token::RBracket | Token::Number(..) if !text.is_empty() => {}
            _ if depth > 0 || text.is_empty() && is_word => {}
            _ => break,
        }
        if after_word && is_word {
            text.push(' ');
        }
        text += &token.to_string();
        after_word = is_word;
        parser.advance_token();
    }
    Ok(if text.is_empty() {
        "unknown".to_owned()
    } else {
        text
    })
}
