//! Warns of what is valid, but probably a mistake, or not in the style of SigmaHQ.
//!
//! In: a rule as `parse` read it, with its text. Out: warnings, each with a code of its own
//! (`VS11…`): `tags: [attack.t9999]` gives `VS1105`. A check is a function in the file of its family
//! and a line in `CHECKS`; [`Run`] has those that look at several rules.

mod attribute;
mod condition;
mod cut;
mod date;
mod escape;
mod file;
mod level;
mod logsource;
mod name;
mod names;
mod regex;
mod run;
mod tag;
mod value;

pub use file::{LintedRule, lint_text};
pub use level::{Level, Levels};
pub use names::Names;
pub use regex::regexes;
pub use run::Run;

use crate::attack::Attack;
use crate::diagnostic::Diagnostic;
use crate::rule::{Detection, DetectionNode, Item, Rule};
use crate::source::Span;

/// What the checks look at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'r, 's> {
    /// The rule, its modifiers not yet applied.
    pub rule: &'r Rule<'s>,
    /// The text that it was read from.
    pub text: &'s str,
    /// ATT&CK's names.
    pub attack: &'r Attack,
    /// The names of log sources and fields.
    pub names: &'r Names,
}

/// A check: what it has to say goes to the list.
type Check = fn(&Subject<'_, '_>, &mut Vec<Diagnostic>);

/// Every check of a single rule.
const CHECKS: &[Check] = &[
    attribute::missing,
    attribute::misspelled,
    attribute::title,
    attribute::dates,
    attribute::lists,
    attribute::repeated,
    tag::unknown,
    tag::old,
    condition::unused,
    condition::selector_of_one,
    condition::filters,
    condition::all_of_list,
    condition::operators,
    condition::constant,
    logsource::unknown,
    logsource::misspelled,
    name::unusable,
    name::modifiers,
    name::invisible,
    name::by_case,
    value::wildcards,
    value::repeated,
    value::quotes,
    value::controls,
    value::comments,
    value::nulls,
    value::wide,
    value::operators,
    value::empty,
    escape::escapes,
    escape::invisible,
    cut::properties,
    value::keywords,
    value::plain_regexes,
];

/// What there is to say of a rule, in the order of its text.
#[must_use]
pub fn lint(subject: &Subject<'_, '_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for check in CHECKS {
        check(subject, &mut found);
    }
    found.sort_by_key(Diagnostic::span);
    found
}

impl<'r, 's> Subject<'r, 's> {
    /// The items of all detections, in order.
    fn items(&self) -> Vec<&'r Item<'s>> {
        let mut found = Vec::new();
        for (_, detection) in &self.rule.detection.named {
            items(detection, &mut found);
        }
        found
    }

    /// What was written at a place, with its quotes.
    fn written(&self, span: Span) -> &'s str {
        self.text.get(span.range()).unwrap_or_default()
    }
}

fn items<'r, 's>(detection: &'r Detection<'s>, found: &mut Vec<&'r Item<'s>>) {
    for node in &detection.nodes {
        match node {
            DetectionNode::Item(item) => found.push(item),
            DetectionNode::Detection(detection) => items(detection, found),
        }
    }
}
