//! Conditions whose text is not verbatim in the source (folded, escaped).
//!
//! In: an expression that borrows from such a text. Out: the same with its names owned.

use crate::rule::{Aggregation, ConditionExpr, Selector, Text};
use std::borrow::Cow;

pub(in crate::parse) fn expr<'s>(expr: ConditionExpr<'_>) -> ConditionExpr<'s> {
    let all = |operands: Vec<ConditionExpr<'_>>| operands.into_iter().map(self::expr).collect();
    match expr {
        ConditionExpr::Or(operands) => ConditionExpr::Or(all(operands)),
        ConditionExpr::And(operands) => ConditionExpr::And(all(operands)),
        ConditionExpr::Not(span, operand) => {
            ConditionExpr::Not(span, Box::new(self::expr(*operand)))
        }
        ConditionExpr::Group(operand) => ConditionExpr::Group(Box::new(self::expr(*operand))),
        ConditionExpr::Identifier(name) => ConditionExpr::Identifier(text(name)),
        ConditionExpr::Selector(selector) => ConditionExpr::Selector(Selector {
            quantifier: selector.quantifier,
            pattern: text(selector.pattern),
            span: selector.span,
        }),
    }
}

pub(super) fn aggregation<'s>(aggregation: Aggregation<'_>) -> Aggregation<'s> {
    Aggregation {
        span: aggregation.span,
        function: aggregation.function,
        field: aggregation.field.map(text),
        group_by: aggregation.group_by.map(text),
        operator: aggregation.operator,
        threshold: text(aggregation.threshold),
    }
}

fn text<'s>(text: Text<'_>) -> Text<'s> {
    text.map(|text| Cow::Owned(text.into_owned()))
}
