//! The templates of documents at hand: those of the user before those of the program.
//!
//! In: the name that a format's `document` has, or an `include` in another template. Out: its text.
//! They are texts by name, read before any is used: no name reaches a file.

use crate::embedded::TEMPLATES;
use std::collections::BTreeMap;

/// Templates by name: `splunk/savedsearches.conf`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates {
    own: BTreeMap<String, String>,
}

impl Templates {
    /// Adds a template of the user's; one of the same name gives way.
    pub(super) fn add(&mut self, name: &str, text: String) {
        self.own.insert(name.to_owned(), text);
    }

    /// The text of a template.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let own = self.own.get(name).map(String::as_str);
        own.or_else(|| {
            let mut embedded = TEMPLATES.iter();
            embedded
                .find(|(known, _)| *known == name)
                .map(|(_, text)| *text)
        })
    }

    /// The user's templates: names and texts, in order.
    pub fn own(&self) -> impl Iterator<Item = (&str, &str)> {
        self.own
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// The names of all templates.
    pub(super) fn names(&self) -> Vec<&str> {
        let embedded = TEMPLATES.iter().map(|(name, _)| *name);
        embedded
            .chain(self.own.keys().map(String::as_str))
            .collect()
    }
}
