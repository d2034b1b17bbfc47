//! No text of a file commands a terminal: every attribute, value and name of a rule, a pipeline and
//! an event has characters that act, and what every command says to people has none.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// ESC, DEL, CSI as one character, a bidirectional override, a carriage return.
const YAML: &str = r"\e[31m\x7f\u009b2J\u202e\r";
const RAW: &str = "\u{1b}[31m\u{7f}\u{9b}2J\u{202e}\r";

fn acts(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\t'))
        || matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_varsigma"));
    command.current_dir(folder).args(args).env("NO_COLOR", "1");
    command.output().unwrap()
}

fn rule(id: char, broken: &str) -> String {
    let e = YAML;
    format!(
        r#"title: "T{e}"
id: 0000000{id}-0000-4000-8000-000000000000
name: "n{e}"
status: "test{e}"
description: "d{e}"
references: ["r{e}"]
author: "a{e}"
date: "2024-01-01{e}"
tags: ["attack.t1{e}"]
logsource: {{category: "process_creation{e}", product: "windows{e}", service: "s{e}"}}
detection:
  "sel{e}":
    "Field{e}": ["v{e}", "w*{e}"]
    "F{e}|re": "a{e}"
    "G{e}|contains|all": ["x{e}", "y{e}"]
  keys: ["k{e}"]
  condition: 1 of sel* or keys{broken}
fields: ["f{e}"]
falsepositives: ["p{e}"]
level: "high{e}"
"custom{e}": "c{e}"
"#
    )
}

/// What people read, in the order in which it is run.
const FOR_PEOPLE: &[&str] = &[
    "convert -t splunk -p fails.yml rules",
    "convert -t splunk -o o rules",
    "convert -t splunk -p bad.yml rules",
    "convert -t MISSING rules",
    "convert -t splunk -f MISSING rules",
    "convert -t splunk -O MISSING rules",
    "convert -t splunk -p MISSING rules",
    "convert -t splunk MISSING",
    "lint rules",
    "-v lint rules",
    "--message-format github lint rules",
    "--message-format github convert -t splunk -o o2 rules",
    "test rules --events EVENTS",
    "test rules --explain --events EVENTS",
    "test rules --explain --events bad.json",
    "test rules --explain --engine sqlite --events EVENTS",
    "pipeline check p.yml bad.yml ODD MISSING",
    "pipeline trace --all -p p.yml NAME",
    "pipeline trace -p ODD NAME",
    "pipeline trace -p fails.yml NAME",
    "pipeline trace -p fails.yml rules/broken.yml",
    "page -o pages rules",
    "explain MISSING",
    "list MISSING",
    "build --dry-run",
    "check",
    "check --format github",
    "check --format markdown",
    "build",
    "check",
    "diff",
    "diff -v",
    "diff --format markdown",
    "diff MISSING",
];

/// What is a query or an event stays what it is where nobody watches.
const FOR_PROGRAMS: &[&str] = &[
    "convert -t splunk rules",
    "convert -t splunk -p p.yml rules",
    "convert -t sqlite --strict rules",
    "convert -t esql --compat pysigma rules",
    "convert -t splunk --compat sigmac rules",
    "witness rules",
];

/// Writes a file of each kind, with acting characters wherever it takes a text.
fn lay(path: &Path) {
    let write = |name: &str, text: &str| {
        let file = path.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    let e = YAML;
    let name = format!("rules/r{RAW}.yml");
    let plain = rule('1', "").replace(&format!("process_creation{e}"), "process_creation");
    let sound = plain
        .replace(&format!("test{e}"), "test")
        .replace(&format!("high{e}"), "high");
    let sound = sound.replace(&format!("2024-01-01{e}"), "2024-01-01");
    write(&name, &sound);
    write("rules/broken.yml", &rule('2', &format!(" and {RAW}x")));
    write(
        "rules/unknown.yml",
        &sound
            .replace("keys\n", "kez\n")
            .replace("00000001", "00000003"),
    );
    write(
        "rules/modifier.yml",
        &sound
            .replace("|re\"", &format!("|r{e}\""))
            .replace("00000001", "00000004"),
    );
    write("rules/yaml.yml", &format!("title: x\n{RAW}: [\n"));
    let pipeline = format!(
        r#"name: "p{e}"
transformations:
  - {{id: "i{e}", type: field_name_prefix, prefix: "win{e}."}}
  - {{id: "s{e}", type: set_state, key: "k{e}", val: "v{e}"}}
  - {{type: add_condition, conditions: {{"c{e}": "d{e}"}}}}
"#
    );
    write("p.yml", &pipeline);
    write(&format!("p{RAW}.yml"), &pipeline);
    write(
        "bad.yml",
        &format!("transformations:\n  - {{type: \"x{e}\", \"k{e}\": 1}}\n"),
    );
    write(
        "fails.yml",
        &format!("transformations:\n  - {{type: rule_failure, message: \"m{e}\"}}\n"),
    );
    let field = serde_json::to_string(&format!("Field{RAW}")).unwrap();
    let value = serde_json::to_string(&format!("v{RAW}")).unwrap();
    write(
        &format!("events{RAW}.json"),
        &format!("{{{field}: {value}}}\n{{\"a\": {value}}}\n"),
    );
    write("events.json", &format!("{{{field}: {value}}}\n"));
    write("bad.json", &format!("{RAW} no event\n"));
    write(
        "varsigma.toml",
        "[output.splunk]\npipelines = [\"p.yml\"]\n",
    );
}

#[test]
fn nothing_of_a_file_commands_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    lay(path);
    for args in [
        &["init", "-q"][..],
        &["add", "varsigma.toml", "p.yml", "rules/broken.yml"],
        &[
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "commit",
            "-qm1",
        ],
    ] {
        let mut git = Command::new("git");
        let status = git.current_dir(path).args(args).status().unwrap();
        assert!(status.success(), "{args:?}");
    }
    let replaced = |word: &str| match word {
        "EVENTS" => format!("events{RAW}.json"),
        "ODD" => format!("p{RAW}.yml"),
        "NAME" => format!("rules/r{RAW}.yml"),
        "MISSING" => format!("no{RAW}"),
        _ => word.to_owned(),
    };
    let people = FOR_PEOPLE.iter().map(|line| (line, true));
    for (line, is_for_people) in people.chain(FOR_PROGRAMS.iter().map(|line| (line, false))) {
        let args: Vec<String> = line.split(' ').map(replaced).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let output = run(path, &args);
        let said = String::from_utf8(output.stderr).unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        // What clap says of arguments is the user's own text.
        let is_usage = said.contains("For more information, try") || said.contains("Usage:");
        let find = |text: &str| {
            let line = text.lines().find(|line| line.contains(acts));
            line.map(|line| line.escape_debug().to_string())
        };
        if !is_usage {
            assert_eq!(find(&said), None, "stderr of {args:?}");
        }
        if is_for_people {
            assert_eq!(find(&printed), None, "stdout of {args:?}");
        }
        assert!(!said.contains("panicked"), "{args:?}: {said}");
    }
}
