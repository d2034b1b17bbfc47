//! A difference as Markdown, for a comment on a pull request: a table, and the texts folded away.

use super::human::texts;
use super::lines::lines;
use super::{Names, summary};
use crate::compare::Comparison;
use crate::diagnostic::render::visible;
use crate::page::markdown::{code, fence, inline};
use crate::project::diff::{Difference, OutputChange, RuleChange, State};
use std::fmt::Write as _;

/// A comment of a forge holds some 65,000 characters.
const LONGEST: usize = 60_000;

/// The edits of a rule that the table shows.
const MOST_EDITS: usize = 4;

/// Lines of a difference that are shown.
const MOST_LINES: usize = 60;

/// The whole.
pub(super) fn markdown(difference: &Difference, names: &Names, stat: bool) -> String {
    let (before, after) = (code(&names.before), code(&names.after));
    let summary = summary::line(difference);
    let mut text = format!("**varsigma diff** {before} to {after}: {summary}\n");
    if difference.rules.is_empty() {
        return text;
    }
    text.push_str("\n| | rule | what changed |\n|:--|:--|:--|\n");
    let mut left_out = 0;
    for rule in &difference.rules {
        let row = row(rule);
        if text.len() + row.len() > LONGEST / 2 {
            left_out += 1;
        } else if left_out == 0 {
            text.push_str(&row);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        let _ = writeln!(
            text,
            "\n{left_out} more rules are not shown: the comment would be too long."
        );
    }
    let shown = if stat {
        &[]
    } else {
        difference.rules.as_slice()
    };
    for rule in shown {
        let folded = folded(rule);
        if text.len() + folded.len() > LONGEST {
            text.push_str("\nThe other differences are too long for a comment.\n");
            break;
        }
        text.push_str(&folded);
    }
    text
}

fn row(rule: &RuleChange) -> String {
    let path = rule.place().map_or("", |place| place.path.as_str());
    let mut name = code(path);
    if let Some(title) = &rule.title {
        let _ = write!(name, "<br>{}", plain(title));
    }
    let mut said: Vec<String> = Vec::new();
    let edits = rule.meaning.iter().flat_map(|meaning| &meaning.edits);
    said.extend(edits.clone().take(MOST_EDITS).map(|edit| plain(&edit.text)));
    let more = edits.count().saturating_sub(MOST_EDITS);
    if more > 0 {
        said.push(format!("and {} more", summary::counted(more, "edit")));
    }
    for change in &rule.outputs {
        let is_plain = change.fidelity().is_none()
            && matches!(
                (&change.before, &change.after),
                (Some(State::Converted { .. }), Some(State::Converted { .. }))
            );
        if !is_plain {
            said.push(format!(
                "{}: {}",
                plain(&change.output),
                summary::of_output(change)
            ));
        }
    }
    format!(
        "| {} | {name} | {} |\n",
        rule.kind().name(),
        said.join("<br>")
    )
}

fn folded(rule: &RuleChange) -> String {
    let path = rule.place().map_or("", |place| place.path.as_str());
    let mut text = format!(
        "\n<details><summary>{}: <code>{}</code></summary>\n",
        rule.kind().name(),
        html(path)
    );
    if let (Some(before), Some(after)) = (&rule.before, &rule.after)
        && before.path != after.path
    {
        let _ = writeln!(text, "\nMoved from {}.", code(&before.path));
    }
    if let Some(meaning) = &rule.meaning {
        write_meaning(meaning, &mut text);
    }
    for change in &rule.outputs {
        write_output(change, &mut text);
    }
    text.push_str("\n</details>\n");
    text
}

fn write_meaning(meaning: &Comparison, text: &mut String) {
    text.push('\n');
    for edit in &meaning.edits {
        let _ = writeln!(text, "- {}", plain(&edit.text));
    }
    for (what, event) in [
        ("matches now", &meaning.gained),
        ("matched before", &meaning.lost),
    ] {
        if let Some(event) = event {
            let _ = writeln!(text, "- {what}: {}", code(&event.to_string()));
        }
    }
    if let Some(why) = &meaning.why {
        let _ = writeln!(text, "- {}", plain(why));
    }
}

fn write_output(change: &OutputChange, text: &mut String) {
    let what = summary::of_output(change);
    let _ = writeln!(text, "\n**{}**: {what}", plain(&change.output));
    if let Some(meaning) = &change.meaning {
        let relation = meaning.relation.name();
        let _ = writeln!(text, "\nAfter its pipelines: {relation}");
        write_meaning(meaning, text);
    }
    if let Some(State::Failed {
        code: number,
        message,
    }) = &change.after
    {
        let _ = writeln!(text, "\n{number}: {}", plain(message));
    }
    for (path, before, after) in texts(change) {
        let lines = lines(&before, &after);
        let mut body = String::new();
        for line in lines.iter().take(MOST_LINES) {
            let _ = writeln!(body, "{} {}", line.sign, line.text());
        }
        if lines.len() > MOST_LINES {
            let _ = writeln!(body, "… {} lines more", lines.len() - MOST_LINES);
        }
        let fence = fence(&body);
        let _ = writeln!(text, "\n{}\n\n{fence}diff\n{body}{fence}", code(&path));
    }
}

/// A text in a line, without a meaning in Markdown. As code: a forge would take `@name` for a
/// person that it has to tell.
fn plain(text: &str) -> String {
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
