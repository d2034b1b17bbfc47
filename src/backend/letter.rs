//! The other case of a letter, where that is one character.

use std::borrow::Cow;

/// A text in lower case, letter by letter.
pub(super) fn lowered(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        return text.chars().map(lower).collect();
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return text.to_ascii_lowercase().into();
    }
    text.into()
}

/// The lower case of a letter that has one of one character; engines disagree on the others.
pub(super) fn lower(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    let mut lowered = character.to_lowercase();
    match (lowered.next(), lowered.next()) {
        (Some(lower), None) if !lower.is_ascii() => lower,
        _ => character,
    }
}

/// The letter that differs in nothing but case.
pub(super) fn other_case(character: char) -> Option<char> {
    if character.is_ascii() {
        let other = match character.to_ascii_lowercase() {
            lowered if lowered == character => character.to_ascii_uppercase(),
            lowered => lowered,
        };
        return (other != character).then_some(other);
    }
    let pair = |low: char, high: char| lower(high) == low && raise(low) == Some(high);
    let lowered = lower(character);
    if lowered != character {
        return pair(lowered, character).then_some(lowered);
    }
    raise(character).filter(|&raised| raised != character && pair(character, raised))
}

fn raise(character: char) -> Option<char> {
    let mut raised = character.to_uppercase();
    raised.next().filter(|_| raised.next().is_none())
}
