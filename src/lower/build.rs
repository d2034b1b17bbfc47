//! From conditions and detections to expressions.
//!
//! `1 of sel_*` over the detections `sel_a: {A: 1}` and `sel_b: {B: [2, 3]}` becomes
//! `Or(Selector)[Detection[And(Map)[A=1]], Detection[And(Map)[Or(Values)[B=2, B=3]]]]`.

use super::{Expr, Keyword, Operator, Origin, Rules, Test};
use crate::rule::{
    Condition, ConditionExpr, Detection, DetectionNode, Detections, Item, Link, Quantifier, Rule,
    Selector, Value,
};
use crate::source::{Span, Spanned};

/// A condition and its expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Lowered<'r> {
    /// The condition, for its text and its aggregation.
    pub condition: &'r Condition<'r>,
    /// What it means.
    pub expr: Expr<'r>,
}

/// Lowers every condition of a rule, in order.
///
/// The rule was checked by `parse`: its conditions name detections that exist. What a profile
/// drops (a selector that matches nothing) becomes a group without operands.
#[must_use]
pub fn lower<'r>(rule: &'r Rule<'r>, rules: &(impl AsRef<dyn Rules> + ?Sized)) -> Vec<Lowered<'r>> {
    let rules = rules.as_ref();
    let builder = Builder {
        detections: &rule.detection,
        rules,
    };
    let conditions = rule.detection.conditions.iter();
    conditions
        .map(|condition| Lowered {
            condition,
            expr: rules.finish(builder.condition(&condition.expr)),
        })
        .collect()
}

struct Builder<'r, 'd> {
    detections: &'r Detections<'r>,
    rules: &'d dyn Rules,
}

impl<'r> Builder<'r, '_> {
    fn condition(&self, expr: &'r ConditionExpr<'r>) -> Expr<'r> {
        match expr {
            ConditionExpr::Or(operands) => self.join(Operator::Or, operands),
            ConditionExpr::And(operands) => self.join(Operator::And, operands),
            ConditionExpr::Not(_, operand) => Expr::Not(Box::new(self.condition(operand))),
            ConditionExpr::Group(operand) => Expr::group(
                Operator::And,
                Origin::Parentheses,
                vec![self.condition(operand)],
            ),
            ConditionExpr::Identifier(name) => self
                .detections
                .get(name)
                .map_or_else(nothing, |detection| reference(lower_detection(detection))),
            ConditionExpr::Selector(selector) => self.rules.selector(selector, self.detections),
        }
    }

    fn join(&self, operator: Operator, operands: &'r [ConditionExpr<'r>]) -> Expr<'r> {
        let operands = operands.iter().map(|operand| self.condition(operand));
        self.rules.join(operator, operands.collect())
    }
}

/// Whether all or one of a selector's detections are asked for.
pub(crate) const fn operator(selector: &Selector<'_>) -> Operator {
    match selector.quantifier {
        Quantifier::One | Quantifier::Any => Operator::Or,
        Quantifier::All => Operator::And,
    }
}

/// The detections that a selector ranges over.
pub(crate) fn selector<'r>(selector: &'r Selector<'r>, detections: &'r Detections<'r>) -> Expr<'r> {
    let selected = detections.selected(selector);
    let operands = selected.map(|(_, detection)| reference(lower_detection(detection)));
    Expr::group(operator(selector), Origin::Selector, operands.collect())
}

pub(crate) fn lower_detection<'r>(detection: &'r Detection<'r>) -> Expr<'r> {
    let (operator, origin) = match detection.link {
        Link::And => (Operator::And, Origin::Map),
        Link::Or => (Operator::Or, Origin::List),
    };
    let operands = detection
        .nodes
        .iter()
        .map(|node| match node {
            DetectionNode::Item(item) => lower_item(item),
            DetectionNode::Detection(detection) => lower_detection(detection),
        })
        .collect();
    Expr::group(operator, origin, operands)
}

fn lower_item<'r>(item: &'r Item<'r>) -> Expr<'r> {
    let field = item.field.as_deref();
    let expr = match item.values.as_slice() {
        [value] if !item.listed => leaf(field, value),
        values => Expr::group(
            match item.link {
                Link::And => Operator::And,
                Link::Or => Operator::Or,
            },
            Origin::Values,
            values.iter().map(|value| leaf(field, value)).collect(),
        ),
    };
    if item.negated {
        Expr::Not(Box::new(expr))
    } else {
        expr
    }
}

fn leaf<'r>(field: Option<&'r str>, value: &'r Spanned<Value<'r>>) -> Expr<'r> {
    part(field, &value.value, value.span)
}

fn part<'r>(field: Option<&'r str>, value: &'r Value<'r>, span: Span) -> Expr<'r> {
    match (value, field) {
        (Value::Expansion(values), _) => Expr::group(
            Operator::Or,
            Origin::Expansion,
            values
                .iter()
                .map(|value| part(field, value, span))
                .collect(),
        ),
        (value, Some(field)) => Expr::Test(Test { field, value, span }),
        (value, None) => Expr::Keyword(Keyword { value, span }),
    }
}

pub(crate) fn reference(expr: Expr<'_>) -> Expr<'_> {
    Expr::group(Operator::And, Origin::Detection, vec![expr])
}

pub(crate) fn nothing<'r>() -> Expr<'r> {
    Expr::group(Operator::Or, Origin::Selector, Vec::new())
}
