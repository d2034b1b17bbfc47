//! `processing_item_applied` and `processing_state`, for rules, detection items and field names.

use super::{Condition, Subject, boxed};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::data;
use crate::pipeline::reader::Keys;
use crate::pipeline::state::State;
use serde_json::Value;
use std::cmp::Ordering;

/// `processing_item_applied`: was the item of this id applied to the rule, or did it change the
/// detection item or field name?
#[derive(Debug)]
struct Applied(String);

/// Makes it.
pub fn applied(keys: &Keys<'_>) -> Option<Box<dyn Condition>> {
    boxed(Applied(keys.text("processing_item_id")?))
}

impl Condition for Applied {
    fn holds(&self, subject: Subject<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        let id = self.0.as_str();
        Ok(match subject {
            Subject::Rule(_) => state.applied.contains(id),
            Subject::Item(item) => item.processed_by.contains(&id),
            Subject::Field(field) => {
                let ids = field.and_then(|field| state.field_names.get(field));
                ids.is_some_and(|ids| ids.contains(&id))
            }
        })
    }

    fn asks_for(&self) -> Option<&str> {
        Some(&self.0)
    }
}

/// How two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `eq`
    Equal,
    /// `ne`
    Unequal,
    /// `gt`
    Greater,
    /// `gte`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `lte`
    LessOrEqual,
}

impl Relation {
    /// The names in pipelines.
    pub const NAMES: [(&'static str, Self); 6] = [
        ("eq", Self::Equal),
        ("ne", Self::Unequal),
        ("gt", Self::Greater),
        ("gte", Self::GreaterOrEqual),
        ("lt", Self::Less),
        ("lte", Self::LessOrEqual),
    ];

    /// Does an ordering satisfy it?
    pub fn allows(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Unequal => ordering.is_ne(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
        }
    }
}

/// `processing_state`
#[derive(Debug)]
struct InState {
    key: String,
    value: Value,
    relation: Relation,
}

/// Makes it.
pub fn in_state(keys: &Keys<'_>) -> Option<Box<dyn Condition>> {
    let relation = keys.choice("op", &Relation::NAMES);
    boxed(InState {
        key: keys.text("key")?,
        value: keys.data("val")?,
        relation: relation.unwrap_or(Relation::Equal),
    })
}

impl Condition for InState {
    fn holds(&self, _: Subject<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        let Some(value) = state.get(&self.key) else {
            return Ok(false);
        };
        match self.relation {
            Relation::Equal => Ok(data::equal(value, &self.value)),
            Relation::Unequal => Ok(!data::equal(value, &self.value)),
            relation => data::compare(value, &self.value)
                .map(|ordering| relation.allows(ordering))
                .ok_or_else(|| {
                    let (key, wanted) = (&self.key, &self.value);
                    let message =
                        format!("the state `{key}` is {value}, which has no order with {wanted}");
                    Diagnostic::error(Code::PipelineComparison, message)
                }),
        }
    }
}
