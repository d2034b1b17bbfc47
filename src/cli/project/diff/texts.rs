//! The files of an output whose texts differ.

use crate::project::diff::{File, OutputChange, State};

/// The files whose texts differ: what to call them, and their texts before and after.
pub(super) fn texts(change: &OutputChange) -> Vec<(String, String, String)> {
    let files = |state: &Option<State>| match state {
        Some(State::Converted { files, .. }) => files.clone(),
        _ => Vec::new(),
    };
    let (before, after) = (files(&change.before), files(&change.after));
    let none = |path: &str| File {
        path: path.to_owned(),
        text: String::new(),
    };
    let mut texts = Vec::new();
    for at in 0..before.len().max(after.len()) {
        let (old, new) = (before.get(at), after.get(at));
        let Some(shown) = new.or(old) else { continue };
        let (old, new) = (
            old.cloned().unwrap_or_else(|| none(&shown.path)),
            new.cloned().unwrap_or_else(|| none(&shown.path)),
        );
        let path = if old.path == new.path {
            new.path
        } else {
            format!("{} to {}", old.path, new.path)
        };
        if old.text != new.text || path.contains(" to ") {
            texts.push((path, old.text, new.text));
        }
    }
    texts
}
