//! The model of a page: everything that a template can show of a rule, as plain data.
//!
//! In: a rule, its text, the catalogs and the queries. Out: a [`Model`]. `docs/page.md` describes
//! each of its variables for those who write templates.

mod linked;
mod rows;

pub use linked::{Relations, document_model};
pub use rows::{
    AliasFieldRow, AliasRow, CorrelationRow, DataNeededRow, EnrichmentRow, FilterRow, Links,
    PageLink, QuerySection, ReferenceRow, RelatedRow, TacticRow, TechniqueName, TechniqueRow,
};

use super::catalog::Catalogs;
use super::data_needed::data_needed;
use super::enrichment;
use super::names::file_name;
use crate::attack::{self, Tag};
use crate::index::Place;
use crate::pipeline::{LogSourceView, RuleView};
use crate::rule::Rule;
use serde::Serialize;
use std::collections::BTreeSet;

/// A page's variables, by the names that templates use.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Model {
    /// The rule's own attributes; of several rules the first's.
    #[serde(flatten)]
    pub attributes: RuleView,
    /// The tags that are neither a tactic nor a technique.
    pub other_tags: Vec<String>,
    /// The log sources; several where the rule is a collection.
    pub logsources: Vec<LogSourceView>,
    /// ATT&CK tactics among the tags, in order.
    pub tactics: Vec<TacticRow>,
    /// ATT&CK techniques among the tags, in order.
    pub techniques: Vec<TechniqueRow>,
    /// The log events that the rule needs, by title.
    pub data_needed: Vec<DataNeededRow>,
    /// The enrichments that the rule asks for.
    pub enrichments: Vec<EnrichmentRow>,
    /// The techniques that a test of Atomic Red Team triggers.
    pub triggers: Vec<TechniqueRow>,
    /// What it asks for, if it is a correlation.
    pub correlation: Option<CorrelationRow>,
    /// What it is for, if it is a filter.
    pub filter: Option<FilterRow>,
    /// The correlations that refer to it.
    pub correlations: Vec<ReferenceRow>,
    /// The filters that apply to it.
    pub filters: Vec<ReferenceRow>,
    /// Other rules that the rule itself names.
    pub related: Vec<RelatedRow>,
    /// Other rules of the repository with a technique in common; empty for a single page.
    pub similar: Vec<PageLink>,
    /// The rule's text as it was written.
    pub rule: String,
    /// The rule's file, as given.
    pub path: Option<String>,
    /// A section for each query asked for.
    pub queries: Vec<QuerySection>,
    /// Where the pages of other things lie, seen from this page.
    pub links: Links,
    /// Where its documents are among the inputs.
    #[serde(skip)]
    pub places: Vec<Place>,
}

/// The page of a rule, or of the rules that one collection makes: their attributes are the first's.
#[must_use]
pub fn model(
    rules: &[&Rule],
    text: &str,
    path: Option<&str>,
    catalogs: &Catalogs,
    queries: Vec<QuerySection>,
) -> Model {
    let Some(rule) = rules.first() else {
        return Model::default();
    };
    let mut page = Model {
        attributes: RuleView::of(rule).trimmed(),
        related: rule
            .related
            .iter()
            .map(|related| RelatedRow {
                id: related.id.value.trim().to_owned(),
                kind: related.kind.value.trim().to_owned(),
                page: None,
            })
            .collect(),
        rule: text.to_owned(),
        path: path.map(str::to_owned),
        queries,
        ..Model::default()
    };
    page.read_tags(catalogs);
    page.read_enrichments(rule, catalogs);
    page.read_logs(rules, catalogs);
    page
}

impl Model {
    /// Log sources, and the log events that are needed.
    fn read_logs(&mut self, rules: &[&Rule], catalogs: &Catalogs) {
        let mut needed: BTreeSet<DataNeededRow> = self.data_needed.drain(..).collect();
        for rule in rules {
            let source = RuleView::of(rule).trimmed().logsource;
            if !self.logsources.contains(&source) {
                self.logsources.push(source);
            }
            let entries = data_needed(rule, catalogs).into_iter();
            needed.extend(entries.map(DataNeededRow::from));
        }
        self.data_needed = needed.into_iter().collect();
    }

    fn read_tags(&mut self, catalogs: &Catalogs) {
        let attack = &catalogs.attack;
        for tag in &self.attributes.tags {
            match attack.tag(tag) {
                Tag::Tactic(tactic) => self.tactics.push(TacticRow {
                    id: tactic.id.to_string(),
                    name: tactic.name.to_string(),
                    url: attack::tactic_url(&tactic.id),
                }),
                Tag::Technique(id) => self.techniques.push(technique(&id, catalogs)),
                Tag::Other => self.other_tags.push(tag.clone()),
            }
        }
        let has_atomics = |technique: &&TechniqueRow| {
            let atomics = catalogs.atomics.as_ref();
            atomics.is_none_or(|atomics| atomics.contains(&technique.id))
        };
        self.triggers = self
            .techniques
            .iter()
            .filter(has_atomics)
            .cloned()
            .collect();
    }

    /// The enrichments, and the log events that they need themselves.
    fn read_enrichments(&mut self, rule: &Rule, catalogs: &Catalogs) {
        for title in enrichment::titles(rule) {
            let catalog = catalogs.enrichments.iter().flatten();
            let known = catalog.into_iter().find(|known| known.title == title);
            for needed in known.into_iter().flat_map(|known| &known.data_needed) {
                let entry = catalogs
                    .data_needed
                    .iter()
                    .find(|entry| entry.title == *needed);
                self.data_needed.push(entry.map_or_else(
                    || DataNeededRow {
                        file: file_name(needed),
                        title: needed.clone(),
                        ..DataNeededRow::default()
                    },
                    DataNeededRow::from,
                ));
            }
            self.enrichments.push(EnrichmentRow {
                file: file_name(&title),
                title,
                description: known.map(|known| known.description.trim().to_owned()),
            });
        }
    }
}

impl From<&super::DataNeeded> for DataNeededRow {
    fn from(entry: &super::DataNeeded) -> Self {
        Self {
            file: file_name(&entry.title),
            title: entry.title.clone(),
            event_id: entry.event_id,
            platform: entry.platform.clone(),
            channel: entry.channel.clone(),
            provider: entry.provider.clone(),
        }
    }
}

/// A technique's row, whether the table knows it or not.
pub(super) fn technique(id: &str, catalogs: &Catalogs) -> TechniqueRow {
    let attack = &catalogs.attack;
    let known = attack.technique(id);
    TechniqueRow {
        id: id.to_owned(),
        name: known.map(|known| known.name.to_string()),
        url: attack::technique_url(id),
        tactics: known
            .into_iter()
            .flat_map(|known| &known.tactics)
            .filter_map(|tactic| Some(attack.tactic(tactic)?.id.to_string()))
            .collect(),
        state: known.map_or("unknown", |known| known.state.name()),
        replaced_by: known
            .into_iter()
            .flat_map(|known| &known.replaced_by)
            .map(|id| TechniqueName {
                id: id.to_string(),
                name: attack.technique(id).map(|known| known.name.to_string()),
                url: attack::technique_url(id),
            })
            .collect(),
    }
}
