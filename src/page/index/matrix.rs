//! The ATT&CK matrix of a repository: a column for each tactic, a cell for each technique that some
//! rule is tagged with.

use super::Page;
use crate::attack::Attack;
use std::collections::{BTreeMap, BTreeSet};

/// The rules of a tactic, by technique.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Column {
    /// Every rule of the tactic.
    pub pages: BTreeSet<usize>,
    /// The rules of each technique and sub-technique.
    pub techniques: BTreeMap<String, BTreeSet<usize>>,
}

/// The columns by the tactic's identifier.
///
/// A rule's technique is in those of the rule's tactics that the technique belongs to; where the
/// two have none in common, in the rule's tactics, or without any in the technique's own.
pub(super) fn columns(pages: &[Page]) -> BTreeMap<String, Column> {
    let mut columns: BTreeMap<String, Column> = BTreeMap::new();
    for (at, page) in pages.iter().enumerate() {
        let tactics: BTreeSet<&str> = page
            .model
            .tactics
            .iter()
            .map(|tactic| tactic.id.as_str())
            .collect();
        for tactic in &tactics {
            columns
                .entry((*tactic).to_owned())
                .or_default()
                .pages
                .insert(at);
        }
        for technique in &page.model.techniques {
            let own: BTreeSet<&str> = technique.tactics.iter().map(String::as_str).collect();
            let common: BTreeSet<&str> = own.intersection(&tactics).copied().collect();
            let places = match (common.is_empty(), tactics.is_empty()) {
                (false, _) => &common,
                (true, false) => &tactics,
                (true, true) => &own,
            };
            for tactic in places {
                let column = columns.entry((*tactic).to_owned()).or_default();
                column.pages.insert(at);
                column
                    .techniques
                    .entry(technique.id.clone())
                    .or_default()
                    .insert(at);
            }
        }
    }
    columns
}

impl Column {
    /// The techniques without their sub-techniques, with the rules of both.
    pub(super) fn parents(&self) -> BTreeMap<&str, BTreeSet<usize>> {
        let mut parents: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (id, pages) in &self.techniques {
            let parent = id.split_once('.').map_or(id.as_str(), |(parent, _)| parent);
            parents.entry(parent).or_default().extend(pages);
        }
        parents
    }
}

/// The identifiers of the tactics that have a column, in the matrix's order, with their latest name.
pub(super) fn order<'a>(
    attack: &'a Attack,
    columns: &BTreeMap<String, Column>,
) -> Vec<(&'a str, &'a str)> {
    let mut order: Vec<(&str, &str)> = Vec::new();
    for tactic in attack.tactics() {
        if !columns.contains_key(tactic.id.as_ref()) {
            continue;
        }
        // The names of one identifier are adjacent, the latest last.
        match order.last_mut() {
            Some((id, name)) if *id == tactic.id => *name = &tactic.name,
            _ => order.push((&tactic.id, &tactic.name)),
        }
    }
    order
}
