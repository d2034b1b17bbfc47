//! What the front end accepts: the specification's Sigma, or what a reference makes of it.
//!
//! A [`Dialect`] is a record of answers that `yaml`, `parse`, `modifier` and `lower` ask for where
//! the references part from the specification. It is made from a [`Profile`] and passed down;
//! nothing else in the front end knows of profiles.

/// Whose output is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
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

    /// What this profile's front end accepts.
    #[doc(hidden)]
    #[must_use]
    pub const fn dialect(self) -> Dialect {
        match self {
            Self::Native => Dialect::SPECIFICATION,
            Self::Sigmac => Dialect::SIGMAC,
            Self::Pysigma => Dialect::PYSIGMA,
        }
    }
}

/// The front end's answers where references and specification differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a record of independent answers"
)]
pub struct Dialect {
    /// Scalars resolve as PyYAML's YAML 1.1 does (`yes`, `010`, dates), not by the 1.2 core schema.
    pub yaml11: bool,
    /// A duplicate mapping key takes its last value with a warning; otherwise it is an error.
    pub last_key_wins: bool,
    /// A selector that matches no detection is dropped with a warning; otherwise it is an error.
    pub drop_empty_selectors: bool,
    /// The condition grammar is pySigma's: lower-case operators, `notsel` reads as `not sel`.
    pub pysigma_conditions: bool,
    /// The deprecated `| count()` pipe is understood.
    pub aggregations: bool,
    /// Values are encoded as pySigma encodes them, its faults included (`FAULTS`: `é`, escapes).
    pub pysigma_values: bool,
    /// Rule attributes are validated as strictly as pySigma does (ids, dates, levels, statuses).
    pub pysigma_attributes: bool,
    /// `1 of NAME` without a wildcard ranges over the items of that one detection, as in sigmac.
    pub selectors_enter_detections: bool,
    /// Strings keep their backslashes as written; wildcards are not parsed out of them.
    pub raw_strings: bool,
    /// A condition of which nothing is left prints no query, with a warning; otherwise it is an
    /// error.
    pub drop_empty_conditions: bool,
    /// Operators are binary and expressions go through sigmac's optimiser.
    pub factored: bool,
}

impl Dialect {
    /// Sigma as its specification 2.1 says.
    pub const SPECIFICATION: Self = Self {
        yaml11: false,
        last_key_wins: false,
        drop_empty_selectors: false,
        pysigma_conditions: false,
        aggregations: true,
        pysigma_values: false,
        pysigma_attributes: false,
        selectors_enter_detections: false,
        raw_strings: false,
        drop_empty_conditions: false,
        factored: false,
    };

    /// Sigma as sigmac read it in early 2020.
    pub const SIGMAC: Self = Self {
        yaml11: true,
        last_key_wins: true,
        drop_empty_selectors: true,
        selectors_enter_detections: true,
        raw_strings: true,
        factored: true,
        ..Self::SPECIFICATION
    };

    /// Sigma as pySigma 1.5 reads it.
    pub const PYSIGMA: Self = Self {
        yaml11: true,
        last_key_wins: true,
        drop_empty_selectors: true,
        pysigma_conditions: true,
        aggregations: false,
        pysigma_values: true,
        pysigma_attributes: true,
        selectors_enter_detections: false,
        raw_strings: false,
        drop_empty_conditions: true,
        factored: false,
    };
}
