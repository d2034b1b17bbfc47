//! Replacement templates of Python's `re.sub`: `\1`, `\g<name>`, read once.
//!
//! In: a template and the [`Regex`] whose groups it names. Out: for each match, pieces of the old text
//! and of the template.

use super::regex::Regex;
use crate::diagnostic::Code;
use crate::pipeline::reader::Keys;
use std::ops::Range;

/// A piece of the text of [`Regex::substitute`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Substitute<'t> {
    /// These bytes of the old text: between matches, or what a group caught.
    Kept(Range<usize>),
    /// Text of the template.
    Written(&'t str),
}

/// A replacement for [`Regex::replace_all`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Group(usize),
}

impl Template {
    /// Reads the key `replacement`.
    pub fn load(keys: &Keys<'_>, regex: &Regex) -> Option<Self> {
        let template = Self::new(&keys.text("replacement")?, regex);
        keys.check_result("replacement", Code::PipelineRegex, template)
    }

    /// Reads a replacement for `regex`: a group that it has not got is an error.
    pub fn new(text: &str, regex: &Regex) -> Result<Self, String> {
        let names: Vec<_> = regex.inner.capture_names().collect();
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            if character != '\\' {
                literal.push(character);
                continue;
            }
            let group = match characters.next() {
                None => {
                    return Err("expected a character after the last `\\`, found the end".into());
                }
                Some('g') => {
                    let name = group_name(&mut characters)?;
                    let index = name
                        .parse()
                        .ok()
                        .or_else(|| names.iter().position(|known| *known == Some(&name)));
                    index.ok_or_else(|| format!("expected the name of a group, found `{name}`"))?
                }
                Some(digit @ '1'..='9') => {
                    let mut number = digit as usize - '0' as usize;
                    if let Some(next) = characters.next_if(char::is_ascii_digit) {
                        number = number * 10 + (next as usize - '0' as usize);
                    }
                    number
                }
                Some(escaped) => {
                    literal.push_str(&unescape(escaped)?);
                    continue;
                }
            };
            if group >= names.len() {
                return Err(format!(
                    "expected a group of the expression, found `{group}`"
                ));
            }
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            pieces.push(Piece::Group(group));
        }
        pieces.push(Piece::Literal(literal));
        Ok(Self { pieces })
    }

    /// How many pieces [`Self::expand`] gives at most.
    pub(super) fn piece_count(&self) -> usize {
        self.pieces.len()
    }

    /// The bytes that [`Self::expand`] adds.
    pub(super) fn length(&self, captures: &fancy_regex::Captures<'_, str>) -> usize {
        let piece = |piece: &Piece| match piece {
            Piece::Literal(text) => text.len(),
            Piece::Group(index) => captures.get(*index).map_or(0, |group| group.as_str().len()),
        };
        self.pieces.iter().map(piece).sum()
    }

    /// Gives the pieces of a match's replacement.
    pub(super) fn expand<'t>(
        &'t self,
        captures: &fancy_regex::Captures<'_, str>,
        take: &mut dyn FnMut(Substitute<'t>),
    ) {
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => take(Substitute::Written(text)),
                Piece::Group(index) => {
                    if let Some(group) = captures.get(*index) {
                        take(Substitute::Kept(group.start()..group.end()));
                    }
                }
            }
        }
    }
}

fn group_name(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, String> {
    if characters.next() != Some('<') {
        return Err("expected `\\g<name>`, found `\\g` alone".into());
    }
    let name: String = characters
        .by_ref()
        .take_while(|next| *next != '>')
        .collect();
    Ok(name)
}

fn unescape(escaped: char) -> Result<String, String> {
    Ok(match escaped {
        'n' => "\n".into(),
        't' => "\t".into(),
        'r' => "\r".into(),
        'a' => "\u{7}".into(),
        'b' => "\u{8}".into(),
        'f' => "\u{c}".into(),
        'v' => "\u{b}".into(),
        '\\' => "\\".into(),
        '0' => "\0".into(),
        letter if letter.is_ascii_alphabetic() => {
            return Err(format!("`\\{letter}` means nothing in a replacement"));
        }
        other => format!("\\{other}"),
    })
}
