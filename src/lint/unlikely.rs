//! Tests that hardly any event can meet.

use super::Subject;
use super::value::{has, strings};
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{Item, Modifier, Part};

/// `field|all: [foo, bar]`: no value is two texts at once.
pub(super) fn all_of_whole(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    use Modifier as M;
    for item in subject.items() {
        let Some(field) = item.field.as_deref() else {
            continue;
        };
        let is_whole = item
            .modifiers
            .iter()
            .all(|known| matches!(known.value, M::All | M::Base64 | M::Cased | M::Utf16));
        let whole = strings(item).filter(|(pattern, _)| {
            let is_text = |part: &Part<'_>| matches!(part, Part::Literal(_));
            pattern.parts.iter().all(is_text)
        });
        let all = item.modifiers.iter().find(|known| known.value == M::All);
        if let (Some(all), true, 2..) = (all, is_whole, whole.count()) {
            let message = "expected parts of a value for `all`, found whole values";
            let warning = Diagnostic::warning(Code::AllOfWholeValues, message).at(all.span);
            found.push(warning.help(format!(
                "write `{field}|contains|all`: only a list in an event has several whole values"
            )));
        }
    }
}

/// `field|base64offset: foo`: what is encoded with something before it is a piece of a longer text.
pub(super) fn pieces(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for item in subject.items() {
        let offset = item.modifiers.iter();
        let mut offset = offset.filter(|known| known.value == Modifier::Base64Offset);
        let affixes = [Modifier::Contains, Modifier::StartsWith, Modifier::EndsWith];
        if let (Some(offset), false) = (offset.next(), affixes.iter().any(|one| has(item, *one))) {
            let message = "expected `contains` after `base64offset`, found whole values";
            let warning = Diagnostic::warning(Code::OffsetWithoutContains, message).at(offset.span);
            let field = item.field.as_deref().unwrap_or_default();
            found.push(warning.help(format!(
                "write `{field}|base64offset|contains`: the encodings lack the ends that depend on what is around"
            )));
        }
    }
}

/// `foo**bar`: the second wildcard finds nothing that the first does not.
pub(super) fn in_a_row(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for (pattern, span) in subject.items().into_iter().flat_map(strings) {
        let mut pairs = pattern.parts.windows(2);
        if pairs.any(|pair| pair.iter().all(|part| *part == Part::Any)) {
            let message = "expected one `*`, found several in a row";
            let warning = Diagnostic::warning(Code::WildcardsInRow, message).at(span);
            found.push(warning.help("write one, or `\\*` for a star of the value"));
        }
    }
}

/// Algorithms of Windows' events, and the hexadecimal digits of their hashes.
const HASHES: [(&str, usize); 5] = [
    ("MD5", 32),
    ("SHA1", 40),
    ("SHA256", 64),
    ("SHA512", 128),
    ("IMPHASH", 32),
];

/// `Hashes|contains: 'MD5=0123'`: no hash of the algorithm is as short.
pub(super) fn hashes(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    let is_whole = |item: &&Item<'_>| {
        let modifiers = item.modifiers.iter();
        let mut modifiers = modifiers.map(|known| known.value);
        item.field.as_deref() == Some("Hashes")
            && modifiers.all(|known| matches!(known, Modifier::Contains | Modifier::All))
    };
    for (pattern, span) in subject
        .items()
        .into_iter()
        .filter(is_whole)
        .flat_map(strings)
    {
        let text = pattern.parts.iter().filter(|part| **part != Part::Any);
        let [Part::Literal(text)] = text.collect::<Vec<_>>()[..] else {
            continue;
        };
        // Where a wildcard follows, the hash may go on.
        if pattern.parts.last() == Some(&Part::Any) && pattern.parts.len() > 1 {
            continue;
        }
        for hash in text.split(',') {
            let Some((name, digits)) = hash.split_once('=') else {
                continue;
            };
            let known = HASHES
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name));
            let Some((name, length)) = known else {
                continue;
            };
            let is_hash = digits.len() == *length && digits.bytes().all(|b| b.is_ascii_hexdigit());
            // A name alone asks whether there is such a hash.
            if !is_hash && !digits.is_empty() {
                let message = format!(
                    "expected {length} hexadecimal digits after `{name}=`, found `{digits}`"
                );
                let warning = Diagnostic::warning(Code::HashLength, message).at(span);
                found.push(warning.help("write the whole hash"));
            }
        }
    }
}
