//! The correlation rule that takes the place of an aggregation.
//!
//! In: a rule whose condition ends in `| count() by User > 5`. Out: the YAML of the rule to write
//! instead (specification: *correlation rules*), and what to change in the rule itself.

use crate::diagnostic::Replacement;
use crate::rule::condition::AggregationFunction;
use crate::rule::{Aggregation, Condition, Rule, Text};
use std::fmt::Write;

/// The correlation rule as YAML, ready to follow the rule and a `---`. `None` for `min`
/// and `max`, which correlation rules can't express.
///
/// The rule is referred to by its name, else by its id, else by a name still to be given.
#[must_use]
pub fn correlation_rule(
    rule: &Rule<'_>,
    condition: &Condition<'_>,
    aggregation: &Aggregation<'_>,
) -> Option<Replacement> {
    let kind = match (aggregation.function, &aggregation.field) {
        (AggregationFunction::Count, None) => "event_count",
        (AggregationFunction::Count, Some(_)) => "value_count",
        (AggregationFunction::Sum, _) => "value_sum",
        (AggregationFunction::Avg, _) => "value_avg",
        (AggregationFunction::Min | AggregationFunction::Max, _) => return None,
    };
    let known = [&rule.name, &rule.id].into_iter().flatten().next();
    let name = known.is_none().then(|| slug(&rule.title));
    let reference = known.map_or_else(
        || name.clone().unwrap_or_default(),
        |text| text.value.to_string(),
    );
    let title = format!("{} (correlation)", rule.title.value);
    let mut yaml = format!("title: {}\n", scalar(&title));
    if let Some(level) = &rule.level {
        let _ = writeln!(yaml, "level: {}", scalar(level));
    }
    let _ = writeln!(
        yaml,
        "correlation:\n    type: {kind}\n    rules:\n        - {}",
        scalar(&reference)
    );
    if let Some(fields) = &aggregation.group_by {
        yaml.push_str("    group-by:\n");
        for field in fields.split(',').filter(|field| !field.is_empty()) {
            let _ = writeln!(yaml, "        - {}", scalar(field));
        }
    }
    let _ = writeln!(
        yaml,
        "    timespan: {}\n    condition:\n        {}: {}",
        timespan(rule.detection.timeframe.as_ref()),
        aggregation.operator.name(),
        aggregation.threshold.value
    );
    if let Some(field) = &aggregation.field {
        let _ = writeln!(yaml, "        field: {}", scalar(field));
    }
    let before = condition.text.split('|').next().unwrap_or_default();
    Some(Replacement {
        condition: before.trim().to_owned(),
        name,
        document: yaml,
    })
}

/// The span of a rule's window.
pub(super) fn timespan(timeframe: Option<&Text<'_>>) -> String {
    match timeframe {
        Some(timeframe) => scalar(timeframe),
        None => "1h # the rule has no `timeframe`".to_owned(),
    }
}

/// A name made of a title: `brute_force` of `Brute Force`.
pub(super) fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let name = words.join("_");
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_name {
        name
    } else {
        format!("rule_{name}").trim_end_matches('_').to_owned()
    }
}

/// A text as a YAML scalar: plain where it is a word or a title, in quotes otherwise.
pub(super) fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == ')')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | ' ' | '(' | ')'));
    let words = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    if is_plain && !words.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    if text.chars().any(char::is_control) {
        // JSON's texts are YAML's.
        return serde_json::Value::from(text).to_string();
    }
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_titles() {
        for (title, name) in [
            ("Brute Force (RDP)", "brute_force_rdp"),
            ("4625 twice", "rule_4625_twice"),
            ("日本", "rule"),
        ] {
            assert_eq!(slug(title), name);
        }
    }

    #[test]
    fn texts_are_quoted_where_they_need_it() {
        for (text, written) in [
            ("User.Name", "User.Name"),
            ("Rare Logon (correlation)", "Rare Logon (correlation)"),
            ("null", "'null'"),
            ("it's", "'it''s'"),
            ("5m", "'5m'"),
            ("@timestamp", "'@timestamp'"),
            ("a: b", "'a: b'"),
            ("a\nb", "\"a\\nb\""),
        ] {
            assert_eq!(scalar(text), written);
        }
    }
}
