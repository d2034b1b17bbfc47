//! String values with wildcards and placeholders.

use std::borrow::Cow;

/// A string value as a sequence of parts: `*\cmd?.exe` is `Any`, `\cmd`, `One`, `.exe`.
///
/// Two literals are never adjacent and none is empty, so that equal patterns compare equal;
/// the empty string has no parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Pattern<'s> {
    /// The parts in order.
    pub parts: Vec<Part<'s>>,
}

/// A part of a string value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part<'s> {
    /// Text that stands for itself, escapes resolved.
    Literal(Cow<'s, str>),
    /// `*`: any number of characters.
    Any,
    /// `?`: exactly one character.
    One,
    /// `%name%` under `|expand`, until a pipeline replaces it.
    Placeholder(Cow<'s, str>),
}

impl<'s> Pattern<'s> {
    /// A pattern of literal text: nothing in it is a wildcard.
    #[must_use]
    pub fn literal(text: impl Into<Cow<'s, str>>) -> Self {
        let mut pattern = Self::default();
        pattern.push(Part::Literal(text.into()));
        pattern
    }

    /// Appends a part, joining literals and leaving out empty ones.
    pub fn push(&mut self, part: Part<'s>) {
        match (self.parts.last_mut(), part) {
            (_, Part::Literal(text)) if text.is_empty() => {}
            (Some(Part::Literal(last)), Part::Literal(text)) => last.to_mut().push_str(&text),
            (_, part) => self.parts.push(part),
        }
    }

    /// The text, if the pattern is nothing but literal (or empty).
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Has it a `*` or `?`?
    #[must_use]
    pub fn has_wildcards(&self) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::Any | Part::One))
    }

    /// The first placeholder's name.
    #[must_use]
    pub fn placeholder(&self) -> Option<&str> {
        self.parts.iter().find_map(|part| match part {
            Part::Placeholder(name) => Some(name.as_ref()),
            _ => None,
        })
    }

    /// The literal parts.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Literal(text) => Some(text.as_ref()),
            _ => None,
        })
    }

    /// The same pattern with its text owned.
    #[must_use]
    pub fn into_owned(self) -> Pattern<'static> {
        Pattern {
            parts: self.parts.into_iter().map(Part::into_owned).collect(),
        }
    }
}

impl Part<'_> {
    /// The same part with its text owned.
    #[must_use]
    pub fn into_owned(self) -> Part<'static> {
        match self {
            Self::Literal(text) => Part::Literal(Cow::Owned(text.into_owned())),
            Self::Any => Part::Any,
            Self::One => Part::One,
            Self::Placeholder(name) => Part::Placeholder(Cow::Owned(name.into_owned())),
        }
    }
}
