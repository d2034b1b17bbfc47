//! From conditions and detections to expressions.
//!
//! `1 of sel_*` over the detections `sel_a: {A: 1}` and `sel_b: {B: [2, 3]}` becomes
//! `Or(Selector)[Detection[And(Map)[A=1]], Detection[And(Map)[Or(Values)[B=2, B=3]]]]`.

use super::{Expr, Keyword, Operator, Origin, Test, factor};
use crate::dialect::Dialect;
use crate::rule::{
    Condition, ConditionExpr, Detection, DetectionNode, Detections, Item, Link, Quantifier, Rule,
    Selector, Value,
};
use crate::source::Spanned;

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
pub fn lower<'r>(rule: &'r Rule<'r>, dialect: &Dialect) -> Vec<Lowered<'r>> {
    let builder = Builder {
        detections: &rule.detection,
        dialect,
    };
    rule.detection
        .conditions
        .iter()
        .map(|condition| Lowered {
            condition,
            expr: if dialect.factored {
                factor::normalize(builder.condition(&condition.expr))
            } else {
                builder.condition(&condition.expr)
            },
        })
        .collect()
}

struct Builder<'r, 'd> {
    detections: &'r Detections<'r>,
    dialect: &'d Dialect,
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
            ConditionExpr::Selector(selector) => self.selector(selector),
        }
    }

    /// sigmac's operators are binary and bind to the left: `a and b and c` is `(a and b) and c`.
    fn join(&self, operator: Operator, operands: &'r [ConditionExpr<'r>]) -> Expr<'r> {
        let operands = operands.iter().map(|operand| self.condition(operand));
        if self.dialect.factored {
            operands
                .reduce(|left, right| Expr::group(operator, Origin::Condition, vec![left, right]))
                .unwrap_or_else(nothing)
        } else {
            Expr::group(operator, Origin::Condition, operands.collect())
        }
    }

    fn selector(&self, selector: &'r Selector<'r>) -> Expr<'r> {
        let operator = match selector.quantifier {
            Quantifier::One | Quantifier::Any => Operator::Or,
            Quantifier::All => Operator::And,
        };
        let pattern: &str = &selector.pattern;
        if self.dialect.selectors_enter_detections && !selector.is_them() && !pattern.contains('*')
        {
            return self
                .detections
                .get(pattern)
                .map_or_else(nothing, |detection| {
                    reference(overridden(detection, operator))
                });
        }
        let operands = self
            .detections
            .named
            .iter()
            .filter(|(name, _)| selector.selects(name))
            .map(|(_, detection)| reference(lower_detection(detection)))
            .collect();
        let group = Expr::group(operator, Origin::Selector, operands);
        if self.dialect.factored {
            reference(group)
        } else {
            group
        }
    }
}

/// A detection whose own parts are joined as a selector says (`all of keywords`).
fn overridden<'r>(detection: &'r Detection<'r>, operator: Operator) -> Expr<'r> {
    match (lower_detection(detection), detection.nodes.as_slice()) {
        (Expr::Group(mut group), _) if detection.link == Link::Or => {
            group.operator = operator;
            Expr::Group(group)
        }
        (Expr::Group(mut group), [DetectionNode::Item(item)]) if item.field.is_none() => {
            if let Some(Expr::Group(values)) = group.operands.first_mut() {
                values.operator = operator;
            }
            Expr::Group(group)
        }
        (expr, _) => expr,
    }
}

fn lower_detection<'r>(detection: &'r Detection<'r>) -> Expr<'r> {
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

fn part<'r>(field: Option<&'r str>, value: &'r Value<'r>, span: crate::source::Span) -> Expr<'r> {
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

fn reference(expr: Expr<'_>) -> Expr<'_> {
    Expr::group(Operator::And, Origin::Detection, vec![expr])
}

fn nothing<'r>() -> Expr<'r> {
    Expr::group(Operator::Or, Origin::Selector, Vec::new())
}
