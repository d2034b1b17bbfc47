//! A project's generated files as they are, beside what they should be.
//!
//! In: a [`Plan`], the [`Lock`] of the last build and the tree. Out: a [`Status`], which `build` acts
//! on and `check` reports. Contents are compared. Who wrote them, the lock claims: only where the
//! digest fits is it believed, and a file without a rule must lie where an output could lie.

use super::digest::{digest, unix_lines};
use super::lock::{Lock, RecordedFile};
use super::plan::Plan;
use super::tree::Tree;
use super::{Project, name};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

/// What there is of the generated files.
#[derive(Debug, Default)]
pub struct Status {
    /// The planned files that are not as they should be, in the order of their paths.
    pub differing: Vec<DifferingFile>,
    /// The files of the lock that no rule wants any more, in the order of their paths.
    pub orphans: Vec<OrphanedFile>,
    /// Entries of `rules` that had rules at the last build, and have none.
    pub emptied: Vec<String>,
    /// The paths of the lock at which no build can have written, in order.
    pub unproven: Vec<String>,
    /// How many files are as they should be.
    pub same: usize,
    /// The lock isn't what a build would write.
    pub lock_is_stale: bool,
}

/// A planned file that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferingFile {
    /// Its path.
    pub path: String,
    /// In what way.
    pub state: FileStatus,
    /// What is there now.
    pub now: Option<Vec<u8>>,
}

/// In what way a file is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileStatus {
    /// There is none.
    Missing,
    /// It is as the last build left it.
    Stale,
    /// It was changed since the last build.
    Edited,
    /// No build wrote it.
    Foreign,
    /// It can't be read, or something that is no file is there.
    Unreadable(String),
}

/// A file of the lock that no rule wants any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrphanedFile {
    /// Its path.
    pub path: String,
    /// The output that it belonged to.
    pub output: String,
    /// The rule file that it came from; `None` where it had several.
    pub rule: Option<String>,
    /// It is not as a build left it.
    pub edited: bool,
    /// No output of `varsigma.toml` could lie there: that a build wrote it, only the lock says.
    pub elsewhere: bool,
    /// The digest of its text.
    pub digest: String,
}

impl Status {
    /// Looks at every file that is planned or in the lock.
    #[must_use]
    pub fn new(project: &Project, plan: &Plan, last: &Lock, lock_text: &str) -> Self {
        let tree = project.tree.as_ref();
        let recorded = last.files();
        let planned: Vec<(&String, &str)> = plan
            .files
            .iter()
            .map(|(path, planned)| (path, planned.text.as_str()))
            .collect();
        let look = |(path, text): &(&String, &str)| {
            differing(path, text, recorded.get(path.as_str()), tree)
        };
        let differing: Vec<DifferingFile> = planned.par_iter().filter_map(look).collect();
        let had_rules = |root: &&String| {
            let mut before = last.rules.iter();
            let mut now = project.rules.iter();
            before.any(|rule| is_below(&rule.path, root))
                && !now.any(|rule| is_below(&rule.path, root))
        };
        let roots = project.config.rules.iter();
        let mut status = Self {
            emptied: roots.filter(had_rules).cloned().collect(),
            same: planned.len() - differing.len(),
            differing,
            lock_is_stale: !is_written(&plan.lock.write(), lock_text.as_bytes()),
            ..Self::default()
        };
        let kept = plan.kept();
        let left = recorded
            .iter()
            .filter(|(path, _)| !plan.files.contains_key(**path) && !kept.contains(**path));
        for (path, written) in left {
            if name::refused(path).is_some() || project.sources.has(path) {
                status.unproven.push((*path).to_owned());
                continue;
            }
            match tree.read(path) {
                Ok(None) => {}
                Ok(Some(bytes)) => status.orphans.push(OrphanedFile {
                    path: (*path).to_owned(),
                    output: written.output.to_owned(),
                    rule: written.rule.map(|rule| rule.path.clone()),
                    edited: !written.is(&bytes),
                    elsewhere: !could_be_output(project, path),
                    digest: digest(&bytes),
                }),
                Err(_) => status.unproven.push((*path).to_owned()),
            }
        }
        status
    }

    /// Is everything as it should be?
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.differing.is_empty()
            && self.orphans.is_empty()
            && self.unproven.is_empty()
            && !self.lock_is_stale
    }

    /// The files that a build removes without being asked to.
    pub fn removable(&self) -> impl Iterator<Item = &OrphanedFile> {
        let orphans = self.orphans.iter();
        orphans.filter(|orphan| !orphan.edited && !orphan.elsewhere)
    }

    /// The files that a build removes only with `--prune`: most of all outputs, or all that came from a
    /// folder of `rules`.
    #[must_use]
    pub fn held(&self, plan: &Plan) -> Vec<&OrphanedFile> {
        let most = self.removes_most(plan);
        let is_emptied = |orphan: &&OrphanedFile| {
            let rule = orphan.rule.as_deref().unwrap_or_default();
            self.emptied.iter().any(|root| is_below(rule, root))
        };
        self.removable()
            .filter(|orphan| most || is_emptied(orphan))
            .collect()
    }

    /// Would a build remove most of what there is, with little in its place? Rules that are not
    /// there, such as a submodule's, are the usual reason.
    #[must_use]
    pub fn removes_most(&self, plan: &Plan) -> bool {
        let gone = self.removable().count();
        let known = |differing: &&DifferingFile| {
            matches!(differing.state, FileStatus::Stale | FileStatus::Edited)
        };
        let had = gone + self.same + self.differing.iter().filter(known).count();
        gone * 2 > had && plan.files.len() * 2 < had
    }
}

fn is_below(path: &str, root: &str) -> bool {
    let below = path.strip_prefix(root);
    root.is_empty() || below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

/// Is there an output that could have that path?
fn could_be_output(project: &Project, path: &str) -> bool {
    let mut outputs = project.config.outputs.iter();
    outputs.any(|output| output.path.could_give(path, &output.name))
}

/// Are those the bytes of a text? git may have given it the line ends of Windows, but does so to
/// no text that has carriage returns of its own.
fn is_written(text: &str, bytes: &[u8]) -> bool {
    bytes == text.as_bytes() || (!text.contains('\r') && *unix_lines(bytes) == *text.as_bytes())
}

fn differing(
    path: &str,
    text: &str,
    recorded: Option<&RecordedFile<'_>>,
    tree: &dyn Tree,
) -> Option<DifferingFile> {
    let (state, now) = match tree.read(path) {
        Ok(None) => (FileStatus::Missing, None),
        Ok(Some(bytes)) if is_written(text, &bytes) => return None,
        Ok(Some(bytes)) => {
            let state = match recorded {
                None => FileStatus::Foreign,
                Some(written) if written.is(&bytes) => FileStatus::Stale,
                Some(_) => FileStatus::Edited,
            };
            (state, Some(bytes))
        }
        Err(error) => (FileStatus::Unreadable(error.to_string()), None),
    };
    Some(DifferingFile {
        path: path.to_owned(),
        state,
        now,
    })
}
