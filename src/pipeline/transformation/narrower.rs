//! The transformation `narrower`: what a pipeline knows that it can't say exactly.

use super::walk::Outcome;
use super::{Pass, Transformation};
use crate::diagnostic::Diagnostic;

/// `narrower`: the items match less than they did, for this reason.
#[derive(Debug)]
pub struct Narrower(pub String);

impl Transformation for Narrower {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        pass.each_item(|found, state| {
            for value in &found.values {
                state.narrow_at(value.span, value.span, &self.0)?;
            }
            Ok(Outcome::Unchanged)
        })
    }
}
