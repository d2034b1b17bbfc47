//! A difference for people: first what changed in meaning, then the texts.

use super::lines::lines;
use super::summary;
use crate::cli::terminal::Paint;
use crate::compare::{Comparison, Relation};
use crate::diagnostic::render::visible;
use crate::project::diff::{Difference, File, Kind, OutputChange, RuleChange, State};
use std::fmt::Write as _;

/// The whole.
pub(super) fn human(difference: &Difference, paint: Paint) -> String {
    let mut text = String::new();
    for rule in &difference.rules {
        write_rule(rule, paint, &mut text);
        text.push('\n');
    }
    let _ = writeln!(text, "{}", summary::line(difference));
    text
}

/// A line a rule.
pub(super) fn stat(difference: &Difference, paint: Paint) -> String {
    let mut text = String::new();
    for rule in &difference.rules {
        let outputs: Vec<String> = rule
            .outputs
            .iter()
            .map(|change| format!("{} ({})", change.output, summary::of_output(change)))
            .collect();
        heading(rule, paint, &mut text);
        if !outputs.is_empty() {
            let outputs = paint.faint(visible::message(&outputs.join(", ")));
            let _ = writeln!(text, "          {outputs}");
        }
    }
    let _ = writeln!(text, "{}", summary::line(difference));
    text
}

fn heading(rule: &RuleChange, paint: Paint, text: &mut String) {
    let kind = format!("{:<9}", rule.kind().name());
    let kind = match rule.kind() {
        Kind::Meaning(Relation::Equal) | Kind::Text => paint.faint(kind),
        Kind::Added | Kind::Converts => paint.added(kind),
        Kind::Removed | Kind::Fails | Kind::Meaning(Relation::Changed) => paint.error(kind),
        _ => paint.warning(kind),
    };
    let place = rule.place().map_or("", |place| place.path.as_str());
    let _ = write!(text, "{kind} {}", paint.bold(visible::message(place)));
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

fn write_rule(rule: &RuleChange, paint: Paint, text: &mut String) {
    heading(rule, paint, text);
    if let Some(meaning) = &rule.meaning {
        write_meaning(meaning, "  ", paint, text);
    }
    for change in &rule.outputs {
        write_output(change, paint, text);
    }
}

fn write_meaning(meaning: &Comparison, indent: &str, paint: Paint, text: &mut String) {
    for edit in &meaning.edits {
        let _ = writeln!(text, "{indent}{}", visible::message(&edit.text));
    }
    for (what, event) in [
        ("matches now:   ", &meaning.gained),
        ("matched before:", &meaning.lost),
    ] {
        if let Some(event) = event {
            let event = paint.code(visible::message(&event.to_string()));
            let _ = writeln!(text, "{indent}{what} {event}");
        }
    }
    if let Some(why) = &meaning.why {
        let _ = writeln!(text, "{indent}{}", visible::message(why));
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
    if let Some(State::Failed { code, message }) = &change.after {
        let _ = writeln!(
            text,
            "    {} {}",
            paint.error(code),
            visible::message(message)
        );
    }
    for (path, before, after) in texts(change) {
        let _ = writeln!(text, "    {}", paint.faint(visible::message(&path)));
        for line in lines(&before, &after) {
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

/// The files whose texts differ: what to call them, and their texts before and after.
pub(super) fn texts(change: &OutputChange) -> Vec<(String, String, String)> {
    let files = |state: &Option<State>| match state {
        Some(State::Converted { files, .. }) => files.clone(),
        _ => Vec::new(),
    };
    let (before, after) = (files(&change.before), files(&change.after));
    let none = |path: &str| File {
        path: path.to_owned(),
        text: String::new(),
    };
    let mut texts = Vec::new();
    for at in 0..before.len().max(after.len()) {
        let (old, new) = (before.get(at), after.get(at));
        let Some(shown) = new.or(old) else { continue };
        let (old, new) = (
            old.cloned().unwrap_or_else(|| none(&shown.path)),
            new.cloned().unwrap_or_else(|| none(&shown.path)),
        );
        let path = if old.path == new.path {
            new.path
        } else {
            format!("{} to {}", old.path, new.path)
        };
        if old.text != new.text || path.contains(" to ") {
            texts.push((path, old.text, new.text));
        }
    }
    texts
}
