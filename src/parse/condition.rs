//! Conditions: text to [`Condition`].
//!
//! In: a condition's text (`selection and not 1 of filter_*`) and the rule's detections. Out: its
//! expression with spans, or a located error. The grammar is a nom parser; [`Rules`] may have
//! another, made of the same [`Grammar`].

mod aggregation;
mod fault;
pub(crate) mod grammar;
mod migrate;
mod near;
pub(super) mod owned;
mod resolve;

pub use fault::{ConditionFault, ConditionProblem};
pub use migrate::correlation_rule;
pub use near::temporal_rules;
pub use resolve::resolve;

use super::Rules;
use super::place::Place;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{Aggregation, Condition, ConditionExpr, Text};
use crate::source::{Span, Spanned};
use nom::character::complete::multispace0;
use nom::{IResult, Parser};
use std::borrow::Cow;

/// What a rule of the grammar gives: the rest and a result, or where it went wrong.
pub type GrammarResult<'t, T> = IResult<&'t str, T, ConditionFault<'t>>;

/// The longest condition in bytes. The longest known is a hundredth of it.
const LONGEST: usize = 64 * 1024;

/// The deepest nesting of parentheses and `not`.
const DEEPEST: usize = 100;

/// Reads one condition. `place` maps its text into the source; warnings go to `diagnostics`.
///
/// # Errors
/// One diagnostic (`VS05…`) for the first thing that can't be read.
pub fn condition<'s>(
    text: Text<'s>,
    place: &Place,
    rules: &dyn Rules,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Condition<'s>, Diagnostic> {
    checked_length(&text)?;
    let (expr, aggregation) = match &text.value {
        Cow::Borrowed(text) => {
            rules.condition(&Grammar::over_detections(text, place), diagnostics)?
        }
        Cow::Owned(text) => {
            let parts = rules.condition(&Grammar::over_detections(text, place), diagnostics)?;
            (owned::expr(parts.0), parts.1.map(owned::aggregation))
        }
    };
    Ok(Condition {
        text,
        expr,
        aggregation,
    })
}

/// An error for a condition that is too long to be read.
pub(super) fn checked_length(text: &Text<'_>) -> Result<(), Diagnostic> {
    if text.value.len() <= LONGEST {
        return Ok(());
    }
    Err(Diagnostic::error(
        Code::ConditionTooLarge,
        format!(
            "expected a condition of at most {LONGEST} bytes, found {}",
            text.value.len()
        ),
    )
    .at(text.span)
    .help("move the alternatives into lists under `detection`"))
}

/// A condition's expression and the aggregation after it.
pub type Parts<'t> = (ConditionExpr<'t>, Option<Aggregation<'t>>);

/// What the names in a condition are names of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Detections of the rule: letters, digits, `_`, `-`, `.` and the patterns' `*`.
    Detections,
    /// Other rules, by name or id: anything but white space, parentheses and `|`.
    Rules,
}

/// A condition's text and place, which the rules of a grammar need.
#[derive(Debug)]
pub struct Grammar<'t, 'p> {
    pub(crate) text: &'t str,
    place: &'p Place,
    words: Words,
}

impl<'t, 'p> Grammar<'t, 'p> {
    const fn over_detections(text: &'t str, place: &'p Place) -> Self {
        let words = Words::Detections;
        Self { text, place, words }
    }

    pub(super) const fn over_rules(text: &'t str, place: &'p Place) -> Self {
        let words = Words::Rules;
        Self { text, place, words }
    }
}

impl<'t> Grammar<'t, '_> {
    /// How far the rest of the text is from its beginning.
    pub(crate) fn offset(&self, rest: &str) -> usize {
        self.text.len() - rest.len()
    }

    /// The text in front of its rest.
    pub(crate) fn before(&self, rest: &str) -> &'t str {
        &self.text[..self.offset(rest)]
    }

    /// The span from one rest of the text to a later one.
    pub(crate) fn span(&self, from: &str, to: &str) -> Span {
        self.place.at(self.offset(from)..self.offset(to))
    }

    /// The span of a piece that is at the beginning of `rest`.
    pub(crate) fn piece(&self, rest: &str, piece: &str) -> Span {
        let start = self.offset(rest);
        self.place.at(start..start + piece.len())
    }

    pub(crate) fn text(&self, rest: &str, piece: &'t str) -> Text<'t> {
        Spanned::new(Cow::Borrowed(piece), self.piece(rest, piece))
    }

    /// One level of parentheses or `not` further down.
    pub(crate) fn deeper(depth: usize, at: &'t str) -> Result<usize, nom::Err<ConditionFault<'t>>> {
        if depth == DEEPEST {
            return Err(nom::Err::Failure(ConditionFault::new(
                at,
                ConditionProblem::TooDeep,
            )));
        }
        Ok(depth + 1)
    }
}

/// The rest of the text after white space.
pub(crate) fn skip_space<'t>(input: &'t str) -> &'t str {
    multispace0::<&'t str, ConditionFault<'t>>(input).map_or(input, |(rest, _)| rest)
}

/// Operands with an operator between each two. It is nom's `separated_list1`, but that one operand
/// alone, as most conditions and groups are, makes no list.
pub(crate) fn chain<'t>(
    mut operator: impl Parser<&'t str, Output = &'t str, Error = ConditionFault<'t>>,
    operand: impl Fn(&'t str) -> GrammarResult<'t, ConditionExpr<'t>>,
    join: fn(Vec<ConditionExpr<'t>>) -> ConditionExpr<'t>,
    input: &'t str,
) -> GrammarResult<'t, ConditionExpr<'t>> {
    let (mut rest, first) = operand(input)?;
    let mut others = Vec::new();
    loop {
        let another = operator.parse(rest).and_then(|(rest, _)| operand(rest));
        match another {
            Ok((after, other)) => {
                others.push(other);
                rest = after;
            }
            Err(nom::Err::Error(_)) => break,
            Err(error) => return Err(error),
        }
    }
    if others.is_empty() {
        return Ok((rest, first));
    }
    others.insert(0, first);
    Ok((rest, join(others)))
}

#[cfg(test)]
#[cfg(feature = "compat")]
mod tests;
