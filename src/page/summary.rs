//! What a correlation counts, in words.
//!
//! In: a correlation. Out: plain text, which a template escapes as it does any other:
//!
//! ```text
//! type: event_count
//! rules: [failed_logon]           at least 10 events that the rule matches, within 5 minutes,
//! group-by: [User]           →    with the same User
//! timespan: 5m
//! condition: {gte: 10}
//! ```

use crate::rule::correlation::{Bound, Threshold, TimeUnit, Timespan};
use crate::rule::{
    Correlation, CorrelationCondition, CorrelationOperator, CorrelationType, Number, Text,
};

/// What the correlation fires on.
pub(super) fn summary(correlation: &Correlation<'_>) -> String {
    let mut text = measure(correlation);
    text.push_str(", within ");
    text.push_str(&window(&correlation.timespan));
    if !correlation.group_by.is_empty() {
        text.push_str(", with the same ");
        text.push_str(&listed(&correlation.group_by));
    }
    text
}

/// `5 minutes`
pub(super) fn window(timespan: &Timespan<'_>) -> String {
    let unit = match timespan.unit {
        TimeUnit::Second => "second",
        TimeUnit::Minute => "minute",
        TimeUnit::Hour => "hour",
        TimeUnit::Day => "day",
        TimeUnit::Week => "week",
        TimeUnit::Month => "month",
        TimeUnit::Year => "year",
    };
    let plural = if timespan.count == 1 { "" } else { "s" };
    format!("{} {unit}{plural}", timespan.count)
}

/// What is compared, without the window: `at least 10 events`, `a sum of bytes of more
/// than 5`.
pub(super) fn condition(correlation: &Correlation<'_>) -> String {
    match (&correlation.condition, correlation.kind.value) {
        (CorrelationCondition::Expression { text, .. }, _) => text.value.trim().to_owned(),
        (CorrelationCondition::AllRules, _) => match correlation.rules.len() {
            1 => "the rule".to_owned(),
            count => format!("all {count} rules"),
        },
        (CorrelationCondition::Threshold(threshold), kind) => {
            let bounds = bounds(threshold, kind.is_metric());
            let fields = listed(&threshold.field);
            match kind {
                CorrelationType::EventCount => format!("{bounds} events"),
                CorrelationType::ValueCount if threshold.field.len() > 1 => {
                    format!("{bounds} different combinations of {fields}")
                }
                CorrelationType::ValueCount => format!("{bounds} different values of {fields}"),
                CorrelationType::Temporal | CorrelationType::TemporalOrdered => {
                    format!("{bounds} of {} rules", correlation.rules.len())
                }
                CorrelationType::ValueSum => format!("a sum of {fields} of {bounds}"),
                CorrelationType::ValueAvg => format!("a mean of {fields} of {bounds}"),
                CorrelationType::ValueMedian => format!("a median of {fields} of {bounds}"),
                CorrelationType::ValuePercentile => {
                    let percentile = threshold.percentile.as_ref();
                    let percentile = percentile.map_or("", |number| &*number.value.text);
                    format!("a percentile {percentile} of {fields} of {bounds}")
                }
            }
        }
    }
}

fn measure(correlation: &Correlation<'_>) -> String {
    let condition = condition(correlation);
    let matched = match correlation.rules.len() {
        1 => "that the rule matches".to_owned(),
        count => format!("that any of the {count} rules matches"),
    };
    let order = match correlation.kind.value {
        CorrelationType::TemporalOrdered => "one after the other",
        _ => "in any order",
    };
    match (&correlation.condition, correlation.kind.value) {
        (CorrelationCondition::Expression { .. }, CorrelationType::TemporalOrdered) => {
            format!("matches of the rules, {order}, for which \"{condition}\" holds")
        }
        (CorrelationCondition::Expression { .. }, _) => {
            format!("matches of the rules for which \"{condition}\" holds")
        }
        (_, kind) if kind.is_temporal() && correlation.rules.len() == 1 => {
            format!("a match of {condition}")
        }
        (_, kind) if kind.is_temporal() => format!("matches of {condition}, {order}"),
        (_, CorrelationType::EventCount) => format!("{condition} {matched}"),
        (_, CorrelationType::ValueCount) => format!("{condition} in events {matched}"),
        _ => format!("events {matched}, with {condition}"),
    }
}

/// `at least 10 and at most 20`
fn bounds(threshold: &Threshold<'_>, is_metric: bool) -> String {
    let words = threshold
        .bounds
        .iter()
        .map(|bound| bound_in_words(bound, is_metric));
    words.collect::<Vec<_>>().join(" and ")
}

fn bound_in_words(bound: &Bound<'_>, is_metric: bool) -> String {
    let Number { text, .. } = &bound.number.value;
    let words = match bound.operator {
        CorrelationOperator::Gt => "more than",
        CorrelationOperator::Gte => "at least",
        CorrelationOperator::Lt if is_metric => "less than",
        CorrelationOperator::Lt => "fewer than",
        CorrelationOperator::Lte => "at most",
        CorrelationOperator::Eq => "exactly",
        CorrelationOperator::Neq => "anything but",
    };
    format!("{words} {text}")
}

/// `a`, `a and b`, `a, b and c`
fn listed(texts: &[Text<'_>]) -> String {
    let mut out = String::new();
    for (at, text) in texts.iter().enumerate() {
        match at {
            0 => {}
            at if at + 1 == texts.len() => out.push_str(" and "),
            _ => out.push_str(", "),
        }
        out.push_str(text.value.trim());
    }
    out
}
