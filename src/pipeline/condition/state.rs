//! `processing_item_applied` and `processing_state`, for rules, detection items and field names.

use super::{FieldCondition, ItemCondition, Load, RuleCondition};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::data;
use crate::pipeline::entry::{Entry, Key, nullable, optional, required};
use crate::pipeline::reader::Keys;
use crate::pipeline::state::State;
use crate::rule::{Item, Rule};
use serde_json::Value;
use std::cmp::Ordering;

const APPLIED: &[Key] = &[required("processing_item_id", "the `id` of an item")];
const STATE: &[Key] = &[
    required("key", "a key of `set_state`"),
    nullable("val", "the value to compare with"),
    optional("op", "`eq` (the default), `ne`, `gt`, `gte`, `lt` or `lte`"),
];

/// The entries for rules.
pub const RULE: [Entry<Load<dyn RuleCondition>>; 2] = [
    Entry {
        name: "processing_item_applied",
        summary: "An item with this id was applied to the rule.",
        keys: APPLIED,
        load: |keys| Some(Box::new(Applied::load(keys)?)),
    },
    Entry {
        name: "processing_state",
        summary: "The state compares so with a value; false where the key is not set.",
        keys: STATE,
        load: |keys| Some(Box::new(InState::load(keys)?)),
    },
];

/// The entries for detection items.
pub const ITEM: [Entry<Load<dyn ItemCondition>>; 2] = [
    Entry {
        name: "processing_item_applied",
        summary: "An item with this id changed the detection item.",
        keys: APPLIED,
        load: |keys| Some(Box::new(Applied::load(keys)?)),
    },
    Entry {
        name: "processing_state",
        summary: "As for rules.",
        keys: STATE,
        load: |keys| Some(Box::new(InState::load(keys)?)),
    },
];

/// The entries for field names.
pub const FIELD: [Entry<Load<dyn FieldCondition>>; 2] = [
    Entry {
        name: "processing_item_applied",
        summary: "An item with this id changed the detection item, or the name in `fields`.",
        keys: APPLIED,
        load: |keys| Some(Box::new(Applied::load(keys)?)),
    },
    Entry {
        name: "processing_state",
        summary: "As for rules.",
        keys: STATE,
        load: |keys| Some(Box::new(InState::load(keys)?)),
    },
];

#[derive(Debug)]
struct Applied {
    id: String,
}

impl Applied {
    fn load(keys: &Keys<'_>) -> Option<Self> {
        Some(Self {
            id: keys.text("processing_item_id")?,
        })
    }
}

impl RuleCondition for Applied {
    fn holds(&self, _: &Rule<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        Ok(state.applied.contains(self.id.as_str()))
    }

    fn asks_for(&self) -> Option<&str> {
        Some(&self.id)
    }
}

impl ItemCondition for Applied {
    fn holds(&self, item: &Item<'_>, _: &State<'_>) -> Result<bool, Diagnostic> {
        Ok(item.processed_by.contains(&self.id.as_str()))
    }

    fn asks_for(&self) -> Option<&str> {
        Some(&self.id)
    }
}

impl FieldCondition for Applied {
    fn holds(&self, field: Option<&str>, state: &State<'_>) -> Result<bool, Diagnostic> {
        Ok(field
            .and_then(|field| state.field_names.get(field))
            .is_some_and(|ids| ids.contains(&self.id.as_str())))
    }

    fn holds_for_item(&self, item: &Item<'_>, _: &State<'_>) -> Result<bool, Diagnostic> {
        Ok(item.processed_by.contains(&self.id.as_str()))
    }

    fn asks_for(&self) -> Option<&str> {
        Some(&self.id)
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

#[derive(Debug)]
struct InState {
    key: String,
    value: Value,
    relation: Relation,
}

impl InState {
    fn load(keys: &Keys<'_>) -> Option<Self> {
        let relation = match keys.node("op") {
            Some(_) => keys.choice("op", &Relation::NAMES)?,
            None => Relation::Equal,
        };
        Some(Self {
            key: keys.text("key")?,
            value: data::read(keys.node_or_null("val")?),
            relation,
        })
    }

    fn compare(&self, state: &State<'_>) -> Result<bool, Diagnostic> {
        let Some(value) = state.get(&self.key) else {
            return Ok(false);
        };
        match self.relation {
            Relation::Equal => Ok(data::equal(value, &self.value)),
            Relation::Unequal => Ok(!data::equal(value, &self.value)),
            relation => data::compare(value, &self.value)
                .map(|ordering| relation.allows(ordering))
                .ok_or_else(|| {
                    Diagnostic::error(
                        Code::PipelineComparison,
                        format!(
                            "the state `{}` is {value}, which has no order with {}",
                            self.key, self.value
                        ),
                    )
                }),
        }
    }
}

impl RuleCondition for InState {
    fn holds(&self, _: &Rule<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        self.compare(state)
    }
}

impl ItemCondition for InState {
    fn holds(&self, _: &Item<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        self.compare(state)
    }
}

impl FieldCondition for InState {
    fn holds(&self, _: Option<&str>, state: &State<'_>) -> Result<bool, Diagnostic> {
        self.compare(state)
    }
}
