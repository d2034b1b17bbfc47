//! The seam between the native way of saying a condition and a reference's.
//!
//! Every method's default is the native way, and [`Native`] has no other. A reference that lays its
//! queries out otherwise, checks less or more, or puts tests elsewhere, implements what differs; it
//! lives apart from this stage.

use super::choose::regex;
use super::layout;
use super::plan::Section;
use super::{Query, Refusal};
use crate::backend::Backend;
use crate::backend::language::{Language, Strength};
use crate::diagnostic::Diagnostic;
use crate::lower::{Expr, Group, Keyword, Operator, Origin, Test};
use crate::rule::{Number, Pattern, Regex, Value};
use crate::source::Span;

/// A test, or a keyword.
#[derive(Clone, Copy)]
pub(crate) struct Leaf<'r> {
    /// `None` for a keyword.
    pub field: Option<&'r str>,
    pub value: &'r Value<'r>,
    pub span: Span,
}

impl<'r> From<&Test<'r>> for Leaf<'r> {
    fn from(test: &Test<'r>) -> Self {
        Self {
            field: Some(test.field),
            value: test.value,
            span: test.span,
        }
    }
}

impl<'r> From<&Keyword<'r>> for Leaf<'r> {
    fn from(keyword: &Keyword<'r>) -> Self {
        Self {
            field: None,
            value: keyword.value,
            span: keyword.span,
        }
    }
}

/// What is above a part of a condition.
#[derive(Clone, Copy, Default)]
pub(crate) struct Context {
    /// An odd number of `not`s.
    pub negated: bool,
    /// An `or`, however far above.
    pub under_or: bool,
    /// A `not` directly above.
    pub directly_negated: bool,
}

/// How a test is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// By itself.
    Alone,
    /// As a member of a list.
    Listed,
    /// With the `not` above it.
    Negated,
    /// By a command around the query.
    Deferred,
}

/// Where a test is said.
pub(crate) enum Place {
    /// Where it is.
    Here,
    /// Somewhere else, and nothing is left in its place.
    Elsewhere,
    /// Somewhere else, and this text is left in its place.
    Behind(String),
}

/// A value that a list can hold.
pub(crate) enum Listed<'v> {
    Pattern(&'v Pattern<'v>),
    Number(&'v Number<'v>),
}

/// How a profile says what is left to it.
pub(crate) trait Conventions {
    /// A part that it does not say, whatever the language has words for.
    fn refuse(&self, _language: &Language, _group: &Group<'_>) -> Option<Refusal> {
        None
    }

    /// Are parentheses around a group, whatever is around those? `operator` joins its operands.
    fn encloses(&self, language: &Language, group: &Group<'_>, _operator: Operator) -> bool {
        layout::encloses(language.grouping, group)
    }

    /// How tightly a group binds that has no parentheses, if not as its operator, its one operand or
    /// the list that it is.
    fn binds(&self, _language: &Language, _group: &Group<'_>) -> Option<Strength> {
        None
    }

    /// Does an operand need parentheses?
    fn parenthesizes(
        &self,
        language: &Language,
        around: Strength,
        inner: Strength,
        _operand: &Expr<'_>,
    ) -> bool {
        layout::parenthesizes(language, around, inner)
    }

    /// Are parentheses around what is negated? `None`: where it is no atom.
    fn parenthesizes_negated(&self, _language: &Language, _operand: &Expr<'_>) -> Option<bool> {
        None
    }

    /// May a group be said as a list of values?
    fn lists(&self, _language: &Language, group: &Group<'_>) -> bool {
        group.origin != Origin::Expansion && group.operands.len() > 1
    }

    /// The test that an operand of a list is.
    fn list_member<'x, 'r>(
        &self,
        _language: &Language,
        operand: &'x Expr<'r>,
    ) -> Option<&'x Test<'r>> {
        match operand.peeled() {
            Expr::Test(test) => Some(test),
            _ => None,
        }
    }

    /// A value as a list can hold it.
    fn listed<'v>(&self, _language: &Language, value: &'v Value<'v>) -> Option<Listed<'v>> {
        match value {
            Value::String(pattern) => Some(Listed::Pattern(pattern)),
            Value::Number(number) => Some(Listed::Number(number)),
            _ => None,
        }
    }

    /// Must placeholders of a value be filled in?
    fn needs_filling(&self, _language: &Language, _value: &Value<'_>) -> bool {
        true
    }

    /// The text of a regular expression where the language prints it as the rule writes it.
    ///
    /// # Errors
    /// It is none.
    fn regex(
        &self,
        _language: &Language,
        regex: &Regex<'_>,
        span: Span,
    ) -> Result<String, Box<Diagnostic>> {
        regex::as_written(regex, span)
    }

    /// Patterns that together say a test, which is then said by those alone.
    fn alternatives(&self, _language: &Language, _leaf: Leaf<'_>) -> Option<Vec<Pattern<'static>>> {
        None
    }

    /// Where a test is said; asked once for each test, in the rule's order.
    ///
    /// # Errors
    /// It can't be said there.
    fn place(
        &mut self,
        _language: &Language,
        _leaf: Leaf<'_>,
        _context: Context,
    ) -> Result<Place, Refusal> {
        Ok(Place::Here)
    }

    /// What is wrong with the text of a test.
    fn warnings(
        &self,
        _language: &Language,
        _leaf: Leaf<'_>,
        _context: Context,
        _written: Written,
    ) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// What is wrong with operands, joined by `inner`, that have no parentheses inside `around`.
    fn warning_on_open(
        &self,
        _language: &Language,
        _operands: &Expr<'_>,
        _inner: Strength,
        _around: Strength,
    ) -> Option<Diagnostic> {
        None
    }

    /// Completes a query. `None`: there is none.
    fn finish(&mut self, _expr: &Expr<'_>, _search: &Section<'_>, query: Query) -> Option<Query> {
        Some(query)
    }
}

/// The conventions of one query, which may put tests elsewhere.
pub struct QueryConventions<'b>(pub(crate) Box<dyn Conventions + 'b>);

/// Whose conventions queries are said by.
pub trait ConventionSet: std::fmt::Debug + Send + Sync {
    /// Those of one query.
    fn of_query<'b>(&'b self, backend: &'b Backend) -> QueryConventions<'b>;
}

/// What a target should get.
#[derive(Debug)]
pub struct Native;

impl Conventions for Native {}

impl ConventionSet for Native {
    fn of_query<'b>(&'b self, _: &'b Backend) -> QueryConventions<'b> {
        QueryConventions(Box::new(Self))
    }
}
