//! Which log events a rule needs.
//!
//! In: a rule as written, and the catalog. Out: the entries whose log source and fields are the
//! rule's. The rule of the founding document's kind, worked out from its siblings:
//!
//! - The entries are those of the rule's platform and, where its log source names a service, of that
//!   service's channel.
//! - A rule that tests `EventID` needs, for each of its detections, the events of the ids that the
//!   detection lists. Where the catalog has one event in variants (4688 with and without the command
//!   line), a detection that tests a command line needs the variant that has it.
//! - Any other rule needs the events that carry every field of all its detections. A category says
//!   which events come into question: `process_creation` those of Sysmon and of Windows itself.

use super::catalog::{Catalogs, DataNeeded};
use crate::rule::{Detection, DetectionNode, Item, Rule, Value};
use std::collections::BTreeSet;

/// The fields that hold a command line.
const COMMAND_LINES: [&str; 4] = [
    "CommandLine",
    "ProcessCommandLine",
    "ProcesssCommandLine",
    "ParentCommandLine",
];

/// The entries that the rule needs, by title.
#[must_use]
pub fn data_needed<'c>(rule: &Rule, catalogs: &'c Catalogs) -> Vec<&'c DataNeeded> {
    let mut needed: Vec<&DataNeeded> = Vec::new();
    let candidates = candidates(rule, catalogs);
    let detections: Vec<Vec<&Item>> = rule
        .detection
        .named
        .iter()
        .map(|(_, detection)| items(detection))
        .collect();
    let is_event_id = |item: &&Item| item.field.as_deref() == Some("EventID");
    if detections.iter().flatten().any(&is_event_id) {
        for detection in &detections {
            let mut ids = BTreeSet::new();
            for item in detection.iter().filter(|item| is_event_id(item)) {
                item.values
                    .iter()
                    .for_each(|value| collect(&value.value, &mut ids));
            }
            needed.extend(of_ids(
                &candidates.entries,
                &ids,
                has_command_line(detection),
            ));
        }
    } else {
        let fields: BTreeSet<&str> = detections
            .iter()
            .flatten()
            .filter_map(|item| item.field.as_deref())
            .collect();
        let carries_all = |entry: &&&DataNeeded| fields.iter().all(|field| entry.has(field));
        needed.extend(candidates.entries.iter().filter(carries_all));
        // The category itself names the events; a field that the catalog lacks is a newer field.
        if needed.is_empty() && candidates.certain {
            needed = candidates.entries;
        }
    }
    needed.sort_by(|a, b| a.title.cmp(&b.title));
    needed.dedup_by(|a, b| a.title == b.title);
    needed
}

/// The entries that come into question for a rule's log source.
struct Candidates<'c> {
    entries: Vec<&'c DataNeeded>,
    /// Does the log source alone say that all of them are needed?
    certain: bool,
}

fn candidates<'c>(rule: &Rule, catalogs: &'c Catalogs) -> Candidates<'c> {
    let source = &rule.logsource;
    let category = source.category.as_ref().map(|text| text.value.as_ref());
    let service = source.service.as_ref().map(|text| text.value.as_ref());
    let platform = match (
        source.product.as_ref().map(|text| text.value.as_ref()),
        category,
    ) {
        (Some(product), _) => product,
        (None, Some("antivirus")) => "antivirus",
        (None, _) => {
            return Candidates {
                entries: Vec::new(),
                certain: false,
            };
        }
    };
    let of_platform = catalogs.data_needed.iter().filter(|entry| {
        let known = entry.platform.as_deref();
        known.is_some_and(|known| known.eq_ignore_ascii_case(platform))
    });
    if let Some(category) = category {
        let events: Vec<_> = catalogs.log_sources.events(platform, category).collect();
        if !events.is_empty() {
            let entries = of_platform.filter(|entry| {
                events.iter().any(|events| {
                    entry.channel.as_deref() == Some(events.channel)
                        && entry.event_id.is_some_and(|id| events.ids.contains(&id))
                })
            });
            return Candidates {
                entries: entries.collect(),
                certain: category != "process_creation",
            };
        }
    }
    let channel = service.map(|service| catalogs.log_sources.channel(platform, service));
    let entries = of_platform.filter(|entry| match &channel {
        Some(channel) => entry.channel.as_deref() == Some(channel),
        None => true,
    });
    Candidates {
        entries: entries.collect(),
        certain: false,
    }
}

/// The entries of these event ids. With a command line, an entry that has none is left out if
/// another entry of the same event has one.
fn of_ids<'c>(
    candidates: &[&'c DataNeeded],
    ids: &BTreeSet<u32>,
    command_line: bool,
) -> Vec<&'c DataNeeded> {
    let with_line = |entry: &DataNeeded| COMMAND_LINES.iter().any(|field| entry.has(field));
    let wanted = |entry: &&&DataNeeded| entry.event_id.is_some_and(|id| ids.contains(&id));
    let has_better = |entry: &DataNeeded| {
        candidates.iter().any(|other| {
            other.event_id == entry.event_id && other.channel == entry.channel && with_line(other)
        })
    };
    candidates
        .iter()
        .filter(wanted)
        .filter(|entry| !command_line || with_line(entry) || !has_better(entry))
        .copied()
        .collect()
}

fn has_command_line(items: &[&Item]) -> bool {
    items
        .iter()
        .filter_map(|item| item.field.as_deref())
        .any(|field| COMMAND_LINES.contains(&field))
}

/// The items of a detection and of all that is nested in it.
fn items<'a, 's>(detection: &'a Detection<'s>) -> Vec<&'a Item<'s>> {
    let mut all = Vec::new();
    let mut open = vec![detection];
    while let Some(detection) = open.pop() {
        for node in &detection.nodes {
            match node {
                DetectionNode::Item(item) => all.push(item),
                DetectionNode::Detection(inner) => open.push(inner),
            }
        }
    }
    all
}

/// Event ids among the values, as numbers or as text.
fn collect(value: &Value, ids: &mut BTreeSet<u32>) {
    match value {
        Value::Number(number) => ids.extend(number.text.parse::<u32>()),
        Value::String(pattern) | Value::Cased(pattern) => {
            ids.extend(
                pattern
                    .as_literal()
                    .and_then(|text| text.parse::<u32>().ok()),
            );
        }
        Value::Expansion(values) => values.iter().for_each(|value| collect(value, ids)),
        _ => {}
    }
}
