//! The parts of a page's model: what a row of its table is made from.

use crate::index::Place;
use serde::Serialize;

/// A tactic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TacticRow {
    /// `TA0008`
    pub id: String,
    /// `Lateral Movement`
    pub name: String,
    /// Its page at ATT&CK.
    pub url: String,
}

/// A technique.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TechniqueRow {
    /// `T1059.001`
    pub id: String,
    /// `PowerShell`; `None` if ATT&CK's table does not have it.
    pub name: Option<String>,
    /// Its page at ATT&CK.
    pub url: String,
    /// Identifiers of its tactics.
    pub tactics: Vec<String>,
    /// `active`, `revoked` or `deprecated`; `unknown` if the table does not have it.
    pub state: &'static str,
    /// What took its place.
    pub replaced_by: Vec<TechniqueName>,
}

/// A technique that another one refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TechniqueName {
    /// `T1059.001`
    pub id: String,
    /// `PowerShell`
    pub name: Option<String>,
    /// Its page at ATT&CK.
    pub url: String,
}

/// A log event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Default)]
pub struct DataNeededRow {
    /// `DN_0003_1_windows_sysmon_process_creation`
    pub title: String,
    /// The file of its page, below `links.data_needed`.
    pub file: String,
    /// `1`
    pub event_id: Option<u32>,
    /// `Windows`
    pub platform: Option<String>,
    /// `Microsoft-Windows-Sysmon/Operational`
    pub channel: Option<String>,
    /// `Microsoft-Windows-Sysmon`
    pub provider: Option<String>,
}

/// An enrichment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnrichmentRow {
    /// `EN_0001_cache_sysmon_event_id_1_info`
    pub title: String,
    /// The file of its page, below `links.enrichments`.
    pub file: String,
    /// What it does, from the catalog.
    pub description: Option<String>,
}

/// A rule that this one names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelatedRow {
    /// The other rule's id.
    pub id: String,
    /// `derived`, `obsolete`, `merged`, `renamed` or `similar`.
    pub kind: String,
    /// Its page, if the repository has it.
    pub page: Option<PageLink>,
}

/// A link to another rule's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageLink {
    /// The other rule's title.
    pub title: String,
    /// The other rule's level.
    pub level: Option<String>,
    /// From this page to that.
    pub href: String,
}

/// Another document that is named: a rule of a correlation, a correlation that uses a rule, a filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct ReferenceRow {
    /// `rule`, `correlation` or `filter`.
    pub kind: &'static str,
    /// The name or id that a correlation refers to it by.
    pub reference: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its id.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its level.
    pub level: Option<String>,
    /// Its page, if the run makes one.
    pub page: Option<PageLink>,
    /// Where the document is among the inputs.
    #[serde(skip)]
    pub place: Option<Place>,
}

/// What a correlation asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct CorrelationRow {
    /// `event_count`
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// `at least 10 events that the rule matches, within 5 minutes, with the same User`
    pub summary: String,
    /// The rules that it refers to, in its order; one that is listed twice is there twice.
    pub rules: Vec<ReferenceRow>,
    /// As written: `5m`.
    pub timespan: String,
    /// In words: `5 minutes`.
    pub window: String,
    /// In words: `at least 10 events`; an extended condition as written.
    pub condition: String,
    /// Fields and aliases.
    pub group_by: Vec<String>,
    /// The fields that it counts or computes on.
    pub fields: Vec<String>,
    /// Names for fields that the rules call otherwise.
    pub aliases: Vec<AliasRow>,
    /// Do the rules have queries of their own, too?
    pub generate: bool,
    /// A flowchart, in Mermaid's language.
    pub diagram: String,
}

/// An alias of a correlation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct AliasRow {
    /// The alias.
    pub name: String,
    /// The field that it stands for in each rule.
    pub fields: Vec<AliasFieldRow>,
}

/// What an alias stands for in one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct AliasFieldRow {
    /// The rule's title.
    pub rule: String,
    /// The field.
    pub field: String,
}

/// What a filter is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct FilterRow {
    /// Is it for each rule whose log source fits?
    pub any: bool,
    /// As written: `not selection`.
    pub condition: String,
    /// The rules of the run that it applies to.
    pub rules: Vec<ReferenceRow>,
}

/// A query and the notes on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct QuerySection {
    /// `splunk`
    pub target: String,
    /// What the target is called: `Splunk`.
    pub name: String,
    /// `default`, `document`, …
    pub format: String,
    /// The text to print.
    pub query: String,
    /// `exact`, `broader`, `narrower` or `approximate`.
    pub fidelity: Option<String>,
    /// Why it is not exact.
    pub reasons: Vec<String>,
    /// A note, if the query is not what the format promises.
    pub note: Option<String>,
    /// Why there is no query.
    pub error: Option<String>,
}

/// Folders, relative to the page, with a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Links {
    /// Pages of log events.
    pub data_needed: String,
    /// Pages of enrichments.
    pub enrichments: String,
    /// Pages of triggers.
    pub triggers: String,
    /// The repository's index; `None` for a single page.
    pub index: Option<String>,
}

impl Default for Links {
    fn default() -> Self {
        Self {
            data_needed: "../Data_Needed/".to_owned(),
            enrichments: "../Enrichments/".to_owned(),
            triggers: "../Triggers/".to_owned(),
            index: None,
        }
    }
}
