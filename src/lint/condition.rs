//! Conditions: which detections they use, and how.

use super::Subject;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{ConditionExpr, Selector, Text};

/// What stands in a condition.
enum Part<'r, 's> {
    /// A detection's name; below an odd number of `not`s?
    Name(&'r Text<'s>, bool),
    /// A selector.
    Selector(&'r Selector<'s>),
}

/// The parts of all conditions, in order.
fn parts<'r, 's>(subject: &Subject<'r, 's>) -> Vec<Part<'r, 's>> {
    let mut found = Vec::new();
    for condition in &subject.rule.detection.conditions {
        walk(&condition.expr, false, &mut found);
    }
    found
}

fn walk<'r, 's>(expr: &'r ConditionExpr<'s>, negated: bool, found: &mut Vec<Part<'r, 's>>) {
    match expr {
        ConditionExpr::Or(operands) | ConditionExpr::And(operands) => {
            for operand in operands {
                walk(operand, negated, found);
            }
        }
        ConditionExpr::Not(_, operand) => walk(operand, !negated, found),
        ConditionExpr::Group(operand) => walk(operand, negated, found),
        ConditionExpr::Identifier(name) => found.push(Part::Name(name, negated)),
        ConditionExpr::Selector(selector) => found.push(Part::Selector(selector)),
    }
}

pub(super) fn unused(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    let parts = parts(subject);
    for (name, _) in &subject.rule.detection.named {
        let is_used = parts.iter().any(|part| match part {
            Part::Name(used, _) => used.value == name.value,
            Part::Selector(selector) => selector.selects(name),
        });
        if !is_used {
            let message = format!(
                "expected `{}` in the condition, found it nowhere",
                name.value
            );
            let warning = Diagnostic::warning(Code::UnusedDetection, message).at(name.span);
            found.push(warning.help("Use the detection in the condition, or remove it."));
        }
    }
}

/// `all of them` over a single detection.
pub(super) fn selector_of_one(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for part in parts(subject) {
        let Part::Selector(selector) = part else {
            continue;
        };
        let named = subject.rule.detection.named.iter();
        let mut selected = named.filter(|(name, _)| selector.selects(name));
        let (Some((only, _)), None) = (selected.next(), selected.next()) else {
            continue;
        };
        // A pattern leaves room for detections to come; `them` is but a longer name.
        if selector.is_them() {
            let message = "expected several detections for `them`, found one";
            let warning = Diagnostic::warning(Code::SelectorOfOne, message).at(selector.span);
            found.push(warning.help(format!("Write `{}`.", only.value)));
        }
    }
}

/// Detections that are ruled out are called filters.
pub(super) fn filters(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for part in parts(subject) {
        let Part::Name(name, true) = part else {
            continue;
        };
        if !name.trim_start_matches('_').starts_with("filter") {
            let message = format!(
                "expected the name of a filter behind `not`, found `{}`",
                name.value
            );
            let warning = Diagnostic::warning(Code::FilterName, message).at(name.span);
            found.push(warning.help("Names of what is ruled out begin with `filter`."));
        }
    }
}
