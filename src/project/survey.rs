//! A project's generated files as they are, beside what they should be.
//!
//! In: a [`Plan`], the [`Lock`] of the last build and the tree. Out: a [`Survey`], which `build` acts
//! on and `check` reports. Contents are compared; the lock only tells who wrote them.

use super::digest::digest;
use super::lock::{self, Lock};
use super::plan::Plan;
use super::tree::Tree;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::io;

/// What there is of the generated files.
#[derive(Debug, Default)]
pub struct Survey {
    /// The planned files that are not as they should be, in the order of their paths.
    pub differing: Vec<Differing>,
    /// The files of the lock that no rule wants any more, in the order of their paths.
    pub orphans: Vec<Orphan>,
    /// How many files are as they should be.
    pub same: usize,
    /// The lock isn't what a build would write.
    pub lock_is_stale: bool,
}

/// A planned file that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// Its path.
    pub path: String,
    /// In what way.
    pub state: State,
    /// What stands there now.
    pub now: Option<Vec<u8>>,
}

/// In what way a file is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// There is none.
    Missing,
    /// It is as the last build left it.
    Stale,
    /// It was changed since the last build.
    Edited,
    /// No build wrote it.
    Foreign,
    /// It can't be read, or something that is no file stands there.
    Unreadable(String),
}

/// A file of the lock that no rule wants any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// Its path.
    pub path: String,
    /// The output that it belonged to.
    pub output: String,
    /// The rule file that it came from; `None` where it had several.
    pub rule: Option<String>,
    /// It was changed since the last build.
    pub edited: bool,
}

impl Survey {
    /// Looks at every file that is planned or in the lock.
    ///
    /// # Errors
    /// A file of the lock can't be read.
    pub fn new(plan: &Plan, last: &Lock, lock_text: &str, tree: &dyn Tree) -> io::Result<Self> {
        let recorded = last.files();
        let planned: Vec<(&String, &str)> = plan
            .files
            .iter()
            .map(|(path, wanted)| (path, wanted.text.as_str()))
            .collect();
        let look = |(path, text): &(&String, &str)| {
            let written = recorded.get(path.as_str());
            differing(
                path,
                text,
                written.map(|written| written.digest),
                last,
                tree,
            )
        };
        let differing: Vec<Differing> = planned.par_iter().filter_map(look).collect();
        let mut orphans = Vec::new();
        for (path, written) in &recorded {
            if plan.files.contains_key(*path) || plan.keeps(path) || !is_ours(path) {
                continue;
            }
            let Some(bytes) = tree.read(path)? else {
                continue;
            };
            orphans.push(Orphan {
                path: (*path).to_owned(),
                output: written.output.to_owned(),
                rule: written.rule.map(|rule| rule.path.clone()),
                edited: digest(&bytes) != written.digest && !last.unfinished,
            });
        }
        Ok(Self {
            same: planned.len() - differing.len(),
            differing,
            orphans,
            lock_is_stale: plan.lock.write() != lock_text,
        })
    }

    /// Is everything as it should be?
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.differing.is_empty() && self.orphans.is_empty() && !self.lock_is_stale
    }
}

/// A lock may come from anybody: only paths inside the project are ours, and never its own files.
fn is_ours(path: &str) -> bool {
    let is_inside = super::place::inside(path).is_ok_and(|inside| inside == path);
    is_inside && path != lock::FILE && path != super::config::FILE && !path.starts_with(".git/")
}

fn differing(
    path: &str,
    text: &str,
    recorded: Option<&str>,
    last: &Lock,
    tree: &dyn Tree,
) -> Option<Differing> {
    let (state, now) = match tree.read(path) {
        Ok(None) => (State::Missing, None),
        Ok(Some(bytes)) if bytes == text.as_bytes() => return None,
        Ok(Some(bytes)) => {
            let state = match recorded {
                None => State::Foreign,
                Some(known) if last.unfinished || digest(&bytes) == known => State::Stale,
                Some(_) => State::Edited,
            };
            (state, Some(bytes))
        }
        Err(error) => (State::Unreadable(error.to_string()), None),
    };
    Some(Differing {
        path: path.to_owned(),
        state,
        now,
    })
}
