//! The part of the way that targets of one dialect share: a file's rules, read, their modifiers
//! applied.
//!
//! In: a rule file's text. Out: [`Prepared`] rules, which [`Transpiler::convert_prepared`] takes;
//! where a file goes to several targets, they are cloned and the text is read once.
//!
//! [`Transpiler::convert_prepared`]: super::Transpiler::convert_prepared

use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::rule::Document;
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
    let mut rules = guarded(Span::default(), || parse::parse(text, dialect))?;
    let budget = modifier::ModifierBudget::default();
    for prepared in &mut rules {
        // A rule that was read has no errors.
        let Some(Document::Rule(rule)) = &mut prepared.document else {
            continue;
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
    Ok(rules)
}

/// Runs one rule's work. A panic is a fault of the program, and must not take other rules along.
pub(crate) fn guarded<T>(span: Span, work: impl FnOnce() -> T) -> Result<T, Diagnostic> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let reason = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("no reason given");
        Diagnostic::error(Code::Internal, format!("varsigma failed: {reason}"))
            .at(span)
            .help("this is a fault of varsigma, not of the rule: please report it with the rule")
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
