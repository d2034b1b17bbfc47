//! Projects: `init`, `build`, `check` and `watch` on folders of their own, down to the last byte.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A project in a folder of its own.
struct Project {
    folder: TempDir,
}

/// What a run came to.
struct Ran(Output);

impl Ran {
    fn stdout(&self) -> &str {
        std::str::from_utf8(&self.0.stdout).unwrap()
    }

    fn stderr(&self) -> &str {
        std::str::from_utf8(&self.0.stderr).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_str(self.stdout()).unwrap()
    }
}

impl Project {
    /// With that `varsigma.toml`.
    fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let project = Self { folder };
        project.write("varsigma.toml", config);
        project
    }

    /// An output of Splunk's, and two rules.
    fn of_two() -> Self {
        let project = Self::new("[output.splunk]\n");
        project.rule("rules/windows/a.yml", "one", "A: 1");
        project.rule("rules/b.yml", "two", "B: 2");
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn rule(&self, name: &str, title: &str, detection: &str) {
        self.write(name, rule(title, detection));
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_varsigma"));
        command.current_dir(self.folder.path()).args(args);
        for name in ["NO_COLOR", "CLICOLOR_FORCE", "RUST_BACKTRACE"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null());
        command
    }

    #[track_caller]
    fn run(&self, args: &[&str], status: i32) -> Ran {
        let ran = Ran(self.command(args).output().unwrap());
        let text = format!("{}{}", ran.stdout(), ran.stderr());
        assert_eq!(ran.0.status.code(), Some(status), "{args:?}: {text}");
        assert!(!text.contains("panicked"), "{text}");
        ran
    }

    #[track_caller]
    fn build(&self) -> Ran {
        self.run(&["build"], 0)
    }

    /// The findings of `check`, which ends so.
    #[track_caller]
    fn check(&self, status: i32) -> Vec<Value> {
        let ran = self.run(&["check", "-q", "--format", "json"], status);
        let checked = ran.json();
        assert_eq!(checked["clean"], status == 0);
        checked["findings"].as_array().unwrap().clone()
    }

    /// Every file but the rules, with its bytes.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        collect(self.folder.path(), self.folder.path(), &mut found);
        found.retain(|path, _| !path.starts_with("rules/") && path != "varsigma.toml");
        found
    }

    fn names(&self) -> Vec<String> {
        self.files().into_keys().collect()
    }
}

fn collect(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, found);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            found.insert(name.replace('\\', "/"), fs::read(&path).unwrap());
        }
    }
}

fn rule(title: &str, detection: &str) -> String {
    format!(
        "title: {title}\nlogsource: {{product: windows}}\n\
         detection:\n  s: {{{detection}}}\n  condition: s\n"
    )
}

/// A kind and path of each finding.
fn kinds(findings: &[Value]) -> Vec<(&str, &str)> {
    let mut pairs = Vec::new();
    for finding in findings {
        pairs.push((
            finding["kind"].as_str().unwrap(),
            finding["path"].as_str().unwrap(),
        ));
    }
    pairs
}

#[test]
fn a_build_writes_what_the_rules_give_and_nothing_twice() {
    let project = Project::of_two();
    let ran = project.build();
    assert!(
        ran.stderr().contains("2 files written, 0 unchanged"),
        "{}",
        ran.stderr()
    );
    assert_eq!(project.read("generated/splunk/windows/a.spl"), "A=1\n");
    assert_eq!(project.read("generated/splunk/b.spl"), "B=2\n");
    assert!(project.check(0).is_empty());
    let before = project.files();
    let ran = project.build();
    assert!(
        ran.stderr().contains("0 files written, 2 unchanged"),
        "{}",
        ran.stderr()
    );
    assert_eq!(project.files(), before);
    let names = [
        "generated/splunk/b.spl",
        "generated/splunk/windows/a.spl",
        "varsigma.lock",
    ];
    assert_eq!(project.names(), names, "no temporary file is left");
}

#[test]
fn what_is_stale_is_told_with_the_reason_and_the_difference() {
    let project = Project::of_two();
    project.build();
    project.rule("rules/b.yml", "two", "B: [2, 3]");
    let found = project.check(1);
    assert_eq!(kinds(&found), [("stale", "generated/splunk/b.spl")]);
    assert_eq!(found[0]["reasons"], serde_json::json!(["the rule changed"]));
    assert_eq!(
        found[0]["diff"],
        "--- a/generated/splunk/b.spl\n+++ b/generated/splunk/b.spl\n@@ -1 +1 @@\n-B=2\n+(B=2 OR B=3)\n"
    );
    project.write(
        "varsigma.toml",
        "[output.splunk]\noptions = { min_time = \"-7d\" }\nformat = \"savedsearches\"\n",
    );
    let found = project.check(1);
    let reasons = |path: &str| -> Vec<&str> {
        let found = found
            .iter()
            .find(|finding| finding["path"] == path)
            .unwrap();
        let reasons = found["reasons"].as_array().unwrap();
        reasons
            .iter()
            .map(|reason| reason.as_str().unwrap())
            .collect()
    };
    assert_eq!(
        reasons("generated/splunk/b.conf"),
        ["the rule changed", "`varsigma.toml` changed"]
    );
    assert_eq!(
        reasons("generated/splunk/windows/a.conf"),
        ["`varsigma.toml` changed"]
    );
}

#[test]
fn a_pipeline_that_changes_is_the_reason() {
    let project = Project::of_two();
    project.write(
        "varsigma.toml",
        "pipelines = [\"pipelines/names.yml\"]\n[output.splunk]\n",
    );
    let names =
        |prefix: &str| format!("transformations:\n- type: field_name_prefix\n  prefix: {prefix}\n");
    project.write("pipelines/names.yml", names("x."));
    project.build();
    assert_eq!(project.read("generated/splunk/b.spl"), "x.B=2\n");
    project.write("pipelines/names.yml", names("y."));
    let found = project.check(1);
    assert_eq!(found.len(), 2);
    assert_eq!(
        found[0]["reasons"],
        serde_json::json!(["a pipeline changed"])
    );
}

#[test]
fn a_filter_or_a_rule_that_a_file_depends_on_is_the_reason() {
    let project = Project::new("[output.splunk]\n");
    let filter = |value: &str| {
        format!(
            "title: f\nlogsource: {{product: x}}\nfilter:\n  rules: any\n  s: {{B: {value}}}\n  \
             condition: not s\n"
        )
    };
    let base = |value: &str| {
        format!(
            "title: base\nname: base\nlogsource: {{product: x}}\ndetection: {{s: {{A: {value}}}, \
             condition: s}}\n"
        )
    };
    project.write("rules/f.yml", filter("1"));
    project.write("rules/base.yml", base("1"));
    project.write(
        "rules/often.yml",
        "title: often\ncorrelation: {type: event_count, rules: [base], group-by: [u], timespan: 5m, \
         condition: {gte: 3}}\n",
    );
    project.build();
    let reasons = |project: &Project, path: &str| {
        let found = project.check(1);
        let found = found.iter().find(|found| found["path"] == path);
        found.expect("it is stale")["reasons"].clone()
    };
    let depends = serde_json::json!(["a rule or a filter that it depends on changed"]);
    project.write("rules/f.yml", filter("2"));
    assert_eq!(reasons(&project, "generated/splunk/base.spl"), depends);
    assert_eq!(reasons(&project, "generated/splunk/often.spl"), depends);
    project.build();
    project.write("rules/base.yml", base("2"));
    let own = serde_json::json!(["the rule changed"]);
    assert_eq!(reasons(&project, "generated/splunk/base.spl"), own);
    assert_eq!(reasons(&project, "generated/splunk/often.spl"), depends);
    // The filter is as it was, and no more the rule's.
    project.build();
    project.write(
        "rules/base.yml",
        base("2").replace("product: x", "product: y"),
    );
    assert_eq!(reasons(&project, "generated/splunk/base.spl"), own);
}

#[test]
fn a_schema_decides_on_the_words_and_its_change_is_told() {
    let project = Project::new("[output.postgres]\nschema = \"columns.toml\"\n");
    project.rule("rules/a.yml", "one", "A: 1");
    project.write("columns.toml", "[columns]\nA = \"bigint\"\n");
    project.build();
    let path = "generated/postgres/a.sql";
    assert_eq!(
        project.read(path),
        "SELECT * FROM \"logs\" WHERE \"A\" = 1\n"
    );
    project.check(0);
    project.write("columns.toml", "[columns]\nA = \"text\"\n");
    assert_eq!(kinds(&project.check(1))[0].1, path);
    project.build();
    assert_eq!(
        project.read(path),
        "SELECT * FROM \"logs\" WHERE \"A\" = '1'\n"
    );
    project.write("columns.toml", "nonsense");
    assert!(project.run(&["build"], 2).stderr().contains("VS1301"));
    project.remove("columns.toml");
    let ran = project.run(&["build"], 2);
    assert!(ran.stderr().contains("columns.toml"), "{}", ran.stderr());
}

#[test]
fn a_backend_file_of_the_projects_own_is_a_target() {
    let project = Project::new("backends = [\"own\"]\n[output.own]\ntarget = \"mine\"\n");
    project.write("own/mine.toml", "extends = \"splunk\"\ntitle = \"Mine\"\n");
    project.rule("rules/a.yml", "one", "A: 1");
    project.build();
    assert_eq!(project.read("generated/own/a.spl"), "A=1\n");
    project.write("own/mine.toml", "extends = \"splunk\"\ntitle = \"Other\"\n");
    let found = project.check(1);
    assert_eq!(
        kinds(&found),
        [("lock", "varsigma.lock")],
        "the query is as it was"
    );
}

#[test]
fn a_backend_folder_of_the_projects_own_brings_templates() {
    let project = Project::new("backends = [\"own\"]\n[output.mine]\nformat = \"list\"\n");
    let keys = "title = \"Mine\"\nextends = \"splunk\"\n[formats.list]\ntitle = \"List\"\n\
                document = \"mine/list.txt\"\n";
    project.write("own/mine.toml", keys);
    let list = "{% include \"mine/line.txt\" %}";
    project.write("own/templates/mine/list.txt", list);
    project.write("own/templates/mine/line.txt", "- {{ queries[0].query }}");
    project.rule("rules/a.yml", "one", "A: 1");
    project.build();
    assert_eq!(project.read("generated/mine/a.spl"), "- A=1\n");
    project.write("own/templates/mine/line.txt", "* {{ queries[0].query }}");
    assert_eq!(
        kinds(&project.check(1)),
        [("stale", "generated/mine/a.spl")]
    );
    // No name leads out of the folder.
    project.write(
        "own/templates/mine/list.txt",
        "{% include \"../../../varsigma.toml\" %}",
    );
    let ran = project.run(&["build"], 1);
    assert!(
        ran.stderr().contains("template not found"),
        "{}",
        ran.stderr()
    );
}

#[test]
fn edits_by_hand_are_found_and_stay_unless_they_may_go() {
    let project = Project::of_two();
    project.build();
    project.write("generated/splunk/b.spl", "B=2 OR mine\n");
    assert_eq!(
        kinds(&project.check(1)),
        [("edited", "generated/splunk/b.spl")]
    );
    let ran = project.run(&["build"], 1);
    assert!(ran.stderr().contains("error[VS1017]"), "{}", ran.stderr());
    assert_eq!(project.read("generated/splunk/b.spl"), "B=2 OR mine\n");
    let ran = project.run(&["build", "-n"], 0);
    assert_eq!(ran.stdout(), "keep generated/splunk/b.spl\n");
    project.run(&["build", "--adopt"], 0);
    assert_eq!(project.read("generated/splunk/b.spl"), "B=2\n");
    assert!(project.check(0).is_empty());
    // Line ends that git makes on Windows are no edit.
    project.write("generated/splunk/b.spl", "B=2\r\n");
    assert!(project.check(0).is_empty());
    project.build();
    assert_eq!(project.read("generated/splunk/b.spl"), "B=2\r\n");
    project.write("rules/b.yml", rule("two", "B: 3"));
    project.build();
    assert_eq!(project.read("generated/splunk/b.spl"), "B=3\n");
}

#[test]
fn files_of_rules_that_are_gone_are_removed_unless_edited() {
    let project = Project::of_two();
    project.rule("rules/c.yml", "three", "C: 3");
    project.build();
    project.remove("rules/c.yml");
    fs::remove_dir_all(project.path("rules/windows")).unwrap();
    project.write("generated/splunk/c.spl", "mine\n");
    project.write("generated/splunk/notes.txt", "not of the build\n");
    let found = project.check(1);
    assert_eq!(
        kinds(&found),
        [
            ("orphaned", "generated/splunk/c.spl"),
            ("orphaned", "generated/splunk/windows/a.spl"),
        ]
    );
    let ran = project.build();
    assert!(ran.stderr().contains("1 removed"), "{}", ran.stderr());
    assert!(ran.stderr().contains("it stays"), "{}", ran.stderr());
    assert_eq!(project.read("generated/splunk/c.spl"), "mine\n");
    assert!(
        !project.path("generated/splunk/windows").exists(),
        "empty folders go"
    );
    assert!(project.path("generated/splunk/notes.txt").exists());
    // What stays is nobody's now.
    assert!(project.check(0).is_empty());
}

#[test]
fn a_foreign_file_is_not_replaced() {
    let project = Project::of_two();
    project.write("generated/splunk/b.spl", "mine\n");
    let ran = project.run(&["build"], 1);
    assert!(ran.stderr().contains("error[VS1016]"), "{}", ran.stderr());
    assert_eq!(project.read("generated/splunk/b.spl"), "mine\n");
    assert_eq!(project.read("generated/splunk/windows/a.spl"), "A=1\n");
    assert_eq!(
        kinds(&project.check(1)),
        [("foreign", "generated/splunk/b.spl")]
    );
    project.run(&["build", "--adopt"], 0);
    assert_eq!(project.read("generated/splunk/b.spl"), "B=2\n");
    assert!(project.check(0).is_empty());
}

#[test]
fn two_rules_of_one_path_are_an_error_and_the_first_keeps_it() {
    let project = Project::new("[output.splunk]\npath = \"out/{product}.spl\"\n");
    project.rule("rules/a.yml", "one", "A: 1");
    project.rule("rules/b.yml", "two", "B: 2");
    let ran = project.run(&["build"], 1);
    assert!(
        ran.stderr()
            .contains("error[VS0004]: `out/windows.spl` holds the query of `rules/a.yml`"),
        "{}",
        ran.stderr()
    );
    assert!(
        ran.stderr().contains(" --> rules/b.yml:1:1"),
        "{}",
        ran.stderr()
    );
    assert!(ran.stderr().contains("combine = true"), "{}", ran.stderr());
    assert_eq!(project.read("out/windows.spl"), "A=1\n");
    project.write(
        "varsigma.toml",
        "[output.splunk]\npath = \"out/{product}.spl\"\ncombine = true\n",
    );
    project.build();
    assert_eq!(project.read("out/windows.spl"), "A=1\nB=2\n");
    // Two outputs can't share a file either.
    project.write(
        "varsigma.toml",
        "[output.splunk]\npath = \"x\"\n[output.sqlite]\npath = \"x\"\n",
    );
    let ran = project.run(&["build"], 1);
    assert!(ran.stderr().contains("error[VS0004]"), "{}", ran.stderr());
}

#[test]
fn a_statement_of_many_rules_can_be_too_long() {
    let project = Project::new(
        "[output.clickhouse]\nformat = \"union\"\npath = \"all.sql\"\ncombine = true\n",
    );
    let values: Vec<String> = (0..3_000).map(|number| format!("v{number}")).collect();
    for name in ["a", "b", "c", "d"] {
        let detection = format!("A|contains: [{}]", values.join(", "));
        project.rule(&format!("rules/{name}.yml"), name, &detection);
    }
    let ran = project.build();
    let stderr = ran.stderr();
    assert_eq!(stderr.matches("VS0617").count(), 1, "{stderr}");
    assert!(
        stderr.contains("ClickHouse (`max_query_size`) takes 262144"),
        "{stderr}"
    );
    assert!(project.read("all.sql").len() > 262_144);
}

#[test]
fn a_combined_file_is_one_document() {
    let project =
        Project::new("[output.splunk]\nformat = \"savedsearches\"\npath = \"all.conf\"\n");
    project.rule("rules/a.yml", "one", "A: 1");
    project.rule("rules/b.yml", "two", "B: 2");
    project.build();
    let text = project.read("all.conf");
    assert!(
        text.contains("[one]\n") && text.contains("[two]\n"),
        "{text}"
    );
    assert_eq!(text.matches("[default]").count(), 1, "{text}");
    project.remove("rules/b.yml");
    let found = project.check(1);
    assert_eq!(kinds(&found), [("stale", "all.conf")]);
    assert_eq!(
        found[0]["reasons"],
        serde_json::json!(["the rules of the file changed"])
    );
    project.remove("rules/a.yml");
    project.run(&["build", "--prune"], 0);
    assert_eq!(project.names(), ["varsigma.lock"]);
}

#[test]
fn a_rule_that_fails_keeps_the_query_that_it_had() {
    let project = Project::of_two();
    project.build();
    project.rule("rules/b.yml", "two", "B|contians: 2");
    let ran = project.run(&["build"], 1);
    assert!(ran.stderr().contains("error[VS0401]"), "{}", ran.stderr());
    assert_eq!(project.read("generated/splunk/b.spl"), "B=2\n");
    let found = project.check(1);
    assert_eq!(kinds(&found), [("failed", "rules/b.yml")]);
    assert_eq!(found[0]["line"], 4);
    // It is still the build's own.
    project.remove("rules/b.yml");
    project.build();
    assert!(!project.path("generated/splunk/b.spl").exists());
}

#[test]
fn refusals_can_be_allowed_and_are_recorded() {
    let project = Project::new("[output.kql]\n");
    project.rule("rules/a.yml", "one", "A|re: x+");
    project.rule("rules/b.yml", "two", "B: 2");
    let ran = project.run(&["build"], 1);
    assert!(ran.stderr().contains("1 failed"), "{}", ran.stderr());
    project.write("varsigma.toml", "refusals = \"allow\"\n[output.kql]\n");
    let ran = project.build();
    assert!(!ran.stderr().contains("error"), "{}", ran.stderr());
    assert!(
        project
            .read("varsigma.lock")
            .contains("\"error\":\"VS0605\"")
    );
    assert!(project.check(0).is_empty());
    // A rule that is wrong in itself is no refusal.
    project.rule("rules/b.yml", "two", "B|contians: 2");
    project.run(&["build"], 1);
}

#[test]
fn fidelity_is_in_the_lock_and_its_change_is_told() {
    let project = Project::new("[output.kql]\n");
    project.rule("rules/a.yml", "one", "A: 1");
    project.build();
    assert!(
        project
            .read("varsigma.lock")
            .contains("\"fidelity\":\"exact\"")
    );
    project.rule("rules/a.yml", "one", "A: x?y");
    let found = project.check(1);
    let fidelity = found[0]["fidelity"].as_array().unwrap();
    assert_eq!(fidelity[0], "exact");
    assert_ne!(fidelity[1], "exact");
    let ran = project.run(&["check"], 1);
    assert!(
        ran.stdout().contains("the query was exact, it is"),
        "{}",
        ran.stdout()
    );
}

#[test]
fn a_strict_project_takes_exact_queries_alone() {
    let project = Project::new("[output.kql]\n[folder.\"rules/loose\"]\nstrict = false\n");
    project.rule("rules/a.yml", "one", "A: x?y");
    project.rule("rules/loose/b.yml", "two", "A: x?y");
    project.build();
    project.write(
        "varsigma.toml",
        "strict = true\n[output.kql]\n[folder.\"rules/loose\"]\nstrict = false\n",
    );
    project.run(&["build"], 1);
    assert_eq!(kinds(&project.check(1)), [("failed", "rules/a.yml")]);
}

#[test]
fn folders_have_defaults_of_their_own() {
    let project = Project::new(
        "exclude = [\"*.old.yml\"]\n\
         [output.splunk]\npath = \"s/{path}.spl\"\noptions = { min_time = \"-9d\" }\nformat = \"savedsearches\"\n\
         [output.sqlite]\npath = \"q/{path}.sql\"\nexclude = [\"b.yml\"]\n\
         [folder.\"rules/linux\"]\noutputs = [\"splunk\"]\noptions.splunk = { min_time = \"-1d\" }\n\
         [folder.\"rules/linux/deep\"]\npipelines = [\"names.yml\"]\n",
    );
    project.write(
        "names.yml",
        "transformations:\n- type: field_name_prefix\n  prefix: x_\n",
    );
    project.rule("rules/a.yml", "one", "A: 1");
    project.rule("rules/b.yml", "b", "A: 1");
    project.rule("rules/c.old.yml", "c", "A: 1");
    project.rule("rules/linux/deep/d.yml", "d", "A: 1");
    project.build();
    assert_eq!(
        project.names(),
        [
            "names.yml",
            "q/a.sql",
            "s/a.spl",
            "s/b.spl",
            "s/linux/deep/d.spl",
            "varsigma.lock"
        ]
    );
    assert!(project.read("s/a.spl").contains("= -9d\n"));
    let deep = project.read("s/linux/deep/d.spl");
    assert!(deep.contains("= -1d\n") && deep.contains("x_A=1"), "{deep}");
}

#[test]
fn paths_are_made_of_what_rules_say() {
    let project =
        Project::new("[output.splunk]\npath = \"{product}/{level}/{title}-{id}.{extension}\"\n");
    project.write(
        "rules/a.yml",
        rule("One Two", "A: 1").replace("logsource", "id: id-One Two\nlogsource"),
    );
    project.write(
        "rules/b.yml",
        "title: Two Queries\nid: x/../y\nlevel: high\nlogsource: {category: c}\n\
         detection:\n  a: {A: 1}\n  b: {B: 2}\n  condition: [a, b]\n",
    );
    project.build();
    assert_eq!(
        project.names(),
        [
            "any/high/two_queries-x_.._y.1.spl",
            "any/high/two_queries-x_.._y.2.spl",
            "varsigma.lock",
            "windows/none/one_two-id-One Two.spl",
        ]
    );
    project.write(
        "rules/c.yml",
        "title: c\nlogsource: {category: c}\ndetection: {a: {A: 1}, condition: a}\n",
    );
    let ran = project.run(&["build"], 1);
    assert!(ran.stderr().contains("error[VS1014]"), "{}", ran.stderr());
}

#[test]
fn the_order_of_rules_threads_and_the_working_folder_do_not_matter() {
    let config = "rules = [\"rules\", \"more\"]\n[output.splunk]\n[output.all]\ntarget = \"lucene\"\npath = \"all.txt\"\n";
    let of = |config: &str, args: &[&str], folder: &str| {
        let project = Project::new(config);
        for n in 0..40 {
            project.rule(
                &format!("rules/{}/r{n}.yml", n % 3),
                &format!("t{n}"),
                &format!("A: {n}"),
            );
            project.rule(
                &format!("more/m{n}.yml"),
                &format!("m{n}"),
                &format!("B|re: x{n}"),
            );
        }
        let mut command = project.command(args);
        command.current_dir(project.path(folder));
        assert!(command.status().unwrap().success());
        let mut files = project.files();
        files.retain(|path, _| !path.starts_with("more/"));
        files
    };
    let once = of(config, &["build", "--threads", "1"], ".");
    assert_eq!(once.len(), 82);
    assert_eq!(of(config, &["build", "--threads", "8"], "rules/1"), once);
    let turned = config.replace(
        "\"rules\", \"more\"",
        "\"more\", \"rules/2\", \"rules/0\", \"rules/1\", \"rules\"",
    );
    let turned = of(&turned, &["build"], ".");
    let all = |files: &BTreeMap<String, Vec<u8>>| files["all.txt"].clone();
    assert_eq!(all(&turned), all(&once));
}

#[test]
fn windows_line_ends_and_conflict_markers() {
    let project = Project::of_two();
    project.build();
    let before = project.files();
    project.write("rules/b.yml", rule("two", "B: 2").replace('\n', "\r\n"));
    assert!(project.check(0).is_empty());
    // So does git with `core.autocrlf` to all files.
    for path in before.keys() {
        let text = project.read(path).replace("\r\n", "\n");
        project.write(path, text.replace('\n', "\r\n"));
    }
    assert!(project.check(0).is_empty());
    let there = project.files();
    project.build();
    assert_eq!(project.files(), there);
    for (path, text) in &before {
        fs::write(project.path(path), text).unwrap();
    }
    let ours = rule("two", "B: 2");
    project.write(
        "rules/b.yml",
        format!("<<<<<<< HEAD\n{ours}=======\n{ours}>>>>>>> theirs\n"),
    );
    let ran = project.run(&["build"], 1);
    assert!(ran.stderr().contains("error[VS0101]"), "{}", ran.stderr());
    assert_eq!(project.read("generated/splunk/b.spl"), "B=2\n");
    project.write("rules/b.yml", ours);
    project.build();
    assert_eq!(project.files(), before);
}

#[test]
fn a_merge_conflict_in_the_lock_is_healed_by_a_build() {
    let project = Project::of_two();
    project.build();
    let lock = project.read("varsigma.lock");
    let conflicted = lock.replacen(
        "{\"rule\"",
        "<<<<<<< HEAD\n=======\n>>>>>>> b\n{\"rule\"",
        1,
    );
    project.write("varsigma.lock", conflicted);
    assert_eq!(kinds(&project.check(1)), [("lock", "varsigma.lock")]);
    project.build();
    assert_eq!(project.read("varsigma.lock"), lock);
    // The generated file has one as well.
    project.write("rules/b.yml", rule("two", "B: 3"));
    project.build();
    let (before, after) = (&lock, project.read("varsigma.lock"));
    project.write(
        "varsigma.lock",
        format!("<<<<<<< HEAD\n{before}=======\n{after}>>>>>>> b\n"),
    );
    project.write(
        "generated/splunk/b.spl",
        "<<<<<<< HEAD\nB=2\n=======\nB=3\n>>>>>>> b\n",
    );
    let conflict = project.files();
    project.build();
    assert_eq!(project.read("generated/splunk/b.spl"), "B=3\n");
    assert!(project.check(0).is_empty());
    // A build before the rule's own conflict is resolved takes nothing from the one after.
    for path in ["varsigma.lock", "generated/splunk/b.spl"] {
        fs::write(project.path(path), &conflict[path]).unwrap();
    }
    let ours = rule("two", "B: 2");
    project.write(
        "rules/b.yml",
        format!("<<<<<<< HEAD\n{ours}=======\n{ours}>>>>>>> b\n"),
    );
    for _ in 0..2 {
        project.run(&["build"], 1);
    }
    assert!(project.read("generated/splunk/b.spl").contains("<<<<<<<"));
    project.write("rules/b.yml", rule("two", "B: 4"));
    project.build();
    assert_eq!(project.read("generated/splunk/b.spl"), "B=4\n");
    assert!(project.check(0).is_empty());
    project.write("varsigma.lock", "nonsense\n");
    let ran = project.run(&["build"], 2);
    assert!(ran.stderr().contains("error[VS1015]"), "{}", ran.stderr());
    assert_eq!(project.read("varsigma.lock"), "nonsense\n");
}

#[test]
fn a_lock_from_a_stranger_removes_nothing_outside() {
    let outside = tempfile::tempdir().unwrap();
    let victim = outside.path().join("victim.txt");
    fs::write(&victim, "text\n").unwrap();
    let project = Project::of_two();
    project.build();
    let lock = project.read("varsigma.lock");
    // The digest is right: only the path can save the file.
    let digest = varsigma::project::digest::digest(b"text\n");
    let line = |path: &str| {
        format!(
            "{{\"file\":{},\"output\":\"splunk\",\"digest\":\"{digest}\"}}\n",
            Value::from(path)
        )
    };
    let absolute = victim.to_str().unwrap();
    let above = format!(
        "../{}/victim.txt",
        outside.path().file_name().unwrap().to_str().unwrap()
    );
    #[cfg(unix)]
    std::os::unix::fs::symlink(outside.path(), project.path("link")).unwrap();
    for path in [absolute, &above, "link/victim.txt", "varsigma.toml"] {
        project.write("varsigma.lock", format!("{lock}{}", line(path)));
        let _ = project.command(&["build"]).output().unwrap();
        assert!(victim.exists(), "{path}");
        assert!(project.path("varsigma.toml").exists());
    }
}

#[cfg(unix)]
#[test]
fn no_link_leads_an_output_out_of_the_project() {
    let outside = tempfile::tempdir().unwrap();
    let project = Project::of_two();
    std::os::unix::fs::symlink(outside.path(), project.path("generated")).unwrap();
    let ran = project.run(&["build"], 1);
    assert!(ran.stderr().contains("error[VS0005]"), "{}", ran.stderr());
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn a_read_only_file_stays_and_is_told() {
    let project = Project::of_two();
    project.build();
    let path = project.path("generated/splunk/b.spl");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    project.rule("rules/b.yml", "two", "B: 3");
    project.rule("rules/windows/a.yml", "one", "A: 3");
    let ran = project.run(&["build"], 1);
    assert!(
        ran.stderr()
            .contains("error[VS0005]: `generated/splunk/b.spl`"),
        "{}",
        ran.stderr()
    );
    assert_eq!(project.read("generated/splunk/b.spl"), "B=2\n");
    assert_eq!(
        project.read("generated/splunk/windows/a.spl"),
        "A=3\n",
        "the others are written"
    );
    // The next check still knows that both are the build's.
    assert_eq!(
        kinds(&project.check(1)),
        [("stale", "generated/splunk/b.spl")]
    );
}

#[test]
fn a_folder_in_the_place_of_a_file_is_told() {
    let project = Project::of_two();
    fs::create_dir_all(project.path("generated/splunk/b.spl")).unwrap();
    let ran = project.run(&["build"], 1);
    assert!(ran.stderr().contains("error[VS0005]"), "{}", ran.stderr());
    assert_eq!(project.read("generated/splunk/windows/a.spl"), "A=1\n");
    project.write("generated/x", "");
    project.write(
        "varsigma.toml",
        "[output.splunk]\npath = \"generated/x/{path}.spl\"\n",
    );
    let ran = project.run(&["build"], 1);
    assert!(
        ran.stderr().contains("error[VS0005]: `generated/x"),
        "{}",
        ran.stderr()
    );
}

/// Rules enough for a build to take a while.
fn many(count: usize) -> Project {
    let project = Project::new("[output.splunk]\n[output.sqlite]\n[output.lucene]\n");
    for n in 0..count {
        project.rule(
            &format!("rules/r{n}.yml"),
            &format!("t{n}"),
            &format!("A: [x{n}, y, z]"),
        );
    }
    project
}

#[test]
fn a_build_that_is_killed_leaves_whole_files_and_is_ended_by_the_next() {
    let project = many(300);
    project.build();
    let before = project.files();
    for n in 0..300 {
        project.rule(
            &format!("rules/r{n}.yml"),
            &format!("t{n}"),
            &format!("A: [x{n}, 70077]"),
        );
    }
    for wait in [0, 5, 10, 20, 40, 80, 160] {
        let mut child: Child = project
            .command(&["build"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        let _ = child.kill();
        child.wait().unwrap();
        let now = project.files();
        for (path, text) in &now {
            if path == "varsigma.lock" || path.contains(".varsigma-") {
                continue;
            }
            let text = String::from_utf8_lossy(text);
            let is_new = text.contains("70077") && text.ends_with('\n');
            assert!(
                is_new || now[path] == before[path],
                "{path} is neither old nor new: {text}"
            );
        }
        // Nothing is taken for an edit or for somebody else's.
        let ran = project
            .command(&["check", "-q", "--format", "json"])
            .output()
            .unwrap();
        let checked: Value = serde_json::from_slice(&ran.stdout).unwrap();
        for finding in checked["findings"].as_array().unwrap() {
            assert!(
                ["stale", "missing", "lock"].contains(&finding["kind"].as_str().unwrap()),
                "{finding}"
            );
        }
    }
    project.build();
    assert!(project.check(0).is_empty());
    let names = project.names();
    assert!(
        !names.iter().any(|name| name.contains(".varsigma-")),
        "{names:?}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_nothing_is_cut_short() {
    let project = many(20);
    project.build();
    let before = project.files();
    for n in 0..20 {
        let long = "y".repeat(9000);
        project.rule(
            &format!("rules/r{n}.yml"),
            &format!("t{n}"),
            &format!("A: [x{n}, {long}]"),
        );
    }
    // A limit on the size of files fails a write in its middle, as a full disk does.
    let program = env!("CARGO_BIN_EXE_varsigma");
    let mut shell = Command::new("sh");
    shell.current_dir(project.folder.path()).args([
        "-c",
        &format!("trap '' XFSZ; ulimit -f 16; exec {program} build"),
    ]);
    let ran = Ran(shell.output().unwrap());
    assert_eq!(ran.0.status.code(), Some(1), "{}", ran.stderr());
    assert!(ran.stderr().contains("error[VS0005]"), "{}", ran.stderr());
    assert_eq!(project.files(), before, "old files stay whole");
    project.build();
    assert!(project.check(0).is_empty());
}

#[test]
fn check_speaks_the_forms_of_ci_systems() {
    let project = Project::of_two();
    project.rule("rules/<x>&\"|.yml", "three", "C: 3");
    project.build();
    project.rule("rules/<x>&\"|.yml", "three", "C: <y>");
    let text = |format: &str| {
        project
            .run(&["check", "-q", "--format", format], 1)
            .stdout()
            .to_owned()
    };
    let github = text("github");
    assert!(
        github.starts_with(
            "::error file=generated/splunk/<x>&\"|.spl,title=VS1020 output is stale::"
        ),
        "{github}"
    );
    let gitlab: Value = serde_json::from_str(&text("gitlab")).unwrap();
    assert_eq!(
        gitlab[0]["location"]["path"],
        "generated/splunk/<x>&\"|.spl"
    );
    assert_eq!(gitlab[0]["fingerprint"].as_str().unwrap().len(), 32);
    let sarif: Value = serde_json::from_str(&text("sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "VS1020");
    let junit = text("junit");
    assert!(
        junit.contains("<testsuite name=\"varsigma check\" tests=\"3\" failures=\"1\">"),
        "{junit}"
    );
    assert!(
        junit.contains("name=\"generated/splunk/&lt;x&gt;&amp;&quot;|.spl\""),
        "{junit}"
    );
    let markdown = text("markdown");
    assert!(
        markdown.starts_with("**varsigma check**: 3 files of 3 rules: 1 stale\n"),
        "{markdown}"
    );
    assert!(
        markdown.contains("<details><summary>") && markdown.contains("+C=\"<y>\"\n```"),
        "{markdown}"
    );
    let clean = Project::of_two();
    clean.build();
    let ran = clean.run(&["check", "--format", "junit"], 0);
    assert!(ran.stdout().contains("failures=\"0\""), "{}", ran.stdout());
    assert!(
        ran.stderr()
            .contains("2 files of 2 rules: all as the rules give them"),
        "{}",
        ran.stderr()
    );
}

#[test]
fn a_dry_run_says_what_it_would_do_and_does_nothing() {
    let project = Project::of_two();
    let ran = project.run(&["build", "-n"], 0);
    assert_eq!(
        ran.stdout(),
        "create generated/splunk/b.spl\ncreate generated/splunk/windows/a.spl\n"
    );
    assert!(project.names().is_empty());
    project.build();
    project.remove("rules/b.yml");
    project.rule("rules/windows/a.yml", "one", "A: 2");
    let ran = project.run(&["build", "-n"], 0);
    assert_eq!(
        ran.stdout(),
        "update generated/splunk/windows/a.spl\nremove generated/splunk/b.spl\n"
    );
    assert!(project.path("generated/splunk/b.spl").exists());
}

#[test]
fn what_is_wrong_with_a_project_is_told_with_its_place() {
    let project = Project::of_two();
    let told = |config: &str, expected: &[&str]| {
        project.write("varsigma.toml", config);
        let ran = project.run(&["build"], 2);
        for part in expected {
            assert!(ran.stderr().contains(part), "{part}: {}", ran.stderr());
        }
        assert!(project.names().is_empty());
    };
    told(
        "[output.splnk]\n",
        &[
            "error[VS0601]",
            " --> varsigma.toml:1:9",
            "did you mean `splunk`?",
        ],
    );
    told(
        "[output.splunk]\nformat = \"x\"\n",
        &["error[VS0603]", " --> varsigma.toml:1:9"],
    );
    told(
        "[output.splunk]\noptions = { tme = \"x\" }\n",
        &["error[VS0604]", " --> varsigma.toml"],
    );
    told(
        "[output.splunk]\npipelines = [\"sysmn\"]\n",
        &["error[VS0701]", "did you mean `sysmon`?"],
    );
    told(
        "rules = [\"nowhere\"]\n[output.splunk]\n",
        &["error[VS0001]: `nowhere` can't be read"],
    );
    told(
        "[output.splunk\n",
        &["error[VS1011]", " --> varsigma.toml:1"],
    );
    told(
        "strict = true\n<<<<<<< HEAD\n[output.splunk]\n=======\n[output.kql]\n>>>>>>> b\n",
        &["error[VS1011]", "a merge conflict", " --> varsigma.toml:2"],
    );
    told("", &["error[VS1012]: `output` is missing"]);
    let empty = tempfile::tempdir().unwrap();
    let mut command = project.command(&["check"]);
    let ran = Ran(command.current_dir(empty.path()).output().unwrap());
    assert_eq!(ran.0.status.code(), Some(2));
    assert!(ran.stderr().contains("error[VS1013]"), "{}", ran.stderr());
}

#[test]
fn a_folder_that_is_not_there_is_told_in_words() {
    let project = Project::of_two();
    for args in [&["init", "nowhere"][..], &["build", "--project", "nowhere"]] {
        let ran = project.run(args, 2);
        let expected = "there is no such file or folder";
        assert!(ran.stderr().contains(expected), "{}", ran.stderr());
        assert!(!ran.stderr().contains(".varsigma-"), "{}", ran.stderr());
    }
}

#[test]
fn init_writes_a_project_that_builds() {
    let project = Project::of_two();
    project.remove("varsigma.toml");
    project.rule("other/deep/c.yml", "three", "C: 3");
    project.write("notes/readme.yml", "no: rule\n");
    project.write(
        "pipelines/p.yml",
        "transformations:\n- type: field_name_prefix\n  prefix: x_\n",
    );
    let ran = project.run(&["init", "-t", "splunk", "-t", "sqlite"], 0);
    assert!(
        ran.stdout().contains("rules in `other`, `rules`"),
        "{}",
        ran.stdout()
    );
    project.build();
    assert_eq!(project.read("generated/splunk/b.spl"), "x_B=2\n");
    assert!(project.path("generated/sqlite/deep/c.sql").exists());
    let text = project.read("varsigma.toml");
    let ran = project.run(&["init"], 2);
    assert!(
        ran.stderr().contains("is there already"),
        "{}",
        ran.stderr()
    );
    assert_eq!(project.read("varsigma.toml"), text);
    // What is commented out is right as well.
    let uncommented: String = text
        .lines()
        .map(|line| {
            let bare = line.strip_prefix("# ").unwrap_or(line);
            let is_setting = bare.starts_with('[')
                || bare
                    .split_once(" = ")
                    .is_some_and(|(key, _)| !key.contains(' '));
            if is_setting { bare } else { line }
        })
        .collect::<Vec<_>>()
        .join("\n");
    varsigma::project::config::Config::read(&uncommented)
        .unwrap_or_else(|errors| panic!("{errors:?}\n{uncommented}"));
}

#[test]
fn init_finds_rules_that_lie_in_no_folder() {
    let project = Project::of_two();
    project.remove("varsigma.toml");
    project.rule("own.yml", "own", "O: 1");
    let ran = project.run(&["init"], 0);
    let told = "rules in `rules`, `own.yml`";
    assert!(ran.stdout().contains(told), "{}", ran.stdout());
    project.build();
    assert_eq!(project.read("generated/splunk/own.spl"), "O=1\n");
    project.remove("varsigma.toml");
    for n in 0..20 {
        project.rule(&format!("r{n}.yml"), "many", "M: 1");
    }
    let ran = project.run(&["init"], 0);
    assert!(ran.stdout().contains("rules in `.`"), "{}", ran.stdout());
    project.build();
    assert!(project.check(0).is_empty());
}

/// A child that ends with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn watch_builds_on_a_change() {
    let project = Project::of_two();
    let mut command = project.command(&["watch"]);
    // Its own messages are a file of the project, and no reason to build.
    let log = fs::File::create(project.path("watch.log")).unwrap();
    let _running = Running(command.stderr(log).spawn().unwrap());
    let wait_for = |name: &str, text: &str| {
        let begin = Instant::now();
        while fs::read_to_string(project.path(name)).ok().as_deref() != Some(text) {
            let late = begin.elapsed() > Duration::from_secs(30);
            assert!(!late, "{name} does not become {text}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    wait_for("generated/splunk/b.spl", "B=2\n");
    wait_for("generated/splunk/windows/a.spl", "A=1\n");
    project.rule("rules/b.yml", "two", "B: 3");
    wait_for("generated/splunk/b.spl", "B=3\n");
    project.remove("rules/windows/a.yml");
    let begin = Instant::now();
    while project.path("generated/splunk/windows").exists() {
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "it is not removed"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let told = project.read("watch.log");
    // A build tells one line: the first one, and one for each step of a change at most.
    assert!(told.lines().count() < 12, "{told}");
}

#[test]
fn what_a_check_finds_in_many_rules_for_one_reason_is_told_once() {
    let project = Project::new("[output.splunk]\n[output.eql]\n");
    let keyword = rule("word", "A: x").replace("{A: x}", "[x]");
    for number in 0..60 {
        project.rule(&format!("rules/{number:02}.yml"), "one", "A: x");
        project.write(&format!("rules/word/{number:02}.yml"), &keyword);
    }
    project.run(&["build"], 1);
    project.write(
        "varsigma.toml",
        "[output.splunk]\ncompat = \"pysigma\"\n[output.eql]\n",
    );
    for number in 0..60 {
        project.rule(&format!("rules/{number:02}.yml"), "one", "A: y");
    }
    let ran = project.run(&["check"], 1);
    let told = ran.stdout();
    assert!(
        told.contains(
            "failed    60 rules, such as `rules/word/00.yml`: no `eql` query: Elasticsearch EQL \
             can't say this"
        ),
        "{told}"
    );
    assert!(told.contains(" more files: the rule changed"), "{told}");
    assert!(told.lines().count() < 250, "{told}");
    let all = project.check(1);
    assert!(all.len() > 170, "{}", all.len());
    let table = project.run(&["check", "--format", "markdown"], 1);
    assert!(table.stdout().contains("| failed | | 60 rules, such as"));
}
