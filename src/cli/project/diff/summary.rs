//! A difference in a line.

use crate::cli::report::thousands;
use crate::compare::Comparison;
use crate::project::diff::{AttributeChange, Difference, OutputChange, OutputState, RuleChange};
use std::collections::BTreeMap;

/// What becomes of an output in a word or two.
pub(super) fn of_output(change: &OutputChange) -> String {
    use OutputState::{Converted, Failed};
    match (&change.before, &change.after) {
        (_, Some(Failed { .. })) => match change.before {
            Some(Converted { .. }) => "no longer converts".to_owned(),
            _ => "does not convert".to_owned(),
        },
        (Some(Failed { .. }), Some(Converted { .. })) => "converts now".to_owned(),
        (None, Some(Converted { fidelity, .. })) => format!("new, {fidelity}"),
        (_, None) => "gone".to_owned(),
        (Some(Converted { files: old, .. }), Some(Converted { files: new, .. })) => {
            let old = old.iter().map(|file| &file.text);
            let what = if old.eq(new.iter().map(|file| &file.text)) {
                "same text"
            } else {
                "text changed"
            };
            match change.fidelity() {
                Some((was, is)) => format!("{what}, {was} to {is}"),
                None => what.to_owned(),
            }
        }
    }
}

/// How many rules changed in which way, what weighs most first.
pub(super) fn counts<'d>(
    rules: impl IntoIterator<Item = &'d RuleChange>,
) -> Vec<(&'static str, usize)> {
    let mut counts: BTreeMap<usize, (&'static str, usize)> = BTreeMap::new();
    for rule in rules {
        let kind = rule.kind();
        counts.entry(kind.rank()).or_insert((kind.name(), 0)).1 += 1;
    }
    counts.into_values().collect()
}

/// `2 broader, 1 added`
pub(super) fn in_words(counts: &[(&'static str, usize)]) -> String {
    let kinds = counts.iter();
    let kinds = kinds.map(|(kind, count)| format!("{} {kind}", thousands(*count)));
    kinds.collect::<Vec<_>>().join(", ")
}

/// `3 rules changed: 2 broader, 1 added; 1 query no longer converts`
pub(super) fn line(difference: &Difference) -> String {
    let rules = difference.rules.len();
    if rules == 0 {
        return "no query changes".to_owned();
    }
    let kinds = in_words(&counts(&difference.rules));
    let mut text = format!("{} changed: {kinds}", counted(rules, "rule"));
    let outputs = || difference.rules.iter().flat_map(|rule| &rule.outputs);
    let ceased = outputs().filter(|change| {
        let was = matches!(change.before, Some(OutputState::Converted { .. }));
        was && matches!(change.after, Some(OutputState::Failed { .. }))
    });
    let ceased = ceased.count();
    if ceased > 0 {
        let verb = if ceased == 1 { "converts" } else { "convert" };
        text = format!("{text}; {} no longer {verb}", queries(ceased));
    }
    let began = outputs().filter(|change| {
        let was = matches!(change.before, Some(OutputState::Failed { .. }));
        was && matches!(change.after, Some(OutputState::Converted { .. }))
    });
    let began = began.count();
    if began > 0 {
        let verb = if began == 1 { "converts" } else { "convert" };
        text = format!("{text}; {} {verb} now", queries(began));
    }
    let inexact = outputs()
        .filter(|change| change.fidelity().is_some())
        .count();
    if inexact > 0 {
        let is = if inexact == 1 { "is" } else { "are" };
        text = format!(
            "{text}; {} {is} as true to the rule as before no more",
            queries(inexact)
        );
    }
    text
}

/// What there is to say of a change of meaning.
pub(super) enum Detail {
    /// An edit, how many more there are, or what is not known.
    Text(String),
    /// An event that shows it, and in which way.
    Event(&'static str, String),
}

/// The details in order, with so many edits at most.
pub(super) fn details(meaning: &Comparison, most: usize) -> Vec<Detail> {
    let text = |text: &String| Detail::Text(text.clone());
    let edits = meaning.edits.iter().take(most);
    let mut details: Vec<Detail> = edits.map(|edit| text(&edit.text)).collect();
    let more = meaning.edits.len().saturating_sub(most);
    if more > 0 {
        details.push(Detail::Text(format!("and {} more", counted(more, "edit"))));
    }
    let events = [
        ("matches now", &meaning.gained),
        ("matched before", &meaning.lost),
    ];
    for (what, event) in events {
        details.extend(event.iter().map(|event| {
            // Of a correlation it is a sequence of events.
            let what = match (event.is_array(), what) {
                (false, what) => what,
                (true, "matches now") => "fires now",
                (true, _) => "fired before",
            };
            Detail::Event(what, event.to_string())
        }));
    }
    details.extend(meaning.why.as_ref().map(text));
    details
}

fn queries(count: usize) -> String {
    if count == 1 {
        "1 query".to_owned()
    } else {
        format!("{} queries", thousands(count))
    }
}

pub(super) fn counted(count: usize, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {what}{ending}", thousands(count))
}

/// `level: low to high`, `tags: attack.t1 removed, attack.t2 added`
pub(super) fn attribute(change: &AttributeChange) -> String {
    let name = change.attribute;
    match (&change.before, &change.after) {
        (Some(went), Some(came)) if name == "tags" => {
            format!("tags: {went} removed, {came} added")
        }
        (Some(was), Some(is)) => format!("{name}: {was} to {is}"),
        (None, Some(is)) => format!("{name}: {is} added"),
        (Some(was), None) => format!("{name}: {was} removed"),
        (None, None) => name.to_owned(),
    }
}
