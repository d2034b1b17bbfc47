//! What an unquoted value loses: words that the language reads as operators, and white space at its
//! ends.
//!
//! In: `cannot open*` for a language with the operator `not`. Out: where the word begins, or the value
//! with `*` in its place.

use crate::rule::Part;

/// What becomes of a word that would be an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Its first letter takes a backslash.
    Escaped,
    /// `*` stands for its first letter.
    Wild,
    /// It can't be written.
    Refused,
}

/// White space, or the mark of byte order, which counts as such.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || character == '\u{feff}'
}

/// Does a value begin or end in white space?
pub(super) fn has_blank_end(parts: &[Part<'_>]) -> bool {
    let first = matches!(parts.first(), Some(Part::Literal(text)) if text.starts_with(is_blank));
    first || matches!(parts.last(), Some(Part::Literal(text)) if text.ends_with(is_blank))
}

/// The value with `*` for the white space at its ends.
pub(super) fn open_ended<'s>(parts: &[Part<'s>]) -> Vec<Part<'s>> {
    let mut open = parts.to_vec();
    if let Some(Part::Literal(text)) = open.first_mut()
        && text.starts_with(is_blank)
    {
        *text = text.trim_start_matches(is_blank).to_owned().into();
        open.insert(0, Part::Any);
    }
    if let Some(Part::Literal(text)) = open.last_mut()
        && text.ends_with(is_blank)
    {
        *text = text.trim_end_matches(is_blank).to_owned().into();
        open.push(Part::Any);
    }
    open.retain(|part| !matches!(part, Part::Literal(text) if text.is_empty()));
    open.dedup_by(|a, b| *a == Part::Any && *b == Part::Any);
    open
}

/// The pattern with one wildcard in the place of several in a row, if it has such.
pub(super) fn merged<'s>(parts: &[Part<'s>]) -> Option<Vec<Part<'s>>> {
    let is_wild = |part: &Part<'_>| matches!(part, Part::Any | Part::One);
    let mut pairs = parts.windows(2);
    pairs.find(|pair| pair.iter().all(is_wild))?;
    let mut merged = parts.to_vec();
    merged.dedup_by(|a, b| is_wild(a) && is_wild(b));
    Some(merged)
}

/// A word that the language reads as an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorWord {
    /// In lower case, and without blanks.
    letters: String,
    /// White space or the value's start is before it.
    is_after_blank: bool,
    /// White space is after it.
    is_before_blank: bool,
    /// What becomes of it.
    pub becomes: Word,
}

impl OperatorWord {
    /// A word as backend files spell it: `" and "`.
    #[must_use]
    pub fn new(spelt: &str, becomes: Word) -> Self {
        Self {
            letters: spelt.trim().to_lowercase(),
            is_after_blank: spelt.starts_with(' '),
            is_before_blank: spelt.ends_with(' '),
            becomes,
        }
    }

    /// Is it the same word, whatever becomes of it?
    pub(super) fn is(&self, other: &Self) -> bool {
        let blanks = |word: &Self| (word.is_after_blank, word.is_before_blank);
        self.letters == other.letters && blanks(self) == blanks(other)
    }

    /// Its first byte, in lower case.
    pub(super) fn first(&self) -> Option<u8> {
        self.letters.bytes().next()
    }

    /// Does it begin at a place of a text, where one of its letters may be?
    pub(super) fn begins_at(&self, text: &str, at: usize) -> bool {
        let (before, behind) = text.split_at(at);
        let Some((found, behind)) = behind.split_at_checked(self.letters.len()) else {
            return false;
        };
        found.eq_ignore_ascii_case(&self.letters)
            && (!self.is_after_blank || !before.ends_with(|c: char| !c.is_whitespace()))
            && (!self.is_before_blank || behind.starts_with(char::is_whitespace))
    }
}
