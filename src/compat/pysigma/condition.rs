//! The condition grammar as pySigma 1.5 reads it.
//!
//! The same shape as the specification's grammar, but it is pyparsing's: `not`, `and` and `or` are literals,
//! not words (`notsel` is `not sel`, `a andb` is `a and b`); operators are lower-case; names
//! are of `A-Z a-z 0-9 _ -`, patterns of `A-Z a-z 0-9 _ *`; an operator without an
//! operand is given back and then refused as trailing text. A pipe anywhere is refused.

use crate::diagnostic::{Code, Diagnostic};
use crate::parse::condition::grammar::{failure, fault};
use crate::parse::condition::{
    ConditionFault, ConditionProblem, Grammar, GrammarResult, chain, skip_space,
};
use crate::rule::{ConditionExpr, Quantifier, Selector};
use crate::source::Span;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{char, multispace0};
use nom::combinator::value;
use nom::sequence::preceded;

/// Reads a condition.
pub(super) fn read<'t>(grammar: &Grammar<'t, '_>) -> Result<ConditionExpr<'t>, Diagnostic> {
    grammar.pysigma_condition().map_err(|fault| {
        // pyparsing takes `and` for a name where none is, and gives up later. What is wrong by the
        // specification as well is explained by its grammar.
        let explained = match fault.reason {
            ConditionProblem::UpperCase => None,
            ConditionProblem::Pipe if !skip_space(fault.rest).starts_with("||") => None,
            _ => match grammar.expression() {
                Err(explained) => Some(explained),
                Ok(("", _)) => None,
                Ok((pipe, _)) => Some(ConditionFault::new(pipe, ConditionProblem::Pipe)),
            },
        };
        explained.unwrap_or(fault).diagnostic(grammar)
    })
}

/// Warns of names that begin with `not`, which the grammar reads as the operator: it needs
/// no blank after it.
pub(super) fn split_names(expr: &ConditionExpr<'_>, diagnostics: &mut Vec<Diagnostic>) {
    match expr {
        ConditionExpr::Or(operands) | ConditionExpr::And(operands) => {
            for operand in operands {
                split_names(operand, diagnostics);
            }
        }
        ConditionExpr::Not(not, operand) => {
            if let ConditionExpr::Identifier(name) = &**operand
                && not.end == name.span.start
            {
                let message = format!("the reference reads `not{0}` as `not {0}`", name.value);
                let warning = Diagnostic::warning(Code::ReferenceFault, message);
                diagnostics.push(warning.at(Span {
                    end: name.span.end,
                    ..*not
                }));
            }
            split_names(operand, diagnostics);
        }
        ConditionExpr::Group(operand) => split_names(operand, diagnostics),
        ConditionExpr::Identifier(_) | ConditionExpr::Selector(_) => {}
    }
}

impl<'t> Grammar<'t, '_> {
    /// The whole condition.
    fn pysigma_condition(&self) -> Result<ConditionExpr<'t>, ConditionFault<'t>> {
        if let Some(pipe) = self.text.find('|') {
            return Err(ConditionFault::new(
                &self.text[pipe..],
                ConditionProblem::Pipe,
            ));
        }
        let (rest, expr) = self
            .any(0, self.text)
            .map_err(|error| self.cause(fault(error)))?;
        match skip_space(rest) {
            "" => Ok(expr),
            rest if rest.starts_with(')') => {
                Err(ConditionFault::new(rest, ConditionProblem::Unopened))
            }
            rest => Err(self.cause(ConditionFault::new(rest, ConditionProblem::Operator))),
        }
    }

    /// The cause of a fault: an operator in upper case, which this grammar takes for a name, or the
    /// text after the operator that was given back.
    fn cause(&self, fault: ConditionFault<'t>) -> ConditionFault<'t> {
        if !matches!(
            fault.reason,
            ConditionProblem::Operator | ConditionProblem::Operand
        ) {
            return fault;
        }
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '*');
        let mut rest = self.text;
        while let Some(start) = rest.find(is_word) {
            rest = &rest[start..];
            let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            let word = &rest[..end];
            let lower = word.to_ascii_lowercase();
            if matches!(lower.as_str(), "and" | "or" | "not") && lower != word {
                return ConditionFault::new(rest, ConditionProblem::UpperCase);
            }
            rest = &rest[end..];
        }
        let given_back = skip_space(fault.rest);
        for operator in ["and", "or"] {
            let Some(behind) = given_back.strip_prefix(operator) else {
                continue;
            };
            if let Err(nom::Err::Error(inner) | nom::Err::Failure(inner)) = self.negation(0, behind)
            {
                return ConditionFault::new(inner.rest, ConditionProblem::Operand);
            }
        }
        fault
    }

    fn any(&self, depth: usize, input: &'t str) -> GrammarResult<'t, ConditionExpr<'t>> {
        let operand = |input| self.all(depth, input);
        chain(literal("or"), operand, ConditionExpr::Or, input)
    }

    fn all(&self, depth: usize, input: &'t str) -> GrammarResult<'t, ConditionExpr<'t>> {
        let operand = |input| self.negation(depth, input);
        chain(literal("and"), operand, ConditionExpr::And, input)
    }

    fn negation(&self, depth: usize, input: &'t str) -> GrammarResult<'t, ConditionExpr<'t>> {
        let input = skip_space(input);
        if let Some(rest) = input.strip_prefix("not") {
            let (rest, operand) = self.negation(Self::deeper(depth, input)?, rest)?;
            let span = self.piece(input, "not");
            return Ok((rest, ConditionExpr::Not(span, Box::new(operand))));
        }
        alt((
            |input| self.pysigma_selector(input),
            |input| self.name(input),
            |input| self.parenthesis(depth, input),
        ))
        .parse(input)
    }

    fn parenthesis(&self, depth: usize, input: &'t str) -> GrammarResult<'t, ConditionExpr<'t>> {
        let (rest, _) = char('(').parse(input)?;
        let (rest, inner) = self.any(Self::deeper(depth, input)?, rest)?;
        let (rest, _) = preceded(multispace0, char(')')).parse(rest)?;
        Ok((rest, ConditionExpr::Group(Box::new(inner))))
    }

    fn pysigma_selector(&self, input: &'t str) -> GrammarResult<'t, ConditionExpr<'t>> {
        let (rest, quantifier) = alt((
            value(Quantifier::One, |input| self.keyword("1", input)),
            value(Quantifier::Any, |input| self.keyword("any", input)),
            value(Quantifier::All, |input| self.keyword("all", input)),
        ))
        .parse(input)?;
        let (rest, ()) = self.keyword("of", skip_space(rest))?;
        let rest = skip_space(rest);
        let (after, pattern) =
            take_while1(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '*'))
                .parse(rest)?;
        Ok((
            after,
            ConditionExpr::Selector(Selector {
                quantifier,
                pattern: self.text(rest, pattern),
                span: self.span(input, after),
            }),
        ))
    }

    fn name(&self, input: &'t str) -> GrammarResult<'t, ConditionExpr<'t>> {
        let (rest, name) =
            take_while1(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
                .parse(input)?;
        Ok((rest, ConditionExpr::Identifier(self.text(input, name))))
    }

    /// pyparsing's `Keyword`: not beside a letter, a digit, `_` or `$`.
    fn keyword(&self, name: &'static str, input: &'t str) -> GrammarResult<'t, ()> {
        let beside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$');
        let before = self.text[..self.offset(input)].chars().next_back();
        match input.strip_prefix(name) {
            Some(rest) if !rest.starts_with(beside) && !before.is_some_and(beside) => {
                Ok((rest, ()))
            }
            _ => match failure(input, ConditionProblem::Operand) {
                nom::Err::Failure(fault) => Err(nom::Err::Error(fault)),
                error => Err(error),
            },
        }
    }
}

/// The text itself, with the white space before it.
fn literal<'t>(
    text: &'static str,
) -> impl Parser<&'t str, Output = &'t str, Error = ConditionFault<'t>> {
    preceded(multispace0, tag(text))
}
