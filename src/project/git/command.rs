//! How git is called: so that nothing of the repository's own runs.
//!
//! A repository's `.git/config` is as much its sender's as its files are, where it came as an
//! archive or lies on a shared disk. It can name programs: a monitor of files, hooks, filters,
//! pagers, helpers that fetch. Reading revisions needs none of them.

use super::{failed, not_run, path_of};
use crate::diagnostic::Diagnostic;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// How git is called.
#[derive(Debug, Clone)]
pub(super) struct Git {
    pub folder: PathBuf,
    /// Is it a submodule's? What the environment says is meant for the repository around it.
    pub is_inner: bool,
}

/// What tells git which repository is meant: `git rev-parse --local-env-vars`.
pub(super) const OF_ONE_REPOSITORY: [&str; 9] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_PREFIX",
    "GIT_GRAFT_FILE",
    "GIT_SHALLOW_FILE",
];

/// Those of them that say where a repository is, not merely which of its files count.
pub(super) const NAMES_ONE: [&str; 5] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
];

/// Settings that name programs, with values that name none. What is given on the command line counts
/// for more than any file.
const NO_PROGRAMS: [&str; 16] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.pager=cat",
    "core.editor=false",
    "core.askPass=",
    "core.sshCommand=false",
    "core.gitProxy=",
    "core.alternateRefsCommand=false",
    "credential.helper=",
    "diff.external=",
    "gpg.program=false",
    "protocol.allow=never",
    "submodule.recurse=false",
    "gc.auto=0",
    "maintenance.auto=false",
];

/// The same in the environment, where that is what counts. `protocol.ext.allow` of a repository
/// counts for more than `protocol.allow`, but nothing for more than `GIT_ALLOW_PROTOCOL`.
const ENVIRONMENT: [(&str, &str); 8] = [
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_PROTOCOL_FROM_USER", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_PAGER", "cat"),
    // git's messages are read, and passed on.
    ("LC_ALL", "C"),
    ("LANGUAGE", "C"),
];

/// Programs that the environment names, which no command here needs.
const UNWANTED: [&str; 5] = [
    "GIT_EXTERNAL_DIFF",
    "GIT_ASKPASS",
    "SSH_ASKPASS",
    "GIT_SSH_COMMAND",
    "GIT_PROXY_COMMAND",
];

impl Git {
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .current_dir(&self.folder)
            .arg("--no-pager")
            .args(NO_PROGRAMS.iter().flat_map(|setting| ["-c", setting]))
            .args(args)
            .envs(ENVIRONMENT)
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        let of_one = OF_ONE_REPOSITORY.iter().filter(|_| self.is_inner);
        for name in UNWANTED.iter().chain(of_one) {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, args: &[&str]) -> Result<Output, Diagnostic> {
        self.command(args).output().map_err(|error| not_run(&error))
    }

    /// What it prints, where it succeeds.
    pub fn ask(&self, args: &[&str]) -> Result<Vec<u8>, Diagnostic> {
        printed(args, self.run(args)?)
    }

    /// The same for a command that looks at files: no filter runs, which turns a file into what is
    /// stored. Filters have names of the repository's own.
    pub fn ask_of_files(&self, args: &[&str]) -> Result<Vec<u8>, Diagnostic> {
        let names = [
            "config",
            "--null",
            "--name-only",
            "--get-regexp",
            "^filter\\.",
        ];
        // It fails where there are none.
        let names = self.run(&names)?.stdout;
        let mut command = self.command(args);
        let known = std::env::var("GIT_CONFIG_COUNT").ok();
        let mut count: usize = known.and_then(|count| count.parse().ok()).unwrap_or(0);
        for name in names.split(|byte| *byte == 0) {
            let Some(dot) = name.iter().rposition(|byte| *byte == b'.') else {
                continue;
            };
            let is_required = name[dot..] == *b".required";
            let value = if is_required { "false" } else { "" };
            // A name need not be UTF-8.
            command.env(format!("GIT_CONFIG_KEY_{count}"), path_of(name));
            command.env(format!("GIT_CONFIG_VALUE_{count}"), value);
            count += 1;
        }
        command.env("GIT_CONFIG_COUNT", count.to_string());
        let output = command.output().map_err(|error| not_run(&error))?;
        printed(args, output)
    }
}

fn printed(args: &[&str], output: Output) -> Result<Vec<u8>, Diagnostic> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(failed(args.first().copied().unwrap_or_default(), &output))
}
