//! How values are written in a target's text: quotes, escapes, wildcards.
//!
//! In: a [`Pattern`](crate::rule::Pattern) or plain text. Out: the literal, or the character that the literal can't say.
//! With the escapes `"` to `\"` and `\` to `\\` and `*` for any characters, `*\cmd.exe` becomes
//! `"*\\cmd.exe"`.

use super::bytes::Bytes;
use super::language::Loss;
use super::letter::{lowered, other_case};
use super::word::{OperatorWord, Word, has_blank_end, merged, open_ended};
use crate::rule::Part;
use std::borrow::Cow;

/// A way to write values. A target names several: a string, a `LIKE` pattern, a regular expression.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Literal {
    /// The text before and after the value, outermost last in `then`.
    pub quote: (String, String),
    /// Characters of the value and what stands for each, sorted by character.
    pub escapes: Vec<(char, String)>,
    /// Pairs of characters of which the second takes a backslash: `${` becomes `$\{`.
    pub pairs: Vec<(char, char)>,
    /// What needs a look: characters with an escape, in a pair, or that can't be said.
    special: Bytes,
    /// Wildcards in a row are written as one: `*` and `?` are written alike.
    pub merges_wildcards: bool,
    /// What `*` becomes; `None`: the literal has no such wildcard.
    pub any: Option<String>,
    /// What `?` becomes; `None`: the literal has no such wildcard.
    pub one: Option<String>,
    /// Characters that can't be written at all, even if there is an escape for them.
    pub refused: Vec<char>,
    /// Control characters without an escape of their own can't be written.
    pub refuse_controls: bool,
    /// What every byte that is not printable ASCII becomes; `{hex}` is its two hexadecimal digits.
    pub bytes: Option<(String, String)>,
    /// Lucene's limit on the work of making a pattern with wildcards deterministic.
    pub max_determinized_states: Option<usize>,
    /// The case that letters are written in; `None`: as they are.
    pub letters: Option<LetterCase>,
    /// A letter is written in both its cases between these: `[aA]`.
    pub both_cases: Option<(String, String)>,
    /// What ASCII's letters are written as, then, and its characters with an escape; nothing for others.
    cases: Vec<String>,
    /// The character that is doubled unless it follows itself or precedes one of these.
    pub lone: Option<(char, Vec<char>)>,
    /// No quotes where every character of the value is a letter, a digit or one of these.
    pub bare: Option<Vec<char>>,
    /// Words that would be operators.
    pub words: Vec<OperatorWord>,
    /// What these begin with, in either case.
    starts: Bytes,
    /// What becomes of values that begin or end in white space, where the language takes it off:
    /// refused, or `*` stands for it.
    pub blank_ends: Option<Word>,
    /// Characters that become something else where a value ends in them.
    pub last: Vec<(char, String)>,
    /// What the empty value is written as, quotes included.
    pub empty: Option<String>,
    /// The literal that writes values without wildcards in this one's place; if there are
    /// characters, only values that hold one of them.
    pub plain: Option<(Vec<char>, Box<Literal>)>,
    /// What tests lose whose values it writes, and why.
    pub loss: Option<(Loss, String)>,
    /// The literal that this one's text is put into, its quotes included.
    pub then: Option<Box<Literal>>,
}

/// A case of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterCase {
    /// `a`, of any letter that has one.
    Lower,
    /// `A`, of ASCII's letters.
    Upper,
}

/// What a literal can't say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsayable {
    /// A character.
    Character(char),
    /// `*`
    Any,
    /// `?`
    One,
    /// A word.
    Word,
    /// White space at an end.
    BlankEnd,
}

impl std::fmt::Display for Unsayable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Character(character) => write!(f, "the character {character:?}"),
            Self::Any => f.write_str("the wildcard `*`"),
            Self::One => f.write_str("the wildcard `?`"),
            Self::Word => f.write_str("a word that would be an operator"),
            Self::BlankEnd => f.write_str("white space at an end"),
        }
    }
}

impl Literal {
    /// Prepares the table of special characters; call it once the other fields are set.
    #[must_use]
    pub fn prepared(mut self) -> Self {
        self.escapes.sort_by_key(|(character, _)| *character);
        let escaped = self.escapes.iter().map(|(character, _)| *character);
        let lone = self.lone.iter().map(|(character, _)| *character);
        let second = self.pairs.iter().map(|(_, second)| *second);
        let all = escaped.chain(self.refused.iter().copied()).chain(lone);
        let all = all.chain(second);
        // Of a character beyond ASCII the first byte is looked at; it is 0xC0 or more.
        for character in all {
            self.special
                .add(character.encode_utf8(&mut [0; 4]).as_bytes()[0]);
        }
        if self.refuse_controls || self.bytes.is_some() {
            let controls = (0..0x20).chain([0x7F, 0xC2]);
            controls.for_each(|byte| self.special.add(byte));
        }
        if self.bytes.is_some() {
            (0xC0..=0xFF).for_each(|byte| self.special.add(byte));
        }
        for first in self.words.iter().filter_map(OperatorWord::first) {
            self.starts.add(first);
            self.starts.add(first.to_ascii_uppercase());
        }
        if self.both_cases.is_some() {
            let escape = |c| self.escape_of(c).filter(|_| !self.refused.contains(&c));
            let cases = (0..0x80_u8).map(char::from).map(|c| {
                let both = self.both_cases(c);
                both.unwrap_or_else(|| escape(c).unwrap_or_default().to_owned())
            });
            self.cases = cases.collect();
        }
        self
    }

    /// Writes a pattern, quotes included.
    ///
    /// # Errors
    /// What can't be said; `out` then holds a part of it.
    pub fn write(&self, parts: &[Part<'_>], out: &mut String) -> Result<(), Unsayable> {
        if let (Some(empty), []) = (&self.empty, parts) {
            out.push_str(empty);
            return Ok(());
        }
        if let (Some((holding, plain)), [Part::Literal(text)]) = (&self.plain, parts)
            && (holding.is_empty() || text.contains(holding.as_slice()))
        {
            return plain.write(parts, out);
        }
        if self.merges_wildcards
            && let Some(merged) = merged(parts)
        {
            return self.write(&merged, out);
        }
        match self.blank_ends {
            Some(Word::Refused) if has_blank_end(parts) => return Err(Unsayable::BlankEnd),
            Some(Word::Wild) if has_blank_end(parts) => return self.write(&open_ended(parts), out),
            _ => {}
        }
        match &self.then {
            None => {
                if self.is_bare(parts) {
                    return self.body(parts, out);
                }
                out.push_str(&self.quote.0);
                self.body(parts, out)?;
                out.push_str(&self.quote.1);
                Ok(())
            }
            Some(then) => {
                let mut inner = String::new();
                inner.push_str(&self.quote.0);
                self.body(parts, &mut inner)?;
                inner.push_str(&self.quote.1);
                then.write_text(&inner, out)
            }
        }
    }

    /// Writes plain text: nothing in it is a wildcard.
    ///
    /// # Errors
    /// The character that can't be said.
    pub fn write_text(&self, text: &str, out: &mut String) -> Result<(), Unsayable> {
        if text.is_empty() {
            return self.write(&[], out);
        }
        self.write(&[Part::Literal(Cow::Borrowed(text))], out)
    }

    fn is_bare(&self, parts: &[Part<'_>]) -> bool {
        let Some(bare) = &self.bare else { return false };
        let plain = |c: char| c.is_alphanumeric() || bare.contains(&c);
        !parts.is_empty()
            && parts.iter().all(|part| match part {
                Part::Literal(text) => text.chars().all(plain),
                Part::Any | Part::One => true,
                Part::Placeholder(_) => false,
            })
    }

    fn body(&self, parts: &[Part<'_>], out: &mut String) -> Result<(), Unsayable> {
        if let Some((character, before)) = &self.lone {
            return self.body_with_lone(parts, *character, before, out);
        }
        for (at, part) in parts.iter().enumerate() {
            match part {
                Part::Literal(text) => match self.last_of(text, at + 1 == parts.len()) {
                    Some((text, last)) => {
                        self.text(text, out)?;
                        out.push_str(last);
                    }
                    None => self.text(text, out)?,
                },
                Part::Any => out.push_str(self.any.as_ref().ok_or(Unsayable::Any)?),
                Part::One => out.push_str(self.one.as_ref().ok_or(Unsayable::One)?),
                // `emit` refuses placeholders before it writes values.
                Part::Placeholder(name) => self.text(name, out)?,
            }
        }
        Ok(())
    }

    /// A text without its last character, and what that becomes, where the value ends in it.
    fn last_of<'t>(&self, text: &'t str, is_last: bool) -> Option<(&'t str, &str)> {
        let mut last = self.last.iter().filter(|_| is_last);
        last.find_map(|(known, becomes)| Some((text.strip_suffix(*known)?, becomes.as_str())))
    }

    fn text(&self, text: &str, out: &mut String) -> Result<(), Unsayable> {
        if let Some((at, what)) = self.first_word(text) {
            let (before, behind) = text.split_at(at);
            self.escape(before, out)?;
            let letter = behind.chars().next().map_or(0, char::len_utf8);
            match what {
                Word::Escaped => {
                    out.push('\\');
                    self.escape(&behind[..letter], out)?;
                }
                Word::Wild => out.push_str(self.any.as_ref().ok_or(Unsayable::Any)?),
                Word::Refused => return Err(Unsayable::Word),
            }
            return self.text(&behind[letter..], out);
        }
        match self.letters {
            Some(LetterCase::Lower) => return self.escape(&lowered(text), out),
            Some(LetterCase::Upper) => return self.escape(&text.to_ascii_uppercase(), out),
            None => {}
        }
        if self.both_cases.is_none() {
            return self.escape(text, out);
        }
        let mut start = 0;
        for (at, character) in text.char_indices() {
            let both = match self.cases.get(character as usize) {
                Some(both) => Cow::Borrowed(both.as_str()),
                None => self.both_cases(character).unwrap_or_default().into(),
            };
            if both.is_empty() {
                continue;
            }
            if start < at {
                self.escape(&text[start..at], out)?;
            }
            out.push_str(&both);
            start = at + character.len_utf8();
        }
        self.escape(&text[start..], out)
    }

    /// A letter in both its cases; nothing for what has one only.
    fn both_cases(&self, character: char) -> Option<String> {
        let (open, close) = self.both_cases.as_ref()?;
        let other = other_case(character)?;
        Some(format!("{open}{character}{other}{close}"))
    }

    /// Where the first word of a text begins that would be an operator, and what becomes of it.
    fn first_word(&self, text: &str) -> Option<(usize, Word)> {
        if self.words.is_empty() {
            return None;
        }
        let mut bytes = text.bytes().enumerate();
        bytes.find_map(|(at, byte)| {
            let mut words = self.words.iter().filter(|_| self.starts.has(byte));
            let word = words.find(|word| word.begins_at(text, at))?;
            Some((at, word.becomes))
        })
    }

    /// Copies runs of ordinary characters whole.
    fn escape(&self, text: &str, out: &mut String) -> Result<(), Unsayable> {
        let mut start = 0;
        for (at, &byte) in text.as_bytes().iter().enumerate() {
            if !self.special.has(byte) {
                continue;
            }
            let Some(character) = text[at..].chars().next() else {
                continue;
            };
            let is_ordinary = self.is_ordinary(character);
            if !is_ordinary || self.is_second(&text[..at], character) {
                out.push_str(&text[start..at]);
                if is_ordinary {
                    out.push('\\');
                }
                self.character(character, out)?;
                start = at + character.len_utf8();
            }
        }
        out.push_str(&text[start..]);
        Ok(())
    }

    fn is_second(&self, before: &str, character: char) -> bool {
        let mut pairs = self.pairs.iter();
        pairs.any(|(first, second)| *second == character && before.ends_with(*first))
    }

    fn escape_of(&self, character: char) -> Option<&str> {
        self.escapes
            .binary_search_by_key(&character, |(known, _)| *known)
            .ok()
            .map(|at| self.escapes[at].1.as_str())
    }

    fn is_ordinary(&self, character: char) -> bool {
        !(self.escape_of(character).is_some()
            || self.refused.contains(&character)
            || (self.refuse_controls && character.is_control())
            || (self.bytes.is_some() && !matches!(character, ' '..='~')))
    }

    fn character(&self, character: char, out: &mut String) -> Result<(), Unsayable> {
        if self.refused.contains(&character) {
            return Err(Unsayable::Character(character));
        }
        if let Some(escape) = self.escape_of(character) {
            out.push_str(escape);
            return Ok(());
        }
        if self.refuse_controls && character.is_control() {
            return Err(Unsayable::Character(character));
        }
        match &self.bytes {
            Some((before, behind)) if !matches!(character, ' '..='~') => {
                let mut utf8 = [0; 4];
                for byte in character.encode_utf8(&mut utf8).bytes() {
                    out.push_str(before);
                    for digit in [byte >> 4, byte & 15] {
                        out.push(char::from(b"0123456789abcdef"[digit as usize]));
                    }
                    out.push_str(behind);
                }
            }
            _ => out.push(character),
        }
        Ok(())
    }

    /// sigmac looked at the text with its wildcards when it decided which backslashes to double.
    fn body_with_lone(
        &self,
        parts: &[Part<'_>],
        lone: char,
        before: &[char],
        out: &mut String,
    ) -> Result<(), Unsayable> {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Any => text.push('*'),
                Part::One => text.push('?'),
                Part::Placeholder(name) => text.push_str(name),
            }
        }
        let mut previous = None;
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let kept = previous == Some(lone)
                || characters.peek().is_some_and(|next| before.contains(next));
            if character == lone && !kept {
                out.push(lone);
                out.push(lone);
            } else {
                self.character(character, out)?;
            }
            previous = Some(character);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string() -> Literal {
        Literal {
            quote: ("\"".into(), "\"".into()),
            escapes: vec![('"', "\\\"".into()), ('\\', "\\\\".into())],
            any: Some("*".into()),
            refused: vec!['*'],
            ..Literal::default()
        }
        .prepared()
    }

    fn write(literal: &Literal, parts: &[Part<'_>]) -> Result<String, Unsayable> {
        let mut out = String::new();
        literal.write(parts, &mut out).map(|()| out)
    }

    #[test]
    fn escapes_quotes_and_wildcards() {
        let parts = [Part::Any, Part::Literal(r#"\a"é"#.into())];
        assert_eq!(write(&string(), &parts), Ok(r#""*\\a\"é""#.into()));
        assert_eq!(write(&string(), &[Part::One]), Err(Unsayable::One));
        let star = [Part::Literal("a*".into())];
        assert_eq!(write(&string(), &star), Err(Unsayable::Character('*')));
    }

    #[test]
    fn the_second_of_a_pair_takes_a_backslash() {
        let literal = Literal {
            pairs: vec![('$', '{'), ('{', '{')],
            ..string()
        }
        .prepared();
        for (value, expected) in [
            ("${a}", r#""$\{a}""#),
            ("$${{{", r#""$$\{\{\{""#),
            ("{$ é{", r#""{$ é{""#),
        ] {
            let parts = [Part::Literal(value.into())];
            assert_eq!(
                write(&literal, &parts),
                Ok(expected.replace(r"\\", r"\")),
                "{value}"
            );
        }
    }

    #[test]
    fn wildcards_in_a_row_are_one() {
        let literal = Literal {
            one: Some("*".into()),
            merges_wildcards: true,
            ..string()
        }
        .prepared();
        let x = Part::Literal("x".into());
        let parts = [Part::One, Part::Any, x.clone(), Part::One, Part::One, x];
        assert_eq!(write(&literal, &parts), Ok(r#""*x*x""#.into()));
    }

    #[test]
    fn a_literal_inside_another_is_escaped_twice() {
        let regex = Literal {
            escapes: vec![('.', r"\.".into())],
            any: Some(".*".into()),
            then: Some(Box::new(string_without_refusal())),
            ..Literal::default()
        }
        .prepared();
        let parts = [Part::Any, Part::Literal(".exe".into())];
        assert_eq!(write(&regex, &parts), Ok(r#"".*\\.exe""#.into()));
    }

    fn string_without_refusal() -> Literal {
        Literal {
            refused: Vec::new(),
            ..string()
        }
        .prepared()
    }

    #[test]
    fn words_take_a_backslash_where_they_would_be_operators() {
        let literal = Literal {
            words: vec![
                OperatorWord::new(" and ", Word::Escaped),
                OperatorWord::new("not ", Word::Wild),
            ],
            any: Some("*".into()),
            ..Literal::default()
        }
        .prepared();
        for (raw, expected) in [
            ("salt and pepper", r"salt \and pepper"),
            ("And or", r"\And or"),
            ("sand android and", "sand android and"),
            ("cannot not do", r"can*ot *ot do"),
        ] {
            let parts = [Part::Literal(raw.into())];
            assert_eq!(write(&literal, &parts), Ok(expected.into()), "{raw}");
        }
        let literal = Literal {
            words: vec![OperatorWord::new("not ", Word::Refused)],
            blank_ends: Some(Word::Refused),
            ..literal
        };
        let written = |raw: &'static str| write(&literal, &[Part::Literal(raw.into()), Part::Any]);
        assert_eq!(written("do not do"), Err(Unsayable::Word));
        assert_eq!(written(" do"), Err(Unsayable::BlankEnd));
        assert_eq!(written("do "), Ok("do *".into()));
        let literal = Literal {
            blank_ends: Some(Word::Wild),
            ..literal
        };
        let text = |text: &'static str| Part::Literal(text.into());
        for (parts, expected) in [
            (vec![text(" a"), Part::Any, text("b ")], "*a*b*"),
            (vec![Part::Any, text(" ")], "*"),
            (vec![text("  a  ")], "*a*"),
        ] {
            assert_eq!(write(&literal, &parts), Ok(expected.into()));
        }
    }

    #[test]
    fn plain_and_empty_values_have_literals_of_their_own() {
        let literal = Literal {
            any: Some("*".into()),
            empty: Some("<>".into()),
            plain: Some((vec![' '], Box::new(string()))),
            ..Literal::default()
        }
        .prepared();
        assert_eq!(write(&literal, &[]), Ok("<>".into()));
        let text = |text: &'static str| Part::Literal(text.into());
        assert_eq!(write(&literal, &[text("a b")]), Ok(r#""a b""#.into()));
        assert_eq!(write(&literal, &[text("ab")]), Ok("ab".into()));
        assert_eq!(
            write(&literal, &[text("a b"), Part::Any]),
            Ok("a b*".into())
        );
    }

    #[test]
    fn a_lone_character_is_doubled_by_its_neighbours() {
        let sigmac = Literal {
            lone: Some(('\\', vec!['*', '?', '\\'])),
            ..Literal::default()
        }
        .prepared();
        for (raw, expected) in [
            (r"\a", r"\\a"),
            (r"\\a", r"\\a"),
            (r"\*", r"\*"),
            (r"a\", r"a\\"),
            (r"\\\a", r"\\\a"),
        ] {
            let parts = [Part::Literal(raw.into())];
            assert_eq!(write(&sigmac, &parts), Ok(expected.into()), "{raw}");
        }
    }

    #[test]
    fn bytes_literals_write_utf8_bytes() {
        let bytes = Literal {
            escapes: vec![('\\', r"\\".into()), ('\n', r"\n".into())],
            bytes: Some((r"\x".into(), String::new())),
            ..Literal::default()
        }
        .prepared();
        let parts = [Part::Literal("–\n\u{1}\\".into())];
        assert_eq!(write(&bytes, &parts), Ok(r"\xe2\x80\x93\n\x01\\".into()));
    }
}
