//! `varsigma diff` over real git repositories.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod repository;
#[path = "snapshots/snapshot.rs"]
#[expect(dead_code, reason = "the other tests use the rest")]
mod snapshot;

use repository::Repository;
use serde_json::Value as Json;
use std::path::Path;
use std::process::{Command, Output};

const CONFIG: &str = r#"
[output.splunk]
path = "queries/{path}.spl"

[output.search]
target = "lucene"
pipelines = ["pipelines/ecs.yml"]
path = "queries/{path}.txt"
"#;

const PIPELINE: &str = r"
name: ecs
priority: 20
transformations:
  - id: fields
    type: field_name_mapping
    mapping: {Image: process.executable}
";

/// A rule with that number for an id.
fn rule(number: usize, title: &str, detection: &str) -> String {
    format!(
        "title: {title}\nid: 00000000-0000-4000-8000-00000000000{number}\nstatus: test\nlogsource: \
         {{category: process_creation, product: windows}}\ndetection:\n  selection:\n    \
         {detection}\n  condition: selection\n"
    )
}

/// A project of four rules, committed.
fn project() -> Repository {
    let repository = Repository::new();
    repository.write("varsigma.toml", CONFIG);
    repository.write("pipelines/ecs.yml", PIPELINE);
    repository.write(
        "rules/shell.yml",
        rule(1, "Shell", r"Image|endswith: '\cmd.exe'"),
    );
    repository.write("rules/user.yml", rule(2, "User", "User: SYSTEM"));
    repository.write("rules/kept.yml", rule(3, "Kept", "User: kept"));
    repository.write("rules/gone.yml", rule(4, "Gone", "User: gone"));
    repository.commit("first");
    repository
}

fn run_in(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_varsigma"));
    command.current_dir(folder).arg("diff").args(args);
    for name in [
        "NO_COLOR",
        "CLICOLOR_FORCE",
        "RUST_BACKTRACE",
        "GIT_DIR",
        "GIT_WORK_TREE",
    ] {
        command.env_remove(name);
    }
    command.output().unwrap()
}

/// What it prints, where it ends well and says nothing besides.
fn printed(folder: &Path, args: &[&str]) -> String {
    let output = run_in(folder, args);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.is_empty(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(folder: &Path, args: &[&str]) -> Json {
    let args: Vec<&str> = args.iter().copied().chain(["--format", "json"]).collect();
    serde_json::from_str(&printed(folder, &args)).unwrap()
}

/// `path: change` of every rule.
fn changes(folder: &Path, args: &[&str]) -> Vec<String> {
    let found = json(folder, args);
    let rules = found["rules"].as_array().unwrap().iter();
    let line = |rule: &Json| {
        let after = &rule["after"]["path"];
        let path = if after.is_null() {
            &rule["before"]["path"]
        } else {
            after
        };
        format!(
            "{}: {}",
            path.as_str().unwrap(),
            rule["change"].as_str().unwrap()
        )
    };
    rules.map(line).collect()
}

/// What it says where it is used wrongly.
fn refused(folder: &Path, args: &[&str]) -> String {
    let output = run_in(folder, args);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

/// Every kind of change at once.
fn changed() -> Repository {
    let repository = project();
    repository.write(
        "rules/shell.yml",
        rule(
            1,
            "Shell",
            "Image|endswith:\n      - '\\cmd.exe'\n      - '\\pwsh.exe'",
        ),
    );
    repository.git(&["mv", "rules/user.yml", "rules/renamed.yml"]);
    repository.write(
        "rules/renamed.yml",
        rule(2, "User | `x` <b>@all</b>", "User|cased: SYSTEM"),
    );
    repository.git(&["rm", "-q", "rules/gone.yml"]);
    repository.write("rules/new.yml", rule(5, "New", "CommandLine|re: '^a+b'"));
    repository
}

#[test]
fn every_kind_of_change_is_shown() {
    let repository = changed();
    for (name, args) in [
        ("human", ["--format", "human"].as_slice()),
        ("stat", &["--stat"]),
        ("markdown", &["--format", "markdown"]),
        ("json", &["--format", "json"]),
        ("colours", &["--color", "always"]),
        ("targets", &["--target-diff", "splunk,splunk_spl2"]),
    ] {
        let shown = printed(repository.folder(), args);
        snapshot::check("diff", name, &shown.replace('\u{1b}', "␛"));
    }
}

#[test]
fn all_ways_to_name_two_versions_agree() {
    let repository = changed();
    let working = changes(repository.folder(), &[]);
    assert_eq!(
        working,
        [
            "rules/gone.yml: removed",
            "rules/new.yml: added",
            "rules/renamed.yml: narrower",
            "rules/shell.yml: broader",
        ]
    );
    repository.git(&["branch", "old"]);
    repository.commit("second");
    for args in [
        ["HEAD~1", "HEAD"].as_slice(),
        &["old"],
        &["old..main"],
        &["old.."],
        &["old...main"],
    ] {
        assert_eq!(changes(repository.folder(), args), working, "{args:?}");
    }
    assert!(changes(repository.folder(), &[]).is_empty());
    let back = changes(repository.folder(), &["HEAD", "HEAD~1"]);
    assert!(
        back.contains(&"rules/shell.yml: narrower".to_owned()),
        "{back:?}"
    );
    assert_eq!(back.len(), 4);
    // From any folder below, too.
    let below = repository.folder().join("rules");
    assert_eq!(changes(&below, &["HEAD~1"]), working);
}

#[test]
fn the_exit_code_is_gits() {
    let repository = project();
    let code = |args: &[&str]| run_in(repository.folder(), args).status.code();
    assert_eq!(code(&["--exit-code"]), Some(0));
    repository.write("rules/kept.yml", rule(3, "Kept", "User: other"));
    assert_eq!(code(&[]), Some(0));
    assert_eq!(code(&["--exit-code"]), Some(1));
}

#[test]
fn what_no_query_shows_is_no_change() {
    let repository = project();
    let text = std::fs::read_to_string(repository.folder().join("rules/kept.yml")).unwrap();
    // Windows line endings, a comment, a description.
    let text = format!("# a comment\n{text}description: more\n").replace('\n', "\r\n");
    repository.write("rules/kept.yml", text);
    assert_eq!(printed(repository.folder(), &[]), "no query changes\n");
}

#[test]
fn a_pipeline_that_changed_changes_the_rules_that_it_touches() {
    let repository = project();
    repository.write(
        "pipelines/ecs.yml",
        PIPELINE.replace("process.executable", "process.name"),
    );
    let found = json(repository.folder(), &[]);
    assert_eq!(
        changes(repository.folder(), &[]),
        ["rules/shell.yml: changed"]
    );
    let rule = &found["rules"][0];
    assert!(rule["meaning"].is_null());
    let output = &rule["outputs"][0];
    assert_eq!(output["output"], "search");
    let edit = output["meaning"]["edits"][0]["text"].as_str().unwrap();
    assert_eq!(
        edit,
        "selection: field renamed: process.executable to process.name"
    );
}

#[test]
fn settings_that_changed_count() {
    let repository = project();
    repository.write(
        "varsigma.toml",
        CONFIG.replace("{path}.spl", "spl/{path}.spl"),
    );
    let found = json(repository.folder(), &[]);
    assert_eq!(found["rules"].as_array().unwrap().len(), 4);
    repository.write(
        "varsigma.toml",
        format!("exclude = [\"gone.yml\"]\n{CONFIG}"),
    );
    assert_eq!(
        changes(repository.folder(), &[]),
        ["rules/gone.yml: removed"]
    );
    repository.write(
        "varsigma.toml",
        format!("{CONFIG}\n[output.more]\ntarget = \"eql\"\n"),
    );
    let found = json(repository.folder(), &[]);
    let output = &found["rules"][0]["outputs"][0];
    assert_eq!(
        (&output["output"], &output["before"]),
        (&Json::from("more"), &Json::Null)
    );
}

#[test]
fn before_the_project_was_there_every_rule_is_new() {
    let repository = Repository::new();
    repository.write("rules/a.yml", rule(1, "A", "User: a"));
    repository.commit("rules");
    repository.write(
        "varsigma.toml",
        CONFIG.replace("pipelines = [\"pipelines/ecs.yml\"]", ""),
    );
    assert_eq!(changes(repository.folder(), &[]), ["rules/a.yml: added"]);
}

#[test]
fn a_rule_that_begins_or_ceases_to_convert_is_told() {
    let repository = project();
    repository.write("rules/shell.yml", rule(1, "Shell", "Image: '%unknown%'"));
    repository.write(
        "rules/shell.yml",
        rule(1, "Shell", "Image|expand: '%unknown%'"),
    );
    let shown = printed(repository.folder(), &[]);
    assert!(
        shown.contains("no longer converts") && shown.contains("VS0606"),
        "{shown}"
    );
    assert!(shown.ends_with("2 queries no longer convert\n"), "{shown}");
    repository.commit("broken");
    repository.write("rules/shell.yml", rule(1, "Shell", "Image: x"));
    let shown = printed(repository.folder(), &[]);
    assert!(shown.ends_with("2 queries convert now\n"), "{shown}");
}

#[test]
fn conflict_markers_are_a_rule_that_no_longer_converts() {
    let repository = project();
    let path = repository.folder().join("rules/shell.yml");
    let text = std::fs::read_to_string(&path).unwrap();
    let broken = text.replace(
        "    Image|endswith: '\\cmd.exe'\n",
        "<<<<<<< HEAD\n    Image|endswith: '\\cmd.exe'\n=======\n    Image: y\n>>>>>>> other\n",
    );
    assert_ne!(text, broken);
    repository.write("rules/shell.yml", broken);
    let found = json(repository.folder(), &[]);
    let rules = found["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 1, "{found:#}");
    assert!(
        rules[0]["outputs"][0]["after"]["failed"]["code"].is_string(),
        "{found:#}"
    );
}

#[test]
fn bare_repositories_worktrees_and_submodules_are_compared() {
    let repository = changed();
    repository.commit("second");
    let expected = changes(repository.folder(), &["HEAD~1", "HEAD"]);
    let bare = repository.beside("bare.git");
    let from = repository.folder().to_str().unwrap();
    repository.git(&["clone", "-q", "--bare", from, bare.to_str().unwrap()]);
    assert_eq!(changes(&bare, &["main~1", "main"]), expected);
    let said = refused(&bare, &["main~1"]);
    assert!(said.contains("VS1044"), "{said}");
    let worktree = repository.beside("tree");
    repository.git(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "w",
        worktree.to_str().unwrap(),
    ]);
    assert_eq!(changes(&worktree, &["main~1"]), expected);
    // The rules of another repository, at the revision that is pinned.
    let outer = Repository::new();
    outer.git(&["submodule", "--quiet", "add", from, "upstream"]);
    let config = CONFIG.replace("pipelines = [\"pipelines/ecs.yml\"]", "");
    outer.write(
        "varsigma.toml",
        format!("rules = [\"upstream/rules\"]\n{config}"),
    );
    let upstream = outer.folder().join("upstream");
    repository::git(&upstream, &["checkout", "-q", "HEAD~1"]);
    outer.commit("pinned");
    repository::git(&upstream, &["checkout", "-q", "main"]);
    let inner: Vec<String> = expected
        .iter()
        .map(|line| format!("upstream/{line}"))
        .collect();
    assert_eq!(changes(outer.folder(), &[]), inner);
    outer.commit("newer");
    assert_eq!(changes(outer.folder(), &["HEAD~1", "HEAD"]), inner);
}

#[test]
fn a_shallow_clone_says_what_to_do() {
    let repository = changed();
    repository.commit("second");
    let shallow = repository.shallow("shallow");
    assert_eq!(printed(&shallow, &[]), "no query changes\n");
    let said = refused(&shallow, &["HEAD~1"]);
    assert!(
        said.contains("VS1042") && said.contains("fetch-depth"),
        "{said}"
    );
}

#[test]
fn what_can_not_be_compared_is_told() {
    let repository = project();
    for (args, code) in [
        (["nope"].as_slice(), "VS1042"),
        (&["HEAD", "nope"], "VS1042"),
        (&["--target-diff", "splunk"], "VS1045"),
        (&["--target-diff", "splunk,"], "VS1045"),
        (&["--target-diff", "splunk,nope"], "VS0601"),
        (&["--target-diff", "splunk@nope,splunk"], "VS1042"),
        (&["--target-diff", "splunk+nope,splunk"], "VS0701"),
        (&["--", "--output=x"], "VS1042"),
    ] {
        let said = refused(repository.folder(), args);
        assert!(said.contains(code), "{args:?}: {said}");
        // A target that the command line alone names is no fault of the project file.
        let is_shown = said.contains("varsigma.toml:");
        assert!(!is_shown || !said.contains("VS0601"), "{args:?}: {said}");
    }
    let nowhere = tempfile::tempdir().unwrap();
    std::fs::write(nowhere.path().join("varsigma.toml"), CONFIG).unwrap();
    assert!(refused(nowhere.path(), &[]).contains("VS1041"));
    // The faults of an old project file are told with its revision.
    repository.write("varsigma.toml", "[output.splunk]\ntarget = 3\n");
    repository.commit("broken");
    repository.write("varsigma.toml", CONFIG);
    let said = refused(repository.folder(), &[]);
    assert!(said.contains("HEAD:varsigma.toml"), "{said}");
}

#[test]
fn git_that_is_not_there_is_told() {
    let repository = project();
    let output = Command::new(env!("CARGO_BIN_EXE_varsigma"))
        .current_dir(repository.folder())
        .arg("diff")
        .env("PATH", "/nonexistent")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("VS1040"));
}

#[test]
fn the_environment_says_which_repository() {
    let repository = changed();
    let expected = printed(repository.folder(), &["--stat"]);
    let moved = repository.beside("elsewhere.git");
    std::fs::rename(repository.folder().join(".git"), &moved).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_varsigma"))
        .current_dir(repository.folder())
        .args(["diff", "--stat"])
        .env("GIT_DIR", "../elsewhere.git")
        .env("GIT_WORK_TREE", ".")
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        expected,
        "{output:?}"
    );
}

#[test]
fn two_versions_of_a_backend_are_compared_over_the_same_rules() {
    let repository = project();
    repository.write(
        "varsigma.toml",
        format!("backends = [\"backends\"]\n{CONFIG}"),
    );
    let backend = "extends = \"splunk\"\n";
    repository.write("backends/ours.toml", backend);
    repository.commit("backend");
    let same = json(repository.folder(), &["--target-diff", "ours@HEAD,ours"]);
    assert_eq!(same["rules"], Json::Array(Vec::new()));
    let pipelines = json(
        repository.folder(),
        &["--target-diff", "search,search+ecs_windows"],
    );
    let rules = pipelines["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 4, "{pipelines:#}");
    assert!(
        rules.iter().all(|rule| rule["change"] == "changed"),
        "{pipelines:#}"
    );
}

#[test]
fn a_comment_is_never_too_long() {
    let repository = project();
    for number in 0..400 {
        let text = rule(
            6,
            &format!("Rule {number}"),
            &format!("CommandLine|contains: '{number} {}'", "x".repeat(300)),
        );
        let id = format!("00000000-0000-4000-8000-{number:012}");
        let text = text.replace("00000000-0000-4000-8000-000000000006", &id);
        repository.write(&format!("rules/many/{number}.yml"), text);
    }
    let shown = printed(repository.folder(), &["--format", "markdown"]);
    assert!(shown.len() < 65_000, "{}", shown.len());
    assert!(
        shown.contains("Not in the table, as the comment would be too long: "),
        "{shown}"
    );
    assert!(
        shown.contains("Not shown in full, as the comment would be too long: "),
        "{shown}"
    );
}

/// A project with so many rules that a pipeline adds a condition to.
fn many(count: usize) -> Repository {
    let repository = Repository::new();
    repository.write("varsigma.toml", CONFIG);
    repository.write("pipelines/ecs.yml", PIPELINE);
    repository.write("pipelines/code.yml", CODE);
    repository.write(
        "varsigma.toml",
        "[output.splunk]\npath = \"queries/{path}.spl\"\npipelines = [\"pipelines/code.yml\"]\n",
    );
    for number in 0..count {
        let text = rule(1, "Many", &format!("Image|endswith: '\\{number}.exe'"));
        let text = text.replace("000000000001", &format!("{number:012}"));
        repository.write(&format!("rules/{number:04}.yml"), text);
    }
    repository.commit("first");
    repository
}

const CODE: &str = "
name: code
priority: 20
transformations:
  - type: add_condition
    conditions: {EventCode: 1}
";

#[test]
fn what_a_pipeline_changed_in_many_rules_is_told_once() {
    let repository = many(150);
    repository.write("pipelines/code.yml", CODE.replace(": 1}", ": 4688}"));
    // A rule that fails weighs more, however late it stands.
    repository.write("rules/0149.yml", rule(9, "Fails", "Image|expand: '%x%'"));
    repository.write("rules/0148.yml", "title: x\n");
    let shown = printed(repository.folder(), &[]);
    assert!(shown.starts_with("fails     rules/0148.yml"), "{shown}");
    assert!(shown.lines().count() < 60, "{shown}");
    for line in [
        "changed   148 rules, such as rules/0000.yml  Many",
        "  pipeline `pipelines/code.yml` changed",
        "  splunk  EventCode=1 to EventCode=4688  in 148 rules",
        "    value of EventCode changed: 1 to 4688",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
    assert!(!shown.contains("_cond_"), "{shown}");
    let stat = printed(repository.folder(), &["--stat"]);
    assert!(stat.lines().count() < 10, "{stat}");
    let table = printed(repository.folder(), &["--format", "markdown"]);
    assert!(table.len() < 6000, "{table}");
    let code = "`EventCode=1` to `EventCode=4688` in 148 rules";
    assert!(table.contains(code), "{table}");
    let found = json(repository.folder(), &[]);
    assert_eq!(found["rules"].as_array().unwrap().len(), 150);
    let group = &found["groups"][2];
    assert_eq!(group["rules"], 148, "{group}");
    assert_eq!(group["causes"][0], "pipeline `pipelines/code.yml` changed");
    assert_eq!(group["edits"][0]["after"], "EventCode=4688");
}

#[test]
fn failures_of_one_reason_are_told_once_and_are_never_cut() {
    let repository = many(1500);
    let lower = format!("{CODE}  - type: rule_failure\n    message: not here\n");
    repository.write("pipelines/code.yml", lower);
    let shown = printed(repository.folder(), &["--format", "markdown"]);
    assert!(shown.len() < 3000, "{shown}");
    assert!(shown.contains("| fails | 1,500 rules, such as"), "{shown}");
    assert!(shown.contains("not here"), "{shown}");
}

#[test]
fn the_same_edit_of_many_rules_is_told_once() {
    let repository = many(60);
    for number in 0..60 {
        let path = repository.folder().join(format!("rules/{number:04}.yml"));
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.replace("status: test", "status: stable\nlevel: high");
        std::fs::write(&path, text).unwrap();
    }
    let shown = printed(repository.folder(), &[]);
    assert_eq!(
        shown,
        "metadata  60 rules, such as rules/0000.yml  Many
  also rules/0001.yml
  also rules/0002.yml
  also rules/0003.yml
  status: test to stable
  level: high added

60 rules changed: 60 metadata
"
    );
}

#[test]
fn what_is_equal_says_why() {
    let repository = project();
    let equal = |detection: &str| {
        repository.write("rules/kept.yml", rule(3, "Kept", detection));
        let found = json(repository.folder(), &[]);
        let meaning = &found["rules"][0]["meaning"];
        assert_eq!(meaning["relation"], "equal", "{found}");
        meaning["why"].as_str().unwrap().to_owned()
    };
    repository.write("rules/kept.yml", rule(3, "Kept", "User: [kept, 'ke*']"));
    repository.commit("list");
    let why = equal("User: 'KE*'");
    assert!(
        why.contains("makes no difference beside its other tests"),
        "{why}"
    );
}

const GUESSING: &str = "title: Guessing
id: 00000000-0000-4000-8000-000000000009
correlation:
  type: event_count
  rules: [refused]
  group-by: [User]
  timespan: 5m
  condition: {gte: 3}
";

/// A project with a correlation and its rule, in two files, committed.
fn correlated() -> Repository {
    let repository = project();
    let refused = rule(8, "Refused", "EventID: 4625").replace("status", "name: refused\nstatus");
    repository.write("rules/refused.yml", refused);
    repository.write("rules/guessing.yml", GUESSING);
    repository.commit("correlation");
    repository
}

#[test]
fn a_correlation_is_compared_by_its_parts() {
    for (from, to, change, edit, shown) in [
        (
            "5m",
            "15m",
            "broader",
            "timespan changed: 5m to 15m (longer)",
            "gained",
        ),
        (
            "gte: 3",
            "gte: 4",
            "narrower",
            "condition changed: gte 3 to gte 4",
            "lost",
        ),
        (
            "[User]",
            "[User, Host]",
            "narrower",
            "group-by field added: Host",
            "lost",
        ),
        (
            "[User]",
            "[Host]",
            "changed",
            "group-by field added: Host",
            "gained",
        ),
        (
            "gte: 3",
            "gt: 2",
            "equal",
            "condition changed: gte 3 to gt 2",
            "",
        ),
    ] {
        let repository = correlated();
        repository.write("rules/guessing.yml", GUESSING.replace(from, to));
        let found = json(repository.folder(), &[]);
        let rule = &found["rules"][0];
        assert_eq!(rule["change"], change, "{rule:#}");
        assert_eq!(rule["meaning"]["edits"][0]["text"], edit);
        if !shown.is_empty() {
            let events = rule["meaning"][shown].as_array().unwrap();
            assert!(
                events.iter().all(|event| event["@timestamp"].is_string()),
                "{rule:#}"
            );
        }
    }
}

/// How diff calls what each of two correlations becomes, of which the second one counts the first.
fn of_a_chain(before: &str, after: &str, outer: &str) -> [Json; 2] {
    let text = |inner: &str| {
        format!(
            "title: A\nname: a\nlogsource: {{product: windows}}\ndetection: {{s: {{F: a}}, condition: \
             s}}\n---\ntitle: Inner\nname: inner\ncorrelation: {{{inner}, timespan: \
             5m}}\n---\ntitle: Outer\ncorrelation: {{{outer}, timespan: 5m}}\n"
        )
    };
    let repository = Repository::new();
    repository.write("varsigma.toml", "[output.splunk]\n");
    repository.write("rules/chain.yml", text(before));
    repository.commit("first");
    repository.write("rules/chain.yml", text(after));
    let found = json(repository.folder(), &[]);
    let rules = found["rules"].as_array().unwrap();
    ["Inner", "Outer"].map(|title| {
        let mut rules = rules.iter();
        let rule = rules.find(|rule| rule["title"] == title);
        rule.map_or(Json::Null, |rule| rule["change"].clone())
    })
}

#[test]
fn what_is_true_of_a_correlation_is_not_of_one_that_counts_it() {
    let count = "type: event_count, rules: [a]";
    let outer = "type: event_count, rules: [inner], condition: {gte: 2}";
    let inner = |rest: &str| format!("{count}, {rest}");
    for (before, after, outer, expected) in [
        // Fewer groups fire less often.
        (
            "group-by: [U, H], condition: {gte: 1}",
            "group-by: [U], condition: {gte: 1}",
            outer,
            ["broader", "unknown"],
        ),
        // A field of that name is there no more.
        (
            "group-by: [who], aliases: {who: {a: H}}, condition: {gte: 1}",
            "group-by: [H], condition: {gte: 1}",
            "type: event_count, rules: [inner], group-by: [who], condition: {gte: 2}",
            ["equal", "unknown"],
        ),
        (
            "group-by: [U], condition: {gte: 3}",
            "group-by: [U], condition: {gte: 2}",
            outer,
            ["broader", "broader"],
        ),
    ] {
        assert_eq!(of_a_chain(&inner(before), &inner(after), outer), expected);
    }
    // It fires at an earlier instant.
    let order = |rules: &str| format!("type: temporal_ordered, rules: [{rules}]");
    let found = of_a_chain(&order("a, a"), &order("a"), outer);
    assert_eq!(found, ["broader", "unknown"]);
}

#[test]
fn numbers_that_doubles_take_for_one_are_two() {
    let sum = |number: &str| {
        format!("type: value_sum, rules: [a], condition: {{gte: {number}, field: N}}")
    };
    let outer = "type: event_count, rules: [a], condition: {gte: 2}";
    let (before, after) = ("9007199254740993", "9007199254740992");
    let [inner, _] = of_a_chain(&sum(before), &sum(after), outer);
    assert_eq!(inner, "unknown");
}

#[test]
fn a_rule_that_changes_reaches_its_correlations() {
    let repository = correlated();
    let refused =
        rule(8, "Refused", "EventID: [4625, 4771]").replace("status", "name: refused\nstatus");
    repository.write("rules/refused.yml", refused);
    assert_eq!(
        changes(repository.folder(), &[]),
        ["rules/guessing.yml: broader", "rules/refused.yml: broader"]
    );
    let text = printed(repository.folder(), &[]);
    assert!(text.contains("`rules/refused.yml` changed"), "{text}");
    assert!(text.contains("  rule changed: Refused (broader)"), "{text}");
    assert!(text.contains("  fires now:"), "{text}");
}

#[test]
fn a_filter_that_changes_reaches_its_rules() {
    let filter = |user: &str| {
        format!(
            "title: Known\nlogsource: {{product: windows}}\nfilter:\n  rules: any\n  known: \
             {{User: {user}}}\n  condition: not known\n"
        )
    };
    let repository = project();
    repository.write("rules/filter.yml", filter("backup"));
    repository.commit("filter");
    repository.write("rules/filter.yml", filter("[backup, SYSTEM]"));
    let found = changes(repository.folder(), &[]);
    assert!(
        found.contains(&"rules/user.yml: narrower".to_owned()),
        "{found:?}"
    );
    assert!(
        found.contains(&"rules/shell.yml: narrower".to_owned()),
        "{found:?}"
    );
}

#[test]
fn a_filter_that_did_not_change_is_no_cause() {
    let filter = "title: Known\nlogsource: {product: windows}\nfilter:\n  rules: any\n  known: \
                  {User: backup}\n  condition: not known\n";
    let causes = |edit: &dyn Fn(&Repository)| {
        let repository = project();
        repository.write("rules/filter.yml", filter);
        repository.commit("filter");
        edit(&repository);
        let found = json(repository.folder(), &[]);
        let mut rules = found["rules"].as_array().unwrap().iter();
        let user = rules.find(|rule| rule["after"]["path"] == "rules/user.yml");
        let causes = user.expect("it changed")["causes"]
            .as_array()
            .unwrap()
            .iter();
        let causes = causes.map(|cause| cause.as_str().unwrap().to_owned());
        causes.collect::<Vec<_>>()
    };
    let new_output = format!("{CONFIG}\n[output.esql]\npath = \"queries/{{path}}.esql\"\n");
    let settings = causes(&|project| project.write("varsigma.toml", new_output.as_str()));
    assert_eq!(settings, ["`varsigma.toml` changed"]);
    let user = rule(2, "User", "User: SYSTEM");
    for (old, new) in [
        ("condition: selection", "condition: x"),
        ("product: windows", "product: linux"),
    ] {
        let broken = user.replace(old, new);
        let rule = causes(&|project| project.write("rules/user.yml", broken.as_str()));
        assert_eq!(rule, ["the rule changed"], "{new}");
    }
    let other = filter.replace("backup", "[backup, SYSTEM]");
    let changed = causes(&|project| project.write("rules/filter.yml", other.as_str()));
    assert_eq!(changed, ["`rules/filter.yml` changed"]);
}

/// A filter first, then rules, of which the last changes.
const AFTER_A_FILTER: &str = "title: Exclusion
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

#[test]
fn a_rule_after_a_filter_is_compared_with_itself() {
    let repository = Repository::new();
    repository.write(
        "varsigma.toml",
        "[output.splunk]\npath = \"queries/{title}.spl\"\n",
    );
    repository.write("rules/all.yml", AFTER_A_FILTER);
    let only = AFTER_A_FILTER.split_once("---\ntitle: Second").unwrap().0;
    repository.write("rules/only.yml", only.replace("First", "Only"));
    repository.commit("first");
    let edited = AFTER_A_FILTER.replace("{B: y}", "{B: [y, w]}");
    repository.write("rules/all.yml", edited);
    let edited = only
        .replace("First", "Only")
        .replace("{A: x}", "{A: [x, w]}");
    repository.write("rules/only.yml", edited);
    let found = json(repository.folder(), &["HEAD"]);
    let rules = found["rules"].as_array().unwrap();
    let told: Vec<String> = { rules.iter() }
        .map(|rule| {
            let path = &rule["outputs"][0]["after"]["converted"]["files"][0]["path"];
            format!("{} {} {path}", rule["title"], rule["change"])
        })
        .collect();
    assert_eq!(
        told,
        [
            r#""Second" "broader" "queries/second.spl""#,
            r#""Only" "broader" "queries/only.spl""#,
        ]
    );
}

#[test]
fn correlations_that_name_one_another_many_times_are_compared() {
    let rule =
        "title: t\nname: c0\nlogsource: {product: x}\ndetection: {s: {A: x}, condition: s}\n";
    let correlation = |number: usize| {
        let named: Vec<String> = { number.saturating_sub(8)..number }
            .map(|rule| format!("c{rule}"))
            .collect();
        let named = named.join(", ");
        format!(
            "---\ntitle: c{number}\nname: c{number}\ncorrelation:\n  type: temporal\n  \
             rules: [{named}]\n  group-by: [U]\n  timespan: 1m\n"
        )
    };
    let text: String = (1..16).map(correlation).collect();
    let repository = Repository::new();
    repository.write("varsigma.toml", "[output.splunk]\n");
    repository.write("rules/fan.yml", format!("{rule}{text}"));
    repository.commit("first");
    let edited = format!("{rule}{text}").replace("1m", "2m");
    repository.write("rules/fan.yml", edited);
    let found = json(repository.folder(), &["HEAD"]);
    assert_eq!(found["summary"]["broader"], 15);
}
