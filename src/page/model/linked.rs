//! The pages of correlations and filters, and what of both a rule's page names.
//!
//! In: a document and the index that it is of. Out: the rows of its [`Model`].

use super::rows::{AliasFieldRow, AliasRow, CorrelationRow, FilterRow, ReferenceRow};
use super::{Model, model};
use crate::index::{Index, Place, head};
use crate::page::catalog::Catalogs;
use crate::page::diagram::{Node, diagram};
use crate::page::summary;
use crate::rule::filter::FilterRules;
use crate::rule::{Correlation, CorrelationCondition, Document, Filter, Rule, Text};
use std::collections::{BTreeMap, BTreeSet};

/// Which correlations use a document and which filters apply to it, for all documents of an index.
#[derive(Debug, Default)]
pub struct Relations {
    correlations: BTreeMap<Place, Vec<ReferenceRow>>,
    filters: BTreeMap<Place, Vec<ReferenceRow>>,
    /// The rules that a filter applies to.
    filtered: BTreeMap<Place, Vec<ReferenceRow>>,
}

impl Relations {
    /// Those of an index.
    #[must_use]
    pub fn of(index: &Index<'_>) -> Self {
        let mut relations = Self::default();
        for place in places(index) {
            let bases: BTreeSet<&Place> = index.bases(place).iter().collect();
            let filters = index.filters(place);
            if bases.is_empty() && filters.is_empty() {
                continue;
            }
            let own = reference(index, place, None);
            for base in bases {
                let users = relations.correlations.entry(*base).or_default();
                users.push(own.clone());
            }
            for filter in filters {
                let filtered = relations.filtered.entry(*filter).or_default();
                filtered.push(own.clone());
                let filters = relations.filters.entry(place).or_default();
                filters.push(reference(index, *filter, None));
            }
        }
        relations
    }

    /// Puts into a page what it can only know among other documents.
    pub fn fill(&self, page: &mut Model, places: impl Iterator<Item = Place>) {
        let rows = |known: &BTreeMap<Place, Vec<ReferenceRow>>, place: Place| {
            known.get(&place).cloned().unwrap_or_default()
        };
        for place in places {
            page.places.push(place);
            for (into, from) in [
                (&mut page.correlations, rows(&self.correlations, place)),
                (&mut page.filters, rows(&self.filters, place)),
            ] {
                into.extend(from);
            }
            if let Some(filter) = &mut page.filter {
                filter.rules.extend(rows(&self.filtered, place));
            }
        }
    }
}

/// All places of an index, in order.
fn places(index: &Index<'_>) -> impl Iterator<Item = Place> {
    (0..index.files()).flat_map(|file| {
        let documents = 0..index.documents(file).len();
        documents.map(move |document| Place { file, document })
    })
}

fn document<'i, 's>(index: &'i Index<'s>, place: Place) -> Option<&'i Document<'s>> {
    index.document(place)?.document.as_ref()
}

/// A document as another one's page names it.
fn reference(index: &Index<'_>, place: Place, written: Option<&str>) -> ReferenceRow {
    let document = document(index, place);
    let head = document.map(head);
    let text = |text: &Option<Text<'_>>| text.as_ref().map(|text| text.value.trim().to_owned());
    ReferenceRow {
        kind: match document {
            Some(Document::Correlation(_)) => "correlation",
            Some(Document::Filter(_)) => "filter",
            _ => "rule",
        },
        reference: written.map(str::to_owned),
        title: head.map(|head| head.title.value.trim().to_owned()),
        id: head.and_then(|head| text(&head.id)),
        name: head.and_then(|head| text(&head.name)),
        level: head.and_then(|head| text(&head.level)),
        page: None,
        place: Some(place),
    }
}

/// The page of the document at a place; `None` where it can't be read.
#[must_use]
pub fn document_model(
    place: Place,
    index: &Index<'_>,
    text: &str,
    path: Option<&str>,
    catalogs: &Catalogs,
) -> Option<Model> {
    Some(match document(index, place)? {
        Document::Rule(rule) => model(&[rule.as_ref()], text, path, catalogs, Vec::new()),
        Document::Correlation(correlation) => {
            correlation_model(correlation, place, index, text, path, catalogs)
        }
        Document::Filter(filter) => filter_model(filter, text, path, catalogs),
    })
}

/// The page of a correlation. Its log sources and the log events that it needs are those of the
/// rules that it refers to.
fn correlation_model(
    correlation: &Correlation<'_>,
    place: Place,
    index: &Index<'_>,
    text: &str,
    path: Option<&str>,
    catalogs: &Catalogs,
) -> Model {
    let mut page = model(&[&correlation.head], text, path, catalogs, Vec::new());
    let rules = base_rules(index, place);
    if !rules.is_empty() {
        page.logsources.clear();
        page.read_logs(&rules, catalogs);
    }
    let bases = index.bases(place);
    let written = correlation.rules.iter().map(|name| name.value.as_ref());
    let rules = written
        .clone()
        .enumerate()
        .map(|(at, name)| match bases.get(at) {
            Some(base) => reference(index, *base, Some(name)),
            None => ReferenceRow {
                kind: "rule",
                reference: Some(name.to_owned()),
                ..ReferenceRow::default()
            },
        });
    let rules: Vec<ReferenceRow> = rules.collect();
    let nodes: Vec<Node> = rules.iter().map(node).collect();
    page.correlation = Some(CorrelationRow {
        kind: correlation.kind.value.name(),
        summary: summary::summary(correlation),
        timespan: correlation.timespan.text.value.to_string(),
        window: summary::window(&correlation.timespan),
        condition: summary::condition(correlation),
        group_by: texts(&correlation.group_by),
        fields: match &correlation.condition {
            CorrelationCondition::Threshold(threshold) => texts(&threshold.field),
            _ => Vec::new(),
        },
        aliases: aliases(correlation, &rules),
        generate: correlation.generate,
        diagram: diagram(correlation, &nodes),
        rules,
    });
    page
}

/// The page of a filter.
fn filter_model(filter: &Filter<'_>, text: &str, path: Option<&str>, catalogs: &Catalogs) -> Model {
    let mut page = model(&[&filter.rule], text, path, catalogs, Vec::new());
    page.data_needed.clear();
    let conditions = filter.rule.detection.conditions.iter();
    let conditions = conditions.map(|condition| condition.text.value.trim().to_owned());
    page.filter = Some(FilterRow {
        any: matches!(filter.rules, FilterRules::Any(_)),
        condition: conditions.collect::<Vec<_>>().join("; "),
        rules: Vec::new(),
    });
    page
}

fn texts(texts: &[Text<'_>]) -> Vec<String> {
    texts.iter().map(|text| text.value.to_string()).collect()
}

fn node(row: &ReferenceRow) -> Node {
    let names = [&row.reference, &row.id, &row.name];
    let title = row.title.as_ref().filter(|title| !title.is_empty());
    Node {
        title: title
            .or(row.reference.as_ref())
            .cloned()
            .unwrap_or_default(),
        names: names.into_iter().flatten().cloned().collect(),
        is_correlation: row.kind == "correlation",
    }
}

/// The aliases, with the titles of the rules in place of what the correlation calls them.
fn aliases(correlation: &Correlation<'_>, rules: &[ReferenceRow]) -> Vec<AliasRow> {
    let field = |(rule, field): &(Text<'_>, Text<'_>)| {
        let name = rule.value.as_ref();
        let is_meant = |row: &&ReferenceRow| {
            let names = [&row.reference, &row.id, &row.name];
            names
                .into_iter()
                .any(|known| known.as_deref() == Some(name))
        };
        let title = rules
            .iter()
            .find(is_meant)
            .and_then(|row| row.title.clone());
        AliasFieldRow {
            rule: title.unwrap_or_else(|| name.to_owned()),
            field: field.value.to_string(),
        }
    };
    let aliases = correlation.aliases.iter().map(|alias| AliasRow {
        name: alias.name.value.to_string(),
        fields: alias.fields.iter().map(field).collect(),
    });
    aliases.collect()
}

/// The rules that a correlation is made of, through others, each once.
fn base_rules<'i, 's>(index: &'i Index<'s>, place: Place) -> Vec<&'i Rule<'s>> {
    let mut rules = Vec::new();
    let mut seen = BTreeSet::new();
    let mut todo: Vec<Place> = index.bases(place).iter().rev().copied().collect();
    while let Some(place) = todo.pop() {
        if !seen.insert(place) {
            continue;
        }
        match document(index, place) {
            Some(Document::Rule(rule)) => rules.push(rule.as_ref()),
            _ => todo.extend(index.bases(place).iter().rev()),
        }
    }
    rules
}
