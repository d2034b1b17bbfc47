//! What a backslash says outside brackets, and the escapes that hold inside them too.

use super::Parser;
use super::reference::Reference;
use crate::backend::regex::RegexFeature;
use crate::pattern::ast::{ClassItem, Kind, Node, Set};
use crate::pattern::refusal::Invalid;

impl<'p> Parser<'p> {
    /// Reads what follows a backslash outside brackets.
    pub(super) fn escape(&mut self, start: usize) -> Result<Kind, Invalid> {
        let Some(c) = self.peek() else {
            return Err(self.invalid(
                start,
                "expected a character after the last backslash, found the end of the expression",
            ));
        };
        let kind = match c {
            'b' => Kind::Boundary,
            'B' => Kind::NotBoundary,
            'A' => Kind::Start { lines: false },
            'Z' => Kind::End { lines: false },
            'z' => Kind::TextEnd,
            'N' if !self.rest().starts_with("N{") => Kind::Dot { newline: false },
            'K' => Self::pcre(r"\K", "a reset of the match's start"),
            'G' => Self::pcre(r"\G", "the place of the last match"),
            'R' => Self::pcre(r"\R", "any line break"),
            'X' => Self::pcre(r"\X", "an extended grapheme"),
            'C' => Self::pcre(r"\C", "a single byte"),
            '1'..='9' => return Ok(self.number_reference(start)),
            'g' => return self.g_reference(start),
            'k' => return self.k_reference(start),
            _ => {
                return Ok(match self.common_escape(start)? {
                    Escaped::Char(c) => Kind::Literal {
                        c,
                        fold: self.flags.fold,
                    },
                    Escaped::Item(item) => self.class_of(vec![item]),
                });
            }
        };
        self.at += 1;
        Ok(kind)
    }

    fn pcre(text: &str, name: &'static str) -> Kind {
        Kind::Verbatim {
            text: text.to_owned(),
            feature: RegexFeature::Pcre,
            name,
        }
    }

    /// `\1`; `\10` is a character's octal number where there are no ten groups.
    fn number_reference(&mut self, start: usize) -> Kind {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let number = self.rest()[..digits].parse().unwrap_or(u32::MAX);
        let fold = self.flags.fold;
        if number > 9 && number > self.groups && !self.rest().starts_with(['8', '9']) {
            let c = self.octal(3);
            return Kind::Literal { c, fold };
        }
        self.at += digits;
        self.reference(number, start)
    }

    fn reference(&mut self, group: u32, start: usize) -> Kind {
        let span = self.span_from(start);
        self.references.push((Reference::Number(group), span));
        Kind::BackReference {
            group,
            fold: self.flags.fold,
        }
    }

    /// A reference by name, which ends here; its number is filled in at the end.
    pub(super) fn reference_by_name(&mut self, name: &'p str, start: usize) -> Node {
        let span = self.span_from(start);
        self.references.push((Reference::Name(name), span));
        let fold = self.flags.fold;
        Node::new(span, Kind::BackReference { group: 0, fold })
    }

    /// `\g1`, `\g{-1}`, `\g{name}`; `\g<1>` is a recursion.
    fn g_reference(&mut self, start: usize) -> Result<Kind, Invalid> {
        self.at += 1;
        let bad = "expected a group's number or name after `\\g`, found neither";
        if self.eat("<") || self.eat("'") {
            if self.until('>').is_none() {
                return Err(self.invalid(start, bad));
            }
            return Ok(Self::pcre(&self.text[start..self.at], "a recursion"));
        }
        let name = if self.eat("{") {
            self.until('}').ok_or_else(|| self.invalid(start, bad))?
        } else {
            let length = self
                .rest()
                .find(|c: char| !(c.is_ascii_digit() || c == '-'))
                .unwrap_or(self.rest().len());
            let text = &self.rest()[..length];
            self.at += length;
            text
        };
        match name.parse::<i64>() {
            Ok(number) if number < 0 => {
                let group = i64::from(self.groups) + 1 + number;
                Ok(self.reference(u32::try_from(group).unwrap_or(0), start))
            }
            Ok(number) => Ok(self.reference(u32::try_from(number).unwrap_or(0), start)),
            Err(_) if name.is_empty() => Err(self.invalid(start, bad)),
            Err(_) => Ok(self.reference_by_name(name, start).kind),
        }
    }

    /// `\k<name>`, `\k'name'`, `\k{name}`
    fn k_reference(&mut self, start: usize) -> Result<Kind, Invalid> {
        self.at += 1;
        let end = match self.next() {
            Some('<') => '>',
            Some('\'') => '\'',
            Some('{') => '}',
            _ => {
                return Err(
                    self.invalid(start, "expected `\\k<name>`, found `\\k` without a bracket")
                );
            }
        };
        let name = self.name(start, end)?;
        Ok(self.reference_by_name(name, start).kind)
    }

    /// An escape that means the same inside brackets and outside.
    pub(super) fn common_escape(&mut self, start: usize) -> Result<Escaped, Invalid> {
        let Some(c) = self.next() else {
            return Err(self.invalid(
                start,
                "expected a character after the last backslash, found the end of the expression",
            ));
        };
        let set = |set, negated| Ok(Escaped::Item(ClassItem::Set { set, negated }));
        match c {
            'd' | 'D' => set(Set::Digit, c == 'D'),
            'w' | 'W' => set(Set::Word, c == 'W'),
            's' | 'S' => set(Set::Space, c == 'S'),
            'h' | 'H' => set(Set::Horizontal, c == 'H'),
            'v' | 'V' => set(Set::Vertical, c == 'V'),
            'p' | 'P' => self.property(start).map(Escaped::Item),
            _ => self.escaped_char(c, start).map(Escaped::Char),
        }
    }

    fn escaped_char(&mut self, c: char, start: usize) -> Result<char, Invalid> {
        Ok(match c {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'f' => '\u{c}',
            'a' => '\u{7}',
            'e' => '\u{1b}',
            '0'..='7' => {
                self.at -= 1;
                self.octal(3)
            }
            'x' if self.eat("{") => self.hexadecimal(start, None)?,
            'x' => self.hexadecimal(start, Some(2))?,
            'u' => self.hexadecimal(start, Some(4))?,
            'N' if self.eat("{U+") => self.hexadecimal(start, None)?,
            'o' if self.eat("{") => {
                let code = u32::from_str_radix(self.until('}').unwrap_or_default(), 8);
                self.code_point(start, code.ok())?
            }
            'c' => match self.next() {
                Some(c) if c.is_ascii_graphic() => {
                    char::from((c.to_ascii_uppercase() as u8) ^ 0x40)
                }
                _ => {
                    return Err(
                        self.invalid(start, "expected an ASCII character after `\\c`, found none")
                    );
                }
            },
            c if c.is_ascii_alphanumeric() => {
                let message = format!("expected an escape that PCRE knows, found `\\{c}`");
                return Err(self.invalid(start, message));
            }
            c => c,
        })
    }

    /// Up to `width` octal digits.
    fn octal(&mut self, width: usize) -> char {
        let digits = self
            .rest()
            .bytes()
            .take(width)
            .take_while(|byte| (b'0'..=b'7').contains(byte))
            .count();
        let code = u32::from_str_radix(&self.rest()[..digits], 8).unwrap_or(0);
        self.at += digits;
        char::from_u32(code).unwrap_or('\0')
    }

    /// Hexadecimal digits: up to two, exactly four, or up to a `}`.
    fn hexadecimal(&mut self, start: usize, width: Option<usize>) -> Result<char, Invalid> {
        let digits = match width {
            None => self.until('}').unwrap_or_default(),
            Some(width) => {
                let count = self
                    .rest()
                    .bytes()
                    .take(width)
                    .take_while(u8::is_ascii_hexdigit)
                    .count();
                let digits = &self.rest()[..count];
                self.at += count;
                if width == 4 && count < 4 { "" } else { digits }
            }
        };
        // PCRE reads `\x` with no digits as the null character.
        if digits.is_empty() && width == Some(2) {
            return Ok('\0');
        }
        self.code_point(start, u32::from_str_radix(digits, 16).ok())
    }

    fn code_point(&self, start: usize, code: Option<u32>) -> Result<char, Invalid> {
        code.and_then(char::from_u32)
            .ok_or_else(|| self.invalid(start, "expected the number of a character, found none"))
    }

    /// `\pL`, `\p{Greek}`
    fn property(&mut self, start: usize) -> Result<ClassItem, Invalid> {
        let bad = "expected a property after `\\p`, as in `\\p{L}`, found none";
        if self.eat("{") {
            if self.until('}').is_none_or(str::is_empty) {
                return Err(self.invalid(start, bad));
            }
        } else if !self.next().is_some_and(|c| c.is_ascii_alphabetic()) {
            return Err(self.invalid(start, bad));
        }
        let text = &self.text[start..self.at];
        if regex_syntax::parse(text).is_err() {
            return Err(self.invalid(
                start,
                format!("expected a property of Unicode, found `{text}`"),
            ));
        }
        Ok(ClassItem::Property(text.to_owned()))
    }
}

/// What an escape stands for.
pub(super) enum Escaped {
    /// A character.
    Char(char),
    /// A set of characters.
    Item(ClassItem),
}
