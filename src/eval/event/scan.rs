//! Events straight from the text of JSON.
//!
//! In: a text that begins with an object, `{"a": 1}` or a Windows event's record. Out: the [`Event`]
//! that the value gives by way of `serde_json`, in a fraction of the time, and how long its text is;
//! `None` where the text takes more to read: what is no JSON, an envelope, a deep value.

use super::Event;
use super::node::{FEW, KeySet, Node, Pairs, Scalar, are_distinct};
use crate::eval::windows;
use std::borrow::Cow;

/// Values are in one another. `serde_json` takes 127.
pub(super) const MOST_LEVELS: usize = 100;

/// A text, read up to a byte.
pub(super) struct Scanner<'t> {
    pub text: &'t str,
    pub at: usize,
}

impl<'t> Event<'t> {
    /// The event at the start of the text, of whose keys at the top none `is_marked`, or the record of a
    /// Windows event with nothing beside it.
    pub(in crate::eval) fn scan(
        text: &'t str,
        is_marked: impl Fn(&str) -> bool,
    ) -> Option<(Self, usize)> {
        let mut scanner = Scanner { text, at: 0 };
        let mut pairs = Vec::with_capacity(32);
        let mut is_record = false;
        scanner.members(|scanner, key| {
            if !is_marked(&key) && !is_record {
                pairs.push((key, scanner.value(MOST_LEVELS)?));
                return Some(());
            }
            is_record = key == "Event" && pairs.is_empty();
            is_record.then(|| scanner.record(&mut pairs)).flatten()
        })?;
        let root = if is_record {
            // Whose field counts where sections have the same is for others to tell.
            let is_plain = pairs.len() <= FEW && are_distinct(&pairs);
            is_plain.then_some(Node::Object(pairs))?
        } else {
            Node::object(pairs)
        };
        Some((Self::of(root), scanner.at))
    }
}

impl<'t> Scanner<'t> {
    /// The next byte that is not blank.
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at)? {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                byte => return Some(*byte),
            }
        }
    }

    /// Goes on after the byte, if it is next.
    fn skip(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// An object. Calls `member` with each key, at its value.
    pub fn members(
        &mut self,
        mut member: impl FnMut(&mut Self, Cow<'t, str>) -> Option<()>,
    ) -> Option<()> {
        self.skip(b'{')?;
        if self.skip(b'}').is_some() {
            return Some(());
        }
        loop {
            let key = self.string()?;
            self.skip(b':')?;
            member(self, key)?;
            if self.skip(b',').is_none() {
                return self.skip(b'}');
            }
        }
    }

    /// A Windows event, which has a header and each section once: its fields, in the order of sections.
    fn record(&mut self, fields: &mut Pairs<'t>) -> Option<()> {
        let mut header = None;
        let mut last = 0;
        self.members(|scanner, name| {
            let Some(place) = windows::SECTIONS.iter().position(|known| *known == name) else {
                return scanner.value(MOST_LEVELS).map(drop);
            };
            let is_header = name == windows::HEADER;
            let is_object = scanner.peek()? == b'{';
            if is_header {
                // It is written first, and its fields come last.
                if !is_object || !fields.is_empty() || header.is_some() {
                    return None;
                }
            } else if place < last {
                return None;
            }
            if is_object {
                scanner.section(&name, fields)?;
            } else {
                scanner.value(MOST_LEVELS)?;
            }
            if is_header {
                header = Some(fields.len());
            } else {
                last = place + 1;
            }
            Some(())
        })?;
        fields.rotate_left(header?);
        Some(())
    }

    /// A section, whose elements have different names.
    fn section(&mut self, section: &str, fields: &mut Pairs<'t>) -> Option<()> {
        let mut seen = Vec::with_capacity(24);
        let mut keys = KeySet::default();
        self.members(|scanner, name| {
            if keys.may_have(&name) && seen.contains(&name) || seen.len() == FEW {
                return None;
            }
            let value = scanner.value(MOST_LEVELS)?;
            windows::element(section, name.clone(), value, fields);
            seen.push(name);
            Some(())
        })
    }

    /// A value, with so many levels.
    pub fn value(&mut self, levels: usize) -> Option<Node<'t>> {
        let node = match self.peek()? {
            b'"' => Node::Scalar(Scalar::of_text(self.string()?)),
            b'{' => {
                let levels = levels.checked_sub(1)?;
                let mut pairs = Vec::new();
                self.members(|scanner, key| {
                    pairs.push((key, scanner.value(levels)?));
                    Some(())
                })?;
                Node::object(pairs)
            }
            b'[' => self.list(levels.checked_sub(1)?)?,
            b'-' | b'0'..=b'9' => self.number()?,
            b't' => self.word("true", Node::boolean(true))?,
            b'f' => self.word("false", Node::boolean(false))?,
            b'n' => self.word("null", Node::null())?,
            _ => return None,
        };
        Some(node)
    }

    fn list(&mut self, levels: usize) -> Option<Node<'t>> {
        self.skip(b'[')?;
        let mut nodes = Vec::new();
        if self.skip(b']').is_some() {
            return Some(Node::List(nodes));
        }
        loop {
            nodes.push(self.value(levels)?);
            if self.skip(b',').is_none() {
                return self.skip(b']').map(|()| Node::List(nodes));
            }
        }
    }

    fn word(&mut self, word: &str, node: Node<'t>) -> Option<Node<'t>> {
        let is_next = self.text[self.at..].starts_with(word);
        self.at += word.len();
        is_next.then_some(node)
    }

    fn number(&mut self) -> Option<Node<'t>> {
        let rest = &self.text[self.at..];
        let is_part = |byte: u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let length = rest.bytes().position(|byte| !is_part(byte))?;
        let text = &rest[..length];
        self.at += length;
        // All whole numbers of 18 digits fit into 64 bits, and are written as they are read.
        let is_short = text.bytes().all(|byte| byte.is_ascii_digit())
            && length <= 18
            && (length == 1 || !text.starts_with('0'));
        if is_short {
            return Some(Node::Scalar(Scalar::of_number(text.into())));
        }
        serde_json::from_str::<Node<'static>>(text).ok()
    }

    /// A quoted text. One without escapes is not copied.
    fn string(&mut self) -> Option<Cow<'t, str>> {
        self.skip(b'"')?;
        let start = self.at;
        let end = start + plain(&self.text.as_bytes()[start..]);
        match self.text.as_bytes().get(end)? {
            b'"' => {
                self.at = end + 1;
                Some(Cow::Borrowed(&self.text[start..end]))
            }
            b'\\' => self.escaped(start, end).map(Cow::Owned),
            _ => None,
        }
    }

    /// A quoted text from its start, whose first escape is known.
    fn escaped(&mut self, start: usize, mut escape: usize) -> Option<String> {
        let bytes = self.text.as_bytes();
        let mut unescaped = String::with_capacity(escape - start + 64);
        let mut begin = start;
        loop {
            unescaped.push_str(&self.text[begin..escape]);
            match bytes.get(escape)? {
                b'"' => {
                    self.at = escape + 1;
                    return Some(unescaped);
                }
                b'\\' => {}
                _ => return None,
            }
            unescaped.push(match bytes.get(escape + 1)? {
                b'\\' => '\\',
                b'"' => '"',
                b'/' => '/',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'b' => '\u{8}',
                b'f' => '\u{C}',
                _ => return self.coded(start, escape),
            });
            begin = escape + 2;
            escape = begin + plain(&bytes[begin..]);
        }
    }

    /// A quoted text from its start with characters as codes, which are from `at` on.
    fn coded(&mut self, start: usize, mut at: usize) -> Option<String> {
        let bytes = self.text.as_bytes();
        while *bytes.get(at)? != b'"' {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        self.at = at + 1;
        serde_json::from_str(self.text.get(start - 1..=at)?).ok()
    }
}

/// How many bytes there are before a quote, a backslash or a control character.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // The highest bit of each byte that is less than `limit` (of others only after such a one).
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & HIGH;
    let mut at = 0;
    while let Some(next) = bytes[at..].first_chunk() {
        let word = u64::from_le_bytes(*next);
        let is_byte = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
        let found = below(word, 0x20) | is_byte(b'"') | is_byte(b'\\');
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes[at..].iter();
    at + rest
        .take_while(|byte| **byte >= 0x20 && !matches!(byte, b'"' | b'\\'))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value as Json;

    /// What the reader gives is what the value gives. Says whether it gave an event.
    fn same(text: &str) -> bool {
        let is_marked = |key: &str| key.contains("Event");
        let Some((event, length)) = Event::scan(text, is_marked) else {
            return false;
        };
        let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Json>();
        let json = stream.next().expect("a value").expect("JSON");
        assert_eq!(stream.byte_offset(), length, "{text}");
        let expected = Event::new(&windows::into_flat(json));
        assert_eq!(format!("{event:?}"), format!("{expected:?}"), "{text}");
        true
    }

    #[test]
    fn objects_are_read() {
        for text in [
            r#"{"b": 1, "a": {"d": [null, true, false], "c": "ÄÖ"}, "": {}, "l": []} rest"#,
            "\t{ \"a\" :\n1 ,\r\"b\":[ 1 , { } ] } {",
            r#"{"a": 1, "b": 2, "a": {"x": 3, "x": 4}, "a": "last"}"#,
            r#"{"a": [18446744073709551615, -9223372036854775808, 1.0, 1e300, 1.50, -0.0, -0, 0, 1E-7]}"#,
            r#"{"a": [18446744073709551616, -9223372036854775809, 123456789012345678901234567890]}"#,
            r#"{"a\n\u00c4": "a \"line\"\n \\ \/ \b\f\r\t \u00c4 \ud83d\ude00 and so on", "b\\": "\u0041\\"}"#,
            r#"{"bbbbbbbb": 1, "bbbbbbb": 2, "bbbbbbbbb": 3, "bbbbbbba": 4, "ß": 5, "b\u0000": 6, "b": 7}"#,
        ] {
            assert!(same(text), "{text}");
        }
        let wide: Vec<String> = (0..500)
            .map(|n| format!(r#""{}": {n}"#, n * 7 % 500))
            .collect();
        assert!(same(&format!("{{{}}}", wide.join(","))));
    }

    #[test]
    fn records_are_flat() {
        for text in [
            r##"{"Event": {"System": {"EventID": {"#text": 7, "#attributes": {"Qualifiers": 0}}},
                "EventData": {"Threat Name": 1, "b": "c", "a": {"b": {}}},
                "UserData": {"x": {"#attributes": {"y": "z"}, "c": null}, "d": "e"}}}"##,
            r##"{"Event": {"System": {"a": {"#attributes": 1, "#text": [{"b": 2}]}}, "EventData": null}}"##,
            r##"{"Event": {"#attributes": {"xmlns": "x"}, "System": {}, "EventData": "", "UserData": [1]}}"##,
        ] {
            assert!(same(text), "{text}");
        }
    }

    #[test]
    fn others_read_the_rest() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(110), "}".repeat(110));
        let many: Vec<String> = (0..70).map(|n| format!(r#""a{n}": {n}"#)).collect();
        let many = format!(r#"{{"Event": {{"System": {{{}}}}}}}"#, many.join(", "));
        for text in [
            "",
            "[]",
            "{",
            r#"{"a"}"#,
            r#"{"a": 1,}"#,
            r#"{"a": 1 "b": 2}"#,
            r#"{"a": 01}"#,
            r#"{"a": 1.}"#,
            r#"{"a": 1e999}"#,
            r#"{"a": 1-2}"#,
            r#"{"a": truely}"#,
            r#"{"a": nul"#,
            r#"{"a": [1,]}"#,
            r#"{"a": "b\x"}"#,
            r#"{"a": "\ud83d"}"#,
            r#"{"a": "\u12"#,
            "{\"a\": \"b\nc\"}",
            "{\"a\": \"\\\\ b\nc\"}",
            r#"{"Event": {"System": {}}, "a": 1}"#,
            r#"{"a": 1, "Event": {"System": {}}}"#,
            r#"{"Event": {"System": 1}}"#,
            r#"{"Event": {"EventData": {}}}"#,
            r#"{"Event": {"System": {}, "System": {}}}"#,
            r#"{"Event": {"System": {"a": 1, "a": 2}}}"#,
            r#"{"Event": {"System": {"a": 1}, "EventData": {"a": 2}}}"#,
            r#"{"Event": 1}"#,
            r#"{"Events": [1]}"#,
            &deep,
            &many,
        ] {
            assert!(!same(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_object_is_the_same_event(
            object in prop::collection::hash_map("[a-c.]{0,10}", super::super::deserialize::tests::values(), 0..30),
            place in any::<prop::sample::Index>(),
            byte in "[ -~]",
        ) {
            let object: serde_json::Map<String, Json> = object.into_iter().collect();
            let text = Json::Object(object).to_string();
            assert!(same(&text), "{text}");
            // The same with another character somewhere.
            let mut other = text.clone();
            let at = place.index(text.len());
            if let Some(known) = text.get(at..=at) {
                other.replace_range(at..at + known.len(), &byte);
                same(&other);
            }
            same(text.get(..at).unwrap_or_default());
        }
    }
}
