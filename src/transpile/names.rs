//! What distinguishes the rules of a file.

use super::Prepared;
use std::collections::HashMap;

/// What distinguishes the rules of a file, in the events made for them: the id, or else the
/// title. The rules of a collection may share it: the second is `…#2`.
#[derive(Debug, Default)]
pub struct RuleNames(HashMap<String, usize>);

impl RuleNames {
    /// The name of the next rule of the file; empty where it has none.
    pub fn next(&mut self, rule: &Prepared<'_>) -> String {
        let name = rule.id.as_deref().or(rule.title.as_deref());
        let name = name.unwrap_or_default().to_owned();
        let count = self.0.entry(name.clone()).or_default();
        *count += 1;
        match *count {
            1 => name,
            count => format!("{name}#{count}"),
        }
    }
}
