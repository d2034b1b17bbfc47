//! What a document is made of: queries, and what is known of their rules.
//!
//! In: a rule. Out: its facts, as texts of their own, for a document of many queries outlives the
//! files.

use crate::rule::{Rule, Text};
use std::collections::BTreeMap;

/// A query for a document.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// The query's text in its format.
    pub query: String,
    /// Its commands in front of the search.
    pub before: String,
    /// What leads from those back to the search.
    pub resume: String,
    /// The search alone.
    pub search: String,
    /// Its commands after the search.
    pub after: String,
    /// What the pipelines set for the rule.
    pub state: BTreeMap<String, serde_json::Value>,
    /// The values that the condition needs one of, of the format's `bounds`.
    pub bounds: BTreeMap<String, Vec<serde_json::Value>>,
    /// The names of the fields that the rule tests, where the format has `bounds`.
    pub tested: Vec<String>,
    /// Which of its rule's queries it is, from 1.
    pub number: usize,
    /// How many queries its rule has.
    pub count: usize,
    /// What is known of its rule.
    pub rule: RuleFacts,
}

/// What templates see of a rule.
#[derive(Debug, Clone, Default)]
pub struct RuleFacts {
    /// The title; may be empty.
    pub title: String,
    /// The id.
    pub id: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The status.
    pub status: Option<String>,
    /// The level.
    pub level: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The license.
    pub license: Option<String>,
    /// The author.
    pub author: Option<String>,
    /// The date, as written.
    pub date: Option<String>,
    /// The day of the last change, as written.
    pub modified: Option<String>,
    /// The references.
    pub references: Vec<String>,
    /// The tags, as written.
    pub tags: Vec<String>,
    /// Known false positives.
    pub falsepositives: Vec<String>,
    /// Fields to show.
    pub fields: Vec<String>,
    /// The log source's category.
    pub category: Option<String>,
    /// The log source's product.
    pub product: Option<String>,
    /// The log source's service.
    pub service: Option<String>,
}

impl RuleFacts {
    /// What templates see of this rule.
    #[must_use]
    pub fn of(rule: &Rule<'_>) -> Self {
        let text = |text: &Option<Text<'_>>| text.as_ref().map(|text| text.value.to_string());
        let texts = |texts: &[Text<'_>]| texts.iter().map(|text| text.value.to_string()).collect();
        Self {
            title: rule.title.value.to_string(),
            id: text(&rule.id),
            name: text(&rule.name),
            status: text(&rule.status),
            level: text(&rule.level),
            description: text(&rule.description),
            license: text(&rule.license),
            author: text(&rule.author),
            date: text(&rule.date),
            modified: text(&rule.modified),
            references: texts(&rule.references),
            tags: texts(&rule.tags),
            falsepositives: texts(&rule.falsepositives),
            fields: texts(&rule.fields),
            category: text(&rule.logsource.category),
            product: text(&rule.logsource.product),
            service: text(&rule.logsource.service),
        }
    }
}
