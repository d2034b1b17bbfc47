//! The stages that targets of one dialect share: a file's rules are read and their modifiers
//! applied.
//!
//! In: a rule file's text. Out: [`Prepared`] rules, which [`Transpiler::convert_prepared`] takes;
//! where a file goes to several targets, they are cloned and the text is read once.
//!
//! [`Transpiler::convert_prepared`]: super::Transpiler::convert_prepared

use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::{Dialect, Profile};
use crate::rule::{Document, Rule};
use crate::source::Span;
use crate::{lower, modifier, parse};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A rule whose modifiers were applied, or why it can't be one.
pub type Prepared<'s> = parse::Parsed<'s>;

/// Reads a file's rules and applies their modifiers. There is always at least one.
///
/// # Errors
/// `VS0003`: the program failed on the text.
pub fn prepare<'s>(text: &'s str, dialect: &Dialect) -> Result<Vec<Prepared<'s>>, Diagnostic> {
    let parsed = guarded(Span::default(), || parse::parse(text, dialect))?;
    Ok(prepare_parsed(parsed, dialect))
}

/// Applies the modifiers of rules that were read with this dialect.
#[must_use]
pub fn prepare_parsed<'s>(mut rules: Vec<Prepared<'s>>, dialect: &Dialect) -> Vec<Prepared<'s>> {
    let budget = modifier::ModifierBudget::default();
    for prepared in &mut rules {
        // A rule that was read has no errors.
        let rule = match &mut prepared.document {
            Some(Document::Rule(rule)) => rule,
            // What a filter brings to rules.
            Some(Document::Filter(filter)) => &mut filter.rule,
            _ => continue,
        };
        let said = guarded(prepared.span, || {
            let mut said = modifier::apply_in(rule, dialect.modifier, &budget);
            if !said.iter().any(Diagnostic::is_error) {
                said.extend(lower::check(rule, dialect).err());
            }
            said
        });
        let said = said.unwrap_or_else(|error| vec![error]);
        prepared.diagnostics.extend(said);
    }
    rules
}

/// A file's rules for several targets, read once in each profile that is asked for.
#[derive(Debug)]
pub struct Readings<'s> {
    text: &'s str,
    known: Vec<(Profile, Result<Vec<Prepared<'s>>, Diagnostic>)>,
}

impl<'s> Readings<'s> {
    /// Those of a file's text.
    #[must_use]
    pub const fn new(text: &'s str) -> Self {
        Self {
            text,
            known: Vec::new(),
        }
    }

    /// Adds the rules as they were read in a dialect.
    #[must_use]
    pub fn with(mut self, dialect: &Dialect, rules: Vec<Prepared<'s>>) -> Self {
        self.known.push((dialect.profile, Ok(rules)));
        self
    }

    /// The rules as a dialect reads them.
    ///
    /// # Errors
    /// `VS0003`: the program failed on the text.
    pub fn get(&mut self, dialect: &Dialect) -> Result<&[Prepared<'s>], Diagnostic> {
        let known = self
            .known
            .iter()
            .position(|(known, _)| *known == dialect.profile);
        let at = known.unwrap_or_else(|| {
            let rules = prepare(self.text, dialect);
            self.known.push((dialect.profile, rules));
            self.known.len() - 1
        });
        self.known[at].1.as_deref().map_err(Clone::clone)
    }

    /// One of the rules, if it is sound.
    pub fn rule(&mut self, number: usize, dialect: &Dialect) -> Option<&Rule<'s>> {
        let prepared = self.get(dialect).ok()?.get(number)?;
        let is_sound = !prepared.diagnostics.iter().any(Diagnostic::is_error);
        prepared.rule().filter(|_| is_sound)
    }
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
