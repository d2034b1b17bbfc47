//! The queries of correlations for SQLite, run on the same few events: each fires for the groups and
//! instants that the specification asks for. `tests/engines/correlations.py` asks with random events.

use rusqlite::{Connection, params_from_iter};
use std::fmt::Write as _;
use varsigma::backend::Registry;
use varsigma::transpile::{Request, Transpiler};

/// Seconds, and the fields `kind`, `usr`, `actor`, `host`, `val` and `num`; `-` is none.
const EVENTS: &str = "
 0 a ann bob h1 x 1
 4 a Ann bob h1 X 2
 4 b ann ann h2 y text
10 a ann -   h1 y 3
15 b bob ann h2 x 10
25 a bob bob h2 z -
25 a -   ann h1 x 5
30 c ann ann h1 y 4
36 a BOB bob h2 z 0.5
40 c bob ann h1 x 7
 - a ann ann h1 x 9";

/// Correlations that others refer to.
const INNER: &[(&str, &str)] = &[
    (
        "many",
        "{type: event_count, rules: [a], timespan: 10s, group-by: [usr], condition: {gte: 2}}",
    ),
    (
        "hosts",
        "{type: event_count, rules: [a, b], timespan: 10s, group-by: [host], condition: {gte: 2}}",
    ),
];

/// A correlation, and the groups and seconds at which it fires.
const CASES: &[(&str, &str)] = &[
    (
        "{type: event_count, rules: [a], timespan: 10s, group-by: [usr], condition: {gte: 3}}",
        "ann@10",
    ),
    (
        "{type: event_count, rules: [a], timespan: 6s, group-by: [usr], condition: {gt: 1}}",
        "ann@4 ann@10",
    ),
    (
        "{type: event_count, rules: [a, b], timespan: 10s, group-by: [usr], condition: {lt: 2}}",
        "ann@0 bob@15 bob@36",
    ),
    (
        "{type: event_count, rules: [a, b], timespan: 10s, condition: {gte: 2, lte: 3}}",
        "@4 @15 @25",
    ),
    (
        "{type: event_count, rules: [a, b], timespan: 10s, group-by: [usr, host], condition: {eq: 2}}",
        "ann+h1@4 bob+h2@25",
    ),
    (
        "{type: event_count, rules: [a, b], timespan: 15s, aliases: {who: {a: usr, b: actor}}, group-by: [who], condition: {gte: 3}}",
        "ann@4 ann@10 ann@15",
    ),
    (
        "{type: value_count, rules: [a, b], timespan: 10s, group-by: [usr], condition: {field: val, gte: 2}}",
        "ann@4 ann@10 bob@25",
    ),
    (
        "{type: value_count, rules: [a], timespan: 5s, condition: {field: [val, host], lt: 2}}",
        "@0 @4 @10 @36",
    ),
    (
        "{type: temporal, rules: [a, b], timespan: 10s, group-by: [usr]}",
        "ann@4 ann@10 bob@25",
    ),
    (
        "{type: temporal, rules: [a, b, c], timespan: 20s, group-by: [usr], condition: {gte: 2}}",
        "ann@4 ann@10 bob@25 ann@30 bob@40",
    ),
    (
        "{type: temporal, rules: [a, b, c], timespan: 20s, group-by: [usr], condition: a and (b or c)}",
        "ann@4 ann@10 bob@25 ann@30 bob@40",
    ),
    (
        "{type: temporal, rules: [a, b], timespan: 5s, group-by: [usr], condition: a and not b}",
        "ann@15 bob@30",
    ),
    (
        "{type: temporal_ordered, rules: [a, b], timespan: 10s, group-by: [usr]}",
        "ann@4",
    ),
    (
        "{type: temporal_ordered, rules: [a, b, c], timespan: 40s, group-by: [usr]}",
        "ann@30",
    ),
    (
        "{type: temporal_ordered, rules: [a, b, c], timespan: 20s, group-by: [usr], condition: {gte: 2}}",
        "ann@4 ann@30 bob@40",
    ),
    (
        "{type: temporal_ordered, rules: [a, b, a], timespan: 40s, group-by: [usr]}",
        "ann@10",
    ),
    (
        "{type: value_sum, rules: [a, b], timespan: 10s, group-by: [usr], condition: {field: num, gte: 5}}",
        "ann@10 bob@15 bob@25",
    ),
    (
        "{type: value_avg, rules: [a, b], timespan: 10s, group-by: [usr], condition: {field: num, gt: 1.5, lt: 2.5}}",
        "ann@10",
    ),
    (
        "{type: value_median, rules: [a, b, c], timespan: 30s, condition: {field: num, gte: 4}}",
        "@36 @40",
    ),
    (
        "{type: value_percentile, rules: [a, b, c], timespan: 15s, condition: {field: num, percentile: 25, lte: 1.5}}",
        "@0 @4 @10",
    ),
    (
        "{type: temporal_ordered, rules: [many, c], timespan: 20s, group-by: [usr]}",
        "ann@30",
    ),
    (
        "{type: temporal_ordered, rules: [a, b, c], timespan: 20s, group-by: [usr], condition: {lt: 2}}",
        "ann@0 ann@10 bob@15 bob@25 bob@36",
    ),
    (
        "{type: event_count, rules: [hosts], timespan: 20s, group-by: [usr], condition: {gte: 2}}",
        "ann@10",
    ),
];

/// The same with an option.
const WITH_OPTIONS: &[(&str, &str, &str, &str)] = &[
    (
        "emit",
        "first",
        "{type: event_count, rules: [a, b], timespan: 10s, group-by: [usr], condition: {gte: 1}}",
        "ann@0 bob@15 bob@36",
    ),
    (
        "absence",
        "before",
        "{type: temporal, rules: [a, b], timespan: 5s, group-by: [usr], condition: a and not b}",
        "ann@0 ann@10 bob@25 bob@36",
    ),
    (
        "case",
        "native",
        "{type: event_count, rules: [a], timespan: 10s, group-by: [usr], condition: {gte: 2}}",
        "ann@10",
    ),
];

/// How events are stored.
#[derive(Clone, Copy, PartialEq)]
enum Storage {
    Text,
    Json,
    Number,
}

const FIELDS: [&str; 6] = ["kind", "usr", "actor", "host", "val", "num"];

fn table(storage: Storage) -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch(match storage {
        Storage::Text | Storage::Typed => "CREATE TABLE logs (time TEXT, kind TEXT, usr TEXT, actor TEXT, host TEXT, val TEXT, num TEXT)",
        Storage::Json => "CREATE TABLE logs (time TEXT, event TEXT)",
        Storage::Number => "CREATE TABLE logs (time INTEGER, kind TEXT, usr TEXT, actor TEXT, host TEXT, val TEXT, num REAL)",
    })?;
    for line in EVENTS.lines().skip(1) {
        let mut words = line
            .split_whitespace()
            .map(|word| (word != "-").then(|| word.to_owned()));
        let second = words.next().flatten();
        let time = second.map(|second| match storage {
            Storage::Number => format!(
                "{}",
                1_767_225_600_000 + 1000 * second.parse::<i64>().expect("a number")
            ),
            // Two spellings of one zone.
            _ if second.len() == 1 => format!("2026-01-01T00:00:0{second}.000Z"),
            _ => format!("2026-01-01 01:00:{second}+01:00"),
        });
        let mut row = vec![time];
        if storage == Storage::Json {
            let pairs = FIELDS
                .iter()
                .zip(words)
                .filter_map(|(field, value)| Some(((*field).to_owned(), value?.into())));
            let event: serde_json::Map<String, serde_json::Value> = pairs.collect();
            row.push(Some(serde_json::Value::Object(event).to_string()));
        } else {
            row.extend(words);
        }
        if storage == Storage::Number && row.last() == Some(&Some("text".to_owned())) {
            row.pop();
            row.push(None);
        }
        let places = vec!["?"; row.len()].join(", ");
        connection.execute(
            &format!("INSERT INTO logs VALUES ({places})"),
            params_from_iter(row),
        )?;
    }
    Ok(connection)
}

/// The rules and a correlation.
fn documents(correlation: &str) -> String {
    let mut text = String::new();
    for name in ["a", "b", "c"] {
        let _ = writeln!(
            text,
            "title: {name}\nname: {name}\nlogsource: {{product: test}}\ndetection: {{s: {{kind: {name}}}, condition: s}}\n---"
        );
    }
    for (name, inner) in INNER {
        if correlation.contains(name) {
            let _ = writeln!(
                text,
                "title: {name}\nname: {name}\ncorrelation: {inner}\n---"
            );
        }
    }
    let _ = writeln!(text, "title: asked\ncorrelation: {correlation}");
    text
}

fn query(correlation: &str, storage: Storage, option: Option<(&str, &str)>) -> String {
    let mut settings = vec![("timestamp_field", "time")];
    settings.extend(option);
    match storage {
        Storage::Text | Storage::Typed => {}
        Storage::Json => settings.push(("json", "event")),
        Storage::Number => {
            settings.extend([("number", "native"), ("timestamp_type", "milliseconds")]);
        }
    }
    let settings = settings
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let request = Request {
        target: "sqlite".to_owned(),
        settings: settings.collect(),
        ..Request::default()
    };
    let transpiler =
        Transpiler::new(&Registry::built_in(), &request).expect("the target is well formed");
    let output = transpiler.convert_text("r.yml", &documents(correlation));
    // Those of the rules come before it.
    let queries = output.rules.iter().flat_map(|rule| &rule.queries);
    match queries.last() {
        Some(query) => query.text.clone(),
        None => panic!("{correlation}: {:?}", output.all_diagnostics()),
    }
}

/// `ann@4 bob+h1@25`
fn fired(connection: &Connection, query: &str) -> rusqlite::Result<String> {
    let mut select = connection.prepare(query)?;
    let columns: Vec<String> = select
        .column_names()
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    let groups = columns
        .iter()
        .position(|column| column == "ts")
        .expect("a column of the instant");
    assert_eq!(columns.last().map(String::as_str), Some("fired_at"));
    let rows = select.query_map([], |row| {
        let group: Result<Vec<String>, _> = (0..groups).map(|at| row.get(at)).collect();
        let ts: i64 = row.get(groups)?;
        let second = (ts - 1_767_225_600_000) / 1000;
        assert_eq!(
            row.get::<_, String>(groups + 1)?,
            format!("2026-01-01T00:00:{second:02}.000Z")
        );
        Ok(format!("{}@{second}", group?.join("+")))
    })?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?.join(" "))
}

fn check(
    storage: Storage,
    cases: impl Iterator<Item = (String, Option<(&'static str, &'static str)>, &'static str)>,
) {
    let connection = table(storage).expect("a table");
    let mut wrong = String::new();
    for (correlation, option, expected) in cases {
        let query = query(&correlation, storage, option);
        let found = fired(&connection, &query).unwrap_or_else(|error| error.to_string());
        if found != expected {
            let _ = writeln!(
                wrong,
                "{correlation}\n  expected {expected}\n  found    {found}\n{query}"
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn all() -> impl Iterator<Item = (String, Option<(&'static str, &'static str)>, &'static str)> {
    let cases = CASES.iter();
    cases.map(|(correlation, expected)| ((*correlation).to_owned(), None, *expected))
}

#[test]
fn every_correlation_fires_where_it_should() {
    check(Storage::Text, all());
}

#[test]
fn events_may_lie_in_a_json_column() {
    check(Storage::Json, all());
}

#[test]
fn numbers_and_times_may_lie_in_columns_of_numbers() {
    check(Storage::Number, all());
}

#[test]
fn options_say_what_is_meant() {
    let cases = WITH_OPTIONS.iter();
    check(
        Storage::Text,
        cases.map(|(name, value, correlation, expected)| {
            ((*correlation).to_owned(), Some((*name, *value)), *expected)
        }),
    );
}
