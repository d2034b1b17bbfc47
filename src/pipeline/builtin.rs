//! The built-in pipelines: YAML files of `backends/pipelines/`, embedded.

pub use crate::embedded::PIPELINES as ALL;
use std::sync::OnceLock;

/// The text of a built-in pipeline.
#[must_use]
pub fn text(name: &str) -> Option<&'static str> {
    ALL.iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}

/// The pipelines for any target that have a condition for a log source: `key` (`category` or
/// `service`) is `name`, and the product is this.
pub fn with_log_source(key: &str, name: &str, product: &str) -> Vec<&'static str> {
    static LINES: OnceLock<Vec<(&str, &str)>> = OnceLock::new();
    let lines = LINES.get_or_init(|| {
        let general = |(_, text): &&(_, &str)| !text.contains("\nallowed_backends:");
        let lines = ALL.iter().filter(general).flat_map(|(pipeline, text)| {
            let conditions = text.lines().filter(|line| line.contains("type: logsource"));
            conditions.map(|line| (*pipeline, line))
        });
        lines.collect()
    });
    let has = |line: &str, key: &str, value: &str| {
        let pair = format!("{key}: {value}");
        line.split(['{', '}', ',']).any(|part| part.trim() == pair)
    };
    let mut found: Vec<_> = lines
        .iter()
        .filter(|(_, line)| has(line, key, name) && has(line, "product", product))
        .map(|(pipeline, _)| *pipeline)
        .collect();
    found.dedup();
    found
}
