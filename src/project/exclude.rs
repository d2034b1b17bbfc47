//! `exclude`: the rules that are left out, as a `.gitignore` in the project's folder would say it.
//!
//! In: `["rules/deprecated/", "*.old.yml"]`. Out: what tells whether a path is among them.

use ignore::Error;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Reads patterns.
///
/// # Errors
/// Which of them is none, and why.
pub fn read<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Result<Gitignore, String> {
    let mut builder = GitignoreBuilder::new("");
    // In git, a pattern with a `[` that is not closed matches nothing.
    builder.allow_unclosed_class(false);
    for pattern in patterns {
        let added = builder.add_line(None, pattern);
        added.map_err(|error| {
            let reason = reason(&error);
            format!("expected a pattern of paths, found `{pattern}`: {reason}")
        })?;
    }
    builder.build().map_err(|error| reason(&error))
}

/// Without the pattern, which is shown already.
fn reason(error: &Error) -> String {
    match error {
        Error::Glob { err, .. } => err.clone(),
        other => other.to_string(),
    }
}
