//! Conditions of temporal correlations as questions on which rules are in the window.
//!
//! In: two conditions: all of the rules, so many of them, an expression. Out: whether one holds
//! wherever the other does, tried for each set of rules.

use super::CorrelationVersion;
use super::effect::Effect;
use crate::rule::{ConditionExpr, CorrelationCondition};

/// Of more rules than this not all sets are tried.
const MOST_RULES: usize = 14;

/// Has the expression no `not`?
pub(super) fn is_positive(expr: &ConditionExpr<'_>) -> bool {
    match expr {
        ConditionExpr::Not(..) => false,
        ConditionExpr::Or(operands) | ConditionExpr::And(operands) => {
            operands.iter().all(is_positive)
        }
        ConditionExpr::Group(inner) => is_positive(inner),
        ConditionExpr::Identifier(_) | ConditionExpr::Selector(_) => true,
    }
}

/// Compares two temporal conditions, whose rules may differ.
pub(super) fn compare(
    before: &CorrelationVersion<'_, '_>,
    after: &CorrelationVersion<'_, '_>,
) -> Effect {
    let keys: Vec<&str> = (&before.distinct() | &after.distinct())
        .into_iter()
        .collect();
    if keys.len() > MOST_RULES {
        return Effect::unknown("the condition has too many rules for a proof");
    }
    let (mut kept, mut had) = (true, true);
    for set in 0_u32..1 << keys.len() {
        let present = |key: &str| {
            let at = keys.iter().position(|known| *known == key);
            at.is_some_and(|at| set & (1 << at) != 0)
        };
        let (old, new) = (holds(before, &present), holds(after, &present));
        kept &= !old || new;
        had &= !new || old;
    }
    match (kept, had) {
        (true, true) => Effect::NONE,
        (true, false) => Effect::broader("the condition asks for fewer of the rules"),
        (false, true) => Effect::narrower("the condition asks for more of the rules"),
        (false, false) => Effect::unknown("the condition asks for other rules"),
    }
}

fn holds(version: &CorrelationVersion<'_, '_>, present: &dyn Fn(&str) -> bool) -> bool {
    if let CorrelationCondition::Expression { expr, .. } = &version.correlation.condition {
        return expression(version, expr, present);
    }
    let count = version
        .distinct()
        .into_iter()
        .filter(|key| present(key))
        .count();
    let count = u32::try_from(count).map_or(f64::INFINITY, f64::from);
    version.range().is_some_and(|range| range.has(count))
}

fn expression(
    version: &CorrelationVersion<'_, '_>,
    expr: &ConditionExpr<'_>,
    present: &dyn Fn(&str) -> bool,
) -> bool {
    let holds = |expr: &ConditionExpr<'_>| expression(version, expr, present);
    match expr {
        ConditionExpr::Or(operands) => operands.iter().any(holds),
        ConditionExpr::And(operands) => operands.iter().all(holds),
        ConditionExpr::Not(_, operand) => !holds(operand),
        ConditionExpr::Group(inner) => holds(inner),
        ConditionExpr::Identifier(name) => key(version, &name.value).is_some_and(present),
        ConditionExpr::Selector(_) => false,
    }
}

/// The key of the rule that an identifier names.
fn key<'v>(version: &'v CorrelationVersion<'_, '_>, name: &str) -> Option<&'v str> {
    let bases = version.bases.iter().zip(&version.correlation.rules);
    let is_it = |(base, reference): &(&super::BaseVersion<'_, '_>, &crate::rule::Text<'_>)| {
        let names = [
            base.head.id.as_ref(),
            base.head.name.as_ref(),
            Some(*reference),
        ];
        names.into_iter().flatten().any(|known| known.value == name)
    };
    { bases }.find(is_it).map(|(base, _)| base.key.as_str())
}
