//! Schemas: what is exported is read, and tests are worded by the types of columns.

use varsigma::{Compiler, Fidelity};

const RULE: &str = r"
title: Types
logsource: {product: windows}
detection:
  selection:
    CONDITION
  condition: selection
";

/// The query of a condition by a schema, and its fidelity; or why there is none.
fn query(target: &str, schema: &str, condition: &str) -> (String, Fidelity) {
    let compiler = Compiler::builder(target).schema(schema).build();
    let compiler = compiler.expect("the schema can be read");
    let output = compiler.compile(&RULE.replace("CONDITION", condition));
    let rule = &output.rules()[0];
    match output.error() {
        Some(error) => (error.message.clone(), rule.fidelity),
        None => (output.queries()[0].clone(), rule.fidelity),
    }
}

/// The part of a statement behind `WHERE`.
fn of(target: &str, kind: &str, condition: &str) -> String {
    let schema = format!("[columns]\nA = \"{kind}\"\n");
    let (query, _) = query(target, &schema, condition);
    match query.split_once(" WHERE ") {
        Some((_, condition)) => condition.to_owned(),
        None => query,
    }
}

#[test]
fn a_test_of_a_list_holds_of_an_element() {
    for (target, kind, condition, expected) in [
        (
            "trino",
            "array(varchar)",
            "A|endswith: x",
            r#"any_match("A", element_ -> LOWER(element_) LIKE '%x')"#,
        ),
        (
            "trino",
            "array(varchar)",
            "A: [x, y]",
            r#"any_match("A", element_ -> LOWER(element_) IN ('x', 'y'))"#,
        ),
        // Elements have types.
        (
            "trino",
            "array(bigint)",
            "A: 1",
            r#"any_match("A", element_ -> element_ = 1)"#,
        ),
        (
            "trino",
            "array(bigint)",
            "A|startswith: '1'",
            r#"any_match("A", element_ -> LOWER(CAST(element_ AS VARCHAR)) LIKE '1%')"#,
        ),
        // What is said of an element is an atom, whatever it is made of.
        (
            "trino",
            "array(varchar)",
            "A|cidr: 10.0.0.0/8",
            r#"any_match("A", element_ -> contains('10.0.0.0/8', TRY_CAST(element_ AS IPADDRESS)) AND strpos(element_, ':') = 0)"#,
        ),
        // Whether there is a list is no question of its elements; null is no element, too.
        (
            "trino",
            "array(varchar)",
            "A|exists: true",
            r#""A" IS NOT NULL"#,
        ),
        (
            "trino",
            "array(varchar)",
            "A: null",
            r#"COALESCE(cardinality("A") = 0 OR any_match("A", element_ -> element_ IS NULL), TRUE)"#,
        ),
        (
            "bigquery",
            "array<string>",
            "A|exists: false",
            "NOT EXISTS (SELECT 1 FROM UNNEST(`A`))",
        ),
        // Two fields, one of which is a list.
        (
            "trino",
            "array(varchar)",
            "B|fieldref: A",
            r#"any_match("A", element_ -> LOWER("B") = LOWER(element_))"#,
        ),
        // Lists of lists are unknown, and so is any list to an engine that has none.
        (
            "trino",
            "array(array(varchar))",
            "A: x",
            r#"LOWER("A") = 'x'"#,
        ),
        (
            "mysql",
            "text[]",
            "A: x",
            "LOWER(`A`) LIKE 'x' COLLATE utf8mb4_bin",
        ),
    ] {
        assert_eq!(
            of(target, kind, condition),
            expected,
            "{target} {kind} {condition}"
        );
    }
}

#[test]
fn a_list_that_is_missing_is_negated_as_such() {
    let schema = "[columns]\nA = \"text[]\"\n";
    let compiler = Compiler::builder("duckdb").schema(schema).build();
    let rule = RULE
        .replace("CONDITION", "A: '*'")
        .replace("condition: s", "condition: not s");
    let output = compiler.expect("it is well formed").compile(&rule);
    assert_eq!(
        output.queries(),
        [
            r#"SELECT * FROM "logs" WHERE NOT COALESCE(len([1 FOR element_ IN "A" IF element_ IS NOT NULL]) > 0, FALSE)"#
        ]
    );
}

#[test]
fn two_lists_are_not_compared() {
    let schema = "[columns]\nA = \"text[]\"\nB = \"text[]\"\n";
    let (why, _) = query("duckdb", schema, "A|fieldref: B");
    assert_eq!(
        why,
        "DuckDB can't say this: a comparison of two columns of lists"
    );
}

#[test]
fn a_field_is_not_taken_for_an_element() {
    let schema = "[columns]\nA = \"text[]\"\nElement_ = \"text\"\n";
    for test in ["A|fieldref: Element_", "Element_|fieldref: A"] {
        let (why, _) = query("trino", schema, test);
        let expected = "`element_` is an element of the list that it is compared with";
        assert!(why.ends_with(expected), "{why}");
    }
}

#[test]
fn groups_of_a_column_of_lists_are_refused() {
    let rules = "title: a\nname: a\nlogsource: {product: x}\ndetection: {s: {A: 1}, condition: s}\n---\n\
        title: b\ncorrelation: {type: event_count, rules: [a], group-by: [B], timespan: 1m, condition: {gte: 2}}\n";
    let schema = "[columns]\nA = \"text\"\nB = \"text[]\"\n";
    let compiler = Compiler::builder("duckdb").schema(schema);
    let compiler = compiler.option("timestamp_field", "t").build();
    let output = compiler.expect("it is well formed").compile(rules);
    let error = output.error().expect("it is refused");
    assert_eq!(
        error.message,
        "DuckDB can't say this correlation: the column of `B` holds lists"
    );
}

#[test]
fn tests_are_worded_by_the_type_of_the_column() {
    for (target, kind, condition, expected) in [
        // Numbers are compared as numbers.
        ("postgres", "bigint", "A: 4624", r#""A" = 4624"#),
        ("duckdb", "bigint", "A: 4624", r#""A" = 4624"#),
        ("clickhouse", "bigint", "A: 4624", "`A` = 4624"),
        ("esql", "long", "A: 4624", "A == 4624"),
        ("postgres", "numeric(10,2)", "A|gte: 1.5", r#""A" >= 1.5"#),
        ("postgres", "text", "A: 4624", r#""A" = '4624'"#),
        ("postgres", "int", "A: [1, 2]", r#""A" = 1 OR "A" = 2"#),
        // A text is made where a test needs it, in a list for each value.
        (
            "postgres",
            "int4",
            "A|startswith: '46'",
            r#"CAST("A" AS TEXT) ILIKE '46%'"#,
        ),
        (
            "postgres",
            "int",
            "A: [1, 'x*']",
            r#""A" = 1 OR CAST("A" AS TEXT) ILIKE 'x%'"#,
        ),
        (
            "clickhouse",
            "Nullable(UInt16)",
            "A|re: '^4'",
            "match(toString(`A`), '^4')",
        ),
        (
            "eql",
            "long",
            "A|startswith: '46'",
            "any where string(A) : \"46*\"",
        ),
        ("duckdb", "integer", "A: null", r#""A" IS NULL"#),
        (
            "tsql",
            "datetime",
            "A|startswith: '2026-01'",
            "LOWER(CONVERT(NVARCHAR(MAX), [A], 126)) COLLATE Latin1_General_100_BIN2 LIKE N'2026-01%'",
        ),
        // Truths and addresses.
        ("postgres", "boolean", "A: true", r#""A" = true"#),
        ("tsql", "bit", "A: false", "[A] = 0"),
        (
            "postgres",
            "inet",
            "A|cidr: 10.0.0.0/8",
            r#""A" <<= inet '10.0.0.0/8'"#,
        ),
        (
            "esql",
            "ip",
            "A|cidr: 10.0.0.0/8",
            r#"CIDR_MATCH(A, "10.0.0.0/8")"#,
        ),
    ] {
        assert_eq!(of(target, kind, condition), expected, "{target} {kind}");
    }
}

#[test]
fn fields_inside_columns_are_reached() {
    let schema = "[columns]\nraw = \"json\"\n";
    let (text, _) = query("duckdb", schema, "raw.a.b: x");
    assert!(
        text.ends_with(r#"LOWER(json_extract_string("raw", '$."a"."b"')) = 'x'"#),
        "{text}"
    );
    let schema = "[columns]\np = \"struct\"\n\"p.name\" = \"varchar\"\n";
    let (text, _) = query("duckdb", schema, "p.name: x");
    assert!(text.ends_with(r#"LOWER("p"."name") = 'x'"#), "{text}");
}

#[test]
fn a_normalized_keyword_makes_kql_exact() {
    let mapping = |normalizer| {
        format!(
            r#"{{"logs": {{"mappings": {{"properties": {{"A": {{"type": "keyword"{normalizer}}}}}}}}}}}"#
        )
    };
    let (text, fidelity) = query("kql", &mapping(""), "A: Cmd.exe");
    assert_eq!(
        (text.as_str(), fidelity),
        (r#"A: "Cmd.exe""#, Fidelity::Narrower)
    );
    let normalizer = r#", "normalizer": "lowercase""#;
    let (text, fidelity) = query("kql", &mapping(normalizer), "A: Cmd.exe");
    assert_eq!(
        (text.as_str(), fidelity),
        (r#"A: "Cmd.exe""#, Fidelity::Exact)
    );
    let (_, fidelity) = query("kql", &mapping(normalizer), "A|cased: Cmd.exe");
    assert_eq!(fidelity, Fidelity::Broader);
}

#[test]
fn patterns_on_numbers_are_refused_where_the_engine_fails() {
    let refused = "only keyword, wildcard and text fields take patterns";
    for target in ["kql", "lucene"] {
        assert!(
            of(target, "long", "A|contains: '46'").ends_with(refused),
            "{target}"
        );
        assert!(
            of(target, "long", "A: '4624'").ends_with(r#""4624""#),
            "{target}"
        );
    }
}

#[test]
fn a_field_that_the_table_lacks_is_told() {
    let compiler = Compiler::builder("postgres").schema("[columns]\nImage = \"text\"");
    let compiler = compiler.build().expect("the schema can be read");
    let output = compiler.compile(&RULE.replace("CONDITION", "Imge: x"));
    let [diagnostic] = output.rules()[0].diagnostics.as_slice() else {
        panic!("{:?}", output.rules()[0].diagnostics)
    };
    assert_eq!(diagnostic.code.number(), "VS1303");
    assert_eq!(diagnostic.help, ["did you mean `Image`?"]);
    let strict = Compiler::builder("postgres").strict();
    let strict = strict.schema("[columns]\nImage = \"text\"").build();
    let output = strict
        .expect("it can")
        .compile(&RULE.replace("CONDITION", "Imge: x"));
    assert_eq!(
        output.error().map(|error| error.code.number()),
        Some("VS1303")
    );
}

#[test]
fn tables_have_columns_of_their_own() {
    let schema = "[tables.a]\nA = \"int\"\n[tables.b]\nA = \"text\"\n";
    let build = |table: &str| {
        let compiler = Compiler::builder("postgres").schema(schema);
        compiler.option("table", table).build().expect("sound")
    };
    let text = RULE.replace("CONDITION", "A: 1");
    assert!(build("main.a").compile(&text).queries()[0].ends_with(r#""A" = 1"#));
    assert!(build("b").compile(&text).queries()[0].ends_with(r#""A" = '1'"#));
    let output = build("c").compile(&text);
    assert_eq!(output.rules()[0].diagnostics[0].code.number(), "VS1304");
}

#[test]
fn what_is_no_schema_is_an_error() {
    for (text, code) in [("", "VS1302"), ("{", "VS1301"), ("nonsense", "VS1301")] {
        let built = Compiler::builder("postgres").schema(text).build();
        let error = built.expect_err("it can't be read");
        assert!(error.to_string().contains(code), "{error}");
    }
}
