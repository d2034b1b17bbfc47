//! Enrichments: what has to be added to the logs before a rule can match.
//!
//! In: the rule's own `enrichment` attribute and a catalog of enrichments (`--enrichments DIR`).
//! Out: their titles, and the log events that they themselves need.

use super::catalog::{read_entry, text, texts, value};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::rule::Rule;

/// An entry of the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Enrichment {
    /// `EN_0001_cache_sysmon_event_id_1_info`
    pub title: String,
    /// What it does.
    pub description: String,
    /// Titles of the log events that it is computed from.
    pub data_needed: Vec<String>,
    /// Titles of the log events that it adds to.
    pub data_to_enrich: Vec<String>,
    /// Titles of other enrichments that it builds on.
    pub requirements: Vec<String>,
    /// The fields that it adds.
    pub new_fields: Vec<String>,
}

impl Enrichment {
    /// Reads one file of the catalog.
    pub fn read(file: &str) -> Result<Self, Diagnostic> {
        read_entry(file, |entry| {
            let Some(title) = value(entry, "title").and_then(text) else {
                let error = Diagnostic::error(Code::Catalog, "expected a `title`, found none");
                let help = "write an enrichment as a map with `title` and `new_fields`";
                return Err(error.at(entry.span).help(help));
            };
            let list = |key: &str| value(entry, key).map(texts).unwrap_or_default();
            Ok(Self {
                title,
                description: value(entry, "description")
                    .and_then(text)
                    .unwrap_or_default(),
                data_needed: list("data_needed"),
                data_to_enrich: list("data_to_enrich"),
                requirements: list("requirements"),
                new_fields: list("new_fields"),
            })
        })
    }
}

/// The titles in a rule's `enrichment` attribute, a list or a single one.
#[must_use]
pub fn titles(rule: &Rule) -> Vec<String> {
    let Some((_, node)) = rule
        .custom
        .iter()
        .find(|(key, _)| key.value == "enrichment")
    else {
        return Vec::new();
    };
    let scalars = node.as_sequence().unwrap_or(std::slice::from_ref(node));
    scalars
        .iter()
        .filter_map(|node| node.as_scalar())
        .map(|scalar| scalar.text.trim().to_owned())
        .filter(|title| !title.is_empty())
        .collect()
}

/// Warns of each enrichment that the rule asks for and the catalog does not have. Without a
/// catalog none is unknown.
#[must_use]
pub fn unknown(rule: &Rule, catalog: Option<&[Enrichment]>) -> Vec<Diagnostic> {
    let Some(catalog) = catalog else {
        return Vec::new();
    };
    let attribute = rule
        .custom
        .iter()
        .find(|(key, _)| key.value == "enrichment");
    let span = attribute.map_or(rule.span, |(_, node)| node.span);
    let known = |title: &String| catalog.iter().any(|entry| entry.title == *title);
    titles(rule)
        .into_iter()
        .filter(|title| !known(title))
        .map(|title| {
            let message = format!("the catalog has no enrichment `{title}`");
            let names = catalog.iter().map(|entry| entry.title.as_str());
            let warning = Diagnostic::warning(Code::UnknownEnrichment, message).at(span);
            match nearest(&title, names) {
                Some(near) => warning.help(format!("did you mean `{near}`?")),
                None => warning,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read() {
        let text = "title: EN_1\ndescription: d\ndata_needed:\n  - DN_1\nconfig: ignored\n";
        let enrichment = Enrichment::read(text).expect("a good entry");
        assert_eq!(
            (enrichment.title.as_str(), enrichment.data_needed.len()),
            ("EN_1", 1)
        );
        assert!(Enrichment::read("description: no title").is_err());
    }
}
