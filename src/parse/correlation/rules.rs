//! Where readers of correlations differ.
//!
//! In: a part of a correlation. Out: what it is. The default methods are the specification's; a
//! compatibility profile puts its reference's in their place.

use super::expression;
use crate::diagnostic::{Diagnostic, Severity};
use crate::parse::condition::Grammar;
use crate::profile::Specification;
use crate::rule::correlation::Threshold;
use crate::rule::{ConditionExpr, CorrelationType, Number};
use crate::yaml::Scalar;
use std::borrow::Cow;

/// How correlations are read.
pub trait CorrelationRules: Sync {
    /// How bad a part is that is not read, though it was meant to change what fires: `group_by`.
    fn ignored_severity(&self) -> Severity {
        Severity::Error
    }

    /// Does `generate` beside `correlation` count?
    fn has_outer_generate(&self) -> bool {
        true
    }

    /// Is a scalar in the place of a list the one name in it?
    fn is_lone_name(&self, _scalar: &Scalar<'_>) -> bool {
        true
    }

    /// A type's name as [`CorrelationType`](crate::rule::CorrelationType) knows it.
    fn kind<'t>(&self, name: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(name)
    }

    /// The number of an operator, if it is one.
    fn number<'s>(&self, scalar: &Scalar<'s>) -> Option<Number<'s>> {
        super::number::number(scalar)
    }

    /// What else is wrong with a condition's operators.
    fn check_threshold(&self, _threshold: &Threshold<'_>) -> Result<(), Diagnostic> {
        Ok(())
    }

    /// Reads a condition over rules, `a and (b or c)`.
    fn expression<'t>(&self, grammar: &Grammar<'t, '_>) -> Result<ConditionExpr<'t>, Diagnostic> {
        expression::read(grammar)
    }

    /// May the condition of this type be an expression over rules?
    fn takes_expression(&self, kind: CorrelationType) -> bool {
        kind == CorrelationType::Temporal
    }

    /// How bad a rule of `rules` is that the condition does not use.
    fn unused_severity(&self) -> Severity {
        Severity::Warning
    }
}

impl CorrelationRules for Specification {}
