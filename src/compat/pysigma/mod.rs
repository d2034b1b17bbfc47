//! Sigma as pySigma 1.5 reads it.

mod attribute;
mod condition;
mod correlation;
mod encoding;
mod faults;
mod filter;
#[cfg(feature = "pipelines")]
mod items;
mod links;
mod modifier;
mod parse;
mod pipeline;
#[cfg(feature = "pipelines")]
mod transformation;
mod value;

use crate::dialect::{Dialect, Profile, Specification};

/// The rules of pySigma.
#[derive(Debug, Clone, Copy)]
pub struct Pysigma;

impl Dialect {
    /// Sigma as pySigma 1.5 reads it.
    pub const PYSIGMA: Self = Self {
        profile: Profile::Pysigma,
        parse: &Pysigma,
        modifier: &Pysigma,
        pipeline: &Pysigma,
        lower: &Specification,
        index: &Pysigma,
        drops_empty_conditions: true,
        fails_with_one_rule: true,
    };
}
