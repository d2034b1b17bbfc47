//! What other services run: the GitHub Action, the GitLab template, the hooks of pre-commit. They
//! are read as YAML, and their scripts run here as the service runs them, with a stub in the place
//! of what talks to its server.

#![cfg(all(feature = "cli", unix))]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod repository;

use repository::Repository;
use serde_yaml::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const RULE: &str = "title: Shell\nid: 00000000-0000-4000-8000-000000000001\nstatus: test\n\
    logsource: {category: process_creation, product: windows}\ndetection:\n  \
    selection:\n    Image|endswith: '\\cmd.exe'\n  condition: selection\n";

/// A clone of a repository whose last commit changed a rule and did not build.
struct Job {
    _origin: Repository,
    folder: PathBuf,
    /// The commit that the change began from.
    base: String,
    /// Programs that stand in front of others, and the files that a service gives.
    beside: PathBuf,
}

impl Job {
    fn new() -> Self {
        let origin = Repository::new();
        origin.write("varsigma.toml", "[output.splunk]\n");
        origin.write("rules/shell.yml", RULE);
        let built = varsigma(origin.folder(), &["build"]);
        assert!(built.status.success(), "{built:?}");
        origin.commit("first");
        let base = origin.git(&["rev-parse", "HEAD"]).trim().to_owned();
        origin.write("rules/shell.yml", RULE.replace("cmd", "pwsh"));
        origin.commit("second");
        let folder = origin.shallow("job");
        let beside = origin.beside("beside");
        fs::create_dir(&beside).unwrap();
        Self {
            _origin: origin,
            folder,
            base,
            beside,
        }
    }

    /// Puts a program in front of others: it notes its arguments and the file that is named
    /// among them.
    fn stub(&self, name: &str) {
        let script = "#!/bin/sh\necho \"$0 $*\" >>\"$NOTES\"\nfor word; do\n  \
            file=${word#*@}\n  if [ -f \"$file\" ]; then cat \"$file\" >>\"$NOTES\"; fi\ndone\n";
        let path = self.beside.join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// What the stubs noted.
    fn notes(&self) -> String {
        fs::read_to_string(self.beside.join("notes")).unwrap_or_default()
    }

    /// Runs a script as the services do: it ends at the first command that fails.
    fn run(&self, script: &str, variables: &[(String, String)]) -> Output {
        let program = Path::new(env!("CARGO_BIN_EXE_varsigma")).parent().unwrap();
        let others = std::env::var("PATH").unwrap();
        let path = format!("{}:{}:{others}", self.beside.display(), program.display());
        Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(&self.folder)
            .env("PATH", path)
            .env("NOTES", self.beside.join("notes"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .envs(variables.iter().cloned())
            .output()
            .expect("bash is installed")
    }
}

fn varsigma(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_varsigma"))
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn yaml(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A step of the action, by how its name begins: its script, and its variables as GitHub fills
/// them in.
fn step(action: &Value, name: &str, job: &Job) -> (String, Vec<(String, String)>) {
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    let named = |step: &&Value| step["name"].as_str().unwrap().starts_with(name);
    let step = steps.iter().find(named).expect("a step of that name");
    let filled = |value: &Value| match value.as_str().unwrap() {
        "${{ inputs.project }}" => action["inputs"]["project"]["default"]
            .as_str()
            .unwrap()
            .to_owned(),
        "${{ inputs.token }}" => "a token".to_owned(),
        "${{ github.event.pull_request.base.sha }}" => job.base.clone(),
        "${{ github.event.pull_request.number }}" => "17".to_owned(),
        "${{ github.repository }}" => "owner/name".to_owned(),
        "${{ github.action_path }}" => env!("CARGO_MANIFEST_DIR").to_owned(),
        other => panic!("GitHub's {other}"),
    };
    let variables = step["env"].as_mapping().unwrap();
    let mut variables: Vec<(String, String)> = variables
        .iter()
        .map(|(name, value)| (name.as_str().unwrap().to_owned(), filled(value)))
        .collect();
    for name in ["RUNNER_TEMP", "GITHUB_STEP_SUMMARY"] {
        let file = if name == "RUNNER_TEMP" { "" } else { "summary" };
        let path = job.beside.join(file).display().to_string();
        variables.push((name.to_owned(), path));
    }
    (step["run"].as_str().unwrap().to_owned(), variables)
}

#[test]
fn the_action_comments_and_checks() {
    let (action, job) = (yaml("action.yml"), Job::new());
    job.stub("gh");
    let (script, variables) = step(&action, "What the pull request does", &job);
    let ran = job.run(&script, &variables);
    assert!(ran.status.success(), "{ran:?}");
    let notes = job.notes();
    assert!(
        notes.contains("gh api --silent --method POST repos/owner/name/issues/17/comments"),
        "{notes}"
    );
    let change = "`rules/shell.yml`<br>Shell";
    assert!(notes.contains(change), "{notes}");
    let summary = fs::read_to_string(job.beside.join("summary")).unwrap();
    assert!(summary.contains(change), "{summary}");
    // A pull request that changes no query gets no comment.
    let unchanged = Job::new();
    repository::git(&unchanged.folder, &["fetch", "-q", "--unshallow"]);
    repository::git(&unchanged.folder, &["checkout", "-q", &unchanged.base]);
    unchanged.stub("gh");
    let (script, variables) = step(&action, "What the pull request does", &unchanged);
    let ran = unchanged.run(&script, &variables);
    assert!(ran.status.success(), "{ran:?}");
    let notes = unchanged.notes();
    assert!(!notes.contains("POST") && !notes.is_empty(), "{notes}");

    let (script, variables) = step(&action, "Are the generated queries", &job);
    let ran = job.run(&script, &variables);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    let said = text(&ran);
    assert!(
        said.contains("::error file=generated/splunk/shell.spl") && said.contains("is stale"),
        "{said}"
    );
    varsigma(&job.folder, &["build"]);
    let ran = job.run(&script, &variables);
    assert!(ran.status.success() && text(&ran).is_empty(), "{ran:?}");
}

#[test]
fn the_action_builds_what_stands_beside_it() {
    let action = yaml("action.yml");
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    let builds = |step: &&Value| step["name"] == "Build varsigma";
    let build = steps.iter().find(builds).expect("it builds");
    assert_eq!(build["env"]["SOURCE"], "${{ github.action_path }}");
    assert!(
        build["run"]
            .as_str()
            .unwrap()
            .contains("--path \"$SOURCE\"")
    );
    let own = steps.iter().filter(|step| step["uses"].is_null());
    for step in own {
        assert_eq!(
            step["shell"], "bash",
            "a composite action's steps name their shell"
        );
    }
}

/// What a job of the GitLab template runs, and its variables.
fn gitlab(job: &Job) -> (String, Vec<(String, String)>) {
    let template = yaml("docs/ci/gitlab.yml");
    let job_of_ours = &template["varsigma"];
    let script = job_of_ours["script"].as_sequence().unwrap();
    let script: Vec<&str> = script.iter().map(|line| line.as_str().unwrap()).collect();
    let mut variables: Vec<(String, String)> = [
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", &*job.base),
        ("CI_API_V4_URL", "https://gitlab.example.org/api/v4"),
        ("CI_PROJECT_ID", "7"),
        ("CI_MERGE_REQUEST_IID", "17"),
        ("VARSIGMA_TOKEN", "a token"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for (name, value) in job_of_ours["variables"].as_mapping().unwrap() {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        variables.push((text(name), text(value)));
    }
    // `GIT_DEPTH` asks for the whole history.
    repository::git(&job.folder, &["fetch", "-q", "--unshallow"]);
    (script.join("\n"), variables)
}

/// Answers as GitLab does, which has these notes on the merge request, and notes what is written.
fn gitlab_of(job: &Job, notes: &str) {
    fs::write(job.beside.join("page1"), notes).unwrap();
    let script = r#"#!/bin/sh
method=GET
for word; do
  case $before in --request) method=$word ;; esac
  case $word in body@*) body=$(cat "${word#body@}") ;; https:*) address=$word ;; esac
  before=$word
done
case $method$address in
  GET*/user) echo '{"id": 5}' ;;
  GET*"&page=1") cat "$(dirname "$0")/page1" ;;
  GET*) printf '[]' ;;
  *) echo "$method $address $body" >>"$NOTES" ;;
esac
"#;
    let path = job.beside.join("curl");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

const TO: &str = "https://gitlab.example.org/api/v4/projects/7/merge_requests/17/notes";
const OTHERS: &str = r#"{"id": 1, "author": {"id": 4}, "body": "<!-- varsigma: . --> of a person"},
    {"id": 2, "author": {"id": 5}, "body": "another note of the token"},
    {"id": 3, "author": {"id": 5}, "body": "<!-- varsigma: a -->"}"#;

#[test]
fn the_gitlab_template_notes_and_checks() {
    let job = Job::new();
    let (script, variables) = gitlab(&job);
    gitlab_of(&job, &format!("[{OTHERS}]"));
    let ran = job.run(&script, &variables);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    let notes = job.notes();
    let begin = format!("POST {TO} <!-- varsigma: . -->\n");
    assert!(notes.starts_with(&begin), "{notes}");
    assert!(notes.contains("`rules/shell.yml`<br>Shell"), "{notes}");
    let template = yaml("docs/ci/gitlab.yml");
    let report = template["varsigma"]["artifacts"]["reports"]["codequality"].as_str();
    let report = fs::read_to_string(job.folder.join(report.unwrap())).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report[0]["location"]["path"], "generated/splunk/shell.spl");
}

#[test]
fn the_gitlab_template_keeps_one_note() {
    let own = format!(
        r#"[{OTHERS}, {{"id": 9, "author": {{"id": 5}}, "body": "<!-- varsigma: . -->\nold"}}]"#
    );
    let job = Job::new();
    let (script, variables) = gitlab(&job);
    gitlab_of(&job, &own);
    job.run(&script, &variables);
    let notes = job.notes();
    assert!(
        notes.starts_with(&format!("PUT {TO}/9 <!-- varsigma: . -->\n")),
        "{notes}"
    );
    assert_eq!(notes.matches(TO).count(), 1, "{notes}");

    // Where no query changes any more, it goes; where there was none, there is nothing to do.
    for (given, expected) in [
        (own, format!("DELETE {TO}/9 \n")),
        ("[]".to_owned(), String::new()),
    ] {
        let job = Job::new();
        let (script, variables) = gitlab(&job);
        repository::git(&job.folder, &["checkout", "-q", &job.base]);
        gitlab_of(&job, &given);
        let ran = job.run(&script, &variables);
        assert!(ran.status.success(), "{ran:?}");
        assert_eq!(job.notes(), expected);
    }
}

#[test]
fn the_hooks_of_pre_commit_are_commands_that_run() {
    let job = Job::new();
    let hooks = yaml(".pre-commit-hooks.yaml");
    let codes: Vec<_> = hooks
        .as_sequence()
        .unwrap()
        .iter()
        .rev()
        .map(|hook| {
            assert_eq!(hook["language"], "script");
            assert_eq!(hook["pass_filenames"], false);
            let entry = hook["entry"].as_str().unwrap();
            // It lies in the repository of the hooks.
            let script = format!("{}/{entry}", env!("CARGO_MANIFEST_DIR"));
            let ran = job.run(&script, &[]);
            (entry.to_owned(), ran.status.code().unwrap())
        })
        .collect();
    let expected = [
        (".ci/program check".to_owned(), 1),
        (".ci/program build".to_owned(), 0),
    ];
    assert_eq!(codes, expected);
    assert_eq!(job.run("varsigma check", &[]).status.code(), Some(0));
}

/// The project's own workflows and forms are YAML, and the nightly one runs the script that is there.
#[test]
fn files_of_the_forge_are_yaml() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(".github")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "yml") {
                let text = fs::read_to_string(&path).unwrap();
                let read: Result<Value, _> = serde_yaml::from_str(&text);
                assert!(
                    read.is_ok_and(|read| read.is_mapping()),
                    "{}",
                    path.display()
                );
                files += 1;
            }
        }
    }
    assert!(files > 0);
    let nightly = yaml(".github/workflows/nightly.yml");
    let steps = &nightly["jobs"]["everything"]["steps"];
    let last = steps.as_sequence().unwrap().last().unwrap()["run"].as_str();
    let (script, mode) = last.unwrap().split_once(' ').unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    assert!(fs::read_to_string(script).unwrap().contains(mode));
}
