//! A whole file's rules, each by itself.
//!
//! In: a text. Out: for each of its rules what there is to say, errors of the earlier stages
//! included.

use super::{Names, lint_document, regexes};
use crate::attack::Attack;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::rule::{Document, Rule};
use crate::source::Span;
use crate::transpile::guarded;
use crate::{modifier, parse};

/// What was found in a rule.
#[derive(Debug, Clone, Default)]
pub struct LintedRule {
    /// Errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// Its id and the id's place.
    pub id: Option<(String, Span)>,
}

impl LintedRule {
    /// A file that can't be read counts as a rule.
    #[must_use]
    pub fn failed(error: Diagnostic) -> Self {
        Self {
            diagnostics: vec![error],
            id: None,
        }
    }
}

/// Checks the rules of a text.
#[must_use]
pub fn lint_text(text: &str, attack: &Attack, names: &Names) -> Vec<LintedRule> {
    let dialect = Dialect::SPECIFICATION;
    let parsed = match guarded(Span::default(), || parse::parse(text, &dialect)) {
        Ok(parsed) => parsed,
        Err(error) => return vec![LintedRule::failed(error)],
    };
    let rules = parsed.into_iter().map(|parsed| {
        let (mut diagnostics, mut id) = (parsed.diagnostics, None);
        if let Some(mut document) = parsed.document {
            let found = guarded(parsed.span, || {
                let mut found = lint_document(&document, text, attack, names);
                if let Some(rule) = with_detections(&mut document) {
                    found.extend(modifier::apply(rule, &dialect));
                    found.extend(regexes(rule));
                }
                found
            });
            match found {
                Ok(found) => diagnostics.extend(found),
                Err(error) => diagnostics.push(error),
            }
            id = head(document).id;
        }
        let id = id.map(|id| (id.value.into_owned(), id.span));
        LintedRule { diagnostics, id }
    });
    rules.collect()
}

/// The part of a document that has detections.
fn with_detections<'d, 's>(document: &'d mut Document<'s>) -> Option<&'d mut Rule<'s>> {
    match document {
        Document::Rule(rule) => Some(rule),
        Document::Filter(filter) => Some(&mut filter.rule),
        Document::Correlation(_) => None,
    }
}

/// The attributes of a document.
fn head(document: Document<'_>) -> Rule<'_> {
    match document {
        Document::Rule(rule) => *rule,
        Document::Filter(filter) => filter.rule,
        Document::Correlation(correlation) => correlation.head,
    }
}
