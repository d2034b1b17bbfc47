//! String values: text to [`Pattern`].
//!
//! In: a value's text. Out: its literal parts and wildcards, escapes resolved: `\*\cmd?.exe` is the
//! literal `*\cmd`, one character, and `.exe`. (Specification: *string wildcard*, *escape
//! character*.)

use crate::rule::{Part, Pattern};
use std::borrow::Cow;

/// Reads wildcards and escapes. A backslash escapes `*`, `?` and itself; before anything else it is
/// a plain character. Parts borrow from borrowed text except where an escape splits them.
///
/// ```
/// use varsigma::parse::pattern;
/// use varsigma::rule::Part;
///
/// let parts = pattern(r"C:\\*\a\*.exe").parts;
/// assert_eq!(parts[0], Part::Literal(r"C:\".into()));
/// assert_eq!(parts[1], Part::Any);
/// assert_eq!(parts[2], Part::Literal(r"\a*.exe".into()));
/// ```
pub fn pattern<'s>(text: impl Into<Cow<'s, str>>) -> Pattern<'s> {
    match text.into() {
        Cow::Borrowed(text) => read(text),
        Cow::Owned(text) => match text.find(SPECIAL) {
            None => Pattern::literal(text),
            Some(_) => read(&text).into_owned(),
        },
    }
}

const SPECIAL: [char; 3] = ['*', '?', '\\'];

/// The parts of a usual value, with the wildcards that a modifier puts around it.
const USUAL: usize = 3;

fn read(text: &str) -> Pattern<'_> {
    let bytes = text.as_bytes();
    let mut pattern = Pattern {
        parts: Vec::with_capacity(USUAL),
    };
    let literal = |range: std::ops::Range<usize>| Part::Literal(Cow::Borrowed(&text[range]));
    let (mut start, mut at) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        let wildcard = match byte {
            b'*' => Part::Any,
            b'?' => Part::One,
            b'\\' if matches!(bytes.get(at + 1), Some(b'*' | b'?' | b'\\')) => {
                pattern.push(literal(start..at));
                start = at + 1;
                at += 2;
                continue;
            }
            _ => {
                at += 1;
                continue;
            }
        };
        pattern.push(literal(start..at));
        pattern.push(wildcard);
        at += 1;
        start = at;
    }
    pattern.push(literal(start..text.len()));
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `<*>` and `<?>` are wildcards in the expected text.
    fn shown(text: &str) -> String {
        let part = |part: &Part<'_>| match part {
            Part::Literal(text) => text.to_string(),
            Part::Any => "<*>".to_owned(),
            Part::One => "<?>".to_owned(),
            Part::Placeholder(name) => format!("<%{name}%>"),
        };
        pattern(text).parts.iter().map(part).collect()
    }

    #[test]
    fn escapes_follow_the_specification() {
        for (written, meant) in [
            ("", ""),
            (r"\", r"\"),
            (r"C:\a\b", r"C:\a\b"),
            (r"C:\\a", r"C:\a"),
            (r"\*", "*"),
            (r"\?", "?"),
            (r"\\*", r"\<*>"),
            (r"\\\*", r"\*"),
            (r"\\\", r"\\"),
            (r"\\\\", r"\\"),
            (r"a*?b", "a<*><?>b"),
            ("é*ü", "é<*>ü"),
            (r"\é", r"\é"),
        ] {
            assert_eq!(shown(written), meant, "{written}");
        }
    }

    #[test]
    fn text_without_escapes_is_borrowed() {
        let parts = pattern(r"*\cmd.exe").parts;
        assert!(matches!(
            parts[1],
            Part::Literal(Cow::Borrowed(r"\cmd.exe"))
        ));
    }

    #[test]
    fn literals_never_stand_side_by_side() {
        assert_eq!(pattern(r"a\*b\?c").parts.len(), 1);
    }
}
