//! Doing what a survey asks for: files written at once or not at all, files without a rule removed.
//!
//! The lock goes first, with the old and the new files, and last, with the new ones alone. So a run
//! that is interrupted leaves whole files, and a lock that knows them all.

use crate::cli::atomic;
use crate::diagnostic::{Code, Diagnostic};
use crate::project::lock::{self, Lock};
use crate::project::plan::Plan;
use crate::project::survey::{Orphan, State, Survey};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// What was done.
#[derive(Debug, Default)]
pub(super) struct Applied {
    pub written: usize,
    pub removed: usize,
    /// What could not be done, and what one should know.
    pub diagnostics: Vec<Diagnostic>,
}

/// Brings the working tree to the plan. Foreign files are replaced only if `adopt` says so.
pub(super) fn apply(plan: &mut Plan, last: &Lock, survey: &Survey, adopt: bool) -> Applied {
    let mut applied = Applied::default();
    if survey.is_clean() {
        return applied;
    }
    let mut write = Vec::new();
    for differing in &survey.differing {
        let path = differing.path.as_str();
        match &differing.state {
            State::Foreign if !adopt => {
                applied.diagnostics.push(foreign(path));
                disown(plan, path);
                continue;
            }
            State::Edited => applied.diagnostics.push(edited(path)),
            State::Unreadable(reason) => {
                applied.diagnostics.push(unwritable(path, reason));
                disown(plan, path);
                continue;
            }
            State::Missing | State::Stale | State::Foreign => {}
        }
        write.push(path);
    }
    if !write.is_empty() || !survey.orphans.is_empty() {
        let both = last.unfinished(&plan.lock);
        if let Err(error) = put(lock::FILE, both.write().as_bytes()) {
            applied.diagnostics.push(unwritable(lock::FILE, &error));
            return applied;
        }
    }
    sweep(plan, last);
    let faults = write_all(&write, plan);
    applied.written = write.len() - faults.len();
    let mut failed = !faults.is_empty();
    applied.diagnostics.extend(faults);
    for orphan in &survey.orphans {
        match remove(orphan) {
            Ok(()) => applied.removed += 1,
            Err(kept) => {
                failed |= kept.is_error();
                applied.diagnostics.push(kept);
            }
        }
    }
    if failed {
        // The lock on disk knows the old and the new files; the next run ends the work.
        return applied;
    }
    if let Err(error) = put(lock::FILE, plan.lock.write().as_bytes()) {
        applied.diagnostics.push(unwritable(lock::FILE, &error));
    }
    applied
}

/// Writes files in parallel. Gives what went wrong, in the order of the files.
fn write_all(paths: &[&str], plan: &Plan) -> Vec<Diagnostic> {
    let folders: BTreeSet<&Path> = paths
        .iter()
        .filter_map(|path| Path::new(path).parent())
        .collect();
    let mut faults = Vec::new();
    let mut closed: Vec<&Path> = Vec::new();
    for folder in folders {
        if let Err(error) = open_folder(folder) {
            faults.push(unwritable(&folder.display().to_string(), &error));
            closed.push(folder);
        }
    }
    let write = |path: &&str| {
        let folder = Path::new(path).parent()?;
        if closed.contains(&folder) {
            return None;
        }
        let text = plan.files.get(*path)?.text.as_bytes();
        put(path, text).err().map(|error| unwritable(path, &error))
    };
    let more: Vec<Diagnostic> = paths.par_iter().filter_map(write).collect();
    faults.extend(more);
    faults
}

/// Removes what a build that was killed left of files that it was about to put in their places:
/// beside the lock, and where its files are if it had begun with those.
fn sweep(plan: &Plan, last: &Lock) {
    let mut folders = BTreeSet::from([Path::new(".")]);
    if last.unfinished {
        let paths = plan.files.keys().map(Path::new);
        let parents = paths.filter_map(Path::parent);
        folders.extend(parents.filter(|folder| !folder.as_os_str().is_empty()));
    }
    for folder in folders {
        // What isn't there, or can't be removed, does no harm.
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if name
                .as_encoded_bytes()
                .starts_with(atomic::PREFIX.as_bytes())
            {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

/// Makes a folder, which must lie inside the project even where links lead to it.
fn open_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    check_inside(folder)
}

fn check_inside(folder: &Path) -> io::Result<()> {
    let root = std::env::current_dir()?.canonicalize()?;
    if folder.canonicalize()?.starts_with(root) {
        return Ok(());
    }
    Err(io::Error::other("a link leads out of the project's folder"))
}

/// Writes a file, unless somebody made it read-only.
fn put(path: &str, text: &[u8]) -> io::Result<()> {
    let is_readonly = std::fs::symlink_metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().readonly());
    if is_readonly {
        return Err(io::Error::other("it is read-only"));
    }
    atomic::write(Path::new(path), text).map(|_| ())
}

/// Removes a file without a rule, and folders that it leaves empty.
fn remove(orphan: &Orphan) -> Result<(), Diagnostic> {
    let path = Path::new(&orphan.path);
    if orphan.edited {
        let message = format!(
            "`{}` has no rule any more, but was edited: it stays",
            orphan.path
        );
        return Err(Diagnostic::warning(Code::EditedOutput, message)
            .help("remove it yourself if it isn't wanted"));
    }
    let mut folder = path.parent().map(PathBuf::from).unwrap_or_default();
    let is_inside = folder.as_os_str().is_empty() || check_inside(&folder).is_ok();
    let removed = if is_inside {
        std::fs::remove_file(path)
    } else {
        Err(io::Error::other("a link leads out of the project's folder"))
    };
    removed.map_err(|error| {
        let message = format!("`{}` can't be removed: {error}", orphan.path);
        Diagnostic::error(Code::Unwritable, message)
    })?;
    while !folder.as_os_str().is_empty() && std::fs::remove_dir(&folder).is_ok() {
        folder.pop();
    }
    Ok(())
}

/// Takes a file that isn't ours out of the lock to be.
fn disown(plan: &mut Plan, path: &str) {
    plan.lock.combined.remove(path);
    for rule in &mut plan.lock.rules {
        for record in rule.outputs.values_mut() {
            record.files.remove(path);
        }
    }
}

fn foreign(path: &str) -> Diagnostic {
    let message = format!("`{path}` is in the place of an output, and no build wrote it");
    Diagnostic::error(Code::ForeignOutput, message)
        .help("move it away, or let `varsigma build --adopt` replace it")
}

fn edited(path: &str) -> Diagnostic {
    let message = format!("`{path}` was edited by hand; it is written anew");
    Diagnostic::warning(Code::EditedOutput, message)
        .help("change the rule, a pipeline or an option instead")
}

fn unwritable(path: &str, reason: &impl std::fmt::Display) -> Diagnostic {
    Diagnostic::error(
        Code::Unwritable,
        format!("`{path}` can't be written: {reason}"),
    )
}
