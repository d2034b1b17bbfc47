//! Source texts and places in them.
//!
//! In: a file's name and text. Out: spans (byte ranges) that the stages carry along, and the line
//! and column that a reader counts. Everything that can go wrong in a rule points at a [`Span`].

use serde::Serialize;
use std::ops::Range;
use std::sync::OnceLock;

/// A half-open range of bytes in one source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset just past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets. Offsets beyond 4 GiB are clamped; no rule is that long.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self {
            start: clamp(start),
            end: clamp(end.max(start)),
        }
    }

    /// The same range as `usize`, for slicing.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written; empty for what no file holds.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Pairs a value with its place.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// The same place with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned::new(f(self.value), self.span)
    }
}

impl<T> std::ops::Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A named text: a rule file, a pipeline, a backend.
#[derive(Debug, Clone)]
pub struct Source<'s> {
    /// The path as the user gave it, or a name in angle brackets (`<stdin>`).
    pub name: &'s str,
    /// The whole text.
    pub text: &'s str,
    /// The place of each `EVERY`th byte, found when the first place is asked for: a file may have as
    /// many places to tell of as it has values.
    marks: OnceLock<Vec<LineColumn>>,
}

/// So many bytes are between two marks.
const EVERY: usize = 1024;

/// A place as a reader counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl LineColumn {
    /// Where a text begins.
    const FIRST: Self = Self { line: 1, column: 1 };

    /// The place after some bytes; those inside a character are of its first.
    fn after(self, bytes: &[u8]) -> Self {
        let is_first = |byte: &&u8| **byte & 0xC0 != 0x80;
        let lines = bytes.split(|byte| *byte == b'\n');
        lines.enumerate().fold(self, |place, (at, line)| {
            let columns = line.iter().filter(is_first).count();
            match at {
                0 => Self {
                    column: place.column + columns,
                    ..place
                },
                _ => Self {
                    line: place.line + 1,
                    column: 1 + columns,
                },
            }
        })
    }
}

/// A byte order mark.
pub(crate) const MARK: char = '\u{feff}';

impl<'s> Source<'s> {
    /// Names a text.
    #[must_use]
    pub const fn new(name: &'s str, text: &'s str) -> Self {
        Self {
            name,
            text,
            marks: OnceLock::new(),
        }
    }

    /// The line and column of a byte offset. An offset past the end counts as the end; a byte order
    /// mark in front is no character.
    #[must_use]
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let bytes = self.text.as_bytes();
        let marks = self.marks.get_or_init(|| {
            let chunks = bytes.chunks_exact(EVERY);
            let ends = chunks.scan(LineColumn::FIRST, |place, chunk| {
                *place = place.after(chunk);
                Some(*place)
            });
            [LineColumn::FIRST].into_iter().chain(ends).collect()
        });
        let mark = offset / EVERY;
        let mut place = marks[mark].after(&bytes[mark * EVERY..offset]);
        if place.line == 1 && place.column > 1 && self.text.starts_with(MARK) {
            place.column -= 1;
        }
        place
    }
}

/// A span as a reader counts it: lines and columns from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Region {
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Line of the place after the last character.
    pub end_line: usize,
    /// Column of the place after the last character.
    pub end_column: usize,
}

impl Region {
    /// The region of a span.
    #[must_use]
    pub fn new(source: &Source<'_>, span: Span) -> Self {
        let start = source.line_column(span.start);
        let end = source.line_column(span.end.max(span.start));
        Self {
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let source = Source::new("r.yml", "a\nés: x\n");
        assert_eq!(source.line_column(0), LineColumn { line: 1, column: 1 });
        assert_eq!(source.line_column(4), LineColumn { line: 2, column: 2 });
        assert_eq!(source.line_column(999), LineColumn { line: 3, column: 1 });
    }

    fn region(text: &str, start: usize, end: usize) -> [usize; 4] {
        let region = Region::new(&Source::new("r.yml", text), Span::new(start, end));
        [
            region.line,
            region.column,
            region.end_line,
            region.end_column,
        ]
    }

    #[test]
    fn columns_are_characters() {
        assert_eq!(region("é€: x\n", 7, 8), [1, 5, 1, 6]);
    }

    #[test]
    fn a_byte_order_mark_is_no_character() {
        assert_eq!(region("\u{feff}ab\nc\n", 3, 4), [1, 1, 1, 2]);
        assert_eq!(region("\u{feff}ab\nc\n", 0, 6), [1, 1, 2, 1]);
        assert_eq!(region("\u{feff}ab\nc\n", 6, 7), [2, 1, 2, 2]);
    }

    #[test]
    fn lines_files_ends_and_nothing() {
        assert_eq!(region("a\nbc\n", 0, 4), [1, 1, 2, 3]);
        assert_eq!(region("a\n", 2, 2), [2, 1, 2, 1]);
        assert_eq!(region("", 0, 0), [1, 1, 1, 1]);
        assert_eq!(region("a", 50, 60), [1, 2, 1, 2]);
    }

    #[test]
    fn places_are_the_same_far_from_the_start() {
        let line = "é: 'aß—b' # 😀\n";
        for text in [line.repeat(400), line.replace('\n', " ").repeat(400)] {
            let source = Source::new("r.yml", &text);
            let mut expected = LineColumn::FIRST;
            for (at, character) in text.char_indices() {
                let offset = u32::try_from(at).expect("it is short");
                assert_eq!(source.line_column(offset), expected, "{at}");
                expected = match character {
                    '\n' => LineColumn {
                        line: expected.line + 1,
                        column: 1,
                    },
                    _ => LineColumn {
                        column: expected.column + 1,
                        ..expected
                    },
                };
            }
            assert_eq!(source.line_column(u32::MAX), expected);
        }
    }
}
