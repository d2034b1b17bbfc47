//! How true a query is to its rule.

use crate::backend::language::Loss;
use crate::source::Span;

/// How true a query is to its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Fidelity {
    /// It matches exactly the events that the rule describes.
    #[default]
    Exact,
    /// It may match more.
    Broader,
    /// It may miss some.
    Narrower,
    /// Both.
    Approximate,
}

impl Fidelity {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Broader => "broader",
            Self::Narrower => "narrower",
            Self::Approximate => "approximate",
        }
    }

    /// What all the reasons together make of a query.
    #[must_use]
    pub(crate) fn of(reasons: &[Reason]) -> Self {
        reasons
            .iter()
            .map(|reason| Self::from(reason.loss))
            .fold(Self::Exact, Self::and)
    }

    /// Two parts' fidelity together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Exact, other) | (other, Self::Exact) => other,
            (Self::Broader, Self::Broader) => Self::Broader,
            (Self::Narrower, Self::Narrower) => Self::Narrower,
            _ => Self::Approximate,
        }
    }
}

impl From<Loss> for Fidelity {
    fn from(loss: Loss) -> Self {
        match loss {
            Loss::Broader => Self::Broader,
            Loss::Narrower => Self::Narrower,
            Loss::Approximate => Self::Approximate,
        }
    }
}

/// Why a query is not exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// In which way; already turned round below a `not`.
    pub loss: Loss,
    /// The value in the rule.
    pub span: Span,
    /// In a clause: "the search command ignores case".
    pub text: String,
}

impl Reason {
    /// Is it the same reason, whichever value has it?
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.loss == other.loss && self.text == other.text
    }
}
