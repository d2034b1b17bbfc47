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

/// The engines read `007` as 7, which is another text.
#[test]
fn texts_with_zeros_in_front_are_no_numbers() {
    for (target, refused) in [
        ("kql", "takes no other values"),
        ("lucene", "take patterns"),
        ("opensearch", "take patterns"),
        ("secops", "another type than the value"),
    ] {
        let (zeros, zero) = (
            of(target, "integer", "A: '007'"),
            of(target, "integer", "A: '0'"),
        );
        assert!(zeros.ends_with(refused), "{target}: {zeros}");
        assert!(!zero.ends_with(refused), "{target}: {zero}");
    }
    assert!(of("trino", "integer", "A: '007'").ends_with("= '007'"));
}

/// Digits in quotes are texts, but where the field is a number: `007` is none.
#[test]
fn lists_of_digits_are_texts_for_qradar() {
    let compiler = Compiler::builder("qradar").build().expect("a target");
    for (item, expected) in [
        ("LogonType: ['3', '10']", r#""LogonType" IN ('3', '10')"#),
        ("LogonType: [3, '10']", r#""LogonType" IN ('3', '10')"#),
        ("B: ['1', '']", r#""B" = '1' OR "B" = ''"#),
        (
            "destinationport: ['1', '007']",
            "destinationport = 1 OR STR(destinationport) = '007'",
        ),
        ("destinationport: ['1', 2]", "destinationport IN (1, 2)"),
    ] {
        let output = compiler.compile(&RULE.replace("CONDITION", item));
        let query = &output.queries()[0];
        assert!(query.contains(expected), "{item}: {query}");
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
fn types_that_a_target_does_not_know_are_made_text() {
    for (target, kind, expected) in [
        ("duckdb", "BLOB", r#"LOWER(CAST("A" AS VARCHAR)) = 'x'"#),
        (
            "duckdb",
            "TIMESTAMP_NS",
            r#"LOWER(CAST("A" AS VARCHAR)) = 'x'"#,
        ),
        (
            "duckdb",
            "BLOB[]",
            r#"len([1 FOR element_ IN "A" IF LOWER(CAST(element_ AS VARCHAR)) = 'x']) > 0"#,
        ),
        ("postgres", "interval", r#"LOWER(CAST("A" AS TEXT)) = 'x'"#),
        (
            "postgres",
            "public.mood",
            r#"LOWER(CAST("A" AS TEXT)) = 'x'"#,
        ),
        ("postgres", "public.citext", r#"LOWER("A") = 'x'"#),
        // There is no type.
        ("postgres", "", r#"LOWER("A") = 'x'"#),
    ] {
        assert_eq!(of(target, kind, "A: x"), expected, "{target} {kind}");
    }
}

#[test]
fn case_of_names_counts_where_it_does_to_the_engine() {
    let schema = "[columns]\nA = \"int\"\nRAW = \"json\"\n";
    for target in [
        "duckdb", "mysql", "tsql", "sqlite", "spark", "bigquery", "trino",
    ] {
        let compiler = Compiler::builder(target).schema(schema).strict().build();
        let compiler = compiler.expect("the schema can be read");
        let output = compiler.compile(&RULE.replace("CONDITION", "a: 1"));
        assert_eq!(output.error(), None, "{target}");
        assert!(output.queries()[0].ends_with("= 1"), "{target}");
    }
    let (text, _) = query("duckdb", schema, "Raw.B: x");
    assert!(
        text.ends_with(r#"LOWER(json_extract_string("Raw", '$."B"')) = 'x'"#),
        "{text}"
    );
    let schema = "[columns]\nIMAGE = \"text\"\n";
    let compiler = Compiler::builder("postgres").schema(schema).build();
    let compiler = compiler.expect("the schema can be read");
    let output = compiler.compile(&RULE.replace("CONDITION", "Image: x"));
    let diagnostic = &output.rules()[0].diagnostics[0];
    assert_eq!(diagnostic.help, ["did you mean `IMAGE`?"]);
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

const CORRELATION: &str = r"
title: Shell
name: shell
logsource: {category: process_creation}
detection: {s: {Image: x}, condition: s}
---
title: Many users
correlation:
  type: value_count
  rules: [shell]
  group-by: [Host]
  timespan: 1m
  condition: {gte: 2, field: Usr}
";

/// The messages on the last rule of a text, by a schema that lacks the fields of [`CORRELATION`].
fn of_correlation(target: &str, rules: &str) -> Vec<String> {
    let schema = "[columns]\nImage = \"text\"\nUser = \"text\"\n";
    let compiler = Compiler::builder(target).schema(schema);
    let compiler = compiler.option("timestamp_field", "time").build();
    let output = compiler.expect("the schema can be read").compile(rules);
    let rule = output.rules().last().expect("there is a rule");
    let of_rule = rule.diagnostics.iter().chain(&rule.error);
    let missing = of_rule.filter(|found| found.code.number() == "VS1303");
    let shown = missing.map(|found| {
        let text = found.span().map(|span| &rules[span.range()]);
        let severity = found.severity;
        let help = found.help.join("; ");
        format!(
            "{severity:?} at {}: {}: {help}",
            text.unwrap_or_default(),
            found.message
        )
    });
    shown.collect()
}

#[test]
fn fields_of_a_correlation_that_the_table_lacks_are_told() {
    assert_eq!(
        of_correlation("postgres", CORRELATION),
        [
            "Warning at value_count: the schema has no field `time`: \
             name the field of time: `-O timestamp_field=NAME`",
            "Warning at Host: the schema has no field `Host`: \
             give a pipeline (`-p`) that maps the rule's fields",
            "Warning at Usr: the schema has no field `Usr`: did you mean `User`?",
        ]
    );
    let of_kusto = of_correlation("kusto", CORRELATION);
    assert!(
        of_kusto.iter().all(|found| found.starts_with("Error")),
        "{of_kusto:?}"
    );
    assert_eq!(of_kusto.len(), 3);
}

#[test]
fn fields_of_a_correlations_rules_that_the_table_lacks_are_told() {
    let rules = CORRELATION.replace("Image", "Imge");
    let found = of_correlation("postgres", &rules);
    assert_eq!(
        found[0],
        "Warning at x: the schema has no field `Imge`: did you mean `Image`?"
    );
}

#[test]
fn aliases_and_correlations_of_correlations_are_looked_through() {
    let rules = CORRELATION
        .replace(
            "group-by: [Host]",
            "group-by: [who]\n  aliases: {who: {shell: Owner}}",
        )
        .replace("Many users", "Many users\nname: many")
        + "---\ntitle: Twice\ncorrelation: {type: event_count, rules: [many], group-by: [Host], \
           timespan: 1h, condition: {gte: 2}}\n";
    let found = of_correlation("postgres", &rules);
    let missing = |field: &str| {
        let message = format!("the schema has no field `{field}`");
        found.iter().any(|found| found.contains(&message))
    };
    assert!(
        missing("Owner") && missing("Host") && missing("Usr"),
        "{found:?}"
    );
    assert!(!missing("who"), "{found:?}");
}

#[cfg(feature = "cli")]
mod check {
    use super::CORRELATION;
    use std::fs;
    use std::process::Command;

    /// The columns of a table, and of another one.
    const COLUMNS: &str =
        "table_name,column_name,data_type\nlogs,Image,text\nlogs,User,text\nother,Foo,text\n";

    const RULE: &str =
        "title: t\nlogsource: {category: test}\ndetection: {s: {FIELD: 1}, condition: s}\n";

    /// What `schema check` prints for a rule file and reports, without the time, and its exit code.
    fn check(args: &[&str], rules: &str) -> (String, String, Option<i32>) {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        fs::write(folder.path().join("columns.csv"), COLUMNS).expect("it can be written");
        fs::write(folder.path().join("rule.yml"), rules).expect("it can be written");
        let ran = Command::new(env!("CARGO_BIN_EXE_varsigma"))
            .current_dir(folder.path())
            .args(["schema", "check"])
            .args(args)
            .args(["columns.csv", "rule.yml"])
            .output()
            .expect("it runs");
        let text = |bytes| String::from_utf8(bytes).expect("it is text");
        (text(ran.stdout), text(ran.stderr), ran.status.code())
    }

    #[test]
    fn a_broken_rule_fails() {
        let modifier = RULE.replace("FIELD", "A|foo");
        let condition = RULE
            .replace("FIELD", "Image")
            .replace("condition: s", "condition: zz");
        for (rules, code) in [
            (modifier.as_str(), "VS0401"),
            ("title: [", "VS0101"),
            (&condition, "VS0502"),
            ("", "VS0209"),
        ] {
            let (_, errors, status) = check(&["-t", "postgres"], rules);
            assert!(
                errors.starts_with(&format!("error[{code}]")),
                "{rules}: {errors}"
            );
            assert!(errors.contains("1 rule: 0 passed, 1 failed"), "{errors}");
            assert_eq!(status, Some(1), "{rules}");
        }
        let dangling = CORRELATION.replace("rules: [shell]", "rules: [other]");
        let (_, errors, status) = check(&["-t", "postgres"], &dangling);
        assert!(errors.contains("2 rules: 1 passed, 1 failed"), "{errors}");
        assert_eq!(status, Some(1));
    }

    #[test]
    fn a_missing_table_is_named() {
        let rule = RULE.replace("FIELD", "Image");
        let (out, errors, status) = check(&["-t", "postgres", "-O", "table=nope"], &rule);
        assert_eq!(out, "test: 1 rule\n  no table nope: 1 rule\n");
        assert!(
            errors.contains("1 rule: 1 passed, 1 with warnings"),
            "{errors}"
        );
        assert_eq!(status, Some(0));
    }

    #[test]
    fn what_the_engine_refuses_does_not_pass() {
        // The rule can match by its other detection, but Kusto refuses the query.
        let rule = RULE
            .replace("FIELD: 1", "Image: x}, t: {Imge: x")
            .replace("condition: s", "condition: s or t");
        let (out, errors, status) = check(&["-t", "kusto", "-O", "table=logs"], &rule);
        assert_eq!(out, "test: 1 rule\n  no field Imge: 1 rule\n");
        assert!(
            errors.starts_with("error[VS1303]: the schema has no field `Imge`"),
            "{errors}"
        );
        assert!(errors.contains("1 rule: 0 passed, 1 failed"), "{errors}");
        assert_eq!(status, Some(1));
        let (line, _, _) = check(&["-t", "kusto", "-O", "table=logs", "--json"], &rule);
        assert!(line.contains(r#""refused":true"#), "{line}");
        assert_eq!(
            check(&["-t", "postgres", "-O", "table=logs"], &rule).2,
            Some(0)
        );
    }

    #[test]
    fn correlations_and_filters_are_checked() {
        let options = ["-O", "table=logs", "-O", "timestamp_field=time"];
        let args = |target| [&["-t", target], &options[..]].concat();
        let (out, _, status) = check(&args("postgres"), CORRELATION);
        let expected = "correlations: 1 rule\n  no field Host: 1 rule\n  no field Usr: 1 rule\n  \
                        no field time: 1 rule\nprocess_creation: 1 rule\n";
        assert_eq!((out.as_str(), status), (expected, Some(0)));
        let (out, errors, status) = check(&args("kusto"), CORRELATION);
        assert_eq!((out.as_str(), status), (expected, Some(1)));
        assert!(errors.contains("2 rules: 1 passed, 1 failed"), "{errors}");
        let filter = "---\ntitle: f\nlogsource: {category: test}\nfilter: {rules: any, \
                      selection: {Own: x}, condition: not selection}\n";
        let rule = RULE.replace("FIELD", "Image") + filter;
        let (out, errors, _) = check(&args("postgres"), &rule);
        assert_eq!(out, "test: 1 rule\n  no field Own: 1 rule\n", "{errors}");
    }
}
