//! Whether a file may hold a correlation or a filter, by a look at its text.
//!
//! In: bytes. Out: `false` only where there is none. A document's keys are at the beginning of a
//! line in the form that nearly all rules have; a text in another form counts as one that may.

use memchr::memchr2_iter;
use std::iter::once;

/// May a document of this text be a correlation or a filter?
///
/// ```
/// use varsigma::index::is_linked;
///
/// assert!(is_linked(b"title: t\ncorrelation:\n  type: event_count\n"));
/// assert!(!is_linked(b"title: t\ndetection:\n  filter: {a: b}\n  condition: not filter\n"));
/// ```
#[must_use]
pub fn is_linked(text: &[u8]) -> bool {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let mut at_start = true;
    let ends = memchr2_iter(b'\n', b'\r', text).chain(once(text.len()));
    let mut start = 0;
    for end in ends {
        let line = &text[start..end];
        start = end + 1;
        match line.first() {
            None | Some(b'#') => continue,
            Some(b'-') if line.starts_with(b"---") => {
                // A document can begin on the marker's line.
                if line[3..].iter().any(|byte| !byte.is_ascii_whitespace()) {
                    return true;
                }
                at_start = true;
                continue;
            }
            // Keys in quotes, complex keys, flow maps, tags, anchors, directives.
            Some(b'"' | b'\'' | b'?' | b'{' | b'!' | b'&' | b'*' | b'%') => return true,
            // A document that is indented as a whole.
            Some(b' ' | b'\t') if at_start => return true,
            Some(b'c') if line.starts_with(b"correlation") => return true,
            Some(b'f') if line.starts_with(b"filter") => return true,
            Some(_) => {}
        }
        at_start = false;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_may_be_one_is_found() {
        for (text, expected) in [
            ("", false),
            (
                "# filter:\ntitle: t\ndetection:\n    filter:\n        a: b\n",
                false,
            ),
            ("title: t\nfilters: x\n", true),
            ("filter:\n  rules: any\n", true),
            ("title: t\r\ncorrelation:\r\n", true),
            ("title: t\n---\ncorrelation: {}\n", true),
            ("title: t\n--- {correlation: {}}\n", true),
            ("  title: t\n  filter: {}\n", true),
            ("{title: t, filter: {}}", true),
            ("title: t\n\"filter\": {}\n", true),
            ("title: t\n? filter\n: {}\n", true),
            ("\u{feff}filter: {}\n", true),
            ("title: t\n- a\n", false),
        ] {
            assert_eq!(is_linked(text.as_bytes()), expected, "{text:?}");
        }
    }
}
