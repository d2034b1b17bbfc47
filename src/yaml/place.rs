//! Places: the parser's character offsets as bytes, and tidy spans.
//!
//! In: a `saphyr-parser` marker, counted in characters. Out: a [`Span`] in bytes that starts after
//! anchors and tags, covers a scalar's quotes and ends before trailing blanks, so that a caret under
//! `Image: "a\"b"   # comment` covers `"a\"b"` alone.

use crate::source::Span;
use saphyr_parser::ScalarStyle;
use std::borrow::Cow;
use std::ops::Range;

/// Turns character offsets into byte offsets, with one cursor that moves along the text.
pub(super) struct Places<'s> {
    text: &'s str,
    /// Bytes of the file before `text`: other documents', a byte order mark's.
    base: usize,
    ascii: bool,
    characters: usize,
    bytes: usize,
}

impl<'s> Places<'s> {
    pub(super) fn new(text: &'s str, base: usize, ascii: bool) -> Self {
        Self {
            text,
            base,
            ascii,
            characters: 0,
            bytes: 0,
        }
    }

    /// The byte offset, in `text`, of a character.
    pub(super) fn byte(&mut self, character: usize) -> usize {
        if self.ascii {
            return character.min(self.text.len());
        }
        let bytes = self.text.as_bytes();
        while self.characters < character && self.bytes < bytes.len() {
            self.bytes += match bytes[self.bytes] {
                0..0xC0 => 1,
                0xC0..0xE0 => 2,
                0xE0..0xF0 => 3,
                _ => 4,
            };
            self.characters += 1;
        }
        while self.characters > character {
            self.bytes -= 1;
            while !self.text.is_char_boundary(self.bytes) {
                self.bytes -= 1;
            }
            self.characters -= 1;
        }
        self.bytes
    }

    /// A span of the file from byte offsets in `text`.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.base + start, self.base + end)
    }

    /// Where a span of the file is in `text`.
    pub(super) fn range(&self, span: Span) -> Range<usize> {
        let range = span.range();
        range.start - self.base..range.end - self.base
    }

    /// The character at a byte offset in `text`, or the empty span at its end.
    pub(super) fn character_span(&self, start: usize) -> Span {
        let length = self.text[start..].chars().next().map_or(0, char::len_utf8);
        self.span(start, start + length)
    }

    /// The last tab before an offset in its line, or the offset itself.
    pub(super) fn tab_before(&self, at: usize) -> usize {
        let line = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        self.text[line..at].rfind('\t').map_or(at, |tab| line + tab)
    }

    /// The whole text.
    pub(super) const fn text(&self) -> &'s str {
        self.text
    }

    /// Is there a `]` or `}` before an offset, in its line?
    pub(super) fn is_after_bracket(&self, at: usize) -> bool {
        let before = self.text[..at].trim_end_matches(' ');
        before.ends_with([']', '}'])
    }

    /// The quote that was left open in a line above, where what closes it begins a value of its
    /// own: `- 'a` and `- 'b` below it. The offset is after the second quote.
    pub(super) fn open_quote(&self, after: usize) -> Option<usize> {
        let before = &self.text[..after];
        let quote = before
            .chars()
            .next_back()
            .filter(|c| matches!(c, '\'' | '"'))?;
        let before = &before[..before.len() - 1];
        let begins_value = before.trim_end_matches(' ').ends_with(['-', ':']);
        let opening = before.rfind(quote).filter(|_| begins_value)?;
        before[opening..].contains('\n').then_some(opening)
    }

    /// Is there a `[` or `{` at this offset in `text`?
    pub(super) fn starts_bracket(&self, at: usize) -> bool {
        matches!(self.text.as_bytes().get(at), Some(b'[' | b'{'))
    }

    /// The offset of a node's own first byte, after its `&anchor` and `!tag`.
    pub(super) fn skip_properties(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = start;
        while matches!(bytes.get(at), Some(b'&' | b'!')) {
            while bytes.get(at).is_some_and(|b| !b.is_ascii_whitespace()) {
                at += 1;
            }
            loop {
                while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
                    at += 1;
                }
                if bytes.get(at) != Some(&b'#') {
                    break;
                }
                while bytes.get(at).is_some_and(|b| *b != b'\n') {
                    at += 1;
                }
            }
        }
        at
    }

    /// The anchor among the properties that are at an offset, as written after its `&`.
    pub(super) fn anchor_name(&self, start: usize) -> Option<(usize, &'s str)> {
        let properties = &self.text[start..self.skip_properties(start)];
        let at = properties
            .split_ascii_whitespace()
            .find(|word| word.starts_with('&'))
            .and_then(|word| properties.find(word))?;
        let name = properties[at + 1..].split_ascii_whitespace().next()?;
        Some((start + at, name))
    }

    /// The text of a scalar, borrowed where the file holds it as it is, and its span.
    ///
    /// `start` is in bytes, after anchor and tag; `span` is the parser's: its end of a quoted scalar
    /// lies after trailing blanks and comments, that of a block scalar on the next line.
    pub(super) fn scalar(
        &mut self,
        value: Cow<'s, str>,
        style: ScalarStyle,
        start: usize,
        span: saphyr_parser::Span,
    ) -> (Cow<'s, str>, Span) {
        let rest = &self.text[start..];
        match style {
            ScalarStyle::Plain if value.is_empty() => (Cow::Borrowed(""), self.nothing(start)),
            ScalarStyle::Plain
                if self.ascii && is_one_line(&value, span) || rest.starts_with(&*value) =>
            {
                debug_assert!(rest.starts_with(&*value));
                let end = start + value.len();
                (Cow::Borrowed(&self.text[start..end]), self.span(start, end))
            }
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                let bytes = rest.as_bytes();
                let quote = bytes.first().copied().unwrap_or_default();
                let close = value.len() + 1;
                // A doubled quote at the end (`'a'''`) looks like the end of the text so far.
                let verbatim = bytes.get(close) == Some(&quote)
                    && bytes.get(close + 1) != Some(&quote)
                    && bytes[1..].starts_with(value.as_bytes());
                if verbatim {
                    let text = &rest[1..close];
                    (Cow::Borrowed(text), self.span(start, start + close + 1))
                } else {
                    let length = quoted_length(bytes, quote);
                    (value, self.span(start, start + length))
                }
            }
            _ => {
                let end = self.byte(span.end.index()).max(start);
                let value = self.without_invented_break(value, style, start, end);
                let end = start + self.text[start..end].trim_end().len();
                let value = if rest.starts_with(&*value) {
                    Cow::Borrowed(&rest[..value.len()])
                } else {
                    value
                };
                (value, self.span(start, end))
            }
        }
    }

    /// The parser ends a block with a line break even where the file ends without one
    /// (YAML 1.2.2, 8.1.1.2, and PyYAML keep what is written).
    fn without_invented_break(
        &self,
        mut value: Cow<'s, str>,
        style: ScalarStyle,
        start: usize,
        end: usize,
    ) -> Cow<'s, str> {
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        if is_block && end == self.text.len() && value.ends_with('\n') {
            let rest = &self.text[start..];
            let last_line = rest.rfind(['\n', '\r']).map_or(rest, |at| &rest[at + 1..]);
            if !last_line.trim_matches(' ').is_empty() {
                value.to_mut().pop();
            }
        }
        value
    }

    /// The place of a value that isn't there: after the `:` or `-` that promised it.
    fn nothing(&self, start: usize) -> Span {
        let at = match self.text.as_bytes().get(start) {
            Some(b':' | b'-' | b'?') => start + 1,
            _ => self.text[..start].trim_end().len(),
        };
        self.span(at, at)
    }
}

/// Is a plain scalar as long as its place on one line? Then it is what is there, in ASCII.
fn is_one_line(value: &str, span: saphyr_parser::Span) -> bool {
    let (start, end) = (span.start, span.end);
    start.line() == end.line() && value.len() == end.index() - start.index()
}

/// The length of the quoted scalar that `bytes` starts with, quotes included.
fn quoted_length(bytes: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'\\' && quote == b'"' {
            at += 2;
        } else if byte != quote {
            at += 1;
        } else if quote == b'\'' && bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_moves_both_ways() {
        let mut places = Places::new("aé€𝄞b", 0, false);
        assert_eq!(places.byte(4), 10);
        assert_eq!(places.byte(1), 1);
        assert_eq!(places.byte(3), 6);
        assert_eq!(places.byte(99), 11);
        assert_eq!(places.byte(0), 0);
    }

    #[test]
    fn quotes_end_where_they_close() {
        assert_eq!(quoted_length(b"'a''' x", b'\''), 5);
        assert_eq!(quoted_length(br#""a\"" x"#, b'"'), 5);
        assert_eq!(quoted_length(b"'a", b'\''), 2);
    }
}
