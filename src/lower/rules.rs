//! Where the meaning of conditions differs.

use super::{Expr, Operator, Origin, build};
use crate::diagnostic::Diagnostic;
use crate::profile::Specification;
use crate::rule::{Condition, Detections, Selector};

/// How conditions become expressions. The default methods are the specification's; a
/// compatibility profile puts its reference's in their place.
pub trait Rules: Sync {
    /// Is a condition small enough? That it is no larger than a machine can take was seen to.
    fn check(&self, _condition: &Condition<'_>) -> Result<(), Diagnostic> {
        Ok(())
    }

    /// Operands with an operator between each two.
    fn join<'r>(&self, operator: Operator, operands: Vec<Expr<'r>>) -> Expr<'r> {
        Expr::group(operator, Origin::Condition, operands)
    }

    /// The detections of a selector.
    fn selector<'r>(&self, selector: &'r Selector<'r>, detections: &'r Detections<'r>) -> Expr<'r> {
        build::selector(selector, detections)
    }

    /// The expression of a whole condition.
    fn finish<'r>(&self, expr: Expr<'r>) -> Expr<'r> {
        expr
    }
}

impl Rules for Specification {}
