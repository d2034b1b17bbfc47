//! Where the linking of correlations to rules differs.

use crate::profile::Specification;

/// Which rules correlations refer to, which of them have queries, and in which order. The default
/// methods are the specification's; a compatibility profile puts its reference's in their place.
pub trait LinkRules: Sync {
    /// Is the last of several rules of one name or id meant? It is an error otherwise.
    fn takes_last(&self) -> bool {
        false
    }

    /// Do correlations of other files take a rule's queries away, too?
    fn reaches_other_files(&self) -> bool {
        false
    }

    /// Has a document that a correlation without `generate` names no query of its own?
    /// `is_generated`: another correlation asks for it.
    fn is_part(&self, _is_correlation: bool, is_generated: bool) -> bool {
        !is_generated
    }

    /// The order in which documents are converted. `is_before` tells whether one is named by
    /// another, by their numbers.
    fn order(&self, documents: usize, _is_before: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
        (0..documents).collect()
    }

    /// Has a rule to be converted before the correlations that name it?
    fn needs_order(&self) -> bool {
        false
    }

    /// Is the query that a rule has beside a correlation's finished: put into the format, and through
    /// the pipelines' postprocessing?
    fn finishes_generated(&self) -> bool {
        true
    }

    /// Is a correlation that another names taken in as it is printed?
    fn takes_printed(&self) -> bool {
        false
    }

    /// Is a number of rules that means all of them printed as it is written?
    fn keeps_numbers(&self) -> bool {
        false
    }

    /// Do a correlation's own fields go through the pipelines? Those of each rule that it names do
    /// otherwise.
    fn maps_own_fields(&self) -> bool {
        false
    }
}

impl LinkRules for Specification {}
