//! `varsigma test` and `varsigma witness` as a user runs them.
#![cfg(feature = "cli")]

use std::path::Path;
use std::process::Command;

const RULE: &str = "title: Shell\nid: 8f4a2c1e-0d5b-4b6f-9a53-6f1f2b7c9d10\nlogsource:\n    category: test\ndetection:\n    selection:\n        Image|endswith: '\\sh.exe'\n    filter:\n        User: root\n    condition: selection and not filter\n";

/// Runs the program in a folder with these files: exit code and standard output.
fn run(files: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
    let (code, text, _) = run_whole(files, arguments);
    (code, text)
}

/// The exit code, standard output and standard error.
fn run_whole(files: &[(&str, &str)], arguments: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a folder for the files");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_varsigma"))
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
    let (out, errors) = (text(output.stdout), text(output.stderr));
    (output.status.code().unwrap_or(-1), out, errors)
}

#[test]
fn a_rule_that_fires_is_success() {
    let events = r#"{"Image":"C:\\SH.exe"} {"Image":"C:\\sh.exe","User":"root"}"#;
    let files = [("r.yml", RULE), ("e.json", events)];
    let (code, text) = run(&files, &["test", "r.yml", "--events", "e.json"]);
    assert_eq!(code, 0);
    assert!(
        text.contains("1 of 2 events") && text.contains("e.json #1"),
        "{text}"
    );
    assert!(!text.contains("e.json #2"), "{text}");
}

#[test]
fn a_silent_rule_is_a_failure_that_explain_explains() {
    let files = [
        ("r.yml", RULE),
        ("e.json", r#"[{"Image":"C:\\sh.exe","User":"ROOT"}]"#),
    ];
    let (code, text) = run(
        &files,
        &["test", "r.yml", "--events", "e.json", "--explain"],
    );
    assert_eq!(code, 1);
    assert!(text.contains(r#"+ User: 'root'  found "ROOT""#), "{text}");
    let (_, json) = run(&files, &["test", "r.yml", "--events", "e.json", "--json"]);
    let verdict: serde_json::Value = serde_json::from_str(&json).expect("one object");
    assert_eq!(
        (&verdict["fired"], &verdict["tested"]),
        (&false.into(), &1.into())
    );
}

#[test]
fn an_info_file_says_whose_sample_it_is() {
    let info = "rule_metadata:\n  - id: 8f4a2c1e-0d5b-4b6f-9a53-6f1f2b7c9d10\nregression_tests_info:\n  - type: json\n    match_count: 1\n    path: regression_data/shell/e.json\n";
    let other = RULE.replace("8f4a2c1e", "00000000");
    let event = r#"{"Event":{"System":{"EventID":1},"EventData":{"Image":"C:\\sh.exe"}}}"#;
    let files = [
        ("rules/a.yml", RULE),
        ("rules/b.yml", other.as_str()),
        ("samples/shell/info.yml", info),
        ("samples/shell/e.json", event),
    ];
    let arguments = ["test", "rules", "--events", "samples"];
    let (code, text) = run(&files, &arguments);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.ends_with("1 of 1 rules fired; 1 rule has no sample\n"),
        "{text}"
    );
    let twice = info.replace("match_count: 1", "match_count: 2");
    let files = [
        files[0],
        ("samples/shell/info.yml", twice.as_str()),
        files[3],
    ];
    assert_eq!(run(&files, &arguments).0, 1);
}

#[test]
fn lines_of_a_log_are_searched_by_keywords() {
    let rule = "title: K\nlogsource:\n    product: test\ndetection:\n    k:\n        - 'no access'\n    condition: k\n";
    let files = [("r.yml", rule), ("e.raw", "a line\nNO ACCESS here\n")];
    let (code, text) = run(&files, &["test", "r.yml", "--events", "e.raw"]);
    assert!(code == 0 && text.contains("e.raw #2"), "{text}");
}

#[test]
fn a_table_by_its_name_may_have_broken_rows() {
    let rule = RULE.replace("    filter:", "        Host: h\n    filter:");
    let table = "Image,Host\n/bin/sh,h\n/bin/sh\nC:\\sh.exe,h\n";
    let files = [("r.yml", rule.as_str()), ("e.csv", table)];
    let (code, text) = run(&files, &["test", "r.yml", "--events", "e.csv"]);
    assert!(code == 1 && text.contains("fired  1 of 2 events"), "{text}");
}

/// A verdict by an engine, and the exit code.
#[cfg(feature = "sqlite")]
fn by_sqlite(rule: &str, events: &str) -> (i32, serde_json::Value) {
    let files = [("r.yml", rule), ("e.json", events)];
    let arguments = [
        "test", "r.yml", "--events", "e.json", "--engine", "sqlite", "--json",
    ];
    let (code, text) = run(&files, &arguments);
    (code, serde_json::from_str(&text).expect("one object"))
}

#[test]
#[cfg(feature = "sqlite")]
fn an_engine_runs_the_query() {
    // Fields that no event has, nested ones, lists, odd names.
    let rule = RULE.replace(
        "    filter:",
        "        'odd `na\"me, x': 5\n        a.b|contains: é\n    filter:",
    );
    let events = r#"{"Image":"C:\\SH.exe","odd `na\"me, x":[4,5],"a":{"b":"CAFÉ"}}
        {"Image":"C:\\sh.exe","odd `na\"me, x":"5","a.b":"é","User":"ROOT"} {}"#;
    let (code, verdict) = by_sqlite(&rule, events);
    assert_eq!(code, 0);
    assert_eq!(
        (&verdict["tested"], &verdict["matched"]),
        (&3.into(), &1.into())
    );
    assert_eq!(verdict["events"][0]["number"], 1);
    assert_eq!(verdict["engine"], "sqlite");
    let query = verdict["queries"][0].as_str().expect("a query");
    assert!(query.contains("Image LIKE '%\\sh.exe'"), "{query}");
    let (code, verdict) = by_sqlite(&rule, r#"{"User":"a"}"#);
    assert_eq!((code, &verdict["fired"]), (1, &false.into()));
}

#[test]
#[cfg(feature = "sqlite")]
fn an_engine_searches_keywords_in_every_value() {
    let rule = "title: K\nlogsource:\n    product: test\ndetection:\n    k:\n        - 'no acc*ss'\n        - '|re': '^a+$'\n    f:\n        b|re: '\\d'\n    condition: k and not f\n";
    let events = r#"{"x":{"y":["z","NO ACCESS"]}} {"x":"aaa","b":"1"} {"x":"aaa"} {"b":"no acc"}"#;
    let (code, verdict) = by_sqlite(rule, events);
    assert_eq!((code, &verdict["matched"]), (0, &2.into()), "{verdict}");
    // SQLite reads no chain of a thousand operands.
    let many: Vec<String> = (0..1500).map(|number| format!("v{number}")).collect();
    let event = serde_json::json!({"many": many, "last": "no access"}).to_string();
    let (code, verdict) = by_sqlite(rule, &event);
    assert_eq!((code, &verdict["matched"]), (0, &1.into()), "{verdict}");
}

#[test]
#[cfg(feature = "sqlite")]
fn what_an_engine_refuses_is_an_error() {
    let rule = RULE.replace("filter:\n        User", "filter:\n        image");
    let (code, verdict) = by_sqlite(&rule, r#"{"Image":"sh.exe"}"#);
    assert_eq!(code, 1);
    let error = verdict["error"].as_str().expect("an error");
    assert!(error.contains("duplicate column name"), "{error}");
    let rule = RULE.replace("User: root", "User|re: '(?<=a)b'");
    let (code, verdict) = by_sqlite(&rule, r#"{"Image":"x\\sh.exe"}"#);
    assert_eq!((code, &verdict["tested"]), (1, &0.into()));
    assert!(verdict["error"].is_string());
}

#[test]
#[cfg(feature = "sqlite")]
fn an_engine_that_answers_otherwise_is_told_of() {
    let rule = RULE.replace("|endswith: '\\sh.exe'", ": b");
    let files = [
        ("r.yml", rule.as_str()),
        ("e.json", r#"{"Image":"b","User":["a","root"]}"#),
    ];
    let output = |engine| {
        let arguments = ["test", "r.yml", "--events", "e.json", "--engine", engine];
        run(&files, &arguments)
    };
    assert_eq!((output("eval").0, output("sqlite").0), (1, 0));
    let folder = tempfile::tempdir().expect("a folder for the files");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_varsigma"))
        .args(["test", "r.yml", "--events", "e.json", "--engine", "sqlite"])
        .current_dir(folder.path())
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("VS1003") && said.contains("`e.json` #1"),
        "{said}"
    );
}

#[test]
fn what_is_no_event_fails() {
    let files = [("r.yml", RULE), ("e.json", "{oops")];
    assert_eq!(run(&files, &["test", "r.yml", "--events", "e.json"]).0, 1);
    // A rule without events and without tests of its own was not tested.
    assert_eq!(run(&files, &["test", "r.yml"]).0, 1);
}

#[test]
fn witnesses_get_the_answer_that_they_carry() {
    let (code, text) = run(&[("r.yml", RULE)], &["witness", "r.yml"]);
    assert_eq!(code, 0);
    let (mut yes, mut no) = (0, 0);
    for line in text.lines() {
        let witness: serde_json::Value = serde_json::from_str(line).expect("an object a line");
        let event = witness["event"].to_string();
        let files = [("r.yml", RULE), ("e.json", event.as_str())];
        let (code, _) = run(&files, &["test", "r.yml", "--events", "e.json"]);
        assert_eq!(code == 0, witness["matches"] == true, "{line}");
        if code == 0 { yes += 1 } else { no += 1 }
    }
    assert!(yes > 3 && no > 3, "{yes} {no}");
}

/// The same with something on standard input: exit code, standard output, standard error.
fn run_with(files: &[(&str, &[u8])], arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    use std::io::Write;
    let folder = tempfile::tempdir().expect("a folder for the files");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_varsigma"))
        .args(arguments)
        .current_dir(folder.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut pipe = child.stdin.take().expect("a pipe");
    // Whoever does not read standard input closes it.
    let _ = pipe.write_all(input);
    drop(pipe);
    let output = child.wait_with_output().expect("the program ends");
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8(output.stdout).expect("the output is UTF-8"),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

const SERVICE: &str = "title: Service\nlogsource:\n    product: windows\ndetection:\n    sel:\n        EventID: 7045\n    condition: sel\n";

#[test]
fn events_are_read_however_they_were_written() {
    let json = "{\"EventID\":7045}\r\n{\"EventID\":1}\r\n";
    let utf16 = |unit: fn(u16) -> [u8; 2], mark: &[u8]| -> Vec<u8> {
        let units = json.encode_utf16().flat_map(unit);
        mark.iter().copied().chain(units).collect()
    };
    for bytes in [
        [b"\xEF\xBB\xBF", json.as_bytes()].concat(),
        utf16(u16::to_le_bytes, b"\xFF\xFE"),
        utf16(u16::to_be_bytes, b"\xFE\xFF"),
        utf16(u16::to_le_bytes, b""),
        br#"{"took":1,"hits":{"hits":[{"_index":"i","_source":{"EventID":7045}},{"_index":"i","_source":{"EventID":1}}]}}"#.to_vec(),
        b"{\"preview\":false,\"offset\":0,\"result\":{\"EventID\":\"7045\"}}\n{\"preview\":false,\"offset\":1,\"lastrow\":true,\"result\":{\"EventID\":\"1\"}}".to_vec(),
        br#"{"Records":[{"EventID":7045},{"EventID":1}]}"#.to_vec(),
    ] {
        let arguments = ["test", "r.yml", "--events", "e.jsonl"];
        let files = [("r.yml", SERVICE.as_bytes()), ("e.jsonl", &*bytes)];
        let (code, out, said) = run_with(&files, &arguments, b"");
        assert!(code == 0 && out.contains("1 of 2 events"), "{out}{said}");
        assert_eq!(said, "");
    }
}

#[test]
fn events_before_a_cut_line_count() {
    let files = [
        ("r.yml", SERVICE.as_bytes()),
        ("e.jsonl", b"{\"EventID\":7045}\n{\"EventID\":\n".as_slice()),
    ];
    let (code, out, said) = run_with(&files, &["test", "r.yml", "--events", "e.jsonl"], b"");
    assert_eq!(code, 1);
    assert!(out.contains("fired  1 of 1 events"), "{out}");
    assert!(
        said.contains("VS1001") && said.contains("e.jsonl:2:"),
        "{said}"
    );
}

#[test]
fn files_without_events_are_told() {
    let files = [
        ("r.yml", SERVICE.as_bytes()),
        ("e.jsonl", b"\n".as_slice()),
        ("d/x.txt", b""),
    ];
    for events in ["e.jsonl", "d"] {
        let (code, _, said) = run_with(&files, &["test", "r.yml", "--events", events], b"");
        assert!(code == 1 && said.contains("VS1004"), "{said}");
    }
}

/// Each event of each condition is asked of all of them.
#[test]
fn many_conditions_are_not_searched() {
    let conditions = "    - sel\n".repeat(20_000);
    let rule = SERVICE.replace(
        "    condition: sel\n",
        &format!("    condition:\n{conditions}"),
    );
    assert_ne!(rule, SERVICE);
    let (code, _, said) = run_with(&[("r.yml", rule.as_bytes())], &["witness", "r.yml"], b"");
    assert!(code == 1 && said.contains("VS0510"), "{said}");
    assert!(said.contains("at most 100 conditions"), "{said}");
}

#[test]
fn what_witness_prints_test_reads() {
    for rule in [
        RULE.to_owned(),
        SERVICE.to_owned(),
        // A near miss of one condition may be what the other asks for.
        SERVICE.replace(
            "    condition: sel",
            "    two:\n        EventID: 1\n    condition: [sel, two]",
        ),
        format!("{RULE}---\n{SERVICE}"),
        // The rules of a collection share the id.
        format!(
            "action: global\nid: 8f4a2c1e-0d5b-4b6f-9a53-6f1f2b7c9d10\n---\n{SERVICE}---\n{}",
            SERVICE.replace("7045", "4697")
        ),
    ] {
        let files = [("r.yml", rule.as_bytes())];
        let (code, events, said) = run_with(&files, &["witness", "r.yml"], b"");
        assert_eq!((code, &*said), (0, ""));
        let arguments = ["test", "r.yml", "--events", "-"];
        let (code, out, said) = run_with(&files, &arguments, events.as_bytes());
        assert!(
            code == 0 && out.contains("<stdin> #1: matches"),
            "{out}{said}"
        );
        // Another rule under the same id is held to the answers.
        let other = rule.replace("7045", "7046").replace("sh.exe", "zsh.exe");
        let files = [("r.yml", other.as_bytes())];
        let (code, _, said) = run_with(&files, &arguments, events.as_bytes());
        assert!(code == 1 && said.contains("VS1005"), "{said}");
    }
    let files = [("r.yml", SERVICE.as_bytes())];
    let miss = br#"{"matches":false,"about":"x","event":{"EventID":1}}"#;
    let arguments = ["test", "r.yml", "--events", "-"];
    assert_eq!(run_with(&files, &arguments, miss).0, 0);
}

#[test]
fn what_single_events_cannot_answer_is_refused_rule_by_rule() {
    let aggregation = SERVICE.replace("condition: sel", "condition: sel | count() by A > 5");
    let placeholder = SERVICE.replace("EventID: 7045", "A|expand: '%admins%'");
    let keyword = SERVICE.replace("        EventID: 7045", "        '|expand': '%admins%'");
    let regex = SERVICE.replace("EventID: 7045", "A|re|expand: 'x%admins%'");
    let rules = [&*aggregation, &*placeholder, &*keyword, &*regex, SERVICE].join("---\n");
    let files = [
        ("r.yml", rules.as_bytes()),
        ("e.json", br#"{"EventID":7045,"A":"%admins%"}"#.as_slice()),
    ];
    for engine in ["eval", "sqlite"] {
        if engine == "sqlite" && !cfg!(feature = "sqlite") {
            continue;
        }
        let arguments = ["test", "r.yml", "--events", "e.json", "--engine", engine];
        let (code, out, said) = run_with(&files, &arguments, b"");
        assert!(
            code == 1 && out.contains("1 of 5 rules fired"),
            "{out}{said}"
        );
        assert_eq!(said.matches("error[VS0605]").count(), 1, "{said}");
        assert_eq!(said.matches("error[VS0606]").count(), 3, "{said}");
    }
    let (code, out, said) = run_with(&files, &["witness", "r.yml"], b"");
    assert_eq!(code, 1);
    assert!(said.contains("VS0605") && said.contains("VS0606"), "{said}");
    assert!(
        out.lines()
            .all(|line| line.contains("EventID") || line.contains("{}")),
        "{out}"
    );
}

#[test]
fn pipelines_give_the_names_that_events_have() {
    let rule = SERVICE.replace(
        "EventID: 7045",
        "Image|endswith: '\\sh.exe'\n        User|expand: '%admins%'",
    );
    let pipeline = "name: p\npriority: 10\ntransformations:\n  - type: field_name_mapping\n    mapping:\n      Image: process.executable\n      User: user.name\n  - type: value_placeholders\n    include: [admins]\nvars:\n  admins: [root]\n";
    let files = [
        ("r.yml", rule.as_bytes()),
        ("p.yml", pipeline.as_bytes()),
        (
            "e.json",
            br#"{"process":{"executable":"C:\\sh.exe"},"user":{"name":"root"}}"#.as_slice(),
        ),
    ];
    for engine in ["eval", "sqlite"] {
        if engine == "sqlite" && !cfg!(feature = "sqlite") {
            continue;
        }
        let arguments = [
            "test", "r.yml", "-p", "p.yml", "--events", "e.json", "--engine", engine,
        ];
        let (code, out, said) = run_with(&files, &arguments, b"");
        assert!(
            code == 0 && out.contains("1 of 1 rules fired"),
            "{out}{said}"
        );
        let (code, events, _) = run_with(&files, &["witness", "r.yml", "-p", "p.yml"], b"");
        assert!(
            code == 0 && events.contains("process.executable"),
            "{events}"
        );
        let arguments = [
            "test", "r.yml", "-p", "p.yml", "--events", "-", "--engine", engine,
        ];
        let (code, out, said) = run_with(&files, &arguments, events.as_bytes());
        assert_eq!(code, 0, "{out}{said}");
    }
    // A pipeline for Elastic serves whoever answers.
    let event = br#"{"winlog":{"event_data":{"ThreatName":"x"}},"event":{"code":7045}}"#;
    let files = [("r.yml", SERVICE.as_bytes()), ("e.json", event.as_slice())];
    let arguments = ["test", "r.yml", "-p", "ecs_windows", "--events", "e.json"];
    let (code, out, said) = run_with(&files, &arguments, b"");
    assert_eq!(code, 0, "{out}{said}");
}

#[test]
fn names_of_windows_logs_lose_their_blanks() {
    let rule = SERVICE.replace("EventID: 7045", "ThreatName: x");
    let events = br#"{"Event":{"System":{"EventID":1116},"EventData":{"Threat Name":"x"}}}
        {"EventID":1116,"Threat Name":"x"} {"Threat Name":"x"}"#;
    let files = [("r.yml", rule.as_bytes()), ("e.json", events.as_slice())];
    let (code, out, _) = run_with(&files, &["test", "r.yml", "--events", "e.json"], b"");
    assert!(code == 0 && out.contains("2 of 3 events"), "{out}");
}

const LOGON: &str = "title: Logon\nid: 8f4a2c1e-0d5b-4b6f-9a53-6f1f2b7c9d12\nlogsource: {product: windows, service: security}\ndetection:\n  s: {User: ann}\n  condition: s\n";

const PROCESS: &str = "title: Process\nid: 8f4a2c1e-0d5b-4b6f-9a53-6f1f2b7c9d13\nlogsource: {product: windows, category: process_creation}\ndetection:\n  s: {User: ann}\n  condition: s\n";

const LOGONS: &str = r#"{"@timestamp":"2026-01-01T00:00:00Z","Channel":"Security","EventID":4624,"User":"bob"}
{"@timestamp":"2026-01-02T00:00:00Z","Channel":"Security","EventID":4624,"User":"ann"}
"#;

#[test]
fn a_rule_is_tested_on_events_of_its_log_source() {
    let files = [
        ("r/a.yml", LOGON),
        ("r/b.yml", PROCESS),
        ("e.jsonl", LOGONS),
    ];
    let test = |options: &[&str]| {
        run(
            &files,
            &[&["test", "r", "--events", "e.jsonl"], options].concat(),
        )
    };
    let (code, text) = test(&[]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("1 of 1 rules fired; 1 rule has no sample"),
        "{text}"
    );
    for options in [
        &["--any-logsource"][..],
        &["--event-logsource", "product=windows"],
    ] {
        let (code, text) = test(options);
        assert_eq!(code, 0);
        assert!(text.contains("2 of 2 rules fired"), "{text}");
    }
    let (code, text) = test(&["--event-logsource", "product=linux"]);
    assert_eq!(code, 1, "{text}");
    // With an engine, and where each event is explained.
    let (_, text) = test(&["--engine", "sqlite"]);
    assert!(text.contains("1 of 1 rules fired; 1 rule"), "{text}");
    let (_, text) = test(&["--explain"]);
    assert!(!text.contains("Process"), "{text}");
}

#[test]
fn a_rule_s_own_samples_are_its_own_whatever_their_log_source() {
    let own = format!("{PROCESS}tests:\n- event: {{Channel: Security, User: ann}}\n");
    let (code, text) = run(&[("r.yml", &own)], &["test", "r.yml"]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn events_out_of_the_time_are_left_out() {
    let files = [("r.yml", LOGON), ("e.jsonl", LOGONS)];
    for (options, code, count) in [
        (["--since", "2026-01-02"], 0, "1 of 1 event"),
        (["--until", "2026-01-01"], 1, "0 of 1 event"),
    ] {
        let arguments = ["test", "r.yml", "--events", "e.jsonl"];
        let (found, text) = run(&files, &[&arguments[..], &options].concat());
        assert_eq!(found, code, "{text}");
        assert!(text.contains(count), "{text}");
    }
}

#[test]
fn rules_are_chosen_in_every_command() {
    let files = [
        ("r/a.yml", LOGON),
        ("r/b.yml", PROCESS),
        (
            "r/c.yml",
            "title: Low\nlevel: low\nlogsource: {product: linux}\ndetection: {s: {A: b}, condition: s}\n",
        ),
        ("e.jsonl", LOGONS),
    ];
    let id = "8f4a2c1e-0d5b-4b6f-9a53-6f1f2b7c9d12";
    for choice in [
        &["--id", id][..],
        &["--logsource", "service=security"],
        &["--logsource", "product=windows,service=security"],
    ] {
        let (code, text) = run(
            &files,
            &[&["convert", "-t", "splunk", "r"], choice].concat(),
        );
        assert_eq!((code, text.lines().count()), (0, 1), "{choice:?}: {text}");
        let (code, text) = run(&files, &[&["lint", "r"], choice].concat());
        assert_eq!(code, 0, "{choice:?}: {text}");
        let arguments = ["test", "r", "--events", "e.jsonl"];
        let (code, text) = run(&files, &[&arguments, choice].concat());
        assert_eq!(code, 0, "{choice:?}: {text}");
        assert!(text.contains("1 of 1 rules fired\n"), "{choice:?}: {text}");
    }
    let (code, text) = run(&files, &["convert", "-t", "splunk", "r", "--level", "low+"]);
    assert_eq!((code, text.as_str()), (0, "A=\"b\"\n"));
    let (code, text) = run(&files, &["test", "r", "--status", "stable"]);
    assert_eq!((code, text.as_str()), (1, "0 of 0 rules fired\n"));
}

/// An option that fits no rule is most likely misspelled: no command passes then.
#[test]
fn a_choice_that_leaves_no_rule_fails() {
    let tagged = "title: Tagged\ntags: [attack.t1059.001]\nlogsource: {product: linux}\ndetection: {s: {A: b}, condition: s}\n";
    let files = [
        ("r/a.yml", tagged),
        ("r/b.yml", PROCESS),
        ("out.spl", "before\n"),
        ("e.jsonl", "{\"A\": \"b\"}\n"),
    ];
    let commands: [&[&str]; 5] = [
        &["convert", "-t", "splunk", "r"],
        // With a filter, files are taken together.
        &["convert", "-t", "splunk", "r", "--filter", "f.yml"],
        &["lint", "r"],
        &["test", "r", "--events", "e.jsonl"],
        &["hunt", "r", "e.jsonl"],
    ];
    let filter = "title: F\nlogsource: {product: linux}\nfilter: {rules: any, x: {C: d}, condition: not x}\n";
    let files = [&files[..], &[("f.yml", filter)]].concat();
    for command in commands {
        for tag in ["attack.t1059", "attack.t1059.001,other"] {
            let (code, out, errors) = run_whole(&files, &[command, &["--tag", tag]].concat());
            assert_eq!(code, 0, "{command:?} {tag}: {out}{errors}");
            assert!(!errors.contains("VS1276"), "{command:?} {tag}: {errors}");
        }
        for choice in [&["--tag", "attack.t1O59"][..], &["--level", "critical"]] {
            let (code, _, errors) = run_whole(&files, &[command, choice].concat());
            assert_eq!(code, 1, "{command:?} {choice:?}: {errors}");
            let wanted = format!("= help: check `{}`", choice[0]);
            assert!(
                errors.contains("error[VS1276]: none of the 2 rules") && errors.contains(&wanted),
                "{command:?} {choice:?}: {errors}"
            );
        }
    }
    // Where there are no rules at all, that is said, and it is no error.
    let (code, _, errors) = run_whole(&[("r/x.txt", "")], &["lint", "r", "--tag", "a"]);
    assert_eq!(code, 0, "{errors}");
    // What can't be read may be one that is meant.
    let broken = [("r/a.yml", tagged), ("r/b.yml", "title: [\n")];
    let (code, _, errors) = run_whole(&broken, &["lint", "r", "--tag", "other"]);
    assert_eq!(code, 1, "{errors}");
    assert!(
        errors.contains("b.yml") && !errors.contains("VS1276"),
        "{errors}"
    );
}
