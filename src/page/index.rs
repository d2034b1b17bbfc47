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
mod similar;

pub use lists::indexes;

use super::model::{Links, Model, PageLink, ReferenceRow};
use super::names::file_names;
use crate::index::Place;
use similar::Similar;
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

/// Fills in what a page can only know among others: its links, its related and similar rules.
pub fn connect(pages: &mut [Page]) {
    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    for (at, page) in pages.iter().enumerate() {
        if let Some(id) = &page.model.attributes.id {
            by_id.entry(id.clone()).or_insert(at);
        }
    }
    connect_documents(pages);
    name_files(pages);
    let like = Similar::of(pages);
    let mut counts = vec![0; pages.len()];
    let found: Vec<(Vec<Option<PageLink>>, Vec<PageLink>)> = (0..pages.len())
        .map(|at| {
            let from = &pages[at].path;
            let related = pages[at].model.related.iter().map(|related| {
                by_id
                    .get(&related.id)
                    .map(|other| link(from, &pages[*other]))
            });
            let similar = like
                .to(at, &mut counts)
                .into_iter()
                .map(|other| link(from, &pages[other]));
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

/// Names the files of what pages link to: titles alike have files of their own.
fn name_files(pages: &mut [Page]) {
    let models = || pages.iter().map(|page| &page.model);
    let data_needed = models().flat_map(|model| &model.data_needed);
    let data_needed = owned(file_names(data_needed.map(|row| row.title.as_str())));
    let enrichments = models().flat_map(|model| &model.enrichments);
    let enrichments = owned(file_names(enrichments.map(|row| row.title.as_str())));
    for page in pages {
        for row in &mut page.model.data_needed {
            row.file.clone_from(&data_needed[&row.title]);
        }
        for row in &mut page.model.enrichments {
            row.file.clone_from(&enrichments[&row.title]);
        }
    }
}

fn owned(names: BTreeMap<&str, String>) -> BTreeMap<String, String> {
    let names = names.into_iter();
    names
        .map(|(title, name)| (title.to_owned(), name))
        .collect()
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
