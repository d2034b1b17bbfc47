//! Bringing the files to the plan: files written at once or not at all, files without a rule removed.
//!
//! The lock goes first, with the old and the new files, and last, with the new ones alone. So a run
//! that is interrupted leaves whole files, and a lock that knows them all. Nothing is removed
//! before everything is written.

use crate::cli::atomic;
use crate::cli::reason::{Unwritten, reason};
use crate::diagnostic::{Code, Diagnostic};
use crate::project::lock::{self, Combined, Lock};
use crate::project::plan::Plan;
use crate::project::status::{FileStatus, OrphanedFile, Status};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// What the user allows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Consent {
    /// `--adopt`: replace files that are not as a build left them.
    pub adopt: bool,
    /// `--prune`: remove most of the outputs, and what lies elsewhere.
    pub prune: bool,
    /// Remove most of the outputs: a yes to the question that names their number.
    pub removal: bool,
}

/// What to do with a file of the lock that no build wrote.
pub(super) const NOT_OURS: &str = "take it out of `varsigma.lock` if no build wrote it";

/// What was done.
#[derive(Debug, Default)]
pub(super) struct BuildResult {
    pub written: usize,
    pub removed: usize,
    /// How many files could not be written.
    pub unwritten: usize,
    /// What could not be done, and what one should know.
    pub diagnostics: Vec<Diagnostic>,
}

/// Brings the working tree to the plan, as far as the user allows it.
pub(super) fn apply(
    plan: &mut Plan,
    last: &Lock,
    status: &Status,
    consent: Consent,
) -> BuildResult {
    let mut applied = BuildResult::default();
    if status.is_clean() {
        return applied;
    }
    applied.diagnostics.extend(unproven(&status.unproven));
    let write = writable(plan, status, consent, &mut applied);
    applied.unwritten = status.differing.len() - write.len();
    let remove = removable(plan, last, status, consent, &mut applied);
    if !write.is_empty() || !remove.is_empty() {
        let both = last.unfinished(&plan.lock);
        if let Err(error) = put(lock::FILE, both.write().as_bytes()) {
            applied.unwritten += write.len();
            applied.diagnostics.push(unwritable(lock::FILE, &error));
            return applied;
        }
    }
    sweep(plan, last);
    let unwritten = write_all(&write, plan);
    applied.unwritten += unwritten.count();
    applied.written = write.len() - unwritten.count();
    if unwritten.count() > 0 {
        // The lock on disk knows the old and the new files; the next run ends the work.
        applied.diagnostics.extend(unwritten.diagnostics());
        return applied;
    }
    let mut failed = false;
    for orphan in remove {
        match remove_file(orphan) {
            Ok(()) => applied.removed += 1,
            Err(error) => {
                failed = true;
                applied.diagnostics.push(error);
            }
        }
    }
    if failed {
        return applied;
    }
    if let Err(error) = put(lock::FILE, plan.lock.write().as_bytes()) {
        applied.diagnostics.push(unwritable(lock::FILE, &error));
    }
    applied
}

/// The files that are written. Those that are not the build's own leave the lock to be.
fn writable<'s>(
    plan: &mut Plan,
    status: &'s Status,
    consent: Consent,
    applied: &mut BuildResult,
) -> Vec<&'s str> {
    let mut write = Vec::new();
    let mut not_ours = BTreeSet::new();
    for differing in &status.differing {
        let path = differing.path.as_str();
        let refusal = match &differing.state {
            FileStatus::Missing | FileStatus::Stale => None,
            FileStatus::Foreign | FileStatus::Edited if consent.adopt => None,
            FileStatus::Foreign => Some(foreign(path)),
            FileStatus::Edited => {
                // It stays in the lock, for the build did write it once.
                applied.diagnostics.push(edited(path));
                continue;
            }
            FileStatus::Unreadable(reason) => Some(unwritable_because(path, reason)),
        };
        match refusal {
            Some(refusal) => {
                applied.diagnostics.push(refusal);
                not_ours.insert(path.to_owned());
            }
            None => write.push(path),
        }
    }
    plan.lock.forget(&not_ours);
    write
}

/// The files that are removed. Those that stay for now stay in the lock as well.
fn removable<'s>(
    plan: &mut Plan,
    last: &Lock,
    status: &'s Status,
    consent: Consent,
    applied: &mut BuildResult,
) -> Vec<&'s OrphanedFile> {
    let held = if consent.prune || consent.removal {
        Vec::new()
    } else {
        status.held(plan)
    };
    let (mut remove, mut most, mut elsewhere) = (Vec::new(), Vec::new(), Vec::new());
    for orphan in &status.orphans {
        if orphan.edited {
            applied.diagnostics.push(edited_orphan(&orphan.path));
        } else if orphan.elsewhere && !consent.prune {
            elsewhere.push(orphan);
        } else if held.contains(&orphan) {
            most.push(orphan);
        } else {
            remove.push(orphan);
        }
    }
    let rules = most.iter().filter_map(|orphan| orphan.rule.as_deref());
    let rules: BTreeSet<&str> = rules.collect();
    let kept = last.rules.iter();
    let kept = kept.filter(|record| rules.contains(record.path.as_str()));
    plan.lock.rules.extend(kept.cloned());
    let shared = most.iter().filter(|orphan| orphan.rule.is_none());
    for orphan in elsewhere.iter().chain(shared) {
        let claim = Combined {
            output: orphan.output.clone(),
            digest: orphan.digest.clone(),
        };
        plan.lock.claim(orphan.path.clone(), claim);
    }
    if let Some(named) = named(&elsewhere) {
        let (verb, it) = match elsewhere.len() {
            1 => ("stays", "it"),
            _ => ("stay", "them"),
        };
        let message =
            format!("{named} {verb}: the lock names what no output of `varsigma.toml` could be");
        let error = Diagnostic::error(Code::UnprovenOutput, message);
        let help =
            format!("let `varsigma build --prune` remove {it}, if a build of yours wrote {it}");
        applied.diagnostics.push(error.help(help).help(NOT_OURS));
    }
    if let Some(named) = named(&most) {
        let why = match status.emptied.first() {
            Some(root) if !status.removes_most(plan) => format!("`{root}` has no rules any more"),
            _ => "most outputs have no rule any more".to_owned(),
        };
        let message = format!("{why}: {named} would be removed");
        let error = Diagnostic::error(Code::MostRemoved, message);
        applied.diagnostics.push(
            error
                .help("check that all rules are there, those of submodules too")
                .help("let `varsigma build --prune` remove them if they are not wanted"),
        );
    }
    remove
}

/// `` `a` ``, `` `a` and 3 other files ``
fn named(orphans: &[&OrphanedFile]) -> Option<String> {
    let first = orphans.first()?;
    Some(crate::cli::reason::named(&first.path, orphans.len()))
}

/// Writes files in parallel.
fn write_all(paths: &[&str], plan: &Plan) -> Unwritten {
    let parents = paths.iter().filter_map(|path| Path::new(path).parent());
    let folders: BTreeSet<&Path> = parents.collect();
    let closed: Vec<(&Path, String)> = folders
        .into_iter()
        .filter_map(|folder| {
            let created = atomic::make_folder(Path::new(""), folder);
            Some((folder, reason(&created.err()?)))
        })
        .collect();
    let write = |path: &&str| {
        let folder = Path::new(path).parent()?;
        if let Some((_, reason)) = closed.iter().find(|(closed, _)| *closed == folder) {
            return Some(((*path).to_owned(), reason.clone()));
        }
        let text = plan.files.get(*path)?.text.as_bytes();
        let written = put(path, text);
        Some(((*path).to_owned(), reason(&written.err()?)))
    };
    let faults: Vec<(String, String)> = paths.par_iter().filter_map(write).collect();
    faults.into_iter().collect()
}

/// Removes what a build that was killed left of files that it was about to put in their places:
/// beside the lock, and where its files are if it had begun with those.
fn sweep(plan: &Plan, last: &Lock) {
    let mut folders = BTreeSet::from([Path::new("")]);
    if last.unfinished {
        let paths = plan.files.keys().map(Path::new);
        folders.extend(paths.filter_map(Path::parent));
    }
    for folder in folders {
        if atomic::check_folder(Path::new(""), folder).is_err() {
            continue;
        }
        // What isn't there, or can't be removed, does no harm.
        let entries = std::fs::read_dir(Path::new(".").join(folder));
        for entry in entries.into_iter().flatten().flatten() {
            let is_file = entry.file_type().is_ok_and(|file_type| file_type.is_file());
            if is_file && atomic::is_temporary(&entry.file_name()) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

/// Writes a file.
fn put(path: &str, text: &[u8]) -> io::Result<()> {
    atomic::write(Path::new(path), text).map(|_| ())
}

/// Removes a file without a rule, and folders that it leaves empty.
fn remove_file(orphan: &OrphanedFile) -> Result<(), Diagnostic> {
    let path = Path::new(&orphan.path);
    let mut folder = path.parent().map(PathBuf::from).unwrap_or_default();
    let removed =
        atomic::check_folder(Path::new(""), &folder).and_then(|()| std::fs::remove_file(path));
    removed.map_err(|error| {
        let message = format!("`{}` can't be removed: {}", orphan.path, reason(&error));
        Diagnostic::error(Code::Unwritable, message)
    })?;
    while !folder.as_os_str().is_empty() && std::fs::remove_dir(&folder).is_ok() {
        folder.pop();
    }
    Ok(())
}

fn unproven(paths: &[String]) -> Option<Diagnostic> {
    let named = crate::cli::reason::named(paths.first()?, paths.len());
    let message = format!(
        "`{}` names {named}, which no build can have written",
        lock::FILE
    );
    let warning = Diagnostic::warning(Code::UnprovenOutput, message);
    Some(warning.help("look at who changed the lock; `varsigma build` leaves such files alone"))
}

fn foreign(path: &str) -> Diagnostic {
    let message = format!("`{path}` is in the place of an output, and no build wrote it");
    Diagnostic::error(Code::ForeignOutput, message)
        .help("move it away, or let `varsigma build --adopt` replace it")
}

fn edited(path: &str) -> Diagnostic {
    let message = format!("`{path}` is not as the last build left it: it stays");
    Diagnostic::error(Code::EditedOutput, message)
        .help("change the rule, a pipeline or an option instead")
        .help("let `varsigma build --adopt` replace it, after a merge too")
}

fn edited_orphan(path: &str) -> Diagnostic {
    let message = format!("`{path}` has no rule any more, but was edited: it stays");
    Diagnostic::warning(Code::EditedOutput, message).help("remove it yourself if it isn't wanted")
}

fn unwritable(path: &str, error: &io::Error) -> Diagnostic {
    unwritable_because(path, &reason(error))
}

fn unwritable_because(path: &str, reason: &str) -> Diagnostic {
    Diagnostic::error(
        Code::Unwritable,
        format!("`{path}` can't be written: {reason}"),
    )
}
