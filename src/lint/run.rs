//! Checks that look at several rules: an id is one rule's.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use std::collections::HashMap;

/// What is known of the rules so far.
#[derive(Debug, Default)]
pub struct Run {
    /// By id in lower case: the file's number, and where in it; its path.
    ids: HashMap<String, ((usize, Span), String)>,
}

impl Run {
    /// Looks at the id of the next rule of the run, which is there in that file: its number and its path.
    pub fn check(
        &mut self,
        (file, path): (usize, &str),
        id: &str,
        span: Span,
    ) -> Option<Diagnostic> {
        let place = (file, span);
        let (known, path) = self
            .ids
            .entry(id.to_lowercase())
            .or_insert_with(|| (place, path.to_owned()));
        // The rules of a collection share what is global.
        if *known == place {
            return None;
        }
        let other = if path.is_empty() {
            "another rule".to_owned()
        } else {
            format!("a rule in {path}")
        };
        let message = format!("expected an id of its own, found that of {other}");
        let warning = Diagnostic::warning(Code::RepeatedId, message).at(span);
        Some(warning.help("give one of the rules a new random UUID"))
    }
}
