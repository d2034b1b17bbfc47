//! Conditions: text to [`Condition`].
//!
//! In: a condition's text (`selection and not 1 of filter_*`) and the rule's detections. Out: its
//! expression with spans, or a located error. Two grammars: the specification's (`native`) and
//! what pySigma makes of it (`pysigma`); both are nom parsers over one `Grammar`.

mod aggregation;
mod fault;
mod migrate;
mod native;
mod owned;
mod pysigma;
mod resolve;

pub use migrate::correlation_rule;
pub use resolve::resolve;

use super::place::Place;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::rule::{Condition, ConditionExpr, Text};
use crate::source::{Span, Spanned};
use fault::{Fault, Reason};
use nom::character::complete::multispace0;
use nom::{IResult, Parser};
use std::borrow::Cow;

/// The result of a rule of the grammar: the rest and a value, or the place of a fault.
type Parsed<'t, T> = IResult<&'t str, T, Fault<'t>>;

/// The longest condition in bytes. The longest known is a hundredth of it.
const LONGEST: usize = 64 * 1024;

/// The deepest nesting of parentheses and `not`.
const DEEPEST: usize = 100;

/// Reads one condition. `place` maps its text into the source.
///
/// # Errors
/// One diagnostic (`VS05…`) for the first thing that can't be read.
pub fn condition<'s>(
    text: Text<'s>,
    place: &Place,
    dialect: &Dialect,
) -> Result<Condition<'s>, Diagnostic> {
    if text.value.len() > LONGEST {
        return Err(Diagnostic::error(
            Code::ConditionTooLarge,
            format!(
                "expected a condition of at most {LONGEST} bytes, found {}",
                text.value.len()
            ),
        )
        .at(text.span)
        .help("move the alternatives into lists under `detection`"));
    }
    match &text.value {
        Cow::Borrowed(borrowed) => {
            let (expr, aggregation) = parts(borrowed, place, dialect)?;
            Ok(Condition {
                text,
                expr,
                aggregation,
            })
        }
        Cow::Owned(owned) => {
            let (expr, aggregation) = parts(owned, place, dialect)?;
            let (expr, aggregation) = (owned::expr(expr), aggregation.map(owned::aggregation));
            Ok(Condition {
                text,
                expr,
                aggregation,
            })
        }
    }
}

type Parts<'t> = (ConditionExpr<'t>, Option<crate::rule::Aggregation<'t>>);

fn parts<'t>(text: &'t str, place: &Place, dialect: &Dialect) -> Result<Parts<'t>, Diagnostic> {
    let grammar = Grammar { text, place };
    if !dialect.pysigma_conditions {
        let result = grammar.native_condition(dialect);
        return result.map_err(|fault| fault.diagnostic(&grammar));
    }
    let result = grammar.pysigma_condition().map(|expr| (expr, None));
    result.map_err(|fault| {
        // The reference's grammar takes a misplaced `and` for a name and fails later: the native
        // grammar explains what is wrong in both.
        let natively = match fault.reason {
            Reason::UpperCase => None,
            Reason::Pipe if !skip_space(fault.rest).starts_with("||") => None,
            _ => grammar.native_condition(dialect).err(),
        };
        natively.unwrap_or(fault).diagnostic(&grammar)
    })
}

/// A condition's text and place, which the rules of both grammars need.
struct Grammar<'t, 'p> {
    text: &'t str,
    place: &'p Place,
}

impl<'t> Grammar<'t, '_> {
    /// How far the rest of the text is from its beginning.
    fn offset(&self, rest: &str) -> usize {
        self.text.len() - rest.len()
    }

    /// The text in front of its rest.
    fn before(&self, rest: &str) -> &'t str {
        &self.text[..self.offset(rest)]
    }

    /// The span from one rest of the text to a later one.
    fn span(&self, from: &str, to: &str) -> Span {
        self.place.at(self.offset(from)..self.offset(to))
    }

    /// The span of a piece that is at the beginning of `rest`.
    fn piece(&self, rest: &str, piece: &str) -> Span {
        let start = self.offset(rest);
        self.place.at(start..start + piece.len())
    }

    fn text(&self, rest: &str, piece: &'t str) -> Text<'t> {
        Spanned::new(Cow::Borrowed(piece), self.piece(rest, piece))
    }

    /// One level of parentheses or `not` further down.
    fn deeper(depth: usize, at: &'t str) -> Result<usize, nom::Err<Fault<'t>>> {
        if depth == DEEPEST {
            return Err(nom::Err::Failure(Fault::new(at, Reason::TooDeep)));
        }
        Ok(depth + 1)
    }
}

/// The rest of the text after white space.
fn skip_space<'t>(input: &'t str) -> &'t str {
    multispace0::<&'t str, Fault<'t>>(input).map_or(input, |(rest, _)| rest)
}

/// Operands with an operator between each two: nom's `separated_list1`, but without a list for a
/// single operand, which is the usual case.
fn chain<'t>(
    mut operator: impl Parser<&'t str, Output = &'t str, Error = Fault<'t>>,
    operand: impl Fn(&'t str) -> Parsed<'t, ConditionExpr<'t>>,
    join: fn(Vec<ConditionExpr<'t>>) -> ConditionExpr<'t>,
    input: &'t str,
) -> Parsed<'t, ConditionExpr<'t>> {
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
mod tests;
