//! Warnings on what a reference says wrongly.
//!
//! In: a leaf that a compatibility profile has just written. Out: a warning for each of the
//! backend file's `[query.fault]` entries that the leaf is a case of.

use super::kind::{keyword_kind, kind};
use super::writer::{Leaf, Writer};
use crate::backend::language::{Fault, Kind};
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{Part, Value};

impl Writer<'_> {
    /// Notes the faults of a leaf that was written by itself, or as a member of a list.
    pub(super) fn note_faults(&mut self, leaf: Leaf<'_>, listed: bool) {
        if self.language.faults.is_empty() {
            return;
        }
        for (fault, text) in &self.language.faults {
            if is_case(*fault, leaf, listed) {
                let warning = Diagnostic::warning(Code::ReferenceFault, text.as_str());
                self.warnings.push(warning.at(leaf.span));
            }
        }
    }
}

fn is_case(fault: Fault, leaf: Leaf<'_>, listed: bool) -> bool {
    let parts = match leaf.value {
        Value::String(pattern) | Value::Cased(pattern) => pattern.parts.as_slice(),
        _ => &[],
    };
    match fault {
        Fault::One => parts.contains(&Part::One),
        Fault::Star => parts.iter().any(|part| match part {
            Part::Literal(text) => text.contains('*'),
            _ => false,
        }),
        Fault::ListedCased => listed && matches!(leaf.value, Value::Cased(_)),
        Fault::ListedTime => listed && matches!(leaf.value, Value::Time(..)),
        Fault::Test(test) => {
            let kind = match leaf.field {
                Some(_) => Some(kind(leaf.value)),
                None => keyword_kind(leaf.value),
            };
            !listed && (kind == Some(test) || kind.and_then(Kind::general) == Some(test))
        }
    }
}
