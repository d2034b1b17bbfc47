//! What the stages accept and make of it: the specification's Sigma, or what a reference makes of it.
//!
//! Each stage that references part from has a trait `Rules`, whose methods are the specification's.
//! A [`Dialect`] holds one of each, and is passed down. The specification's is here; the others are
//! in [`compat`](crate::compat).

pub use crate::profile::{Profile, Specification};

use crate::yaml::Schema;
use crate::{index, lower, modifier, parse, pipeline};
use std::fmt;

/// The rules of every stage.
#[derive(Clone, Copy)]
pub struct Dialect {
    /// Whose it is: a name, which tells dialects apart.
    pub profile: Profile,
    /// How rules are read.
    pub parse: &'static dyn parse::Rules,
    /// How modifiers are applied.
    pub modifier: &'static dyn modifier::Rules,
    /// How pipelines are joined and applied.
    pub pipeline: &'static dyn pipeline::Rules,
    /// How conditions become expressions.
    pub lower: &'static dyn lower::Rules,
    /// How filters are joined to rules.
    pub index: &'static dyn index::Rules,
    /// Does a condition of which nothing is left have no query, with a warning? It is an error
    /// otherwise.
    pub drops_empty_conditions: bool,
    /// Does a file fail where one of its rules does? It fails where all of them do otherwise.
    pub fails_with_one_rule: bool,
}

impl Dialect {
    /// Sigma as its specification 2.1 says.
    pub const SPECIFICATION: Self = Self {
        profile: Profile::Native,
        parse: &Specification,
        modifier: &Specification,
        pipeline: &Specification,
        lower: &Specification,
        index: &Specification,
        drops_empty_conditions: false,
        fails_with_one_rule: false,
    };
}

impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Dialect").field(&self.profile).finish()
    }
}

impl From<&Dialect> for Schema {
    fn from(dialect: &Dialect) -> Self {
        dialect.parse.schema()
    }
}

impl AsRef<dyn parse::Rules> for Dialect {
    fn as_ref(&self) -> &(dyn parse::Rules + 'static) {
        self.parse
    }
}

impl AsRef<dyn modifier::Rules> for Dialect {
    fn as_ref(&self) -> &(dyn modifier::Rules + 'static) {
        self.modifier
    }
}

impl AsRef<dyn pipeline::Rules> for Dialect {
    fn as_ref(&self) -> &(dyn pipeline::Rules + 'static) {
        self.pipeline
    }
}

impl AsRef<dyn index::Rules> for Dialect {
    fn as_ref(&self) -> &(dyn index::Rules + 'static) {
        self.index
    }
}

impl AsRef<dyn lower::Rules> for Dialect {
    fn as_ref(&self) -> &(dyn lower::Rules + 'static) {
        self.lower
    }
}
