//! How large values may grow: a chain such as `utf16le|utf16le|…` doubles one with each modifier,
//! `windash` makes hundreds of one, and a rule may have a hundred thousand of them.
//!
//! In: a value before and after a modifier. Out: nothing, or the fault that it is too large.

use super::Step;
use super::fault::ModifierFault;
use crate::diagnostic::Code;
use crate::rule::{Part, Pattern, Value};
use std::cell::Cell;

/// Bytes of a value with all its alternatives. No engine takes a query of that length.
const MOST_BYTES: usize = 1 << 20;

/// Bytes that the modifiers of one rule may make.
const MOST_OF_RULE: usize = 16 << 20;

/// Bytes that the modifiers of all rules of a file may make, which are in memory together.
const MOST_OF_FILE: usize = 64 << 20;

/// Bytes of a value beside its text.
const VALUE: usize = 64;

/// Bytes that the modifiers of a file's rules may still make.
#[derive(Debug)]
pub struct ModifierBudget {
    of_rule: Cell<usize>,
    of_file: Cell<usize>,
    is_exceeded: Cell<bool>,
}

impl Default for ModifierBudget {
    fn default() -> Self {
        Self {
            of_rule: Cell::new(MOST_OF_RULE),
            of_file: Cell::new(MOST_OF_FILE),
            is_exceeded: Cell::new(false),
        }
    }
}

impl ModifierBudget {
    /// A rule begins.
    pub(super) fn begin(&self) {
        self.of_rule.set(MOST_OF_RULE);
        self.is_exceeded.set(false);
    }

    /// Did the rule exceed the limit? The error is reported, and the rest of it is skipped.
    pub(super) fn is_exceeded(&self) -> bool {
        self.is_exceeded.get()
    }

    fn take(&self, bytes: usize, step: &Step<'_>) -> Result<(), ModifierFault> {
        let of_rule = self.of_rule.get().checked_sub(bytes);
        let of_file = self.of_file.get().checked_sub(bytes);
        if let (Some(of_rule), Some(of_file)) = (of_rule, of_file) {
            self.of_rule.set(of_rule);
            self.of_file.set(of_file);
            return Ok(());
        }
        self.is_exceeded.set(true);
        let (most, of, help) = if of_rule.is_none() {
            (
                MOST_OF_RULE >> 20,
                "a rule",
                "write fewer values with this modifier, or divide the rule",
            )
        } else {
            (
                MOST_OF_FILE >> 20,
                "all rules of a file",
                "divide the file, or write fewer values with this modifier",
            )
        };
        Err(ModifierFault::Value(
            Code::ModifierExtent,
            format!(
                "expected modifiers to make at most {most} MiB of values for {of}, found more with `{}`",
                step.modifier.name()
            ),
            help.to_owned(),
        ))
    }
}

/// Each modifier multiplies by a small number, so a value that is measured after every one of
/// them is never much larger than the limit.
pub(super) fn check(value: &Value<'_>, step: &Step<'_>) -> Result<(), ModifierFault> {
    if bytes(value) <= MOST_BYTES {
        return Ok(());
    }
    Err(too_large(step))
}

/// May a value become that many alternatives? Checked before they are made, because `windash` makes
/// many at once.
pub(super) fn check_before(
    pattern: &Pattern<'_>,
    alternatives: usize,
    step: &Step<'_>,
) -> Result<(), ModifierFault> {
    let length = length(pattern);
    if length.saturating_mul(alternatives) > MOST_BYTES {
        return Err(too_large(step));
    }
    // They are taken once they are there.
    let made = (length + VALUE).saturating_mul(alternatives);
    if made > step.budget.of_rule.get().min(step.budget.of_file.get()) {
        return step.budget.take(made, step);
    }
    Ok(())
}

/// The bytes of a value.
pub(super) fn weight(value: &Value<'_>) -> usize {
    match value {
        Value::Expansion(values) => values.iter().map(weight).sum(),
        value => VALUE + bytes(value),
    }
}

/// Takes what a value has grown by.
pub(super) fn take(before: usize, value: &Value<'_>, step: &Step<'_>) -> Result<(), ModifierFault> {
    match weight(value).saturating_sub(before) {
        0 => Ok(()),
        grown => step.budget.take(grown, step),
    }
}

fn too_large(step: &Step<'_>) -> ModifierFault {
    ModifierFault::Value(
        Code::ValueTooLarge,
        format!(
            "expected a value of at most {MOST_BYTES} bytes after `{}`, found more",
            step.modifier.name()
        ),
        "write the modifier once, or a shorter value".to_owned(),
    )
}

/// A measure of a value's size; never 0, so that alternatives count.
fn bytes(value: &Value<'_>) -> usize {
    match value {
        Value::String(pattern) | Value::Cased(pattern) => length(pattern),
        Value::Regex(regex) => length(&regex.pattern),
        Value::Expansion(values) => values.iter().map(bytes).sum(),
        _ => 1,
    }
}

fn length(pattern: &Pattern<'_>) -> usize {
    let parts = pattern.parts.iter().map(|part| match part {
        Part::Literal(text) | Part::Placeholder(text) => text.len(),
        Part::Any | Part::One => 1,
    });
    parts.sum::<usize>() + 1
}
