//! Filters: conditions that keep events and don't exclude any.
//!
//! In: a filter. Out: `condition: selection` gives `VS1141`, for it is joined to a rule with `and`.

use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{ConditionExpr, Detection, DetectionNode, Filter, Modifier};

/// A condition without a `not`, and without `neq` in its selections.
pub(super) fn without_not(filter: &Filter<'_>, found: &mut Vec<Diagnostic>) {
    let detections = &filter.rule.detection;
    if detections.named.iter().any(|(_, named)| has_neq(named)) {
        return;
    }
    for condition in &detections.conditions {
        if has_not(&condition.expr) {
            continue;
        }
        found.push(
            Diagnostic::warning(
                Code::FilterWithoutNot,
                "expected a filter to exclude events with `not`, found one that leaves nothing \
                 else",
            )
            .at(condition.text.span)
            .help(format!(
                "write `not {}` if these events are the ones to leave out",
                match condition.expr {
                    ConditionExpr::And(_) | ConditionExpr::Or(_) =>
                        format!("({})", condition.text.value),
                    _ => condition.text.value.to_string(),
                }
            )),
        );
    }
}

fn has_not(expr: &ConditionExpr<'_>) -> bool {
    match expr {
        ConditionExpr::Or(operands) | ConditionExpr::And(operands) => operands.iter().any(has_not),
        ConditionExpr::Not(..) => true,
        ConditionExpr::Group(operand) => has_not(operand),
        ConditionExpr::Identifier(_) | ConditionExpr::Selector(_) => false,
    }
}

fn has_neq(detection: &Detection<'_>) -> bool {
    detection.nodes.iter().any(|node| match node {
        DetectionNode::Item(item) => {
            let mut modifiers = item.modifiers.iter();
            item.negated || modifiers.any(|modifier| modifier.value == Modifier::Neq)
        }
        DetectionNode::Detection(detection) => has_neq(detection),
    })
}
