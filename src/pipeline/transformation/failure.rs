//! Transformations that refuse a rule.

use super::{Pass, Transformation};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::columns;
use crate::rule::{Detection, DetectionNode, Item};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// `rule_failure`
#[derive(Debug)]
pub struct RuleFailure(pub String);

impl Transformation for RuleFailure {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let at = match &pass.state.correlation {
            Some(_) => pass.rule.title.span,
            None => pass.rule.logsource.span,
        };
        Err(Diagnostic::error(Code::PipelineRefusal, &self.0).at(at))
    }
}

/// `detection_item_failure`
#[derive(Debug)]
pub struct ItemFailure(pub String);

impl Transformation for ItemFailure {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        pass.each_item(|found, state| {
            let field = found.field.as_deref().unwrap_or_default();
            let table = state.get("table").and_then(|table| table.as_str());
            let message = self.0.replace("{field}", field);
            let table = columns::table_of(table.unwrap_or_default());
            let message = message.replace("{table}", table);
            Err(Diagnostic::error(Code::PipelineRefusal, message).at(found.key))
        })
    }
}

/// `strict_field_mapping_failure`
#[derive(Debug)]
pub struct StrictFieldMapping;

fn unmapped<'r, 's>(
    detection: &'r Detection<'s>,
    mapped: &BTreeSet<Cow<'s, str>>,
    found: &mut Vec<&'r Item<'s>>,
) {
    for node in &detection.nodes {
        match node {
            DetectionNode::Detection(detection) => unmapped(detection, mapped, found),
            DetectionNode::Item(item) => {
                let is_mapped = item
                    .field
                    .as_ref()
                    .is_none_or(|field| mapped.contains(field));
                if !is_mapped && !found.iter().any(|other| other.field == item.field) {
                    found.push(item);
                }
            }
        }
    }
}

impl Transformation for StrictFieldMapping {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let mapped = pass.state.mapped.get_or_insert_default();
        let mut found = Vec::new();
        for (_, detection) in &pass.rule.detection.named {
            unmapped(detection, mapped, &mut found);
        }
        if found.is_empty() {
            return Ok(());
        }
        let names = found.iter().filter_map(|item| item.field.as_deref());
        let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
        let message = format!("no pipeline maps the fields {}", names.join(", "));
        let error = Diagnostic::error(Code::PipelineRefusal, message);
        Err(found.iter().fold(error, |error, item| error.at(item.key)))
    }

    fn asks_for_mapped(&self) -> bool {
        true
    }
}
