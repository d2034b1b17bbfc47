//! Sigma as sigmac read it in early 2020.

mod lower;
mod modifier;
mod optimizer;
mod parse;

use crate::dialect::{Dialect, Profile, Specification};
use crate::rule::Selector;

/// The rules of sigmac.
#[derive(Debug, Clone, Copy)]
pub struct Sigmac;

impl Dialect {
    /// Sigma as sigmac read it in early 2020.
    pub const SIGMAC: Self = Self {
        profile: Profile::Sigmac,
        parse: &Sigmac,
        modifier: &Sigmac,
        pipeline: &Specification,
        lower: &Sigmac,
        index: &Specification,
        drops_empty_conditions: false,
        fails_with_one_rule: true,
    };
}

/// `1 of NAME` without a wildcard ranges over the items of that one detection.
fn enters(selector: &Selector<'_>) -> bool {
    !selector.is_them() && !selector.pattern.contains('*')
}
