//! Texts of 16-bit characters, as PowerShell and Event Viewer write them.
//!
//! In: UTF-16 in blocks of any length, with a byte order mark or without. Out: UTF-8. Half a pair of
//! surrogates can't be matched by a rule, which is UTF-8: it becomes U+FFFD.

/// The order of a character's two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wide {
    LittleEndian,
    BigEndian,
}

impl Wide {
    /// The order that the first bytes of a text show, and how many of them are a byte order mark;
    /// `None`: its characters are bytes.
    pub fn of(start: &[u8]) -> Option<(Self, usize)> {
        match start {
            [0xFF, 0xFE, ..] => Some((Self::LittleEndian, 2)),
            [0xFE, 0xFF, ..] => Some((Self::BigEndian, 2)),
            // JSON begins with a character of ASCII (RFC 4627, 3), and so do the other formats.
            [1..=0x7F, 0, ..] => Some((Self::LittleEndian, 0)),
            [0, 1..=0x7F, ..] => Some((Self::BigEndian, 0)),
            _ => None,
        }
    }
}

/// A text that comes in blocks.
#[derive(Debug)]
pub(super) struct WideText {
    wide: Wide,
    byte: Option<u8>,
    /// The first half of a pair of surrogates.
    high: Option<u16>,
}

impl WideText {
    pub const fn new(wide: Wide) -> Self {
        Self {
            wide,
            byte: None,
            high: None,
        }
    }

    /// Puts a block's characters after the bytes.
    pub fn push(&mut self, block: &[u8], bytes: &mut Vec<u8>) {
        let first = self.byte.take();
        let mut block = first.into_iter().chain(block.iter().copied());
        while let Some(one) = block.next() {
            let Some(other) = block.next() else {
                self.byte = Some(one);
                break;
            };
            let unit = match self.wide {
                Wide::LittleEndian => u16::from_le_bytes([one, other]),
                Wide::BigEndian => u16::from_be_bytes([one, other]),
            };
            self.unit(unit, bytes);
        }
    }

    fn unit(&mut self, unit: u16, bytes: &mut Vec<u8>) {
        if let Some(high) = self.high.take() {
            if let Some(Ok(c)) = char::decode_utf16([high, unit]).next() {
                return put(c, bytes);
            }
            put(char::REPLACEMENT_CHARACTER, bytes);
        }
        match unit {
            0..=0x7F => bytes.push(unit.to_le_bytes()[0]),
            0xD800..=0xDBFF => self.high = Some(unit),
            _ => put(
                char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER),
                bytes,
            ),
        }
    }

    /// Puts what is left after the bytes: half of a character becomes U+FFFD.
    pub fn finish(&mut self, bytes: &mut Vec<u8>) {
        if self.high.take().is_some() | self.byte.take().is_some() {
            put(char::REPLACEMENT_CHARACTER, bytes);
        }
    }
}

fn put(c: char, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_any_length_are_one_text() {
        let text = "{\"a\":\"é😀\"}";
        for (wide, bytes) in [
            (Wide::LittleEndian, u16::to_le_bytes as fn(u16) -> [u8; 2]),
            (Wide::BigEndian, u16::to_be_bytes),
        ] {
            let whole: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
            assert_eq!(Wide::of(&whole), Some((wide, 0)));
            for length in 1..=whole.len() {
                let mut reader = WideText::new(wide);
                let mut found = Vec::new();
                for block in whole.chunks(length) {
                    reader.push(block, &mut found);
                }
                reader.finish(&mut found);
                assert_eq!(String::from_utf8_lossy(&found), text);
            }
        }
        let mut half = Vec::new();
        let mut reader = WideText::new(Wide::LittleEndian);
        reader.push(b"\x00\xD8a\x00\x00\xDC\x00\xD8", &mut half);
        reader.finish(&mut half);
        assert_eq!(String::from_utf8_lossy(&half), "\u{FFFD}a\u{FFFD}\u{FFFD}");
        assert_eq!(Wide::of(b"\xFE\xFF\0{"), Some((Wide::BigEndian, 2)));
        assert_eq!(Wide::of(b"{}"), None);
    }
}
