//! A deprecated aggregation as the correlation that it stands for.
//!
//! In: a rule with a `timeframe` whose condition ends in `| count() by User > 5`. Out: the queries of
//! the correlation that counts what the rest of the condition matches. A rule without a time frame,
//! and functions that correlations don't have, are left to the target's own words for aggregations.

use super::{QueryOutput, Transpiler};
use crate::diagnostic::Diagnostic;
use crate::index::{Index, Place};
use crate::parse::Parsed;
use crate::parse::correlation::timespan_of;
use crate::rule::condition::{AggregationFunction, AggregationOperator};
use crate::rule::correlation::{Bound, Threshold};
use crate::rule::{
    Aggregation, Correlation, CorrelationCondition, CorrelationOperator, CorrelationType,
    Detections, Document, Number, Rule, Text,
};
use crate::source::{Span, Spanned};
use std::borrow::Cow;

/// What the rule is called among its events.
const NAME: &str = "rule";

impl Transpiler {
    /// The queries of a rule's aggregation; `None` where it has none, or none that is a correlation
    /// in this format.
    pub(super) fn aggregated<'s>(
        &'s self,
        rule: &Rule<'s>,
        messages: &mut Vec<Diagnostic>,
    ) -> Option<Result<Vec<QueryOutput>, Diagnostic>> {
        if self.backend.correlations.is_none() || self.format().no_correlations.is_some() {
            return None;
        }
        let [condition] = rule.detection.conditions.as_slice() else {
            return None;
        };
        let correlation = correlation(rule, condition.aggregation.as_ref()?)?;
        let documents = vec![
            parsed(Document::Rule(Box::new(counted(rule)))),
            parsed(Document::Correlation(Box::new(correlation.clone()))),
        ];
        let index = Index::new(vec![documents], &self.dialect);
        let place = Place {
            file: 0,
            document: 1,
        };
        Some(self.correlation(&correlation, place, &index, messages))
    }
}

fn parsed(document: Document<'_>) -> Parsed<'_> {
    Parsed {
        span: Span::default(),
        document: Some(document),
        parts: Vec::new(),
        diagnostics: Vec::new(),
        id: None,
        title: None,
    }
}

/// The rule without its aggregation, under the name by which the correlation refers to it.
fn counted<'s>(rule: &Rule<'s>) -> Rule<'s> {
    let mut rule = rule.clone();
    rule.name = Some(Spanned::new(Cow::Borrowed(NAME), rule.title.span));
    for condition in &mut rule.detection.conditions {
        condition.aggregation = None;
    }
    rule
}

/// The correlation that an aggregation stands for.
fn correlation<'s>(rule: &Rule<'s>, aggregation: &Aggregation<'s>) -> Option<Correlation<'s>> {
    let kind = match (aggregation.function, &aggregation.field) {
        (AggregationFunction::Count, None) => CorrelationType::EventCount,
        (AggregationFunction::Count, Some(_)) => CorrelationType::ValueCount,
        (AggregationFunction::Sum, Some(_)) => CorrelationType::ValueSum,
        (AggregationFunction::Avg, Some(_)) => CorrelationType::ValueAvg,
        _ => return None,
    };
    let span = aggregation.span;
    let number: f64 = aggregation.threshold.value.parse().ok()?;
    let bound = Bound {
        operator: match aggregation.operator {
            AggregationOperator::Lt => CorrelationOperator::Lt,
            AggregationOperator::Lte => CorrelationOperator::Lte,
            AggregationOperator::Gt => CorrelationOperator::Gt,
            AggregationOperator::Gte => CorrelationOperator::Gte,
            AggregationOperator::Eq => CorrelationOperator::Eq,
        },
        number: Spanned::new(
            Number {
                text: aggregation.threshold.value.clone(),
                value: number,
            },
            aggregation.threshold.span,
        ),
    };
    let threshold = Threshold {
        span,
        field: aggregation.field.iter().cloned().collect(),
        bounds: vec![bound],
        percentile: None,
    };
    let mut head = rule.clone();
    head.detection = Detections::default();
    Some(Correlation {
        head,
        span,
        kind: Spanned::new(kind, span),
        rules: vec![Spanned::new(Cow::Borrowed(NAME), span)],
        group_by: groups(aggregation.group_by.as_ref()),
        timespan: timespan_of(rule.detection.timeframe.as_ref()?)?,
        condition: CorrelationCondition::Threshold(threshold),
        aliases: Vec::new(),
        generate: false,
    })
}

/// `by User, Host`
fn groups<'s>(by: Option<&Text<'s>>) -> Vec<Text<'s>> {
    let Some(by) = by else {
        return Vec::new();
    };
    let names = by.value.split(',').map(str::trim);
    let names = names.filter(|name| !name.is_empty());
    let names = names.map(|name| Spanned::new(Cow::Owned(name.to_owned()), by.span));
    names.collect()
}
