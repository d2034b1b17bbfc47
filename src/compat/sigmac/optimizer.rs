//! sigmac's optimizer of early 2020, as the published documents show its results.
//!
//! In: an expression as parsed, with a group of one operand for each pair of parentheses and each
//! detection. Out: an equivalent one in which [`Origin::Parentheses`] groups are exactly the
//! parentheses to print. Five steps, repeated until nothing changes; below a `not` parentheses stay
//! as parsed, and only what the condition itself has in parentheses goes through the steps:
//! 1. a group of one operand is that operand, and repeated operands are dropped;
//! 2. groups of one operator merge where every operand is a leaf or such a group;
//! 3. what every branch of an `or` of `and`s holds moves in front of it;
//! 4. `not not x` is `x`;
//! 5. every `and` and `or` that remains gets parentheses.

use crate::lower::{Expr, Group, Operator, Origin};
use std::collections::HashSet;

/// Normalizes an expression of a condition.
pub(super) fn normalize(expr: Expr<'_>) -> Expr<'_> {
    let mut expr = strip(expr);
    loop {
        let (next, changed) = step(expr);
        expr = next;
        if !changed {
            return parenthesize(expr);
        }
    }
}

/// A leaf in sigmac's sense: a test, a keyword, or a field with its list of values.
fn is_leaf(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Test(_) => true,
        Expr::Group(group) => is_value_list(group),
        Expr::Keyword(_) | Expr::Not(_) => false,
    }
}

/// `(A="x" OR A="y")`: the values of a field, which sigmac keeps as one leaf.
fn is_value_list(group: &Group<'_>) -> bool {
    group.operator == Operator::Or
        && matches!(group.origin, Origin::Values | Origin::Expansion)
        && !matches!(group.operands.first(), Some(Expr::Keyword(_)))
}

/// A detection that is nothing but keywords.
fn is_keywords(map: &Group<'_>) -> bool {
    match map.operands.as_slice() {
        [Expr::Keyword(_)] => true,
        [Expr::Group(values)] => {
            values.origin == Origin::Values
                && matches!(values.operands.first(), Some(Expr::Keyword(_)))
        }
        _ => false,
    }
}

/// Removes the groups that stand for parentheses, except below `not`.
fn strip(expr: Expr<'_>) -> Expr<'_> {
    match expr {
        Expr::Group(mut group) => match group.origin {
            Origin::Parentheses | Origin::Detection if group.operands.len() == 1 => {
                group.operands.pop().map_or(Expr::Group(group), strip)
            }
            Origin::Values if is_value_list(&group) => Expr::Group(flatten_values(group)),
            // Keywords are a list, never a map of one item.
            Origin::Map if is_keywords(&group) => {
                group.operands.pop().map_or(Expr::Group(group), strip)
            }
            _ => {
                group.operands = group.operands.into_iter().map(strip).collect();
                Expr::Group(group)
            }
        },
        Expr::Not(operand) => Expr::Not(Box::new(mark(*operand))),
        leaf => leaf,
    }
}

/// A list of values whose alternatives are in it directly, as sigmac lists them.
fn flatten_values(mut group: Group<'_>) -> Group<'_> {
    let mut flat = Vec::with_capacity(group.operands.len());
    for operand in group.operands {
        match operand {
            Expr::Group(inner) if inner.origin == Origin::Expansion => flat.extend(inner.operands),
            operand => flat.push(operand),
        }
    }
    group.operands = flat;
    group
}

/// Below `not`: parentheses and detections print as parsed.
fn mark(expr: Expr<'_>) -> Expr<'_> {
    match expr {
        Expr::Group(mut group) => {
            match group.origin {
                Origin::Detection => group.origin = Origin::Parentheses,
                Origin::Parentheses => {
                    group.operands = group.operands.into_iter().map(normalize).collect();
                    return Expr::Group(group);
                }
                _ => {}
            }
            if is_value_list(&group) {
                return Expr::Group(flatten_values(group));
            }
            group.operands = group.operands.into_iter().map(mark).collect();
            Expr::Group(group)
        }
        Expr::Not(operand) => Expr::Not(Box::new(mark(*operand))),
        leaf => leaf,
    }
}

/// One pass over the tree. Returns it with whether anything changed.
fn step(expr: Expr<'_>) -> (Expr<'_>, bool) {
    match expr {
        Expr::Group(group) if group.origin == Origin::Parentheses || is_value_list(&group) => {
            (Expr::Group(group), false)
        }
        Expr::Group(group) => step_group(group),
        Expr::Not(operand) => match *operand {
            Expr::Not(inner) => (step(*inner).0, true),
            operand => {
                let (operand, changed) = step(operand);
                (Expr::Not(Box::new(operand)), changed)
            }
        },
        leaf => (leaf, false),
    }
}

fn step_group(mut group: Group<'_>) -> (Expr<'_>, bool) {
    let before = group.operands.len();
    group.operands.retain(|operand| !operand.is_empty());
    if group.operands.len() == 1 {
        return match group.operands.pop() {
            Some(only) => (step(only).0, true),
            None => (Expr::Group(group), false),
        };
    }
    drop_repeated_leaves(&mut group.operands);
    if group.operands.len() < before {
        return (step_group(group).0, true);
    }
    if merges(&group) {
        let mut merged = Vec::with_capacity(group.operands.len());
        for operand in group.operands {
            match operand {
                Expr::Group(inner) if !is_value_list(&inner) => merged.extend(inner.operands),
                leaf => merged.push(leaf),
            }
        }
        group.operands = merged;
        return (step_group(group).0, true);
    }
    if let Some(common) = take_common(&mut group) {
        let mut operands = common;
        operands.push(Expr::Group(group));
        let outer = Group {
            operator: Operator::And,
            origin: Origin::Condition,
            operands,
        };
        return (step_group(outer).0, true);
    }
    let mut changed = false;
    group.operands = group
        .operands
        .into_iter()
        .map(|operand| {
            let (operand, inner) = step(operand);
            changed |= inner;
            operand
        })
        .collect();
    (Expr::Group(group), changed)
}

fn drop_repeated_leaves(operands: &mut Vec<Expr<'_>>) {
    // Long lists would take too long to be compared each with each.
    let mut seen = HashSet::new();
    operands.retain(|operand| {
        let repeats = is_leaf(operand) || matches!(operand, Expr::Keyword(_));
        !repeats || seen.insert(key(operand))
    });
}

/// A text that is the same for all leaves that [`same`] finds equal, and for no others.
fn key(leaf: &Expr<'_>) -> String {
    match leaf {
        Expr::Test(test) => format!("{:?} {:?}", test.field, test.value),
        Expr::Keyword(keyword) => format!("{:?}", keyword.value),
        Expr::Group(group) => {
            let keys: Vec<String> = group.operands.iter().map(key).collect();
            format!("({})", keys.join(" or "))
        }
        Expr::Not(operand) => format!("not {}", key(operand)),
    }
}

/// Equal in what they say, wherever they were written.
fn same(a: &Expr<'_>, b: &Expr<'_>) -> bool {
    match (a, b) {
        (Expr::Test(a), Expr::Test(b)) => a.field == b.field && a.value == b.value,
        (Expr::Keyword(a), Expr::Keyword(b)) => a.value == b.value,
        (Expr::Group(a), Expr::Group(b)) => {
            is_value_list(a)
                && is_value_list(b)
                && a.operands.len() == b.operands.len()
                && a.operands.iter().zip(&b.operands).all(|(a, b)| same(a, b))
        }
        _ => false,
    }
}

fn merges(group: &Group<'_>) -> bool {
    let of_same_operator = |operand: &Expr<'_>| {
        matches!(operand, Expr::Group(inner)
            if inner.operator == group.operator
                && inner.origin != Origin::Parentheses
                && !is_value_list(inner))
    };
    group.operands.iter().any(of_same_operator)
        && group
            .operands
            .iter()
            .all(|operand| is_leaf(operand) || of_same_operator(operand))
}

/// Takes from an `or` of `and`s the leaves that all of them hold.
fn take_common<'r>(group: &mut Group<'r>) -> Option<Vec<Expr<'r>>> {
    if group.operator != Operator::Or {
        return None;
    }
    let is_and = |operand: &Expr<'_>| {
        matches!(operand, Expr::Group(inner)
            if inner.operator == Operator::And && inner.origin != Origin::Parentheses)
    };
    if !group.operands.iter().all(is_and) {
        return None;
    }
    let Some(Expr::Group(first)) = group.operands.first() else {
        return None;
    };
    let common: Vec<Expr<'r>> = first
        .operands
        .iter()
        .filter(|candidate| {
            group.operands[1..].iter().all(|branch| {
                matches!(branch, Expr::Group(branch)
                    if branch.operands.iter().any(|operand| same(operand, candidate)))
            })
        })
        .cloned()
        .collect();
    if common.is_empty() {
        return None;
    }
    for branch in &mut group.operands {
        if let Expr::Group(branch) = branch {
            for taken in &common {
                if let Some(at) = branch.operands.iter().position(|known| same(known, taken)) {
                    branch.operands.remove(at);
                }
            }
        }
    }
    Some(common)
}

/// Puts a group of one operand around every `and` and `or`.
fn parenthesize(expr: Expr<'_>) -> Expr<'_> {
    match expr {
        Expr::Group(group) if group.origin == Origin::Parentheses || is_value_list(&group) => {
            Expr::Group(group)
        }
        Expr::Group(mut group) => {
            group.operands = group.operands.into_iter().map(parenthesize).collect();
            Expr::group(Operator::And, Origin::Parentheses, vec![Expr::Group(group)])
        }
        other => other,
    }
}
