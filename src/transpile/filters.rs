//! What comes from filters, in what is said of a rule.
//!
//! In: a rule with its filters joined, and a diagnostic. Out: the diagnostic, which names the filters
//! where it is about what a filter of another file brought. That has the place of the rule's condition.

use crate::diagnostic::Diagnostic;
use crate::rule::Document;
use crate::source::Span;

/// The filters of a rule, and where their parts are in the rule's file.
#[derive(Debug, Default)]
pub struct FilterPlaces {
    titles: Vec<String>,
    /// Those of other files, for messages.
    foreign: Vec<String>,
    places: Vec<Span>,
}

impl FilterPlaces {
    /// Those of a rule.
    pub fn of(document: &Document<'_>) -> Self {
        let Document::Rule(rule) = document else {
            return Self::default();
        };
        let detection = &rule.detection;
        let foreign = detection.filters.iter().filter(|filter| filter.is_foreign);
        Self {
            titles: detection
                .filters
                .iter()
                .map(|filter| filter.title.to_string())
                .collect(),
            foreign: foreign
                .map(|filter| format!("`{}`", filter.title))
                .collect(),
            places: detection
                .conditions
                .iter()
                .map(|condition| condition.text.span)
                .collect(),
        }
    }

    /// The filters' titles.
    pub fn titles(&self) -> Vec<String> {
        self.titles.clone()
    }

    /// Says of a diagnostic at the rule's condition that it may be about a filter.
    pub fn explain(&self, diagnostic: Diagnostic) -> Diagnostic {
        let is_there = |place: &Span| diagnostic.labels.iter().any(|label| label.span == *place);
        if self.foreign.is_empty() || !self.places.iter().any(is_there) {
            return diagnostic;
        }
        let filters = self.foreign.join(", ");
        diagnostic.help(format!("look into the joined filters, too: {filters}"))
    }
}
