//! The way through a rule's detections that most transformations take.
//!
//! [`Pass::each_item`] visits the detection items that the conditions allow, [`Pass::each_value`]
//! their values. What is changed is noted for the conditions that ask.

use crate::diagnostic::Diagnostic;
use crate::pipeline::item::ProcessingItem;
use crate::pipeline::state::State;
use crate::pipeline::{ItemRules, bound};
use crate::rule::{Detection, DetectionNode, Item, Rule, Value};
use crate::source::Spanned;

/// What became of a detection item.
pub enum Outcome<'s> {
    /// Nothing.
    Unchanged,
    /// It was changed in place.
    Changed,
    /// Something else takes its place.
    Replaced(DetectionNode<'s>),
    /// It goes.
    Dropped,
}

impl Outcome<'_> {
    /// It was changed in place, or not.
    pub fn changed(changed: bool) -> Self {
        if changed {
            Self::Changed
        } else {
            Self::Unchanged
        }
    }
}

/// A rule on its way through an item of a pipeline.
pub struct Pass<'r, 's> {
    /// The item.
    pub item: &'s ProcessingItem,
    /// The rule, to be changed.
    pub rule: &'r mut Rule<'s>,
    /// What is remembered of the rule.
    pub state: &'r mut State<'s>,
}

impl<'s> Pass<'_, 's> {
    /// How items are applied.
    pub fn rules(&self) -> &'s dyn ItemRules {
        self.state.settings.items
    }

    /// Visits the detection items that the item may change.
    pub fn each_item(
        &mut self,
        mut change: impl FnMut(&mut Item<'s>, &mut State<'s>) -> Result<Outcome<'s>, Diagnostic>,
    ) -> Result<(), Diagnostic> {
        for (_, detection) in &mut self.rule.detection.named {
            walk(self.item, detection, self.state, 1, &mut change)?;
        }
        Ok(())
    }

    /// Visits the values of the detection items that the item may change. The alternatives that
    /// modifiers made of a value are visited one by one if `expansions`.
    pub fn each_value(
        &mut self,
        expansions: bool,
        mut change: impl FnMut(
            Option<&str>,
            &Value<'s>,
            &State<'s>,
        ) -> Result<Replacement<'s>, Diagnostic>,
    ) -> Result<(), Diagnostic> {
        self.each_item(|found, state| change_values(found, state, expansions, &mut change))
    }
}

fn walk<'s>(
    item: &'s ProcessingItem,
    detection: &mut Detection<'s>,
    state: &mut State<'s>,
    depth: usize,
    change: &mut dyn FnMut(&mut Item<'s>, &mut State<'s>) -> Result<Outcome<'s>, Diagnostic>,
) -> Result<(), Diagnostic> {
    let mut index = 0;
    while let Some(node) = detection.nodes.get_mut(index) {
        index += 1;
        state.budget.step(1)?;
        match node {
            DetectionNode::Detection(detection) => {
                walk(item, detection, state, depth + 1, change)?;
            }
            DetectionNode::Item(found) => {
                if !item.matches_item(found, state)? {
                    continue;
                }
                match change(found, state)? {
                    Outcome::Unchanged => {}
                    Outcome::Changed => {
                        bound::values(found.values.len())?;
                        item.mark(found);
                    }
                    Outcome::Replaced(replacement) => {
                        bound::nesting(depth + bound::depth(&replacement))?;
                        *node = replacement;
                        mark(item, node);
                    }
                    Outcome::Dropped => {
                        index -= 1;
                        detection.nodes.remove(index);
                    }
                }
            }
        }
    }
    Ok(())
}

fn mark<'s>(item: &'s ProcessingItem, node: &mut DetectionNode<'s>) {
    match node {
        DetectionNode::Item(found) => item.mark(found),
        DetectionNode::Detection(detection) => {
            for node in &mut detection.nodes {
                mark(item, node);
            }
        }
    }
}

/// What becomes of a value.
pub enum Replacement<'s> {
    /// It stays.
    Keep,
    /// Another takes its place.
    One(Value<'s>),
    /// Several take its place.
    Many(Vec<Value<'s>>),
}

type ChangeValue<'c, 's> =
    &'c mut dyn FnMut(Option<&str>, &Value<'s>, &State<'s>) -> Result<Replacement<'s>, Diagnostic>;

fn change_values<'s>(
    found: &mut Item<'s>,
    state: &State<'s>,
    expansions: bool,
    change: ChangeValue<'_, 's>,
) -> Result<Outcome<'s>, Diagnostic> {
    let field = found.field.as_deref();
    let budget = &state.budget;
    let mut changed = false;
    let mut index = 0;
    while let Some(value) = found.values.get_mut(index) {
        budget.step(1 + bound::value_weight(&value.value) / 64)?;
        let replacement = match &value.value {
            Value::Expansion(inner) if expansions => {
                change_expansion(inner, state, &mut |value| change(field, value, state))
            }
            other => change(field, other, state),
        };
        // Where a value of the rule is at fault, that is the place.
        let span = value.span;
        state.place_narrowings(span);
        match replacement.map_err(|error| placed(error, span))? {
            Replacement::Keep => {
                index += 1;
                continue;
            }
            Replacement::One(new) => {
                budget.make(bound::value_weight(&new))?;
                value.value = new;
                index += 1;
            }
            Replacement::Many(new) => {
                budget.make(new.iter().map(bound::value_weight).sum())?;
                bound::values(found.values.len() + new.len())?;
                let new = state.settings.items.in_place_of_one(found.link, new);
                let count = new.len();
                let new = new.into_iter().map(|value| Spanned::new(value, span));
                found.values.splice(index..=index, new);
                found.listed |= found.values.len() > 1;
                index += count;
            }
        }
        changed = true;
    }
    if found.values.is_empty() && changed {
        state.settings.items.complete(found);
    }
    Ok(Outcome::changed(changed))
}

fn change_expansion<'s>(
    values: &[Value<'s>],
    state: &State<'s>,
    change: &mut dyn FnMut(&Value<'s>) -> Result<Replacement<'s>, Diagnostic>,
) -> Result<Replacement<'s>, Diagnostic> {
    let mut new = Vec::with_capacity(values.len());
    let mut changed = false;
    for value in values {
        let replacement = change(value)?;
        let weight = match &replacement {
            Replacement::Keep => 0,
            Replacement::One(value) => bound::value_weight(value),
            Replacement::Many(values) => values.iter().map(bound::value_weight).sum(),
        };
        state.budget.make(weight)?;
        match replacement {
            Replacement::Keep => {
                new.push(value.clone());
                continue;
            }
            Replacement::One(value) => new.push(value),
            Replacement::Many(values) => new.extend(values),
        }
        changed = true;
        bound::values(new.len())?;
    }
    Ok(if changed {
        Replacement::One(Value::Expansion(new))
    } else {
        Replacement::Keep
    })
}

/// Gives an error a place if it has none.
pub fn placed(error: Diagnostic, span: crate::source::Span) -> Diagnostic {
    if error.labels.is_empty() {
        error.at(span)
    } else {
        error
    }
}
