//! How a test is worded, and what that loses.
//!
//! In a backend file: `{ text = "{field} = {value}", caseless_only = true, broader = "…" }`.

use super::language::Strength;
use super::template::Template;
use super::value_class::ValueClass;
use super::when::When;

/// One way to say a test.
#[derive(Debug, Clone, PartialEq)]
pub struct Wording {
    /// The text, or a reason why there is none.
    pub text: Result<Template, String>,
    /// How tightly the text binds.
    pub binds: Strength,
    /// Why it is not exact: what it says of itself, what its literals lose, and what the language
    /// loses in such tests.
    pub losses: Vec<KnownLoss>,
    /// Only there.
    pub when: When,
    /// Only for values of all these classes.
    pub only: Vec<ValueClass>,
    /// How many of the language's `clauses` the text has.
    pub clauses: usize,
    /// Only where the text has no more characters than this.
    pub longest: Option<usize>,
    /// What a `not` directly above makes of it, as an atom: `{field} IS NOT NULL`.
    pub negated: Option<Template>,
    /// It takes columns of any type as they are.
    pub any_type: bool,
    /// Said once for each name in this option's value, as `{field}`, joined by `or`; it does not
    /// serve where the option is empty.
    pub each: Option<usize>,
}

impl Wording {
    /// A text that is exact, for any value and with any options.
    #[must_use]
    pub fn of(text: Result<Template, String>) -> Self {
        Self {
            text,
            binds: Strength::Atom,
            losses: Vec::new(),
            when: When::default(),
            only: Vec::new(),
            clauses: 1,
            longest: None,
            negated: None,
            any_type: false,
            each: None,
        }
    }
}

/// Why a text is not exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownLoss {
    /// In which way.
    pub loss: Loss,
    /// In a clause: "KQL has no wildcard for one character".
    pub text: String,
    /// Only there.
    pub when: When,
    /// Not for values of one of these classes.
    pub unless: Vec<ValueClass>,
}

/// How a wording strays from the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Loss {
    /// It may match more.
    Broader,
    /// It may miss.
    Narrower,
    /// Both.
    Approximate,
}

impl Loss {
    /// Every loss and its key.
    pub const ALL: [(&'static str, Self); 3] = [
        ("broader", Self::Broader),
        ("narrower", Self::Narrower),
        ("approximate", Self::Approximate),
    ];

    /// The same loss under a `not`.
    #[must_use]
    pub const fn negated(self) -> Self {
        match self {
            Self::Broader => Self::Narrower,
            Self::Narrower => Self::Broader,
            Self::Approximate => Self::Approximate,
        }
    }
}
