//! A difference as one JSON object.

use super::entry::{ChangeGroup, Edited, entries};
use super::{VersionNames, summary};
use crate::project::diff::{Cause, Difference, RuleChange, SourceLine};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Whole<'d> {
    before: &'d str,
    after: &'d str,
    summary: BTreeMap<&'static str, usize>,
    groups: Vec<JsonGroup<'d>>,
    rules: Vec<JsonRule<'d>>,
}

/// Rules that changed alike.
#[derive(Serialize)]
struct JsonGroup<'d> {
    change: &'static str,
    causes: &'d [Cause],
    /// How many.
    rules: usize,
    /// One of them.
    example: Option<&'d SourceLine>,
    edits: &'d [Edited],
}

#[derive(Serialize)]
struct JsonRule<'d> {
    /// `broader`, `added`, …
    change: &'static str,
    #[serde(flatten)]
    rule: &'d RuleChange,
}

/// The whole, with a newline at its end.
pub(super) fn json(difference: &Difference, names: &VersionNames) -> String {
    let rules = difference.rules.iter().map(|rule| JsonRule {
        change: rule.kind().name(),
        rule,
    });
    let entries = entries(difference);
    let groups = entries.iter().map(|entry: &ChangeGroup<'_>| JsonGroup {
        change: entry.kind.name(),
        causes: &entry.rules[0].causes,
        rules: entry.rules.len(),
        example: entry.rules[0].place(),
        edits: &entry.edits,
    });
    let whole = Whole {
        before: &names.before,
        after: &names.after,
        summary: summary::counts(&difference.rules).into_iter().collect(),
        groups: groups.collect(),
        rules: rules.collect(),
    };
    let text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    format!("{text}\n")
}
