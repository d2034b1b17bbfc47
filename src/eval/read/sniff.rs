//! Which format a text is in, by its first lines.

use super::format::InputFormat;
use serde::de::IgnoredAny;

/// A format that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Guess {
    pub format: InputFormat,
    /// Would another text not begin so by chance? A log may have `[` or `{` at the beginning of a
    /// line.
    pub is_certain: bool,
}

/// The format that the first bytes of a stream show.
pub(super) fn format_of(start: &[u8]) -> Option<Guess> {
    if start.starts_with(b"ElfFile\0") {
        return Some(Guess {
            format: InputFormat::Evtx,
            is_certain: true,
        });
    }
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches(is_blank);
    if text.starts_with(['{', '[']) {
        return Some(Guess {
            format: InputFormat::Json,
            is_certain: is_json(text),
        });
    }
    None
}

/// Is the first value whole, or cut off where the text ends, and does nothing follow it in its line
/// but another one?
fn is_json(text: &str) -> bool {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    match stream.next() {
        Some(Ok(IgnoredAny)) => {
            let rest = text[stream.byte_offset()..].trim_start_matches([' ', '\t', ',']);
            rest.is_empty() || rest.starts_with(['\r', '\n', '{', '[', '\u{1E}'])
        }
        Some(Err(error)) => error.is_eof(),
        None => false,
    }
}

/// Blanks, byte order marks, and the record separator of RFC 7464.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{1E}')
}
