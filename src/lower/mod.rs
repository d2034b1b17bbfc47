//! A rule's meaning as one expression a condition.
//!
//! In: a rule whose modifiers and pipelines were applied. Out: an [`Expr`] that borrows its tests
//! from the rule; quantifiers, maps, lists and expansions are resolved into groups that remember
//! where they came from, for targets whose grouping is as written.

pub(crate) mod build;
pub(crate) mod extent;
mod rules;

pub use build::{Lowered, lower};
pub use extent::{check, check_for_events};
pub use rules::Rules;

use crate::rule::Value;
use crate::source::Span;

/// A boolean expression over tests of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr<'r> {
    /// All or one of the operands. One operand is possible (a list of one value). A
    /// group without operands is a detection whose items a pipeline dropped; it has no meaning.
    Group(Group<'r>),
    /// The operand does not hold.
    Not(Box<Expr<'r>>),
    /// A field compared with a value.
    Test(Test<'r>),
    /// A value searched in the whole event.
    Keyword(Keyword<'r>),
}

/// An `and` or `or`, with where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Group<'r> {
    /// `and` or `or`.
    pub operator: Operator,
    /// The part of the rule that it stands for.
    pub origin: Origin,
    /// The operands, in the rule's order.
    pub operands: Vec<Expr<'r>>,
}

/// `and` or `or`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Every operand.
    And,
    /// At least one operand.
    Or,
}

/// The part of a rule that a group stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// `a and b` in the condition.
    Condition,
    /// `(a)` in the condition, of one operand.
    Parentheses,
    /// `1 of selection_*`
    Selector,
    /// A detection that the condition names, of one operand.
    Detection,
    /// The items of a map.
    Map,
    /// The entries of a list of maps.
    List,
    /// The values of an item written as a list.
    Values,
    /// The alternatives that a modifier or placeholder made of one value.
    Expansion,
}

impl Expr<'_> {
    /// A group of that operator and origin.
    #[must_use]
    pub const fn group(operator: Operator, origin: Origin, operands: Vec<Self>) -> Self {
        Self::Group(Group {
            operator,
            origin,
            operands,
        })
    }

    /// The expression without the groups of one operand around it.
    #[must_use]
    pub fn peeled(&self) -> &Self {
        let mut expr = self;
        while let Self::Group(group) = expr {
            let [only] = group.operands.as_slice() else {
                break;
            };
            expr = only;
        }
        expr
    }

    /// Is there no test in it at all (a pipeline dropped them, or a selector matched nothing)?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Group(group) => group.operands.iter().all(Self::is_empty),
            Self::Not(operand) => operand.is_empty(),
            Self::Test(_) | Self::Keyword(_) => false,
        }
    }
}

/// A field compared with a value. The value is never an expansion: those are groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Test<'r> {
    /// The field's name, after pipelines.
    pub field: &'r str,
    /// What it is compared with.
    pub value: &'r Value<'r>,
    /// Where the value was written.
    pub span: Span,
}

/// A value searched in the whole event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Keyword<'r> {
    /// A string, number or regular expression.
    pub value: &'r Value<'r>,
    /// Where it was written.
    pub span: Span,
}
