//! Revisions of a project in git, read through git's own plumbing.
//!
//! In: a folder and a revision's name. Out: a [`Revision`], a [`Tree`](super::tree::Tree) of its
//! files. `git` itself is asked: so worktrees, partial clones and whatever git learns
//! next are its own, and `GIT_DIR` and its like mean what they mean to git. What leads to another
//! repository is refused. Arguments never pass through a shell, a name can't be taken for an option,
//! and no program of the repository's runs.

mod batch;
mod command;
mod ignored;
mod listing;
mod owner;
mod revision;

pub use revision::Revision;

use crate::diagnostic::{Code, Diagnostic};
use command::{Git, NAMES_ONE, OF_ONE_REPOSITORY};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Output;

/// A repository that holds a project.
#[derive(Debug, Clone)]
pub struct Repository {
    git: Git,
    /// The project's folder in it, empty or with a slash at its end.
    prefix: String,
    /// The folder of its files; none where it is bare.
    top: Option<PathBuf>,
    is_shallow: bool,
}

impl Repository {
    /// The repository of a project's folder. `start` is the folder in which the program was called:
    /// where the environment names a repository, it does so from there.
    ///
    /// # Errors
    /// There is no git, or no repository.
    pub fn open(start: &Path, project: &Path) -> Result<Self, Diagnostic> {
        // Paths in the environment are relative to where the program was called.
        let is_told = OF_ONE_REPOSITORY
            .iter()
            .any(|name| std::env::var_os(name).is_some());
        let git = Git {
            folder: if is_told { start } else { project }.to_owned(),
            is_inner: false,
        };
        let args = [
            "rev-parse",
            "--is-inside-work-tree",
            "--is-shallow-repository",
        ];
        let output = git.run(&args)?;
        if !output.status.success() {
            return Err(not_opened(project, &output));
        }
        let facts = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut facts = facts.lines().map(|fact| fact == "true");
        let has_files = facts.next() == Some(true);
        let is_shallow = facts.next() == Some(true);
        let mut repository = Self {
            git,
            prefix: String::new(),
            top: None,
            is_shallow,
        };
        let is_named = { NAMES_ONE.iter() }.any(|name| std::env::var_os(name).is_some());
        if !is_named {
            owner::check(&repository.git, &repository.git.folder)?;
        }
        if has_files {
            let top = repository.git.ask(&["rev-parse", "--show-toplevel"])?;
            let top = path_of(top.strip_suffix(b"\n").unwrap_or(&top));
            repository.prefix = prefix(&top, project)?;
            repository.top = Some(top);
        }
        Ok(repository)
    }

    /// The same repository with the project in another folder, of a bare repository say.
    #[must_use]
    pub fn with_prefix(mut self, folder: &str) -> Self {
        let folder = folder.trim_matches('/');
        self.prefix = match folder {
            "" | "." => String::new(),
            _ => format!("{folder}/"),
        };
        self
    }

    /// Has it files, or only revisions?
    #[must_use]
    pub const fn is_bare(&self) -> bool {
        self.top.is_none()
    }

    /// Which of the project's files may differ from a revision, as far as git knows them: what it
    /// does not know is not among them.
    ///
    /// # Errors
    /// git fails.
    pub fn changed_since(&self, revision: &Revision) -> Result<BTreeSet<String>, Diagnostic> {
        let mut args = vec!["diff-index", "--raw", "-z", "--no-renames", "--no-ext-diff"];
        args.extend(["--no-textconv", "--ignore-submodules=all"]);
        args.extend([revision.commit(), "--"]);
        let magic = format!(":(top,literal){}", self.prefix);
        args.extend((!self.prefix.is_empty()).then_some(magic.as_str()));
        let listed = self.git.ask_of_files(&args)?;
        // `:100644 100644 <oid> <oid> M`, then the path.
        let names = listed.split(|byte| *byte == 0).skip(1).step_by(2);
        let names = names.filter_map(|name| std::str::from_utf8(name).ok());
        let inside = names.filter_map(|name| name.strip_prefix(self.prefix.as_str()));
        Ok(inside.map(str::to_owned).collect())
    }
}

/// The project's folder below the repository's.
fn prefix(top: &Path, project: &Path) -> Result<String, Diagnostic> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (top, project) = (real(top), real(project));
    let outside = || {
        let message = format!(
            "`{}` is not inside the git repository `{}`",
            project.display(),
            top.display()
        );
        Diagnostic::error(Code::NoRepository, message)
    };
    let below = project.strip_prefix(&top).map_err(|_| outside())?;
    let mut prefix = String::new();
    for part in below {
        prefix.push_str(part.to_str().ok_or_else(outside)?);
        prefix.push('/');
    }
    Ok(prefix)
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::new(String::from_utf8_lossy(bytes).as_ref()))
}

fn not_run(error: &io::Error) -> Diagnostic {
    let message = format!("`git` can't be run: {error}");
    let error = Diagnostic::error(Code::GitMissing, message);
    error.help("install git and put it on the PATH: revisions are read through it")
}

fn failed(what: &str, output: &Output) -> Diagnostic {
    let message = format!("`git {what}` failed");
    with_answer(Diagnostic::error(Code::GitFailed, message), output)
}

/// There is no repository, or git refuses the one that there is.
fn not_opened(project: &Path, output: &Output) -> Diagnostic {
    let text = String::from_utf8_lossy(&output.stderr);
    let project = project.display();
    if text.trim().is_empty() || text.contains("not a git repository") {
        let message = format!("`{project}` is in no git repository");
        return with_answer(Diagnostic::error(Code::NoRepository, message), output);
    }
    let message = format!("git refuses the repository of `{project}`");
    let error = with_answer(Diagnostic::error(Code::GitRefuses, message), output);
    // `git config --global --add safe.directory /the/project`
    let mut lines = text.lines().map(str::trim);
    match lines.find(|line| line.contains("safe.directory")) {
        Some(line) => error.help(format!("if you trust its owner, run `{line}`")),
        None => error,
    }
}

/// The diagnostic with git's message.
fn with_answer(diagnostic: Diagnostic, output: &Output) -> Diagnostic {
    let text = String::from_utf8_lossy(&output.stderr);
    let first = text.lines().find(|line| !line.trim().is_empty());
    match first {
        Some(line) => diagnostic.help(format!("git says: {}", line.trim())),
        None => diagnostic,
    }
}
