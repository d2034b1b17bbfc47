//! Filters: conditions that are joined to other rules (specification: *Sigma filters*).

use super::{Rule, Text};
use crate::source::Span;

/// A filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter<'s> {
    /// Its attributes, its log source, and as `detection` the selections and the one condition of
    /// its `filter` section.
    pub rule: Rule<'s>,
    /// The bytes of the `filter` section.
    pub span: Span,
    /// Which rules it is for.
    pub rules: FilterRules<'s>,
}

/// The rules that a filter is for.
#[derive(Debug, Clone, PartialEq)]
pub enum FilterRules<'s> {
    /// `rules: any`: each whose log source fits.
    Any(Span),
    /// `rules: [id, name]`: these, if their log source fits.
    Named(Vec<Text<'s>>),
}
