//! The correlation rule that takes the place of an aggregation.
//!
//! In: a rule whose condition ends in `| count() by User > 5`. Out: the YAML of the rule to write
//! instead (specification: *correlation rules*).

use crate::rule::condition::AggregationFunction;
use crate::rule::{Aggregation, Rule};
use std::fmt::Write;

/// The correlation rule as YAML, ready to follow the rule and a `---`. `None` for `min`
/// and `max`, which correlation rules can't express.
///
/// The rule is referred to by its name, else by its id, else by a name still to be given.
#[must_use]
pub fn correlation_rule(rule: &Rule<'_>, aggregation: &Aggregation<'_>) -> Option<String> {
    let kind = match (aggregation.function, &aggregation.field) {
        (AggregationFunction::Count, None) => "event_count",
        (AggregationFunction::Count, Some(_)) => "value_count",
        (AggregationFunction::Sum, _) => "value_sum",
        (AggregationFunction::Avg, _) => "value_avg",
        (AggregationFunction::Min | AggregationFunction::Max, _) => return None,
    };
    let reference = [&rule.name, &rule.id]
        .into_iter()
        .flatten()
        .map(|text| text.value.as_ref())
        .next()
        .unwrap_or("base_rule # give the rule above this `name`");
    let mut yaml = format!(
        "title: {}\ncorrelation:\n    type: {kind}\n    rules:\n        - {reference}\n",
        quoted(&format!("{} (correlation)", rule.title.value)),
    );
    if let Some(fields) = &aggregation.group_by {
        yaml.push_str("    group-by:\n");
        for field in fields.split(',').filter(|field| !field.is_empty()) {
            writeln!(yaml, "        - {field}").expect("writing to a String can't fail");
        }
    }
    let timespan = match &rule.detection.timeframe {
        Some(timeframe) => timeframe.value.as_ref(),
        None => "1h # the rule has no `timeframe`",
    };
    write!(
        yaml,
        "    timespan: {timespan}\n    condition:\n        {}: {}\n",
        aggregation.operator.name(),
        aggregation.threshold.value
    )
    .expect("writing to a String can't fail");
    if let Some(field) = &aggregation.field {
        writeln!(yaml, "        field: {}", field.value).expect("writing to a String can't fail");
    }
    if let Some(level) = &rule.level {
        writeln!(yaml, "level: {}", level.value).expect("writing to a String can't fail");
    }
    Some(yaml)
}

/// A YAML scalar in single quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
