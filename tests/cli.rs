//! The command line: what goes to which stream, what lands in which file, and how it ends.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A rule with that title and detection.
fn rule(title: &str, detection: &str) -> String {
    format!(
        "title: {title}\nlogsource: {{category: test}}\ndetection:\n  s: {{{detection}}}\n  condition: s\n"
    )
}

/// One run of the program in a folder of its own.
struct Case {
    folder: TempDir,
    command: Command,
    input: Vec<u8>,
}

/// What a run came to.
struct Ran {
    folder: TempDir,
    output: Output,
}

impl Case {
    fn new(args: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::within(folder, args)
    }

    /// The same folder again.
    fn within(folder: TempDir, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_varsigma"));
        command.current_dir(folder.path()).args(args);
        for name in ["NO_COLOR", "CLICOLOR_FORCE", "RUST_BACKTRACE"] {
            command.env_remove(name);
        }
        Self {
            folder,
            command,
            input: Vec::new(),
        }
    }

    fn convert(args: &[&str]) -> Self {
        let mut case = Self::new(&["convert", "-t", "splunk"]);
        case.command.args(args);
        case
    }

    fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// A rule whose query is `A="value"`.
    fn rule(self, name: &str, value: &str) -> Self {
        let text = rule(&format!("The rule {value}"), &format!("A: {value}"));
        self.file(name, text)
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    fn input(mut self, text: impl AsRef<[u8]>) -> Self {
        self.input = text.as_ref().to_vec();
        self
    }

    #[track_caller]
    fn run(mut self, status: i32) -> Ran {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The program may end without reading.
        let _ = child.stdin.take().unwrap().write_all(&self.input);
        let output = child.wait_with_output().unwrap();
        let ran = Ran {
            folder: self.folder,
            output,
        };
        assert_eq!(ran.output.status.code(), Some(status), "{}", ran.stderr());
        assert!(!ran.stderr().contains("panicked"), "{}", ran.stderr());
        ran
    }
}

impl Ran {
    fn stdout(&self) -> &str {
        std::str::from_utf8(&self.output.stdout).unwrap()
    }

    fn stderr(&self) -> &str {
        std::str::from_utf8(&self.output.stderr).unwrap()
    }

    /// The objects of `--json`.
    fn json(&self) -> Vec<Value> {
        let lines = self.stdout().lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The files below a folder, sorted.
    fn files(&self, folder: &str) -> Vec<String> {
        let root = self.path(folder);
        let (mut folders, mut found) = (vec![root.clone()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let below = path.strip_prefix(&root).unwrap();
                    found.push(below.to_str().unwrap().replace('\\', "/"));
                }
            }
        }
        found.sort();
        found
    }
}

const BROKEN: &str =
    "title: broken\nlogsource: {category: test}\ndetection:\n  s: {A: b}\n  condition: t\n";

/// A rule of two queries, `A="one"` and `A="two"`.
fn two_conditions() -> String {
    rule("Two", "A: one").replace("condition: s", "t: {A: two}\n  condition: [s, t]")
}

// ---- Inputs --------------------------------------------------------------------------------------

#[test]
fn a_rule_is_a_line_on_standard_output_and_a_summary_on_standard_error() {
    let ran = Case::convert(&["a.yml"]).rule("a.yml", "x").run(0);
    assert_eq!(ran.stdout(), "A=\"x\"\n");
    assert!(
        ran.stderr().starts_with("1 rule: 1 converted in "),
        "{}",
        ran.stderr()
    );
    assert_eq!(ran.stderr().lines().count(), 1);
}

#[test]
fn folders_are_walked_in_the_order_of_bytes() {
    let ran = Case::convert(&["-q", "."])
        .rule("b.yml", "4")
        .rule("a/z.yaml", "3")
        .rule("a-b.yml", "1")
        .rule("a.yml", "2")
        .rule("a/z.txt", "none")
        .rule(".hidden.yml", "none")
        .run(0);
    assert_eq!(ran.stdout(), "A=1\nA=2\nA=3\nA=4\n");
    assert_eq!(ran.stderr(), "");
}

#[test]
fn paths_are_shown_as_given() {
    for (given, shown) in [
        ("rules", "rules/sub/a.yml"),
        ("./rules/", "rules/sub/a.yml"),
        (".", "rules/sub/a.yml"),
        ("rules/sub/a.yml", "rules/sub/a.yml"),
        ("rules/../rules//sub", "rules/../rules/sub/a.yml"),
    ] {
        let ran = Case::convert(&["--json", given])
            .rule("rules/sub/a.yml", "x")
            .run(0);
        assert_eq!(ran.json()[0]["path"], shown, "{given}");
    }
}

#[test]
fn given_files_are_taken_in_the_order_given_and_once() {
    let ran = Case::convert(&["-q", "b.txt", "a.yml", "./b.txt", "."])
        .rule("a.yml", "1")
        .rule("b.txt", "2")
        .rule("c.yml", "3")
        .run(0);
    assert_eq!(ran.stdout(), "A=2\nA=1\nA=3\n");
}

#[test]
fn what_a_gitignore_names_is_left_out_unless_given() {
    let case = |args: &[&str]| {
        Case::convert(args)
            .file(".gitignore", "build/\n*.gen.yml\n")
            .rule("a.yml", "1")
            .rule("a.gen.yml", "2")
            .rule("build/b.yml", "3")
    };
    assert_eq!(case(&["."]).run(0).stdout(), "A=1\n");
    assert_eq!(case(&["a.gen.yml", "build"]).run(0).stdout(), "A=2\nA=3\n");
}

#[test]
fn standard_input_is_read() {
    let ran = Case::convert(&["--json", "-"])
        .input(rule("t", "A: x"))
        .run(0);
    assert_eq!(ran.json()[0]["path"], "<stdin>");
    assert_eq!(ran.json()[0]["queries"][0], "A=\"x\"");
}

#[test]
fn a_path_that_does_not_exist_is_an_error_and_the_rest_is_converted() {
    let ran = Case::convert(&["nowhere", "a.yml"])
        .rule("a.yml", "x")
        .run(1);
    assert_eq!(ran.stdout(), "A=\"x\"\n");
    assert!(ran.stderr().contains("error[VS0001]"), "{}", ran.stderr());
    assert!(ran.stderr().contains("--> nowhere"), "{}", ran.stderr());
    assert!(
        ran.stderr().contains("2 rules: 1 converted, 1 failed"),
        "{}",
        ran.stderr()
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let case = Case::convert(&["."]).rule("b.yml", "x");
    std::os::unix::fs::symlink("a.yml", case.folder.path().join("a.yml")).unwrap();
    let ran = case.run(1);
    assert_eq!(ran.stdout(), "A=\"x\"\n");
    assert!(ran.stderr().contains("error[VS0001]"), "{}", ran.stderr());
}

#[cfg(unix)]
#[test]
fn links_that_lead_in_circles_end() {
    let case = Case::convert(&["."]).rule("sub/a.yml", "x");
    std::os::unix::fs::symlink("..", case.folder.path().join("sub/up")).unwrap();
    assert_eq!(case.run(0).stdout(), "A=\"x\"\n");
}

#[test]
fn binary_and_empty_files_are_errors_of_their_own() {
    let ran = Case::convert(&["--json", "."])
        .file("binary.yml", b"MZ\x90\x00\xff")
        .file("empty.yml", "")
        .rule("rule.yml", "x")
        .run(1);
    let json = ran.json();
    assert_eq!(json[0]["error"]["code"], "VS0002");
    assert_eq!(json[1]["error"]["code"], "VS0209");
    assert_eq!(json[2]["queries"][0], "A=\"x\"");
}

#[test]
fn a_file_is_no_folder_for_queries() {
    let ran = Case::convert(&["-o", "a.yml/", "a.yml"])
        .rule("a.yml", "x")
        .run(2);
    let expected = "`a.yml/` can't be written: it is a file where a folder is needed";
    assert!(ran.stderr().contains(expected), "{}", ran.stderr());
}

#[test]
fn a_value_that_an_option_lacks_is_told_with_those_that_it_has() {
    let ran = Case::convert(&["-O", "keywords=words", "a.yml"])
        .rule("a.yml", "x")
        .run(2);
    let expected = "expected `contains` or `phrase` for the option `keywords`, found `words`";
    assert!(ran.stderr().contains(expected), "{}", ran.stderr());
}

#[test]
fn a_name_that_a_query_needs_may_not_be_empty() {
    for (target, option) in [
        ("sqlite", "table="),
        ("esql", "index="),
        ("splunk_spl2", "dataset="),
    ] {
        let ran = Case::new(&["convert", "-t", target, "-O", option, "a.yml"])
            .rule("a.yml", "x")
            .run(2);
        let name = option.trim_end_matches('=');
        let expected = format!("expected a value for the option `{name}`, found none");
        assert!(ran.stderr().contains(&expected), "{}", ran.stderr());
    }
}

#[test]
fn a_folder_without_rules_is_told_but_no_error() {
    let ran = Case::convert(&["."]).run(0);
    assert_eq!(ran.stdout(), "");
    assert!(
        ran.stderr().starts_with(
            "warning[VS0008]: folder has no rule files\n |\n = help: rule files end in `.yml`"
        ) && ran.stderr().contains("\n\n0 rules: 0 converted"),
        "{}",
        ran.stderr()
    );
}

// ---- Queries on standard output ------------------------------------------------------------------

#[test]
fn a_failed_rule_leaves_the_others_as_they_are() {
    let ran = Case::convert(&["."])
        .rule("a.yml", "x")
        .file("b.yml", BROKEN)
        .rule("c.yml", "y")
        .run(1);
    assert_eq!(ran.stdout(), "A=\"x\"\nA=\"y\"\n");
    assert!(ran.stderr().contains("--> b.yml:5:14"), "{}", ran.stderr());
    assert!(
        ran.stderr().contains("3 rules: 2 converted, 1 failed"),
        "{}",
        ran.stderr()
    );
}

#[test]
fn every_number_of_threads_gives_the_same() {
    let run = |threads: &str| {
        let mut case = Case::convert(&["--threads", threads, "."]);
        for number in 0..300 {
            case = case.rule(&format!("{number:03}.yml"), &number.to_string());
        }
        case.run(0).stdout().to_owned()
    };
    let expected: Vec<String> = (0..300).map(|number| format!("A={number}")).collect();
    let one = run("1");
    assert_eq!(one.lines().collect::<Vec<_>>(), expected);
    assert_eq!(run("4"), one);
}

#[test]
fn a_document_of_many_queries_has_one_head() {
    let ran = Case::convert(&["-q", "-f", "savedsearches", "."])
        .rule("a.yml", "x")
        .rule("b.yml", "y")
        .run(0);
    assert_eq!(ran.stdout().matches("[default]").count(), 1);
    assert!(ran.stdout().contains("[The rule x]"), "{}", ran.stdout());
    assert!(ran.stdout().contains("[The rule y]"), "{}", ran.stdout());
}

#[test]
fn lint_warns_and_denies() {
    let rule = |id: &str| {
        let mut text = rule("Whoami.", "Image|contains: '*whoami*'");
        text.push_str("id: 3f3c2d3a-7a55-4c4b-9a6e-1f0d9f0b7a");
        text + id
    };
    let lint = |args: &[&str], status| {
        let mut all = vec!["lint", "--allow", "VS1101"];
        all.extend(args);
        all.push(".");
        Case::new(&all)
            .file("a.yml", rule("01"))
            .file("b.yml", rule("01"))
            .file("c.yml", rule("02"))
            .run(status)
    };
    let ran = lint(&[], 0);
    assert_eq!(ran.stdout(), "");
    assert_eq!(ran.stderr().matches("warning[VS1116]").count(), 3);
    assert_eq!(ran.stderr().matches("warning[VS1107]").count(), 1);
    assert!(ran.stderr().contains("--> b.yml:"), "{}", ran.stderr());
    assert!(
        ran.stderr().contains("3 rules: 3 passed, 3 with warnings"),
        "{}",
        ran.stderr()
    );
    let ran = lint(&["--deny", "vs1107,1116", "-q"], 1);
    assert_eq!(ran.stderr().matches("error[").count(), 4);
    assert_eq!(ran.stderr().matches("warning").count(), 0);
    let ran = lint(&["--allow", "all", "--deny", "VS1107"], 1);
    assert!(
        ran.stderr().contains("3 rules: 2 passed, 1 failed in"),
        "{}",
        ran.stderr()
    );
    let ran = lint(&["--allow", "all", "--message-format", "sarif"], 0);
    assert!(ran.stderr().contains("\"results\": []"), "{}", ran.stderr());
    let ran = lint(&["--deny", "VS9999"], 2);
    assert!(ran.stderr().contains("VS0006"), "{}", ran.stderr());
}

#[test]
fn no_rule_breaks_out_of_its_stanza() {
    let rule = "title: default\ndescription: \"writes to C:\\\\Temp\\\\\\n[other]\\nsearch = x\\\\\"\nlogsource: {product: windows}\ndetection: {a: {A: 1}, condition: a}\n";
    let ran = Case::convert(&["-q", "-f", "savedsearches", "a.yml"])
        .file("a.yml", rule)
        .run(0);
    let stanza = ran.stdout().split_once("\n\n").expect("two stanzas").1;
    assert_eq!(
        stanza,
        "[default (2)]\ndescription = writes to C:\\Temp\\ [other] search = x\nsearch = A=1\n\n"
    );
}

#[test]
fn a_page_has_the_native_query_where_sigmac_has_none() {
    let rule =
        "title: T\nlogsource: {product: windows}\ndetection: {a: {A|re: b+}, condition: a}\n";
    let ran = Case::new(&["page", "a.yml"]).file("a.yml", rule).run(0);
    let section = ran.stdout().split("### splunk").nth(1).expect("a section");
    assert_eq!(
        section,
        "\n    \n\nThis is varsigma's own query: sigmac has none for this rule. Splunk SPL can't say \
         this: there are no words for a regular expression.\n\n```\nA=* | where match(A, \"b+\")\n```\n\n\n\n"
    );
    assert!(
        ran.stderr().starts_with("1 rule: 1 converted"),
        "{}",
        ran.stderr()
    );
    // What is asked for by name is not replaced.
    let ran = Case::new(&["page", "-t", "splunk:document", "a.yml"])
        .file("a.yml", rule)
        .run(1);
    assert!(
        ran.stdout().contains("There is no query: "),
        "{}",
        ran.stdout()
    );
    assert!(!ran.stdout().contains("```\n\n```"), "{}", ran.stdout());
}

#[test]
fn a_statement_of_many_rules_can_be_too_long() {
    let values: Vec<String> = (0..7_000).map(|number| format!("v{number}")).collect();
    let rule = format!(
        "title: T\nlogsource: {{product: windows}}\ndetection:\n  s: {{A|contains: [{}]}}\n  condition: s\n",
        values.join(", ")
    );
    let args = ["-t", "clickhouse", "-f", "union", "a.yml", "b.yml"];
    let case = Case::new(&[&["convert"], &args[..]].concat());
    let ran = case.file("a.yml", &rule).file("b.yml", &rule).run(0);
    assert_eq!(
        ran.stderr().matches("VS0617").count(),
        1,
        "{}",
        ran.stderr()
    );
}

#[test]
fn stanzas_of_one_name_are_told() {
    let rule = "title: T\nlogsource: {product: windows}\ndetection:\n  a: {A: 1}\n  b: {B: 2}\n  condition: [a, b]\n";
    let args = ["-f", "savedsearches", "a.yml", "--compat", "pysigma"];
    let ran = Case::convert(&args).file("a.yml", rule).run(0);
    assert_eq!(ran.stdout().matches("[T]").count(), 2);
    assert!(ran.stderr().contains("VS0609"), "{}", ran.stderr());
    let ran = Case::convert(&args[..3]).file("a.yml", rule).run(0);
    assert_eq!(ran.stderr().matches("warning").count(), 0);
}

#[test]
fn options_of_the_target_are_set() {
    let ran = Case::convert(&[
        "-f",
        "savedsearches",
        "-O",
        "min_time=-7d",
        "-O",
        "max_time=@d=1",
        "a.yml",
    ])
    .rule("a.yml", "x")
    .run(0);
    assert!(
        ran.stdout().contains("dispatch.earliest_time = -7d\n"),
        "{}",
        ran.stdout()
    );
    assert!(
        ran.stdout().contains("dispatch.latest_time = @d=1\n"),
        "{}",
        ran.stdout()
    );
}

#[test]
fn profiles_differ() {
    let text = rule("t", "A: [x, y]");
    let query = |args: &[&str]| {
        let case = Case::convert(args).file("a.yml", &text);
        case.run(0).stdout().to_owned()
    };
    assert_eq!(query(&["a.yml"]), "(A=\"x\" OR A=\"y\")\n");
    assert_eq!(
        query(&["--compat", "pysigma", "a.yml"]),
        "A IN (\"x\", \"y\")\n"
    );
    assert_eq!(
        query(&["--compat", "sigmac", "a.yml"]),
        "(A=\"x\" OR A=\"y\")\n"
    );
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let mut case = Case::convert(&["."]);
    for number in 0..50 {
        case = case.rule(&format!("{number}.yml"), "x");
    }
    let mut child = case
        .command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

// ---- JSON ----------------------------------------------------------------------------------------

#[test]
fn json_has_the_documented_keys_in_order() {
    let text = format!(
        "id: 5d3c1b8a-3f0e-4a57-8f0e-2f1f2a3b4c5d\n{}",
        rule("t", "A: x")
    );
    let ran = Case::convert(&["--json", "a.yml"])
        .file("a.yml", text)
        .run(0);
    assert_eq!(
        ran.stdout(),
        concat!(
            r#"{"path":"a.yml","rules":[{"id":"5d3c1b8a-3f0e-4a57-8f0e-2f1f2a3b4c5d","title":"t","#,
            r#""queries":["A=\"x\""],"fidelity":"exact"}],"queries":["A=\"x\""],"diagnostics":[]}"#,
            "\n"
        )
    );
}

#[test]
fn json_has_an_error_in_place_of_queries() {
    let ran = Case::convert(&["--json", "a.yml"])
        .file("a.yml", BROKEN)
        .run(1);
    let json = &ran.json()[0];
    assert_eq!(json["error"]["line"], 5);
    assert_eq!(json["error"]["column"], 14);
    assert!(json["error"]["code"].as_str().unwrap().starts_with("VS05"));
    assert!(json["error"]["message"].as_str().unwrap().contains('t'));
    assert_eq!(json["rules"][0]["error"], json["error"]);
    assert_eq!(json.get("queries"), None);
    assert_eq!(json["rules"][0].get("queries"), None);
    assert_eq!(json["diagnostics"].as_array().unwrap().len(), 1);
    assert_eq!(json["diagnostics"][0]["severity"], "error");
}

#[test]
fn a_file_fails_with_all_its_rules_and_in_compatibility_with_any() {
    let text = format!("{}---\n{BROKEN}", rule("t", "A: x"));
    let run = |args: &[&str]| {
        let case = Case::convert(args).file("a.yml", &text);
        case.run(1).json().remove(0)
    };
    let native = run(&["--json", "a.yml"]);
    assert_eq!(native["queries"], serde_json::json!(["A=\"x\""]));
    assert_eq!(native["rules"][1]["error"]["line"], 11);
    assert_eq!(native.get("error"), None);
    let pysigma = run(&["--json", "--compat", "pysigma", "a.yml"]);
    assert_eq!(pysigma["error"]["line"], 11);
    assert_eq!(pysigma.get("queries"), None);
    assert_eq!(pysigma["rules"][0]["queries"][0], "A=\"x\"");
}

#[test]
fn json_of_a_document_is_that_of_the_file_alone() {
    let ran = Case::convert(&["--json", "-f", "savedsearches", "."])
        .rule("a.yml", "x")
        .rule("b.yml", "y")
        .run(0);
    for (json, value) in ran.json().iter().zip(["x", "y"]) {
        assert_eq!(json["queries"].as_array().unwrap().len(), 1);
        let document = json["queries"][0].as_str().unwrap();
        assert!(document.contains("[default]"), "{document}");
        assert_eq!(document.matches("search = ").count(), 1);
        assert_eq!(json["rules"][0]["queries"][0], format!("A=\"{value}\""));
    }
}

// ---- Files ---------------------------------------------------------------------------------------

#[test]
fn a_folder_mirrors_the_tree() {
    let ran = Case::convert(&["-o", "out/", "rules"])
        .rule("rules/a.yml", "1")
        .rule("rules/win/b.c.yaml", "2")
        .run(0);
    assert_eq!(ran.stdout(), "");
    assert_eq!(ran.files("out"), ["a.spl", "win/b.c.spl"]);
    assert_eq!(ran.read("out/win/b.c.spl"), "A=2\n");
    assert!(
        ran.stderr().contains("; 2 files written, 0 unchanged"),
        "{}",
        ran.stderr()
    );
}

#[test]
fn several_queries_and_rules_are_numbered() {
    let three = format!(
        "{}---\n{BROKEN}---\n{}",
        rule("t", "A: 1"),
        two_conditions()
    );
    let ran = Case::convert(&["-o", "out/", "."])
        .file("two.yml", two_conditions())
        .file("three.yml", three)
        .run(1);
    let expected = [
        "three.1.spl",
        "three.3.1.spl",
        "three.3.2.spl",
        "two.1.spl",
        "two.2.spl",
    ];
    assert_eq!(ran.files("out"), expected);
    assert_eq!(ran.read("out/two.2.spl"), "A=\"two\"\n");
}

#[test]
fn a_document_of_many_queries_is_one_file_a_rule() {
    let ran = Case::convert(&["-f", "savedsearches", "-o", "out/", "two.yml"])
        .file("two.yml", two_conditions())
        .run(0);
    assert_eq!(ran.files("out"), ["two.conf"]);
    assert_eq!(ran.read("out/two.conf").matches("search = ").count(), 2);
}

#[test]
fn no_two_rules_share_a_file() {
    let ran = Case::convert(&["-o", "out/", "a.yml", "a.yaml", "sub/a.yml"])
        .rule("a.yml", "1")
        .rule("a.yaml", "2")
        .rule("sub/a.yml", "3")
        .run(1);
    assert_eq!(ran.files("out"), ["a.spl"]);
    assert_eq!(ran.read("out/a.spl"), "A=1\n");
    assert_eq!(
        ran.stderr().matches("error[VS0004]").count(),
        2,
        "{}",
        ran.stderr()
    );
    assert!(
        ran.stderr().contains("3 rules: 1 converted, 2 failed"),
        "{}",
        ran.stderr()
    );
}

#[test]
fn paths_that_lead_outside_stay_inside() {
    let ran = Case::convert(&["-q", "-o", "in/out/", "in/../a.yml", "in/.."])
        .rule("a.yml", "1")
        .rule("b.yml", "2")
        .file("in/x", "")
        .run(0);
    assert_eq!(ran.files("in"), ["out/a.spl", "out/b.spl", "x"]);
}

#[test]
fn standard_input_has_a_file_too() {
    let ran = Case::convert(&["-o", "out/", "-"])
        .input(rule("t", "A: 1"))
        .run(0);
    assert_eq!(ran.files("out"), ["stdin.spl"]);
}

#[cfg(unix)]
#[test]
fn a_file_that_is_as_it_should_be_is_not_touched() {
    use std::os::unix::fs::MetadataExt;
    let first = Case::convert(&["-o", "out/", "a.yml"])
        .rule("a.yml", "1")
        .run(0);
    let inode = |ran: &Ran| fs::metadata(ran.path("out/a.spl")).unwrap().ino();
    let before = inode(&first);
    let args = ["convert", "-t", "splunk", "-o", "out/", "a.yml"];
    let second = Case::within(first.folder, &args).run(0);
    assert_eq!(inode(&second), before);
    assert!(
        second.stderr().contains("; 0 files written, 1 unchanged"),
        "{}",
        second.stderr()
    );
    let third = Case::within(second.folder, &args).rule("a.yml", "2").run(0);
    assert_ne!(inode(&third), before);
    assert_eq!(third.read("out/a.spl"), "A=2\n");
    // An ordinary file, which others may read as they may read the rule.
    let mode = |name: &str| fs::metadata(third.path(name)).unwrap().mode();
    assert_eq!(mode("out/a.spl"), mode("a.yml"));
}

#[test]
fn a_failure_leaves_the_old_file() {
    let ran = Case::convert(&["-o", "out/", "a.yml"])
        .file("a.yml", BROKEN)
        .file("out/a.spl", "old\n")
        .run(1);
    assert_eq!(ran.files("out"), ["a.spl"]);
    assert_eq!(ran.read("out/a.spl"), "old\n");
}

#[test]
fn a_file_in_the_way_of_the_folder_is_wrong_usage() {
    let ran = Case::convert(&["-o", "out/", "a.yml"])
        .rule("a.yml", "1")
        .file("out", "mine")
        .run(2);
    assert!(ran.stderr().contains("error[VS0005]"), "{}", ran.stderr());
    assert_eq!(ran.read("out"), "mine");
}

#[test]
fn a_folder_in_the_way_of_a_file_is_that_rules_error() {
    let ran = Case::convert(&["-o", "out/", "a.yml", "b.yml"])
        .rule("a.yml", "1")
        .rule("b.yml", "2")
        .file("out/a.spl/x", "mine")
        .run(1);
    assert!(ran.stderr().contains("error[VS0005]"), "{}", ran.stderr());
    assert_eq!(ran.files("out"), ["a.spl/x", "b.spl"]);
}

// ---- `-o FILE` -----------------------------------------------------------------------------------

#[test]
fn a_file_has_what_standard_output_has() {
    for args in [
        &["rules"][..],
        &["-f", "savedsearches", "rules"],
        &["--json", "rules"],
    ] {
        let case = || {
            let case = Case::convert(args).rule("rules/a.yml", "1");
            case.file("rules/two.yml", two_conditions())
        };
        let printed = case().run(0).stdout().to_owned();
        let mut written = case();
        written.command.args(["-o", "out.spl"]);
        let ran = written.run(0);
        assert_eq!(ran.stdout(), "");
        assert_eq!(ran.read("out.spl"), printed, "{args:?}");
        assert!(ran.stderr().contains("; 1 file written, 0 unchanged"));
        assert_eq!(ran.files("."), ["out.spl", "rules/a.yml", "rules/two.yml"]);
    }
    let ran = Case::convert(&["-o", "-", "a.yml"])
        .rule("a.yml", "1")
        .run(0);
    assert_eq!(ran.stdout(), "A=1\n");
}

#[test]
fn a_file_holds_what_was_converted() {
    let ran = Case::convert(&["-o", "out.spl", "a.yml", "b.yml"])
        .file("a.yml", BROKEN)
        .rule("b.yml", "2")
        .file("out.spl", "old\n")
        .run(1);
    assert_eq!(ran.read("out.spl"), "A=2\n");
}

#[test]
fn a_file_stays_where_nothing_was_converted() {
    for (args, status) in [(&["a.yml"][..], 1), (&["nowhere.yml"], 1), (&["empty"], 0)] {
        let mut case = Case::convert(args)
            .file("a.yml", BROKEN)
            .file("empty/readme.md", "")
            .file("out.spl", "old\n");
        case.command.args(["-o", "out.spl"]);
        let ran = case.run(status);
        assert_eq!(ran.read("out.spl"), "old\n", "{args:?}");
    }
}

#[test]
fn a_file_belongs_into_a_folder_that_exists() {
    let ran = Case::convert(&["-o", "nowhere/out.spl", "a.yml"])
        .rule("a.yml", "1")
        .run(2);
    let expected = "`nowhere/out.spl` can't be written: there is no folder `nowhere`";
    assert!(ran.stderr().contains(expected), "{}", ran.stderr());
    assert!(ran.stderr().contains("--output-dir"), "{}", ran.stderr());
    assert_eq!(ran.files("."), ["a.yml"]);
}

#[test]
fn no_rule_is_overwritten_by_its_query() {
    let rule_text = rule("t", "A: 1");
    for args in [
        &["-o", "a.yml", "a.yml"][..],
        &["-o", "rules/../rules/a.yml", "rules"],
    ] {
        let ran = Case::convert(args)
            .file("a.yml", &rule_text)
            .file("rules/a.yml", &rule_text)
            .run(2);
        let expected = "it is a rule that is converted";
        assert!(ran.stderr().contains(expected), "{}", ran.stderr());
        assert_eq!(ran.read("a.yml"), rule_text);
        assert_eq!(ran.read("rules/a.yml"), rule_text);
    }
    let args = ["convert", "-t", "elastalert", "-o", "rules/", "rules"];
    let ran = Case::new(&args).file("rules/a.yml", &rule_text).run(1);
    assert_eq!(ran.read("rules/a.yml"), rule_text);
}

#[cfg(unix)]
#[test]
fn a_device_takes_queries_and_stays_one() {
    let ran = Case::convert(&["-o", "/dev/null", "a.yml"])
        .rule("a.yml", "1")
        .run(0);
    assert_eq!(ran.stdout(), "");
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    let ran = Case::convert(&["-o", "/dev/stdout", "a.yml"])
        .rule("a.yml", "1")
        .run(0);
    assert_eq!(ran.stdout(), "A=1\n");
}

#[test]
fn a_folder_is_one_that_exists_or_is_named_as_such() {
    for args in [
        &["-o", "out/", "rules"][..],
        &["-o", "there", "rules"],
        &["--output-dir", "out", "rules"],
        &["-od", "out", "rules"],
    ] {
        let ran = Case::convert(args)
            .rule("rules/a.yml", "1")
            .file("there/x", "")
            .run(0);
        let folder = args[1].trim_end_matches('/');
        assert_eq!(ran.read(&format!("{folder}/a.spl")), "A=1\n", "{args:?}");
    }
    for args in [
        &["--json", "-o", "out/", "a.yml"][..],
        &["-o", "out.spl", "--output-dir", "out", "a.yml"],
        &["--output-name", "{title}.spl", "a.yml"],
        &["-o", "a.spl", "--output-name", "{title}.spl", "a.yml"],
        &["--output-dir", "out", "--output-name", "{titel}", "a.yml"],
        &[
            "--output-dir",
            "out",
            "--output-name",
            "../{title}",
            "a.yml",
        ],
        &["--output-dir", "out", "--output-name", "", "a.yml"],
    ] {
        let ran = Case::convert(args).rule("a.yml", "1").run(2);
        assert_eq!(ran.files("."), ["a.yml"], "{args:?}: {}", ran.stderr());
    }
}

#[test]
fn files_of_a_folder_are_named_by_a_pattern() {
    let names = |pattern: &str| {
        let ran = Case::convert(&["--output-dir", "out", "--output-name", pattern, "rules"])
            .file(
                "rules/win/a.yml",
                "title: Shell of the web server\nid: 5f35f6c7\nlevel: high\nlogsource: {product: windows}\ndetection: {s: {A: 1}, condition: s}\n",
            )
            .file("rules/two.yml", two_conditions())
            .run(0);
        ran.files("out")
    };
    assert_eq!(
        names("{product}/{level}-{title}.{extension}"),
        [
            "any/none-two.1.spl",
            "any/none-two.2.spl",
            "windows/high-shell_of_the_web_server.spl"
        ]
    );
    assert_eq!(
        names("{output}/{path}.{n}.txt"),
        ["splunk/two.1.txt", "splunk/two.2.txt", "splunk/win/a.1.txt"]
    );
    let ran = Case::convert(&["--output-dir", "out", "--output-name", "{id}.spl", "a.yml"])
        .rule("a.yml", "1")
        .run(1);
    let expected = "`{id}.spl` can't be filled in: the rule has no `id`";
    assert!(ran.stderr().contains(expected), "{}", ran.stderr());
}

#[test]
fn what_a_target_refuses_is_skipped_on_demand() {
    let expression = rule("t", "A|re: 'a+'");
    let case = |args: &[&str]| {
        let mut all = vec!["convert", "-t", "kql"];
        all.extend(args);
        Case::new(&all)
            .file("refused.yml", &expression)
            .rule("a.yml", "1")
            .file("broken.yml", BROKEN)
    };
    let ran = case(&["refused.yml", "a.yml"]).run(1);
    assert!(ran.stderr().contains("error[VS0605]"), "{}", ran.stderr());
    for skip in ["-s", "--skip-unsupported"] {
        let ran = case(&[skip, "refused.yml", "a.yml"]).run(0);
        assert_eq!(ran.stdout(), "A: \"1\"\n");
        assert!(!ran.stderr().contains("VS0605"), "{}", ran.stderr());
        let expected = "2 rules: 1 converted, 1 skipped in ";
        assert!(ran.stderr().contains(expected), "{}", ran.stderr());
    }
    let ran = case(&["-s", "-v", "refused.yml"]).run(0);
    assert!(ran.stderr().contains("note[VS0605]"), "{}", ran.stderr());
    let ran = case(&["-s", "refused.yml", "broken.yml"]).run(1);
    let expected = "2 rules: 0 converted, 1 failed, 1 skipped in ";
    assert!(ran.stderr().contains(expected), "{}", ran.stderr());
    case(&["-s", "--fail-unsupported", "refused.yml"]).run(1);
    // Skipped rules have no files, and the others have.
    let ran = case(&["-s", "-o", "out/", "refused.yml", "a.yml"]).run(0);
    assert_eq!(ran.files("out"), ["a.kql"]);
    // What is not exact is refused where it has to be.
    let args = ["convert", "-t", "splunk", "--strict", "-s", "a.yml"];
    Case::new(&args).file("a.yml", INEXACT).run(0);
}

#[test]
fn a_glob_chooses_the_files_of_folders() {
    let list = |args: &[&str]| {
        let ran = Case::convert(args)
            .rule("rules/win_a.yml", "1")
            .rule("rules/lnx_b.yaml", "2")
            .rule("rules/windows/c.sigma", "3")
            .rule("other.txt", "4")
            .run(0);
        ran.stdout().to_owned()
    };
    assert_eq!(list(&["rules"]), "A=2\nA=1\n");
    assert_eq!(list(&["-P", "win_*.yml", "rules"]), "A=1\n");
    assert_eq!(list(&["--file-pattern", "*.sigma", "rules"]), "A=3\n");
    assert_eq!(list(&["-P", "windows/*", "rules"]), "A=3\n");
    // A file that is given is taken whatever its name.
    assert_eq!(list(&["-P", "*.sigma", "rules", "other.txt"]), "A=3\nA=4\n");
    let ran = Case::convert(&["-P", "*.nothing", "rules"])
        .rule("rules/a.yml", "1")
        .run(0);
    let expected = "no file matches `*.nothing`";
    assert!(ran.stderr().contains(expected), "{}", ran.stderr());
    Case::convert(&["-P", "rules/", "rules"]).run(2);
}

#[test]
fn a_query_is_no_rule() {
    let ran = Case::convert(&["a.spl", "b.yml"])
        .file("a.spl", "index=main foo=\"bar\" | stats count\n")
        .file("b.yml", "just text\n")
        .run(1);
    let expected = "give rules as YAML files; varsigma does not turn queries";
    assert_eq!(
        ran.stderr().matches(expected).count(),
        1,
        "{}",
        ran.stderr()
    );
}

#[test]
fn an_address_is_no_path() {
    let ran = Case::convert(&["https://example.org/rules/a.yml"]).run(1);
    let expected = "it is a URL, and varsigma reads files";
    assert!(ran.stderr().contains(expected), "{}", ran.stderr());
    let place = "--> https://example.org/rules/a.yml";
    assert!(ran.stderr().contains(place), "{}", ran.stderr());
}

// ---- Messages ------------------------------------------------------------------------------------

/// A rule whose query misses what two windows share, and which is deprecated besides.
const INEXACT: &str = "title: t
logsource: {category: test}
detection:
  s: {A: b}
  timeframe: 5m
  condition: s | max(D) by C > 5
";

#[test]
fn warnings_are_shown_unless_quiet_and_strict_makes_them_errors() {
    let run = |args: &[&str], status| {
        let case = Case::convert(args).file("a.yml", INEXACT);
        case.run(status)
    };
    let plain = run(&["a.yml"], 0);
    for code in ["warning[VS0507]", "warning[VS0608]"] {
        assert!(plain.stderr().contains(code), "{}", plain.stderr());
    }
    let summary = "1 rule: 1 converted, 1 with warnings";
    assert!(plain.stderr().contains(summary), "{}", plain.stderr());
    assert_eq!(run(&["-q", "a.yml"], 0).stderr(), "");
    let json = run(&["--json", "a.yml"], 0).json().remove(0);
    assert_eq!(json["rules"][0]["fidelity"], "narrower");
    assert_eq!(json["diagnostics"][1]["code"], "VS0608");
    assert_eq!(json["diagnostics"][1]["severity"], "warning");
    let strict = run(&["--strict", "a.yml"], 1);
    assert_eq!(strict.stdout(), "");
    assert!(
        strict.stderr().contains("error[VS0608]"),
        "{}",
        strict.stderr()
    );
}

#[test]
fn an_exact_query_is_strict_enough() {
    let ran = Case::convert(&["--strict", "a.yml"])
        .rule("a.yml", "x")
        .run(0);
    assert_eq!(ran.stdout(), "A=\"x\"\n");
}

#[test]
fn one_fact_is_told_once() {
    let run = |flags: &[&str]| {
        let mut case = Case::convert(&["."]);
        case.command.args(flags);
        for number in 0..30 {
            case = case.file(&format!("{number:02}.yml"), INEXACT);
        }
        case.run(0).stderr().to_owned()
    };
    let shown = |text: &str| text.matches("warning[VS0608]").count();
    let some = run(&[]);
    assert_eq!(shown(&some), 1, "{some}");
    assert!(
        some.contains("\n  --> 00.yml:6:18 and 29 more files\n"),
        "{some}"
    );
    let all = run(&["-v"]);
    assert_eq!(shown(&all), 30, "{all}");
    assert_eq!(all.matches("6 |   condition: s |").count(), 60, "{all}");
    for format in ["json", "github", "sarif"] {
        let told = run(&["--message-format", format]);
        assert!(told.matches("VS0608").count() >= 30, "{format}: {told}");
    }
}

/// A rule that EQL can't say.
const KEYWORD: &str = "title: t
logsource: {category: test}
detection:
  s: [word]
  condition: s
";

#[test]
fn refusals_of_one_reason_are_an_entry_with_what_to_do() {
    let mut case = Case::new(&["convert", "-t", "eql", "."]).rule("ok.yml", "x");
    for number in 0..30 {
        case = case.file(&format!("{number:02}.yml"), KEYWORD);
    }
    case = case.file("bad.yml", BROKEN);
    let ran = case.run(1);
    let told = ran.stderr();
    assert!(
        told.starts_with(
            "error[VS0605]: Elasticsearch EQL can't say this: EQL tests fields only: keywords have none
  --> 00.yml:4:7
  --> 01.yml:4:7
  --> 02.yml:4:7 and 27 more files
   = help: convert the rule for `esql` or `lucene`, which search whole events

"
        ),
        "{told}"
    );
    // What is wrong with a rule itself is shown in the rule.
    assert!(told.contains(" --> bad.yml:"), "{told}");
    assert!(
        told.contains("\n32 rules: 1 converted, 31 failed"),
        "{told}"
    );
}

#[test]
fn messages_come_in_every_format() {
    let run = |format: &str| {
        let case = Case::convert(&["--message-format", format, "."]);
        let ran = case.file("a.yml", BROKEN).rule("b.yml", "x").run(1);
        assert_eq!(ran.stdout(), "A=\"x\"\n", "{format}");
        ran.stderr().to_owned()
    };
    assert!(run("human").contains("5 |   condition: t"));
    let json: Value = serde_json::from_str(&run("json")).unwrap();
    assert_eq!((&json["path"], &json["line"]), (&"a.yml".into(), &5.into()));
    let sarif: Value = serde_json::from_str(&run("sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 1);
    assert_eq!(results[0]["level"], "error");
    assert!(run("github").starts_with("::error file=a.yml,line=5,col=14,"));
}

#[test]
fn a_sarif_document_is_there_without_results_too() {
    let ran = Case::convert(&["--message-format", "sarif", "a.yml"])
        .rule("a.yml", "x")
        .run(0);
    let sarif: Value = serde_json::from_str(ran.stderr()).unwrap();
    assert_eq!(sarif["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn colours_come_when_asked_for() {
    let colored = |args: &[&str], variable: Option<(&str, &str)>| {
        let mut case = Case::convert(args).file("a.yml", BROKEN);
        if let Some((name, value)) = variable {
            case = case.env(name, value);
        }
        case.run(1).stderr().contains('\u{1b}')
    };
    assert!(!colored(&["a.yml"], None), "a pipe is no terminal");
    assert!(colored(&["--color", "always", "a.yml"], None));
    assert!(colored(&["a.yml"], Some(("CLICOLOR_FORCE", "1"))));
    assert!(!colored(
        &["--color", "never", "a.yml"],
        Some(("CLICOLOR_FORCE", "1"))
    ));
    assert!(!colored(&["a.yml"], Some(("NO_COLOR", "1"))));
    assert!(colored(
        &["--color", "always", "a.yml"],
        Some(("NO_COLOR", "1"))
    ));
}

// ---- Wrong usage ---------------------------------------------------------------------------------

#[test]
fn what_does_not_exist_is_wrong_usage_with_what_was_meant() {
    for (args, code, help) in [
        (&["-t", "splnk"][..], "VS0601", "`splunk`"),
        (
            &["-t", "splunk", "-f", "savedsearch"],
            "VS0603",
            "`savedsearches`",
        ),
        (
            &["-t", "splunk", "-f", "xyz"],
            "VS0603",
            "its formats: `default`",
        ),
        (&["-t", "splunk", "-O", "min_tme=1"], "VS0604", "`min_time`"),
        (
            &["-t", "splunk_spl2", "--compat", "sigmac"],
            "VS0602",
            "`pysigma`",
        ),
        (
            &["-t", "splunk", "-f", "document", "--compat", "pysigma"],
            "VS0603",
            "its formats",
        ),
        (
            &["-t", "splunk", "--backend-dir", "nowhere"],
            "VS0001",
            "nowhere",
        ),
    ] {
        let mut all = vec!["convert", "a.yml"];
        all.extend(args);
        let ran = Case::new(&all).rule("a.yml", "x").run(2);
        assert_eq!(ran.stdout(), "");
        assert!(ran.stderr().contains(code), "{args:?}: {}", ran.stderr());
        assert!(ran.stderr().contains(help), "{args:?}: {}", ran.stderr());
    }
}

#[test]
fn arguments_that_cannot_be_read_are_wrong_usage() {
    for args in [
        &["convert", "a.yml"][..],
        &["convert", "-t", "splunk"],
        &["convert", "-t", "splunk", "-O", "novalue", "a.yml"],
        &["convert", "-t", "splunk", "-q", "-v", "a.yml"],
        &["convert", "-t", "splunk", "--compat", "rsigma", "a.yml"],
        &[
            "convert",
            "-t",
            "splunk",
            "--message-format",
            "xml",
            "a.yml",
        ],
        &["convert", "-t", "splunk", "--threads", "many", "a.yml"],
        &["convrt"],
        &["list", "everything"],
        &["completions", "tcsh"],
        &[],
    ] {
        let ran = Case::new(args).run(2);
        assert_eq!(ran.stdout(), "", "{args:?}");
        assert!(
            ran.stderr().contains("--help") || args.is_empty(),
            "{args:?}: {}",
            ran.stderr()
        );
    }
}

#[test]
fn backend_files_of_the_user_count() {
    let mine = "extends = 'splunk'\ntitle = 'Mine'\nextension = 'mine'\n[query]\nor = ' | '\n";
    let run = |args: &[&str], status| {
        let case = Case::new(args)
            .file("dir/mine.toml", mine)
            .file("a.yml", rule("t", "A: [1, 2]"));
        case.file(
            "wrong/mine.toml",
            "extends = 'splunk'\n[query]\norr = ' | '\n",
        )
        .run(status)
    };
    let ran = run(
        &["convert", "-t", "mine", "--backend-dir", "dir", "a.yml"],
        0,
    );
    assert_eq!(ran.stdout(), "(A=1 | A=2)\n");
    let ran = run(&["list", "targets", "--backend-dir", "dir"], 0);
    assert!(ran.stdout().contains("\nmine "), "{}", ran.stdout());
    let ran = run(
        &["convert", "-t", "mine", "--backend-dir", "wrong", "a.yml"],
        2,
    );
    assert!(
        ran.stderr().contains("wrong/mine.toml:3:1"),
        "{}",
        ran.stderr()
    );
}

// ---- The other commands --------------------------------------------------------------------------

#[test]
fn lists_are_tables_and_json() {
    for (what, row, key, value) in [
        ("targets", "splunk ", "name", "splunk"),
        ("formats", "splunk ", "name", "savedsearches"),
        (
            "modifiers",
            "contains ",
            "summary",
            "All values must match, not one of them.",
        ),
        ("pipelines", "sysmon ", "name", "ecs_kubernetes"),
        ("codes", "VS0001  ", "code", "VS0001"),
    ] {
        let table = Case::new(&["list", what]).run(0);
        let has = table.stdout().lines().any(|line| line.starts_with(row));
        assert!(has, "{what}: {}", table.stdout());
        assert!(table.stdout().lines().all(|line| line.trim_end() == line));
        let json = Case::new(&["list", what, "--json"]).run(0);
        let json: Value = serde_json::from_str(json.stdout()).unwrap();
        let rows = json.as_array().unwrap();
        assert!(rows.iter().any(|row| row[key] == value), "{what}");
    }
    let formats = Case::new(&["list", "formats", "-t", "splunk_spl2"]).run(0);
    assert!(!formats.stdout().contains("savedsearches"));
    let positional = Case::new(&["list", "formats", "splunk_spl2"]).run(0);
    assert_eq!(positional.stdout(), formats.stdout());
    let options = Case::new(&["list", "options", "PostgreSQL"]).run(0);
    assert!(
        options.stdout().contains("postgres  table "),
        "{}",
        options.stdout()
    );
    let pipelines = Case::new(&["list", "pipelines", "esql"]).run(0);
    assert!(pipelines.stdout().contains("ecs_windows"));
    assert!(!pipelines.stdout().contains("splunk_windows"));
    Case::new(&["list", "formats", "-t", "nothing"]).run(2);
}

#[test]
fn a_resolved_target_is_a_backend_file_of_its_own() {
    let resolved = |args: &[&str]| {
        let mut all = vec!["list", "targets", "--resolved", "splunk_spl2"];
        all.extend(args);
        Case::new(&all).run(0).stdout().to_owned()
    };
    let native = resolved(&[]);
    let ran = Case::new(&["convert", "-t", "copy", "--backend-dir", "dir", "a.yml"])
        .file("dir/copy.toml", &native)
        .rule("a.yml", "x")
        .run(0);
    let original = Case::new(&["convert", "-t", "splunk_spl2", "a.yml"])
        .rule("a.yml", "x")
        .run(0);
    assert_eq!(ran.stdout(), original.stdout());
    assert_ne!(resolved(&["--compat", "pysigma"]), native);
}

/// TOML takes no control character of ASCII as itself, and U+007F, a key of Kusto, is one.
#[test]
fn a_resolved_target_has_no_control_character() {
    let kusto = Case::new(&["list", "targets", "--resolved", "kusto"]).run(0);
    assert!(
        kusto.stdout().contains(r#""\u007F" = "#),
        "the case is about this key"
    );
    let raw = kusto
        .stdout()
        .chars()
        .find(|c| c.is_ascii_control() && *c != '\n');
    assert_eq!(raw, None);
}

#[test]
fn a_code_is_explained() {
    let ran = Case::new(&["explain", "vs0004"]).run(0);
    assert!(
        ran.stdout()
            .starts_with("VS0004: two rules would be written to one file\n\n")
    );
    assert!(!ran.stdout().contains("```"));
    let ran = Case::new(&["explain", "VS9004"]).run(2);
    assert!(
        ran.stderr().contains("did you mean `VS0004`?"),
        "{}",
        ran.stderr()
    );
    assert_eq!(ran.stdout(), "");
}

#[test]
fn the_manual_knows_the_commands() {
    let page = Case::new(&["man"]).run(0);
    assert!(page.stdout().contains(".TH varsigma 1"));
    for part in [
        "VARSIGMA CONVERT",
        "\\-\\-backend\\-dir",
        "VARSIGMA EXPLAIN",
    ] {
        assert!(page.stdout().contains(part), "{part}");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    assert!(
        Case::new(&["--help"])
            .run(0)
            .stdout()
            .contains("Exit codes: 0")
    );
    let version = concat!("varsigma ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(Case::new(&["--version"]).run(0).stdout(), version);
}

// ---- page ----------------------------------------------------------------------------------

#[test]
fn page_prints_the_founding_document() {
    let rule = include_str!("cases/founding/rule.yml");
    let document = include_str!("cases/founding/document.md");
    let ran = Case::new(&["page", "rule.yml"])
        .file("rule.yml", rule)
        .run(0);
    assert_eq!(ran.stdout(), document);
}

#[test]
fn page_sends_each_target_through_its_own_pipelines() {
    let mine = "name: Mine\nallowed_backends: [kql]\ntransformations:\n\
                - {type: field_name_mapping, mapping: {A: a.kql}}\n";
    let pages = [
        "page", "-t", "splunk", "-t", "kql", "-p", "mine.yml", "a.yml",
    ];
    let case = Case::new(&pages).rule("a.yml", "value");
    let ran = case.file("mine.yml", mine).run(0);
    assert!(ran.stdout().contains("A=\"value\""), "{}", ran.stdout());
    assert!(ran.stdout().contains("a.kql: "), "{}", ran.stdout());
    let stray = ["page", "-t", "splunk", "-p", "mine.yml", "a.yml"];
    let case = Case::new(&stray).rule("a.yml", "value");
    let ran = case.file("mine.yml", mine).run(2);
    assert!(ran.stderr().contains("VS0712"), "{}", ran.stderr());
}

#[test]
fn a_format_says_what_no_pipeline_set() {
    let asked = ["convert", "-t", "splunk", "-f", "data_model", "a.yml"];
    let ran = Case::new(&asked).rule("a.yml", "value").run(1);
    assert!(ran.stderr().contains("VS0611"), "{}", ran.stderr());
}

#[test]
fn page_prints_a_section_a_target() {
    let case = Case::new(&["page", "-t", "splunk", "-t", "splunk:document", "a.yml"]);
    let ran = case.rule("a.yml", "value").run(0);
    let sections: Vec<&str> = ran.stdout().split("### splunk").skip(1).collect();
    assert_eq!(sections.len(), 2);
    assert!(sections[0].contains("A=\"value\""), "{}", ran.stdout());
}

#[test]
fn a_rule_that_fails_has_no_page_and_the_others_have() {
    let case = Case::new(&["page", "a.yml", "bad.yml", "c.yml"]);
    let case = case.rule("a.yml", "one").rule("c.yml", "two");
    let ran = case.file("bad.yml", "title: [").run(1);
    assert_eq!(ran.stdout().matches("## Detection Rules").count(), 2);
    assert!(ran.stderr().contains("bad.yml"), "{}", ran.stderr());
}

#[test]
fn pages_of_a_folder_have_indexes_and_are_the_same_again() {
    let args = ["page", "--template", "modern", "-o", "docs", "rules"];
    let case = Case::new(&args).rule("rules/deep/a.yml", "one");
    let two = format!("{}---\n{}", rule("First", "A: b"), rule("Second", "A: c"));
    let ran = case.file("rules/two.yml", two).run(0);
    assert_eq!(ran.stdout(), "");
    let pages = ["deep/a.md", "two.1.md", "two.2.md"];
    for page in pages.map(|page| format!("docs/Detection_Rules/{page}")) {
        assert!(ran.folder.path().join(&page).is_file(), "{page}");
    }
    let index = fs::read_to_string(ran.folder.path().join("docs/index.md")).unwrap();
    assert!(index.contains("3 rules"), "{index}");
    let again = Case::within(ran.folder, &args).run(0);
    assert!(
        again.stderr().contains("0 files written"),
        "{}",
        again.stderr()
    );
}

#[test]
fn catalogs_of_ones_own_are_read() {
    let rule = "title: t\nlogsource: {product: own, service: s}\ndetection: {a: {F: x}, condition: a}\n\
                enrichment: EN_missing\ntags: [attack.t1047, attack.t1086]\n";
    let args = [
        "page",
        "--data-needed",
        "dn",
        "--enrichments",
        "en",
        "--atomics",
        "art",
        "a.yml",
    ];
    let case = Case::new(&args).file("a.yml", rule);
    let case = case.file(
        "dn/a.yml",
        "title: DN_1_2_own\nplatform: own\nchannel: s\nfields: [F]\n",
    );
    let case = case.file("en/a.yml", "title: EN_other\n");
    let ran = case.file("art/atomics/T1047/T1047.yaml", "").run(0);
    assert!(
        ran.stdout()
            .contains("[DN_1_2_own](../Data_Needed/DN_1_2_own.md)"),
        "{}",
        ran.stdout()
    );
    assert!(
        ran.stdout().contains("../Triggers/T1047.md"),
        "{}",
        ran.stdout()
    );
    assert!(
        !ran.stdout().contains("../Triggers/T1086.md"),
        "{}",
        ran.stdout()
    );
    assert!(ran.stderr().contains("VS0903"), "{}", ran.stderr());
}

#[test]
fn wrong_catalogs_and_templates_are_wrong_usage() {
    let rule = rule("t", "A: b");
    for (args, name, text, said) in [
        (
            ["--template", "own.md"],
            "own.md",
            "a\n{{ titel }}",
            "own.md:2:4",
        ),
        (["--template", "own.md"], "own.md", "{% if %}", "VS0902"),
        (
            ["--template", "own.md"],
            "own.md",
            "{% set references = 5 %}{% include 'document.md' %}",
            "error in \"document.md\", line 12: ",
        ),
        (["--template", "none.md"], "own.md", "", "none.md"),
        (["--attack", "a.json"], "a.json", "{}", "a.json:1"),
        (
            ["--data-needed", "dn"],
            "dn/a.yml",
            "fields: [",
            "dn/a.yml:1",
        ),
        (["--data-needed", "dn"], "dn/a.txt", "", "no YAML files"),
        (["--target", "splunk:none"], "x", "", "none"),
    ] {
        let mut case = Case::new(&["page", "a.yml"]);
        case.command.args(args);
        let ran = case.file("a.yml", &rule).file(name, text).run(2);
        assert!(ran.stderr().contains(said), "{args:?}: {}", ran.stderr());
    }
}

#[test]
fn lint_refuses_the_regular_expressions_that_convert_refuses() {
    let rule = "title: T\nlogsource: {product: windows}\ndetection:\n  a:\n    A|re: 'a('\n    B|re|expand: '(%x%'\n    C|re: '[a-z'\n  condition: a\n";
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("r.yml"), rule).expect("a file");
    let said = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_varsigma"))
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), said.matches("error[VS0330]").count())
    };
    assert_eq!(said(&["lint", "r.yml"]), (Some(1), 2));
    assert_eq!(said(&["convert", "-t", "splunk", "r.yml"]).0, Some(1));
}

#[test]
fn a_folder_without_pipelines_is_no_success() {
    let ran = Case::new(&["pipeline", "check", "empty"])
        .file("empty/notes.txt", "x")
        .run(1);
    assert!(ran.stderr().contains("VS0701"), "{}", ran.stderr());
}

#[test]
fn a_file_without_a_chosen_rule_has_no_object() {
    let run = |arguments: &[&str]| {
        let case = Case::convert(&["--json", "-q", "--level", "high"]);
        let mut case = ["low", "high", "medium"].iter().fold(case, |case, level| {
            let text = rule(level, "A: 1");
            case.file(&format!("{level}.yml"), format!("{text}level: {level}\n"))
        });
        case.command.args(arguments);
        case.file("old.json", "old")
    };
    let ran = run(&["low.yml", "high.yml", "medium.yml"]).run(0);
    let objects = ran.json();
    assert_eq!(objects.len(), 1, "{}", ran.stdout());
    assert_eq!(objects[0]["path"], "high.yml");
    let ran = run(&["-o", "old.json", "low.yml"]).run(1);
    let old = fs::read_to_string(ran.folder.path().join("old.json")).unwrap();
    assert_eq!(old, "old");
}

#[test]
fn a_dash_is_no_file_to_write() {
    let one = |args: &[&str]| Case::new(args).rule("a.yml", "x");
    let ran = one(&["page", "-o", "-", "a.yml"]).run(0);
    assert!(ran.stdout().contains("| The rule x "), "{}", ran.stdout());
    assert!(!ran.folder.path().join("-").exists());
    let ran = one(&["test", "--junit", "-", "a.yml"]).run(2);
    assert!(ran.stderr().contains("name a file"), "{}", ran.stderr());
    assert!(!ran.folder.path().join("-").exists());
}
