//! Halves of surrogate pairs in JSON.
//!
//! In: `"a\ud83d"`. Out: `"a\ufffd"`. Names of files may hold such a half, and JSON's grammar takes it, but a
//! text of a rule can't hold one, so that it is read as what replaces an unknown character. Every place
//! of the text is where it was.

use memchr::{memchr, memmem};
use std::borrow::Cow;

/// How long `\ud83d` is.
const ESCAPE: usize = 6;

/// The text with every half that has no other replaced.
pub(super) fn paired(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let may_have = |start| memmem::find(bytes, start).is_some();
    if !may_have(b"\\ud") && !may_have(b"\\uD") {
        return Cow::Borrowed(text);
    }
    let mut paired = String::new();
    let (mut kept, mut at) = (0, 0);
    while let Some(found) = memchr(b'\\', &bytes[at..]) {
        let escape = at + found;
        at = match unit(bytes, escape) {
            Some(0xD800..0xDC00)
                if matches!(unit(bytes, escape + ESCAPE), Some(0xDC00..0xE000)) =>
            {
                escape + 2 * ESCAPE
            }
            Some(0xD800..0xE000) => {
                paired.push_str(&text[kept..escape]);
                paired.push_str("\\ufffd");
                kept = escape + ESCAPE;
                kept
            }
            _ => (escape + 2).min(bytes.len()),
        };
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    paired.push_str(&text[kept..]);
    Cow::Owned(paired)
}

/// The number of `\ud83d`.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let [b'\\', b'u', digits @ ..] = bytes.get(at..at + ESCAPE)? else {
        return None;
    };
    let mut digits = digits.iter().map(|digit| char::from(*digit).to_digit(16));
    digits.try_fold(0, |value, digit| Some(value * 16 + digit?))
}

#[cfg(test)]
mod tests {
    use super::paired;
    use std::borrow::Cow;

    #[test]
    fn halves_are_replaced_where_they_are() {
        for (text, expected) in [
            (r#""a\ud83d""#, r#""a\ufffd""#),
            (r#""\uDE00b\ud83d\ude00""#, r#""\ufffdb\ud83d\ude00""#),
            (r#""\ud83d\ud83d\ude00é""#, r#""\ufffd\ud83d\ude00é""#),
            (r#""\\ud83d\\\ud83d""#, r#""\\ud83d\\\ufffd""#),
            (r#""\ud83"#, r#""\ud83"#),
            (r#""\ud83d\"#, r#""\ufffd\"#),
            (r#""\"#, r#""\"#),
        ] {
            assert_eq!(paired(text), expected);
        }
        for text in [r#""\ud83d\ude00""#, r#""\u00e4\\ud800""#] {
            assert!(matches!(paired(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
