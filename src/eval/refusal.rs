//! Why a rule can't be tested on single events: it has a placeholder that no pipeline filled in, an
//! aggregation, or nothing left. These are errors of `convert` too, with the same codes.

use crate::diagnostic::{Code, Diagnostic};
use crate::emit::unfilled;
use crate::lower::{Expr, Lowered};
use crate::rule::Value;

/// Why a condition can't be tested on a single event.
#[must_use]
pub fn refusal(lowered: &Lowered<'_>) -> Option<Diagnostic> {
    if lowered.expr.is_empty() {
        let error = Diagnostic::error(Code::NothingLeft, "nothing is left of the condition");
        return Some(error.at(lowered.condition.text.span));
    }
    if let Some(aggregation) = &lowered.condition.aggregation {
        let message = "expected a condition on single events, found an aggregation of many";
        let error = Diagnostic::error(Code::Unsayable, message).at(aggregation.span);
        return Some(error.help("test what is before the `|` as a rule of its own"));
    }
    placeholder(&lowered.expr)
}

/// The first placeholder that is left.
fn placeholder(expr: &Expr<'_>) -> Option<Diagnostic> {
    let (value, span) = match expr {
        Expr::Group(group) => return group.operands.iter().find_map(placeholder),
        Expr::Not(operand) => return placeholder(operand),
        Expr::Test(test) => (test.value, test.span),
        Expr::Keyword(keyword) => (keyword.value, keyword.span),
    };
    let pattern = match value {
        Value::String(pattern) | Value::Cased(pattern) => pattern,
        Value::Regex(regex) => &regex.pattern,
        _ => return None,
    };
    unfilled(pattern, span)
}
