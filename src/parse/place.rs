//! Where a scalar's text stands in the source.
//!
//! In: a scalar and the source it was read from. Out: the span of any part of its text: exact where
//! the text stands in the source as it is (plain and quoted one-line scalars), else the whole
//! scalar's.

use crate::source::Span;
use std::ops::Range;

/// The place of a scalar's text.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    span: Span,
    /// Offset of the text's first byte, where the text stands verbatim.
    verbatim: Option<usize>,
}

impl Place {
    /// Finds `text`, the resolved text of the scalar at `span`, in `source`.
    #[must_use]
    pub fn new(source: &str, span: Span, text: &str) -> Self {
        let stands = |start: usize| source.get(start..start + text.len()) == Some(text);
        let start = span.range().start;
        Self {
            span,
            verbatim: [start, start + 1].into_iter().find(|&start| stands(start)),
        }
    }

    /// A text that stands nowhere: everything is at `span`.
    #[must_use]
    pub const fn whole(span: Span) -> Self {
        Self {
            span,
            verbatim: None,
        }
    }

    /// The span of a range of the text's bytes.
    #[must_use]
    pub fn at(&self, range: Range<usize>) -> Span {
        match self.verbatim {
            Some(start) => Span::new(start + range.start, start + range.end),
            None => self.span,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_and_plain_texts_are_found_and_folded_ones_are_not() {
        let source = "'a b' a b";
        let quoted = Place::new(source, Span::new(0, 5), "a b");
        assert_eq!(quoted.at(2..3), Span::new(3, 4));
        let plain = Place::new(source, Span::new(6, 9), "a b");
        assert_eq!(plain.at(2..3), Span::new(8, 9));
        let folded = Place::new("a\n  b", Span::new(0, 5), "a b");
        assert_eq!(folded.at(2..3), Span::new(0, 5));
    }
}
