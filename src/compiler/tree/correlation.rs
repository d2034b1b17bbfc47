//! Correlations and filters as data that outlives the text.

use super::Rule;
use crate::dialect::Dialect;
use crate::lower::lower;
use crate::rule::{self, ConditionExpr, Text};
use crate::source::Span;
use std::time::Duration;

pub use crate::rule::{CorrelationOperator, CorrelationType};

/// A correlation rule.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Correlation {
    /// The attributes that it shares with rules. Its log source and its conditions are empty.
    pub rule: Rule,
    /// `type: event_count`
    pub correlation_type: CorrelationType,
    /// `rules:` the names or ids of rules and correlations, in their order.
    pub rules: Vec<String>,
    /// `group-by:` fields and aliases.
    pub group_by: Vec<String>,
    /// `timespan: 5m`
    pub timespan: Duration,
    /// `condition:`
    pub condition: CorrelationCondition,
    /// `aliases:`
    pub aliases: Vec<Alias>,
    /// `generate: true`: the rules that it names have queries of their own, too.
    pub generate: bool,
}

/// When a correlation fires.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum CorrelationCondition {
    /// A temporal correlation without a condition: all of its rules match.
    AllRules,
    /// `{gte: 10, field: User}`
    Threshold(Threshold),
    /// `a and not b`
    Expression(CorrelationExpr),
}

/// A comparison of what a correlation measures.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Threshold {
    /// `field:` one or several; several count as tuples.
    pub fields: Vec<String>,
    /// The operators with their numbers: all must hold.
    pub bounds: Vec<Bound>,
    /// `percentile: 95`, as decimal text.
    pub percentile: Option<String>,
}

/// `gte: 10`
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Bound {
    /// `gte`
    pub operator: CorrelationOperator,
    /// Decimal text.
    pub number: String,
    /// Where the number was written.
    pub span: Span,
}

/// An expression over the rules of a correlation.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum CorrelationExpr {
    /// Every operand holds.
    And(Vec<CorrelationExpr>),
    /// At least one operand holds.
    Or(Vec<CorrelationExpr>),
    /// The operand does not hold.
    Not(Box<CorrelationExpr>),
    /// The rule of this name or id matches.
    Rule(String),
}

/// A name for what rules call by different fields.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alias {
    /// The alias.
    pub name: String,
    /// The field that it is in each rule.
    pub fields: Vec<AliasField>,
}

/// What an alias is in one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AliasField {
    /// The rule's name or id.
    pub rule: String,
    /// The field.
    pub field: String,
}

/// A filter: a condition that is joined to other rules.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Filter {
    /// Its attributes, its log source and its condition.
    pub rule: Rule,
    /// Which rules it is for.
    pub rules: FilterRules,
}

/// The rules that a filter is for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterRules {
    /// Each whose log source fits.
    Any,
    /// Those of these names and ids, if their log source fits.
    Named(Vec<String>),
}

fn texts(texts: &[Text<'_>]) -> Vec<String> {
    texts.iter().map(|text| text.value.to_string()).collect()
}

impl Correlation {
    pub(in crate::compiler) fn new(correlation: &rule::Correlation<'_>) -> Self {
        let aliases = correlation.aliases.iter().map(|alias| Alias {
            name: alias.name.value.to_string(),
            fields: alias
                .fields
                .iter()
                .map(|(rule, field)| AliasField {
                    rule: rule.value.to_string(),
                    field: field.value.to_string(),
                })
                .collect(),
        });
        Self {
            rule: Rule::new(&correlation.head, &[]),
            correlation_type: correlation.kind.value,
            rules: texts(&correlation.rules),
            group_by: texts(&correlation.group_by),
            timespan: Duration::from_secs(correlation.timespan.seconds()),
            condition: CorrelationCondition::new(&correlation.condition),
            aliases: aliases.collect(),
            generate: correlation.generate,
        }
    }
}

impl CorrelationCondition {
    fn new(condition: &rule::CorrelationCondition<'_>) -> Self {
        match condition {
            rule::CorrelationCondition::AllRules => Self::AllRules,
            rule::CorrelationCondition::Expression { expr, .. } => {
                Self::Expression(CorrelationExpr::new(expr))
            }
            rule::CorrelationCondition::Threshold(threshold) => {
                let bounds = threshold.bounds.iter().map(|bound| Bound {
                    operator: bound.operator,
                    number: bound.number.value.text.to_string(),
                    span: bound.number.span,
                });
                let percentile = threshold.percentile.as_ref();
                Self::Threshold(Threshold {
                    fields: texts(&threshold.field),
                    bounds: bounds.collect(),
                    percentile: percentile.map(|number| number.value.text.to_string()),
                })
            }
        }
    }
}

impl CorrelationExpr {
    fn new(expr: &ConditionExpr<'_>) -> Self {
        let all = |operands: &[ConditionExpr<'_>]| operands.iter().map(Self::new).collect();
        match expr {
            ConditionExpr::And(operands) => Self::And(all(operands)),
            ConditionExpr::Or(operands) => Self::Or(all(operands)),
            ConditionExpr::Not(_, operand) => Self::Not(Box::new(Self::new(operand))),
            ConditionExpr::Group(inner) => Self::new(inner),
            ConditionExpr::Identifier(name) => Self::Rule(name.value.to_string()),
            // An extended condition has no selectors.
            ConditionExpr::Selector(selector) => Self::Rule(selector.pattern.value.to_string()),
        }
    }
}

impl Filter {
    pub(in crate::compiler) fn new(filter: &rule::Filter<'_>) -> Self {
        Self {
            rule: Rule::new(&filter.rule, &lower(&filter.rule, &Dialect::SPECIFICATION)),
            rules: match &filter.rules {
                rule::FilterRules::Any(_) => FilterRules::Any,
                rule::FilterRules::Named(names) => FilterRules::Named(texts(names)),
            },
        }
    }
}
