//! Where readers of modifiers differ.
//!
//! In: a modifier, or an item that has some. Out: what they do. The default methods are the
//! specification's; a compatibility profile puts its reference's in their place.

use super::encoding::{Charset, carried};
use super::{Action, Step, affix, list};
use crate::diagnostic::Diagnostic;
use crate::profile::Specification;
use crate::rule::{Item, Modifier};

/// How modifiers are applied.
pub trait Rules: Sync {
    /// What a modifier does.
    fn action(&self, modifier: Modifier) -> Action {
        super::action(modifier)
    }

    /// Checks a modifier's place in its chain. A character encoding is left to the Base64 after it,
    /// for there its bytes need not be text.
    fn begin(&self, step: &Step<'_>) -> Result<Option<Charset>, Diagnostic> {
        step.once()?;
        Ok(carried(step.modifier.value, step.later))
    }

    /// What is doubtful about the modifiers of an item as it was written.
    fn doubts(&self, item: &Item<'_>) -> Vec<Diagnostic> {
        let doubts = [list::all_of_one(item), affix::of_keyword(item)];
        doubts.into_iter().flatten().collect()
    }

    /// Is an item as it was written wanted for [`Rules::faults`]?
    fn may_be_faulty(&self, _item: &Item<'_>) -> bool {
        false
    }

    /// What is wrong with the values of an item to which its modifiers were applied.
    fn faults(&self, _written: &Item<'_>, _applied: &Item<'_>) -> Vec<Diagnostic> {
        Vec::new()
    }
}

impl Rules for Specification {}
