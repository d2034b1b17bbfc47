//! Whose queries are asked for.
//!
//! A [`Profile`] is a name: that of an overlay of a backend file, and of a value of `--compat`. What
//! a profile does is said by its [`Dialect`](crate::dialect::Dialect), which no stage asks for by
//! name.

/// Whose output is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Profile {
    /// Sound, readable, as the specification says. The default.
    #[default]
    Native,
    /// `--compat sigmac`: what sigmac printed in early 2020.
    Sigmac,
    /// `--compat pysigma`: what pySigma 1.5 prints.
    Pysigma,
}

impl Profile {
    /// The name that the command line and backend files use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Sigmac => "sigmac",
            Self::Pysigma => "pysigma",
        }
    }

    /// The profile of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Native, Self::Sigmac, Self::Pysigma]
            .into_iter()
            .find(|profile| profile.name() == name)
    }

    /// Is it the one that nobody has to ask for?
    #[must_use]
    pub fn is_default(self) -> bool {
        self == Self::default()
    }
}

/// Sigma as its specification says. Each stage's `Rules` are its own for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Specification;
