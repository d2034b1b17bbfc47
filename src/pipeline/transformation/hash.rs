//! Hashes in values: `*IMPHASH=BC*` is an algorithm and the beginning of a hash.

use crate::rule::{Part, Pattern};
use std::borrow::Cow;

/// How many digits an algorithm's hashes have.
pub const LENGTHS: [(&str, usize); 5] = [
    ("MD5", 32),
    ("IMPHASH", 32),
    ("SHA1", 40),
    ("SHA256", 64),
    ("SHA512", 128),
];

/// The same of one algorithm.
pub fn length_of(algorithm: &str) -> Option<usize> {
    let mut lengths = LENGTHS.iter();
    let found = lengths.find(|(known, _)| known.eq_ignore_ascii_case(algorithm));
    found.map(|(_, length)| *length)
}

/// The pattern's pieces between a character. A piece in the middle is whole: `a,b*,*c` is `a`, `b*`
/// and `*c`.
pub fn split_at<'p>(pattern: &Pattern<'p>, separator: char) -> Vec<Pattern<'p>> {
    let mut pieces = vec![Pattern::default()];
    for part in &pattern.parts {
        let Part::Literal(text) = part else {
            if let Some(last) = pieces.last_mut() {
                last.push(part.clone());
            }
            continue;
        };
        for (number, piece) in text.split(separator).enumerate() {
            if number > 0 {
                pieces.push(Pattern::default());
            }
            if let Some(last) = pieces.last_mut() {
                last.push(Part::Literal(Cow::Owned(piece.trim().to_owned())));
            }
        }
    }
    // Sysmon's list may begin or end in the middle of what the rule looks for.
    let is_empty = |piece: &Pattern<'_>| piece.parts.iter().all(|part| *part == Part::Any);
    if pieces.len() > 1 {
        pieces.retain(|piece| !is_empty(piece));
    }
    pieces
}

/// Whether an algorithm's name is open at its beginning, the name, and the hash after it:
/// `*IMPHASH=BC*`, or with `|` in place of `=`.
pub fn name_of<'p>(part: &Pattern<'p>) -> Option<(bool, String, Pattern<'p>)> {
    let open = part.parts.first() == Some(&Part::Any);
    let parts = &part.parts[usize::from(open)..];
    let (first, rest) = parts.split_first()?;
    let Part::Literal(text) = first else {
        return None;
    };
    let (name, digits) = text.split_once(['=', '|'])?;
    let mut hash = Pattern::literal(digits.to_owned());
    for part in rest {
        hash.push(part.clone());
    }
    (!name.is_empty()).then(|| (open, name.to_owned(), hash))
}

/// A hash as long as its algorithm's needs no wildcard around.
pub fn whole<'p>(hash: &Pattern<'p>, algorithm: &str) -> Pattern<'p> {
    match digits(hash) {
        Some(text) if length_of(algorithm) == Some(text.len()) => Pattern::literal(text.to_owned()),
        _ => hash.clone(),
    }
}

/// Is all its text of hexadecimal digits?
pub fn is_hexadecimal(part: &Pattern<'_>) -> bool {
    let mut literals = part.literals();
    !part.parts.is_empty() && literals.all(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The digits of a piece that has nothing else but `*` around them.
pub fn digits<'p>(part: &'p Pattern<'_>) -> Option<&'p str> {
    let mut literals = part.literals();
    let first = literals.next().filter(|_| is_hexadecimal(part))?;
    let is_one = literals.next().is_none() && !part.parts.contains(&Part::One);
    is_one.then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::text;

    #[test]
    fn a_name_stands_before_the_digits() {
        for (written, expected) in [
            ("*IMPHASH=BC*", Some((true, "IMPHASH", "BC*"))),
            ("SHA1|5f", Some((false, "SHA1", "5f"))),
            ("*=5f", None),
            ("5f*", None),
        ] {
            let pattern = text::parse(written);
            let found = name_of(&pattern);
            let found = found
                .as_ref()
                .map(|(open, name, hash)| (*open, name.as_str(), text::plain(hash).into_owned()));
            let expected = expected.map(|(open, name, hash)| (open, name, hash.to_owned()));
            assert_eq!(found, expected, "{written}");
        }
    }

    #[test]
    fn a_list_is_cut_at_commas() {
        let pieces = split_at(&text::parse("*SHA1=1, MD5=2,*"), ',');
        let pieces: Vec<_> = pieces
            .iter()
            .map(|piece| text::plain(piece).into_owned())
            .collect();
        assert_eq!(pieces, ["*SHA1=1", "MD5=2"]);
    }
}
