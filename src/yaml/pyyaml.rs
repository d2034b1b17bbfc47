//! What PyYAML does not read, although it is YAML.
//!
//! In: where a scalar is in the text. Out: a place where PyYAML stops: it takes no tab between
//! words or values, and in brackets a `?` ends an unquoted text (`[a?b]`).

use super::slip::Slip;
use saphyr_parser::ScalarStyle;
use std::ops::Range;

/// Where PyYAML stops in a scalar or beside it.
pub(super) fn stop(
    text: &str,
    place: Range<usize>,
    style: ScalarStyle,
    in_brackets: bool,
) -> Option<Slip> {
    if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
        return None;
    }
    let (before, behind) = (&text[..place.start], &text[place.end..]);
    let plain = match style {
        ScalarStyle::Plain => &text[place.clone()],
        _ => "",
    };
    let gap = behind.len() - behind.trim_start_matches([' ', '\r', '\n']).len();
    let tab = if before.ends_with('\t') {
        Some(place.start - 1)
    } else if let Some(at) = plain.find('\t') {
        Some(place.start + at)
    } else {
        behind[gap..].starts_with('\t').then_some(place.end + gap)
    };
    if let Some(at) = tab {
        return Some(Slip {
            place: at..at + 1,
            message: "the reference's YAML parser accepts no tab outside of quotes",
            help: "replace it with a blank, or put the value in quotes",
        });
    }
    let stop = |(at, character)| character == '?' || character == ':' && at == 0;
    let at = plain
        .char_indices()
        .position(stop)
        .filter(|_| in_brackets)?;
    let at = place.start + at;
    Some(Slip {
        place: at..at + 1,
        message: "the reference's YAML parser takes this character for a key's mark in brackets",
        help: "put the value in single quotes",
    })
}
