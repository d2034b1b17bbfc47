//! The queries for SQLite, run: every case of `tests/cases` with witness events and the events
//! written by hand. The answer of each query is the reference meaning's.

mod stored;

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, params_from_iter};
use std::fmt::Write as _;
use stored::{Asked, Storage, asked};
use varsigma::backend::Registry;

fn engine() -> Connection {
    let connection = Connection::open_in_memory().expect("SQLite is embedded");
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection
        .create_scalar_function("regexp", 2, flags, |context| {
            let pattern: String = context.get(0)?;
            let Some(text) = context.get::<Option<String>>(1)? else {
                return Ok(None);
            };
            let regex = regex::Regex::new(&pattern)
                .map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))?;
            Ok(Some(regex.is_match(&text)))
        })
        .expect("the name is free");
    connection
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// The rows that the query finds.
fn found(asked: &Asked, query: &str) -> rusqlite::Result<Vec<usize>> {
    let connection = engine();
    let mut table = "CREATE TABLE logs (row_number_ INTEGER".to_owned();
    for (column, kind) in asked.columns.iter().zip(&asked.types) {
        let kind = match *kind {
            "number" => "INTEGER",
            "boolean" => "BOOLEAN",
            _ => "TEXT",
        };
        let _ = write!(table, ", {} {kind}", quoted(column));
    }
    table.push(')');
    connection.execute(&table, [])?;
    let places = vec!["?"; asked.columns.len() + 1].join(", ");
    let mut insert = connection.prepare(&format!("INSERT INTO logs VALUES ({places})"))?;
    for (number, row) in asked.rows.iter().enumerate() {
        let number = Some(number.to_string());
        // A boolean is 1 or 0.
        let cells = row.iter().zip(&asked.types).map(|(cell, kind)| {
            let digit = |text: &String| u8::from(text == "true").to_string();
            match *kind {
                "boolean" => cell.as_ref().map(digit),
                _ => cell.clone(),
            }
        });
        insert.execute(params_from_iter(std::iter::once(number).chain(cells)))?;
    }
    let mut select = connection.prepare(query)?;
    let rows = select.query_map([], |row| row.get::<_, i64>(0))?;
    rows.map(|row| row.map(|number| usize::try_from(number).expect("it was one")))
        .collect()
}

/// What is wrong with a query, in a line each.
fn wrong(asked: &Asked) -> Vec<String> {
    let Ok(query) = &asked.query else {
        return Vec::new();
    };
    let found = match found(asked, query) {
        Ok(found) => found,
        Err(error) => return vec![format!("{}: {error}\n  {query}", asked.path)],
    };
    let mut wrong = Vec::new();
    for (number, expected) in asked.expected.iter().enumerate() {
        let is = found.contains(&number);
        let allowed = match asked.fidelity {
            "broader" => is,
            "narrower" => !is,
            "approximate" => true,
            _ => false,
        };
        if is != *expected && !allowed {
            let row: Vec<_> = asked.columns.iter().zip(&asked.rows[number]).collect();
            wrong.push(format!(
                "{} ({}): expected {expected} for {row:?}\n  {query}",
                asked.path, asked.fidelity
            ));
        }
    }
    wrong
}

/// Runs every case with its events stored so; says how many rows were asked for.
fn every_case(storage: Storage) -> usize {
    let registry = Registry::built_in();
    let (mut errors, mut rows, mut refused) = (Vec::new(), 0, 0);
    insta::glob!("cases/**/*.yml", |path| {
        let text = String::from_utf8_lossy(&std::fs::read(path).expect("readable")).into_owned();
        let events = std::fs::read_to_string(path.with_extension("jsonl")).unwrap_or_default();
        let name = path.file_name().expect("a file").to_string_lossy();
        // Names that differ in case are one name to SQLite.
        if storage != Storage::Json && path.ends_with("fields/case.yml") {
            return;
        }
        for asked in asked(&registry, "sqlite", storage, &name, &text, &events) {
            rows += asked.rows.len();
            refused += usize::from(asked.query.is_err());
            errors.extend(wrong(&asked));
        }
    });
    assert!(refused < 40, "{refused}");
    assert!(
        errors.is_empty(),
        "{} of {rows}:\n{}",
        errors.len(),
        errors.join("\n")
    );
    rows
}

#[test]
fn every_answer_is_the_reference_s() {
    let rows = every_case(Storage::Text);
    assert!(rows > 3000, "{rows}");
}

#[test]
fn events_may_lie_in_a_json_column() {
    let rows = every_case(Storage::Json);
    assert!(rows > 3000, "{rows}");
}

#[test]
fn numbers_may_lie_in_columns_of_numbers() {
    let rows = every_case(Storage::Number);
    assert!(rows > 100, "{rows}");
}

#[test]
fn columns_have_types() {
    let rows = every_case(Storage::Typed);
    assert!(rows > 300, "{rows}");
}

/// A rule of that title, whose query finds one of the rows `a` and `b`.
fn titled(title: &str, value: &str) -> String {
    let rule = serde_json::json!({
        "title": title, "level": "high", "logsource": {"product": "test"},
        "detection": {"s": {"f": value}, "condition": "s"},
    });
    rule.to_string()
}

/// The document of many rules in a format.
fn whole(format: &str, rules: &[String]) -> String {
    use varsigma::transpile::{Request, Transpiler};
    let request = Request {
        target: "sqlite".to_owned(),
        format: Some(format.to_owned()),
        ..Request::default()
    };
    let registry = Registry::built_in();
    let transpiler = Transpiler::new(&registry, &request).expect("the target is well formed");
    let outputs = rules
        .iter()
        .map(|rule| transpiler.convert_text("r.yml", rule));
    let queries = outputs.flat_map(|output| output.rules.into_iter().flat_map(|rule| rule.queries));
    let entries: Vec<_> = queries.filter_map(|query| query.entry).collect();
    assert!(entries.len() >= rules.len());
    let whole = transpiler
        .whole_document(entries)
        .expect("the format has one");
    whole.expect("the template is well formed")
}

/// <https://sqlite.org/limits.html#max_compound_select>
#[test]
fn a_union_has_more_terms_than_sqlite_takes() {
    let connection = engine();
    connection
        .execute_batch("CREATE TABLE logs (f TEXT); INSERT INTO logs VALUES ('v0'), ('V1100')")
        .expect("a table");
    for (count, found) in [(500, 1), (501, 1), (1101, 2)] {
        let number = |number: usize| titled("t", &format!("v{number}"));
        let rules: Vec<String> = (0..count).map(number).collect();
        let union = whole("union", &rules);
        let mut select = connection.prepare(&union).expect("a statement");
        let labels = select.query_map([], |row| row.get::<_, String>("rule_title"));
        assert_eq!(labels.expect("rows").count(), found, "{count}");
    }
}

#[test]
fn documents_run_whatever_titles_say() {
    let titles = [
        "Plain",
        "Plain",
        "it's \"q\" `b` \\",
        "'); DROP TABLE logs; --",
        "*/ ; -- /*",
        "two\nlines",
        "{{ x }}{% y %}",
        "日本",
        "1 select",
        "\\'",
    ];
    let document = |format: &str| whole(format, &titles.map(|title| titled(title, "A")));
    let connection = engine();
    connection
        .execute_batch("CREATE TABLE logs (f TEXT); INSERT INTO logs VALUES ('a'), ('b')")
        .expect("a table");
    connection.execute_batch(&document("view")).expect("views");
    let count = |query: &str| connection.query_row(query, [], |row| row.get::<_, usize>(0));
    let views = count("SELECT count(*) FROM sqlite_schema WHERE type = 'view'");
    assert_eq!(views, Ok(titles.len()));
    assert_eq!(count("SELECT count(*) FROM sigma_plain_2"), Ok(1));
    let union = document("union");
    let mut select = connection.prepare(&union).expect("a statement");
    let labels = select.query_map([], |row| row.get::<_, String>("rule_title"));
    let labels: Vec<String> = labels.expect("rows").map(Result::unwrap).collect();
    assert_eq!(labels, titles);
    // Without ids, the titles are what a row has of the rules, each once.
    let rules = connection.query_row(document("sweep").trim_end(), [], |row| {
        row.get::<_, String>("rule_ids")
    });
    let rules: Vec<String> = serde_json::from_str(&rules.expect("a row")).expect("it is JSON");
    assert_eq!(rules, titles[1..]);
}

/// What a row has of each rule by its own query, and by the sweep.
fn swept(rules: &[(String, &str)], table: &str) -> [Vec<(i64, String)>; 2] {
    let connection = engine();
    connection.execute_batch(table).expect("a table");
    let mut single = Vec::new();
    for (rule, id) in rules {
        let union = whole("union", std::slice::from_ref(rule));
        let query = format!("SELECT DISTINCT n FROM ({union})");
        let mut select = connection.prepare(&query).expect("a statement");
        let rows = select.query_map([], |row| row.get::<_, i64>(0));
        single.extend(
            rows.expect("rows")
                .map(|row| (row.expect("a number"), (*id).to_owned())),
        );
    }
    let texts: Vec<String> = rules.iter().map(|(rule, _)| rule.clone()).collect();
    let mut together = Vec::new();
    for statement in whole("sweep", &texts)
        .split(";\n")
        .filter(|text| !text.is_empty())
    {
        let mut select = connection.prepare(statement).expect("a statement");
        let rows = select.query_map([], |row| {
            Ok((row.get::<_, i64>("n")?, row.get::<_, String>("rule_ids")?))
        });
        for (number, rules) in rows.expect("rows").map(|row| row.expect("a row")) {
            let rules: Vec<String> = serde_json::from_str(&rules).expect("it is JSON");
            together.extend(rules.into_iter().map(|rule| (number, rule)));
        }
    }
    single.sort();
    together.sort();
    [single, together]
}

#[test]
fn a_sweep_finds_what_single_queries_find() {
    const IDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
    const TABLE: &str = "CREATE TABLE logs (n, f TEXT, g TEXT, h TEXT);
        INSERT INTO logs VALUES (1, 'x', 'y', 'z'), (2, 'X', NULL, 'z'), (3, NULL, 'y', NULL),
            (4, 'x', 'q', NULL), (5, 'q', 'y', 'z'), (6, NULL, NULL, NULL), (7, 'x', 'y', NULL)";
    // Five begin alike, two of them with one more test, and one is nothing but that.
    let conditions = [
        "{s: {f: x, g: y}, condition: s}",
        "{s: {f: x, g: y, h: z}, condition: s}",
        "{s: {f: x}, t: {h: null}, condition: s and not t}",
        "{s: {f: x}, t: {g: q}, u: {h: z}, condition: [s and t, s and u]}",
        "{s: {f: x}, condition: s}",
        "{s: {g: y}, t: {f: x}, condition: s or not t}",
    ];
    let rules: Vec<(String, &str)> = IDS
        .into_iter()
        .zip(conditions)
        .map(|(id, detection)| {
            (
                format!("title: t\nid: {id}\nlogsource: {{product: p}}\ndetection: {detection}\n"),
                id,
            )
        })
        .collect();
    let sweep = whole(
        "sweep",
        &rules
            .iter()
            .map(|(rule, _)| rule.clone())
            .collect::<Vec<_>>(),
    );
    assert!(
        sweep.contains("CASE WHEN f = 'x' COLLATE NOCASE THEN ("),
        "{sweep}"
    );
    let [single, together] = swept(&rules, TABLE);
    assert!(single.len() > 15, "{single:?}");
    assert_eq!(single, together);
}

/// <https://sqlite.org/limits.html#max_expr_depth>
#[test]
fn a_sweep_of_many_rules_is_read_by_sqlite() {
    let rules: Vec<(String, &str)> = (0..2100)
        .map(|number| {
            (
                titled(&format!("t{number}"), &format!("v{}", number % 3)),
                "t",
            )
        })
        .collect();
    let [_, together] = swept(
        &rules[..1],
        "CREATE TABLE logs (n, f TEXT); INSERT INTO logs VALUES (1, 'v0')",
    );
    assert_eq!(together, [(1, "t0".to_owned())]);
    let texts: Vec<String> = rules.into_iter().map(|(rule, _)| rule).collect();
    let sweep = whole("sweep", &texts);
    let statements: Vec<&str> = sweep.split_inclusive(";\n").collect();
    assert_eq!(statements.len(), 2);
    let connection = engine();
    connection
        .execute_batch("CREATE TABLE logs (f TEXT); INSERT INTO logs VALUES ('v0'), ('v1'), ('v2')")
        .expect("a table");
    let mut found = 0;
    for statement in statements {
        let mut select = connection.prepare(statement).expect("a statement");
        let rows = select.query_map([], |row| row.get::<_, String>("rule_ids"));
        for rules in rows.expect("rows") {
            let rules: Vec<String> =
                serde_json::from_str(&rules.expect("a row")).expect("it is JSON");
            found += rules.len();
        }
    }
    assert_eq!(found, 2100);
}
