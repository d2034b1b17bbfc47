//! The paths of a tree, from `git ls-tree`, up to a bound.
//!
//! A few trees that name one another ten times each have more paths than fit into memory, and a tree
//! without files as many folders.

use super::command::Git;
use super::{failed, not_run};
use crate::diagnostic::{Code, Diagnostic};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// So many files and folders a revision may have, with its submodules.
pub(super) const MOST_ENTRIES: usize = 1_000_000;

/// So many bytes their list may have.
const MOST_BYTES: usize = 256 << 20;

/// What a tree has at a path.
pub(super) struct Listed<'l> {
    /// `100644`, or `160000` for a submodule.
    pub mode: &'l str,
    pub id: &'l str,
    pub path: &'l str,
}

/// Hands over all files and submodules below a tree, of which `most` may be left, and gives what is
/// left then.
///
/// # Errors
/// `VS1043`: there are more, or git fails; `VS1040`: it can't be run.
pub(super) fn list(
    git: &Git,
    tree: &str,
    most: usize,
    mut take: impl FnMut(Listed<'_>),
) -> Result<usize, Diagnostic> {
    // With `-t` folders are listed, too, and count.
    let mut child = git
        .command(&["ls-tree", "-r", "-t", "-z", "--full-tree", tree])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| not_run(&error))?;
    let (mut left, mut bytes) = (most, 0);
    let mut is_too_much = false;
    if let Some(output) = child.stdout.take() {
        let mut output = BufReader::new(output);
        let mut record = Vec::new();
        while let Ok(1..) = output.read_until(0, &mut record) {
            bytes += record.len();
            is_too_much = left == 0 || bytes > MOST_BYTES;
            if is_too_much {
                let _ = child.kill();
                break;
            }
            left -= 1;
            // A name that is not UTF-8 could not be shown.
            let text = std::str::from_utf8(&record).ok();
            if let Some(listed) = text.and_then(|text| parsed(text.trim_end_matches('\0'))) {
                take(listed);
            }
            record.clear();
        }
    }
    let output = child.wait_with_output().map_err(|error| not_run(&error))?;
    if is_too_much {
        let message = format!(
            "`{tree}` has more than {MOST_ENTRIES} files and folders, or their paths more than {MOST_BYTES} bytes"
        );
        return Err(Diagnostic::error(Code::GitFailed, message));
    }
    if !output.status.success() {
        return Err(failed("ls-tree", &output));
    }
    Ok(left)
}

/// `100644 blob <id>\t<path>`; nothing for a folder.
fn parsed(record: &str) -> Option<Listed<'_>> {
    let (facts, path) = record.split_once('\t')?;
    let mut facts = facts.split(' ');
    let (mode, kind, id) = (facts.next()?, facts.next()?, facts.next()?);
    (kind != "tree").then_some(Listed { mode, id, path })
}
