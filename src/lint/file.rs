//! A whole file's rules, each by itself.
//!
//! In: a text. Out: for each of its rules what there is to say, errors of the earlier stages
//! included.

use super::{Names, Subject, lint, regexes};
use crate::attack::Attack;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::rule::Document;
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
        if let Some(Document::Rule(mut rule)) = parsed.document {
            let found = guarded(parsed.span, || {
                let subject = Subject {
                    rule: &rule,
                    text,
                    attack,
                    names,
                };
                let mut found = lint(&subject);
                found.extend(modifier::apply(&mut rule, &dialect));
                found.extend(regexes(&rule));
                found
            });
            match found {
                Ok(found) => diagnostics.extend(found),
                Err(error) => diagnostics.push(error),
            }
            id = rule.id.map(|id| (id.value.into_owned(), id.span));
        }
        LintedRule { diagnostics, id }
    });
    rules.collect()
}
