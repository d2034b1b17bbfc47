//! How sigmac takes conditions.

use super::{Sigmac, enters, optimizer};
use crate::diagnostic::Diagnostic;
use crate::lower::build::{lower_detection, nothing, operator, reference, selector};
use crate::lower::{Expr, Operator, Origin, Rules, extent};
use crate::rule::{Condition, ConditionExpr, Detection, DetectionNode, Detections, Link, Selector};

/// How deep an expression may be: each operator is a level, and the optimizer recurses.
const DEEPEST: usize = 250;

impl Rules for Sigmac {
    fn check(&self, condition: &Condition<'_>) -> Result<(), Diagnostic> {
        if depth(&condition.expr) <= DEEPEST {
            return Ok(());
        }
        let message = format!(
            "expected at most {DEEPEST} operators in a row for the reference's optimizer, found more"
        );
        Err(extent::error(condition, message)
            .help("move the alternatives into lists under `detection`"))
    }

    /// Operators are binary and bind to the left: `a and b and c` is `(a and b) and c`.
    fn join<'r>(&self, operator: Operator, operands: Vec<Expr<'r>>) -> Expr<'r> {
        operands
            .into_iter()
            .reduce(|left, right| Expr::group(operator, Origin::Condition, vec![left, right]))
            .unwrap_or_else(nothing)
    }

    /// A selector is in parentheses, like a detection.
    fn selector<'r>(&self, written: &'r Selector<'r>, detections: &'r Detections<'r>) -> Expr<'r> {
        if !enters(written) {
            return reference(selector(written, detections));
        }
        match detections.get(&written.pattern) {
            Some(detection) => reference(entered(detection, operator(written))),
            None => nothing(),
        }
    }

    fn finish<'r>(&self, expr: Expr<'r>) -> Expr<'r> {
        optimizer::normalize(expr)
    }
}

/// A detection whose own parts are joined as a selector says (`all of keywords`).
fn entered<'r>(detection: &'r Detection<'r>, operator: Operator) -> Expr<'r> {
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

/// How deep the expression is with binary operators.
fn depth(expr: &ConditionExpr<'_>) -> usize {
    match expr {
        ConditionExpr::Or(operands) | ConditionExpr::And(operands) => {
            operands.len() + operands.iter().map(depth).max().unwrap_or(0)
        }
        ConditionExpr::Not(_, operand) | ConditionExpr::Group(operand) => 1 + depth(operand),
        ConditionExpr::Identifier(_) | ConditionExpr::Selector(_) => 1,
    }
}
