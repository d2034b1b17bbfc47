//! Spans as lines and columns.

use crate::source::{Source, Span};
use serde::Serialize;

/// A span as a reader counts it: lines and columns from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
    fn lines_files_ends_and_nothing() {
        assert_eq!(region("a\nbc\n", 0, 4), [1, 1, 2, 3]);
        assert_eq!(region("a\n", 2, 2), [2, 1, 2, 1]);
        assert_eq!(region("", 0, 0), [1, 1, 1, 1]);
        assert_eq!(region("a", 50, 60), [1, 2, 1, 2]);
    }
}
