//! What a correlation asks for, in the terms of wordings and templates.

use crate::backend::correlation::ConditionForm;
use crate::backend::language::Loss;
use crate::diagnostic::Diagnostic;
use crate::output::correlation::{BoundView, ExprView, SpanView};
use crate::rule::correlation::Bound;
use crate::rule::{
    ConditionExpr, Correlation, CorrelationCondition, CorrelationOperator, CorrelationType,
    DetectionNode, Rule, Text,
};
use crate::source::{Span, Spanned};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Keywords have no field.
pub(in crate::transpile) fn has_keywords(rule: &Rule<'_>) -> bool {
    fn in_nodes(nodes: &[DetectionNode<'_>]) -> bool {
        nodes.iter().any(|node| match node {
            DetectionNode::Item(item) => item.field.is_none(),
            DetectionNode::Detection(detection) => in_nodes(&detection.nodes),
        })
    }
    let mut named = rule.detection.named.iter();
    named.any(|(_, detection)| in_nodes(&detection.nodes))
}

/// Does the number of rules that a temporal correlation asks for mean all of them?
pub(in crate::transpile) fn asks_for_all(correlation: &Correlation<'_>) -> bool {
    let all = match correlation.kind.value {
        // A rule that is listed twice is two steps of an order, and one rule otherwise.
        CorrelationType::TemporalOrdered => correlation.rules.len(),
        CorrelationType::Temporal => {
            let names = correlation.rules.iter().map(|rule| rule.value.as_ref());
            names.collect::<BTreeSet<&str>>().len()
        }
        _ => return false,
    };
    let [bound] = bounds(correlation) else {
        return false;
    };
    let count = self::bound(bound).count;
    matches!(
        bound.operator,
        CorrelationOperator::Gte | CorrelationOperator::Gt | CorrelationOperator::Eq
    ) && count.is_some_and(|count| usize::try_from(count) == Ok(all))
}

/// The fields that are not of a correlation's own group, each once.
pub(in crate::transpile) fn beyond_group<'s>(
    entries: Vec<Cow<'s, str>>,
    correlation: &Correlation<'_>,
    span: Span,
) -> Vec<Text<'s>> {
    let mut beyond: Vec<Text<'s>> = Vec::new();
    for entry in entries {
        let is_entry = |known: &Text<'_>| known.value == entry;
        if !correlation.group_by.iter().any(is_entry) && !beyond.iter().any(is_entry) {
            beyond.push(Spanned::new(entry, span));
        }
    }
    beyond
}

pub(in crate::transpile) fn form(correlation: &Correlation<'_>) -> ConditionForm {
    match &correlation.condition {
        CorrelationCondition::AllRules => ConditionForm::All,
        CorrelationCondition::Threshold(_) if asks_for_all(correlation) => ConditionForm::All,
        CorrelationCondition::Threshold(_) => ConditionForm::Threshold,
        CorrelationCondition::Expression { expr, .. } if has_not(expr) => ConditionForm::Absence,
        CorrelationCondition::Expression { .. } => ConditionForm::Expression,
    }
}

pub(in crate::transpile) fn has_not(expr: &ConditionExpr<'_>) -> bool {
    match expr {
        ConditionExpr::And(operands) | ConditionExpr::Or(operands) => operands.iter().any(has_not),
        ConditionExpr::Group(operand) => has_not(operand),
        ConditionExpr::Not(..) => true,
        ConditionExpr::Identifier(_) | ConditionExpr::Selector(_) => false,
    }
}

pub(in crate::transpile) fn bounds<'c, 's>(correlation: &'c Correlation<'s>) -> &'c [Bound<'s>] {
    match &correlation.condition {
        CorrelationCondition::Threshold(threshold) => &threshold.bounds,
        _ => &[],
    }
}

pub(in crate::transpile) fn fields<'c, 's>(correlation: &'c Correlation<'s>) -> &'c [Text<'s>] {
    match &correlation.condition {
        CorrelationCondition::Threshold(threshold) => &threshold.field,
        _ => &[],
    }
}

pub(in crate::transpile) fn percentile(correlation: &Correlation<'_>) -> Option<String> {
    let CorrelationCondition::Threshold(threshold) = &correlation.condition else {
        return None;
    };
    let percentile = threshold.percentile.as_ref()?;
    Some(percentile.value.shortest().into_owned())
}

pub(in crate::transpile) fn span(correlation: &Correlation<'_>) -> SpanView {
    let span = &correlation.timespan;
    SpanView {
        text: span.text.value.to_string(),
        count: span.count,
        unit: span.unit.letter().to_string(),
        seconds: span.seconds(),
        milliseconds: span.seconds().saturating_mul(1000),
    }
}

pub(in crate::transpile) fn bound(bound: &Bound<'_>) -> BoundView {
    use CorrelationOperator::{Eq, Gt, Gte, Lt, Lte, Neq};
    let value = bound.number.value.value;
    let whole = match bound.operator {
        Gt => value.floor() + 1.0,
        Gte => value.ceil(),
        Lt => value.ceil() - 1.0,
        Lte => value.floor(),
        Eq | Neq => value,
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is whole, and no count comes to the largest number"
    )]
    let count = (whole.fract() == 0.0).then_some(whole as i64);
    BoundView {
        operator: bound.operator.name(),
        symbol: match bound.operator {
            Gt => ">",
            Gte => ">=",
            Lt => "<",
            Lte => "<=",
            Eq => "=",
            Neq => "<>",
        },
        number: bound.number.value.shortest().into_owned(),
        count,
    }
}

pub(in crate::transpile) fn expression(
    expr: &ConditionExpr<'_>,
    correlation: &Correlation<'_>,
) -> Option<ExprView> {
    let all = |operands: &[ConditionExpr<'_>]| -> Option<Vec<ExprView>> {
        let operands = operands.iter();
        operands
            .map(|operand| expression(operand, correlation))
            .collect()
    };
    Some(match expr {
        ConditionExpr::And(operands) => ExprView::And(all(operands)?),
        ConditionExpr::Or(operands) => ExprView::Or(all(operands)?),
        ConditionExpr::Not(_, operand) => {
            ExprView::Not(Box::new(expression(operand, correlation)?))
        }
        ConditionExpr::Group(operand) => return expression(operand, correlation),
        ConditionExpr::Identifier(name) => {
            let mut rules = correlation.rules.iter();
            ExprView::Rule(rules.position(|rule| rule.value == name.value)? + 1)
        }
        ConditionExpr::Selector(_) => return None,
    })
}

/// What a loss of a rule's query is to the correlation's: more events can mean fewer firings.
pub(in crate::transpile) fn turned(loss: Loss, correlation: &Correlation<'_>) -> Loss {
    let grows = |bound: &Bound<'_>| {
        matches!(
            bound.operator,
            CorrelationOperator::Gt | CorrelationOperator::Gte
        )
    };
    let is_metric = correlation.kind.value.is_metric();
    let is_same = match form(correlation) {
        ConditionForm::All | ConditionForm::Expression => true,
        ConditionForm::Threshold => !is_metric && bounds(correlation).iter().all(grows),
        ConditionForm::Absence => false,
    };
    if is_same { loss } else { Loss::Approximate }
}

/// A diagnostic on another file's rule, told where the correlation refers to it.
pub(in crate::transpile) fn relocated(mut diagnostic: Diagnostic, span: Span) -> Diagnostic {
    diagnostic.labels.clear();
    diagnostic.at(span)
}
