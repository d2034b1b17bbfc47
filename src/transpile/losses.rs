//! What pipelines lost of a rule, as reasons why its query is not exact.
//!
//! In: what the pipelines noted while they changed the rule, and the rule's expression. Out: reasons
//! of the query, turned round where the value stands below a `not`.

use crate::backend::language::Loss;
use crate::emit::{Fidelity, Query, Reason};
use crate::lower::Expr;
use crate::pipeline::State;
use crate::source::Span;

/// Adds the reasons to a query of the rule.
pub fn add(query: &mut Query, expr: &Expr<'_>, state: &State<'_>) {
    let narrowings = state.narrowings();
    if narrowings.is_empty() {
        return;
    }
    for narrowing in narrowings {
        let mut found = [false; 2];
        find(expr, narrowing.beside, false, &mut found);
        let loss = match found {
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

/// Does a value stand in the expression, as it is and below a `not`?
fn find(expr: &Expr<'_>, wanted: Span, negated: bool, found: &mut [bool; 2]) {
    let span = match expr {
        Expr::Group(group) => {
            for operand in &group.operands {
                find(operand, wanted, negated, found);
            }
            return;
        }
        Expr::Not(operand) => return find(operand, wanted, !negated, found),
        Expr::Test(test) => test.span,
        Expr::Keyword(keyword) => keyword.span,
    };
    found[usize::from(negated)] |= span == wanted;
}
