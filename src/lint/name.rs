//! Names of fields and detections.

use super::Subject;
use super::escape::is_invisible;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{Modifier, Text};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Detections that no condition can name.
pub(super) fn unusable(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for (name, _) in &subject.rule.detection.named {
        let odd = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
        if let Some(sign) = name.chars().find(|c| odd(*c)) {
            let message =
                format!("expected a name that conditions can use, found one with `{sign}`");
            let warning = Diagnostic::warning(Code::UnusableName, message).at(name.span);
            found.push(warning.help("use letters, digits, `_`, `-` and `.` only"));
        }
    }
}

/// `Image.endswith`: a modifier follows a `|`.
pub(super) fn modifiers(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for item in subject.items() {
        let Some((field, last)) = item.field.as_ref().and_then(|field| field.rsplit_once('.'))
        else {
            continue;
        };
        // `hour`, `all` and other words are as likely fields of their own.
        let modifier = Modifier::from_name(last).filter(|modifier| {
            use Modifier as M;
            matches!(
                modifier,
                M::Contains | M::StartsWith | M::EndsWith | M::Cased | M::Cidr | M::WinDash
            )
        });
        if let Some(modifier) = modifier {
            let name = modifier.name();
            let message = format!("expected a field, found the modifier `{name}` in its name");
            let warning = Diagnostic::warning(Code::ModifierInName, message).at(item.key);
            found.push(warning.help(format!("did you mean `{field}|{name}`?")));
        }
    }
}

/// Characters that nobody sees, and blanks at an end.
pub(super) fn invisible(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    let detections = subject.rule.detection.named.iter();
    let detections = detections.map(|(name, _)| (name.value.as_ref(), name.span));
    let items = subject.items();
    let fields = items
        .iter()
        .filter_map(|item| Some((item.field.as_deref()?, item.key)));
    for (name, span) in detections.chain(fields) {
        let hidden = name.chars().find(|&c| is_invisible(c));
        let blank = (name.trim() != name).then_some(' ');
        if let Some(character) = hidden.or(blank) {
            let message = format!(
                "expected a name of visible characters, found U+{:04X} in it",
                u32::from(character)
            );
            let warning = Diagnostic::warning(Code::InvisibleCharacter, message).at(span);
            found.push(warning.help("write the name anew"));
        }
    }
}

/// `Process Name`: most likely what a log's display calls the field.
pub(super) fn blanks(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for item in subject.items() {
        let Some(field) = item.field.as_deref() else {
            continue;
        };
        if field.trim().contains(' ') {
            let message = format!("expected a field's name without blanks, found `{field}`");
            let warning = Diagnostic::warning(Code::BlankInField, message).at(item.key);
            found.push(warning.help("write the name that the log's events have"));
        }
    }
}

/// `Selection` beside `selection`: which one a condition means, readers won't see.
pub(super) fn by_case(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    let mut known: HashMap<String, &Text<'_>> = HashMap::new();
    for (name, _) in &subject.rule.detection.named {
        match known.entry(name.to_lowercase()) {
            Entry::Vacant(free) => {
                free.insert(name);
            }
            Entry::Occupied(other) => {
                let other = other.get();
                let message = format!(
                    "expected names that differ by more than case, found `{}` and `{}`",
                    other.value, name.value
                );
                let warning = Diagnostic::warning(Code::NamesByCase, message).at(name.span);
                let warning = warning.label(other.span, "the other one");
                found.push(warning.help("rename one of them"));
            }
        }
    }
}
