//! What is no error in a pipeline, but does not do what it seems to.
//!
//! In: the items of a file, read. Out: warnings: conditions on detection items where the whole rule
//! is changed, log sources that no rule has, ids that are not there.

use super::builtin;
use super::item::ProcessingItem;
use super::postprocessing::PostprocessingItem;
use super::reader::{Keys, Loader};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::source::Span;
use std::collections::BTreeSet;

/// Transformations that do not ask for detection items, with what to write instead.
const WHOLE_RULE: &[(&str, &str)] = &[
    ("add_condition", FIELD),
    ("add_field", FIELD),
    ("change_logsource", FIELD),
    ("nest", "give the conditions to the items inside"),
    ("remove_field", FIELD),
    (
        "rule_failure",
        "`detection_item_failure` refuses a rule that has such a detection item",
    ),
    ("set_custom_attribute", FIELD),
    ("set_field", FIELD),
    ("set_state", FIELD),
    ("strict_field_mapping_failure", FIELD),
];

/// Among more ids none is looked for that is near.
const MOST: usize = 1000;

const FIELD: &str = "ask by `rule_conditions` with `contains_field` or `contains_detection_item`";

/// Warns of an item's conditions.
pub fn item(keys: &Keys<'_>, item: &ProcessingItem) {
    let whole = WHOLE_RULE.iter().find(|(kind, _)| *kind == item.kind);
    for name in ["detection_item_conditions", "field_name_conditions"] {
        if let Some((kind, help)) = whole
            && let Some(node) = keys.node(name)
        {
            let message =
                format!("`{name}` have no effect on `{kind}`, which is for the whole rule");
            let warning = Diagnostic::warning(Code::NoEffect, message).at(node.span);
            keys.loader.report(warning.help(*help));
        }
    }
    log_sources(keys, item);
}

/// Of conditions that must all hold, two may not ask for different log sources.
fn log_sources(keys: &Keys<'_>, item: &ProcessingItem) {
    let conditions = &item.rule_conditions;
    if !conditions.are_all_needed() {
        return;
    }
    let mut known: [Option<&str>; 3] = [None; 3];
    for named in &conditions.all {
        let Some(source) = named.condition.log_source() else {
            continue;
        };
        for ((name, part), known) in source.parts().into_iter().zip(&mut known) {
            if let (Some(part), Some(known)) = (part, *known)
                && part != known
            {
                let message = format!(
                    "all conditions must hold, but a log source's `{name}` is not both \
                     `{known}` and `{part}`"
                );
                let warning = Diagnostic::warning(Code::NeverHolds, message).at(named.span);
                let help = "`rule_cond_op: or` asks for one of the conditions";
                keys.loader.report(warning.help(help));
                return;
            }
            *known = known.or(part);
        }
    }
}

/// Warns of ids: of two items, or asked for where no item of that id comes before.
pub fn ids(items: &[ProcessingItem], last: &[PostprocessingItem], loader: &Loader<'_>) {
    let mut all = Vec::new();
    gather(items, &mut all);
    let mut known = BTreeSet::new();
    for (id, span) in &all {
        if !known.insert(*id) {
            let message = format!("another item has the id `{id}`, too");
            let warning = Diagnostic::warning(Code::RepeatedItemId, message).at(*span);
            loader.report(warning.help("give each item an id of its own"));
        }
    }
    for item in last {
        all.extend(item.ids());
    }
    known.extend(all.iter().map(|(id, _)| *id));
    ask(items, &known, &mut BTreeSet::new(), loader);
}

fn gather<'i>(items: &'i [ProcessingItem], all: &mut Vec<(&'i str, Span)>) {
    for item in items {
        all.extend(item.id.as_deref().map(|id| (id, item.id_span)));
        gather(item.transformation.nested(), all);
    }
}

/// Goes through the items in the order in which they are applied.
fn ask<'i>(
    items: &'i [ProcessingItem],
    all: &BTreeSet<&str>,
    seen: &mut BTreeSet<&'i str>,
    loader: &Loader<'_>,
) {
    for item in items {
        for (id, span) in item.asked() {
            if !seen.contains(id) {
                missing(id, span, all, loader);
            }
        }
        seen.extend(item.id.as_deref());
        ask(item.transformation.nested(), all, seen, loader);
    }
}

fn missing(id: &str, span: Span, all: &BTreeSet<&str>, loader: &Loader<'_>) {
    let warning = if all.contains(id) {
        let message = format!("the item `{id}` is not applied before this one");
        Diagnostic::warning(Code::NeverHolds, message).help("move it up")
    } else if all.len() < MOST
        && let Some(near) = nearest(id, all.iter().copied())
        && !is_built_in(id)
    {
        let message = format!("no item has the id `{id}`");
        Diagnostic::warning(Code::NeverHolds, message).help(format!("did you mean `{near}`?"))
    } else {
        // It may be of another pipeline.
        return;
    };
    loader.report(warning.at(span));
}

fn is_built_in(id: &str) -> bool {
    let line = |text: &str| {
        let mut lines = text.lines();
        lines.any(|line| line.trim_start().strip_prefix("- id: ") == Some(id))
    };
    builtin::ALL.iter().any(|(_, text)| line(text))
}
