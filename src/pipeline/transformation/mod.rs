//! Transformations: what the items of a pipeline do to a rule.
//!
//! In: the keys of an item. Out: a [`Transformation`]. [`TABLE`] lists them all; each kind has a file
//! here.

mod add_condition;
pub(crate) mod alternatives;
mod external;
pub(crate) mod extract;
mod failure;
mod field_list;
mod field_name;
mod hash;
pub(crate) mod hashes;
pub(crate) mod map_string;
mod mapping;
mod narrower;
mod nest;
mod placeholder;
pub(crate) mod replace;
mod rule;
pub(crate) mod string;
pub(crate) mod to_regex;
mod value;
pub(crate) mod walk;

pub use walk::Pass;

use super::definition::Table;
use super::item::ProcessingItem;
use crate::diagnostic::Diagnostic;
use std::fmt::Debug;

/// A change to a rule.
pub trait Transformation: Debug + Send + Sync {
    /// Changes the rule where the item's conditions allow it. An error is the rule's.
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic>;

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
        let mut nested = self.nested().iter();
        nested.any(|item| item.transformation.asks_for_mapped())
    }
}

/// A transformation as the table has it.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the functions of a table may fail"
)]
fn boxed(transformation: impl Transformation + 'static) -> Option<Box<dyn Transformation>> {
    Some(Box::new(transformation))
}

/// Every transformation.
pub const TABLE: Table<Box<dyn Transformation>> = Table {
    name: "transformation",
    what: "transformation",
    common: &["typed", "item", "transformation"],
    loads: &[
        ("field_name_mapping", field_name::mapping),
        ("field_name_prefix_mapping", field_name::prefix_mapping),
        ("field_name_transform", field_name::transform),
        ("drop_detection_item", |_| boxed(value::DropItem)),
        ("hashes_fields", |keys| boxed(hashes::Hashes::load(keys)?)),
        ("extract_fields", |keys| {
            boxed(extract::Extract::load(keys)?)
        }),
        ("field_name_suffix", field_name::suffix),
        ("field_name_prefix", field_name::prefix),
        ("wildcard_placeholders", placeholder::wildcard),
        ("value_placeholders", placeholder::values),
        (
            "query_expression_placeholders",
            placeholder::query_expression,
        ),
        ("file_placeholders", external::file),
        ("http_placeholders", external::http),
        ("command_placeholders", external::command),
        ("add_condition", |keys| {
            boxed(add_condition::AddCondition::load(keys)?)
        }),
        ("change_logsource", |keys| {
            boxed(rule::ChangeLogSource::load(keys)?)
        }),
        ("add_field", field_list::add),
        ("remove_field", field_list::remove),
        ("set_field", field_list::set),
        ("replace_string", |keys| {
            boxed(replace::Replace::load(keys)?)
        }),
        ("map_string", |keys| {
            boxed(map_string::MapString::load(keys)?)
        }),
        ("set_state", |keys| boxed(rule::SetState::load(keys)?)),
        ("regex", |keys| boxed(to_regex::ToRegex::load(keys))),
        ("set_value", |keys| boxed(value::SetValue::load(keys)?)),
        ("convert_type", |keys| {
            boxed(value::ConvertType::load(keys)?)
        }),
        ("rule_failure", |keys| {
            boxed(failure::RuleFailure(keys.text("message")?))
        }),
        ("detection_item_failure", |keys| {
            boxed(failure::ItemFailure(keys.text("message")?))
        }),
        ("narrower", |keys| {
            boxed(narrower::Narrower(keys.text("reason")?))
        }),
        ("strict_field_mapping_failure", |_| {
            boxed(failure::StrictFieldMapping)
        }),
        ("set_custom_attribute", |keys| {
            boxed(rule::SetCustomAttribute::load(keys)?)
        }),
        ("nest", |keys| boxed(nest::Nest::load(keys))),
        ("case", |keys| boxed(string::Case::load(keys))),
    ],
};
