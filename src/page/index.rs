//! The pages of a whole repository: links between rules, and indexes of them.
//!
//! In: the model of every rule's page and where the page lies. Out: the models with their links
//! filled in ([`connect`]), and the index, list and catalog pages ([`indexes`]):
//!
//! ```text
//! index.md               counts, the ATT&CK matrix, log sources, log events
//! Tactics/TA0002.md      the rules of a tactic, by technique
//! Log_Sources/windows.md the rules of a product, by category or service
//! Levels/high.md         the rules of a level
//! Data_Needed/ Triggers/ Enrichments/   what the rules' pages link to
//! ```

mod lists;
mod matrix;

pub use lists::indexes;

use super::model::{Links, Model, PageLink, ReferenceRow};
use crate::index::Place;
use std::collections::BTreeMap;

/// A rule's page in a repository of pages.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Its path below the repository's folder, with slashes: `Detection_Rules/windows/whoami.md`.
    pub path: String,
    /// What it shows.
    pub model: Model,
}

/// A page that is ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFile {
    /// Its path below the repository's folder, with slashes.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// How many similar rules a page names.
const SIMILAR: usize = 8;

/// Fills in what a page can only know among others: its links, its related and similar rules.
pub fn connect(pages: &mut [Page]) {
    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_technique: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, page) in pages.iter().enumerate() {
        if let Some(id) = &page.model.attributes.id {
            by_id.entry(id.clone()).or_insert(at);
        }
        for technique in &page.model.techniques {
            by_technique
                .entry(technique.id.clone())
                .or_default()
                .push(at);
        }
    }
    connect_documents(pages);
    let found: Vec<(Vec<Option<PageLink>>, Vec<PageLink>)> = (0..pages.len())
        .map(|at| {
            let from = &pages[at].path;
            let related = pages[at].model.related.iter().map(|related| {
                by_id
                    .get(&related.id)
                    .map(|other| link(from, &pages[*other]))
            });
            let similar = similar(at, pages, &by_technique);
            let similar = similar.into_iter().map(|other| link(from, &pages[other]));
            (related.collect(), similar.collect())
        })
        .collect();
    for (page, (related, similar)) in pages.iter_mut().zip(found) {
        for (row, found) in page.model.related.iter_mut().zip(related) {
            row.page = found;
        }
        page.model.similar = similar;
        page.model.links = Links {
            data_needed: relative(&page.path, "Data_Needed/"),
            enrichments: relative(&page.path, "Enrichments/"),
            triggers: relative(&page.path, "Triggers/"),
            index: Some(relative(&page.path, "index.md")),
        };
    }
}

/// Links the documents that pages name to the pages of those.
fn connect_documents(pages: &mut [Page]) {
    let mut by_place: BTreeMap<Place, usize> = BTreeMap::new();
    for (at, page) in pages.iter().enumerate() {
        by_place.extend(page.model.places.iter().map(|place| (*place, at)));
    }
    for at in 0..pages.len() {
        let found: Vec<Option<PageLink>> = {
            let rows = rows(&pages[at].model);
            let others = rows.map(|row| row.place.and_then(|place| by_place.get(&place)));
            let others = others.map(|other| other.filter(|other| **other != at));
            let from = &pages[at].path;
            others
                .map(|other| other.map(|other| link(from, &pages[*other])))
                .collect()
        };
        for (row, found) in rows_mut(&mut pages[at].model).zip(found) {
            row.page = found;
        }
    }
}

fn rows(model: &Model) -> impl Iterator<Item = &ReferenceRow> {
    let of_correlation = model.correlation.iter();
    let of_correlation = of_correlation.flat_map(|correlation| &correlation.rules);
    let of_filter = model.filter.iter().flat_map(|filter| &filter.rules);
    let named = model.correlations.iter().chain(&model.filters);
    of_correlation.chain(of_filter).chain(named)
}

/// The same in the same order, to be changed.
fn rows_mut(model: &mut Model) -> impl Iterator<Item = &mut ReferenceRow> {
    let of_correlation = model.correlation.iter_mut();
    let of_correlation = of_correlation.flat_map(|correlation| &mut correlation.rules);
    let of_filter = model.filter.iter_mut().flat_map(|filter| &mut filter.rules);
    let named = model.correlations.iter_mut().chain(&mut model.filters);
    of_correlation.chain(of_filter).chain(named)
}

/// The rules with most techniques in common, those of the same log source first.
fn similar(at: usize, pages: &[Page], by_technique: &BTreeMap<String, Vec<usize>>) -> Vec<usize> {
    let model = &pages[at].model;
    let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
    for technique in &model.techniques {
        for &other in by_technique.get(&technique.id).into_iter().flatten() {
            let other_id = &pages[other].model.attributes.id;
            let named = model
                .related
                .iter()
                .any(|related| Some(&related.id) == other_id.as_ref());
            if other != at && !named {
                *shared.entry(other).or_default() += 1;
            }
        }
    }
    let mut ranked: Vec<_> = shared
        .into_iter()
        .map(|(other, count)| {
            let elsewhere = pages[other].model.logsources != model.logsources;
            (usize::MAX - count, elsewhere, other)
        })
        .collect();
    ranked.sort_unstable();
    ranked.truncate(SIMILAR);
    ranked.into_iter().map(|(.., other)| other).collect()
}

/// A link from the page at `from` to another rule's.
fn link(from: &str, to: &Page) -> PageLink {
    PageLink {
        title: to.model.attributes.title.clone(),
        level: to.model.attributes.level.clone(),
        href: relative(from, &to.path),
    }
}

/// The address of `to` as the page at `from` has to write it, both below the same folder.
fn relative(from: &str, to: &str) -> String {
    let folders: Vec<&str> = from.split('/').collect();
    let folders = &folders[..folders.len() - 1];
    let parts: Vec<&str> = to.split('/').collect();
    let common = folders
        .iter()
        .zip(&parts[..parts.len() - 1])
        .take_while(|(a, b)| a == b)
        .count();
    let mut address = "../".repeat(folders.len() - common);
    for (at, part) in parts[common..].iter().enumerate() {
        if at > 0 {
            address.push('/');
        }
        percent_encode(part, &mut address);
    }
    address
}

/// A part of a path as a part of an address.
fn percent_encode(part: &str, address: &mut String) {
    use std::fmt::Write as _;
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            write!(address, "%{byte:02X}").expect("a String takes all");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_relative_and_encoded() {
        assert_eq!(relative("index.md", "Rules/a b.md"), "Rules/a%20b.md");
        assert_eq!(relative("Rules/x/a.md", "index.md"), "../../index.md");
        assert_eq!(relative("Rules/x/a.md", "Rules/x/b.md"), "b.md");
        assert_eq!(relative("Rules/x/a.md", "Rules/y/b.md"), "../y/b.md");
        assert_eq!(relative("Rules/a.md", "Data_Needed/"), "../Data_Needed/");
    }
}
