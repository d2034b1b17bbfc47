//! The files of pages that are named by a title.
//!
//! In: `EN a/b`, `EN a?b`. Out: `EN_a_b.md`, `EN_a_b_2.md`: nothing in a name can leave its folder,
//! and titles whose names are alike, or differ in case alone, have numbers after them.

use std::collections::{BTreeMap, BTreeSet};

/// The file of a title's page, whatever other titles there are.
pub(super) fn file_name(title: &str) -> String {
    format!("{}.md", stem(title))
}

/// The files of titles' pages, each its own also where names ignore case. A title that is its own
/// name keeps it, one in lower case first.
pub(super) fn file_names<'t>(
    titles: impl IntoIterator<Item = &'t str>,
) -> BTreeMap<&'t str, String> {
    let named = distinct(titles, stem);
    let files = named.into_iter();
    files.map(|(title, name)| (title, name + ".md")).collect()
}

/// The names of places in a page, each its own.
pub(super) fn anchors<'t>(titles: impl IntoIterator<Item = &'t str>) -> BTreeMap<&'t str, String> {
    distinct(titles, anchor)
}

/// The name of a place in a page, whatever others there are.
pub(super) fn anchor(title: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    title.chars().map(plain).collect()
}

fn stem(title: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let plain = |c: char| if plain(c) { c } else { '_' };
    title.chars().map(plain).collect()
}

/// A name for each title, no two of which differ in case alone.
fn distinct<'t>(
    titles: impl IntoIterator<Item = &'t str>,
    name: fn(&str) -> String,
) -> BTreeMap<&'t str, String> {
    let titles: BTreeSet<&str> = titles.into_iter().collect();
    let mut named: Vec<(bool, bool, &str, String)> = titles
        .into_iter()
        .map(|title| {
            let name = name(title);
            let is_capital = title.contains(char::is_uppercase);
            (name != title, is_capital, title, name)
        })
        .collect();
    named.sort_unstable();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    // The last number of each name, so that many alike take no time.
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    let mut names = BTreeMap::new();
    for (.., title, own) in named {
        let number = last.entry(own.to_lowercase()).or_insert(0);
        let name = loop {
            *number += 1;
            let name = match *number {
                1 => own.clone(),
                number => format!("{own}_{number}"),
            };
            if taken.insert(name.to_lowercase()) {
                break name;
            }
        };
        names.insert(title, name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_with_one_name_have_numbers() {
        let titles = ["EN a/b", "EN a?b", "A_B", "a_b", "a_b_2", "DN_1", "EN a/b"];
        let names = file_names(titles);
        let names: Vec<(&str, &str)> = names.iter().map(|(t, name)| (*t, name.as_str())).collect();
        assert_eq!(
            names,
            [
                ("A_B", "A_B_3.md"),
                ("DN_1", "DN_1.md"),
                ("EN a/b", "EN_a_b.md"),
                ("EN a?b", "EN_a_b_2.md"),
                ("a_b", "a_b.md"),
                ("a_b_2", "a_b_2.md"),
            ]
        );
        let anchors = anchors(["a/b", "a?b", "c"]);
        let anchors: Vec<&str> = anchors.values().map(String::as_str).collect();
        assert_eq!(anchors, ["a-b", "a-b_2", "c"]);
    }
}
