//! The files of an output whose texts differ.

use crate::project::diff::{OutputChange, OutputFile, OutputState};
use std::borrow::Cow;

/// A file's text before and after.
pub(super) struct TextChange<'c> {
    /// What to call the file; both its paths where it moved.
    pub path: Cow<'c, str>,
    pub before: &'c str,
    pub after: &'c str,
}

/// The files that moved, or whose texts differ.
pub(super) fn texts(change: &OutputChange) -> Vec<TextChange<'_>> {
    let (before, after) = (files(change.before.as_ref()), files(change.after.as_ref()));
    let change = |at: usize| {
        let (old, new) = (before.get(at), after.get(at));
        let moved = old.zip(new).filter(|(old, new)| old.path != new.path);
        let path = match moved {
            Some((old, new)) => Cow::Owned(format!("{} to {}", old.path, new.path)),
            None => Cow::Borrowed(new.or(old)?.path.as_str()),
        };
        let (before, after) = (text_of(old), text_of(new));
        (moved.is_some() || before != after).then_some(TextChange {
            path,
            before,
            after,
        })
    };
    (0..before.len().max(after.len()))
        .filter_map(change)
        .collect()
}

fn text_of(file: Option<&OutputFile>) -> &str {
    file.map_or("", |file| &file.text)
}

fn files(state: Option<&OutputState>) -> &[OutputFile] {
    match state {
        Some(OutputState::Converted { files, .. }) => files,
        _ => &[],
    }
}
