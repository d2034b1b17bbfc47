//! The format `sweep` with filters, over columns, columns of types and one column of JSON: SQLite runs
//! what the program prints.
#![cfg(feature = "cli")]

use std::fs;
use std::process::Command;

const FILES: [(&str, &str); 4] = [
    (
        "rules/a.yml",
        r"title: Shell
id: 00000000-0000-4000-8000-00000000000a
logsource: {product: windows}
detection:
  s: {Image|endswith: '\cmd.exe', Pid|gt: 5}
  condition: s
",
    ),
    (
        "rules/b.yml",
        r"title: Any user
id: 00000000-0000-4000-8000-00000000000b
logsource: {product: windows}
detection:
  s: {User: null}
  condition: not s
",
    ),
    (
        "noise.yml",
        r"title: Noise
logsource: {product: windows}
filter:
  rules: any
  selection: {User: service}
  condition: not selection
",
    ),
    ("columns.sql", COLUMNS),
];

const COLUMNS: &str = "CREATE TABLE logs (Image TEXT, Pid INTEGER, User TEXT);\n";

/// Rows as JSON, and the last letters of the ids of the rules that match.
const ROWS: [(&str, &str, i64, Option<&str>, &str); 5] = [
    ("both", r"C:\CMD.exe", 10, Some("ann"), "ab"),
    ("a small number", r"C:\cmd.exe", 5, Some("ann"), "b"),
    ("no user", r"C:\cmd.exe", 6, None, "a"),
    ("noise", r"C:\cmd.exe", 10, Some("Service"), ""),
    ("nothing", r"C:\a.exe", 10, None, ""),
];

/// What the program prints with these options.
fn sweep(options: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in FILES {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_varsigma"))
        .args([
            "convert",
            "-q",
            "-t",
            "sqlite",
            "-f",
            "sweep",
            "-O",
            "table=logs",
        ])
        .args(["--filter", "noise.yml", "rules"])
        .args(options)
        .current_dir(folder.path())
        .output()
        .expect("the program runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{options:?}: {errors}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Runs the statement on the rows, which are in the table by now.
fn found(connection: &rusqlite::Connection, name: &str, query: &str) -> String {
    let query = query.trim_end().trim_end_matches(';');
    let query = format!("SELECT rule_ids FROM ({query}) WHERE name = ?1");
    let ids = connection.query_row(&query, [name], |row| row.get::<_, String>(0));
    match ids {
        Err(rusqlite::Error::QueryReturnedNoRows) => String::new(),
        ids => {
            let ids: Vec<String> =
                serde_json::from_str(&ids.expect("it runs")).expect("a list of ids");
            ids.iter().filter_map(|id| id.chars().last()).collect()
        }
    }
}

#[test]
fn a_sweep_of_columns_applies_filters() {
    let columns = COLUMNS.replace("(Image", "(name TEXT, Image");
    for options in [
        &[][..],
        &["--schema", "columns.sql"],
        &["-O", "number=native"],
    ] {
        let query = sweep(options);
        let connection = rusqlite::Connection::open_in_memory().expect("memory");
        connection.execute_batch(&columns).expect("a table");
        for (name, image, pid, user, expected) in ROWS {
            let row = rusqlite::params![name, image, pid, user];
            let insert = "INSERT INTO logs VALUES (?1, ?2, ?3, ?4)";
            connection.execute(insert, row).expect("a row");
            let found = found(&connection, name, &query);
            assert_eq!(found, expected, "{options:?} {name}: {query}");
        }
    }
}

#[test]
fn a_sweep_of_one_column_of_json_applies_filters() {
    let query = sweep(&["-O", "json=event"]);
    let connection = rusqlite::Connection::open_in_memory().expect("memory");
    connection
        .execute_batch("CREATE TABLE logs (name TEXT, event TEXT);")
        .expect("a table");
    for (name, image, pid, user, expected) in ROWS {
        let event = serde_json::json!({"Image": image, "Pid": pid, "User": user}).to_string();
        let insert = "INSERT INTO logs VALUES (?1, ?2)";
        connection.execute(insert, [name, &event]).expect("a row");
        assert_eq!(
            found(&connection, name, &query),
            expected,
            "{name}: {query}"
        );
    }
}
