//! What a document is made of: queries, and what is known of their rules.
//!
//! They are texts of their own, for a document of many queries outlives the files.

use crate::pipeline::RuleView;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// A query for a document.
#[derive(Debug, Clone, Default)]
pub struct DocumentEntry {
    /// The query's text in its format.
    pub query: String,
    /// Its commands in front of the search.
    pub before: String,
    /// What leads from those back to the search.
    pub resume: String,
    /// The search alone.
    pub search: String,
    /// Where in the search its conjuncts are.
    pub conjuncts: Vec<Range<usize>>,
    /// How many clauses the engine reads in it.
    pub clauses: usize,
    /// The format's `texts`.
    pub texts: BTreeMap<String, String>,
    /// Its commands after the search.
    pub after: String,
    /// What the pipelines set for the rule.
    pub state: BTreeMap<String, serde_json::Value>,
    /// The values that the condition needs one of, of the format's `bounds`.
    pub bounds: BTreeMap<String, Vec<serde_json::Value>>,
    /// The names of the fields that the rule tests, where the format has `bounds`.
    pub tested: Vec<String>,
    /// A reference leaves it without what the format puts around queries.
    pub is_unfinished: bool,
    /// The correlation that it is the query of.
    pub correlation: Option<serde_json::Value>,
    /// Which of its rule's queries it is, from 1.
    pub number: usize,
    /// How many queries its rule has.
    pub count: usize,
    /// Its rule.
    pub rule: Arc<RuleView>,
}

impl DocumentEntry {
    /// The conjuncts of its query; it is one itself where it is not its search alone, as where a
    /// pipeline has changed its text.
    pub fn conjuncts(&self) -> impl Iterator<Item = &str> {
        let is_search = self.query == self.search;
        let conjuncts = self.conjuncts.iter().filter(move |_| is_search);
        let conjuncts = conjuncts.filter_map(|range| self.search.get(range.clone()));
        conjuncts.chain((!is_search).then_some(self.query.as_str()))
    }
}
