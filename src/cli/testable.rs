//! The rules of a file as `test`, `hunt` and `witness` take them.
//!
//! In: a file's text. Out: its rules, their modifiers applied.

use crate::dialect::Dialect;
pub(super) use crate::eval::{Processing, refusal};
use crate::source::Span;
pub(super) use crate::transpile::RuleNames;
use crate::transpile::{Prepared, prepare};

/// The rules of a file, their modifiers applied; one with an error where the text can't be read.
pub(super) fn rules(text: &str) -> Vec<Prepared<'_>> {
    prepare(text, &Dialect::SPECIFICATION).unwrap_or_else(|error| {
        vec![Prepared {
            id: None,
            title: None,
            span: Span::default(),
            parts: Vec::new(),
            document: None,
            diagnostics: vec![error],
        }]
    })
}
