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

#[test]
#[allow(clippy::too_many_lines, reason = "a line for each command")]
fn nothing_of_a_file_commands_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
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
        "[outputs.splunk]\ntarget = \"splunk\"\npath = \"out/{{ rule.path }}.txt\"\n",
    );
    let events = format!("events{RAW}.json");
    let odd = format!("p{RAW}.yml");
    let missing = format!("no{RAW}");
    // The query's text is what the query is: convert prints it as it is where nobody watches.
    let runs: &[(&[&str], bool)] = &[
        (&["convert", "-t", "splunk", "rules"], false),
        (&["convert", "-t", "splunk", "-p", "p.yml", "rules"], false),
        (
            &["convert", "-t", "splunk", "-p", "fails.yml", "rules"],
            true,
        ),
        (&["convert", "-t", "sqlite", "--strict", "rules"], false),
        (
            &["convert", "-t", "esql", "--compat", "pysigma", "rules"],
            false,
        ),
        (
            &["convert", "-t", "splunk", "--compat", "sigmac", "rules"],
            false,
        ),
        (&["convert", "-t", "splunk", "-o", "o", "rules"], true),
        (&["convert", "-t", "splunk", "-p", "bad.yml", "rules"], true),
        (&["convert", "-t", &missing, "rules"], true),
        (&["convert", "-t", "splunk", "-f", &missing, "rules"], true),
        (&["convert", "-t", "splunk", "-O", &missing, "rules"], true),
        (&["convert", "-t", "splunk", "-p", &missing, "rules"], true),
        (&["convert", "-t", "splunk", &missing], true),
        (&["lint", "rules"], true),
        (&["-v", "lint", "rules"], true),
        (&["--message-format", "github", "lint", "rules"], true),
        (
            &[
                "--message-format",
                "github",
                "convert",
                "-t",
                "splunk",
                "-o",
                "o2",
                "rules",
            ],
            true,
        ),
        (&["test", "rules", "--events", &events], true),
        (&["test", "rules", "--explain", "--events", &events], true),
        (
            &["test", "rules", "--explain", "--events", "bad.json"],
            true,
        ),
        (
            &[
                "test",
                "rules",
                "--explain",
                "--engine",
                "sqlite",
                "--events",
                &events,
            ],
            true,
        ),
        (
            &["pipeline", "check", "p.yml", "bad.yml", &odd, &missing],
            true,
        ),
        (&["pipeline", "trace", "--all", "-p", "p.yml", &name], true),
        (&["pipeline", "trace", "-p", &odd, &name], true),
        (&["pipeline", "trace", "-p", "fails.yml", &name], true),
        (
            &["pipeline", "trace", "-p", "fails.yml", "rules/broken.yml"],
            true,
        ),
        (&["witness", "rules"], false),
        (&["page", "-o", "pages", "rules"], true),
        (&["explain", &missing], true),
        (&["list", &missing], true),
        (&["build", "--dry-run"], true),
        (&["check"], true),
        (&["build"], true),
        (&["check"], true),
        (&["diff", &missing], true),
    ];
    for (args, is_for_people) in runs {
        let output = run(path, args);
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
        if *is_for_people {
            assert_eq!(find(&printed), None, "stdout of {args:?}");
        }
        assert!(!said.contains("panicked"), "{args:?}: {said}");
    }
}
