//! A Sigma rule as data. No behavior: `parse` makes these, `modifier` and `pipeline` change them,
//! `lower` reads them.
//!
//! Everything borrows from the rule's text (`'s`) until something has to change it.

pub mod condition;
pub mod correlation;
pub mod detection;
pub mod filter;
pub mod fold;
pub mod modifier;
pub mod pattern;
pub mod value;

pub use crate::yaml::Number;
pub use condition::{Aggregation, Condition, ConditionExpr, Quantifier, Selector};
pub use correlation::{Correlation, CorrelationCondition, CorrelationOperator, CorrelationType};
pub use detection::{Detection, DetectionNode, Detections, Item, JoinedFilter, Link};
pub use filter::{Filter, FilterRules};
pub use modifier::Modifier;
pub use pattern::{Part, Pattern};
pub use value::{Comparison, FieldReference, Network, Regex, RegexFlags, TimePart, Value};

use crate::source::{Span, Spanned};
use crate::yaml::Node;
use std::borrow::Cow;

/// A piece of the rule's text and its place.
pub type Text<'s> = Spanned<Cow<'s, str>>;

/// What one YAML document of a rule file is (specification: *rules*, *correlation rules*,
/// *filters*).
#[derive(Debug, Clone, PartialEq)]
pub enum Document<'s> {
    /// A detection rule. Boxed: it is much larger than its siblings.
    Rule(Box<Rule<'s>>),
    /// A correlation rule.
    Correlation(Box<Correlation<'s>>),
    /// A filter.
    Filter(Box<Filter<'s>>),
}

/// A Sigma rule (specification: *Sigma rules*, 2.1).
///
/// Attributes that are missing are `None` or empty; nothing is defaulted here.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rule<'s> {
    /// The whole document's bytes.
    pub span: Span,
    /// `title: Suspicious Service`; empty where the profile allows it to be missing.
    pub title: Text<'s>,
    /// `id: 10c14723-61c7-4c75-92ca-9af245723ad2`
    pub id: Option<Text<'s>>,
    /// `name: base_rule`, what correlations refer to.
    pub name: Option<Text<'s>>,
    /// `related:` other rules, by id and kind of relation.
    pub related: Vec<Related<'s>>,
    /// `taxonomy: sigma`
    pub taxonomy: Option<Text<'s>>,
    /// `status: experimental`
    pub status: Option<Text<'s>>,
    /// `description: …`
    pub description: Option<Text<'s>>,
    /// `license: MIT`
    pub license: Option<Text<'s>>,
    /// `references:` links, in order.
    pub references: Vec<Text<'s>>,
    /// `author: …`
    pub author: Option<Text<'s>>,
    /// `date: 2019-09-03` (or `2019/09/03`), as written.
    pub date: Option<Text<'s>>,
    /// `modified: …`, as written.
    pub modified: Option<Text<'s>>,
    /// `tags:` such as `attack.t1047`, as written.
    pub tags: Vec<Text<'s>>,
    /// `scope:` such as `server`.
    pub scope: Vec<Text<'s>>,
    /// `level: critical`
    pub level: Option<Text<'s>>,
    /// `falsepositives:`, in order.
    pub falsepositives: Vec<Text<'s>>,
    /// `fields:` to show to the analyst, in order.
    pub fields: Vec<Text<'s>>,
    /// `logsource:`
    pub logsource: LogSource<'s>,
    /// `detection:` with its conditions.
    pub detection: Detections<'s>,
    /// Every attribute that the specification does not know, as written.
    pub custom: Vec<(Text<'s>, Node<'s>)>,
}

/// A link to another rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related<'s> {
    /// The other rule's id.
    pub id: Text<'s>,
    /// `derived`, `obsolete`, `merged`, `renamed` or `similar`.
    pub kind: Text<'s>,
}

/// Which log the rule reads (specification: *log source*).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LogSource<'s> {
    /// The section's bytes.
    pub span: Span,
    /// `category: process_creation`
    pub category: Option<Text<'s>>,
    /// `product: windows`
    pub product: Option<Text<'s>>,
    /// `service: sysmon`
    pub service: Option<Text<'s>>,
    /// `definition:` prose on how the log is switched on.
    pub definition: Option<Text<'s>>,
    /// Other keys, as written.
    pub custom: Vec<(Text<'s>, Node<'s>)>,
}
