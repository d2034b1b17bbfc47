//! The aggregation after a condition's pipe, deprecated.
//!
//! ```text
//! aggregation = function "(" [ field ] ")" [ "by" field ] operator number
//! function    = "count" | "min" | "max" | "avg" | "sum"
//! operator    = "<" | "<=" | ">" | ">=" | "=="
//! ```

use super::fault::ConditionProblem;
use super::grammar::{failure, keyword, word};
use super::{Grammar, GrammarResult, skip_space};
use crate::rule::condition::{AggregationFunction, AggregationOperator};
use crate::rule::{Aggregation, Text};
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::combinator::{opt, value};

impl<'t> Grammar<'t, '_> {
    /// What follows the `|`, to the end of the condition.
    pub(super) fn aggregation(&self, input: &'t str) -> GrammarResult<'t, Aggregation<'t>> {
        let start = skip_space(input);
        if start.starts_with('|') {
            return Err(failure(start, ConditionProblem::Operator));
        }
        let (rest, function) = function(start)?;
        let (rest, field) = self.argument(rest, function)?;
        let (rest, by) = opt(keyword("by")).parse(rest)?;
        let (rest, group_by) = match by {
            Some(_) => {
                let (rest, name) = self.field(skip_space(rest), "a field after `by`")?;
                (rest, Some(name))
            }
            None => (rest, None),
        };
        let (rest, operator) = operator(skip_space(rest))?;
        let at = skip_space(rest);
        let (rest, threshold) = word(at)
            .ok()
            .filter(|(_, number)| number.parse::<f64>().is_ok_and(f64::is_finite))
            .ok_or_else(|| failure(at, ConditionProblem::Aggregation("a number")))?;
        let end = skip_space(rest);
        if !end.is_empty() {
            return Err(failure(
                end,
                ConditionProblem::Aggregation("the end of the condition"),
            ));
        }
        let aggregation = Aggregation {
            span: self.span(start, rest),
            function,
            field,
            group_by,
            operator,
            threshold: self.text(at, threshold),
        };
        Ok((end, aggregation))
    }

    /// `(Field)` or, of `count`, `()`.
    fn argument(
        &self,
        input: &'t str,
        function: AggregationFunction,
    ) -> GrammarResult<'t, Option<Text<'t>>> {
        let rest = skip_space(input);
        let Some(rest) = rest.strip_prefix('(') else {
            return Err(failure(rest, ConditionProblem::Aggregation("`(`")));
        };
        let rest = skip_space(rest);
        let counts = function == AggregationFunction::Count;
        if counts && let Some(rest) = rest.strip_prefix(')') {
            return Ok((rest, None));
        }
        let expected = if counts { "a field or `)`" } else { "a field" };
        let (rest, field) = self.field(rest, expected)?;
        let rest = skip_space(rest);
        match rest.strip_prefix(')') {
            Some(rest) => Ok((rest, Some(field))),
            None => Err(failure(rest, ConditionProblem::Aggregation("`)`"))),
        }
    }

    /// A field's name; sigmac took `a,b` as one.
    fn field(&self, input: &'t str, what: &'static str) -> GrammarResult<'t, Text<'t>> {
        let (rest, name) = take_while1(|c: char| c.is_alphanumeric() || "_-.,+*@".contains(c))
            .parse(input)
            .map_err(|_: nom::Err<()>| failure(input, ConditionProblem::Aggregation(what)))?;
        Ok((rest, self.text(input, name)))
    }
}

fn function(input: &str) -> GrammarResult<'_, AggregationFunction> {
    let name = word(input).map_or("", |(_, name)| name);
    let function = match name.to_ascii_lowercase().as_str() {
        "count" => AggregationFunction::Count,
        "min" => AggregationFunction::Min,
        "max" => AggregationFunction::Max,
        "avg" => AggregationFunction::Avg,
        "sum" => AggregationFunction::Sum,
        "near" => return Err(failure(input, ConditionProblem::Near)),
        _ => {
            let expected = "`count`, `min`, `max`, `avg` or `sum`";
            return Err(failure(input, ConditionProblem::Aggregation(expected)));
        }
    };
    Ok((&input[name.len()..], function))
}

fn operator(input: &str) -> GrammarResult<'_, AggregationOperator> {
    alt((
        value(AggregationOperator::Lte, tag("<=")),
        value(AggregationOperator::Lt, tag("<")),
        value(AggregationOperator::Gte, tag(">=")),
        value(AggregationOperator::Gt, tag(">")),
        value(AggregationOperator::Eq, tag("==")),
    ))
    .parse(input)
    .map_err(|_: nom::Err<()>| {
        let expected = "`by` or one of `<`, `<=`, `>`, `>=`, `==`";
        failure(input, ConditionProblem::Aggregation(expected))
    })
}
