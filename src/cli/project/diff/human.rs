//! A difference for people: first what weighs most, and of each change what it means before its texts.

use super::entry::{ChangeGroup, entries};
use super::lines::lines;
use super::summary::{self, Detail};
use super::texts::texts;
use crate::cli::report::thousands;
use crate::cli::terminal::Paint;
use crate::compare::{Comparison, Relation};
use crate::diagnostic::render::visible;
use crate::project::diff::{ChangeKind, Difference, OutputChange, OutputState, RuleChange};
use std::fmt::Write as _;

/// Entries that are shown whole, unless all are asked for.
const MOST_WHOLE: usize = 100;

/// Entries that are shown at all, unless all are asked for: the others are counted.
const MOST_SHOWN: usize = 400;

/// Edits of queries that an entry of many rules shows.
const MOST_EDITS: usize = 10;

/// Rules that an entry of many names, its example among them.
const MOST_NAMED: usize = 4;

/// Edits of one rule that are shown.
const MOST_RULE_EDITS: usize = 40;

/// So much of an event is shown; JSON has the whole.
const LONGEST_EVENT: usize = 2000;

/// So much of an edit is shown.
const LONGEST_EDIT: usize = 120;

/// The whole.
pub(super) fn human(difference: &Difference, all: bool, paint: Paint) -> String {
    let mut text = String::new();
    let entries = entries(difference);
    for (at, entry) in entries.iter().enumerate() {
        if all || at < MOST_WHOLE {
            write_entry(entry, paint, &mut text);
            text.push('\n');
        } else if at < MOST_SHOWN {
            heading(entry, paint, &mut text);
        }
    }
    if !all {
        if entries.len() > MOST_WHOLE {
            text.push('\n');
        }
        left_out(entries.get(MOST_SHOWN..), &mut text);
    }
    let _ = writeln!(text, "{}", summary::line(difference));
    text
}

/// A line an entry.
pub(super) fn stat(difference: &Difference, all: bool, paint: Paint) -> String {
    let mut text = String::new();
    let entries = entries(difference);
    let shown = if all { usize::MAX } else { MOST_SHOWN };
    for entry in entries.iter().take(shown) {
        heading(entry, paint, &mut text);
        let outputs = entry.rules[0].outputs.iter();
        let outputs = outputs.map(|change| {
            let what = summary::of_output(change);
            format!("{} ({what})", change.output)
        });
        let metadata = entry.rules[0].metadata.iter().map(summary::attribute);
        let causes = entry.causes.iter().map(ToString::to_string);
        let details: Vec<String> = causes.chain(metadata).chain(outputs).collect();
        if !details.is_empty() {
            let details = paint.faint(visible::message(&details.join(", ")));
            let _ = writeln!(text, "          {details}");
        }
    }
    if !all {
        left_out(entries.get(MOST_SHOWN..), &mut text);
    }
    let _ = writeln!(text, "{}", summary::line(difference));
    text
}

/// How many rules are not shown, and how they changed.
fn left_out(entries: Option<&[ChangeGroup<'_>]>, text: &mut String) {
    let rules = entries
        .iter()
        .copied()
        .flatten()
        .flat_map(|entry| &entry.rules);
    let counts = summary::counts(rules.copied());
    if !counts.is_empty() {
        let _ = writeln!(
            text,
            "not shown: {} (-v shows all)",
            summary::in_words(&counts)
        );
    }
}

fn heading(entry: &ChangeGroup<'_>, paint: Paint, text: &mut String) {
    let rule = entry.rules[0];
    let kind = format!("{:<9}", entry.kind.name());
    let kind = match entry.kind {
        ChangeKind::Meaning(Relation::Equal) | ChangeKind::Text => paint.faint(kind),
        ChangeKind::Added | ChangeKind::Converts => paint.added(kind),
        ChangeKind::Removed | ChangeKind::Fails | ChangeKind::Meaning(Relation::Changed) => {
            paint.error(kind)
        }
        _ => paint.warning(kind),
    };
    let place = rule.place().map_or("", |place| place.path.as_str());
    let _ = write!(text, "{kind} ");
    if entry.rules.len() > 1 {
        let _ = write!(text, "{} rules, such as ", thousands(entry.rules.len()));
    }
    let _ = write!(text, "{}", paint.bold(visible::message(place)));
    if let Some(title) = &rule.title {
        let _ = write!(text, "  {}", visible::message(title));
    }
    text.push('\n');
    if let (Some(before), Some(after)) = (&rule.before, &rule.after)
        && before.path != after.path
    {
        let _ = writeln!(text, "  moved from {}", visible::message(&before.path));
    }
}

fn write_entry(entry: &ChangeGroup<'_>, paint: Paint, text: &mut String) {
    heading(entry, paint, text);
    for cause in &entry.causes {
        let _ = writeln!(text, "  {}", visible::message(&cause.to_string()));
    }
    let shown = entry.rules.len().min(MOST_NAMED);
    for rule in &entry.rules[1..shown] {
        let place = rule.place().map_or("", |place| place.path.as_str());
        let _ = writeln!(text, "  also {}", visible::message(place));
    }
    for edit in entry.edits.iter().take(MOST_EDITS) {
        let (before, after) = (short(&edit.before), short(&edit.after));
        let count = summary::counted(edit.rules, "rule");
        let _ = writeln!(
            text,
            "  {}  {} {} {}  {}",
            paint.bold(visible::message(&edit.output)),
            paint.removed(visible::message(&before)),
            paint.faint("to"),
            paint.added(visible::message(&after)),
            paint.faint(format!("in {count}")),
        );
    }
    if let Some(more) = entry.edits.len().checked_sub(MOST_EDITS).filter(|m| *m > 0) {
        let _ = writeln!(text, "  and {} more", summary::counted(more, "edit"));
    }
    write_rule(entry.rules[0], paint, text);
}

/// An edit's text; what is empty was not there.
pub(super) fn short(text: &str) -> String {
    let text = text.trim_end_matches(' ');
    if text.is_empty() {
        return "nothing".to_owned();
    }
    cut(text, LONGEST_EDIT)
}

/// A text of so many characters at most.
pub(super) fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn write_rule(rule: &RuleChange, paint: Paint, text: &mut String) {
    for change in &rule.metadata {
        let _ = writeln!(text, "  {}", visible::message(&summary::attribute(change)));
    }
    if let Some(meaning) = &rule.meaning {
        write_meaning(meaning, "  ", paint, text);
    }
    for change in &rule.outputs {
        write_output(change, paint, text);
    }
}

fn write_meaning(meaning: &Comparison, indent: &str, paint: Paint, text: &mut String) {
    for detail in summary::details(meaning, MOST_RULE_EDITS) {
        let _ = match detail {
            Detail::Text(detail) => writeln!(text, "{indent}{}", visible::message(&detail)),
            Detail::Event(what, event) => {
                let event = paint.code(visible::message(&cut(&event, LONGEST_EVENT)));
                writeln!(text, "{indent}{:<15} {event}", format!("{what}:"))
            }
        };
    }
}

fn write_output(change: &OutputChange, paint: Paint, text: &mut String) {
    let what = paint.faint(summary::of_output(change));
    let name = paint.bold(visible::message(&change.output));
    let _ = writeln!(text, "  {name}  {what}");
    if let Some(meaning) = &change.meaning {
        let relation = meaning.relation.name();
        let _ = writeln!(text, "    after its pipelines: {relation}");
        write_meaning(meaning, "    ", paint, text);
    }
    if let Some(OutputState::Failed { code, message }) = &change.after {
        let _ = writeln!(
            text,
            "    {} {}",
            paint.error(code),
            visible::message(message)
        );
    }
    for changed in texts(change) {
        let _ = writeln!(text, "    {}", paint.faint(visible::message(&changed.path)));
        for line in lines(changed.before, changed.after) {
            let sign = match line.sign {
                '-' => paint.removed('-'),
                '+' => paint.added('+'),
                sign => paint.faint(sign),
            };
            let _ = write!(text, "    {sign} ");
            for piece in &line.pieces {
                let (changed, piece) = (piece.changed, piece.shown());
                let piece = visible::message(&piece);
                let piece = match (changed, line.sign) {
                    (true, '-') => paint.removed_word(piece),
                    (true, '+') => paint.added_word(piece),
                    _ => piece.into_owned(),
                };
                text.push_str(&piece);
            }
            text.push('\n');
        }
    }
}
