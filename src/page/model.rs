//! The model of a page: everything that a template can show of a rule, as plain data.
//!
//! In: a rule, its text, the catalogues and the queries. Out: a [`Model`]. `docs/page.md` describes
//! each of its variables for those who write templates.

mod rows;

pub use rows::{
    DataNeededRow, EnrichmentRow, Links, LogSourceRow, PageLink, QuerySection, RelatedRow,
    TacticRow, TechniqueName, TechniqueRow,
};

use super::catalogue::Catalogues;
use super::data_needed::data_needed;
use super::enrichment;
use crate::attack::{self, Tag};
use crate::rule::{LogSource, Rule, Text};
use serde::Serialize;
use std::collections::BTreeSet;

/// A page's variables, by the names that templates use.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Model {
    /// The rule's title.
    pub title: String,
    /// The rule's id.
    pub id: Option<String>,
    /// The rule's name, what correlations refer to.
    pub name: Option<String>,
    /// The description, without blank space around it.
    pub description: Option<String>,
    /// `experimental`, `stable` …
    pub status: Option<String>,
    /// `critical`, `high` …
    pub level: Option<String>,
    /// As written, one or several names.
    pub author: Option<String>,
    /// When it was written.
    pub date: Option<String>,
    /// When it was last changed.
    pub modified: Option<String>,
    /// The rule's licence.
    pub license: Option<String>,
    /// The references, in order.
    pub references: Vec<String>,
    /// Known false positives, in order.
    pub falsepositives: Vec<String>,
    /// The fields to show to an analyst.
    pub fields: Vec<String>,
    /// Every tag, as written.
    pub tags: Vec<String>,
    /// The tags that are neither a tactic nor a technique.
    pub other_tags: Vec<String>,
    /// The log sources; several where the rule is a collection.
    pub logsources: Vec<LogSourceRow>,
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
}

/// The page of a rule, or of the rules that one collection makes: their attributes are the first's.
#[must_use]
pub fn model(
    rules: &[&Rule],
    text: &str,
    path: Option<&str>,
    catalogues: &Catalogues,
    queries: Vec<QuerySection>,
) -> Model {
    let Some(rule) = rules.first() else {
        return Model::default();
    };
    let mut page = Model {
        title: owned(&rule.title),
        id: some(rule.id.as_ref()),
        name: some(rule.name.as_ref()),
        description: some(rule.description.as_ref()),
        status: some(rule.status.as_ref()),
        level: some(rule.level.as_ref()),
        author: some(rule.author.as_ref()),
        date: some(rule.date.as_ref()),
        modified: some(rule.modified.as_ref()),
        license: some(rule.license.as_ref()),
        references: all(&rule.references),
        falsepositives: all(&rule.falsepositives),
        fields: all(&rule.fields),
        tags: all(&rule.tags),
        related: rule
            .related
            .iter()
            .map(|related| RelatedRow {
                id: owned(&related.id),
                kind: owned(&related.kind),
                page: None,
            })
            .collect(),
        rule: text.to_owned(),
        path: path.map(str::to_owned),
        queries,
        ..Model::default()
    };
    for rule in rules {
        let row = LogSourceRow::new(&rule.logsource);
        if !page.logsources.contains(&row) {
            page.logsources.push(row);
        }
    }
    page.read_tags(catalogues);
    page.read_enrichments(rule, catalogues);
    let mut needed: BTreeSet<DataNeededRow> = page.data_needed.drain(..).collect();
    for rule in rules {
        needed.extend(
            data_needed(rule, catalogues)
                .into_iter()
                .map(DataNeededRow::from),
        );
    }
    page.data_needed = needed.into_iter().collect();
    page
}

impl Model {
    fn read_tags(&mut self, catalogues: &Catalogues) {
        let attack = &catalogues.attack;
        for tag in &self.tags {
            match attack.tag(tag) {
                Tag::Tactic(tactic) => self.tactics.push(TacticRow {
                    id: tactic.id.to_string(),
                    name: tactic.name.to_string(),
                    url: attack::tactic_url(&tactic.id),
                }),
                Tag::Technique(id) => self.techniques.push(technique(&id, catalogues)),
                Tag::Other => self.other_tags.push(tag.clone()),
            }
        }
        let has_atomics = |technique: &&TechniqueRow| {
            let atomics = catalogues.atomics.as_ref();
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
    fn read_enrichments(&mut self, rule: &Rule, catalogues: &Catalogues) {
        for title in enrichment::titles(rule) {
            let catalogue = catalogues.enrichments.iter().flatten();
            let known = catalogue.into_iter().find(|known| known.title == title);
            for needed in known.into_iter().flat_map(|known| &known.data_needed) {
                let entry = catalogues
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

impl LogSourceRow {
    fn new(source: &LogSource) -> Self {
        Self {
            product: some(source.product.as_ref()),
            category: some(source.category.as_ref()),
            service: some(source.service.as_ref()),
            definition: some(source.definition.as_ref()),
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
pub(super) fn technique(id: &str, catalogues: &Catalogues) -> TechniqueRow {
    let attack = &catalogues.attack;
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

fn owned(text: &Text) -> String {
    text.value.trim().to_owned()
}

/// An attribute's text, if there is any.
fn some(text: Option<&Text>) -> Option<String> {
    text.map(owned).filter(|text| !text.is_empty())
}

fn all(texts: &[Text]) -> Vec<String> {
    texts.iter().filter_map(|text| some(Some(text))).collect()
}

/// The file of a page named by a title: nothing in it can leave its folder.
pub(super) fn file_name(title: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let mut name: String = title
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    name.push_str(".md");
    name
}
