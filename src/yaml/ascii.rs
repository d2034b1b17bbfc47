//! A text of ASCII as the parser's input.
//!
//! In: a text whose characters are bytes, as nearly every rule's are. Out: the characters that the
//! parser asks for. The parser's own input for `&str` decodes each character anew each time it looks
//! at it; this one reads a byte. What it answers is the same, which a test below holds.

use saphyr_parser::Input;

/// How many characters the parser may ask for at once. The parser also reserves as much for each
/// word of a plain scalar: it is the longest word that most rules have, not more.
const AHEAD: usize = 16;

/// The bytes that are not read yet.
pub(super) struct Ascii<'s> {
    rest: &'s [u8],
    /// How far the parser has looked ahead at most; it asks for this.
    ahead: usize,
}

impl<'s> Ascii<'s> {
    /// `text` must be ASCII: another's characters would be read as the bytes of their encoding.
    pub(super) fn new(text: &'s str) -> Self {
        debug_assert!(text.is_ascii());
        Self {
            rest: text.as_bytes(),
            ahead: 0,
        }
    }

    /// Skips the bytes that satisfy a condition.
    fn skip_while(&mut self, is_so: impl Fn(u8) -> bool) -> usize {
        let count = self.rest.iter().take_while(|byte| is_so(**byte)).count();
        self.rest = &self.rest[count..];
        count
    }
}

impl Input for Ascii<'_> {
    #[inline]
    fn lookahead(&mut self, count: usize) {
        self.ahead = self.ahead.max(count);
    }

    #[inline]
    fn buflen(&self) -> usize {
        self.ahead
    }

    #[inline]
    fn bufmaxlen(&self) -> usize {
        AHEAD
    }

    #[inline]
    fn raw_read_ch(&mut self) -> char {
        let character = self.peek();
        self.skip();
        character
    }

    #[inline]
    fn raw_read_non_breakz_ch(&mut self) -> Option<char> {
        let (&byte, rest) = self.rest.split_first()?;
        is_in_line(byte).then(|| {
            self.rest = rest;
            char::from(byte)
        })
    }

    #[inline]
    fn skip(&mut self) {
        if let [_, rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    #[inline]
    fn skip_n(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    #[inline]
    fn peek(&self) -> char {
        self.rest.first().map_or('\0', |byte| char::from(*byte))
    }

    #[inline]
    fn peek_nth(&self, n: usize) -> char {
        self.rest.get(n).map_or('\0', |byte| char::from(*byte))
    }

    #[inline]
    fn peek_opt(&self) -> Option<char> {
        self.rest.first().map(|byte| char::from(*byte))
    }

    fn skip_while_non_breakz(&mut self) -> usize {
        self.skip_while(is_in_line)
    }

    fn skip_while_blank(&mut self) -> usize {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t'))
    }
}

/// Is it neither a line's end nor the NUL that marks the end of the text?
fn is_in_line(byte: u8) -> bool {
    !matches!(byte, b'\n' | b'\r' | 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Strategy, proptest};
    use saphyr_parser::{Parser, StrInput};

    /// What a parser says of a text, up to its first error.
    fn said(parser: Parser<'_, impl Input>) -> Vec<String> {
        let mut failed = false;
        let events = parser.take_while(|event| !std::mem::replace(&mut failed, event.is_err()));
        events.map(|event| format!("{event:?}")).collect()
    }

    /// Pieces that mean something to YAML, in any order.
    fn yaml() -> impl Strategy<Value = String> {
        let piece = proptest::sample::select(vec![
            "key",
            ": ",
            ":",
            "\n",
            "\r\n",
            "\r",
            "  ",
            " ",
            "\t",
            "- ",
            "? ",
            "'",
            "\"",
            "\\",
            "|",
            ">",
            "|2-\n",
            ">+\n",
            "#",
            " # note",
            "&a ",
            "*a",
            "!!str ",
            "!x",
            "[",
            "]",
            "{",
            "}",
            ",",
            "---",
            "...",
            "%YAML 1.2\n",
            "\\x41",
            "''",
            "-",
            "<<",
            "a long word of several words",
        ]);
        proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(4096))]
        #[test]
        fn the_parser_hears_what_its_own_input_says(text in yaml()) {
            let own = said(Parser::new(StrInput::new(&text)));
            assert_eq!(said(Parser::new(Ascii::new(&text))), own);
        }
    }
}
