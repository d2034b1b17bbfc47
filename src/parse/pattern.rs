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

fn read(text: &str) -> Pattern<'_> {
    let mut pattern = Pattern::default();
    let literal = |range: std::ops::Range<usize>| Part::Literal(Cow::Borrowed(&text[range]));
    let (mut start, mut from) = (0, 0);
    while let Some(at) = text[from..].find(SPECIAL).map(|found| from + found) {
        from = at + 1;
        let wildcard = match text.as_bytes()[at] {
            b'*' => Part::Any,
            b'?' => Part::One,
            _ => {
                if matches!(text.as_bytes().get(from), Some(b'*' | b'?' | b'\\')) {
                    pattern.push(literal(start..at));
                    start = from;
                    from += 1;
                }
                continue;
            }
        };
        pattern.push(literal(start..at));
        pattern.push(wildcard);
        start = from;
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
