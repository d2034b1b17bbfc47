//! The built-in pipelines: YAML files of `backends/pipelines/`, embedded.

pub use crate::embedded::PIPELINES as ALL;

/// The text of a built-in pipeline.
#[must_use]
pub fn text(name: &str) -> Option<&'static str> {
    ALL.iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}
