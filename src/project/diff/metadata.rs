//! What changed of the attributes of a rule that alerts show.

use crate::rule::{Rule, Text};
use serde::Serialize;
use std::collections::BTreeSet;

/// An attribute that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttributeChange {
    /// `title`, `id`, `status`, `level` or `tags`.
    pub attribute: &'static str,
    /// What it was; of tags those that went. None where it was missing.
    pub before: Option<String>,
    /// What it is; of tags those that came. None where it is missing.
    pub after: Option<String>,
}

/// What changed between two versions of a rule.
pub(super) fn changes(old: &Rule<'_>, new: &Rule<'_>) -> Vec<AttributeChange> {
    let of = |text: &Option<Text<'_>>| text.as_ref().map(|text| text.value.to_string());
    let only = |tags: &[Text<'_>], others: &[Text<'_>]| {
        let others: BTreeSet<&str> = others.iter().map(|tag| &*tag.value).collect();
        let tags = tags.iter().map(|tag| &*tag.value);
        let tags: Vec<&str> = tags.filter(|tag| !others.contains(tag)).collect();
        (!tags.is_empty()).then(|| tags.join(", "))
    };
    let title = |rule: &Rule<'_>| Some(rule.title.value.to_string());
    let all = [
        ("title", title(old), title(new)),
        ("id", of(&old.id), of(&new.id)),
        ("status", of(&old.status), of(&new.status)),
        ("level", of(&old.level), of(&new.level)),
        (
            "tags",
            only(&old.tags, &new.tags),
            only(&new.tags, &old.tags),
        ),
    ];
    let changed = all.into_iter().filter(|(_, before, after)| before != after);
    changed
        .map(|(attribute, before, after)| AttributeChange {
            attribute,
            before,
            after,
        })
        .collect()
}
