//! Which rules look at an event: those for its log source.
//!
//! In: an [`Event`] with `Channel: Security` and `EventID: 4688`. Out: [`EventSources`]: product
//! `windows`, service `security`, category `process_creation` among them. A rule for `product: linux`
//! is not concerned. An event whose log source can't be found concerns every rule.

mod masks;
mod router;
mod table;

pub use masks::{Masks, Routing, SourceCounts};
pub use router::Router;

use super::event::{Event, FieldName};
use crate::diagnostic::{Code, Diagnostic};
use crate::rule;
use std::collections::HashMap;
use std::fmt;
use table::Entry;

/// The log sources of events, and what shows them.
#[derive(Debug, Clone)]
pub struct RoutingTable {
    sources: Vec<SourcePattern>,
    entries: Vec<Entry>,
    /// By the field and the value of an entry's first test, in lower case.
    by_value: Vec<FieldValues>,
    /// Entries that ask for fields alone.
    by_presence: Vec<usize>,
    /// All fields that entries ask for.
    fields: Vec<FieldName>,
    /// Every event is of these.
    declared: Option<EventSources>,
}

/// The entries that a value of one of some fields may show.
#[derive(Debug, Clone)]
struct FieldValues {
    fields: Vec<FieldName>,
    /// By the value in lower case.
    entries: HashMap<String, Vec<usize>>,
}

/// The log sources of an event. Events of one log are of the same few, so that what is made of them
/// can be kept by this key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct EventSources(Vec<u16>);

/// The log source of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct RuleSource {
    product: Option<String>,
    category: Option<String>,
    service: Option<String>,
}

/// A log source that events can be of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SourcePattern {
    product: PatternPart,
    category: PatternPart,
    service: PatternPart,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum PatternPart {
    /// No rule for the event names one.
    Missing,
    Is(String),
    /// One that no entry has for the product.
    Other(Vec<String>),
    /// It was not said.
    Any,
}

impl PatternPart {
    fn suits(&self, wanted: Option<&String>) -> bool {
        match (self, wanted) {
            (_, None) | (Self::Any, _) => true,
            (Self::Missing, Some(_)) => false,
            (Self::Is(known), Some(wanted)) => known == wanted,
            (Self::Other(known), Some(wanted)) => !known.contains(wanted),
        }
    }
}

impl EventSources {
    /// Was no log source found? Then every rule is concerned.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.0.is_empty()
    }
}

impl RuleSource {
    /// The log source of a rule.
    #[must_use]
    pub fn new(logsource: &rule::LogSource<'_>) -> Self {
        let part =
            |part: &Option<rule::Text<'_>>| part.as_ref().map(|text| text.value.to_lowercase());
        Self {
            product: part(&logsource.product),
            category: part(&logsource.category),
            service: part(&logsource.service),
        }
    }
}

impl fmt::Display for RuleSource {
    /// `windows/process_creation`; `any` where a rule names none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.product, &self.category, &self.service];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        f.write_str(if parts.is_empty() { "any" } else { "" })?;
        f.write_str(&parts.join("/"))
    }
}

impl RoutingTable {
    /// The table that comes with the program.
    #[must_use]
    pub fn built_in() -> Self {
        table::read(include_str!(concat!(env!("OUT_DIR"), "/sources.toml")))
            .expect("a test reads the program's own table")
    }

    /// Every event is of one log source: `product=windows,service=security`. What is left out may be
    /// anything.
    ///
    /// # Errors
    /// `VS1047`: another key, or none.
    pub fn declared(text: &str) -> Result<Self, Diagnostic> {
        let mut pattern = SourcePattern {
            product: PatternPart::Any,
            category: PatternPart::Any,
            service: PatternPart::Any,
        };
        for pair in text.split(',') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = value.trim().to_lowercase();
            let part = match key.trim() {
                "product" => &mut pattern.product,
                "category" => &mut pattern.category,
                "service" => &mut pattern.service,
                other => {
                    let message = format!("expected the key of a log source, found `{other}`");
                    return Err(Diagnostic::error(Code::EventLogSource, message)
                        .help("write `product=windows,service=security`"));
                }
            };
            if value.is_empty() {
                let message = format!("expected a value of `{}`, found nothing", key.trim());
                return Err(Diagnostic::error(Code::EventLogSource, message)
                    .help("write `product=windows,service=security`"));
            }
            *part = PatternPart::Is(value);
        }
        Ok(Self {
            sources: vec![pattern],
            entries: Vec::new(),
            by_value: Vec::new(),
            by_presence: Vec::new(),
            fields: Vec::new(),
            declared: Some(EventSources(vec![0])),
        })
    }

    /// The log sources of an event. A [`Router`] keeps what it found for events alike.
    #[must_use]
    pub fn of(&self, event: &Event) -> EventSources {
        if let Some(declared) = &self.declared {
            return declared.clone();
        }
        let mut found = Vec::new();
        let mut add = |entry: &Entry| found.extend_from_slice(&entry.sources);
        for FieldValues { fields, entries } in &self.by_value {
            for field in fields {
                event.visit(field, &mut |scalar| {
                    let Some(value) = scalar.stored() else {
                        return;
                    };
                    let entries = entries.get(&value.to_lowercase());
                    for at in entries.into_iter().flatten() {
                        let entry = &self.entries[*at];
                        if entry.meets_rest(event) {
                            add(entry);
                        }
                    }
                });
            }
        }
        let present = || self.by_presence.iter().map(|at| &self.entries[*at]);
        present()
            .filter(|entry| !entry.otherwise && entry.meets_rest(event))
            .for_each(&mut add);
        if found.is_empty() {
            present()
                .filter(|entry| entry.otherwise && entry.meets_rest(event))
                .for_each(|entry| found.extend_from_slice(&entry.sources));
        }
        found.sort_unstable();
        found.dedup();
        EventSources(found)
    }

    /// Does a rule look at events of these log sources?
    #[must_use]
    pub fn concerns(&self, sources: &EventSources, rule: &RuleSource) -> bool {
        let mut patterns = sources
            .0
            .iter()
            .filter_map(|at| self.sources.get(usize::from(*at)));
        sources.is_unknown() || patterns.any(|pattern| pattern.suits(rule))
    }
}

impl SourcePattern {
    fn suits(&self, rule: &RuleSource) -> bool {
        self.product.suits(rule.product.as_ref())
            && self.category.suits(rule.category.as_ref())
            && self.service.suits(rule.service.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rule(product: &str, category: &str, service: &str) -> RuleSource {
        let part = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        RuleSource {
            product: part(product),
            category: part(category),
            service: part(service),
        }
    }

    #[test]
    fn events_of_windows_have_a_channel() {
        let table = RoutingTable::built_in();
        let of = |event| table.of(&Event::new(&event));
        let concerns = |event, product, category, service| {
            table.concerns(&of(event), &rule(product, category, service))
        };
        let sysmon = || json!({"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1});
        for (product, category, service, expected) in [
            ("windows", "process_creation", "", true),
            ("windows", "", "sysmon", true),
            ("windows", "", "", true),
            ("", "process_creation", "", true),
            ("", "", "", true),
            ("windows", "image_load", "", false),
            ("windows", "", "security", false),
            ("linux", "process_creation", "", false),
            ("", "webserver", "", false),
        ] {
            let found = concerns(sysmon(), product, category, service);
            assert_eq!(found, expected, "{product}/{category}/{service}");
        }
        let registry =
            || json!({"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": "13"});
        assert!(concerns(registry(), "windows", "registry_set", ""));
        assert!(concerns(registry(), "windows", "registry_event", ""));
        assert!(!concerns(registry(), "windows", "registry_add", ""));
        let audit = || json!({"winlog": {"channel": "SECURITY", "event_id": 4688}});
        assert!(concerns(audit(), "windows", "process_creation", ""));
        assert!(!concerns(audit(), "windows", "ps_script", ""));
        // A channel that the table lacks may be that of a service that it lacks.
        let other = || json!({"Channel": "Vendor/Operational", "EventID": 1});
        assert!(concerns(other(), "windows", "", "vendor"));
        assert!(!concerns(other(), "windows", "", "security"));
        assert!(!concerns(other(), "windows", "process_creation", ""));
    }

    #[test]
    fn other_logs_show_theirs() {
        let table = RoutingTable::built_in();
        let trail = json!({"eventSource": "s3.amazonaws.com", "eventName": "x", "awsRegion": "r"});
        for (event, product, category, service) in [
            (
                json!({"type": ["SYSCALL", "CWD"], "serial": "4"}),
                "linux",
                "",
                "auditd",
            ),
            (trail, "aws", "", "cloudtrail"),
            (json!({"appname": "sshd"}), "linux", "", "auth"),
            (json!({"_path": "http"}), "zeek", "", "http"),
            (json!({"_path": "dns"}), "", "dns", ""),
            (
                json!({"Workload": "x", "Operation": "y", "RecordType": 1}),
                "m365",
                "",
                "audit",
            ),
            (
                json!({"Provider_Name": "Linux-Sysmon", "EventID": 1}),
                "linux",
                "process_creation",
                "",
            ),
            (
                json!({"apiVersion": "audit.k8s.io/v1"}),
                "kubernetes",
                "application",
                "audit",
            ),
        ] {
            let sources = table.of(&Event::new(&event));
            assert!(!sources.is_unknown(), "{event}");
            assert!(
                table.concerns(&sources, &rule(product, category, service)),
                "{event}"
            );
            assert!(
                !table.concerns(&sources, &rule("windows", "", "")),
                "{event}"
            );
        }
        // One word of a common name is no proof.
        for event in [
            json!({"a": 1}),
            json!({"type": "login", "user": "ann"}),
            json!({"Channel": "general"}),
            json!({"program": "passwd"}),
            json!({"process": {"name": "sudo", "command_line": "sudo su"}}),
        ] {
            let unknown = table.of(&Event::new(&event));
            assert!(unknown.is_unknown(), "{event}");
            assert!(table.concerns(&unknown, &rule("windows", "", "security")));
        }
    }

    #[test]
    fn a_log_source_may_be_declared() {
        let table = RoutingTable::declared("product=windows, service=Security").expect("it is one");
        let sources = table.of(&Event::new(&json!({"a": 1})));
        assert!(table.concerns(&sources, &rule("windows", "process_creation", "security")));
        assert!(table.concerns(&sources, &rule("windows", "process_creation", "")));
        assert!(!table.concerns(&sources, &rule("windows", "", "system")));
        for wrong in ["", "product", "os=windows", "product="] {
            let error = RoutingTable::declared(wrong).expect_err(wrong);
            assert_eq!(error.code, Code::EventLogSource);
        }
    }
}
