//! A difference as Markdown, for a comment on a pull request: a table, and the texts folded away.

use super::entry::{ChangeGroup, Edited, entries, is_plain};
use super::lines::lines;
use super::summary::{self, Detail};
use super::texts::texts;
use super::{VersionNames, human};
use crate::cli::report::thousands;
use crate::compare::Comparison;
use crate::diagnostic::render::visible;
use crate::page::markdown::{code, fence, inline};
use crate::project::config;
use crate::project::diff::{Cause, Difference, OutputChange, OutputState};
use std::fmt::Write as _;

/// A comment of a forge holds some 65,000 characters.
const LONGEST: usize = 60_000;

/// The edits of a rule that the table shows.
const MOST_EDITS: usize = 4;

/// The edits of a rule that are listed below the table.
const MOST_RULE_EDITS: usize = 20;

/// Lines of a difference that are shown.
const MOST_LINES: usize = 60;

/// The characters of a cell, of a line of a difference, and of the name of a rule that are shown.
const LONGEST_TEXT: usize = 400;

/// The whole.
pub(super) fn markdown(difference: &Difference, names: &VersionNames, stat: bool) -> String {
    let (before, after) = (code(&names.before), code(&names.after));
    let summary = summary::line(difference);
    let mut text = format!("**varsigma diff** {before} to {after}: {summary}\n");
    if difference.rules.is_empty() {
        return text;
    }
    let entries = entries(difference);
    text.push_str("\n| | rule | what changed |\n|:--|:--|:--|\n");
    let mut shown = 0;
    for entry in &entries {
        let row = row(entry);
        if text.len() + row.len() > LONGEST / 2 {
            break;
        }
        text.push_str(&row);
        shown += 1;
    }
    left_out("Not in the table", &entries[shown..], &mut text);
    if stat {
        return text;
    }
    // What is too long with its texts may be short enough without them; what weighs less makes way.
    let mut shown = 0;
    for entry in &entries {
        let fits = |folded: &String| text.len() + folded.len() <= LONGEST;
        let whole = Some(folded(entry, true)).filter(fits);
        let Some(folded) = whole.or_else(|| Some(folded(entry, false)).filter(fits)) else {
            break;
        };
        text.push_str(&folded);
        shown += 1;
    }
    left_out("Not shown in full", &entries[shown..], &mut text);
    text
}

/// How many rules are left out, and how they changed.
fn left_out(what: &str, entries: &[ChangeGroup<'_>], text: &mut String) {
    let rules = entries.iter().flat_map(|entry| &entry.rules).copied();
    let counts = summary::counts(rules);
    if !counts.is_empty() {
        let counts = summary::in_words(&counts);
        let _ = writeln!(
            text,
            "\n{what}, as the comment would be too long: {counts}."
        );
    }
}

fn row(entry: &ChangeGroup<'_>) -> String {
    let rule = entry.rules[0];
    let path = rule.place().map_or("", |place| place.path.as_str());
    let mut name = code(&short(path));
    if let Some(title) = &rule.title {
        let _ = write!(name, "<br>{}", plain(title));
    }
    if entry.rules.len() > 1 {
        let count = thousands(entry.rules.len());
        name = format!("{count} rules, such as<br>{name}");
    }
    let mut notes: Vec<String> = entry.causes.iter().map(|known| cause(known)).collect();
    let metadata = rule.metadata.iter().map(summary::attribute);
    notes.extend(metadata.map(|change| plain(&change)));
    if entry.rules.len() > 1 && !entry.causes.is_empty() {
        notes.extend(entry.edits.iter().take(MOST_EDITS).map(edit));
    } else {
        let edits = rule.meaning.iter().flat_map(|meaning| &meaning.edits);
        notes.extend(edits.clone().take(MOST_EDITS).map(|edit| plain(&edit.text)));
        let more = edits.count().saturating_sub(MOST_EDITS);
        if more > 0 {
            notes.push(format!("and {} more", summary::counted(more, "edit")));
        }
    }
    for change in rule.outputs.iter().filter(|change| !is_plain(change)) {
        let what = summary::of_output(change);
        let failure = match &change.after {
            Some(OutputState::Failed { message, .. }) => format!(": {}", plain(message)),
            _ => String::new(),
        };
        notes.push(format!("{}: {what}{failure}", plain(&change.output)));
    }
    let kind = entry.kind.name();
    format!("| {kind} | {name} | {} |\n", notes.join("<br>"))
}

/// A cause, the name in it as code.
fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Pipeline(name) => format!("pipeline {} changed", code(&short(name))),
        Cause::Input(path) => format!("{} changed", code(&short(path))),
        Cause::Settings => format!("{} changed", code(config::FILE)),
        Cause::Rule | Cause::Reference | Cause::PipelineOrder | Cause::Target => {
            plain(&cause.to_string())
        }
    }
}

/// An edit of many queries.
fn edit(edit: &Edited) -> String {
    let (before, after) = (human::short(&edit.before), human::short(&edit.after));
    let rules = summary::counted(edit.rules, "rule");
    format!("{} to {} in {rules}", code(&before), code(&after))
}

fn folded(entry: &ChangeGroup<'_>, with_texts: bool) -> String {
    let rule = entry.rules[0];
    let path = short(rule.place().map_or("", |place| place.path.as_str()));
    let others = match entry.rules.len() {
        1 => String::new(),
        count => format!(" and {} more", summary::counted(count - 1, "rule")),
    };
    let mut text = format!(
        "\n<details><summary>{}: <code>{}</code>{others}</summary>\n",
        entry.kind.name(),
        html(&path)
    );
    if let (Some(before), Some(after)) = (&rule.before, &rule.after)
        && before.path != after.path
    {
        let _ = writeln!(text, "\nMoved from {}.", code(&short(&before.path)));
    }
    let metadata = rule.metadata.iter().map(summary::attribute);
    let causes = entry.causes.iter().map(|known| cause(known));
    let notes: Vec<String> = causes
        .chain(metadata.map(|change| plain(&change)))
        .chain(entry.edits.iter().take(MOST_EDITS).map(edit))
        .collect();
    if !notes.is_empty() {
        let _ = writeln!(text, "\n- {}", notes.join("\n- "));
    }
    if let Some(meaning) = &rule.meaning {
        write_meaning(meaning, &mut text);
    }
    for change in &rule.outputs {
        write_output(change, with_texts, &mut text);
    }
    text.push_str("\n</details>\n");
    text
}

/// A text that is not too long for a comment.
fn short(text: &str) -> String {
    human::cut(text, LONGEST_TEXT)
}

fn write_meaning(meaning: &Comparison, text: &mut String) {
    text.push('\n');
    for detail in summary::details(meaning, MOST_RULE_EDITS) {
        let _ = match detail {
            Detail::Text(detail) => writeln!(text, "- {}", plain(&detail)),
            Detail::Event(what, event) => writeln!(text, "- {what}: {}", code(&short(&event))),
        };
    }
}

fn write_output(change: &OutputChange, with_texts: bool, text: &mut String) {
    let what = summary::of_output(change);
    let _ = writeln!(text, "\n**{}**: {what}", plain(&change.output));
    if let Some(meaning) = &change.meaning {
        let relation = meaning.relation.name();
        let _ = writeln!(text, "\nAfter its pipelines: {relation}");
        write_meaning(meaning, text);
    }
    if let Some(OutputState::Failed {
        code: number,
        message,
    }) = &change.after
    {
        let _ = writeln!(text, "\n{number}: {}", plain(message));
    }
    let shown = if with_texts {
        texts(change)
    } else {
        Vec::new()
    };
    for changed in shown {
        let lines = lines(changed.before, changed.after);
        let mut body = String::new();
        for line in lines.iter().take(MOST_LINES) {
            let _ = writeln!(body, "{} {}", line.sign, short(&line.shown()));
        }
        if lines.len() > MOST_LINES {
            let _ = writeln!(body, "… {} lines more", lines.len() - MOST_LINES);
        }
        let fence = fence(&body);
        let _ = writeln!(
            text,
            "\n{}\n\n{fence}diff\n{body}{fence}",
            code(&short(&changed.path))
        );
    }
}

/// A text in a line, without a meaning in Markdown. As code: a forge would take `@name` for a
/// person that it has to tell.
fn plain(text: &str) -> String {
    let text = short(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    match visible::message(&words.join(" ")) {
        line if line.contains('@') => code(&line),
        line => inline(&line).into_owned(),
    }
}

fn html(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace(['\n', '\r'], " ")
}
