//! A rule's expression, prepared for many events.
//!
//! In: `selection and not filter` as an [`Expr`]. Out: a [`Matcher`] that says yes or no of an
//! [`Event`]. Patterns are folded and regular expressions compiled once.

use super::check::Check;
use super::event::Event;
use crate::backend::regex::RegexDialect;
use crate::diagnostic::Diagnostic;
use crate::lower::{Expr, Operator, Origin};
use crate::rule::Value;
use crate::source::Span;
use std::sync::Arc;

/// An expression, prepared.
#[derive(Debug)]
pub struct Matcher<'r> {
    /// Nothing, for an expression in which a pipeline left no test: it matches no event.
    pub(super) plan: Option<Plan<'r>>,
}

/// An expression whose tests are prepared, without what means nothing.
#[derive(Debug)]
pub(super) enum Plan<'r> {
    Group(Operator, Origin, Vec<Plan<'r>>),
    Not(Box<Plan<'r>>),
    Test(Arc<Leaf<'r>>),
}

/// A test of a field, or of all values.
#[derive(Debug)]
pub(super) struct Leaf<'r> {
    /// The field's name; none for a keyword.
    pub field: Option<&'r str>,
    pub value: &'r Value<'r>,
    pub span: Span,
    pub check: Check<'r>,
}

impl<'r> Matcher<'r> {
    /// Prepares an expression.
    ///
    /// # Errors
    /// A regular expression is not valid, or has what `regex` lacks; a value has no meaning for a
    /// single event.
    pub fn new(expr: &Expr<'r>) -> Result<Self, Diagnostic> {
        let dialect = if has_regex(expr) {
            rust_dialect()
        } else {
            RegexDialect::default()
        };
        plan(expr, &dialect).map(|plan| Self { plan })
    }

    /// Does the event match?
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        self.plan.as_ref().is_some_and(|plan| plan.holds(event))
    }
}

impl Matcher<'_> {
    /// Does it search values whatever their field? Without, a line of text tells it nothing.
    #[must_use]
    pub fn has_keyword(&self) -> bool {
        self.plan.as_ref().is_some_and(Plan::has_keyword)
    }
}

impl Plan<'_> {
    fn has_keyword(&self) -> bool {
        match self {
            Self::Group(_, _, plans) => plans.iter().any(Self::has_keyword),
            Self::Not(plan) => plan.has_keyword(),
            Self::Test(leaf) => leaf.field.is_none(),
        }
    }

    pub fn holds(&self, event: &Event) -> bool {
        match self {
            Self::Group(Operator::And, _, plans) => plans.iter().all(|plan| plan.holds(event)),
            Self::Group(Operator::Or, _, plans) => plans.iter().any(|plan| plan.holds(event)),
            Self::Not(plan) => !plan.holds(event),
            Self::Test(leaf) => leaf.holds(event),
        }
    }
}

impl Leaf<'_> {
    pub fn holds(&self, event: &Event) -> bool {
        match self.field {
            Some(field) => self.check.holds(event, field),
            None => event.any(&mut |scalar| self.check.takes(scalar)),
        }
    }
}

fn rust_dialect() -> RegexDialect {
    RegexDialect::of_family("rust").expect("the family is embedded, and a test reads it")
}

/// Reading the dialect takes longer than preparing most rules: only where it is needed.
fn has_regex(expr: &Expr<'_>) -> bool {
    let value = match expr {
        Expr::Group(group) => return group.operands.iter().any(has_regex),
        Expr::Not(operand) => return has_regex(operand),
        Expr::Test(test) => test.value,
        Expr::Keyword(keyword) => keyword.value,
    };
    matches!(value, Value::Regex(_))
}

fn plan<'r>(expr: &Expr<'r>, dialect: &RegexDialect) -> Result<Option<Plan<'r>>, Diagnostic> {
    Ok(match expr {
        Expr::Group(group) => {
            let mut plans = Vec::with_capacity(group.operands.len());
            for operand in &group.operands {
                plans.extend(plan(operand, dialect)?);
            }
            let some = !plans.is_empty();
            some.then(|| Plan::Group(group.operator, group.origin, plans))
        }
        Expr::Not(operand) => plan(operand, dialect)?.map(|plan| Plan::Not(Box::new(plan))),
        Expr::Test(test) => Some(Plan::Test(Arc::new(Leaf {
            field: Some(test.field),
            value: test.value,
            span: test.span,
            check: Check::of_field(test.value, dialect, test.span)?,
        }))),
        Expr::Keyword(keyword) => Some(Plan::Test(Arc::new(Leaf {
            field: None,
            value: keyword.value,
            span: keyword.span,
            check: Check::of_keyword(keyword.value, dialect, keyword.span)?,
        }))),
    })
}
