//! The text of a file of events.
//!
//! In: bytes: UTF-8, or UTF-16 as PowerShell writes it, with a byte order mark or without. Out: the
//! text, and what is wrong where it ends early.

use crate::diagnostic::{Code, Diagnostic};
use std::borrow::Cow;

/// A file's text, as far as it could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<'b> {
    /// The text, without a byte order mark.
    pub text: Cow<'b, str>,
    /// Why the rest can't be read.
    pub error: Option<Diagnostic>,
}

/// Decodes bytes. Of a text that is UTF-8 but for some bytes, the whole lines before them are read.
#[must_use]
pub fn decode(bytes: &[u8]) -> Decoded<'_> {
    let utf16 = match bytes {
        [0xFF, 0xFE, rest @ ..] => Some((rest, u16::from_le_bytes as fn([u8; 2]) -> u16)),
        [0xFE, 0xFF, rest @ ..] => Some((rest, u16::from_be_bytes as fn([u8; 2]) -> u16)),
        // JSON begins with a character of ASCII (RFC 4627, 3).
        [1..=0x7F, 0, ..] => Some((bytes, u16::from_le_bytes as fn([u8; 2]) -> u16)),
        [0, 1..=0x7F, ..] => Some((bytes, u16::from_be_bytes as fn([u8; 2]) -> u16)),
        _ => None,
    };
    if let Some((bytes, unit)) = utf16 {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        // Half a pair of surrogates can't be matched by a rule, which is UTF-8.
        let characters = char::decode_utf16(units);
        let text = characters.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
        return Decoded {
            text: Cow::Owned(text.collect()),
            error: None,
        };
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let Err(error) = std::str::from_utf8(bytes) else {
        return Decoded {
            text: String::from_utf8_lossy(bytes),
            error: None,
        };
    };
    let valid = &bytes[..error.valid_up_to()];
    let line = valid.split(|byte| *byte == b'\n').count();
    // A character that is cut at the end is the cut line's own error.
    let (whole, diagnostic) = match error.error_len() {
        None => (valid.len(), None),
        Some(_) if bytes.starts_with(&[0x1F, 0x8B]) => {
            let message = "expected JSON, text lines or EVTX, found a compressed file (gzip)";
            let error = Diagnostic::error(Code::NotUtf8, message);
            (
                0,
                Some(
                    error
                        .help("unpack it first: `gunzip -c FILE | varsigma test RULES --events -`"),
                ),
            )
        }
        Some(_) => {
            let message = format!(
                "expected JSON, text lines or EVTX, found the byte 0x{:02x} in line {line}",
                bytes[valid.len()]
            );
            let error = Diagnostic::error(Code::NotUtf8, message);
            let whole = valid.iter().rposition(|byte| *byte == b'\n');
            (
                whole.map_or(0, |at| at + 1),
                Some(error.help("save it as UTF-8; the lines before count")),
            )
        }
    };
    Decoded {
        text: String::from_utf8_lossy(&valid[..whole]),
        error: diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\"a\":\"é😀\"}";

    #[test]
    fn marks_are_skipped_and_utf_16_is_read() {
        let bytes =
            |unit: fn(u16) -> [u8; 2]| -> Vec<u8> { TEXT.encode_utf16().flat_map(unit).collect() };
        let (little, big) = (bytes(u16::to_le_bytes), bytes(u16::to_be_bytes));
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for file in [
            TEXT.as_bytes().to_vec(),
            marked(b"\xEF\xBB\xBF", TEXT.as_bytes()),
            marked(b"\xFF\xFE", &little),
            marked(b"\xFE\xFF", &big),
            little,
            big,
        ] {
            let decoded = decode(&file);
            assert_eq!((&*decoded.text, decoded.error), (TEXT, None));
        }
        assert_eq!(decode(b"").text, "");
        assert_eq!(decode(b"\xFF\xFE\x00\xD8a\x00").text, "\u{FFFD}a");
    }

    #[test]
    fn whole_lines_before_other_bytes_are_read() {
        let decoded = decode(b"{}\n{\"a\":\"\xe9\"}\n");
        assert_eq!(decoded.text, "{}\n");
        let error = decoded.error.expect("the byte is no UTF-8");
        assert!(
            error.message.ends_with("0xe9 in line 2"),
            "{}",
            error.message
        );
        // A cut character is a cut line.
        let decoded = decode(b"{}\n{\"a\":\"\xc3");
        assert_eq!((&*decoded.text, decoded.error), ("{}\n{\"a\":\"", None));
        let error = decode(b"\x1F\x8B\x08\x00\xFF").error;
        assert!(error.is_some_and(|error| error.message.contains("gzip")));
    }
}
