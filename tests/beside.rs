//! Tests beside rules and in them, as `varsigma test` runs them.

use std::fs;
use std::path::Path;
use std::process::Command;

const RULE: &str = r"title: Shell of the web server
id: 00000000-0000-4000-8000-00000000000a
logsource: {category: process_creation, product: windows}
detection:
  selection: {ParentImage|endswith: '\w3wp.exe', Image|endswith: '\cmd.exe'}
  condition: selection
";

const TESTS: &str = r"tests:
  - name: the web server's
    event: {ParentImage: 'C:\w3wp.exe', Image: 'C:\CMD.exe'}
    expect: match
  - name: a user's
    event: {ParentImage: 'C:\explorer.exe', Image: 'C:\cmd.exe'}
    expect: no_match
";

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_varsigma"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("it is writable");
    }
    folder
}

#[test]
fn tests_beside_a_rule_are_run() {
    let folder = folder(&[("a.yml", RULE), ("a.test.yml", TESTS)]);
    let (code, out, errors) = run(folder.path(), &["test", "."]);
    assert_eq!(code, Some(0), "{out}{errors}");
    assert!(out.contains("fired  1 of 2 events"), "{out}");
    let (_, out, _) = run(folder.path(), &["convert", "-t", "splunk", "."]);
    assert_eq!(out.lines().count(), 1, "{out}");
    let (code, _, errors) = run(folder.path(), &["lint", "a.test.yml", "a.yml"]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(errors.contains("VS0010"), "{errors}");
}

#[test]
fn a_wrong_answer_is_an_error_that_names_the_test() {
    let tests = TESTS.replace("expect: no_match", "expect: match");
    let folder = folder(&[("a.yml", RULE), ("a.test.yml", &tests)]);
    let (code, out, errors) = run(
        folder.path(),
        &["test", ".", "--explain", "--junit", "j.xml"],
    );
    assert_eq!(code, Some(1), "{out}");
    assert!(
        errors.contains("VS1005") && errors.contains("a user's"),
        "{errors}"
    );
    assert!(out.contains("- ParentImage"), "{out}");
    let junit = fs::read_to_string(folder.path().join("j.xml")).expect("it was written");
    assert!(junit.contains("tests=\"1\" failures=\"1\""), "{junit}");
    assert!(
        junit.contains("a user's") && junit.contains("<failure"),
        "{junit}"
    );
}

#[test]
fn tests_in_a_rule_are_run() {
    let rule = format!("{RULE}{TESTS}");
    let folder = folder(&[("a.yml", &rule)]);
    let (code, out, errors) = run(folder.path(), &["test", "a.yml"]);
    assert_eq!(code, Some(0), "{out}{errors}");
    assert!(out.contains("fired  1 of 2 events"), "{out}");
}

#[test]
fn a_format_can_be_named() {
    let rule = RULE.replace(
        "selection: {ParentImage|endswith: '\\w3wp.exe', ",
        "selection: {",
    );
    assert!(rule.contains("selection: {Image"), "{rule}");
    let folder = folder(&[("a.yml", &rule), ("events.txt", "Image\nC:\\cmd.exe\n")]);
    let test = |format: &[&str]| {
        let arguments = [&["test", "a.yml", "--events", "events.txt"], format].concat();
        run(folder.path(), &arguments)
    };
    let (code, out, errors) = test(&["--input-format", "csv"]);
    assert_eq!(code, Some(0), "{out}{errors}");
    let (code, _, errors) = test(&[]);
    assert_eq!(code, Some(1));
    assert!(
        errors.contains("VS1026") && errors.contains("--input-format"),
        "{errors}"
    );
    assert_eq!(test(&["--input-format", "yaml"]).0, Some(2));
}

#[test]
fn a_sequence_is_for_the_correlation() {
    let rules = "title: Failed login
name: failed
logsource: {product: windows}
detection: {s: {EventID: 4625}, condition: s}
---
title: Three of them
correlation:
  type: event_count
  rules: [failed]
  group-by: [User]
  timespan: 5m
  condition: {gte: 3}
";
    let event = |second: u8| {
        format!("{{EventID: 4625, User: a, timestamp: '2026-01-01T00:00:0{second}Z'}}")
    };
    let tests = format!(
        "tests:\n  - name: three\n    events: [{}, {}, {}]\n  - name: two\n    events: [{}, {}]\n    expect: no_match\n",
        event(1),
        event(2),
        event(3),
        event(1),
        event(2)
    );
    let folder = folder(&[("a.yml", rules), ("a.test.yml", &tests)]);
    let (code, out, errors) = run(folder.path(), &["test", "a.yml"]);
    assert_eq!(code, Some(0), "{out}{errors}");
    assert!(out.contains("fired  1 time"), "{out}");
    let wrong = tests.replace("    expect: no_match\n", "");
    fs::write(folder.path().join("a.test.yml"), wrong).expect("it is writable");
    let (code, _, errors) = run(folder.path(), &["test", "a.yml"]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("(two)"), "{errors}");
}

#[test]
fn what_is_wrong_with_tests_is_pointed_at() {
    for (tests, code, text) in [
        (
            "tests:\n  - event: {a: 1}\n    expect: maybe\n",
            "VS1048",
            "a.test.yml:3",
        ),
        ("tests:\n  - evnt: {a: 1}\n", "VS1048", "a.test.yml:2"),
        (
            "tests:\n  - name: t\n",
            "VS1048",
            "found neither, in the test `t`",
        ),
        (
            "tests: [{event: {a: 1}, events: []}]\n",
            "VS1048",
            "found both",
        ),
        (
            "tests: [{events: []}]\n",
            "VS1048",
            "found none, in the test `test 1`",
        ),
        ("tests: [{event: 5}]\n", "VS1048", "to be a map"),
        (
            "tests: [{event: {a: 1}, rule: other}]\n",
            "VS1049",
            "`other`",
        ),
    ] {
        let folder = folder(&[("a.yml", RULE), ("a.test.yml", tests)]);
        let (exit, _, errors) = run(folder.path(), &["test", "a.yml"]);
        assert_eq!(exit, Some(1), "{tests}");
        assert!(
            errors.contains(code) && errors.contains(text),
            "{tests}{errors}"
        );
    }
}

#[test]
fn changes_that_no_test_notices_are_named() {
    let files = folder(&[("a.yml", RULE), ("a.test.yml", TESTS)]);
    let (code, out, errors) = run(files.path(), &["test", ".", "--mutants"]);
    assert_eq!(code, Some(1), "{out}{errors}");
    assert!(out.contains("tests notice 6 of 9 changes"), "{out}{errors}");
    assert!(errors.contains("VS1050"), "{errors}");
    assert!(
        errors.contains(r"no test notices the rule without `Image: '*\cmd.exe'`"),
        "{errors}"
    );
    let (_, out, _) = run(files.path(), &["test", ".", "--mutants", "--json"]);
    let verdict: serde_json::Value = serde_json::from_str(&out).expect("one object");
    let unnoticed = verdict["mutants"]["unnoticed"].as_array().expect("a list");
    assert_eq!(unnoticed.len(), 3);
    assert!(unnoticed.iter().all(|one| one["matches"] == false), "{out}");
    // The events that show the changes, as tests, notice them.
    let shown = unnoticed.iter().map(|one| {
        let event = &one["event"];
        format!("  - {{event: {event}, expect: no_match}}\n")
    });
    let tests = TESTS.to_owned() + &shown.collect::<String>();
    let files = folder(&[("a.yml", RULE), ("a.test.yml", &tests)]);
    let (code, out, errors) = run(files.path(), &["test", ".", "--mutants"]);
    assert_eq!(code, Some(0), "{out}{errors}");
    assert!(out.contains("tests notice 9 of 9 changes"), "{out}");
}

/// Rules that correlations of tests are made of.
const EVENTS: &str = "title: Failed
name: failed
logsource: {product: windows}
detection: {s: {EventID: 4625}, condition: s}
---
title: Locked
name: locked
logsource: {product: windows}
detection: {s: {EventID: 4740}, condition: s}
---
title: Reset
name: reset
logsource: {product: windows}
detection: {s: {EventID: 4724}, condition: s}
---
title: Together
correlation:
";

/// An event of a minute's second.
fn at(second: u8, id: u16, more: &str) -> String {
    format!("{{EventID: {id}, timestamp: '2026-01-01T00:00:{second:02}Z', {more}}}")
}

/// Tests a correlation with `--mutants`: the exit code, the verdict on it, and what was said.
fn changed(correlation: &str, tests: &str) -> (Option<i32>, serde_json::Value, String) {
    let rules = format!("{EVENTS}{correlation}");
    let files = folder(&[("a.yml", &rules), ("a.test.yml", tests)]);
    let (code, out, errors) = run(files.path(), &["test", ".", "--mutants", "--json"]);
    let verdict = out.lines().last().unwrap_or_default();
    let verdict = serde_json::from_str(verdict);
    (
        code,
        verdict.unwrap_or_else(|_| panic!("{out}{errors}")),
        errors,
    )
}

/// The changes that no test notices. What shows them, as tests, has to notice them all.
fn unnoticed(correlation: &str, events: &[String]) -> Vec<String> {
    let tests = format!("tests:\n  - events: [{}]\n", events.join(", "));
    let (code, verdict, errors) = changed(correlation, &tests);
    assert_eq!(code, Some(1), "{correlation}{errors}");
    let unnoticed = verdict["mutants"]["unnoticed"].as_array().expect("a list");
    let more = unnoticed.iter().map(|one| {
        let answer = if one["matches"] == true {
            "match"
        } else {
            "no_match"
        };
        format!("  - {{events: {}, expect: {answer}}}\n", one["events"])
    });
    let tests = tests.clone() + &more.collect::<String>();
    let (code, after, errors) = changed(correlation, &tests);
    assert_eq!(code, Some(0), "{correlation}{tests}{errors}");
    assert_eq!(after["mutants"]["made"], after["mutants"]["noticed"]);
    assert_eq!(after["mutants"]["made"], verdict["mutants"]["made"]);
    let names = unnoticed.iter().map(|one| one["change"].as_str());
    names.map(|name| name.expect("a text").to_owned()).collect()
}

#[test]
fn changes_of_a_count_are_named() {
    let correlation = "  type: event_count
  rules: [failed, locked]
  group-by: [User, host]
  aliases:
    host: {failed: Computer, locked: Target}
  timespan: 5m
  condition: {gte: 2}
";
    let who = "User: a, Computer: c";
    assert_eq!(
        unnoticed(correlation, &[at(1, 4625, who), at(2, 4625, who)]),
        [
            "where it always fires",
            "without `locked`",
            "with `timespan: 150s` for `5m`",
            "with `timespan: 10m` for `5m`",
            "without `User` in `group-by`",
            "without `host` in `group-by`",
            "with `gte: 1` for `gte: 2`",
            "without `locked` in the alias `host`",
        ]
    );
    let tests = format!(
        "tests:\n  - events: [{}, {}]\n",
        at(1, 4625, who),
        at(2, 4625, who)
    );
    let (_, verdict, errors) = changed(correlation, &tests);
    assert!(
        errors.contains("warning[VS1050]: no test notices the correlation"),
        "{errors}"
    );
    assert!(errors.contains("a.yml:23:13"), "at the time span: {errors}");
    assert!(errors.contains("add a test: `{events: [{"), "{errors}");
    // An event that differs in the field that is left out, and not one that lacks it.
    let unnoticed = verdict["mutants"]["unnoticed"].as_array().expect("a list");
    let user = unnoticed
        .iter()
        .find(|one| one["change"] == "without `User` in `group-by`");
    let events = user.expect("it is named")["events"]
        .as_array()
        .expect("a list");
    let users: Vec<_> = events.iter().map(|event| &event["User"]).collect();
    assert!(users[0].is_string() && users[0] != users[1], "{users:?}");
}

#[test]
fn changes_of_values_are_named() {
    let correlation = "  type: value_count
  rules: failed
  group-by: User
  timespan: 1h
  condition: {gte: 2, lt: 9, field: [Computer, Process]}
";
    let event = |second, more: &str| at(second, 4625, &format!("User: a, {more}"));
    let events = [
        event(1, "Computer: a, Process: a"),
        event(2, "Computer: b, Process: b"),
    ];
    assert_eq!(
        unnoticed(correlation, &events),
        [
            "where it always fires",
            "with `event_count` for `value_count`",
            "with `timespan: 30m` for `1h`",
            "with `timespan: 2h` for `1h`",
            "without `User` in `group-by`",
            "with `gte: 1` for `gte: 2`",
            "without `gte: 2`",
            "with `lt: 8` for `lt: 9`",
            "with `lt: 10` for `lt: 9`",
            "without `lt: 9`",
            "without `Computer` in `field`",
            "without `Process` in `field`",
        ]
    );
    for (kind, other) in [
        ("value_sum", "value_avg"),
        ("value_avg", "value_sum"),
        ("value_median", "value_avg"),
    ] {
        let correlation = format!(
            "  type: {kind}\n  rules: failed\n  timespan: 1h\n  condition: {{gte: 1000, field: Bytes}}\n"
        );
        let found = unnoticed(&correlation, &[at(1, 4625, "Bytes: 1001")]);
        let kinds = format!("with `{other}` for `{kind}`");
        assert!(found.contains(&kinds), "{found:?}");
        assert!(
            found.contains(&"with `gt: 1000` for `gte: 1000`".to_owned()),
            "{found:?}"
        );
    }
}

#[test]
fn changes_of_an_order_and_of_an_expression_are_named() {
    let events = [at(1, 4625, ""), at(2, 4740, ""), at(3, 4724, "")];
    let ordered = "  type: temporal_ordered\n  rules: [failed, locked, reset]\n  timespan: 1h\n";
    assert_eq!(
        unnoticed(ordered, &events),
        [
            "where it always fires",
            "with `temporal` for `temporal_ordered`",
            "without `failed`",
            "without `locked`",
            "without `reset`",
            "with `timespan: 30m` for `1h`",
            "with `timespan: 2h` for `1h`",
        ]
    );
    let expression =
        "  type: temporal\n  timespan: 1h\n  condition: failed and (locked or reset)\n";
    assert_eq!(
        unnoticed(expression, &events[..2]),
        [
            "where it always fires",
            "without `failed`",
            "without `reset`",
            "with `timespan: 30m` for `1h`",
            "with `timespan: 2h` for `1h`",
            "with one of for all of `failed` and 2 more",
        ]
    );
    // It fires at the end of the window, which an event after it shows.
    let absence = "  type: temporal\n  timespan: 10s\n  condition: failed and not locked\n";
    let found = unnoticed(absence, &[at(1, 4625, ""), at(30, 1, "")]);
    assert!(found.contains(&"without `locked`".to_owned()), "{found:?}");
}

const PROJECT: &str = "tests = [\"tests\"]\n[output.splunk]\n";

#[test]
fn a_project_names_folders_of_tests() {
    let folder = folder(&[("varsigma.toml", PROJECT)]);
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
        fs::write(path, text).expect("it is writable");
    };
    write("rules/web/a.yml", RULE);
    write("tests/web/a.test.yml", TESTS);
    // From a folder below, too.
    let (code, out, errors) = run(&folder.path().join("rules"), &["test"]);
    assert_eq!(code, Some(0), "{out}{errors}");
    assert!(out.contains("fired  1 of 2 events"), "{out}");
    assert_eq!(errors, "", "a folder of tests may have no events");

    // Beside the tests of the rule, events for those without.
    let other = RULE.replace("00a", "00b").replace("w3wp", "nginx");
    write("rules/b.yml", &other);
    write(
        "tests/b.jsonl",
        r#"{"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "ParentImage": "C:\\nginx.exe", "Image": "C:\\cmd.exe"}"#,
    );
    let (code, out, errors) = run(folder.path(), &["test"]);
    assert_eq!(code, Some(0), "{out}{errors}");
    assert!(out.contains("2 of 2 rules fired"), "{out}");

    // A folder that has both is looked at once.
    write("rules/web/a.test.yml", TESTS);
    write(
        "varsigma.toml",
        &PROJECT.replace("[\"tests\"]", "[\"tests\", \"rules\"]"),
    );
    let (_, out, errors) = run(folder.path(), &["test", "--json"]);
    assert!(out.contains("\"tested\":4"), "{out}{errors}");
    // So is one that has other folders of rules, and their tests, in it.
    write(
        "varsigma.toml",
        &PROJECT.replace("[\"tests\"]", "[\"tests\", \"rules/web\", \".\"]"),
    );
    fs::remove_file(folder.path().join("tests/web/a.test.yml")).expect("it is there");
    let (code, out, errors) = run(folder.path(), &["test"]);
    assert_eq!(code, Some(0), "{out}{errors}");
    write("varsigma.toml", PROJECT);

    write("tests/web/lost.test.yml", TESTS);
    let (code, out, errors) = run(folder.path(), &["test"]);
    assert_eq!(code, Some(1), "{out}");
    assert!(
        errors.contains("VS1049") && errors.contains("tests/web/lost.test.yml"),
        "{errors}"
    );

    let missing = PROJECT.replace("[\"tests\"]", "[\"text\"]");
    write("varsigma.toml", &missing);
    let (code, _, errors) = run(folder.path(), &["test"]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(
        errors.contains("VS0001") && errors.contains("`text`"),
        "{errors}"
    );
    // `--events` takes all that follow.
    let (code, _, errors) = run(folder.path(), &["test", "--events", "tests", "rules"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("RULES"), "{errors}");
}

#[test]
fn a_build_writes_over_no_tests() {
    let config = format!("{PROJECT}path = \"tests/{{path}}.{{extension}}\"\n");
    let folder = folder(&[("varsigma.toml", &config)]);
    for name in ["rules", "tests"] {
        fs::create_dir(folder.path().join(name)).expect("it is made");
    }
    fs::write(folder.path().join("rules/a.yml"), RULE).expect("it is writable");
    let (code, _, errors) = run(folder.path(), &["build"]);
    assert_ne!(code, Some(0), "{errors}");
    assert!(!folder.path().join("tests/a.spl").exists());
}

/// The file of results is whole, whatever was read.
#[cfg(unix)]
#[test]
fn an_interrupt_ends_with_verdicts_on_what_was_read() {
    use std::io::{Read as _, Write as _};
    use std::process::Stdio;
    let folder = folder(&[("a.yml", RULE)]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_varsigma"))
        .args(["test", "a.yml", "--events", "-", "--any-logsource"])
        .args(["--junit", "j.xml"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut input = child.stdin.take().expect("a pipe");
    let event = r#"{"ParentImage": "C:\\w3wp.exe", "Image": "C:\\cmd.exe"}"#;
    // A pipe holds less than this: that all is written says that the program reads, which it does after
    // it listens.
    let events = format!("{event}\n").repeat(200_000);
    input.write_all(events.as_bytes()).expect("it reads");
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.expect("there is a `kill`").success());
    // Standard input stays open: it ends without an end of its events.
    let mut out = String::new();
    let mut stdout = child.stdout.take().expect("a pipe");
    stdout.read_to_string(&mut out).expect("it is UTF-8");
    let output = child.wait_with_output().expect("it ends");
    drop(input);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{errors}");
    assert!(errors.contains("interrupted"), "{errors}");
    assert!(out.contains("rules fired"), "{errors}");
    let junit = fs::read_to_string(folder.path().join("j.xml")).expect("it was written");
    assert!(junit.ends_with("</testsuite>\n"), "{junit}");
}

#[test]
fn a_filter_that_comes_first_has_no_tests() {
    let rules = "title: Exclusion
logsource: {product: x}
filter:
  rules: any
  f: {B: z}
  condition: not f
---
title: First
logsource: {product: x}
detection: {s: {A: x}, condition: s}
---
title: Second
logsource: {product: x}
detection: {s: {B: y}, condition: s}
";
    let tests = "tests:
  - {name: first, event: {A: x}, expect: no_match}
  - {name: second, event: {B: z}, rule: Second}
";
    let of_filter = "tests:\n  - {name: third, event: {A: x}, rule: Exclusion}\n";
    let folder = folder(&[("m.yml", rules), ("m.test.yml", tests)]);
    let (code, out, errors) = run(folder.path(), &["test", "."]);
    assert_eq!(code, Some(1), "{out}");
    assert!(errors.contains("(first)"), "{errors}");
    assert!(errors.contains("(second)"), "{errors}");
    // Each rule's own query runs.
    let right = tests
        .replace(", expect: no_match", "")
        .replace("{B: z}", "{B: y}");
    fs::write(folder.path().join("m.test.yml"), right).expect("it is writable");
    let (code, out, errors) = run(folder.path(), &["test", ".", "--engine", "sqlite"]);
    assert_eq!(code, Some(0), "{out}{errors}");
    fs::write(folder.path().join("m.test.yml"), of_filter).expect("it is writable");
    let (code, _, errors) = run(folder.path(), &["test", "."]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("VS1049"), "{errors}");
    // In the file itself, after what documents share.
    let tests = "tests: [{name: own, event: {A: y}}]\n";
    let inside = format!("action: global\nauthor: a\n---\n{rules}{tests}");
    fs::write(folder.path().join("m.yml"), inside).expect("it is writable");
    fs::write(folder.path().join("m.test.yml"), "tests: []\n").expect("it is writable");
    let (code, out, errors) = run(folder.path(), &["test", "."]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(
        errors.contains("Second") || out.contains("Second"),
        "{out}{errors}"
    );
}
