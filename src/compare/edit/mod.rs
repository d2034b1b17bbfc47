//! What was edited between two versions of a rule.
//!
//! In: two rules, lowered. Out: [`Edit`]s, each a sentence for a reviewer: *value added to Image:
//! '\*\pwsh.exe'*. They are worked out on the expressions, so layout, order and the names of
//! detections are no edits. What the edits amount to is not said here: that is proven.

mod align;
mod tree;
mod value;
mod words;

use super::{Relation, Version};
use crate::lower::Operator;
use crate::rule::LogSource;
use align::Aligner;
use serde::Serialize;
use tree::{Keys, Tree};

/// One edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// The detection in which it is, by the new version's name where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detection: Option<String>,
    /// Is it under a `not`?
    pub negated: bool,
    /// What was done.
    #[serde(flatten)]
    pub change: Change,
    /// The whole in words.
    pub text: String,
}

impl Edit {
    /// An edit, put in words.
    pub(super) fn of(detection: Option<String>, negated: bool, change: Change) -> Self {
        let text = words::sentence(detection.as_deref(), negated, &change);
        Self {
            detection,
            negated,
            change,
            text,
        }
    }
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the variant says what its fields are")]
pub enum Change {
    /// A list of values has one more.
    ValueAdded {
        field: Option<String>,
        value: String,
        join: Join,
    },
    /// A list of values has one less.
    ValueRemoved {
        field: Option<String>,
        value: String,
        join: Join,
    },
    /// A value is in another's place.
    ValueChanged {
        field: Option<String>,
        before: String,
        after: String,
        how: How,
    },
    /// A test, or several, joined to what is there.
    TestAdded { test: String, join: Join },
    /// A test, or several, taken away.
    TestRemoved { test: String, join: Join },
    /// A `not` was put before this.
    NegationAdded { test: String },
    /// The `not` before this went.
    NegationRemoved { test: String },
    /// The same values are tested on another field.
    FieldRenamed { before: String, after: String },
    /// One of a field's values had to match, and now all (`|all`), or the other way.
    LinkChanged {
        field: Option<String>,
        before: Join,
        after: Join,
    },
    /// `and` became `or`, or the other way.
    OperatorChanged { before: Join, after: Join },
    /// The same tests, joined in another way that means the same.
    Rearranged,
    /// Another log is read.
    LogsourceChanged { before: String, after: String },
    /// Events are counted in another way.
    AggregationChanged {
        before: Option<String>,
        after: Option<String>,
    },
    /// An attribute of a correlation: its type, its condition, an alias, the order of its rules.
    AttributeChanged {
        attribute: &'static str,
        before: Option<String>,
        after: Option<String>,
    },
    /// A correlation's window is of another length.
    TimespanChanged {
        before: String,
        after: String,
        longer: bool,
    },
    /// A correlation refers to one more rule.
    RuleAdded { rule: String },
    /// A correlation refers to one less.
    RuleRemoved { rule: String },
    /// A rule that a correlation refers to changed itself.
    RuleChanged { rule: String, relation: Relation },
    /// Groups have one more field in common.
    GroupAdded { field: String },
    /// Groups have one less.
    GroupRemoved { field: String },
}

/// How parts are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// All have to match.
    And,
    /// One has to.
    Or,
}

/// How a value relates to the one that it replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The same text is compared in another way: `contains` became `equals`.
    #[allow(missing_docs, reason = "the variant says what its fields are")]
    Modifier { before: String, after: String },
    /// The old text is in the new one.
    Longer,
    /// The new text is in the old one.
    Shorter,
    /// Otherwise.
    Other,
}

impl From<Operator> for Join {
    fn from(operator: Operator) -> Self {
        match operator {
            Operator::And => Self::And,
            Operator::Or => Self::Or,
        }
    }
}

/// What was edited, in the rule's order; `equal` if both match the same events.
pub(super) fn edits(before: Version<'_, '_>, after: Version<'_, '_>, equal: bool) -> Vec<Edit> {
    let mut aligner = Aligner::new(before.rule, after.rule);
    let [old, new] = [before, after].map(|version| logsource(&version.rule.logsource));
    if old != new {
        let change = Change::LogsourceChanged {
            before: old,
            after: new,
        };
        aligner.push(None, false, change);
    }
    let mut keys = Keys::default();
    let [old, new] = [before, after].map(|version| {
        Tree::any(
            version.lowered.iter().map(|lowered| &lowered.expr),
            &mut keys,
        )
    });
    if equal && old.tests == new.tests && old.key != new.key {
        aligner.push(None, false, Change::Rearranged);
    } else {
        aligner.align(&old, &new, false);
    }
    let [mut old, mut new] = [before, after].map(aggregations);
    let conditions = old.len().max(new.len());
    old.resize(conditions, None);
    new.resize(conditions, None);
    for (before, after) in old.into_iter().zip(new) {
        if before != after {
            aligner.push(None, false, Change::AggregationChanged { before, after });
        }
    }
    aligner.edits
}

/// A log source in a line: `category process_creation, product windows`.
pub(super) fn logsource(logsource: &LogSource<'_>) -> String {
    let keys = [
        ("category", &logsource.category),
        ("product", &logsource.product),
        ("service", &logsource.service),
    ];
    let keys = keys.iter().filter_map(|(key, value)| {
        let value = value.as_ref()?;
        Some(format!("{key} {}", value.value))
    });
    let keys: Vec<String> = keys.collect();
    if keys.is_empty() {
        "none".to_owned()
    } else {
        keys.join(", ")
    }
}

/// The conditions' aggregations with the time in which they count.
pub(super) fn aggregations(version: Version<'_, '_>) -> Vec<Option<String>> {
    let timeframe = version.rule.detection.timeframe.as_ref();
    let of = version.lowered.iter().map(|lowered| {
        let aggregation = lowered.condition.aggregation.as_ref()?;
        let field = aggregation.field.as_ref().map_or("", |field| &field.value);
        let by = aggregation.group_by.as_ref();
        let by = by.map_or(String::new(), |field| format!(" by {}", field.value));
        let within = timeframe.map_or(String::new(), |time| format!(" within {}", time.value));
        let (function, symbol) = (aggregation.function.name(), aggregation.operator.symbol());
        let threshold = &aggregation.threshold.value;
        Some(format!(
            "{function}({field}){by} {symbol} {threshold}{within}"
        ))
    });
    of.collect()
}
