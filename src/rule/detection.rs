//! The `detection` section: named detections of items, and the conditions that join them.

use super::{Condition, Modifier, Selector, Text, Value};
use crate::source::{Span, Spanned};
use std::borrow::Cow;

/// The `detection` section.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Detections<'s> {
    /// The section's bytes.
    pub span: Span,
    /// Search identifiers and what they stand for, in the order written.
    pub named: Vec<(Text<'s>, Detection<'s>)>,
    /// `condition:`, one or several; each is a query of its own.
    pub conditions: Vec<Condition<'s>>,
    /// `timeframe: 15m`, from older Sigma.
    pub timeframe: Option<Text<'s>>,
    /// The names of detections that filters brought: the rule's own selectors don't range over them.
    pub joined: Vec<Cow<'s, str>>,
    /// The filters that were joined to the rule, in their order.
    pub filters: Vec<JoinedFilter<'s>>,
}

/// A filter that was joined to a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinedFilter<'s> {
    /// Its title.
    pub title: Cow<'s, str>,
    /// Its id.
    pub id: Option<Cow<'s, str>>,
    /// Does it come from another file than the rule? Then its detections are where the rule's
    /// condition is.
    pub is_foreign: bool,
}

impl<'s> Detections<'s> {
    /// The detection of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Detection<'s>> {
        self.named
            .iter()
            .find(|(known, _)| known.value == name)
            .map(|(_, detection)| detection)
    }

    /// The names and detections that a selector of the rule ranges over.
    pub fn selected<'d>(
        &'d self,
        selector: &'d Selector<'s>,
    ) -> impl Iterator<Item = &'d (Text<'s>, Detection<'s>)> {
        let named = self.named.iter();
        let own = named.filter(|(name, _)| !self.joined.contains(&name.value));
        own.filter(|(name, _)| selector.selects(name))
    }
}

/// How the parts of a detection, or the values of an item, are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Link {
    /// All must hold: the items of a map, the values of `|all`.
    And,
    /// One must hold: the entries of a list, the values of an item.
    Or,
}

/// A map of items (`And`) or a list of maps (`Or`), nested as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection<'s> {
    /// Its bytes.
    pub span: Span,
    /// `And` for a map, `Or` for a list.
    pub link: Link,
    /// Its parts in order. Never empty after parsing; a pipeline may drop all.
    pub nodes: Vec<DetectionNode<'s>>,
}

/// A part of a detection.
#[derive(Debug, Clone, PartialEq)]
pub enum DetectionNode<'s> {
    /// `Image|endswith: '\cmd.exe'`, or keywords.
    Item(Item<'s>),
    /// A map or list inside a list.
    Detection(Detection<'s>),
}

/// A field, its modifiers and its values; keywords have no field.
#[derive(Debug, Clone, PartialEq)]
pub struct Item<'s> {
    /// `Image`; `None` for keywords (`- 'text'`, or `'|all':`).
    pub field: Option<Cow<'s, str>>,
    /// Where field and modifiers were written; where the value stands for a bare keyword.
    pub key: Span,
    /// `endswith`, `all`, … in order.
    pub modifiers: Vec<Spanned<Modifier>>,
    /// The values: as written, until `modifier` has applied the modifiers.
    pub values: Vec<Spanned<Value<'s>>>,
    /// Were the values written as a list, even of one?
    pub listed: bool,
    /// `Or`, or `And` once `|all` was applied.
    pub link: Link,
    /// `|neq`: the whole item is negated.
    pub negated: bool,
    /// The ids of the pipeline items that changed it, where some condition asks for them.
    pub processed_by: Vec<&'s str>,
}
