//! How much a pipeline may use: every limit in one place, and the budget of one rule's way.
//!
//! A pipeline may come from a stranger. Each limit is far above what a real pipeline needs and far
//! below what fills a machine; they are counts, not times, so that the same input meets the same
//! limit everywhere. `docs/pipelines.md` has them under "Bounds".

use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{Detection, DetectionNode, Item, Part, Pattern, Value};
use std::cell::Cell;

/// Steps that one rule may cost: an item that is asked about a detection item or a value.
pub const STEPS: usize = 20_000_000;

/// Bytes of values and queries that pipelines may make for one rule, all together.
pub const BYTES: usize = 64 << 20;

/// The most bytes of a query, or of a finalizer's output.
pub const QUERY_BYTES: usize = 32 << 20;

/// The most values of one detection item.
pub const MOST_VALUES: usize = 100_000;

/// How deep pipelines may nest detections.
pub const NESTING: usize = 64;

/// The most conditions that `add_condition` may add to a rule; each nests the rule's own.
pub const CONDITIONS: usize = 200;

/// Fuel of a template: instructions, and 64 bytes of text each.
pub const TEMPLATE_FUEL: u64 = 1_000_000;

/// How deep macros and includes of a template may call each other.
pub const TEMPLATE_DEPTH: usize = 50;

/// Steps back that a regular expression with look-around or back references may take in a search.
pub const REGEX_STEPS: usize = 100_000;

/// What a search with such an expression costs of [`STEPS`].
pub const REGEX_COST: usize = 1_000;

/// Steps of a jq expression: a term evaluated, an item visited.
pub const JQ_STEPS: usize = 5_000_000;

/// Bytes of values that a jq expression may make, all together.
pub const JQ_BYTES: usize = 64 << 20;

/// How deep terms of a jq expression may be nested while they are evaluated, calls included.
pub const JQ_DEPTH: usize = 100;

/// How deep values that a jq expression makes may be nested.
pub const JQ_NESTING: usize = 128;

/// What a rule may still use.
#[derive(Debug)]
pub struct Budget {
    steps: Cell<usize>,
    bytes: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            steps: Cell::new(STEPS),
            bytes: Cell::new(BYTES),
        }
    }
}

impl Budget {
    /// Takes steps.
    ///
    /// # Errors
    /// `VS0720`: there are not so many left.
    pub fn step(&self, steps: usize) -> Result<(), Diagnostic> {
        let left = self.steps.get().checked_sub(steps);
        self.steps
            .set(left.ok_or_else(|| exceeded(format!("more than {STEPS} steps")))?);
        Ok(())
    }

    /// How many bytes there are left.
    pub fn bytes_left(&self) -> usize {
        self.bytes.get()
    }

    /// Takes bytes, before what fills them is made.
    ///
    /// # Errors
    /// `VS0720`: there are not so many left.
    pub fn make(&self, bytes: usize) -> Result<(), Diagnostic> {
        let left = self.bytes.get().checked_sub(bytes);
        self.bytes.set(left.ok_or_else(too_long)?);
        Ok(())
    }
}

/// The error of who goes beyond the budget.
pub fn exceeded(what: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::error(
        Code::PipelineBudget,
        format!("expected pipelines to stay within their budget, found {what}"),
    )
}

/// The error of texts that are longer than the budget.
pub fn too_long() -> Diagnostic {
    exceeded(format!("more than {} MiB of text", BYTES >> 20))
}

fn at_most(most: usize, count: usize, what: impl Fn() -> String) -> Result<(), Diagnostic> {
    if count > most {
        return Err(exceeded(what()));
    }
    Ok(())
}

/// Is this too many values for one detection item?
pub fn values(count: usize) -> Result<(), Diagnostic> {
    let what = || format!("more than {MOST_VALUES} values in one detection item");
    at_most(MOST_VALUES, count, what)
}

/// Is this nested too deeply?
pub fn nesting(depth: usize) -> Result<(), Diagnostic> {
    let what = || format!("detections nested more than {NESTING} deep");
    at_most(NESTING, depth, what)
}

/// Are these too many conditions added?
pub fn conditions(count: usize) -> Result<(), Diagnostic> {
    let what = || format!("more than {CONDITIONS} conditions added");
    at_most(CONDITIONS, count, what)
}

/// The bytes of a pattern, a byte for each wildcard.
pub fn pattern_weight(pattern: &Pattern<'_>) -> usize {
    let part = |part: &Part<'_>| match part {
        Part::Literal(text) | Part::Placeholder(text) => 16 + text.len(),
        Part::Any | Part::One => 16,
    };
    pattern.parts.iter().map(part).sum()
}

/// The bytes of a value.
pub fn value_weight(value: &Value<'_>) -> usize {
    32 + match value {
        Value::String(pattern) | Value::Cased(pattern) => pattern_weight(pattern),
        Value::Regex(regex) => pattern_weight(&regex.pattern),
        Value::Expansion(values) => values.iter().map(value_weight).sum(),
        _ => 0,
    }
}

/// The bytes of a detection item.
pub fn item_weight(item: &Item<'_>) -> usize {
    let values = item.values.iter();
    128 + values
        .map(|value| value_weight(&value.value))
        .sum::<usize>()
}

/// How deep a part of a detection is nested; an item is 0.
pub fn depth(node: &DetectionNode<'_>) -> usize {
    match node {
        DetectionNode::Item(_) => 0,
        DetectionNode::Detection(detection) => {
            1 + detection.nodes.iter().map(depth).max().unwrap_or(0)
        }
    }
}

/// How many values a detection has, those inside of others included; an item has one at least.
pub fn item_count(detection: &Detection<'_>) -> usize {
    let alone = |value: &Value<'_>| match value {
        Value::Expansion(values) => values.len().max(1),
        _ => 1,
    };
    let count = |node: &DetectionNode<'_>| match node {
        DetectionNode::Item(item) => {
            let values = item.values.iter();
            values
                .map(|value| alone(&value.value))
                .sum::<usize>()
                .max(1)
        }
        DetectionNode::Detection(detection) => item_count(detection),
    };
    detection.nodes.iter().map(count).sum()
}
