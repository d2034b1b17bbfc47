//! Conditions: which detections they use, and how.

use super::Subject;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{ConditionExpr, DetectionNode, Link, Modifier, Quantifier, Selector, Text};
use crate::source::Span;

/// What is in a condition.
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
            found.push(warning.help("use the detection in the condition, or remove it"));
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
        // A pattern leaves room for detections to come; without a `*` it is but a longer name. `all of`
        // a list is another warning.
        let is_name = selector.quantifier != Quantifier::All && !selector.pattern.contains('*');
        if selector.is_them() || is_name {
            let message = format!(
                "expected several detections for `{}`, found one",
                selector.pattern.value
            );
            let warning = Diagnostic::warning(Code::SelectorOfOne, message).at(selector.span);
            found.push(warning.help(format!("write `{}`", only.value)));
        }
    }
}

/// `all of them`: filters that are added are asked for, too.
pub(super) fn all_of_them(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    let is_several = subject.rule.detection.named.len() > 1;
    for part in parts(subject) {
        let Part::Selector(selector) = part else {
            continue;
        };
        if is_several && selector.is_them() && selector.quantifier == Quantifier::All {
            let message = "expected a pattern for `all of`, found `them`";
            let warning = Diagnostic::warning(Code::AllOfThem, message).at(selector.span);
            found.push(warning.help(
                "write `all of selection_*`, say: a filter that is added later is none of these",
            ));
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
                "expected the name of a filter after `not`, found `{}`",
                name.value
            );
            let warning = Diagnostic::warning(Code::FilterName, message).at(name.span);
            found.push(warning.help("begin the names of what is ruled out with `filter`"));
        }
    }
}

/// `all of keywords`: one detection is counted, not its entries.
pub(super) fn all_of_list(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for part in parts(subject) {
        let Part::Selector(selector) = part else {
            continue;
        };
        if selector.quantifier != Quantifier::All {
            continue;
        }
        let named = subject.rule.detection.named.iter();
        let mut selected = named.filter(|(name, _)| selector.selects(name));
        let (Some((name, detection)), None) = (selected.next(), selected.next()) else {
            continue;
        };
        // Where a pattern leaves room for more, its entries may be meant as alternatives.
        let has_room = selector.pattern.contains('*');
        let help = match detection.nodes.as_slice() {
            [DetectionNode::Item(item)]
                if item.values.len() > 1
                    && (item.field.is_none() || !has_room)
                    && !item
                        .modifiers
                        .iter()
                        .any(|known| known.value == Modifier::All) =>
            {
                let field = item.field.as_deref().unwrap_or_default();
                match field {
                    "" => "put the list below the key `'|all':` if all of its entries must match"
                        .to_owned(),
                    _ => format!("write `{field}|…|all` if all of its values must match"),
                }
            }
            [_, _, ..] if detection.link == Link::Or && !has_room => {
                "make each entry a detection of its own if all of them must match".to_owned()
            }
            _ => continue,
        };
        let message = format!(
            "expected several detections for `all of`, found the list `{}`, of which one entry is enough",
            name.value
        );
        let warning = Diagnostic::warning(Code::AllOfList, message).at(selector.span);
        found.push(warning.label(name.span, "the list").help(help));
    }
}

/// `a AND NOT b`: the specification's operators are in lower case, and pySigma knows no others.
pub(super) fn operators(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for condition in &subject.rule.detection.conditions {
        let start = condition.text.span.range().start;
        let written = subject.written(condition.text.span);
        let written = written.split('|').next().unwrap_or_default();
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '*');
        let mut words: Vec<(usize, &str)> = Vec::new();
        let mut at = 0;
        for word in written.split(|c: char| !is_name(c)) {
            words.push((at, word));
            at += word.len()
                + written[at + word.len()..]
                    .chars()
                    .next()
                    .map_or(0, char::len_utf8);
        }
        words.retain(|(_, word)| !word.is_empty());
        let lower: Vec<String> = words.iter().map(|(_, word)| word.to_lowercase()).collect();
        let is_operator = |at: usize| match lower[at].as_str() {
            "and" | "or" | "not" => true,
            "all" | "any" => lower.get(at + 1).is_some_and(|next| next == "of"),
            "of" => at > 0 && matches!(lower[at - 1].as_str(), "1" | "all" | "any"),
            "them" => at > 0 && lower[at - 1] == "of",
            _ => false,
        };
        let upper = words.iter().enumerate().filter(|(at, (_, word))| {
            is_operator(*at) && word.contains(|c: char| c.is_ascii_uppercase())
        });
        let upper: Vec<&(usize, &str)> = upper.map(|(_, word)| word).collect();
        let Some((_, first)) = upper.first() else {
            continue;
        };
        let message = format!("expected `{}`, found `{first}`", first.to_lowercase());
        let warning = Diagnostic::warning(Code::UpperCaseOperator, message);
        let warning = upper.iter().fold(warning, |warning, (at, word)| {
            warning.at(Span::new(start + at, start + at + word.len()))
        });
        found.push(
            warning.help("write operators in lower case; pySigma and its like know no others"),
        );
    }
}

/// `selection and 1 of them`: what holds already is asked again; `selection and not 1 of them`
/// never holds.
pub(super) fn constant(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for condition in &subject.rule.detection.conditions {
        conjunctions(&condition.expr, &mut |operands| {
            let names: Vec<&Text<'_>> = operands
                .iter()
                .filter_map(|operand| match without_groups(operand) {
                    ConditionExpr::Identifier(name) => Some(name),
                    _ => None,
                })
                .collect();
            for operand in operands {
                let (operand, negated) = match without_groups(operand) {
                    ConditionExpr::Not(_, operand) => (without_groups(operand), true),
                    operand => (operand, false),
                };
                let (place, name) = match operand {
                    ConditionExpr::Selector(selector) if selector.quantifier != Quantifier::All => {
                        let Some(name) = names.iter().find(|name| selector.selects(name)) else {
                            continue;
                        };
                        (selector.span, name)
                    }
                    ConditionExpr::Identifier(not) if negated => {
                        let Some(name) = names.iter().find(|name| name.value == not.value) else {
                            continue;
                        };
                        (not.span, name)
                    }
                    _ => continue,
                };
                let what = if negated {
                    "never holds"
                } else {
                    "always holds"
                };
                let message = format!(
                    "expected a part that decides something, found one that {what} beside `{}`",
                    name.value
                );
                let warning = Diagnostic::warning(Code::ConstantCondition, message).at(place);
                found.push(warning.label(name.span, "the detection that it selects, too").help(
                    "name the detections that are meant, by a pattern that leaves this one out",
                ));
            }
        });
    }
}

/// Calls `visit` with the operands of every `and`.
fn conjunctions<'r, 's>(
    expr: &'r ConditionExpr<'s>,
    visit: &mut impl FnMut(&'r [ConditionExpr<'s>]),
) {
    match expr {
        ConditionExpr::And(operands) => {
            visit(operands);
            for operand in operands {
                conjunctions(operand, visit);
            }
        }
        ConditionExpr::Or(operands) => {
            for operand in operands {
                conjunctions(operand, visit);
            }
        }
        ConditionExpr::Not(_, operand) | ConditionExpr::Group(operand) => {
            conjunctions(operand, visit);
        }
        ConditionExpr::Identifier(_) | ConditionExpr::Selector(_) => {}
    }
}

fn without_groups<'r, 's>(mut expr: &'r ConditionExpr<'s>) -> &'r ConditionExpr<'s> {
    while let ConditionExpr::Group(operand) = expr {
        expr = operand;
    }
    expr
}
