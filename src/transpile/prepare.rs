//! The stages that targets of one dialect share: a file's rules are read and their modifiers
//! applied.
//!
//! In: a rule file's text. Out: [`Prepared`] rules, which [`Transpiler::convert_prepared`] takes;
//! where a file goes to several targets, they are cloned and the text is read once.
//!
//! [`Transpiler::convert_prepared`]: super::Transpiler::convert_prepared

use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::lower;
use crate::modifier;
use crate::parse;
use crate::rule::{Document, Rule};
use crate::source::Span;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A rule whose modifiers were applied, or why it can't be one.
#[derive(Debug, Clone)]
pub struct Prepared<'s> {
    /// The id, as far as it could be read.
    pub id: Option<Cow<'s, str>>,
    /// The title, as far as it could be read.
    pub title: Option<Cow<'s, str>>,
    /// The rule's bytes in the file.
    pub span: Span,
    /// The document; `None` where an error kept it from being read.
    pub document: Option<Document<'s>>,
    /// Diagnostics. With an error among them the rule can't be converted.
    pub diagnostics: Vec<Diagnostic>,
}

impl<'s> Prepared<'s> {
    /// The rule, if the document is one.
    #[must_use]
    pub fn rule(&self) -> Option<&Rule<'s>> {
        match &self.document {
            Some(Document::Rule(rule)) => Some(rule),
            _ => None,
        }
    }
}

/// Reads a file's rules and applies their modifiers. There is always at least one.
///
/// # Errors
/// `VS0003`: the program failed on the text.
pub fn prepare<'s>(text: &'s str, dialect: &Dialect) -> Result<Vec<Prepared<'s>>, Diagnostic> {
    let parsed = guarded(Span::default(), || parse::parse(text, dialect))?;
    let room = modifier::Room::default();
    let prepared = parsed.into_iter().map(|parsed| {
        let mut prepared = Prepared {
            id: parsed.id,
            title: parsed.title,
            span: parsed.span,
            document: parsed.document,
            diagnostics: parsed.diagnostics,
        };
        let is_sound = !prepared.diagnostics.iter().any(Diagnostic::is_error);
        if let Some(Document::Rule(rule)) = &mut prepared.document
            && is_sound
        {
            match guarded(parsed.span, || modifier::apply_in(rule, dialect, &room)) {
                Ok(said) => {
                    let is_sound = !said.iter().any(Diagnostic::is_error);
                    prepared.diagnostics.extend(said);
                    if is_sound {
                        let checked = lower::check(rule, dialect);
                        prepared.diagnostics.extend(checked.err());
                    }
                }
                Err(error) => prepared.diagnostics.push(error),
            }
        }
        prepared
    });
    Ok(prepared.collect())
}

/// Runs the work on one rule. A panic is a fault of the program and must not end other rules.
pub(crate) fn guarded<T>(span: Span, work: impl FnOnce() -> T) -> Result<T, Diagnostic> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let reason = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("no reason given");
        Diagnostic::error(Code::Internal, format!("varsigma failed: {reason}"))
            .at(span)
            .help("report this fault of varsigma, with the rule")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_diagnostic() {
        let span = Span::new(3, 5);
        let error = guarded(span, || -> u8 { panic!("seven is {}", 7) }).expect_err("it panics");
        assert_eq!(error.code, Code::Internal);
        assert_eq!(error.message, "varsigma failed: seven is 7");
        assert_eq!(error.span(), Some(span));
    }
}
