//! Names that rules use, for editors that complete them.

use crate::lint;
use std::collections::BTreeSet;

/// The names of log sources and their fields: of the specification, of the built-in pipelines, of
/// Windows' own events.
///
/// ```
/// use varsigma::Names;
///
/// let names = Names::built_in();
/// assert!(names.categories().any(|name| name == "process_creation"));
/// let fields = names.fields_of([Some("windows"), Some("process_creation"), None]);
/// assert!(fields.contains(&"CommandLine"));
/// ```
#[derive(Debug, Clone)]
pub struct Names(lint::Names);

impl Names {
    /// The names that the library embeds.
    #[must_use]
    pub fn built_in() -> Self {
        Self(lint::Names::built_in())
    }

    /// `product: windows`, sorted.
    pub fn products(&self) -> impl Iterator<Item = &str> {
        sorted(&self.0.sources()[0])
    }

    /// `category: process_creation`, sorted.
    pub fn categories(&self) -> impl Iterator<Item = &str> {
        sorted(&self.0.sources()[1])
    }

    /// `service: sysmon`, sorted.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        sorted(&self.0.sources()[2])
    }

    /// The fields of a log source, given by its product, category and service: sorted.
    #[must_use]
    pub fn fields_of(&self, source: [Option<&str>; 3]) -> Vec<&str> {
        self.0.fields(&source).into_iter().collect()
    }
}

fn sorted(names: &BTreeSet<String>) -> impl Iterator<Item = &str> {
    names.iter().map(String::as_str)
}
