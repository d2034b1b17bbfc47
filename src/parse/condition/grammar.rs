//! The condition grammar of the specification.
//!
//! ```text
//! condition  = or [ "|" aggregation ]
//! or         = and { "or" and }
//! and        = not { "and" not }
//! not        = "not" not | operand
//! operand    = "(" or ")" | selector | identifier
//! selector   = ( "1" | "any" | "all" ) "of" ( "them" | pattern )
//! ```
//!
//! Over rules, in a correlation, an identifier is the name or id of a rule, and there are no
//! selectors and aggregations.
//!
//! Operators are whole words in any letter case. Nothing is read twice: once a word has decided
//! what follows, a fault ends the parse, so that it is reported where it is.

use super::fault::{ConditionFault, ConditionProblem};
use super::{Grammar, GrammarResult, Parts, Words, chain, skip_space};
use crate::rule::{ConditionExpr, Quantifier, Selector};
use crate::source::Spanned;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::take_while1;
use nom::character::complete::{char, multispace0};
use nom::combinator::{cut, opt, verify};
use nom::sequence::preceded;
use std::borrow::Cow;

impl<'t> Grammar<'t, '_> {
    /// The whole condition.
    pub(crate) fn condition(&self) -> Result<Parts<'t>, ConditionFault<'t>> {
        let (rest, expr) = self.expression()?;
        let Some(rest) = rest.strip_prefix('|') else {
            return Ok((expr, None));
        };
        let (_, aggregation) = self.aggregation(rest).map_err(fault)?;
        Ok((expr, Some(aggregation)))
    }

    /// The whole condition over rules.
    pub(crate) fn rule_expression(&self) -> Result<ConditionExpr<'t>, ConditionFault<'t>> {
        match self.expression()? {
            ("", expr) => Ok(expr),
            (pipe, _) => Err(ConditionFault::new(pipe, ConditionProblem::Operator)),
        }
    }

    /// The expression, and the rest from the pipe on if there is one.
    pub(crate) fn expression(&self) -> Result<(&'t str, ConditionExpr<'t>), ConditionFault<'t>> {
        let (rest, expr) = self.or(0, self.text).map_err(fault)?;
        let rest = skip_space(rest);
        match rest.chars().next() {
            None | Some('|') => Ok((rest, expr)),
            Some(')') => Err(ConditionFault::new(rest, ConditionProblem::Unopened)),
            Some(_) => Err(ConditionFault::new(rest, ConditionProblem::Operator)),
        }
    }

    fn or(&self, depth: usize, input: &'t str) -> GrammarResult<'t, ConditionExpr<'t>> {
        let operand = |input| cut(|input| self.and(depth, input)).parse(input);
        chain(self.whole_word("or"), operand, ConditionExpr::Or, input)
    }

    fn and(&self, depth: usize, input: &'t str) -> GrammarResult<'t, ConditionExpr<'t>> {
        let operand = |input| cut(|input| self.not(depth, input)).parse(input);
        chain(self.whole_word("and"), operand, ConditionExpr::And, input)
    }

    fn not(&self, depth: usize, input: &'t str) -> GrammarResult<'t, ConditionExpr<'t>> {
        let input = skip_space(input);
        let (rest, Some(not)) = opt(self.whole_word("not")).parse(input)? else {
            return self.operand(depth, input);
        };
        let (rest, operand) = self.not(Self::deeper(depth, input)?, rest)?;
        let span = self.piece(input, not);
        Ok((rest, ConditionExpr::Not(span, Box::new(operand))))
    }

    fn operand(&self, depth: usize, input: &'t str) -> GrammarResult<'t, ConditionExpr<'t>> {
        alt((
            |input| self.group(depth, input),
            |input| self.selector(input),
            |input| self.identifier(input),
        ))
        .parse(input)
    }

    fn group(&self, depth: usize, input: &'t str) -> GrammarResult<'t, ConditionExpr<'t>> {
        let (rest, _) = char('(').parse(input)?;
        let (rest, inner) = self.or(Self::deeper(depth, input)?, rest)?;
        let rest = skip_space(rest);
        match rest.chars().next() {
            Some(')') => Ok((&rest[1..], ConditionExpr::Group(Box::new(inner)))),
            None | Some('|') => Err(failure(input, ConditionProblem::Unclosed)),
            Some(_) => Err(failure(rest, ConditionProblem::Operator)),
        }
    }

    fn selector(&self, input: &'t str) -> GrammarResult<'t, ConditionExpr<'t>> {
        let (rest, quantifier) = self.word(input)?;
        let (rest, _) = self.whole_word("of").parse(rest)?;
        if self.words == Words::Rules {
            return Err(failure(input, ConditionProblem::RuleSelector));
        }
        let quantifier = match quantifier {
            "1" => Quantifier::One,
            _ if quantifier.eq_ignore_ascii_case("any") => Quantifier::Any,
            _ if quantifier.eq_ignore_ascii_case("all") => Quantifier::All,
            _ if quantifier.bytes().all(|byte| byte.is_ascii_digit()) => {
                return Err(failure(input, ConditionProblem::Count));
            }
            _ => {
                return Err(failure(
                    rest_at(input, quantifier),
                    ConditionProblem::Operator,
                ));
            }
        };
        let rest = skip_space(rest);
        let Ok((after, pattern)) = word(rest) else {
            return Err(failure(rest, ConditionProblem::SelectorPattern));
        };
        if is_operator(pattern) {
            return Err(failure(rest, ConditionProblem::SelectorPattern));
        }
        let mut pattern = self.text(rest, pattern);
        if pattern.eq_ignore_ascii_case("them") {
            pattern = Spanned::new(Cow::Borrowed("them"), pattern.span);
        }
        Ok((
            after,
            ConditionExpr::Selector(Selector {
                quantifier,
                pattern,
                span: self.span(input, after),
            }),
        ))
    }

    fn identifier(&self, input: &'t str) -> GrammarResult<'t, ConditionExpr<'t>> {
        let (rest, name) = self.word(input)?;
        if is_operator(name) {
            return Err(failure(input, ConditionProblem::Operand));
        }
        if name.contains('*') && self.words == Words::Detections {
            return Err(failure(input, ConditionProblem::BareWildcard));
        }
        Ok((rest, ConditionExpr::Identifier(self.text(input, name))))
    }
}

impl<'t> Grammar<'t, '_> {
    fn word(&self, input: &'t str) -> GrammarResult<'t, &'t str> {
        match self.words {
            Words::Detections => word(input),
            Words::Rules => {
                take_while1(|c: char| !(c.is_whitespace() || matches!(c, '(' | ')' | '|')))
                    .parse(input)
            }
        }
    }

    /// A whole word in any letter case, with the white space before it.
    fn whole_word(
        &self,
        name: &'static str,
    ) -> impl Parser<&'t str, Output = &'t str, Error = ConditionFault<'t>> {
        preceded(
            multispace0,
            verify(
                |input| self.word(input),
                move |word: &str| word.eq_ignore_ascii_case(name),
            ),
        )
    }
}

/// Letters, digits, `_`, `-`, `.` and the pattern's `*`.
pub(super) fn word(input: &str) -> GrammarResult<'_, &str> {
    take_while1(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '*')).parse(input)
}

/// A whole word in any letter case, with the white space before it.
pub(super) fn keyword<'t>(
    name: &'static str,
) -> impl Parser<&'t str, Output = &'t str, Error = ConditionFault<'t>> {
    preceded(
        multispace0,
        verify(word, move |word: &str| word.eq_ignore_ascii_case(name)),
    )
}

fn is_operator(word: &str) -> bool {
    ["and", "or", "not"]
        .iter()
        .any(|operator| word.eq_ignore_ascii_case(operator))
}

/// The text after a piece at its beginning.
fn rest_at<'t>(input: &'t str, piece: &str) -> &'t str {
    &input[piece.len()..]
}

pub(crate) fn failure(rest: &str, reason: ConditionProblem) -> nom::Err<ConditionFault<'_>> {
    nom::Err::Failure(ConditionFault::new(rest, reason))
}

pub(crate) fn fault(error: nom::Err<ConditionFault<'_>>) -> ConditionFault<'_> {
    match error {
        nom::Err::Error(fault) | nom::Err::Failure(fault) => fault,
        // Complete parsers never ask for more; if one did, the text ended too early.
        nom::Err::Incomplete(_) => ConditionFault::new("", ConditionProblem::Operand),
    }
}
