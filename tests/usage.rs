//! What a newcomer reads: help, its examples, wrong arguments, `init`'s hints, completion.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
#[cfg(unix)]
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_varsigma");

/// The commands, those below others too.
const COMMANDS: &[&str] = &[
    "convert",
    "page",
    "hunt",
    "test",
    "witness",
    "lint",
    "list",
    "list targets",
    "list formats",
    "list options",
    "list pipelines",
    "list modifiers",
    "list codes",
    "explain",
    "pipeline",
    "pipeline check",
    "pipeline trace",
    "schema",
    "schema check",
    "init",
    "build",
    "check",
    "diff",
    "watch",
    "completions",
    "mcp",
    "man",
];

fn varsigma(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.env("NO_COLOR", "1").current_dir(folder).args(args);
    command.stdin(Stdio::null()).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A line of a shell.
#[cfg(unix)]
fn shell(folder: &Path, line: &str) -> Command {
    let programs = Path::new(PROGRAM).parent().unwrap().display();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("sh");
    command
        .args(["-c", line])
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("PATH", format!("{programs}:{path}"))
        .env("HOME", folder)
        .env("NO_COLOR", "1")
        .envs([
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
        ])
        .envs([
            ("GIT_AUTHOR_NAME", "a"),
            ("GIT_AUTHOR_EMAIL", "a@example.org"),
        ])
        .envs([
            ("GIT_COMMITTER_NAME", "a"),
            ("GIT_COMMITTER_EMAIL", "a@example.org"),
        ]);
    command
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn rule(title: &str, id: u32, test: &str) -> String {
    format!(
        "title: {title}\nid: 0000000{id}-1111-4222-8333-444455556666\nstatus: test\ndescription: It shows how.\nauthor: A\ndate: 2025-01-01\nlevel: high\nlogsource: {{product: windows, category: process_creation}}\ndetection:\n  selection: {{{test}}}\n  condition: selection\n"
    )
}

/// A folder as the examples suppose it.
fn repository() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(
        root,
        "columns.csv",
        "table_name,column_name,data_type\nlogs,Image,text\nlogs,CommandLine,text\n",
    );
    write(
        root,
        "mapping.json",
        r#"{"logs": {"mappings": {"properties": {
            "process.executable.caseless": {"type": "keyword", "normalizer": "lowercase"},
            "process.command_line": {"type": "wildcard"},
            "event.code": {"type": "keyword"}}}}}"#,
    );
    write(
        root,
        "rules/windows/proc_a.yml",
        &rule("One", 1, r"Image|endswith: '\one.exe'"),
    );
    write(
        root,
        "rules/windows/proc_b.yml",
        &rule("Two", 2, r"CommandLine|re: '/v\d+'"),
    );
    write(
        root,
        "rules/windows/proc_a.test.yml",
        "tests:\n- {name: one, event: {Image: 'C:\\one.exe'}, expect: match}\n",
    );
    write(root, "detections/c.yml", &rule("Three", 3, "User: three"));
    write(
        root,
        "pipelines/ours.yml",
        "name: Ours\ntransformations:\n- type: field_name_prefix\n  prefix: x_\n",
    );
    write(
        root,
        "events.jsonl",
        "{\"Image\": \"C:\\\\one.exe\"}\n{\"CommandLine\": \"a /v12\"}\n",
    );
    write(root, ".local/share/bash-completion/completions/x", "");
    write(root, ".config/fish/completions/x", "");
    folder
}

/// The examples of a command's help.
fn examples(command: &str) -> Vec<String> {
    let mut args: Vec<&str> = command.split_whitespace().collect();
    args.push("--help");
    let help = stdout(&varsigma(here(), &args));
    let (_, examples) = help
        .split_once("\nExamples:\n")
        .unwrap_or_else(|| panic!("`{command} --help` has no examples:\n{help}"));
    // They are the last thing that it says.
    let lines = examples.trim_end().lines();
    let lines = lines.map(|line| {
        let line = line
            .strip_prefix("  ")
            .unwrap_or_else(|| panic!("{command}: {line}"));
        assert!(line.contains("varsigma "), "{command}: {line}");
        line.to_owned()
    });
    lines.collect()
}

#[cfg(unix)]
#[test]
fn every_help_ends_with_examples_that_work() {
    let has_git = Command::new("git").arg("--version").output().is_ok();
    for command in COMMANDS {
        for example in examples(command) {
            let folder = repository();
            let root = folder.path();
            if matches!(*command, "build" | "check" | "diff" | "watch")
                || example.trim() == "varsigma test"
            {
                let made = "varsigma init && varsigma build -q";
                let project = shell(root, made).output().unwrap();
                assert!(project.status.success(), "{}", stderr(&project));
            }
            if *command == "diff" {
                if !has_git {
                    eprintln!("NOT RUN: `{example}`: there is no git");
                    continue;
                }
                let commits = "git init -q && git add . && git commit -qm a && git commit -q --allow-empty -m b";
                assert!(shell(root, commits).status().unwrap().success());
            }
            if *command == "watch" {
                stays(root, &example);
                continue;
            }
            let ran = shell(root, &example).output().unwrap();
            let said = stderr(&ran);
            assert!(ran.status.success(), "`{example}`: {said}");
            assert!(!said.contains("error"), "`{example}`: {said}");
            let left = ran.stdout.is_empty() && !example.contains('>');
            let is_silent = example.contains(" -o ")
                || ["lint", "build", "check", "diff", "mcp"].contains(command);
            assert!(!left || is_silent, "`{example}` prints nothing");
        }
    }
}

/// A command that runs until it is ended.
#[cfg(unix)]
fn stays(folder: &Path, example: &str) {
    let mut child = shell(folder, &format!("exec {example}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while started.elapsed() < Duration::from_millis(700) {
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none(), "`{example}` ended with {ended:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn every_command_is_looked_at() {
    let listed = |args: &[&str]| {
        let help = stdout(&varsigma(here(), args));
        let commands = help.split_once("Commands:\n").unwrap().1;
        let commands = commands.split_once("\n\n").unwrap().0;
        let names = commands.lines().filter_map(|line| {
            let name = line.strip_prefix("  ")?;
            (!name.starts_with(' ')).then(|| name.split_whitespace().next().unwrap().to_owned())
        });
        names.filter(|name| name != "help").collect::<Vec<_>>()
    };
    let mut all = Vec::new();
    for name in listed(&["--help"]) {
        all.push(name.clone());
        if ["list", "pipeline", "schema"].contains(&name.as_str()) {
            let below = listed(&[&name, "--help"]).into_iter();
            all.extend(below.map(|below| format!("{name} {below}")));
        }
    }
    assert_eq!(all, COMMANDS);
    assert!(!examples("").is_empty());
}

#[test]
fn wrong_arguments_come_with_what_to_do() {
    for (args, tip) in [
        (&["convert", "rules"][..], "the targets: bigquery, "),
        (&["convert", "splunk", "rules"], "did you mean `-t splunk`?"),
        (&["convert", "-t"], "the targets: bigquery, "),
        (&["convert", "-t", "splunk"], "or `-` for standard input"),
        (
            &["convert", "-t", "splunk", "-ot", "x", "rules"],
            "--output-name",
        ),
        (
            &[
                "convert",
                "-t",
                "splunk",
                "--output-filename-template={stem}",
                "rules",
            ],
            "--output-name",
        ),
        (&["convert", "-t", "splunk", "-e", "x", "rules"], "UTF-8"),
        (
            &["convert", "-t", "splunk", "--json-indent", "2", "rules"],
            "`jq .`",
        ),
        (
            &[
                "convert",
                "-t",
                "splunk",
                "--disable-pipeline-check",
                "rules",
            ],
            "allowed_backends",
        ),
        (&["check", "rules"], "`varsigma lint PATH`"),
        (
            &["check", "--junitxml", "x", "rules"],
            "`varsigma lint PATH`",
        ),
        (&["lint", "-x", "a", "rules"], "`--allow CODE`"),
        (&["build", "rules"], "`varsigma convert`"),
        (&["analyze", "attack"], "varsigma page"),
        (&["plugin", "list"], "varsigma list targets"),
        (&["pysigma", "list-cache"], "--compat pysigma"),
        (&["version"], "varsigma --version"),
        (&["list", "validators"], "varsigma list codes"),
        (&["explain"], "varsigma list codes"),
        (&["convrt"], "'convert'"),
        (&["-q", "list", "validators"], "varsigma list codes"),
        (&["docs"], "put the command first"),
        (&["-t", "splunk", "docs"], "put the command first"),
        (&["pipeline", "check"], "pipeline files"),
        (&["pipeline", "trace"], "a rule file"),
    ] {
        let ran = varsigma(here(), args);
        assert_eq!(ran.status.code(), Some(2), "{args:?}");
        let said = stderr(&ran);
        assert!(said.contains("tip: "), "{args:?}: {said}");
        assert!(said.contains(tip), "{args:?}: {said}");
    }
}

/// What sigma-cli's users write and what is the same here.
#[test]
fn spellings_of_sigma_cli_are_accepted() {
    let folder = repository();
    for args in [
        "--target splunk --format default --without-pipeline rules",
        "-t splunk --pipeline sysmon --pipeline-check rules",
        "-t splunk --backend-option min_time=-7d -f savedsearches rules",
        "-t splunk --file-pattern *.yml --fail-unsupported --collect-errors rules",
        "-t splunk --output-dir out rules",
        "-t splunk --output out.spl --verbose rules",
    ] {
        let mut all = vec!["convert"];
        all.extend(args.split(' '));
        let ran = varsigma(folder.path(), &all);
        assert!(ran.status.success(), "{args}: {}", stderr(&ran));
    }
}

#[test]
fn a_target_is_known_by_the_names_that_people_have_for_it() {
    let folder = repository();
    let convert = |target: &str| varsigma(folder.path(), &["convert", "-q", "-t", target, "rules"]);
    let same = stdout(&convert("postgres"));
    for name in ["PostgreSQL", "pgsql", "POSTGRES"] {
        assert_eq!(stdout(&convert(name)), same, "{name}");
    }
    for (name, said) in [
        (
            "elasticsearch",
            "`lucene`: Queries for Kibana's Lucene mode",
        ),
        ("netwitness", "there is no target for RSA NetWitness"),
        ("nosuch", "the targets: `bigquery`"),
        ("zircolite", "`-t sqlite -f zircolite`"),
    ] {
        let ran = convert(name);
        assert_eq!(ran.status.code(), Some(2));
        let text = stderr(&ran);
        assert!(text.contains("VS0601") && text.contains(said), "{text}");
    }
    // Projects, pages and lists look names up likewise.
    write(
        folder.path(),
        "varsigma.toml",
        "[output.x]\ntarget = \"MariaDB\"\npath = \"{path}.sql\"\n",
    );
    let built = varsigma(folder.path(), &["build"]);
    assert!(built.status.success(), "{}", stderr(&built));
    assert_eq!(stdout(&convert("kibana")), stdout(&convert("kql")));
    let text = "[output.x]\ntarget = \"elastic\"\n";
    write(folder.path(), "varsigma.toml", text);
    let refused = stderr(&varsigma(folder.path(), &["build"]));
    assert!(
        refused.contains("`esql`: ") && refused.contains("varsigma.toml:1:"),
        "{refused}"
    );
    let page = varsigma(
        folder.path(),
        &["page", "-t", "mssql", "rules/windows/proc_a.yml"],
    );
    assert!(page.status.success(), "{}", stderr(&page));
    let list = varsigma(folder.path(), &["list", "formats", "netwitness"]);
    assert!(stderr(&list).contains("there is no target for RSA NetWitness"));
}

#[test]
fn a_name_that_is_none_comes_with_those_that_there_are() {
    let folder = repository();
    for (args, near, all) in [
        (
            ["-f", "savedsearch"],
            "`savedsearches`?",
            "its formats: `default`",
        ),
        (
            ["-O", "min_tme=1"],
            "`min_time`?",
            "its options: `min_time`",
        ),
        (
            ["-p", "sysmn"],
            "`sysmon`?",
            "the built-in ones: `azure_monitor`",
        ),
        (
            ["--compat", "pysgma"],
            "'pysigma'",
            "possible values: sigmac, pysigma",
        ),
    ] {
        let mut all_args = vec!["convert", "-t", "splunk", "rules"];
        all_args.extend(args);
        let ran = varsigma(folder.path(), &all_args);
        assert_eq!(ran.status.code(), Some(2));
        let text = stderr(&ran);
        assert!(text.contains(near) && text.contains(all), "{text}");
    }
}

/// `varsigma …` in backticks.
#[cfg(unix)]
fn commands(text: &str) -> Vec<String> {
    let pieces = text.split('`').skip(1).step_by(2);
    let commands = pieces.filter(|piece| piece.starts_with("varsigma "));
    commands.map(str::to_owned).collect()
}

#[cfg(unix)]
#[test]
fn the_hints_of_init_work() {
    let folder = repository();
    let root = folder.path();
    let commits = "git init -q && git add rules && git commit -qm a";
    let has_git = shell(root, commits).status().unwrap().success();
    let targets: Vec<String> = {
        let list = stdout(&varsigma(root, &["list", "targets", "--json"]));
        let list: serde_json::Value = serde_json::from_str(&list).unwrap();
        let names = list.as_array().unwrap().iter();
        names
            .map(|target| target["name"].as_str().unwrap().to_owned())
            .collect()
    };
    for target in targets {
        let _ = fs::remove_file(root.join("varsigma.toml"));
        let ran = varsigma(root, &["init", "-t", &target]);
        assert!(ran.status.success(), "{}", stderr(&ran));
        let text = fs::read_to_string(root.join("varsigma.toml")).unwrap();
        for command in commands(&text).into_iter().chain(commands(&stdout(&ran))) {
            if command == "varsigma diff" && !has_git {
                eprintln!("NOT RUN: `{command}`: there is no git");
                continue;
            }
            let ran = shell(root, &format!("{command} -q")).output().unwrap();
            let code = ran.status.code();
            assert!(matches!(code, Some(0 | 1)), "`{command}`: {}", stderr(&ran));
        }
        // Each line that is commented out, alone and with what belongs to it.
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let Some(bare) = line.strip_prefix("# ") else {
                continue;
            };
            let is_table = bare.starts_with("[folder");
            let is_key = bare
                .split_once(" = ")
                .is_some_and(|(key, _)| !key.contains(' '));
            if !is_table && !is_key {
                continue;
            }
            let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            bare.clone_into(&mut changed[at]);
            let table = lines[..at]
                .iter()
                .rposition(|line| line.starts_with("# [folder"));
            if let Some(table) = table {
                changed[table] = lines[table].replacen("# ", "", 1);
            }
            fs::create_dir_all(root.join("backends")).unwrap();
            write(root, "varsigma.toml", &changed.join("\n"));
            let ran = varsigma(root, &["build"]);
            let said = stderr(&ran);
            assert!(
                matches!(ran.status.code(), Some(0 | 1)),
                "{target}: {bare}: {said}"
            );
        }
    }
}

/// sigma-cli 3.1: its commands and their options, as `--help` lists them.
const SIGMA_CLI: &[(&str, &[&str])] = &[
    (
        "sigma convert",
        &[
            "-t",
            "--target",
            "-p",
            "--pipeline",
            "--without-pipeline",
            "--pipeline-check",
            "--disable-pipeline-check",
            "-f",
            "--format",
            "-c",
            "--correlation-method",
            "--filter",
            "-P",
            "--file-pattern",
            "-s",
            "--skip-unsupported",
            "--fail-unsupported",
            "-o",
            "--output",
            "-od",
            "--output-dir",
            "-ot",
            "--output-filename-template",
            "-e",
            "--encoding",
            "-j",
            "--json-indent",
            "-O",
            "--backend-option",
            "--enable-template-vars",
            "--template-vars-path",
            "--verbose",
        ],
    ),
    (
        "sigma check",
        &[
            "-c",
            "--validation-config",
            "-P",
            "--file-pattern",
            "-e",
            "--fail-on-error",
            "-E",
            "--pass-on-error",
            "-i",
            "--fail-on-issues",
            "-I",
            "--pass-on-issues",
            "--junitxml",
            "-x",
            "--exclude",
        ],
    ),
    (
        "sigma analyze",
        &[
            "attack",
            "-P",
            "--file-pattern",
            "-L",
            "--min-level",
            "-T",
            "--min-status",
            "-s",
            "--subtechniques",
            "-S",
            "--no-subtechniques",
            "-c",
            "--max-color",
            "-C",
            "--min-color",
            "-m",
            "--max-score",
            "-M",
            "--min-score",
            "logsource",
            "-k",
            "--sort-by",
            "fields",
            "-t",
            "--target",
            "-p",
            "--pipeline",
            "--pipeline-check",
            "--disable-pipeline-check",
            "--group",
            "--no-group",
            "--enable-template-vars",
            "--template-vars-path",
        ],
    ),
    (
        "sigma list",
        &[
            "conditions",
            "correlation-methods",
            "formats",
            "modifiers",
            "pipelines",
            "targets",
            "transformations",
            "validators",
        ],
    ),
    (
        "sigma plugin, pysigma, version",
        &[
            "plugin list",
            "-t",
            "--plugin-type",
            "-s",
            "--plugin-state",
            "-c",
            "--compatible",
            "plugin install",
            "uninstall",
            "show",
            "upgrade",
            "report-issue",
            "-u",
            "--uuid",
            "--compatibility-check",
            "-C",
            "--no-compatibility-check",
            "-f",
            "--force-install",
            "-l",
            "--check-pysigma",
            "-L",
            "--no-check-pysigma",
            "pysigma check-version",
            "-q",
            "--quiet",
            "-Q",
            "--no-quiet",
            "check-pysigma",
            "pysigma list-cache",
            "clear-cache",
            "update-cache",
            "-y",
            "--yes",
            "--url",
            "version",
        ],
    ),
];

#[test]
fn the_guide_names_all_of_sigma_cli() {
    let text = fs::read_to_string(here().join("docs/migrate.md")).unwrap();
    for (heading, words) in SIGMA_CLI {
        let (_, section) = text.split_once(&format!("\n## {heading}\n")).unwrap();
        let section = section.split("\n## ").next().unwrap();
        let cells = section.lines().filter_map(|line| line.strip_prefix("| "));
        let firsts: Vec<&str> = cells.map(|row| row.split(" | ").next().unwrap()).collect();
        let named = firsts.join(" ");
        for word in *words {
            let is_named = named.split('`').skip(1).step_by(2).any(|code| {
                code == *word
                    || code.starts_with(&format!("{word} "))
                    || code.ends_with(&format!(" {word}"))
            });
            assert!(is_named, "docs/migrate.md, {heading}: `{word}`");
        }
    }
}

// ---- Completion ----------------------------------------------------------------------------------

/// What the program offers for the last word of a line.
fn offered(folder: &Path, line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split(' ').collect();
    let mut command = Command::new(PROGRAM);
    command
        .current_dir(folder)
        .env("VARSIGMA_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string())
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_COMPLETE_SPACE", "true")
        .env("_CLAP_IFS", "\n")
        .arg("--")
        .args(&words);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output).lines().map(str::to_owned).collect()
}

#[test]
fn values_are_offered() {
    let folder = repository();
    let root = folder.path();
    write(
        root,
        "own/spaceship.toml",
        "title = 'Mine'\nextends = 'splunk'\n",
    );
    for (line, expected) in [
        (
            "varsigma convert -t sp",
            &["spark", "splunk", "splunk_spl2"][..],
        ),
        ("varsigma convert -t kib", &["kibana"]),
        (
            "varsigma convert --backend-dir own -t sp",
            &["spaceship", "spark", "splunk", "splunk_spl2"],
        ),
        (
            "varsigma convert -t splunk_spl2 -f ",
            &["default", "module"],
        ),
        ("varsigma convert -f saveds", &["savedsearches"]),
        ("varsigma convert -t esql -O ca", &["case="]),
        (
            "varsigma convert -t esql -O case=",
            &["case=", "case=lower", "case=mapped"],
        ),
        (
            "varsigma convert -t esql -p ecs_w",
            &["ecs_windows", "ecs_windows_old"],
        ),
        (
            "varsigma convert -t esql -p pipelines/",
            &["pipelines/ours.yml"],
        ),
        ("varsigma convert --compat py", &["pysigma"]),
        ("varsigma page -t splunk:sav", &["splunk:savedsearches"]),
        ("varsigma init -t splunk_", &["splunk_spl2"]),
        ("varsigma list formats trin", &["trino"]),
        (
            "varsigma explain vs060",
            &[
                "VS0601", "VS0602", "VS0603", "VS0604", "VS0605", "VS0606", "VS0607", "VS0608",
                "VS0609",
            ],
        ),
        (
            "varsigma lint --deny VS0601,VS070",
            &[
                "VS0601,VS0701",
                "VS0601,VS0702",
                "VS0601,VS0703",
                "VS0601,VS0704",
                "VS0601,VS0705",
                "VS0601,VS0706",
                "VS0601,VS0707",
                "VS0601,VS0708",
                "VS0601,VS0709",
            ],
        ),
    ] {
        assert_eq!(offered(root, line), expected, "{line}");
    }
}

#[test]
fn there_is_a_script_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = stdout(&varsigma(here(), &["completions", shell]));
        assert!(script.contains("VARSIGMA_COMPLETE"), "{shell}: {script}");
        assert!(script.contains("varsigma"), "{shell}: {script}");
    }
}

/// The script, as a person has it.
#[cfg(unix)]
#[test]
fn bash_completes() {
    if Command::new("bash").arg("--version").output().is_err() {
        eprintln!("NOT RUN: there is no bash");
        return;
    }
    let folder = repository();
    let line = r#"bash -c '
        source <(varsigma completions bash) || exit 3
        COMP_WORDS=(varsigma convert -t sp) COMP_CWORD=3 COMP_TYPE=9
        _clap_complete_varsigma varsigma sp -t
        printf "%s\n" "${COMPREPLY[@]}"
    '"#;
    let ran = shell(folder.path(), line).output().unwrap();
    assert_eq!(
        stdout(&ran),
        "spark\nsplunk\nsplunk_spl2\n",
        "{}",
        stderr(&ran)
    );
}

/// The others that can be asked without a terminal.
#[cfg(unix)]
#[test]
fn fish_and_zsh_complete() {
    let zsh = r#"zsh -fc '
        autoload -Uz compinit && compinit -u -d "$HOME/dump"
        source <(varsigma completions zsh)
        _describe() { [[ " $* " == *" other "* ]] && print -l "${other[@]}" }
        words=(varsigma convert -t sp) CURRENT=4
        _clap_dynamic_completer_varsigma
    '"#;
    let fish = r#"fish -c '
        varsigma completions fish | source
        complete -C "varsigma convert -t sp"
    '"#;
    for (name, line) in [("zsh", zsh), ("fish", fish)] {
        if Command::new(name).arg("--version").output().is_err() {
            eprintln!("NOT RUN: there is no {name}");
            continue;
        }
        let folder = repository();
        let ran = shell(folder.path(), line).output().unwrap();
        let said = stdout(&ran).replace('\t', ":");
        let expected = "spark:Spark SQL\nsplunk:Splunk SPL\nsplunk_spl2:Splunk SPL2\n";
        assert_eq!(said, expected, "{name}: {}", stderr(&ran));
    }
}
