//! Invalid regular expressions, which no target can take.

use crate::diagnostic::Diagnostic;
use crate::pattern;
use crate::rule::{Detection, DetectionNode, Rule, Value};
use crate::source::Span;

/// The errors of a rule's regular expressions, as `convert` has them; its modifiers were applied.
#[must_use]
pub fn regexes(rule: &Rule<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, detection) in &rule.detection.named {
        of_detection(detection, &mut found);
    }
    found
}

fn of_detection(detection: &Detection<'_>, found: &mut Vec<Diagnostic>) {
    for node in &detection.nodes {
        match node {
            DetectionNode::Detection(detection) => of_detection(detection, found),
            DetectionNode::Item(item) => {
                for value in &item.values {
                    of_value(&value.value, value.span, found);
                }
            }
        }
    }
}

fn of_value(value: &Value<'_>, span: Span, found: &mut Vec<Diagnostic>) {
    match value {
        Value::Expansion(values) => {
            for value in values {
                of_value(value, span, found);
            }
        }
        // What a pipeline puts in may be anything.
        Value::Regex(regex) if regex.pattern.placeholder().is_none() => {
            let text = regex.pattern.as_literal().unwrap_or_default();
            if let Err(invalid) = pattern::parse(regex) {
                found.push(invalid.diagnostic(span, text));
            }
        }
        _ => {}
    }
}
