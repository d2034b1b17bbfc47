//! Checks whether a text is a regular expression for Python.
//!
//! In: the text of `|re`. Out: nothing, or what Python's `re` (3.11 and newer) takes offence at, and
//! where. A reference that compiles a rule's expressions with Python refuses what Python refuses
//! (`\h`, `\p{L}`, `a(?i)b`), and takes what PCRE does not know (`\U0001F600`). The source is the
//! documentation of Python's `re`.

mod escape;
mod group;

use crate::diagnostic::Diagnostic;
use crate::pattern::Invalid;
use crate::rule::Regex;
use crate::source::Span;

/// Groups nest no deeper than this here; Python's own limit is its stack.
const MAX_DEPTH: u32 = 250;

/// The least and the greatest number of characters that a part matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Width(u64, u64);

impl Width {
    const ONE: Self = Self(1, 1);

    const fn and(self, other: Self) -> Self {
        Self(
            self.0.saturating_add(other.0),
            self.1.saturating_add(other.1),
        )
    }

    fn or(self, other: Self) -> Self {
        Self(self.0.min(other.0), self.1.max(other.1))
    }

    const fn times(self, least: u64, most: u64) -> Self {
        Self(self.0.saturating_mul(least), self.1.saturating_mul(most))
    }
}

/// What is before a quantifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// Nothing, or a place such as `^` or `\b`.
    Place,
    Item,
    Repeated,
}

/// Reads the text.
struct Reader<'p> {
    text: &'p str,
    at: usize,
    /// Blanks and comments are left out (`x`).
    verbose: bool,
    /// `(?x)` was found, for the whole text.
    wants_verbose: bool,
    /// The width of each group; `None` while it is open.
    groups: Vec<Option<Width>>,
    names: Vec<(&'p str, usize)>,
    /// Groups that conditions ask for, which may come later.
    asked: Vec<(usize, Span)>,
    depth: u32,
}

/// Asks whether Python compiles a text as a regular expression.
///
/// # Errors
/// What it refuses, and where.
pub fn check(text: &str) -> Result<(), Invalid> {
    let mut reader = Reader::new(text, false);
    match reader.whole() {
        Err(_) if reader.wants_verbose => Reader::new(text, true).whole(),
        result => result,
    }
}

/// The error of an expression that Python's `re` does not compile. A placeholder in it may be anything.
pub fn refusal(regex: &Regex<'_>, span: Span) -> Option<Diagnostic> {
    let text = regex.pattern.as_literal()?;
    let invalid = check(text).err()?;
    let error = invalid.diagnostic(span, text);
    Some(error.help("write an expression that Python's `re` compiles"))
}

impl<'p> Reader<'p> {
    fn new(text: &'p str, verbose: bool) -> Self {
        Self {
            text,
            at: 0,
            verbose,
            wants_verbose: false,
            groups: Vec::new(),
            names: Vec::new(),
            asked: Vec::new(),
            depth: 0,
        }
    }

    fn whole(&mut self) -> Result<(), Invalid> {
        self.alternation(true)?;
        if self.peek().is_some() {
            return Err(self.here("Python finds a `)` that closes nothing"));
        }
        match self
            .asked
            .iter()
            .find(|(group, _)| *group > self.groups.len())
        {
            Some((group, span)) => Err(Invalid {
                message: format!("Python finds no group {group}"),
                span: *span,
            }),
            None => Ok(()),
        }
    }

    fn alternation(&mut self, outermost: bool) -> Result<Width, Invalid> {
        let mut width = self.sequence(outermost)?;
        while self.eat('|') {
            width = width.or(self.sequence(false)?);
        }
        Ok(width)
    }

    /// Items up to `|`, `)` or the end. `first`: nothing is in front of it, so that `(?i)` may
    /// be for the whole text.
    fn sequence(&mut self, first: bool) -> Result<Width, Invalid> {
        let (mut before, mut item) = (Width::default(), Width::default());
        let mut last = Last::Place;
        let mut first = first;
        while let Some(character) = self.peek() {
            if matches!(character, '|' | ')') {
                break;
            }
            let start = self.at;
            self.at += character.len_utf8();
            if self.verbose && self.skips(character) {
                continue;
            }
            let repeats = match character {
                '*' => Some((0, u64::MAX)),
                '+' => Some((1, u64::MAX)),
                '?' => Some((0, 1)),
                '{' => self.counts(start)?,
                _ => None,
            };
            if let Some((least, most)) = repeats {
                let message = match last {
                    Last::Place => "Python finds nothing to repeat",
                    Last::Repeated => "Python repeats nothing twice",
                    Last::Item => "",
                };
                if last != Last::Item {
                    return Err(self.since(start, message));
                }
                if !self.eat('?') {
                    self.eat('+');
                }
                item = item.times(least, most);
                last = Last::Repeated;
                continue;
            }
            let (width, what) = match character {
                '^' | '$' => (Width::default(), Last::Place),
                '[' => (self.class(start)?, Last::Item),
                '\\' => self.escape(start)?,
                '(' => match self.group(start, first)? {
                    Some(width) => (width, Last::Item),
                    None => continue,
                },
                _ => (Width::ONE, Last::Item),
            };
            before = before.and(item);
            item = width;
            last = what;
            first = false;
        }
        Ok(before.and(item))
    }

    /// In verbose mode: is the character a blank, or does it begin a comment?
    fn skips(&mut self, character: char) -> bool {
        if character == '#' {
            let rest = self.rest();
            self.at += rest.find('\n').map_or(rest.len(), |end| end + 1);
            return true;
        }
        matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
    }

    /// `{2,3}` after its brace; `None` where the brace is text.
    fn counts(&mut self, start: usize) -> Result<Option<(u64, u64)>, Invalid> {
        let rest = self.rest();
        let Some(inside) = rest.find('}').map(|end| &rest[..end]) else {
            return Ok(None);
        };
        let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
        let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if inside.is_empty() || !is_number(least) || !is_number(most) {
            return Ok(None);
        }
        self.at += inside.len() + 1;
        let number = |text: &str, default| match text {
            "" => Some(default),
            text => text
                .parse()
                .ok()
                .filter(|count| *count < u64::from(u32::MAX)),
        };
        match (number(least, 0), number(most, u64::MAX)) {
            (Some(least), Some(most)) if least <= most => Ok(Some((least, most))),
            (Some(_), Some(_)) => Err(self.since(start, "Python finds the greater number first")),
            _ => Err(self.since(start, "Python takes no number of that size")),
        }
    }

    fn rest(&self) -> &'p str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    fn eat(&mut self, character: char) -> bool {
        let found = self.rest().starts_with(character);
        if found {
            self.at += character.len_utf8();
        }
        found
    }

    /// Takes what is before a sign, and the sign.
    fn until(&mut self, start: usize, sign: char) -> Result<&'p str, Invalid> {
        let rest = self.rest();
        let Some(end) = rest.find(sign) else {
            return Err(self.since(start, format!("Python finds no `{sign}`")));
        };
        self.at += end + sign.len_utf8();
        Ok(&rest[..end])
    }

    /// What is wrong with the text from there to here.
    fn since(&self, start: usize, message: impl Into<String>) -> Invalid {
        Invalid {
            message: message.into(),
            span: Span::new(start, self.at),
        }
    }

    fn here(&self, message: &str) -> Invalid {
        let end = self.at + self.peek().map_or(0, char::len_utf8);
        Invalid {
            message: message.to_owned(),
            span: Span::new(self.at, end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn python_compiles_these() {
        for text in [
            "",
            "a|b",
            "a{,3}",
            "a{}",
            "a{x",
            "x{,}",
            "]",
            "[]a]",
            "[^]a]",
            "[a-]",
            "[\\d-]",
            "(?i)a",
            "(?i)(?m)a",
            "(?#c)(?i)a",
            "(?i:a)",
            "(?s-i:a)",
            "a++",
            "(?>a)",
            "(?P<n>a)(?P=n)",
            "(a)\\1",
            "(?<=ab|cd)x",
            "(?<=a{2})x",
            "\\U0001F600",
            "\\u0041\\x41\\07",
            "[\\b]",
            "\\_",
            "(?(1)a|b)(c)",
            "(?x)a # (",
            "(?a)\\w",
            "(?=a)*",
            "\\N{DIGIT ONE}",
            "[[a]",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn python_refuses_these() {
        for text in [
            "*",
            "^*",
            "\\b+",
            "a**",
            "a{2}{3}",
            "a{3,2}",
            "(",
            "a)",
            "[a",
            "[z-a]",
            "[\\d-a]",
            "\\",
            "\\h",
            "\\p{L}",
            "\\x4",
            "\\u41",
            "\\U00110000",
            "\\1",
            "(a\\1)",
            "\\8",
            "[\\8]",
            "[\\Z]",
            "a(?i)",
            "|(?i)a",
            "(?-i)a",
            "(?U)a",
            "(?L)a",
            "(?au)a",
            "(?i-i:a)",
            "(?P<1>a)",
            "(?P<n>a)(?P<n>b)",
            "(?P=n)",
            "(?<n>a)",
            "(?R)",
            "(?|a)",
            "(?<=a+)b",
            "(?<=a|bc)d",
            "(?(1)a)",
            "(?(0)a)",
            "(a)(?(1)b|c|d)",
            "(?#c",
            "\\400",
            "\\N",
            "a{4294967295}",
        ] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
