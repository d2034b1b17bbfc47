//! Correlations on events, as a user tests them.
#![cfg(feature = "cli")]

use serde_json::{Value as Json, json};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const RULES: &str = "\
title: Failed
name: failed
logsource: {product: x}
detection: {s: {outcome: failure}, condition: s}
---
title: Succeeded
name: succeeded
logsource: {product: x}
detection: {s: {outcome: success}, condition: s}
";

const COUNT: &str = "\
title: Guessing
name: guessing
correlation:
  type: event_count
  rules: [failed]
  group-by: [user]
  timespan: 10s
  condition: {gte: 2}
";

/// The program's exit code and both of its streams.
fn run(folder: &Path, arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_varsigma"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    // A program that has failed already reads nothing.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().unwrap_or(-1);
    (code, text(output.stdout), text(output.stderr))
}

/// Tests rules on events, with more arguments.
fn test(rules: &str, events: &[Json], more: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("r.yml"), rules).expect("a file");
    let events: Vec<String> = events.iter().map(Json::to_string).collect();
    let mut arguments = vec!["test", "r.yml", "--events", "-"];
    arguments.extend(more);
    run(folder.path(), &arguments, &events.join("\n"))
}

fn event(second: &str, outcome: &str, user: &Json) -> Json {
    json!({"@timestamp": format!("2026-01-01T00:00:{second}Z"), "outcome": outcome, "user": user})
}

fn document(correlation: &str) -> String {
    format!("{RULES}---\n{correlation}")
}

/// The firings of the correlation of that title.
fn firings(text: &str, title: &str) -> Json {
    let mut lines = text
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
    let line = lines
        .find(|line| line["title"] == title)
        .expect("an object for each rule");
    line["firings"].clone()
}

#[test]
fn a_correlation_fires_for_groups_at_instants() {
    let events = [
        event("01", "failure", &json!("ann")),
        event("03", "failure", &json!("bob")),
        event("11.000", "failure", &json!("ANN")),
        event("21.001", "failure", &json!("ann")),
        event("05", "failure", &Json::Null),
        event("30", "success", &json!("bob")),
    ];
    let rules = document(COUNT);
    let (code, text, errors) = test(&rules, &events, &["--json"]);
    assert_eq!(code, 0, "{errors}");
    let expected = json!([{"at": "2026-01-01T00:00:11.000Z", "group": {"user": "ANN"}}]);
    assert_eq!(firings(&text, "Guessing"), expected);
    let (code, text, _) = test(&rules, &events, &["--explain"]);
    assert_eq!(code, 0);
    for part in [
        "part   5 of 6 events  r.yml: Failed\n",
        "fired  1 of 6 events  r.yml: Succeeded\n",
        "fired  1 time on 4 of 6 events  r.yml: Guessing\n",
        "    2026-01-01T00:00:11.000Z  user: \"ANN\"\n",
        "window 2026-01-01T00:00:01.000Z to 2026-01-01T00:00:11.000Z: 2 events, measured 2\n",
        "2026-01-01T00:00:01.000Z  <stdin> #1: failed\n",
        "left out: 1 events have no value of the group\n",
        "2 of 2 rules fired\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn one_that_is_silent_says_how_near_it_came() {
    let rules = document(COUNT).replace("gte: 2", "gte: 3");
    let events = [
        event("01", "failure", &json!("ann")),
        event("02", "failure", &json!("ann")),
        event("03", "failure", &json!("bob")),
    ];
    let (code, text, _) = test(&rules, &events, &["--explain"]);
    assert_eq!(code, 1);
    let nearest = "nearest: 2026-01-01T00:00:02.000Z  user: \"ann\"  measured 2\n";
    assert!(text.contains(nearest), "{text}");
    let order = "title: Order\ncorrelation: {type: temporal_ordered, rules: [failed, succeeded], timespan: 1m}\n";
    let (_, text, _) = test(&document(order), &events, &["--explain"]);
    assert!(text.contains("without an event of succeeded"), "{text}");
}

#[test]
fn events_without_a_time_are_reported() {
    let events = [json!({"outcome": "failure", "user": "ann", "seen": "2026-01-01T00:00"})];
    let (code, _, errors) = test(&document(COUNT), &events, &[]);
    assert_eq!(code, 1);
    assert!(
        errors.contains("VS1271") && errors.contains("--time-field"),
        "{errors}"
    );
    let twice = [events[0].clone(), events[0].clone()];
    let (_, text, _) = test(
        &document(COUNT),
        &twice,
        &["--json", "--time-field", "seen"],
    );
    assert_eq!(firings(&text, "Guessing").as_array().map(Vec::len), Some(1));
}

#[test]
fn an_inner_correlation_is_a_part() {
    let outer = "title: Success\ncorrelation: {type: temporal_ordered, rules: [guessing, succeeded], group-by: [user], timespan: 1m}\n";
    let rules = format!("{}---\n{outer}", document(COUNT));
    let events = [
        event("01", "failure", &json!("ann")),
        event("02", "failure", &json!("ann")),
        event("30", "success", &json!("Ann")),
    ];
    let (code, text, _) = test(&rules, &events, &["--json"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(firings(&text, "Guessing"), json!([]));
    assert_eq!(firings(&text, "Success").as_array().map(Vec::len), Some(1));
    let generated = rules.replace("title: Success\n", "title: Success\ngenerate: true\n");
    let (_, text, _) = test(&generated, &events, &["--json"]);
    assert_eq!(firings(&text, "Guessing").as_array().map(Vec::len), Some(1));
}

#[test]
fn a_filter_takes_events_away() {
    let filter = "---\ntitle: Admins\nlogsource: {product: x}\nfilter: {rules: any, s: {user: ann}, condition: not s}\n";
    let events = [
        event("01", "failure", &json!("ann")),
        event("02", "failure", &json!("ann")),
    ];
    let rules = document(COUNT) + filter;
    let (code, text, _) = test(&rules, &events, &["--json"]);
    assert_eq!(code, 1);
    assert_eq!(firings(&text, "Guessing"), json!([]));
}

/// A correlation of each kind.
const KINDS: &[&str] = &[
    "type: event_count\n  rules: [failed, succeeded]\n  condition: {gt: 3, lte: 9}",
    "type: value_count\n  rules: [failed]\n  condition: {field: host, gte: 3}",
    "type: value_sum\n  rules: [failed]\n  condition: {field: bytes, gt: 10.5}",
    "type: value_avg\n  rules: [failed]\n  condition: {field: bytes, lt: 3}",
    "type: value_median\n  rules: [failed]\n  condition: {field: bytes, gte: 7}",
    "type: value_percentile\n  rules: [failed]\n  condition: {field: bytes, percentile: 95, gte: 7}",
    "type: value_count\n  rules: [failed]\n  condition: {field: [bytes, user], gte: 3}",
    "type: temporal\n  rules: [failed, succeeded]",
    "type: temporal\n  rules: [failed, succeeded]\n  condition: failed and not succeeded",
    "type: temporal_ordered\n  rules: [failed, succeeded, failed]",
    "type: temporal_ordered\n  rules: [guessing, succeeded]",
];

#[test]
fn witnesses_come_back_with_their_answers() {
    for kind in KINDS {
        let correlation =
            format!("title: C\ncorrelation:\n  {kind}\n  group-by: [user]\n  timespan: 1m\n");
        let rules = format!("{}---\n{correlation}", document(COUNT));
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("r.yml"), &rules).expect("a file");
        let (code, witnesses, errors) = run(folder.path(), &["witness", "r.yml"], "");
        assert_eq!(code, 0, "{kind}: {errors}");
        let lines = witnesses
            .lines()
            .map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
        let own: Vec<Json> = lines.filter(|line| line["rule"] == "C").collect();
        for matches in [true, false] {
            let mut own = own.iter();
            assert!(
                own.any(|line| line["matches"] == matches),
                "{kind}: {witnesses}"
            );
        }
        let arguments = ["test", "r.yml", "--events", "-", "--json"];
        let (code, text, errors) = run(folder.path(), &arguments, &witnesses);
        assert_eq!(code, 0, "{kind}: {errors}\n{text}");
        if cfg!(feature = "sqlite") {
            let more = [&arguments[..], &["--engine", "sqlite"]].concat();
            let (code, text, errors) = run(folder.path(), &more, &witnesses);
            assert_eq!(code, 0, "{kind}: {errors}\n{text}");
        }
        // One with another answer is told of.
        let turned = witnesses.replace("\"matches\":false", "\"matches\":true");
        let (code, _, errors) = run(folder.path(), &arguments, &turned);
        assert!(code == 1 && errors.contains("VS1005"), "{kind}: {errors}");
    }
}

#[test]
fn files_are_read_in_pieces() {
    let padding = "x".repeat(200);
    let mut text = String::new();
    for number in 0..30_000 {
        let event =
            json!({"ts": number, "outcome": "failure", "user": number % 7, "padding": padding});
        // Every thousandth is on many lines.
        text += &match number % 1000 {
            0 => serde_json::to_string_pretty(&event).expect("JSON"),
            _ => event.to_string(),
        };
        text += "\n";
    }
    text += "{\"ts\": nothing}\n";
    let last = text.lines().count();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("r.yml"), document(COUNT)).expect("a file");
    std::fs::write(folder.path().join("e.jsonl"), text).expect("a file");
    let arguments = ["test", "r.yml", "--events", "e.jsonl", "--json"];
    let (_, out, errors) = run(folder.path(), &arguments, "");
    // Each user comes up every seven seconds.
    let firings = firings(&out, "Guessing");
    assert_eq!(firings.as_array().map(Vec::len), Some(30_000 - 7));
    assert!(errors.contains(&format!("e.jsonl:{last}:")), "{errors}");
    let array = folder.path().join("a.json");
    let events: Vec<Json> = (0..20_000)
        .map(|number| json!({"ts": number, "outcome": "failure", "user": 1, "padding": padding}))
        .collect();
    std::fs::write(array, Json::from(events).to_string()).expect("a file");
    let arguments = ["test", "r.yml", "--events", "a.json", "--json"];
    let (_, out, _) = run(folder.path(), &arguments, "");
    assert!(
        out.contains("\"tested\":20000"),
        "{}",
        &out[..out.len().min(300)]
    );
}

#[cfg(feature = "sqlite")]
#[test]
fn sqlite_fires_where_the_meaning_does() {
    let users = [
        json!("ann"),
        json!("Bob"),
        json!(7),
        json!("7"),
        Json::Null,
        json!(["x"]),
    ];
    let events: Vec<Json> = (0..120)
        .map(|number: usize| {
            let mut event = event(
                &format!("{:02}.{:03}", number / 2, number * 37 % 1000),
                ["failure", "success", "none"][number * 5 % 3],
                &users[number * 7 % users.len()],
            );
            event["host"] = json!(format!("h{}", number * 11 % 5));
            event["bytes"] = json!(number * 13 % 17);
            event
        })
        .collect();
    for kind in KINDS {
        let correlation =
            format!("title: C\ncorrelation:\n  {kind}\n  group-by: [user]\n  timespan: 15s\n");
        let rules = format!("{}---\n{correlation}", document(COUNT));
        let (_, meant, _) = test(&rules, &events, &["--json"]);
        let (_, found, errors) = test(&rules, &events, &["--json", "--engine", "sqlite"]);
        let key = |text: &str| {
            let firings = firings(text, "C");
            let firings = firings.as_array().into_iter().flatten();
            let mut keys: Vec<String> = firings
                .map(|firing| firing.to_string().to_lowercase())
                .collect();
            keys.sort();
            keys
        };
        assert_eq!(key(&found), key(&meant), "{kind}: {errors}");
        assert!(!key(&meant).is_empty(), "{kind}");
    }
}
