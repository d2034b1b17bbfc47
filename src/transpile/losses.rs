//! Losses of pipelines, as reasons why a rule's query is not exact.
//!
//! In: what the pipelines noted while they changed the rule, and the rule's expression. Out: reasons
//! of the query, turned round where the value is below a `not`.

use crate::backend::language::Loss;
use crate::emit::{Fidelity, Query, Reason};
use crate::lower::Expr;
use crate::pipeline::State;
use crate::source::Span;
use std::collections::BTreeMap;

/// The place of a value: is it there as it is, and below a `not`?
type Places = BTreeMap<(u32, u32), [bool; 2]>;

/// Adds the reasons to a query of the rule.
pub fn add(query: &mut Query, expr: &Expr<'_>, state: &State<'_>) {
    let narrowings = state.narrowings();
    if narrowings.is_empty() {
        return;
    }
    let wanted = narrowings.iter().map(|narrowing| key(narrowing.beside));
    let mut places: Places = wanted.map(|key| (key, [false; 2])).collect();
    find(expr, false, &mut places);
    for narrowing in narrowings {
        let found = places.get(&key(narrowing.beside)).copied();
        let loss = match found.unwrap_or_default() {
            // The condition does not name its detection.
            [false, false] => continue,
            [true, false] => Loss::Narrower,
            [false, true] => Loss::Broader,
            [true, true] => Loss::Approximate,
        };
        query.reasons.push(Reason {
            loss,
            span: narrowing.span,
            text: narrowing.text,
        });
    }
    query.fidelity = Fidelity::of(&query.reasons);
}

const fn key(span: Span) -> (u32, u32) {
    (span.start, span.end)
}

fn find(expr: &Expr<'_>, negated: bool, places: &mut Places) {
    let span = match expr {
        Expr::Group(group) => {
            for operand in &group.operands {
                find(operand, negated, places);
            }
            return;
        }
        Expr::Not(operand) => return find(operand, !negated, places),
        Expr::Test(test) => test.span,
        Expr::Keyword(keyword) => keyword.span,
    };
    if let Some(found) = places.get_mut(&key(span)) {
        found[usize::from(negated)] = true;
    }
}
