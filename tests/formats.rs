//! What holds for formats that are documents. Their texts are snapshots: `tests/snapshots/formats.rs`.

use serde_json::Value;
use std::path::Path;
use varsigma::backend::Registry;
use varsigma::diagnostic::Code;
use varsigma::dialect::Profile;
use varsigma::pipeline::environment::Closed;
use varsigma::pipeline::{self, Pipeline};
use varsigma::transpile::{Request, Transpiler};

const TARGETS: [&str; 8] = [
    "elastalert",
    "eql",
    "esql",
    "graylog",
    "kql",
    "logscale",
    "lucene",
    "opensearch",
];

fn transpiler(
    target: &str,
    profile: Profile,
    format: &str,
    settings: &[(&str, &str)],
) -> Transpiler {
    let request = Request {
        target: target.to_owned(),
        profile,
        format: Some(format.to_owned()),
        settings: settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Request::default()
    };
    Transpiler::new(&Registry::built_in(), &request).expect("the target has the format")
}

#[test]
fn documents_of_json_are_json() {
    let registry = Registry::built_in();
    for target in TARGETS {
        for format in registry
            .get(target, Profile::Native)
            .expect("built in")
            .formats
        {
            if !format
                .extension
                .is_some_and(|ending| ending.ends_with("json"))
            {
                continue;
            }
            let transpiler = transpiler(target, Profile::Native, &format.name, &[]);
            let text = "title: \"a \\\"b\\\" \\\\ c\"\nlogsource: {product: x}\ndetection:\n  s: {A: 'x\"\\'}\n  condition: s\n";
            for query in transpiler.convert_text("rule.yml", text).queries {
                let document: Result<Value, _> = serde_json::from_str(&query);
                assert!(document.is_ok(), "{target} {}: {query}", format.name);
                assert!(!query.contains('\n'), "one line: {query}");
            }
        }
    }
}

/// A rule whose selection has so many values.
fn long(values: usize, condition: &str) -> String {
    use std::fmt::Write as _;
    let mut text = "title: t\nlogsource: {product: x}\ndetection:\n  s:\n    A:\n".to_owned();
    for value in 0..values {
        let _ = writeln!(text, "      - v{value}");
    }
    let _ = writeln!(text, "  condition: {condition}");
    text
}

#[test]
fn more_clauses_than_engines_take_are_counted() {
    for (target, profile) in [
        ("lucene", Profile::Native),
        ("lucene", Profile::Pysigma),
        ("kql", Profile::Native),
        ("elastalert", Profile::Native),
    ] {
        let transpiler = transpiler(target, profile, "default", &[]);
        let warnings = |text: &str| {
            let output = transpiler.convert_text("rule.yml", text);
            let all = output.all_diagnostics().into_iter();
            let counted = all.filter(|diagnostic| diagnostic.code == Code::TooManyClauses);
            counted
                .map(|diagnostic| diagnostic.message.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(warnings(&long(1024, "s")), [] as [&str; 0], "{target}");
        // A `not` alone is read as "everything but", which is a clause too.
        for text in [long(1025, "s"), long(1024, "not s")] {
            let message = "the query has 1025 clauses, and some engines take 1024";
            assert_eq!(warnings(&text), [message], "{target}");
        }
    }
}

/// The query of a rule behind a pipeline that sets indices and metadata.
fn with_state(target: &str, profile: Profile, format: &str, options: &[(&str, &str)]) -> String {
    let text = "name: p\ntransformations:\n  \
        - {id: i, type: set_state, key: index, val: [b-*, a-*]}\n  \
        - {id: m, type: set_state, key: metadata, val: _id}\n  \
        - {id: t, type: set_state, key: table, val: main.win-logs}\n";
    let rule = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/bare.yml"))
        .expect("a rule");
    let loaded = pipeline::load("p.yml", text, &Closed);
    let file = loaded.pipeline.expect("a pipeline");
    let transpiler = transpiler(target, profile, format, options)
        .with_pipeline(Pipeline::new(vec![file]), Box::new(Closed));
    let output = transpiler.convert_file("bare.yml", &rule);
    output.queries[0].clone()
}

#[test]
fn a_pipeline_sets_the_indices_of_rules() {
    for format in ["siem_rule", "siem_rule_ndjson"] {
        let query = with_state("eql", Profile::Pysigma, format, &[]);
        assert!(query.contains(r#""index": ["b-*", "a-*"]"#), "{query}");
        let query = with_state("lucene", Profile::Pysigma, format, &[]);
        assert!(query.contains(r#""index": ["apm-*-tr"#), "{query}");
        for target in ["eql", "lucene", "kql"] {
            let query = with_state(target, Profile::Native, format, &[]);
            let index = r#""index": ["a-*","b-*"]"#;
            assert!(
                query.replace(", ", ",").contains(&index.replace(", ", ",")),
                "{query}"
            );
            // What the user sets counts for more.
            let query = with_state(target, Profile::Native, format, &[("index_names", "c-*")]);
            assert!(query.contains(r#""index": ["c-*"]"#), "{query}");
        }
    }
    for target in ["lucene", "kql"] {
        let query = with_state(target, Profile::Native, "kibana_ndjson", &[]);
        assert!(query.contains(r#"[{"id": "a-*,b-*","#), "{query}");
    }
    for (profile, options, index) in [
        (Profile::Native, vec![], "index: a-*,b-*"),
        (Profile::Native, vec![("index", "c-*")], "index: c-*"),
        (Profile::Pysigma, vec![], "index: a-*,b-*"),
    ] {
        let query = with_state("elastalert", profile, "default", &options);
        let found = query.replace('"', "");
        assert!(found.lines().any(|line| line == index), "{query}");
    }
}

/// What pySigma-backend-sqlite 2.0.0 gives.
#[test]
fn zircolite_is_told_what_a_rule_needs() {
    let transpiler = transpiler("sqlite", Profile::Pysigma, "zircolite", &[]);
    let text = "title: T\nstatus: Test\nlogsource: {product: windows, service: security}\n\
        detection:\n  a:\n    EventID: [4688, '1']\n    Channel: Security\n    sp ace|contains: x\n  \
        b: {Channel: System}\n  condition: [a and not b, b]\n";
    let output = transpiler.convert_text("rule.yml", text);
    let begin = r#"{"title": "T", "id": "", "status": "test", "description": "", "author": "", "tags": [], "falsepositives": [], "level": "", "rule": ["SELECT * FROM logs WHERE "#;
    let end = r#""required_fields": ["Channel", "EventID", "sp ace"], "result_type": "event", "source_table": "logs", "logsource": {"product": "windows", "service": "security"}, "schema_version": 2}"#;
    let first = r#"((EventID=4688 OR EventID='1') AND Channel='Security' AND `sp ace` LIKE '%x%' ESCAPE '\\') AND (NOT COALESCE((Channel='System'), 0))"], "filename": "", "channel": ["Security"], "eventid": ["1", 4688], "#;
    let second = r#"Channel='System'"], "filename": "", "channel": ["System"], "eventid": [], "#;
    let expected = format!("[{begin}{first}{end}, {begin}{second}{end}]\n");
    assert_eq!(output.queries, [expected], "{:?}", output.error);
}

#[test]
fn a_nul_is_a_character_to_the_reference() {
    let transpiler = transpiler("sqlite", Profile::Pysigma, "default", &[]);
    for (item, expected) in [
        (r#"A: "a\0b""#, "A='a\0b'"),
        (r#"A|contains: "a\0b""#, "A LIKE '%a\0b%' ESCAPE '\\'"),
        (r#"A|cased: "a\0\x01*""#, "A GLOB 'a\\\0\\\u{1}*'"),
    ] {
        let text = format!(
            "title: T\nlogsource: {{product: p}}\ndetection:\n  a:\n    {item}\n  condition: a\n"
        );
        let output = transpiler.convert_text("rule.yml", &text);
        let expected = format!("SELECT * FROM logs WHERE {expected}");
        assert_eq!(output.queries, [expected], "{:?}", output.error);
        let all = output.all_diagnostics();
        let told = |one: &&varsigma::diagnostic::Diagnostic| one.message.contains("NUL");
        assert!(all.into_iter().any(|one| told(&one)), "{item}");
    }
}

#[test]
fn a_pipeline_sets_the_table() {
    for (target, profile, table) in [
        ("sqlite", Profile::Native, "main.`win-logs`"),
        ("sqlite", Profile::Pysigma, "main.`win-logs`"),
        ("postgres", Profile::Native, r#""main"."win-logs""#),
    ] {
        let query = with_state(target, profile, "default", &[]);
        let begin = format!("SELECT * FROM {table} WHERE ");
        assert!(query.starts_with(&begin), "{query}");
    }
}

#[test]
fn a_pipeline_sets_where_esql_reads_from() {
    for (profile, begin) in [
        (Profile::Native, "FROM a-*,b-* METADATA _id | WHERE "),
        (Profile::Pysigma, "from a-*,b-* metadata _id | where "),
    ] {
        let query = with_state("esql", profile, "default", &[]);
        assert!(query.starts_with(begin), "{query}");
        let query = with_state("esql", profile, "kibana_ndjson", &[]);
        assert!(
            query.contains(r#"title\": \"a-*,b-*\""#) || query.contains(r#""title": "a-*,b-*""#),
            "{query}"
        );
        let query = with_state("esql", profile, "siem_rule", &[]);
        assert!(query.contains(begin), "{query}");
        // What the user sets counts for more.
        let query = with_state("esql", profile, "default", &[("index", "logs-*")]);
        assert!(query.contains("logs-* "), "{query}");
    }
}
