//! Checks that look at several rules: an id is one rule's.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use std::collections::HashMap;

/// What is known of the rules so far.
#[derive(Debug, Default)]
pub struct Run {
    /// By id in lower case: the file, and where in it.
    ids: HashMap<String, (String, Span)>,
}

impl Run {
    /// Looks at the id of the next rule of the run, which is there in that file.
    pub fn check(&mut self, path: &str, id: &str, span: Span) -> Option<Diagnostic> {
        let place = (path.to_owned(), span);
        let known = self
            .ids
            .entry(id.to_lowercase())
            .or_insert_with(|| place.clone());
        // The rules of a collection share what is global.
        if *known == place {
            return None;
        }
        let message = format!(
            "expected an id of its own, found that of a rule in {}",
            known.0
        );
        let warning = Diagnostic::warning(Code::RepeatedId, message).at(span);
        Some(warning.help("give one of the rules a new random UUID"))
    }
}
