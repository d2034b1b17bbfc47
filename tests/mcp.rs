//! `varsigma mcp` as its clients see it: the real program, over pipes.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use tempfile::TempDir;

const RULE: &str = r"title: Shell of the web server
logsource: {category: process_creation, product: windows}
detection:
  selection:
    ParentImage|endswith: '\w3wp.exe'
  condition: selection
";

struct Session {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    next: u64,
}

impl Session {
    fn new(args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_varsigma"));
        command.arg("mcp").args(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        Self {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
            next: 0,
        }
    }

    fn send(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
        input.flush().unwrap();
    }

    fn receive(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(answer["jsonrpc"], "2.0");
        answer
    }

    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.next += 1;
        let id = self.next;
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.send(&request.to_string());
        let answer = self.receive();
        assert_eq!(answer["id"], id);
        answer
    }

    fn call(&mut self, name: &str, arguments: &Value) -> Value {
        let params = json!({"name": name, "arguments": arguments});
        self.request("tools/call", &params)["result"].take()
    }

    /// The message of a call that fails.
    fn refused(&mut self, name: &str, arguments: &Value) -> String {
        let result = self.call(name, arguments);
        assert_eq!(result["isError"], true, "{result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    /// The program ends with its input.
    fn end(mut self) {
        drop(self.input.take());
        assert!(self.child.wait().unwrap().success());
    }
}

#[test]
fn the_version_is_negotiated() {
    for (asked, agreed) in [
        ("2024-11-05", "2024-11-05"),
        ("2025-06-18", "2025-06-18"),
        ("1999-01-01", "2025-11-25"),
    ] {
        let mut session = Session::new(&[]);
        let params = json!({
            "protocolVersion": asked,
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        });
        let result = session.request("initialize", &params)["result"].take();
        assert_eq!(result["protocolVersion"], agreed);
        assert_eq!(result["serverInfo"]["name"], "varsigma");
        assert!(result["capabilities"]["tools"].is_object());
        // A notification has no answer.
        session.send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        assert_eq!(session.request("ping", &json!({}))["result"], json!({}));
        session.end();
    }
}

#[test]
fn versions_without_a_handshake_are_served() {
    let mut session = Session::new(&[]);
    let meta =
        |version: &str| json!({"_meta": {"io.modelcontextprotocol/protocolVersion": version}});
    let result = session.request("server/discover", &meta("2026-07-28"))["result"].take();
    assert_eq!(result["supportedVersions"], json!(["2026-07-28"]));
    assert_eq!(result["resultType"], "complete");
    let result = session.request("tools/list", &meta("2026-07-28"))["result"].take();
    assert!(result["ttlMs"].is_u64() && result["tools"].is_array());
    let error = session.request("tools/list", &meta("2999-01-01"))["error"].take();
    assert_eq!(error["code"], -32022);
    session.end();
}

#[test]
fn broken_messages_are_answered_and_the_server_goes_on() {
    let mut session = Session::new(&[]);
    for (line, code) in [
        ("{", -32700),
        ("\u{1}", -32700),
        ("[]", -32600),
        ("5", -32600),
        ("{}", -32600),
        (r#"{"id":1,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"nothing"}"#, -32601),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#, -32602),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"rm"}}"#,
            -32602,
        ),
    ] {
        session.send(line);
        assert_eq!(session.receive()["error"]["code"], code, "{line}");
    }
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    session.send(&deep);
    assert_eq!(session.receive()["error"]["code"], -32700);
    session.send(&format!("\"{}\"", "x".repeat(17 << 20)));
    assert_eq!(session.receive()["error"]["code"], -32600);
    // Bytes that are no UTF-8.
    session
        .input
        .as_mut()
        .unwrap()
        .write_all(b"{\"\xff\":1}\n")
        .unwrap();
    assert_eq!(session.receive()["error"]["code"], -32700);
    // Blank lines, notifications and answers are not answered.
    session.send("");
    session.send(r#"{"jsonrpc":"2.0","id":9,"result":{}}"#);
    session.send(r#"{"jsonrpc":"2.0","method":"nothing"}"#);
    let ping = r#"{"jsonrpc":"2.0","id":"a","method":"ping"}"#;
    session.send(&format!("[{ping},{ping}]"));
    let mut line = String::new();
    session.output.read_line(&mut line).unwrap();
    let answers: Vec<Value> = serde_json::from_str(&line).unwrap();
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0]["id"], "a");
    session.end();
}

#[test]
fn the_tools_do_what_the_commands_do() {
    let mut session = Session::new(&[]);
    let listed = session.request("tools/list", &json!({}))["result"]["tools"].take();
    let listed = listed.as_array().unwrap();
    let names: Vec<&str> = listed
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "convert", "lint", "explain", "test", "witness", "diff", "targets"
        ]
    );
    for tool in listed {
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
        assert!(
            tool["inputSchema"]["properties"]
                .get("rules_path")
                .is_none()
        );
        assert_eq!(tool["annotations"]["readOnlyHint"], true);
    }

    let converted = session.call("convert", &json!({"rules": RULE, "target": "splunk"}));
    let query = r#"ParentImage="*\\w3wp.exe""#;
    assert_eq!(converted["structuredContent"]["queries"], json!([query]));
    assert_eq!(converted["content"][0]["text"], query);
    let piped = json!({"rules": RULE, "target": "splunk", "pipelines": ["sysmon"],
        "options": {"keywords": "phrase"}, "format": "savedsearches"});
    let converted = session.call("convert", &piped)["structuredContent"].take();
    assert!(
        converted["document"]
            .as_str()
            .unwrap()
            .contains("EventID=1"),
        "{converted}"
    );

    let linted = session.call(
        "lint",
        &json!({"rules": RULE.replace("endswith", "endwith")}),
    );
    let codes = &linted["structuredContent"]["diagnostics"];
    assert!(
        codes
            .as_array()
            .unwrap()
            .iter()
            .any(|found| found["code"] == "VS0401")
    );

    let explained = session.call("explain", &json!({"code": "vs401"}));
    assert_eq!(explained["structuredContent"]["code"], "VS0401");

    let events = json!([{"ParentImage": r"C:\w3wp.exe"}, {"ParentImage": "other"}]);
    let tested = session.call("test", &json!({"rules": RULE, "events": events}));
    let rows = &tested["structuredContent"]["events"];
    assert_eq!(rows[0]["rules"][0]["title"], "Shell of the web server");
    assert_eq!(rows[1]["rules"], json!([]));

    let made = session.call("witness", &json!({"rules": RULE, "limit": 4}));
    let made = made["structuredContent"]["events"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!((made.len(), &made[0]["matches"]), (4, &json!(true)));

    let after = RULE.replace(r"'\w3wp.exe'", r"['\w3wp.exe', '\nginx.exe']");
    let compared = session.call("diff", &json!({"before": RULE, "after": after}));
    let meaning = &compared["structuredContent"]["rules"][0]["meaning"];
    assert_eq!(meaning["relation"], "broader");
    assert!(meaning["gained"]["ParentImage"].is_string());

    let target = session.call("targets", &json!({"target": "splunk"}));
    assert_eq!(target["structuredContent"]["target"]["name"], "splunk");
    let all = session.call("targets", &json!({}))["structuredContent"]["targets"].take();
    assert!(all.as_array().unwrap().len() > 20);
    session.end();
}

#[test]
fn what_is_wrong_with_arguments_is_for_the_assistant_to_read() {
    let mut session = Session::new(&[]);
    for (name, arguments, expected) in [
        ("convert", json!({"rules": RULE}), "expected `target`"),
        (
            "convert",
            json!({"rules": RULE, "target": "splnk"}),
            "did you mean `splunk`?",
        ),
        (
            "convert",
            json!({"rules": 5, "target": "splunk"}),
            "to be a text",
        ),
        (
            "convert",
            json!({"rule": RULE, "target": "splunk"}),
            "unknown argument `rule`",
        ),
        (
            "convert",
            json!({"rules": "x".repeat(2 << 20), "target": "splunk"}),
            "at most 1048576 bytes",
        ),
        (
            "explain",
            json!({"code": "VS9999"}),
            "there is no diagnostic code",
        ),
        (
            "test",
            json!({"rules": "title: t\n", "events": []}),
            "`rules` has errors",
        ),
        ("test", json!({"rules": RULE, "events": "{"}), "VS1001"),
        (
            "witness",
            json!({"rules": RULE, "limit": 0}),
            "from 1 to 256",
        ),
        ("diff", json!({"before": RULE}), "expected `after`"),
    ] {
        let message = session.refused(name, &arguments);
        assert!(message.contains(expected), "{name}: {message}");
    }
    session.end();
}

#[test]
fn nothing_is_read_unless_it_is_allowed() {
    let folder = TempDir::new().unwrap();
    let (rules, other) = (
        folder.path().join("rules"),
        folder.path().join("secret.yml"),
    );
    fs::create_dir(&rules).unwrap();
    fs::write(rules.join("a.yml"), RULE).unwrap();
    fs::write(&other, RULE).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&other, rules.join("link.yml")).unwrap();
    let inside = rules.join("a.yml").display().to_string();
    let arguments = |path: &str| json!({"rules_path": path, "target": "splunk"});

    let mut session = Session::new(&[]);
    let message = session.refused("convert", &arguments(&inside));
    assert!(
        message.contains("unknown argument `rules_path`"),
        "{message}"
    );
    // A pipeline reaches nothing, whatever it says.
    let pipeline = format!(
        "transformations:\n  - type: query_expression_placeholders\n    include: [x]\n    expression: '{{id}}'\n\
         postprocessing:\n  - type: file\n    path: {}\n",
        other.display()
    );
    let arguments_of_pipeline = json!({"rules": RULE, "target": "splunk", "pipeline": pipeline});
    session.refused("convert", &arguments_of_pipeline);
    session.end();

    let mut session = Session::new(&["--allow-read", &rules.display().to_string()]);
    for path in [inside.as_str(), "a.yml"] {
        let result = session.call("convert", &arguments(path));
        assert_eq!(result["isError"], false, "{result}");
    }
    let outside = other.display().to_string();
    let mut refused = vec![
        outside.as_str(),
        "../secret.yml",
        "/etc/passwd",
        "no.yml",
        ".",
    ];
    if cfg!(unix) {
        refused.push("link.yml");
    }
    for path in refused {
        let message = session.refused("convert", &arguments(path));
        assert!(!message.contains("w3wp"), "{path}: {message}");
    }
    session.end();
}

#[test]
fn hidden_files_are_not_read() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    fs::create_dir(root.join(".git")).unwrap();
    fs::write(root.join(".git/config"), "url = https://token@host\n").unwrap();
    fs::write(root.join(".env"), "KEY=token\n").unwrap();
    fs::write(root.join("a.yml"), RULE).unwrap();
    let mut paths = vec![".git/config", ".env", "./.git/../.env"];
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(".env", root.join("in.yml")).unwrap();
        symlink(".git", root.join("open")).unwrap();
        paths.extend(["in.yml", "open/config"]);
    }
    let allowed = root.display().to_string();
    let mut session = Session::new(&["--allow-read", &allowed]);
    for path in paths {
        for path in [path.to_owned(), format!("{allowed}/{path}")] {
            for (tool, arguments) in [
                ("lint", json!({"rules_path": path})),
                ("convert", json!({"rules_path": path, "target": "splunk"})),
                ("test", json!({"rules": RULE, "events_path": path})),
                ("diff", json!({"before": RULE, "after_path": path})),
                ("diff", json!({"before_path": path, "after": RULE})),
            ] {
                let message = session.refused(tool, &arguments);
                assert!(message.contains("VS0009"), "{tool} {path}: {message}");
                assert!(!message.contains("token"), "{tool} {path}: {message}");
            }
        }
    }
    let read = session.call("lint", &json!({"rules_path": "a.yml"}));
    assert_eq!(read["isError"], false, "{read}");
    session.end();
    // A folder that is named is read, even where its own name is hidden.
    let hidden = root.join(".git").display().to_string();
    let mut session = Session::new(&["--allow-read", &hidden]);
    let read = session.call("lint", &json!({"rules_path": "config"}));
    assert_eq!(read["isError"], false, "{read}");
    session.end();
}

#[test]
fn an_answer_is_bounded_that_to_a_batch_too() {
    const MOST: usize = 4 << 20;
    let mut session = Session::new(&[]);
    let call = |id: usize, name: &str, arguments: &Value| {
        json!({"jsonrpc": "2.0", "id": id, "method": "tools/call",
            "params": {"name": name, "arguments": arguments}})
    };
    let line = |session: &mut Session, message: &Value| {
        session.send(&message.to_string());
        let mut line = String::new();
        session.output.read_line(&mut line).unwrap();
        line
    };
    // Every event has a row.
    let events = |count: usize| json!({"rules": RULE, "events": "{}".repeat(count)});
    let answer = line(&mut session, &call(1, "test", &events(150_000)));
    assert!(answer.len() <= MOST, "{}", answer.len());
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["result"]["isError"], true);

    let calls: Vec<Value> = (0..12).map(|id| call(id, "test", &events(8_000))).collect();
    let answer = line(&mut session, &json!(calls));
    assert!(answer.len() <= MOST, "{}", answer.len());
    let answers: Vec<Value> = serde_json::from_str(&answer).unwrap();
    assert_eq!(answers.len(), calls.len());
    assert_eq!(answers[0]["result"]["isError"], false);
    let last = &answers[11];
    assert_eq!(
        (&last["id"], &last["result"]["isError"]),
        (&json!(11), &json!(true))
    );

    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    let answer = line(&mut session, &json!(vec![&ping; 100]));
    let answers: Vec<Value> = serde_json::from_str(&answer).unwrap();
    assert!(answers.len() == 100 && answers.iter().all(|one| one["result"] == json!({})));
    let answer = line(&mut session, &json!(vec![&ping; 101]));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["error"]["code"], -32600);

    // An id and the name of a method come back.
    let long = "x".repeat(5 << 20);
    for message in [
        json!({"jsonrpc": "2.0", "id": long, "method": "ping"}),
        json!({"jsonrpc": "2.0", "id": 1, "method": long}),
    ] {
        let answer = line(&mut session, &message);
        assert!(answer.len() < 1000, "{}", answer.len());
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["error"]["code"], -32600);
    }
    session.end();
}

#[test]
fn a_call_of_witness_makes_no_more_events_than_an_answer_has() {
    let mut session = Session::new(&[]);
    let rules = vec![RULE; 33].join("---\n");
    let message = session.refused("witness", &json!({"rules": rules, "limit": 256}));
    assert!(
        message.contains("expected at most 8192 events"),
        "{message}"
    );
    let made = session.call("witness", &json!({"rules": rules, "limit": 2}));
    assert_eq!(made["isError"], false, "{made}");
    session.end();
}

#[test]
fn a_correlation_is_not_tested_and_the_answer_says_so() {
    let mut session = Session::new(&[]);
    let rules = format!(
        "{RULE}name: shell\n---\ntitle: Corr\ncorrelation: {{type: event_count, rules: [shell], \
         group-by: [User], timespan: 1m, condition: {{gte: 3}}}}\n"
    );
    let events = json!([{"ParentImage": r"C:\w3wp.exe"}]);
    let tested = session.call("test", &json!({"rules": rules, "events": events}));
    let answer = &tested["structuredContent"];
    assert_eq!(answer["events"][0]["rules"].as_array().unwrap().len(), 1);
    assert_eq!(answer["diagnostics"][0]["code"], "VS1010", "{answer}");
    let text = tested["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("found a correlation"), "{text}");
    let tested = session.call("test", &json!({"rules": RULE, "events": events}));
    assert!(tested["structuredContent"].get("diagnostics").is_none());
    session.end();
}

#[test]
fn errors_of_events_are_called_so() {
    let mut session = Session::new(&[]);
    let message = session.refused("test", &json!({"rules": RULE, "events": "{bad"}));
    assert!(message.starts_with("events:1:"), "{message}");
    session.end();
}
