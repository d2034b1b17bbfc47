//! A difference as one JSON object.

use super::{Names, summary};
use crate::project::diff::{Difference, RuleChange};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Whole<'d> {
    before: &'d str,
    after: &'d str,
    summary: BTreeMap<&'static str, usize>,
    rules: Vec<Rule<'d>>,
}

#[derive(Serialize)]
struct Rule<'d> {
    /// `broader`, `added`, …
    change: &'static str,
    #[serde(flatten)]
    rule: &'d RuleChange,
}

/// The whole, with a newline at its end.
pub(super) fn json(difference: &Difference, names: &Names) -> String {
    let rules = difference.rules.iter().map(|rule| Rule {
        change: rule.kind().name(),
        rule,
    });
    let whole = Whole {
        before: &names.before,
        after: &names.after,
        summary: summary::counts(difference).into_iter().collect(),
        rules: rules.collect(),
    };
    let text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    format!("{text}\n")
}
