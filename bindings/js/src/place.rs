//! Places in texts, as JavaScript counts.

use serde::Serialize;
use varsigma::{Region, Source, Span};

/// A text and the places in it.
#[derive(Debug, Clone)]
pub struct Places<'s> {
    /// The text by its name.
    pub source: Source<'s>,
    /// Bytes and UTF-16 code units are one.
    is_ascii: bool,
}

/// A place: lines and columns for people, from 1, and offsets for `text.slice(start, end)`.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    start: usize,
    end: usize,
}

impl<'s> Places<'s> {
    /// The places of a text.
    pub fn new(source: Source<'s>) -> Self {
        Self {
            is_ascii: source.text.is_ascii(),
            source,
        }
    }

    /// The place of a span.
    pub fn of(&self, span: Span) -> Place {
        let region = Region::new(&self.source, span);
        Place {
            line: region.line,
            column: region.column,
            end_line: region.end_line,
            end_column: region.end_column,
            start: self.offset(span.start),
            end: self.offset(span.end),
        }
    }

    /// An offset in UTF-16 code units; one past the end counts as the end.
    fn offset(&self, bytes: u32) -> usize {
        let text = self.source.text;
        let mut bytes = (bytes as usize).min(text.len());
        if self.is_ascii {
            return bytes;
        }
        while !text.is_char_boundary(bytes) {
            bytes -= 1;
        }
        text[..bytes].encode_utf16().count()
    }
}
