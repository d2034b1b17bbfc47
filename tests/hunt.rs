//! `varsigma hunt` as a user runs it.
#![cfg(feature = "cli")]

use serde_json::Value as Json;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

const SHELL: &str = r"title: Shell of the web server
id: 8f4a2c1e-0d5b-4b6f-9a53-6f1f2b7c9d10
status: stable
level: high
tags: [attack.execution, attack.t1059.001]
logsource: {product: windows, category: process_creation}
fields: [User]
detection:
  selection: {ParentImage|endswith: '\w3wp.exe', CommandLine|contains: [cmd, powershell]}
  filter: {User: root}
  condition: selection and not filter
";

const WHOAMI: &str = r"title: Whoami
id: 8f4a2c1e-0d5b-4b6f-9a53-6f1f2b7c9d11
status: test
level: low
logsource: {product: linux}
detection:
  keywords: [whoami]
  condition: keywords
";

const OFTEN: &str = r"title: Shells
name: often
level: critical
correlation:
  type: event_count
  rules: [8f4a2c1e-0d5b-4b6f-9a53-6f1f2b7c9d10]
  group-by: [User]
  timespan: 1m
  condition: {gte: 2}
";

const EVENTS: &str = r#"{"@timestamp":"2026-01-01T00:00:01Z","ParentImage":"C:\\w3wp.exe","CommandLine":"CMD /c whoami","User":"ann"}
{"@timestamp":"2026-01-01T00:00:31Z","ParentImage":"C:\\w3wp.exe","CommandLine":"powershell","User":"ann"}
{"@timestamp":"2026-01-02T00:00:00Z","ParentImage":"C:\\w3wp.exe","CommandLine":"cmd","User":"root"}
{"@timestamp":"2026-01-03T00:00:00Z","CommandLine":"calc"}
"#;

const RULES: [(&str, &str); 3] = [
    ("rules/a.yml", SHELL),
    ("rules/b.yml", WHOAMI),
    ("e.jsonl", EVENTS),
];

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
}

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_varsigma"));
    command.args(arguments).current_dir(folder);
    command
}

/// Runs the program in a folder with these files.
fn hunt(files: &[(&str, &str)], arguments: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a folder for the files");
    write(folder.path(), files);
    let words: Vec<&str> = ["hunt"].iter().chain(arguments).copied().collect();
    let output = program(folder.path(), &words).output();
    read(output.expect("the program runs"))
}

fn read(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code().unwrap_or(-1),
        text(output.stdout),
        text(output.stderr),
    )
}

fn lines(text: &str) -> Vec<Json> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn the_table_has_the_highest_level_first() {
    let (code, text, _) = hunt(&RULES, &["rules", "e.jsonl"]);
    assert_eq!(code, 0);
    let expected = "\
LEVEL             COUNT  FIRST                     LAST                      RULE
high                  2  2026-01-01T00:00:01.000Z  2026-01-01T00:00:31.000Z  Shell of the web server
                         e.jsonl #1  CommandLine: CMD /c whoami  ParentImage: C:\\w3wp.exe
low                   1  2026-01-01T00:00:01.000Z  2026-01-01T00:00:01.000Z  Whoami
                         e.jsonl #1  CMD /c whoami

4 events in 1 file: 3 matches, 2 of 2 rules matched
4 events of an unknown log source: rules for every log source looked at them (`--event-logsource` names it)
high: 1 rule with 2 matches, low: 1 rule with 1 match
ATT&CK:
  T1059.001  PowerShell (2 matches)
";
    assert_eq!(text, expected);
}

#[test]
fn json_and_csv_have_a_line_for_each_match() {
    let (code, text, _) = hunt(&RULES, &["rules", "e.jsonl", "--json"]);
    assert_eq!(code, 0);
    let found = lines(&text);
    assert_eq!(found.len(), 3);
    let expected = serde_json::json!({
        "time": "2026-01-01T00:00:01.000Z", "level": "high", "rule": "Shell of the web server",
        "id": "8f4a2c1e-0d5b-4b6f-9a53-6f1f2b7c9d10",
        "tags": ["attack.execution", "attack.t1059.001"],
        "path": found[0]["path"], "file": "e.jsonl", "record": 1,
        "matched": [
            {"field": "CommandLine", "value": "CMD /c whoami"},
            {"field": "ParentImage", "value": "C:\\w3wp.exe"},
        ],
        "fields": {"User": "ann"},
    });
    assert_eq!(found[0], expected);
    assert!(
        found[0]["path"]
            .as_str()
            .is_some_and(|path| path.ends_with("a.yml"))
    );
    assert_eq!(found[1]["matched"][0]["field"], Json::Null);
    assert_eq!(found[2]["record"], 2);
    let (_, text, _) = hunt(&RULES, &["rules", "e.jsonl", "--csv"]);
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows.len(), 4);
    assert!(rows[0].starts_with("time,level,rule,id,tags,file,record,matched,fields,"));
    assert!(
        rows[1].starts_with("2026-01-01T00:00:01.000Z,high,Shell of the web server,8f4a2c1e-"),
        "{text}"
    );
}

/// What a log says may begin like a formula of a spreadsheet.
#[test]
fn cells_of_csv_are_no_formulas() {
    let files = [
        (
            "rule.yml",
            "title: '=1+1'\nlogsource: {category: x}\ndetection:\n  k: [cmd]\n  condition: k\n",
        ),
        ("e.jsonl", "{\"q\": \"=cmd|x!A1\"}\n"),
    ];
    let (_, text, messages) = hunt(&files, &["rule.yml", "e.jsonl", "--csv"]);
    let row = text.lines().nth(1).expect(&messages);
    assert_eq!(row, ",none,'=1+1,,,e.jsonl,1,'=cmd|x!A1,,,rule.yml");
}

#[test]
fn options_choose_rules_and_times() {
    let count = |arguments: &[&str]| {
        let words: Vec<&str> = ["rules", "e.jsonl", "--json"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        let (code, text, messages) = hunt(&RULES, &words);
        assert_eq!(code, 0, "{messages}");
        lines(&text).len()
    };
    assert_eq!(count(&["--level", "high+"]), 2);
    assert_eq!(count(&["--level", "low"]), 1);
    assert_eq!(count(&["--status", "test"]), 1);
    assert_eq!(count(&["--tag", "attack.t1059"]), 2);
    assert_eq!(count(&["--logsource", "product=linux"]), 1);
    assert_eq!(count(&["--id", "8f4a2c1e-0d5b-4b6f-9a53-6f1f2b7c9d11"]), 1);
    assert_eq!(count(&["--since", "2026-01-01T00:00:30Z"]), 1);
    assert_eq!(count(&["--until", "2026-01-01T00:00:30Z"]), 2);
    assert_eq!(count(&["--since", "2026-01-04"]), 0);
}

#[test]
fn rules_look_at_events_of_their_log_source() {
    let sysmon = r#"{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"ParentImage":"C:\\w3wp.exe","CommandLine":"cmd whoami"}"#;
    let files = [RULES[0], RULES[1], ("e.jsonl", sysmon)];
    let titles = |arguments: &[&str]| {
        let words: Vec<&str> = ["rules", "e.jsonl", "--json"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        let (code, text, messages) = hunt(&files, &words);
        assert_eq!(code, 0, "{messages}");
        let found = lines(&text);
        let titles = found
            .iter()
            .map(|line| line["rule"].as_str().unwrap_or_default().to_owned());
        (titles.collect::<Vec<_>>(), messages)
    };
    let (found, messages) = titles(&[]);
    assert_eq!(found, ["Shell of the web server"]);
    assert!(
        messages.contains("1 rule had no event of its log source: linux 1"),
        "{messages}"
    );
    assert_eq!(titles(&["--any-logsource"]).0.len(), 2);
    assert_eq!(
        titles(&["--event-logsource", "product=linux"]).0,
        ["Whoami"]
    );
    let (code, _, messages) = hunt(
        &files,
        &["rules", "e.jsonl", "--event-logsource", "os=linux"],
    );
    assert_eq!(code, 2);
    assert!(messages.contains("VS1047"), "{messages}");
}

#[test]
fn a_hunt_without_rules_has_failed() {
    let (code, text, messages) = hunt(&RULES, &["rules", "e.jsonl", "--level", "critical"]);
    assert_eq!(code, 1);
    assert!(
        text.contains("4 events in 1 file: no match, 0 of 0 rules matched"),
        "{text}"
    );
    assert!(messages.contains("error[VS1276]"), "{messages}");
}

#[test]
fn a_level_can_fail_the_run() {
    let code = |arguments: &[&str]| {
        let words: Vec<&str> = ["rules", "e.jsonl"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        hunt(&RULES, &words).0
    };
    assert_eq!(code(&["--fail-on", "critical"]), 0);
    assert_eq!(code(&["--fail-on", "high"]), 1);
    assert_eq!(code(&["--fail-on", "high", "--level", "low"]), 0);
    assert_eq!(code(&["--fail-on", "loud"]), 2);
    assert_eq!(code(&["--level", "loud"]), 2);
    assert_eq!(code(&["--since", "yesterday"]), 2);
}

#[test]
fn correlations_fire_and_filters_apply() {
    let files = [
        RULES[0],
        ("rules/often.yml", OFTEN),
        ("e.jsonl", EVENTS),
        (
            "f.yml",
            "title: F\nid: 8f4a2c1e-0d5b-4b6f-9a53-6f1f2b7c9d12\nlogsource: {product: windows, category: process_creation}\nfilter:\n  rules: [8f4a2c1e-0d5b-4b6f-9a53-6f1f2b7c9d10]\n  x: {User: ann}\n  condition: not x\n",
        ),
    ];
    let (code, text, messages) = hunt(&files, &["rules", "e.jsonl", "--json"]);
    assert_eq!(code, 0, "{messages}");
    let found = lines(&text);
    let fired = found.last().expect("a firing");
    assert_eq!(fired["rule"], "Shells");
    assert_eq!(fired["time"], "2026-01-01T00:00:31.000Z");
    assert_eq!(fired["group"], serde_json::json!({"User": "ann"}));
    assert_eq!(
        (&fired["count"], &fired["events"][1]["number"]),
        (&2.into(), &2.into())
    );
    // The correlation alone: its rule feeds it, and is not shown.
    let (_, text, _) = hunt(
        &files,
        &["rules", "e.jsonl", "--json", "--level", "critical"],
    );
    assert_eq!(lines(&text).len(), 1, "{text}");
    let (code, text, _) = hunt(&files, &["rules", "e.jsonl", "--fail-on", "critical"]);
    assert_eq!(code, 1);
    assert!(
        text.contains("critical              1  2026-01-01T00:00:31.000Z"),
        "{text}"
    );
    assert!(text.contains("User: ann"), "{text}");
    let (_, text, _) = hunt(&files, &["rules", "e.jsonl", "--json", "--filter", "f.yml"]);
    assert_eq!(lines(&text).len(), 0, "{text}");
}

#[test]
fn what_is_broken_is_reported_and_the_rest_counts() {
    let files = [
        RULES[0],
        ("rules/c.yml", "title: x\ndetection: 1\n"),
        (
            "e.jsonl",
            "{\"a\":1}\n{\"a\":\n{\"ParentImage\":\"\\\\w3wp.exe\",\"CommandLine\":\"cmd\"}\n",
        ),
        ("empty.jsonl", ""),
    ];
    let (code, text, messages) = hunt(&files, &["rules", "e.jsonl", "--json"]);
    assert_eq!((code, lines(&text).len()), (1, 1));
    assert!(
        messages.contains("c.yml") && messages.contains("VS1001"),
        "{messages}"
    );
    assert_eq!(lines(&text)[0]["time"], Json::Null);
    let (code, text, messages) = hunt(&[RULES[0], files[3]], &["rules", "empty.jsonl"]);
    assert_eq!(code, 0, "{messages}");
    assert!(
        text.contains("0 events in 0 files: no match, 0 of 1 rule matched"),
        "{text}"
    );
    assert!(messages.contains("empty.jsonl"), "{messages}");
    let (code, _, messages) = hunt(&[RULES[0]], &["rules", "missing.jsonl"]);
    assert_eq!(code, 1, "{messages}");
    assert!(messages.contains("there is no such file"), "{messages}");
}

#[test]
fn the_cost_of_rules_is_shown() {
    let (code, text, _) = hunt(&RULES, &["rules", "e.jsonl", "--cost"]);
    assert_eq!(code, 0);
    let line = text
        .lines()
        .find(|line| line.contains(" ms ") && line.ends_with("Whoami"));
    let words: Vec<&str> = line.expect("a line").split_whitespace().collect();
    assert_eq!(&words[1..], ["ms", "1", "1", "Whoami"], "{text}");
}

/// Many events, of which all match.
fn many(folder: &Path) {
    write(folder, &[("r.yml", WHOAMI)]);
    let line = "{\"a\":\"whoami\",\"padding\":\"0123456789012345678901234567890123456789\"}\n";
    write(folder, &[("e.jsonl", &line.repeat(60_000))]);
}

#[test]
fn many_events_are_numbered_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    many(folder.path());
    let words = ["hunt", "r.yml", "e.jsonl", "--json"];
    let output = program(folder.path(), &words)
        .output()
        .expect("the program runs");
    let (code, text, _) = read(output);
    assert_eq!(code, 0);
    let numbers = lines(&text);
    let numbers = numbers.iter().map(|line| line["record"].as_u64());
    assert!(numbers.eq((1..=60_000).map(Some)));
}

#[test]
fn a_reader_that_has_enough_ends_the_run() {
    let folder = tempfile::tempdir().expect("a folder");
    many(folder.path());
    let mut child = program(folder.path(), &["hunt", "r.yml", "e.jsonl", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    out.read_line(&mut line).expect("a line");
    drop(out);
    assert!(line.contains("Whoami"));
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_with_what_was_found() {
    let folder = tempfile::tempdir().expect("a folder");
    many(folder.path());
    let mut child = program(folder.path(), &["hunt", "r.yml", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let events = std::fs::read(folder.path().join("e.jsonl")).expect("readable");
    let mut input = child.stdin.take().expect("a pipe");
    // The pipe holds less than a chunk: that all is written says that chunks were taken.
    input.write_all(&events).expect("it reads");
    std::thread::sleep(std::time::Duration::from_millis(500));
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.expect("there is a `kill`").success());
    // Standard input stays open.
    let (code, text, _) = read(child.wait_with_output().expect("it ends"));
    drop(input);
    assert_eq!(code, 130, "{text}");
    assert!(
        text.contains("interrupted") && text.contains("Whoami"),
        "{text}"
    );
}

#[test]
fn standard_input_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &RULES);
    let mut child = program(folder.path(), &["hunt", "rules", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(EVENTS.as_bytes()).expect("it reads");
    drop(input);
    let (code, text, _) = read(child.wait_with_output().expect("it ends"));
    assert_eq!((code, lines(&text).len()), (0, 3));
}

#[test]
fn what_has_come_of_a_log_that_grows_is_told_before_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &RULES);
    let mut child = program(folder.path(), &["hunt", "rules", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let mut input = child.stdin.take().expect("a pipe");
    let mut told = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    // A line and the beginning of the next one.
    let (first, second) = EVENTS.split_at(EVENTS.find('\n').expect("a line") + 10);
    for (part, record) in [(first, 1), (second, 2)] {
        input.write_all(part.as_bytes()).expect("it reads");
        while !line.contains(&format!("\"record\":{record},")) {
            line.clear();
            assert!(told.read_line(&mut line).expect("readable") > 0, "{record}");
        }
    }
    drop(input);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn a_line_of_text_is_looked_at_by_rules_with_keywords() {
    let absent = "title: Not from here\nlogsource: {product: zeek, service: rdp}\ndetection:\n  s: {ip|startswith: '10.'}\n  condition: not s\n";
    let files = [
        ("rules/a.yml", WHOAMI),
        ("rules/b.yml", absent),
        ("e.log", "router 1: user admin: whoami\n"),
    ];
    for (options, count) in [(&[][..], 1), (&["--any-logsource"], 2)] {
        let arguments = [&["rules", "e.log", "--json"], options].concat();
        let (code, text, _) = hunt(&files, &arguments);
        assert_eq!(
            (code, lines(&text).len()),
            (0, count),
            "{options:?}: {text}"
        );
    }
}

/// What the rules find with a correlation of a pipeline of these items.
fn hunt_with(pipeline: &str, correlation: &str) -> (i32, String, String) {
    let events = EVENTS.replace("\"User\"", "\"user.name\"");
    let files = [
        ("rules/a.yml", SHELL),
        ("rules/often.yml", correlation),
        ("e.jsonl", &events),
        ("p.yml", pipeline),
    ];
    hunt(&files, &["-p", "p.yml", "--json", "rules", "e.jsonl"])
}

#[test]
fn pipelines_name_the_fields_of_correlations() {
    let mapping = "{type: field_name_mapping, mapping: {User: user.name}}";
    for item in [
        "{type: set_field, fields: [Host]}",
        "{type: add_field, field: Host}",
        "{type: remove_field, field: user.name}",
    ] {
        let pipeline = format!("transformations: [{mapping}, {item}]");
        let (_, text, messages) = hunt_with(&pipeline, OFTEN);
        let found = lines(&text);
        let fired = found.last().expect(&messages);
        assert_eq!(fired["group"], serde_json::json!({"User": "ann"}), "{item}");
    }
}

/// Conditions on rules are asked of the correlation, in what is found as in its query.
#[test]
fn pipelines_know_correlations() {
    let tagged = OFTEN.replace("level:", "tags: [attack.t1110]\nlevel:");
    let condition = "rule_conditions: [{type: tag, tag: attack.t1110}]";
    let mapping = format!(
        "transformations: [{{type: field_name_mapping, mapping: {{User: user.name}}, {condition}}}]"
    );
    let (_, text, messages) = hunt_with(&mapping, &tagged);
    let fired = lines(&text);
    let fired = fired.last().expect(&messages);
    assert_eq!(fired["group"], serde_json::json!({"User": "ann"}));
    // Of two correlations one alone has the tag.
    let (_, text, _) = hunt_with(
        &mapping,
        &format!("{tagged}---\n{}", OFTEN.replace("often", "other")),
    );
    let found = lines(&text);
    let fired = found.iter().filter(|found| found["rule"] == "Shells");
    assert_eq!(fired.count(), 1, "{text}");
    let refusal =
        format!("transformations: [{{type: rule_failure, message: not here, {condition}}}]");
    let (code, text, messages) = hunt_with(&refusal, &tagged);
    assert!(code != 0 && messages.contains("VS0716"), "{messages}");
    assert!(!text.contains("Shells\""), "{text}");
    assert_eq!(hunt_with(&refusal, OFTEN).0, 0);
}

/// How many events a hunt for nothing has read, its exit code, and what it said.
fn events_of(folder: &Path, paths: &[&str]) -> (i32, String, String) {
    write(folder, &[("rules/a.yml", SHELL)]);
    let words: Vec<&str> = ["hunt", "rules"].iter().chain(paths).copied().collect();
    let (code, text, said) = read(program(folder, &words).output().expect("the program runs"));
    let line = text.lines().find(|line| line.contains(" in "));
    let line = line.unwrap_or_default().split(':').next();
    (code, line.unwrap_or_default().to_owned(), said)
}

#[test]
fn a_folder_has_logs_of_every_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let event = "{\"a\":1}\n";
    let files = [
        ("d/app.json.1", event),
        ("d/app.json.2.old", event),
        ("d/events.txt", event),
        ("d/fw.cef", "CEF:0|a|b|1|2|c|5|src=1\n"),
        ("d/messages", "Oct  1 22:14:15 h sshd[7]: text\n"),
        ("d/auth.log-20260101", "any text\n"),
        ("d/E2K.2026-01-01-00.a1b2c3d4.gz", event),
        ("d/LICENSE", "any text\n"),
        ("d/README.md", "any text\n"),
        ("d/a.dat", event),
        ("d/b.dat", event),
        ("d/.git/HEAD", event),
    ];
    write(folder.path(), &files);
    let (code, line, said) = events_of(folder.path(), &["d"]);
    assert_eq!((code, line.as_str()), (0, "7 events in 7 files"), "{said}");
    let left = "4 files are left out of the folder: 2 `.dat`, 1 `.md`, 1 hidden";
    assert!(said.contains(left) && said.contains("VS1029"), "{said}");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../rules/a.yml", folder.path().join("d/out")).expect("a link");
        let (code, _, said) = events_of(folder.path(), &["d"]);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("1 link that leads out"), "{said}");
    }
    assert!(
        said.contains("warning[VS1026]") && !said.contains("error"),
        "{said}"
    );
    // What only may be a log fails nothing.
    write(
        folder.path(),
        &[("e/app.json", event), ("e/README", "# Any\n")],
    );
    let (code, line, said) = events_of(folder.path(), &["e", "--input-format", "json"]);
    assert_eq!((code, line.as_str()), (0, "1 event in 1 file"), "{said}");
    let (_, line, said) = events_of(folder.path(), &["d/a.dat", "d/b.dat"]);
    assert_eq!((line.as_str(), said.as_str()), ("2 events in 2 files", ""));
}

#[test]
fn a_file_counts_once() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &[("d/e.json", "{\"a\":1}\n")]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("e.json", folder.path().join("d/f.json")).expect("a link");
    for paths in [
        &["d", "d/e.json"][..],
        &["d/e.json", "d"],
        &["d/e.json", "d/e.json"],
        &["d", "d"],
        &["d"],
    ] {
        let (code, line, said) = events_of(folder.path(), paths);
        assert_eq!((code, line.as_str()), (0, "1 event in 1 file"), "{said}");
        assert_eq!(said, "");
    }
}

#[test]
fn a_date_and_a_time_of_day_are_one_time() {
    let log =
        "#Fields: date time c-ip\n2026-01-01 10:00:00 10.0.0.1\n2026-01-01 11:00:00 10.0.0.2\n";
    let rule =
        "title: R\nlogsource: {category: x}\ndetection: {s: {c-ip|startswith: 10}, condition: s}\n";
    let files = [("r.yml", rule), ("u_ex.log", log)];
    let since = [
        "r.yml",
        "u_ex.log",
        "--json",
        "--since",
        "2026-01-01T10:30:00Z",
    ];
    let (code, text, _) = hunt(&files, &since);
    assert_eq!(code, 0);
    assert_eq!(lines(&text)[0]["time"], "2026-01-01T11:00:00.000Z");
    assert_eq!(lines(&text).len(), 1);
}
