//! A difference as entries: what changed alike is reported once.
//!
//! In: a [`Difference`]. Out: [`ChangeGroup`]s, what weighs most first. Edited rules are one entry where the
//! same was edited in all of them; rules that a pipeline, a backend file or the settings changed are,
//! where they came to the same end, with the edits of their queries and in how many of them each is.

use super::lines::edits;
use super::summary;
use super::texts::texts;
use crate::compare::Comparison;
use crate::project::diff::{Cause, ChangeKind, Difference, OutputChange, OutputState, RuleChange};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Rules with the same changes.
pub(super) struct ChangeGroup<'d> {
    pub kind: ChangeKind,
    /// What it came of, where it was no edit of the rule.
    pub causes: Vec<&'d Cause>,
    /// Not empty; the first is the example.
    pub rules: Vec<&'d RuleChange>,
    /// Edits of queries, the most frequent first; none where the example shows them all.
    pub edits: Vec<Edited>,
}

/// An edit of queries.
#[derive(Serialize)]
pub(super) struct Edited {
    pub output: String,
    pub before: String,
    pub after: String,
    /// In how many rules.
    pub rules: usize,
}

/// The replaced and the new text, by output.
type Edits = BTreeSet<(String, String, String)>;

/// Rules with the edits of their queries.
type Changes<'d> = Vec<(&'d RuleChange, Edits)>;

/// The entries, what weighs most first.
pub(super) fn entries(difference: &Difference) -> Vec<ChangeGroup<'_>> {
    let rules: Changes<'_> = difference
        .rules
        .par_iter()
        .map(|rule| (rule, edits_of(rule)))
        .collect();
    let mut groups: BTreeMap<(usize, Vec<String>), Changes<'_>> = BTreeMap::new();
    for (rule, edits) in rules {
        let key = (rule.kind().rank(), key(rule, &edits));
        groups.entry(key).or_default().push((rule, edits));
    }
    let mut entries: Vec<ChangeGroup<'_>> = groups.into_values().map(entry).collect();
    entries.sort_by(|one, other| {
        let place =
            |entry: &ChangeGroup<'_>| entry.rules.first().and_then(|rule| rule.place()).cloned();
        let rank = one.kind.rank().cmp(&other.kind.rank());
        let size = other.rules.len().cmp(&one.rules.len());
        rank.then(size).then_with(|| place(one).cmp(&place(other)))
    });
    entries
}

fn entry(group: Changes<'_>) -> ChangeGroup<'_> {
    let mut counts: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    let several = group.len() > 1;
    let mut rules = Vec::with_capacity(group.len());
    for (rule, edits) in group {
        rules.push(rule);
        if several {
            for edit in edits {
                *counts.entry(edit).or_default() += 1;
            }
        }
    }
    let mut edits: Vec<Edited> = counts
        .into_iter()
        .map(|((output, before, after), rules)| Edited {
            output,
            before,
            after,
            rules,
        })
        .collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.rules));
    let first = rules[0];
    let causes = first.causes.iter().filter(|cause| **cause != Cause::Rule);
    ChangeGroup {
        kind: first.kind(),
        causes: causes.collect(),
        rules,
        edits,
    }
}

/// The edits of a rule's queries.
fn edits_of(rule: &RuleChange) -> Edits {
    let mut found = BTreeSet::new();
    if rule.before.is_none() || rule.after.is_none() {
        return found;
    }
    for change in &rule.outputs {
        for changed in texts(change) {
            let output = || change.output.clone();
            let edits = edits(changed.before, changed.after).into_iter();
            found.extend(edits.map(|(before, after)| (output(), before, after)));
        }
    }
    found
}

/// What rules of one entry have in common.
fn key(rule: &RuleChange, edits: &Edits) -> Vec<String> {
    let mut key: Vec<String> = rule.causes.iter().map(Cause::to_string).collect();
    key.extend(rule.outputs.iter().map(|change| {
        let what = summary::of_output(change);
        let failure = match &change.after {
            Some(OutputState::Failed { code, message }) => format!("{code} {message}"),
            _ => String::new(),
        };
        let relation = change
            .meaning
            .as_ref()
            .map(|meaning| meaning.relation.name());
        format!("{} {what} {relation:?} {failure}", change.output)
    }));
    let is_own = |cause: &Cause| matches!(cause, Cause::Rule | Cause::Reference | Cause::Input(_));
    if !rule.causes.iter().any(is_own) {
        return key;
    }
    // Rules that are new or gone have nothing in common.
    let (Some(before), Some(after)) = (&rule.before, &rule.after) else {
        key.extend(
            rule.place()
                .map(|place| format!("{}:{}", place.path, place.line)),
        );
        return key;
    };
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let folder = |path: &str| {
        path.rsplit_once('/')
            .map_or("", |(folder, _)| folder)
            .to_owned()
    };
    if before.path != after.path {
        // Folders that were renamed moved many rules.
        key.push(format!("{} {}", folder(&before.path), folder(&after.path)));
        if name(&before.path) != name(&after.path) {
            key.push(after.path.clone());
        }
    }
    key.extend(rule.metadata.iter().map(summary::attribute));
    let words = |meaning: &Comparison| -> Vec<String> {
        let edits = meaning.edits.iter().map(|edit| edit.text.clone());
        edits.chain(meaning.why.clone()).collect()
    };
    key.extend(rule.meaning.iter().flat_map(words));
    for change in &rule.outputs {
        key.extend(change.meaning.iter().flat_map(words));
    }
    key.extend(
        edits
            .iter()
            .map(|(output, old, new)| format!("{output} {old} {new}")),
    );
    key
}

/// Is there nothing to say of an output but that its text is another?
pub(super) fn is_plain(change: &OutputChange) -> bool {
    change.fidelity().is_none()
        && matches!(
            (&change.before, &change.after),
            (
                Some(OutputState::Converted { .. }),
                Some(OutputState::Converted { .. })
            )
        )
}
