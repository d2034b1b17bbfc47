//! The commands that work on a project: a folder with a `varsigma.toml`.
//!
//! They make that folder their working folder, so that messages, the lock and generated files are
//! the same from wherever they are called.

mod apply;
mod build;
mod check;
mod diff;
mod exclusive;
mod finding;
mod init;
mod render;
mod watch;
mod working;

pub use build::Build;
pub use check::Check;
pub use diff::Diff;
pub use init::Init;
pub use watch::Watch;

use super::Stop;
use super::environment::Allowed;
use super::pipelines::Access;
use super::reason::{passed_over, reason};
use super::report::Report;
use crate::diagnostic::{Code, Diagnostic};
use crate::project::lock::{self, Lock};
use crate::project::plan::{Plan, Planner};
use crate::project::status::Status;
use crate::project::tree::{Tree, faulty};
use crate::project::{Project, RuleFile, config};
use crate::transpile::parallel::in_order;
use clap::Args;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use working::WorkingTree;

/// The options that all commands on projects have.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct ProjectArgs {
    /// The project's folder; by default the working folder or the nearest above it that has a
    /// `varsigma.toml`.
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// The number of threads; 0 is one for each processor.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    threads: usize,
    #[command(flatten)]
    access: Access,
}

/// A project: the files that it should have, and their status.
struct Workspace {
    project: Project,
    plan: Plan,
    last: Lock,
    status: Status,
}

impl ProjectArgs {
    /// Makes the project's folder the working folder.
    fn enter(&self) -> Result<(), Stop> {
        enter(self.project.as_deref())
    }

    /// Runs something with the threads that were asked for.
    fn with_threads<T: Send>(
        &self,
        work: impl FnOnce() -> Result<T, Stop> + Send,
    ) -> Result<T, Stop> {
        super::pool(self.threads)?.install(work)
    }

    /// The project of the working folder.
    fn open(&self, report: &mut Report) -> Result<Project, Stop> {
        open(self.access.allowed(), report)
    }

    /// Everything about the project of the working folder. The diagnostics of its rules go
    /// to the report.
    fn workspace(&self, report: &mut Report) -> Result<Workspace, Stop> {
        let project = self.open(report)?;
        let lock_text = read_lock(project.tree.as_ref())?;
        let last = Lock::read(&lock_text)
            .map_err(|error| Stop::in_file(lock::FILE, &lock_text, vec![error]))?;
        let plan = plan(&project, &last, report);
        let status = Status::new(&project, &plan, &last, &lock_text);
        Ok(Workspace {
            project,
            plan,
            last,
            status,
        })
    }
}

/// Makes a project's folder the working folder: the one that is given, or the nearest.
pub(super) fn enter(folder: Option<&Path>) -> Result<(), Stop> {
    let folder = match folder {
        Some(folder) => folder.to_owned(),
        None => find()?,
    };
    std::env::set_current_dir(&folder).map_err(|error| {
        let (folder, reason) = (folder.display(), reason(&error));
        let message = format!("`{folder}` can't be entered: {reason}");
        Stop::from(Diagnostic::error(Code::NoProject, message))
    })
}

/// The project of the working folder.
pub(super) fn open(allowed: Allowed, report: &mut Report) -> Result<Project, Stop> {
    let tree: Arc<dyn Tree> = Arc::new(WorkingTree::default());
    let project = crate::project::open(tree, Arc::new(allowed))?;
    for warned in &project.warnings {
        report.all(&warned.path, &warned.text, &warned.diagnostics);
    }
    for path in project.tree.passed_over() {
        report.all("", "", [&passed_over(&path)]);
    }
    Ok(project)
}

/// The working folder, or the nearest above it that has a `varsigma.toml`.
fn find() -> Result<PathBuf, Stop> {
    let here = std::env::current_dir().unwrap_or_default();
    // A link or a pipe is one too, which then can't be read.
    let has_project = |folder: &&Path| {
        let metadata = folder.join(config::FILE).symlink_metadata();
        metadata.is_ok_and(|metadata| !metadata.is_dir())
    };
    here.ancestors()
        .find(has_project)
        .map(Path::to_owned)
        .ok_or_else(|| {
            let file = config::FILE;
            let message = format!("there is no `{file}` here or in a folder above");
            let error = Diagnostic::error(Code::NoProject, message);
            Stop::from(error.help("run `varsigma init` to write one"))
        })
}

/// The text of the lock; empty where there is none.
fn read_lock(tree: &dyn Tree) -> Result<String, Stop> {
    let bytes = tree.read(lock::FILE).map_err(|error| {
        let message = format!("`{}` can't be read: {error}", lock::FILE);
        faulty(&error, message)
    })?;
    Ok(String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned())
}

/// Converts all rules.
fn plan(project: &Project, last: &Lock, report: &mut Report) -> Plan {
    let mut planner = Planner::new(project, last);
    let mut done = 0;
    let texts = project.rule_texts();
    let linked = project.linked(&texts);
    for (file, diagnostics) in linked.filter_messages() {
        report.all(&file.path, &file.text, &diagnostics);
    }
    let convert = |rule: &RuleFile| linked.convert(rule);
    in_order(&project.rules, convert, |rule, converted| {
        planner.add(rule, converted);
        done += 1;
        report.progress(done, project.rules.len());
        ControlFlow::Continue(())
    });
    let plan = planner.finish();
    for file in &plan.messages {
        report.all(&file.path, &file.text, &file.diagnostics);
    }
    plan
}
