//! The catalog of log events that rules can need.
//!
//! In: YAML, an event to a file (`--data-needed DIR`) or many to a file that share their attributes
//! (the built-in catalog in `templates/data_needed`). Out: [`DataNeeded`] entries.
//!
//! ```yaml
//! title: DN_0007_3_windows_sysmon_network_connection   # the event id is the third part
//! platform: Windows
//! channel: Microsoft-Windows-Sysmon/Operational
//! provider: Microsoft-Windows-Sysmon
//! fields: [EventID, Image, DestinationIp]
//! ```

use super::enrichment::Enrichment;
use super::logsource::LogSources;
use crate::attack::Attack;
use crate::diagnostic::{Code, Diagnostic};
use crate::embedded;
use crate::source::Span;
use serde::Deserialize;
use serde_yaml::Value;
use std::collections::BTreeSet;

/// A log event and the fields that it carries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DataNeeded {
    /// `DN_0003_1_windows_sysmon_process_creation`
    pub title: String,
    /// The event id in the title.
    pub event_id: Option<u32>,
    /// `Windows`
    pub platform: Option<String>,
    /// `Applications and Services Logs`
    pub kind: Option<String>,
    /// `Microsoft-Windows-Sysmon/Operational`
    pub channel: Option<String>,
    /// `Microsoft-Windows-Sysmon`
    pub provider: Option<String>,
    /// What the event is, in a sentence or two.
    pub description: Option<String>,
    /// The names of its fields.
    pub fields: Vec<String>,
}

/// Everything beside the rule that its page is computed from.
#[derive(Debug, Clone)]
pub struct Catalogs {
    /// ATT&CK's names.
    pub attack: Attack,
    /// What log sources stand for.
    pub log_sources: LogSources,
    /// The events that rules can need.
    pub data_needed: Vec<DataNeeded>,
    /// The enrichments of `--enrichments DIR`; `None` without it, and then none is unknown.
    pub enrichments: Option<Vec<Enrichment>>,
    /// The techniques that an Atomic Red Team checkout has a folder for (`--atomics DIR`); `None`
    /// without it, and then every technique counts as a trigger.
    pub atomics: Option<BTreeSet<String>>,
}

/// One file of the catalog: an event, or `events` that share the other attributes.
#[derive(Deserialize, Clone, Default)]
struct CatalogEntry {
    title: Option<String>,
    platform: Option<Value>,
    #[serde(rename = "type")]
    kind: Option<Value>,
    channel: Option<Value>,
    provider: Option<Value>,
    description: Option<Value>,
    #[serde(default)]
    fields: Value,
    events: Option<Vec<CatalogEntry>>,
}

impl Catalogs {
    /// What is bundled: ATT&CK's names and the built-in events; no enrichments, no atomics.
    #[must_use]
    pub fn built_in() -> Self {
        Self {
            attack: Attack::built_in(),
            log_sources: LogSources::default(),
            data_needed: DataNeeded::built_in(),
            enrichments: None,
            atomics: None,
        }
    }
}

impl DataNeeded {
    /// The built-in catalog.
    #[must_use]
    #[allow(clippy::missing_panics_doc, reason = "a test reads each built-in file")]
    pub fn built_in() -> Vec<Self> {
        embedded::folder("data_needed")
            .filter(|(name, _)| matches!(name.rsplit_once('.'), Some((_, "yml"))))
            .flat_map(|(_, text)| Self::read(text).expect("a test reads each built-in file"))
            .collect()
    }

    /// Reads one file: one event, or several.
    pub fn read(text: &str) -> Result<Vec<Self>, Diagnostic> {
        let file: CatalogEntry = serde_yaml::from_str(text).map_err(|error| yaml_error(&error))?;
        match &file.events {
            None => Ok(vec![Self::from_entry(&file, &CatalogEntry::default())?]),
            Some(events) => events
                .iter()
                .map(|event| Self::from_entry(event, &file))
                .collect(),
        }
    }

    fn from_entry(entry: &CatalogEntry, shared: &CatalogEntry) -> Result<Self, Diagnostic> {
        let Some(title) = entry.title.clone() else {
            return Err(
                Diagnostic::error(Code::Catalog, "expected a `title`, found none")
                    .at(Span::new(0, 0))
                    .help(
                        "write an entry of a data-needed catalog as a map with `title` and `fields`",
                    ),
            );
        };
        let either = |of: fn(&CatalogEntry) -> &Option<Value>| {
            of(entry).as_ref().or(of(shared).as_ref()).and_then(text)
        };
        let mut fields = Vec::new();
        flatten(&entry.fields, &mut fields);
        Ok(Self {
            event_id: event_id(&title),
            platform: either(|entry| &entry.platform),
            kind: either(|entry| &entry.kind),
            channel: either(|entry| &entry.channel),
            provider: either(|entry| &entry.provider),
            description: entry.description.as_ref().and_then(text),
            fields,
            title,
        })
    }

    /// Does the event carry that field?
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|known| known == field)
    }
}

/// `4688` of `DN_0001_4688_windows_process_creation`.
fn event_id(title: &str) -> Option<u32> {
    title.split('_').nth(2)?.parse().ok()
}

/// A scalar's text; `None` and an empty text in the catalog mean that there is none.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty() && text != "None").then_some(text)
}

/// The names in a list, and in the lists that aliases put into it.
fn flatten(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Sequence(items) => items.iter().for_each(|item| flatten(item, names)),
        other => names.extend(text(other).filter(|name| !names.contains(name))),
    }
}

/// What the YAML reader says, with its place.
pub(super) fn yaml_error(error: &serde_yaml::Error) -> Diagnostic {
    let at = error.location().map_or(0, |location| location.index());
    Diagnostic::error(
        Code::Catalog,
        format!("the catalog entry can't be read: {error}"),
    )
    .at(Span::new(at, at))
    .help("look at the form of an entry in `docs/page.md`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_files_are_whole() {
        let entries = DataNeeded::built_in();
        let titles: BTreeSet<_> = entries.iter().map(|entry| &entry.title).collect();
        assert_eq!(titles.len(), entries.len(), "a title stands twice");
        for entry in &entries {
            assert!(
                entry.platform.is_some() && !entry.fields.is_empty(),
                "{}",
                entry.title
            );
            if entry.platform.as_deref() == Some("Windows") {
                assert!(
                    entry.event_id.is_some() && entry.channel.is_some(),
                    "{}",
                    entry.title
                );
                assert!(
                    entry.has("EventID") && entry.provider.is_some(),
                    "{}",
                    entry.title
                );
            }
        }
    }

    #[test]
    fn every_event_of_a_category_is_there() {
        let entries = DataNeeded::built_in();
        let sources = LogSources::default();
        for category in [
            "process_creation",
            "registry_event",
            "file_delete",
            "ps_classic_start",
        ] {
            for events in sources.events("windows", category) {
                for id in &events.ids {
                    let here = |entry: &&DataNeeded| {
                        entry.event_id == Some(*id)
                            && entry.channel.as_deref() == Some(events.channel)
                    };
                    assert!(entries.iter().any(|entry| here(&entry)), "{category} {id}");
                }
            }
        }
    }

    #[test]
    fn an_entry_is_read_with_its_event_id() {
        let text =
            "title: DN_0001_4688_x\nplatform: Windows\nchannel: None\nfields:\n  - A\n  - 1\n";
        let entries = DataNeeded::read(text).expect("a good entry");
        let [entry] = entries.as_slice() else {
            panic!("one entry")
        };
        assert_eq!(
            (entry.event_id, entry.channel.as_deref()),
            (Some(4688), None)
        );
        assert_eq!(entry.fields, ["A", "1"]);
    }

    #[test]
    fn a_bad_entry_is_an_error_with_a_place() {
        for text in ["fields: [A]", "title: [1", "- a"] {
            let error = DataNeeded::read(text).expect_err(text);
            assert!(
                error.code == Code::Catalog && error.span().is_some(),
                "{text}"
            );
        }
    }
}
