//! No value, field name or option leaves its literal or identifier, however hostile: the queries are
//! read by an independent reader of each dialect, and no word of the hostile text stands bare.

use proptest::prelude::*;
use sqlparser::dialect::{
    AnsiDialect, BigQueryDialect, ClickHouseDialect, Dialect, DuckDbDialect, GenericDialect,
    MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect, SnowflakeDialect,
};
use sqlparser::tokenizer::{Token, Tokenizer, Whitespace};
use varsigma::backend::Registry;
use varsigma::transpile::{Request, Transpiler};

/// Runs of these are hostile texts; `evil` is the word to look for.
const PIECES: &[&str] = &[
    "evil", "'", "''", "\"", "\\", "\\\\", "`", "``", "[", "]", "--", "/*", "*/", ";", " OR 1=1 ",
    "%", "_", "!", "*", "?", "\n", "$", "$$", "#", "{", "}", "(", ")", ".", "é", ",", "N'", "E'",
    "\\'",
];

fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(PIECES), 1..8);
    pieces.prop_map(|pieces| format!("{}evil", pieces.concat()))
}

fn dialects() -> Vec<(&'static str, Box<dyn Dialect>)> {
    vec![
        ("sql", Box::new(AnsiDialect {})),
        ("sqlite", Box::new(SQLiteDialect {})),
        ("duckdb", Box::new(DuckDbDialect {})),
        ("postgres", Box::new(PostgreSqlDialect {})),
        ("mysql", Box::new(MySqlDialect {})),
        ("clickhouse", Box::new(ClickHouseDialect {})),
        // The reader's own Databricks knows no backslashes in strings, which Spark does.
        ("spark", Box::new(MySqlDialect {})),
        ("datafusion", Box::new(GenericDialect {})),
        ("bigquery", Box::new(BigQueryDialect {})),
        ("snowflake", Box::new(SnowflakeDialect {})),
        ("trino", Box::new(GenericDialect {})),
        ("tsql", Box::new(MsSqlDialect {})),
    ]
}

/// The first thing in a query that hostile text wrote outside of literals and names.
///
/// A name that needs no quotes stands bare: `names` are those that may.
fn leak(dialect: &dyn Dialect, query: &str, names: &[&str]) -> Option<String> {
    // As it stands in the query: what an escape means does not matter here.
    let tokens = match Tokenizer::new(dialect, query)
        .with_unescape(false)
        .tokenize()
    {
        Ok(tokens) => tokens,
        Err(error) => return Some(error.to_string()),
    };
    let mut depth = 0_i32;
    for token in &tokens {
        match token {
            Token::Word(word) if word.quote_style.is_none() => {
                let is_name = names.contains(&word.value.as_str());
                if word.value.to_lowercase().contains("evil") && !is_name {
                    return Some(format!("the word {word}"));
                }
            }
            Token::SemiColon => return Some("a second statement".to_owned()),
            Token::Whitespace(
                Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_),
            ) => return Some("a comment".to_owned()),
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
    }
    (depth != 0).then(|| "a parenthesis".to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn hostile_texts_stay_in_their_places(
        value in hostile(),
        field in hostile(),
        option in hostile(),
        modifier in prop::sample::select(vec!["", "|contains", "|cased", "|startswith", "|re", "|fieldref"]),
        format in prop::sample::select(vec!["default", "union"]),
    ) {
        let registry = Registry::built_in();
        let rule = serde_json::json!({
            "title": value,
            "logsource": {"category": "test"},
            "fields": [field],
            "detection": {
                "s": {format!("{field}{modifier}"): value},
                "k": [value],
                "condition": "s or not k",
            },
        });
        for (target, dialect) in dialects() {
            let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            let request = Request {
                target: target.to_owned(),
                format: Some(format.to_owned()),
                settings: vec![
                    set("table", &option),
                    set("columns", "fields"),
                    set("timestamp_field", &option),
                    set("keyword_columns", &option),
                ],
                ..Request::default()
            };
            let transpiler = Transpiler::new(&registry, &request).expect("it is well formed");
            let output = transpiler.convert_text("rule.yml", &rule.to_string());
            for query in output.rules.iter().flat_map(|rule| &rule.queries) {
                let names: Vec<&str> = option.split(['.', ',']).map(str::trim).collect();
                let leak = leak(dialect.as_ref(), &query.text, &[&names[..], &[&field, &value]].concat());
                prop_assert!(leak.is_none(), "{target}: {leak:?} in {}", query.text);
            }
        }
    }
}
