//! Attributes: which are there, and how they are written.

use super::Subject;
use super::date::iso;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::rule::Text;
use std::collections::HashSet;

/// Every attribute of the specification.
const KNOWN: [&str; 19] = [
    "title",
    "id",
    "name",
    "related",
    "taxonomy",
    "status",
    "description",
    "license",
    "author",
    "references",
    "date",
    "modified",
    "tags",
    "scope",
    "level",
    "falsepositives",
    "fields",
    "logsource",
    "detection",
];

/// Those that SigmaHQ asks for beyond the required ones.
pub(super) fn missing(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    let rule = subject.rule;
    let asked = [
        ("id", rule.id.is_some()),
        ("status", rule.status.is_some()),
        ("description", rule.description.is_some()),
        ("author", rule.author.is_some()),
        ("date", rule.date.is_some()),
        ("falsepositives", !rule.falsepositives.is_empty()),
        ("level", rule.level.is_some()),
    ];
    let missing: Vec<&str> = asked
        .into_iter()
        .filter_map(|(name, there)| (!there).then_some(name))
        .collect();
    if missing.is_empty() {
        return;
    }
    let message = format!(
        "expected what SigmaHQ asks of a rule, found no `{}`",
        missing.join("`, `")
    );
    found.push(
        Diagnostic::warning(Code::MissingMetadata, message)
            .at(rule.title.span)
            .help("add them for readers, pages and pipelines, or give `--allow VS1101`"),
    );
}

/// A name of one's own that is nearly one of the specification.
pub(super) fn misspelled(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for (name, _) in &subject.rule.custom {
        if let Some(near) = nearest(&name.to_lowercase(), KNOWN) {
            let message = format!("expected an attribute of Sigma, found `{}`", name.value);
            let warning = Diagnostic::warning(Code::MisspeltAttribute, message).at(name.span);
            found.push(warning.help(format!("did you mean `{near}`?")));
        }
    }
}

pub(super) fn title(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    let title = &subject.rule.title;
    let mut say = |message: &str, help: &str| {
        let warning = Diagnostic::warning(Code::TitleStyle, message).at(title.span);
        found.push(warning.help(help));
    };
    let length = title.chars().count();
    // Beyond 256 it is against the specification, which is another warning.
    if (121..=256).contains(&length) {
        say(
            &format!("expected a title of at most 120 characters, found {length}"),
            "say what is found; how it is found belongs into `description`",
        );
    }
    if title.ends_with('.') {
        say(
            "expected a title without a full stop, found one",
            "remove the full stop: a title is a heading",
        );
    }
    if title.starts_with("Detects ") || title.starts_with("Detect ") {
        say(
            "expected what is detected, found that it is detected",
            "leave out the first word: every rule detects something",
        );
    }
}

pub(super) fn dates(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    let rule = subject.rule;
    let dates = [&rule.date, &rule.modified];
    for date in dates
        .into_iter()
        .flatten()
        .filter(|date| date.contains('/'))
    {
        let message = format!("expected a date as ISO 8601 has it, found `{}`", date.value);
        let warning = Diagnostic::warning(Code::Dates, message).at(date.span);
        let iso = iso(date);
        let iso = iso.as_deref().unwrap_or("YYYY-MM-DD");
        found.push(warning.help(format!("write `{iso}`")));
    }
    let (Some(date), Some(modified)) = (&rule.date, &rule.modified) else {
        return;
    };
    let is_before = iso(modified)
        .zip(iso(date))
        .is_some_and(|(modified, date)| modified < date);
    if is_before {
        let message = "expected a rule to be changed after it was written, found it before";
        let warning = Diagnostic::warning(Code::Dates, message)
            .at(modified.span)
            .label(date.span, "written here");
        found.push(warning.help("correct one of the dates"));
    }
}

/// The attributes that are lists, with their entries.
fn entries<'r, 's>(subject: &Subject<'r, 's>) -> [(&'static str, &'r [Text<'s>]); 4] {
    let rule = subject.rule;
    [
        ("tags", &rule.tags),
        ("references", &rule.references),
        ("falsepositives", &rule.falsepositives),
        ("fields", &rule.fields),
    ]
}

/// One text where the specification has a list.
pub(super) fn lists(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for (name, entries) in entries(subject) {
        let [only] = entries else { continue };
        let before = subject.text.get(..only.span.range().start);
        let key = before.unwrap_or_default().trim_end_matches([' ', '\t']);
        if key.strip_suffix(':').is_some_and(|key| key.ends_with(name)) {
            let message = format!("expected a list for `{name}`, found a text");
            let warning = Diagnostic::warning(Code::NotAList, message).at(only.span);
            found.push(warning.help("write it as an entry, `- …`, on the next line"));
        }
    }
}

/// An entry that is there twice.
pub(super) fn repeated(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for (name, entries) in entries(subject) {
        let mut known = HashSet::new();
        for entry in entries {
            if !known.insert(entry.to_lowercase()) {
                let message = format!("expected each entry of `{name}` once, found it again");
                let warning = Diagnostic::warning(Code::RepeatedEntry, message).at(entry.span);
                found.push(warning.help("remove the second one"));
            }
        }
    }
}
