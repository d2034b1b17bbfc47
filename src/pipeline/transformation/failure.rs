//! Transformations that refuse a rule.

use super::walk::each_item;
use super::{Load, Transformation};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::entry::{Entry, required};
use crate::pipeline::item::ProcessingItem;
use crate::pipeline::state::State;
use crate::rule::{Detection, DetectionNode, Item, Rule};

/// `rule_failure`
pub const RULE: Entry<Load> = Entry {
    name: "rule_failure",
    summary: "Refuses the rule with a message.",
    keys: &[required("message", "text")],
    load: |keys| Some(Box::new(RuleFailure(keys.text("message")?))),
};

/// `detection_item_failure`
pub const DETECTION_ITEM: Entry<Load> = Entry {
    name: "detection_item_failure",
    summary: "Refuses the rule with a message if it has a detection item that meets the conditions.",
    keys: &[required("message", "text")],
    load: |keys| Some(Box::new(ItemFailure(keys.text("message")?))),
};

/// `strict_field_mapping_failure`
pub const STRICT_FIELD_MAPPING: Entry<Load> = Entry {
    name: "strict_field_mapping_failure",
    summary: "Refuses the rule if a field of it was not mapped before.",
    keys: &[],
    load: |_| Some(Box::new(StrictFieldMapping)),
};

#[derive(Debug)]
struct RuleFailure(String);

impl Transformation for RuleFailure {
    fn apply<'s>(
        &'s self,
        _: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        _: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        Err(Diagnostic::error(Code::PipelineRefusal, &self.0).at(rule.logsource.span))
    }
}

#[derive(Debug)]
struct ItemFailure(String);

impl Transformation for ItemFailure {
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        each_item(item, rule, state, |found, _| {
            Err(Diagnostic::error(Code::PipelineRefusal, &self.0).at(found.key))
        })
    }
}

#[derive(Debug)]
struct StrictFieldMapping;

impl StrictFieldMapping {
    fn unmapped<'r, 's>(
        detection: &'r Detection<'s>,
        state: &State<'s>,
        found: &mut Vec<&'r Item<'s>>,
    ) {
        for node in &detection.nodes {
            match node {
                DetectionNode::Detection(detection) => Self::unmapped(detection, state, found),
                DetectionNode::Item(item) => {
                    if let Some(field) = &item.field
                        && !state
                            .mapped
                            .as_ref()
                            .is_some_and(|mapped| mapped.contains(field))
                        && !found.iter().any(|other| other.field == item.field)
                    {
                        found.push(item);
                    }
                }
            }
        }
    }
}

impl Transformation for StrictFieldMapping {
    fn apply<'s>(
        &'s self,
        _: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        let mut found = Vec::new();
        for (_, detection) in &rule.detection.named {
            Self::unmapped(detection, state, &mut found);
        }
        if found.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = found
            .iter()
            .filter_map(|item| Some(format!("`{}`", item.field.as_deref()?)))
            .collect();
        let mut error = Diagnostic::error(
            Code::PipelineRefusal,
            format!("no pipeline maps the fields {}", names.join(", ")),
        );
        for item in found {
            error = error.at(item.key);
        }
        Err(error)
    }

    fn asks_for_mapped(&self) -> bool {
        true
    }
}
