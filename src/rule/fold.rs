//! Letters that differ in nothing but case.
//!
//! In: a character. Out: the one that stands for it and its counterparts when case does not matter.
//! ASCII letters pair with each other only; another letter pairs with its upper or lower case where
//! that is one character, and back. So `k` and the Kelvin sign differ, as do `s` and `ſ`, `i` and `İ`: engines
//! disagree on them, and a class such as `[kK]` stays what a reader expects.

use std::borrow::Cow;

/// The character that stands for this one and its counterpart: its lower case.
#[must_use]
pub fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    match one(c.to_lowercase()) {
        Some(lower) if lower != c && one(lower.to_uppercase()) == Some(c) => lower,
        _ => c,
    }
}

/// The other character that folds as this one does.
#[must_use]
pub fn counterpart(c: char) -> Option<char> {
    let lower = fold(c);
    if lower != c {
        return Some(lower);
    }
    if c.is_ascii() {
        return c.is_ascii_lowercase().then(|| c.to_ascii_uppercase());
    }
    one(c.to_uppercase()).filter(|&upper| upper != c && fold(upper) == c)
}

/// The text with every character folded.
#[must_use]
pub fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Borrowed(text);
        }
        return Cow::Owned(text.to_ascii_lowercase());
    }
    if text.chars().all(|c| fold(c) == c) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(fold).collect())
}

fn one(mut chars: impl Iterator<Item = char>) -> Option<char> {
    match (chars.next(), chars.next()) {
        (Some(c), None) => Some(c),
        _ => None,
    }
}

/// Do two texts differ in nothing but case?
pub fn equal(a: &str, b: &str) -> bool {
    a == b || a.chars().map(fold).eq(b.chars().map(fold))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_stays_among_itself() {
        assert_eq!(counterpart('k'), Some('K'));
        assert_eq!(counterpart('S'), Some('s'));
        assert_eq!(counterpart('1'), None);
        assert!(!equal("k", "\u{212a}") && !equal("s", "ſ") && !equal("i", "İ"));
    }

    #[test]
    fn other_letters_pair_one_to_one() {
        assert_eq!(counterpart('ä'), Some('Ä'));
        assert_eq!(counterpart('Σ'), Some('σ'));
        assert!(equal("ÄÖ я", "äö Я"));
        assert!(!equal("straße", "STRASSE"));
    }

    #[test]
    fn texts_are_folded_by_their_characters() {
        for text in ["", "abc 1", "aBc", "ÄÖ straße", "äö", "\u{212a}K"] {
            let expected: String = text.chars().map(fold).collect();
            assert_eq!(folded(text), expected);
        }
    }

    #[test]
    fn folding_is_idempotent_and_symmetric() {
        for c in (0..=0x0010_ffff).filter_map(char::from_u32) {
            assert_eq!(fold(fold(c)), fold(c), "{c:?}");
            if let Some(other) = counterpart(c) {
                assert_eq!(counterpart(other), Some(c));
                assert_eq!(fold(c), fold(other));
            }
        }
    }
}
