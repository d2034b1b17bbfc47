//! Rules that are like a rule: those with most techniques in common.
//!
//! In: the models of all pages. Out: for each page a few others. Thousands of rules may have one
//! technique, so no page looks at all of its others: of a technique the first [`MOST`] count, and the
//! first with the page's own log source.

use super::Page;
use crate::pipeline::LogSourceView;
use std::collections::{BTreeMap, BTreeSet};

/// How many similar rules a page names.
const SIMILAR: usize = 8;

/// How many rules of a technique are looked at, and of a technique in a log source.
const MOST: usize = 1024;

/// A page, with numbers in place of names.
struct Facts<'p> {
    /// Its techniques, sorted.
    techniques: Vec<usize>,
    source: usize,
    id: Option<&'p str>,
    /// The ids of the rules that it names.
    named: BTreeSet<&'p str>,
}

/// The pages of a technique, in order.
#[derive(Default)]
struct Holders {
    first: Vec<usize>,
    /// Are there more?
    is_cut: bool,
    /// If there are: the first of each log source.
    by_source: BTreeMap<usize, Vec<usize>>,
}

/// What pages have in common.
pub(super) struct Similar<'p> {
    pages: Vec<Facts<'p>>,
    techniques: Vec<Holders>,
}

impl<'p> Similar<'p> {
    pub(super) fn of(pages: &'p [Page]) -> Self {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut sources: BTreeMap<&[LogSourceView], usize> = BTreeMap::new();
        let mut techniques: Vec<Holders> = Vec::new();
        let mut facts = Vec::with_capacity(pages.len());
        for (at, page) in pages.iter().enumerate() {
            let model = &page.model;
            let next = sources.len();
            let source = *sources.entry(&model.logsources).or_insert(next);
            let own = model.techniques.iter().map(|technique| {
                let next = numbers.len();
                *numbers.entry(&technique.id).or_insert(next)
            });
            let own: BTreeSet<usize> = own.collect();
            techniques.resize_with(numbers.len(), Holders::default);
            for &technique in &own {
                techniques[technique].add(at, source);
            }
            let related = model.related.iter();
            facts.push(Facts {
                techniques: own.into_iter().collect(),
                source,
                id: model.attributes.id.as_deref(),
                named: related.map(|related| related.id.as_str()).collect(),
            });
        }
        Self {
            pages: facts,
            techniques,
        }
    }

    /// The pages with most techniques in common with one, those of the same log source first. The
    /// counts are zeros, one a page, before and after.
    pub(super) fn to(&self, at: usize, counts: &mut [usize]) -> Vec<usize> {
        let page = &self.pages[at];
        let mut found: Vec<usize> = Vec::new();
        for &technique in &page.techniques {
            for other in self.techniques[technique].of(page.source) {
                if counts[other] == 0 {
                    found.push(other);
                }
                counts[other] += 1;
            }
        }
        let mut all = page.techniques.iter();
        let is_cut = all.any(|technique| self.techniques[*technique].is_cut);
        let mut ranked = Vec::with_capacity(found.len());
        for other in found {
            let mut count = std::mem::take(&mut counts[other]);
            let candidate = &self.pages[other];
            let is_named = candidate.id.is_some_and(|id| page.named.contains(id));
            if other == at || is_named {
                continue;
            }
            if is_cut {
                count = candidate.common(page);
            }
            ranked.push((usize::MAX - count, candidate.source != page.source, other));
        }
        if ranked.len() > SIMILAR {
            ranked.select_nth_unstable(SIMILAR);
            ranked.truncate(SIMILAR);
        }
        ranked.sort_unstable();
        ranked.into_iter().map(|(.., other)| other).collect()
    }
}

impl Facts<'_> {
    /// How many techniques two pages have in common.
    fn common(&self, other: &Self) -> usize {
        let (few, many) = if self.techniques.len() < other.techniques.len() {
            (self, other)
        } else {
            (other, self)
        };
        let techniques = few.techniques.iter();
        let common = techniques.filter(|own| many.techniques.binary_search(own).is_ok());
        common.count()
    }
}

impl Holders {
    fn add(&mut self, page: usize, source: usize) {
        if self.first.len() < MOST {
            self.first.push(page);
            return;
        }
        self.is_cut = true;
        let of_source = self.by_source.entry(source).or_default();
        if of_source.len() < MOST {
            of_source.push(page);
        }
    }

    /// Those that a page of a log source looks at, each once.
    fn of(&self, source: usize) -> impl Iterator<Item = usize> {
        let more = self.by_source.get(&source).into_iter().flatten();
        self.first.iter().chain(more).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Model;
    use crate::page::model::{RelatedRow, TechniqueRow};

    fn page(number: usize, techniques: &[&str], product: &str) -> Page {
        let rows = techniques.iter().map(|id| TechniqueRow {
            id: (*id).to_owned(),
            name: None,
            url: String::new(),
            tactics: Vec::new(),
            state: "active",
            replaced_by: Vec::new(),
        });
        let mut model = Model {
            techniques: rows.collect(),
            logsources: vec![LogSourceView {
                product: Some(product.to_owned()),
                ..LogSourceView::default()
            }],
            ..Model::default()
        };
        model.attributes.id = Some(number.to_string());
        Page {
            path: format!("{number}.md"),
            model,
        }
    }

    /// The pages like each, by a look at all pairs.
    fn by_pairs(pages: &[Page]) -> Vec<Vec<usize>> {
        let ids = |page: &Page| -> BTreeSet<String> {
            let techniques = page.model.techniques.iter();
            techniques.map(|technique| technique.id.clone()).collect()
        };
        let of = |at: usize| {
            let (page, own) = (&pages[at], ids(&pages[at]));
            let others = pages.iter().enumerate().filter(|(other, _)| *other != at);
            let mut ranked: Vec<_> = others
                .map(|(number, other)| {
                    let common = ids(other).intersection(&own).count();
                    let elsewhere = other.model.logsources != page.model.logsources;
                    (usize::MAX - common, elsewhere, number)
                })
                .filter(|(count, ..)| *count < usize::MAX)
                .collect();
            ranked.sort_unstable();
            ranked.truncate(SIMILAR);
            ranked.into_iter().map(|(.., other)| other).collect()
        };
        (0..pages.len()).map(of).collect()
    }

    fn similar(pages: &[Page]) -> Vec<Vec<usize>> {
        let mut counts = vec![0; pages.len()];
        let similar = Similar::of(pages);
        (0..pages.len())
            .map(|at| similar.to(at, &mut counts))
            .collect()
    }

    #[test]
    fn those_with_most_in_common_come_first() {
        let techniques = [&["a"][..], &["a", "b"], &["b", "c"], &["a", "b", "c"], &[]];
        let products = ["windows", "linux", "macos"];
        let pages: Vec<Page> = (0..60)
            .map(|at| page(at, techniques[at % 5], products[at % 3]))
            .collect();
        assert_eq!(similar(&pages), by_pairs(&pages));
    }

    #[test]
    fn a_rule_that_is_named_is_not_named_again() {
        let mut pages = vec![
            page(0, &["a"], "x"),
            page(1, &["a"], "x"),
            page(2, &["a"], "x"),
        ];
        pages[0].model.related.push(RelatedRow {
            id: "1".to_owned(),
            kind: "derived".to_owned(),
            page: None,
        });
        assert_eq!(similar(&pages), [vec![2], vec![0, 2], vec![0, 1]]);
    }

    #[test]
    fn not_all_rules_of_a_technique_are_looked_at() {
        let mut pages: Vec<Page> = (0..20 * MOST)
            .map(|at| page(at, &["a"], if at < 2 * MOST { "x" } else { "y" }))
            .collect();
        pages.push(page(20 * MOST, &["a", "b"], "x"));
        pages.push(page(20 * MOST + 1, &["a", "b"], "y"));
        let similar = Similar::of(&pages);
        let looked = similar.techniques[0]
            .of(similar.pages[3 * MOST].source)
            .count();
        assert_eq!(looked, 2 * MOST);
        let mut counts = vec![0; pages.len()];
        let of_y = similar.to(3 * MOST, &mut counts);
        assert_eq!(of_y, (2 * MOST..2 * MOST + 8).collect::<Vec<_>>());
        // The rule with two techniques in common is far down the list of one of them.
        assert_eq!(similar.to(20 * MOST, &mut counts)[0], 20 * MOST + 1);
        assert!(counts.iter().all(|count| *count == 0));
    }
}
