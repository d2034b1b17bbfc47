//! Filters: `--filter`, and `filters` in `varsigma.toml`.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const RULE: &str = "title: Rar
id: 1d3f4f0c-8a0e-4c1b-9a52-5d1c3f8b7a10
name: rar
logsource: {product: windows}
detection: {selection: {Image: rar}, condition: selection}
";

/// A folder with that rule and these files of filters.
fn folder(filters: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "rules/rar.yml", RULE);
    for (name, text) in filters {
        write(folder.path(), name, text);
    }
    folder
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A filter for these rules that leaves out one user.
fn filter(rules: &str, user: &str) -> String {
    format!(
        "title: Not {user}\nlogsource: {{product: Windows}}\n\
         filter: {{rules: {rules}, selection: {{User: {user}}}, condition: not selection}}\n"
    )
}

/// The exit code and both streams.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_varsigma"));
    let output = command
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn filters_of_files_and_folders_are_joined_in_order_each_once() {
    let (a, b) = (filter("any", "ann"), filter("rar", "bob"));
    let folder = folder(&[("filters/a.yml", &a), ("filters/b.yml", &b)]);
    let convert = ["convert", "-q", "-t", "splunk", "rules"];
    let both = "(Image=\"rar\" NOT User=\"ann\" NOT User=\"bob\")\n";
    for filters in [
        &["--filter", "filters"][..],
        &["--filter", "filters/a.yml", "--filter", "filters"],
    ] {
        let (code, out, err) = run(folder.path(), &[&convert, filters].concat());
        assert_eq!((code, out.as_str(), err.as_str()), (0, both, ""));
    }
    let (code, out, _) = run(folder.path(), &[&convert[..], &["filters/b.yml"]].concat());
    assert_eq!(
        (code, out.as_str()),
        (0, "(Image=\"rar\" NOT User=\"bob\")\n")
    );
}

#[test]
fn json_names_the_filters_of_a_rule() {
    let folder = folder(&[("f.yml", &filter("any", "ann"))]);
    let arguments = [
        "convert", "--json", "-t", "splunk", "--filter", "f.yml", "rules",
    ];
    let (_, out, _) = run(folder.path(), &arguments);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["rules"][0]["filters"], serde_json::json!(["Not ann"]));
}

#[test]
fn a_broken_filter_is_an_error_and_its_rules_have_no_query() {
    let broken = filter("any", "ann").replace("User", "User|base6");
    let folder = folder(&[("f.yml", &broken)]);
    let arguments = ["convert", "-t", "splunk", "--filter", "f.yml", "rules"];
    let (code, out, err) = run(folder.path(), &arguments);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("VS0401"), "{err}");
}

#[test]
fn what_a_target_cannot_say_of_a_filter_names_it() {
    let regex = filter("any", "'(?!x)'").replace("User", "User|re");
    let folder = folder(&[("f.yml", &regex)]);
    let arguments = ["convert", "-t", "lucene", "--filter", "f.yml", "rules"];
    let (code, _, err) = run(folder.path(), &arguments);
    assert_eq!(code, 1, "{err}");
    assert!(
        err.contains("rules/rar.yml:5") && err.contains("Not '(?!x)'") || err.contains("Not (?!x)"),
        "{err}"
    );
}

#[test]
fn lint_finds_filters_without_rules_and_rules_without_events() {
    let swallows = "title: All\nlogsource: {product: windows}\n\
                    filter: {rules: any, s: {Image: 'r*'}, condition: not s}\n";
    let stray = filter("any", "ann").replace("Windows", "linux");
    let harmless = filter("any", "bob");
    let files = [
        ("f/all.yml", swallows),
        ("f/bob.yml", &harmless),
        ("f/stray.yml", &stray),
    ];
    let folder = folder(&files);
    let (_, _, err) = run(folder.path(), &["lint", "--filter", "f", "rules"]);
    assert!(err.contains("VS1150") && err.contains("`Not ann`"), "{err}");
    assert!(err.contains("expected the filter `All` to leave"), "{err}");
}

#[test]
fn test_asks_the_rule_with_its_filters() {
    let folder = folder(&[("f.yml", &filter("any", "ann"))]);
    let events = "{\"Image\":\"rar\",\"User\":\"ann\"}\n{\"Image\":\"rar\",\"User\":\"bob\"}\n";
    write(folder.path(), "events.jsonl", events);
    let arguments = [
        "test",
        "rules",
        "--events",
        "events.jsonl",
        "--filter",
        "f.yml",
    ];
    let (code, out, err) = run(folder.path(), &arguments);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("1 of 2 events"), "{out}");
}

#[test]
fn a_projects_outputs_follow_their_filters() {
    let config =
        "filters = [\"filters\"]\n[output.splunk]\n[output.sqlite]\nfilters = [\"own.yml\"]\n";
    let folder = folder(&[
        ("varsigma.toml", config),
        ("filters/a.yml", &filter("any", "ann")),
        // Tests are no filters.
        ("filters/a.test.yml", "tests: [{event: {A: b}}]\n"),
        ("own.yml", &filter("rar", "bob")),
    ]);
    let (code, _, err) = run(folder.path(), &["build"]);
    assert_eq!(code, 0, "{err}");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(
        read("generated/splunk/rar.spl"),
        "(Image=\"rar\" NOT User=\"ann\")\n"
    );
    assert!(read("generated/sqlite/rar.sql").contains("'bob'"));
    let lock = read("varsigma.lock");
    assert!(lock.contains("\"inputs\":{\"filters/a.yml\":"), "{lock}");
    assert_eq!(run(folder.path(), &["check"]).0, 0);
    write(folder.path(), "filters/a.yml", &filter("any", "amy"));
    let (code, _, err) = run(folder.path(), &["check"]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("stale"), "{err}");
}

#[test]
fn a_projects_filters_stay_inside_it() {
    for path in ["../f.yml", "/etc", ".git/f.yml"] {
        let config = format!("filters = [\"{path}\"]\n[output.splunk]\n");
        let folder = folder(&[
            ("varsigma.toml", &config),
            (".git/f.yml", &filter("any", "a")),
        ]);
        let (code, _, err) = run(folder.path(), &["check"]);
        assert_eq!(code, 2, "{path}: {err}");
    }
}
