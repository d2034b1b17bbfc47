//! Warns of what is valid, but probably a mistake, or not in the style of SigmaHQ.
//!
//! In: a rule as `parse` read it, with its text. Out: warnings, each with a code of its own
//! (`VS11…`): `tags: [attack.t9999]` gives `VS1105`. A check is a function in the file of its family
//! and a line in `CHECKS`; [`Run`] has those that look at several rules.

mod attribute;
mod condition;
mod correlation;
mod cut;
mod date;
mod escape;
mod file;
mod filter;
mod interval;
mod level;
pub mod linked;
mod logsource;
mod name;
mod names;
mod regex;
mod run;
mod tag;
mod unlikely;
mod value;

pub use file::{LintedRule, lint_text};
pub use level::{Level, Levels};
pub use names::Names;
pub use regex::regexes;
pub use run::Run;

use crate::attack::Attack;
use crate::diagnostic::Diagnostic;
use crate::rule::{Detection, DetectionNode, Document, Item, Rule};
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

/// What rules and correlations have, and filters need not.
const ASKED: &[Check] = &[attribute::missing];

/// Every check of the attributes that all kinds of documents have.
const HEAD: &[Check] = &[
    attribute::misspelled,
    attribute::title,
    attribute::dates,
    attribute::lists,
    attribute::repeated,
    tag::unknown,
    tag::forms,
    tag::old,
];

/// Checks of a rule's detections alone.
const OF_RULES: &[Check] = &[condition::filters];

/// Every check of the log source and the detections, of rules and filters.
const DETECTIONS: &[Check] = &[
    condition::unused,
    condition::selector_of_one,
    condition::all_of_them,
    condition::all_of_list,
    condition::operators,
    condition::constant,
    logsource::unknown,
    logsource::misspelled_keys,
    logsource::misspelled,
    logsource::all_of_sysmon,
    name::unusable,
    name::modifiers,
    name::invisible,
    name::blanks,
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
    value::numbers,
    unlikely::all_of_whole,
    unlikely::pieces,
    unlikely::in_a_row,
    unlikely::hashes,
    escape::escapes,
    escape::invisible,
    cut::properties,
    value::keywords,
    value::plain_regexes,
];

/// What there is to say of a rule, in the order of its text.
#[must_use]
pub fn lint(subject: &Subject<'_, '_>) -> Vec<Diagnostic> {
    run(subject, &[ASKED, HEAD, OF_RULES, DETECTIONS], Vec::new())
}

/// What there is to say of a document, in the order of its text; its modifiers are not applied yet.
#[must_use]
pub fn lint_document(
    document: &Document<'_>,
    text: &str,
    attack: &Attack,
    names: &Names,
) -> Vec<Diagnostic> {
    let subject = |rule| Subject {
        rule,
        text,
        attack,
        names,
    };
    let mut found = Vec::new();
    match document {
        Document::Rule(rule) => lint(&subject(rule)),
        Document::Correlation(correlation) => {
            for check in correlation::CHECKS {
                check(correlation, &mut found);
            }
            run(&subject(&correlation.head), &[ASKED, HEAD], found)
        }
        Document::Filter(filter) => {
            filter::without_not(filter, &mut found);
            run(&subject(&filter.rule), &[HEAD, DETECTIONS], found)
        }
    }
}

fn run(
    subject: &Subject<'_, '_>,
    families: &[&[Check]],
    mut found: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    for check in families.iter().copied().flatten() {
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
