//! Each kind of export.

use super::*;
use serde_json::json;

/// `table.column type`, a line each.
fn read(text: &str) -> Vec<String> {
    let schema = Schema::read(text).expect("it can be read");
    let tables = schema.tables.iter();
    let columns = tables.flat_map(|table| {
        let name = table.name.as_deref().unwrap_or("?");
        let columns = table.columns.iter();
        columns.map(move |column| format!("{name}: {} {}", column.name, column.kind))
    });
    columns.collect()
}

fn fault(text: &str) -> String {
    Schema::read(text).expect_err("it can't be read").message
}

#[test]
fn what_no_search_finds_is_no_field() {
    let properties = json!({
        "a": {"type": "nested", "properties": {"b": {"type": "keyword"}}},
        "c": {"type": "nested", "include_in_root": true, "properties": {"d": {"type": "ip"}}},
        "e": {"type": "keyword", "index": false, "doc_values": false},
        "f": {"type": "keyword", "index": false},
        "g": {"type": "text", "index": false},
        "h": {"type": "text"},
    });
    let text = json!({"i": {"mappings": {"properties": properties}}}).to_string();
    let fields = ["i: c nested", "i: c.d ip", "i: f keyword", "i: h text"];
    assert_eq!(read(&text), fields);
}

/// Every index of a cluster has a table, and every field may have other names.
#[test]
fn large_exports_are_read_in_one_pass() {
    let rows = (0..50_000).map(|n| format!("t{n},c{n},text\n"));
    let text = format!(
        "table_name,column_name,data_type\n{}",
        rows.collect::<String>()
    );
    assert_eq!(Schema::read(&text).expect("a table").tables.len(), 50_000);
    let aliases = (0..25_000).map(|n| {
        (
            format!("a{n}"),
            json!({"type": "alias", "path": format!("b{n}")}),
        )
    });
    let fields = (0..25_000).map(|n| (format!("b{n}"), json!({"type": "keyword"})));
    let properties: serde_json::Map<_, _> = aliases.chain(fields).collect();
    let text = json!({"i": {"mappings": {"properties": properties}}}).to_string();
    let schema = Schema::read(&text).expect("a mapping");
    assert_eq!(schema.tables[0].columns.len(), 50_000);
}

#[test]
fn a_mapping_has_fields_in_fields() {
    let text = r#"{"logs-a": {
        "settings": {"index": {"analysis": {"normalizer": {"small": {"filter": ["trim", "lowercase"]}, "as_is": {"filter": []}}}}},
        "mappings": {"properties": {
            "process": {"properties": {
                "name": {"type": "keyword", "normalizer": "small", "fields": {"text": {"type": "match_only_text"}}},
                "title": {"type": "keyword", "normalizer": "as_is"},
                "args": {"type": "keyword", "normalizer": "lowercase"},
                "pid": {"type": "long"}}},
            "image": {"type": "alias", "path": "process.name"},
            "labels": {"type": "flattened"}}}}}"#;
    let expected = [
        "logs-a: process.name normalized",
        "logs-a: process.name.text match_only_text",
        "logs-a: process.title keyword",
        "logs-a: process.args normalized",
        "logs-a: process.pid long",
        "logs-a: labels flattened",
        "logs-a: image normalized",
    ];
    assert_eq!(read(text), expected);
}

#[test]
fn an_index_template_is_for_its_patterns() {
    let text = r#"{"index_templates": [{"name": "logs", "index_template": {"index_patterns": ["logs-*", "beats-*"],
        "template": {"mappings": {"properties": {"a": {"type": "ip"}}}}}}]}"#;
    assert_eq!(read(text), ["logs-*,beats-*: a ip"]);
}

#[test]
fn kusto_lists_its_databases() {
    let text = r#"{"Databases": {"db": {"Name": "db", "Tables": {"T": {"Name": "T", "OrderedColumns": [
        {"Name": "A", "Type": "System.String", "CslType": "string"}, {"Name": "B", "Type": "System.Int32"}]}}}}}"#;
    assert_eq!(read(text), ["T: A string", "T: B system.int32"]);
}

#[test]
fn tables_of_columns_have_a_header() {
    let text = "table_name,column_name,data_type\nlogs,Image,\"character varying(20)\"\nlogs,\"a,b\",int4\n";
    assert_eq!(
        read(text),
        ["logs: Image character varying", "logs: a,b int4"]
    );
    let text = "ColumnName\tColumnOrdinal\tDataType\tColumnType\nEventID\t3\tSystem.Int32\tint\n";
    assert_eq!(read(text), ["?: EventID system.int32"]);
    let text = "field,count,distinct_count,numeric_count\nuser,5,2,0\nport,5,3,5\n";
    assert_eq!(read(text), ["?: user string", "?: port number"]);
    let text = r#"[{"TABLE_NAME": "t", "COLUMN_NAME": "A", "DATA_TYPE": "NUMBER(38,0)"}]"#;
    assert_eq!(read(text), ["t: A number"]);
    let text = "{\"result\": {\"field\": \"a\", \"count\": \"2\", \"numeric_count\": \"2\"}}\n{\"result\": {\"field\": \"b\", \"count\": \"2\", \"numeric_count\": \"1\"}}\n";
    assert_eq!(read(text), ["?: a number", "?: b string"]);
}

#[test]
fn our_own_list_is_toml() {
    let text = "# ours\n[columns]\nprocess.pid = \"long\"\n\"a.b\" = 'Keyword'\n[tables.logs]\nx = \"int\"\n";
    assert_eq!(
        read(text),
        ["?: process.pid long", "?: a.b keyword", "logs: x int"]
    );
}

#[cfg(feature = "schemas")]
#[test]
fn statements_of_many_dialects_create_tables() {
    let text = "-- a table\nCREATE TABLE main.logs (\"Image\" VARCHAR(255) NOT NULL, n BIGINT PRIMARY KEY, t TIMESTAMP(3));";
    assert_eq!(
        read(text),
        [
            "main.logs: Image varchar",
            "main.logs: n bigint",
            "main.logs: t timestamp"
        ]
    );
    let text = "CREATE TABLE logs (Image Nullable(String), n UInt16, h LowCardinality(String)) ENGINE = MergeTree ORDER BY n";
    assert_eq!(
        read(text),
        ["logs: Image string", "logs: n uint16", "logs: h string"]
    );
    let text = "CREATE TABLE logs (p STRUCT<name STRING, pid INT64>)";
    assert_eq!(
        read(text),
        ["logs: p.name string", "logs: p.pid int64", "logs: p struct"]
    );
}

#[cfg(feature = "schemas")]
#[test]
fn columns_of_partitions_are_columns() {
    let text = "CREATE EXTERNAL TABLE logs (eventid int) PARTITIONED BY (dt string, e boolean) STORED AS PARQUET";
    assert_eq!(
        read(text),
        ["logs: eventid int", "logs: dt string", "logs: e boolean"]
    );
    let text =
        "CREATE TABLE logs (id INT, t TIMESTAMP) PARTITIONED BY (id, bucket(16, id), days(t));";
    assert_eq!(read(text), ["logs: id int", "logs: t timestamp"]);
}

#[cfg(feature = "schemas")]
#[test]
fn structures_have_fields_in_every_dialect() {
    let expected = ["logs: S.a varchar", "logs: S.l varchar[]", "logs: S struct"];
    for kind in [
        "STRUCT(a VARCHAR, l VARCHAR[])",
        "STRUCT<a VARCHAR, l ARRAY<VARCHAR>>",
        "struct<a:varchar,l:array<varchar>>",
        "ROW(a VARCHAR, l ARRAY(VARCHAR))",
        "Tuple(a Varchar, l Array(Varchar))",
    ] {
        let text = format!("CREATE TABLE logs (S {kind} COMMENT 'x, y', n INT)");
        let expected = [&expected[..], &["logs: n int"]].concat();
        assert_eq!(read(&text), expected, "{text}");
    }
    for (kind, expected) in [
        (
            "STRUCT(\"\"a\"\" STRUCT(b INT), c INT)",
            ["?: S.a.b int", "?: S.a struct", "?: S.c int", "?: S struct"].as_slice(),
        ),
        (
            "STRUCT<a STRUCT<b INT>>",
            &["?: S.a.b int", "?: S.a struct", "?: S struct"],
        ),
        ("STRUCT(a INT)[]", &["?: S struct[]"]),
        ("structure", &["?: S structure"]),
    ] {
        let text = format!("name,type\nS,\"{kind}\"\n");
        assert_eq!(read(&text), expected, "{text}");
    }
}

#[cfg(feature = "schemas")]
#[test]
fn types_that_no_dialect_has_are_unknown() {
    let text = "CREATE TABLE logs (m map<string,array<string>> COMMENT 'x', a ARRAY(ROW(b ARRAY(VARCHAR))), n INT)";
    assert_eq!(read(text), ["logs: m map", "logs: a row[]", "logs: n int"]);
}

#[cfg(feature = "schemas")]
#[test]
fn keys_and_constraints_are_no_columns() {
    let text = "CREATE TABLE logs (Image varchar(20), FULLTEXT KEY ft (Image), SPATIAL KEY sp (Image), \
        EXCLUDE USING gist (Image WITH =), `key` int)";
    assert_eq!(read(text), ["logs: Image varchar", "logs: key int"]);
}

#[cfg(feature = "schemas")]
#[test]
fn statements_that_are_too_deep_are_an_error() {
    for (open, close) in [("ARRAY<", ">"), ("STRUCT<x ", ">"), ("ARRAY</*>*/", ">")] {
        let (open, close) = (open.repeat(50_000), close.repeat(50_000));
        let text = format!("CREATE TABLE t (a {open}INT{close})");
        assert!(fault(&text).contains("nested too deeply"));
    }
    let nots = "NOT ".repeat(50_000);
    for text in [
        format!("CREATE TABLE t (a INT) AS SELECT {nots}1"),
        format!("CREATE TABLE t (a INT CHECK ({nots}a))"),
        format!(
            "CREATE TABLE t (a INT DEFAULT {}1{})",
            "(".repeat(50_000),
            ")".repeat(50_000)
        ),
        format!("CREATE TABLE t (a INT DEFAULT {}1)", "- ".repeat(50_000)),
        format!(
            "CREATE TABLE t (a {}INT{})",
            "Nullable(".repeat(50_000),
            ")".repeat(50_000)
        ),
        format!("CREATE TABLE t (a INT{})", "[]".repeat(50_000)),
        format!("CREATE TABLE t (a INT DEFAULT {}1)", "1 + ".repeat(50_000)),
        format!(
            "CREATE TABLE t (a INT DEFAULT {}1)",
            "CASE WHEN 1 THEN ".repeat(5_000)
        ),
    ] {
        // Whatever comes of it.
        let _ = Schema::read(&text);
    }
    let nested = "CREATE TABLE t (a ARRAY<STRUCT<x INT, y ARRAY<INT>>>, b INT CHECK (b < 3), c, \
        PRIMARY KEY (b)) ENGINE = x; CREATE INDEX i ON t (a); CREATE TEMP TABLE IF NOT EXISTS u (\"key\" INT)";
    assert_eq!(
        read(nested),
        ["t: a struct[]", "t: b int", "t: c ", "u: key int"]
    );
}

#[cfg(feature = "schemas")]
#[test]
fn dumps_begin_with_other_statements() {
    let table = "CREATE TABLE public.logs (\n    id bigint NOT NULL,\n    tags text[]\n);";
    let expected = ["public.logs: id bigint", "public.logs: tags text[]"];
    let of_postgres = format!(
        "--\n-- PostgreSQL database dump\n--\n\n\\restrict 9fUuHpZ1\n\nSELECT 1;\n{table}\n\\unrestrict 9fUuHpZ1\n"
    );
    assert_eq!(read(&of_postgres), expected);
    let of_sqlite =
        "PRAGMA foreign_keys=OFF; BEGIN TRANSACTION; CREATE TABLE logs(id INT); COMMIT;";
    assert_eq!(read(of_sqlite), ["logs: id int"]);
    let of_mysql = "Table\tCreate Table\nlogs\tCREATE TABLE `logs` (\\n  `id` int(11),\\n  KEY `k` (`id`)\\n)\n\
        two\tCREATE TABLE `two` (\\n  `n` text\\n)\n";
    assert_eq!(read(of_mysql), ["logs: id int", "two: n text"]);
}

#[test]
fn headers_of_toml_may_have_blanks_and_comments() {
    for text in [
        "[tables.logs] # all of them\nImage = \"varchar\"",
        "[tables]\nlogs.Image = \"varchar\"",
        "[ tables.logs ]\nImage = \"varchar\"",
    ] {
        assert_eq!(read(text), ["logs: Image varchar"], "{text}");
    }
    assert_eq!(read("[ columns ]\nA = \"int\""), ["?: A int"]);
}

#[test]
fn types_have_quotes_wrappers_and_schemas() {
    for (kind, expected) in [
        ("LowCardinality(Nullable(UInt32))", "uint32"),
        ("Array(LowCardinality(Nullable(String)))", "string[]"),
        ("[bit]", "bit"),
        ("[datetime2](7)", "datetime2"),
        ("\"public\".\"citext\"", "citext"),
        ("public.citext[]", "citext[]"),
        ("VARCHAR[3]", "varchar[]"),
        ("System.Int32", "system.int32"),
    ] {
        assert_eq!(base(kind), expected, "{kind}");
    }
}

#[test]
fn lists_are_told_by_their_elements() {
    for (kind, expected) in [
        ("array(varchar(20))", "varchar[]"),
        ("ARRAY<STRING>", "string[]"),
        ("Array(Nullable(String))", "string[]"),
        ("list<bigint>", "bigint[]"),
        ("text[]", "text[]"),
        ("ARRAY", "[]"),
        ("array(array(varchar))", "varchar[][]"),
        ("array(row(a varchar))", "row[]"),
        ("arrays", "arrays"),
    ] {
        assert_eq!(base(kind), expected, "{kind}");
    }
    let deep = "array(".repeat(100_000);
    assert_eq!(base(&deep), "array");
    let deep = format!("{deep}{}", ")".repeat(100_000));
    assert_eq!(base(&deep), "array[][]");
}

#[test]
fn faults_are_told() {
    assert_eq!(fault(""), "the schema has no columns");
    assert_eq!(fault("{}"), "the schema has no columns");
    assert!(fault("{\"a\": ").starts_with("the schema is not JSON"));
    assert!(
        fault("name,type\na,b,c\n").starts_with("the table can't be read: CSV error: record 1")
    );
    assert_eq!(fault("a = 1"), "expected `columns` or `tables`, found `a`");
    assert_eq!(
        fault("[columns]\na = 1"),
        "`a`: expected the name of a type"
    );
    assert!(fault("hello").starts_with("the schema can't be read"));
}
