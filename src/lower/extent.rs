//! The size of a condition after its names are replaced by their detections.
//!
//! In: a rule, before it is lowered. Out: an error where lowering would exhaust the memory: `s or s or …` a thousand times, over a list of ten thousand values, is ten million tests.

use super::Rules;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{
    Condition, ConditionExpr, Detection, DetectionNode, Detections, Item, Part, Pattern, Rule,
    Value,
};

/// The most bytes of a condition's tests, each with its value.
const LARGEST: usize = 64 << 20;

/// Bytes of a test beside its text.
const TEST: usize = 64;

/// Can the rule's conditions be lowered?
///
/// # Errors
/// `VS0509`: one is too large.
pub fn check(rule: &Rule<'_>, rules: &(impl AsRef<dyn Rules> + ?Sized)) -> Result<(), Diagnostic> {
    let detections = Sizes::of(&rule.detection);
    for condition in &rule.detection.conditions {
        let size = detections.condition(&condition.expr);
        if size > LARGEST {
            let most = LARGEST >> 20;
            let message = format!(
                "expected a condition that takes at most {most} MiB with every detection written out, found more"
            );
            return Err(error(condition, message).help(
                "name each detection once, or give several a common prefix: `1 of \
                       selection_*`",
            ));
        }
        rules.as_ref().check(condition)?;
    }
    Ok(())
}

/// Is the rule small enough to search for events that match it? Each part of a pattern is tried at
/// each place, and each test of a condition with each event.
///
/// # Errors
/// `VS0510`: it is too large.
pub fn check_for_events(rule: &Rule<'_>) -> Result<(), Diagnostic> {
    let mut tests = 0;
    for (_, detection) in &rule.detection.named {
        for_each_item(detection, &mut |item| {
            for value in &item.values {
                tests += count(&value.value);
                if value_size(&value.value) > TEST + LONGEST_SEARCHED {
                    let message = format!(
                        "expected a value of at most {LONGEST_SEARCHED} bytes to make events for, found more"
                    );
                    return Err(Diagnostic::error(Code::EventsExtent, message).at(value.span));
                }
            }
            Ok(())
        })?;
    }
    if tests > MOST_SEARCHED {
        let message =
            format!("expected at most {MOST_SEARCHED} values to make events for, found {tests}");
        return Err(Diagnostic::error(Code::EventsExtent, message).at(rule.detection.span));
    }
    let conditions = rule.detection.conditions.len();
    let most = MOST_CONDITIONS.min(MOST_IN_CONDITIONS / tests.max(1));
    if conditions > most {
        let message = format!(
            "expected at most {most} conditions over {tests} values to make events for, found {conditions}"
        );
        return Err(Diagnostic::error(Code::EventsExtent, message).at(rule.detection.span));
    }
    Ok(())
}

/// The longest value, the most values and conditions for which events are made, and the most values
/// counted once for each condition.
const LONGEST_SEARCHED: usize = 4096;
const MOST_SEARCHED: usize = 2000;
const MOST_CONDITIONS: usize = 100;
const MOST_IN_CONDITIONS: usize = 20_000;

fn for_each_item(
    detection: &Detection<'_>,
    work: &mut dyn FnMut(&Item<'_>) -> Result<(), Diagnostic>,
) -> Result<(), Diagnostic> {
    detection.nodes.iter().try_for_each(|node| match node {
        DetectionNode::Item(item) => work(item),
        DetectionNode::Detection(detection) => for_each_item(detection, work),
    })
}

fn count(value: &Value<'_>) -> usize {
    match value {
        Value::Expansion(values) => values.iter().map(count).sum(),
        _ => 1,
    }
}

pub(crate) fn error(condition: &Condition<'_>, message: String) -> Diagnostic {
    Diagnostic::error(Code::ConditionExtent, message).at(condition.text.span)
}

struct Sizes<'r> {
    detections: &'r Detections<'r>,
    named: Vec<(&'r str, usize)>,
}

impl<'r> Sizes<'r> {
    fn of(detections: &'r Detections<'r>) -> Self {
        let named = detections.named.iter();
        let mut named: Vec<_> = named
            .map(|(name, detection)| (name.value.as_ref(), detection_size(detection)))
            .collect();
        named.sort_unstable();
        Self { detections, named }
    }

    fn condition(&self, expr: &ConditionExpr<'_>) -> usize {
        match expr {
            ConditionExpr::Or(operands) | ConditionExpr::And(operands) => {
                operands.iter().fold(0, |sum, operand| {
                    sum.saturating_add(self.condition(operand))
                })
            }
            ConditionExpr::Not(_, operand) | ConditionExpr::Group(operand) => {
                self.condition(operand).saturating_add(TEST)
            }
            ConditionExpr::Identifier(name) => {
                let at = self
                    .named
                    .binary_search_by(|(known, _)| (*known).cmp(name.value.as_ref()));
                TEST + at.map_or(0, |at| self.named[at].1)
            }
            ConditionExpr::Selector(selector) => {
                let names = self.detections.named.iter().map(|(name, _)| name);
                let selected = names.filter(|name| selector.selects(name)).count();
                // The whole rule is the most that a selector ranges over.
                let all = self.named.iter().map(|(_, size)| size).sum();
                if selected == 0 { TEST } else { all }
            }
        }
    }
}

fn detection_size(detection: &Detection<'_>) -> usize {
    let nodes = detection.nodes.iter().map(|node| match node {
        DetectionNode::Item(item) => item_size(item),
        DetectionNode::Detection(detection) => detection_size(detection),
    });
    TEST + nodes.sum::<usize>()
}

fn item_size(item: &Item<'_>) -> usize {
    let values = item.values.iter().map(|value| value_size(&value.value));
    TEST + values.sum::<usize>()
}

fn value_size(value: &Value<'_>) -> usize {
    let text = |pattern: &Pattern<'_>| -> usize {
        let parts = pattern.parts.iter().map(|part| match part {
            Part::Literal(text) | Part::Placeholder(text) => text.len(),
            Part::Any | Part::One => 1,
        });
        parts.sum()
    };
    TEST + match value {
        Value::String(pattern) | Value::Cased(pattern) => text(pattern),
        Value::Regex(regex) => text(&regex.pattern),
        Value::Expansion(values) => values.iter().map(value_size).sum(),
        _ => 0,
    }
}
