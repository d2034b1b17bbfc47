//! Transformations: what the items of a pipeline do to a rule.
//!
//! In: the keys of an item. Out: a [`Transformation`]. [`TABLE`] lists them all; each stands with
//! its kind in a file here.

pub mod add_condition;
pub mod alternatives;
pub mod external;
pub mod extract;
pub mod failure;
pub mod field_list;
pub mod field_name;
pub mod hash;
pub mod hashes;
pub mod map_string;
pub mod mapping;
pub mod nest;
pub mod placeholder;
pub mod replace;
pub mod rule;
pub mod string;
pub mod to_regex;
pub mod value;
pub mod walk;

use super::entry::{self, Entry};
use super::item::ProcessingItem;
use super::state::State;
use crate::diagnostic::Diagnostic;
use crate::rule::Rule;
use std::fmt::Debug;

/// A change to a rule.
pub trait Transformation: Debug + Send + Sync {
    /// Changes the rule where `item`'s conditions allow it. An error is the rule's.
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic>;

    /// The items inside of it.
    fn nested(&self) -> &[ProcessingItem] {
        &[]
    }

    /// The items inside of it, to be changed.
    fn nested_mut(&mut self) -> &mut [ProcessingItem] {
        &mut []
    }

    /// Does it need to know which fields were mapped?
    fn asks_for_mapped(&self) -> bool {
        self.nested()
            .iter()
            .any(|item| item.transformation.asks_for_mapped())
    }
}

/// How an entry of the table makes a transformation.
pub type Load = entry::Load<Box<dyn Transformation>>;

/// Every transformation, in the order of pySigma's documentation.
pub const TABLE: &[Entry<Load>] = &[
    field_name::MAPPING,
    field_name::PREFIX_MAPPING,
    field_name::TRANSFORM,
    value::DROP_DETECTION_ITEM,
    hashes::ENTRY,
    extract::ENTRY,
    field_name::SUFFIX,
    field_name::PREFIX,
    placeholder::WILDCARD,
    placeholder::VALUE,
    placeholder::QUERY_EXPRESSION,
    external::FILE,
    external::HTTP,
    external::COMMAND,
    add_condition::ENTRY,
    rule::CHANGE_LOGSOURCE,
    field_list::ADD,
    field_list::REMOVE,
    field_list::SET,
    replace::ENTRY,
    map_string::ENTRY,
    rule::SET_STATE,
    to_regex::ENTRY,
    value::SET_VALUE,
    value::CONVERT_TYPE,
    failure::RULE,
    failure::DETECTION_ITEM,
    failure::STRICT_FIELD_MAPPING,
    rule::SET_CUSTOM_ATTRIBUTE,
    nest::ENTRY,
    string::CASE,
];
