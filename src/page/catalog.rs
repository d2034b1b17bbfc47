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
use crate::yaml::{self, Node, Resolved, Scalar, Schema};
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

    /// Reads one file: one event, or `events` that share the other attributes.
    pub fn read(text: &str) -> Result<Vec<Self>, Diagnostic> {
        read_entry(text, |file| {
            match value(file, "events").and_then(Node::as_sequence) {
                None => Ok(vec![Self::from_entry(file, file)?]),
                Some(events) => {
                    let events = events.iter();
                    events.map(|event| Self::from_entry(event, file)).collect()
                }
            }
        })
    }

    fn from_entry(entry: &Node<'_>, shared: &Node<'_>) -> Result<Self, Diagnostic> {
        let Some(title) = value(entry, "title").and_then(text) else {
            return Err(
                Diagnostic::error(Code::Catalog, "expected a `title`, found none")
                    .at(entry.span)
                    .help(
                        "write an entry of a data-needed catalog as a map with `title` and `fields`",
                    ),
            );
        };
        let own = |key: &str| value(entry, key);
        let either = |key: &str| own(key).or_else(|| value(shared, key)).and_then(text);
        Ok(Self {
            event_id: event_id(&title),
            platform: either("platform"),
            kind: either("type"),
            channel: either("channel"),
            provider: either("provider"),
            description: own("description").and_then(text),
            fields: own("fields").map(texts).unwrap_or_default(),
            title,
        })
    }

    /// Warns of an entry that no rule can need by its log source, event ids or fields, if it is one.
    #[must_use]
    pub fn useless(&self) -> Option<Diagnostic> {
        let (lack, help) = if self.platform.is_none() {
            let help = "add the `platform`, which is the `product` of the rules' log sources";
            ("a `platform`", help)
        } else if self.event_id.is_none() && self.fields.is_empty() {
            let help = "add `fields`, or write the event's id as the third part of the title: \
                        `DN_0003_1_windows_sysmon_process_creation`";
            ("an event id or `fields`", help)
        } else {
            return None;
        };
        let message = format!(
            "expected {lack} in the catalog entry `{}`, found none: no rule can need it",
            self.title
        );
        Some(Diagnostic::warning(Code::Catalog, message).help(help))
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

/// What a map has for a key, unless it is null.
pub(super) fn value<'n, 's>(entry: &'n Node<'s>, key: &str) -> Option<&'n Node<'s>> {
    let is_null = |scalar: &Scalar<'_>| scalar.resolve(Schema::Core) == Resolved::Null;
    entry
        .get(key)
        .filter(|node| !node.as_scalar().is_some_and(is_null))
}

/// A scalar's text; `None` and an empty text in the catalog mean that there is none.
pub(super) fn text(node: &Node<'_>) -> Option<String> {
    let scalar = node.as_scalar()?;
    let (Resolved::String | Resolved::Number(_)) = scalar.resolve(Schema::Core) else {
        return None;
    };
    let text = scalar.text.trim();
    (!text.is_empty() && text != "None").then(|| text.to_owned())
}

/// The texts in a list, and in the lists that aliases put into it, each once.
pub(super) fn texts(node: &Node<'_>) -> Vec<String> {
    fn flatten(node: &Node<'_>, found: &mut Vec<String>) {
        match node.as_sequence() {
            Some(items) => items.iter().for_each(|item| flatten(item, found)),
            None => found.extend(text(node).filter(|text| !found.contains(text))),
        }
    }
    let mut found = Vec::new();
    flatten(node, &mut found);
    found
}

/// Reads a file of a catalog, whose one document is a map.
pub(super) fn read_entry<T>(
    text: &str,
    read: impl FnOnce(&Node<'_>) -> Result<T, Diagnostic>,
) -> Result<T, Diagnostic> {
    let unreadable = |why: &str, at: Span| {
        let message = format!("the catalog entry can't be read: {why}");
        let error = Diagnostic::error(Code::Catalog, message).at(at);
        Err(error.help("look at the form of an entry in `docs/page.md`"))
    };
    let loaded = yaml::load(text, Schema::Core);
    if let Some(error) = loaded.error {
        return unreadable(&error.message, error.span().unwrap_or_default());
    }
    match loaded.documents.as_slice() {
        [entry] if entry.as_mapping().is_some() => read(entry),
        [other] => unreadable(
            &format!("expected a map, found {}", other.kind()),
            other.span,
        ),
        [] => unreadable("expected a map, found nothing", Span::default()),
        [_, second, ..] => unreadable("expected one document, found several", second.span),
    }
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
    fn an_entry_that_no_rule_can_need_is_named() {
        for (text, is_useless) in [
            ("title: x", true),
            ("title: x\nchannel: Security\nfields: [A]", true),
            ("title: x\nplatform: Windows", true),
            ("title: x\nplatform: Windows\nfields: [A]", false),
            ("title: DN_1_4688_x\nplatform: Windows", false),
        ] {
            let entries = DataNeeded::read(text).expect("a good entry");
            assert_eq!(entries[0].useless().is_some(), is_useless, "{text}");
        }
        let built_in = DataNeeded::built_in();
        assert!(built_in.iter().all(|entry| entry.useless().is_none()));
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
