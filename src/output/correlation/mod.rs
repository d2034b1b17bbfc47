//! A correlation as the templates of targets see it: `correlation` in `templates/…/correlation/`.
//!
//! In: the queries of the rules that it refers to, and what it asks of them. Out: plain data. Its
//! texts are in the target's words already, but for what the templates join them to. See
//! `docs/backends.md` for every name.

#[cfg_attr(not(feature = "documents"), path = "none.rs")]
mod render;

pub use render::{CorrelationTemplates, RenderError};

use crate::pipeline::RuleView;
use serde::Serialize;
use std::collections::BTreeMap;

/// A correlation.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CorrelationView {
    /// `event_count`
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The template that makes its query, for one that another refers to.
    pub template: String,
    /// Its attributes.
    pub rule: RuleView,
    /// How deep it is below the one that is converted: 0 for that one.
    pub depth: usize,
    /// A number of its own among the correlations of the query, from 1.
    pub number: usize,
    /// The rules that it refers to, in its order. A rule that is listed twice is there twice.
    pub bases: Vec<BaseView>,
    /// Where events come from: rules that lie in one table, and mean the same fields.
    pub sources: Vec<SourceView>,
    /// The entries of `group-by`.
    pub group: Vec<NameView>,
    /// The entries of the condition's `field`.
    pub fields: Vec<NameView>,
    /// Fields of its events that a correlation which refers to it groups by or counts, without those
    /// of its own group.
    pub extra: Vec<NameView>,
    /// Its aliases, those that it does not use, too.
    pub aliases: Vec<AliasView>,
    /// How long the window is.
    pub span: SpanView,
    /// The operators and numbers of its condition.
    pub bounds: Vec<BoundView>,
    /// The percentile from 0 to 100, as text.
    pub percentile: Option<String>,
    /// `all`, `threshold`, `expression` or `absence`.
    pub condition: &'static str,
    /// The expression, of `rule` numbers.
    pub expression: Option<ExprView>,
}

/// A rule that a correlation refers to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BaseView {
    /// Its number in the list, from 1.
    pub number: usize,
    /// The number of the source that it is of, from 1.
    pub source: usize,
    /// As the correlation refers to it.
    pub reference: String,
    /// Its attributes.
    pub rule: RuleView,
    /// Its queries, one a condition; empty for a correlation.
    pub queries: Vec<BaseQueryView>,
    /// Its queries' searches as one expression.
    pub search: String,
    /// Has it keywords?
    pub keywords: bool,
    /// For each entry of `group-by` its field.
    pub group: Vec<NameView>,
    /// For each entry of `field` its field.
    pub fields: Vec<NameView>,
    /// For each entry of the correlation's `extra` its field.
    pub extra: Vec<NameView>,
    /// The target's options, with what its pipelines set.
    pub options: BTreeMap<String, String>,
    /// The same as names that the language writes, quoted, with dots between their parts.
    pub names: BTreeMap<String, String>,
    /// What its pipelines set besides.
    pub state: BTreeMap<String, serde_json::Value>,
    /// The fields that the rule shows.
    pub shown: Vec<NameView>,
    /// Is it a correlation? A reference takes one in as it is printed, so that it is not there below.
    pub is_correlation: bool,
    /// The correlation that it is.
    pub correlation: Option<Box<CorrelationView>>,
}

impl CorrelationView {
    /// Is there a rule, here or in a correlation that this one refers to, without a value of an option?
    #[must_use]
    pub fn lacks(&self, option: &str) -> bool {
        self.bases.iter().any(|base| match &base.correlation {
            Some(child) => child.lacks(option),
            None => base.options.get(option).is_none_or(String::is_empty),
        })
    }
}

/// A query of a rule that a correlation refers to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BaseQueryView {
    /// The search alone.
    pub search: String,
    /// Commands after it.
    pub after: String,
    /// Both, as the pipelines' postprocessing leaves them.
    pub text: String,
}

/// Rules whose events come from one table, with the same fields for group and values.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SourceView {
    /// Its number, from 1.
    pub number: usize,
    /// The numbers of its rules.
    pub bases: Vec<usize>,
    /// The searches of its rules as one expression.
    pub search: String,
    /// For each entry of `group-by` the field.
    pub group: Vec<NameView>,
    /// For each entry of `field` the field.
    pub fields: Vec<NameView>,
    /// For each entry of the correlation's `extra` the field.
    pub extra: Vec<NameView>,
    /// The options of its rules.
    pub options: BTreeMap<String, String>,
    /// The same as names that the language writes.
    pub names: BTreeMap<String, String>,
    /// The correlation whose firings are its events.
    pub correlation: Option<Box<CorrelationView>>,
}

/// A field or an alias.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NameView {
    /// As it is called, without quotes.
    pub name: String,
    /// As the language writes it, with quotes, or the path into the column that it is in.
    pub text: String,
}

/// An alias.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AliasView {
    /// Its name.
    pub name: NameView,
    /// The fields that it stands for.
    pub fields: Vec<AliasFieldView>,
}

/// The field that an alias stands for in a rule.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AliasFieldView {
    /// The rule, as the alias refers to it.
    pub reference: String,
    /// The field.
    pub field: NameView,
}

/// A time span.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SpanView {
    /// As written: `15m`.
    pub text: String,
    /// 15
    pub count: u64,
    /// `m`: one of `s m h d w M y`.
    pub unit: String,
    /// 900
    pub seconds: u64,
    /// 900000
    pub milliseconds: u64,
}

/// `gte: 10`
#[derive(Debug, Clone, Default, Serialize)]
pub struct BoundView {
    /// `gte`
    pub operator: &'static str,
    /// `>=`
    pub symbol: &'static str,
    /// `10`, as text.
    pub number: String,
    /// The number that a whole count is at least where the operator is `gt` or `gte`, at most where
    /// it is `lt` or `lte`, and equal to or not where that is asked; none if no count is.
    pub count: Option<i64>,
}

/// An extended condition: `{"rule": 1}`, `{"and": […]}`, `{"or": […]}`, `{"not": …}`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ExprView {
    /// The rule of that number.
    Rule(usize),
    /// All of them.
    And(Vec<ExprView>),
    /// One of them.
    Or(Vec<ExprView>),
    /// Not.
    Not(Box<ExprView>),
}

impl CorrelationView {
    /// Puts rules of one table, with the same fields, together.
    pub fn find_sources(&mut self) {
        self.sources.clear();
        // Which rule an event is of is asked for an order, or for each; a count knows it once.
        let tells_rules = matches!(self.kind, "temporal" | "temporal_ordered");
        for at in 0..self.bases.len() {
            let (before, rest) = self.bases.split_at_mut(at);
            let base = &mut rest[0];
            let same = before.iter().find(|other| {
                base.correlation.is_some() && !tells_rules && other.reference == base.reference
            });
            if let Some(same) = same {
                base.source = same.source;
                self.sources[same.source - 1].bases.push(base.number);
                continue;
            }
            let known = self.sources.iter_mut().find(|source| {
                base.correlation.is_none()
                    && source.correlation.is_none()
                    && source.options == base.options
                    && source.group == base.group
                    && source.fields == base.fields
                    && source.extra == base.extra
            });
            if let Some(source) = known {
                base.source = source.number;
                source.bases.push(base.number);
                continue;
            }
            base.source = self.sources.len() + 1;
            self.sources.push(SourceView {
                number: base.source,
                bases: vec![base.number],
                search: String::new(),
                group: base.group.clone(),
                fields: base.fields.clone(),
                extra: base.extra.clone(),
                options: base.options.clone(),
                names: base.names.clone(),
                correlation: base.correlation.clone(),
            });
        }
    }
}
