//! Brackets: `[a-z]`, `[^\s"]`, `[[:alpha:]_]`, `[]a]`.

use super::Parser;
use super::escape::Escaped;
use crate::pattern::ast::{Class, ClassItem, Posix, Set};
use crate::pattern::refusal::Invalid;

/// The POSIX names and their ASCII members.
const POSIX: &[Posix] = &[
    Posix {
        name: "alnum",
        ranges: &[('0', '9'), ('A', 'Z'), ('a', 'z')],
    },
    Posix {
        name: "alpha",
        ranges: &[('A', 'Z'), ('a', 'z')],
    },
    Posix {
        name: "ascii",
        ranges: &[('\0', '\x7f')],
    },
    Posix {
        name: "blank",
        ranges: &[('\t', '\t'), (' ', ' ')],
    },
    Posix {
        name: "cntrl",
        ranges: &[('\0', '\x1f'), ('\x7f', '\x7f')],
    },
    Posix {
        name: "digit",
        ranges: &[('0', '9')],
    },
    Posix {
        name: "graph",
        ranges: &[('!', '~')],
    },
    Posix {
        name: "lower",
        ranges: &[('a', 'z')],
    },
    Posix {
        name: "print",
        ranges: &[(' ', '~')],
    },
    Posix {
        name: "punct",
        ranges: &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
    },
    Posix {
        name: "space",
        ranges: &[('\t', '\r'), (' ', ' ')],
    },
    Posix {
        name: "upper",
        ranges: &[('A', 'Z')],
    },
    Posix {
        name: "word",
        ranges: &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
    },
    Posix {
        name: "xdigit",
        ranges: &[('0', '9'), ('A', 'F'), ('a', 'f')],
    },
];

impl Parser<'_> {
    /// Reads what follows a `[`.
    pub(super) fn class(&mut self, start: usize) -> Result<Class, Invalid> {
        let negated = self.eat("^");
        let mut items = Vec::new();
        let mut first = true;
        loop {
            if self.eat(r"\E") {
                continue;
            }
            if self.eat(r"\Q") {
                let length = self.rest().find(r"\E").unwrap_or(self.rest().len());
                let quoted = &self.rest()[..length];
                items.extend(quoted.chars().map(|c| ClassItem::Range(c, c)));
                self.at += length;
                first = false;
                continue;
            }
            let at = self.at;
            match self.peek() {
                None => {
                    return Err(Invalid {
                        message:
                            "expected `]` to close these brackets, found the end of the expression"
                                .into(),
                        span: crate::source::Span::new(start, start + 1),
                    });
                }
                Some(']') if !first => {
                    self.at += 1;
                    break;
                }
                Some(_) => {}
            }
            first = false;
            if let Some(item) = self.posix(at)? {
                items.push(item);
                continue;
            }
            let low = self.member(at)?;
            items.push(self.range(low, at)?);
        }
        Ok(Class {
            negated,
            items,
            fold: self.flags.fold,
        })
    }

    /// `a-z` after its `a`, or the member alone.
    fn range(&mut self, low: Escaped, at: usize) -> Result<ClassItem, Invalid> {
        let dash = self.rest().starts_with('-') && !self.rest().starts_with("-]");
        let low = match low {
            Escaped::Char(low) => low,
            // `[\w-.]` is a dash in every engine that takes it; PCRE doesn't.
            Escaped::Item(item) => return Ok(item),
        };
        if !dash || self.rest().len() < 2 {
            return Ok(ClassItem::Range(low, low));
        }
        let back = self.at;
        self.at += 1;
        let high_at = self.at;
        match self.member(high_at)? {
            Escaped::Char(high) if high < low => Err(self.invalid(
                at,
                format!("expected `{high}` before `{low}` in the range, found `{low}-{high}`"),
            )),
            Escaped::Char(high) => Ok(ClassItem::Range(low, high)),
            Escaped::Item(_) => {
                self.at = back;
                Ok(ClassItem::Range(low, low))
            }
        }
    }

    fn member(&mut self, start: usize) -> Result<Escaped, Invalid> {
        match self.next() {
            Some('\\') => match self.peek() {
                Some('b') => {
                    self.at += 1;
                    Ok(Escaped::Char('\u{8}'))
                }
                Some(c @ ('B' | 'R' | 'X')) => {
                    self.at += 1;
                    let message = format!("expected a character in the brackets, found `\\{c}`");
                    Err(self.invalid(start, message))
                }
                _ => self.common_escape(start),
            },
            Some(c) => Ok(Escaped::Char(c)),
            None => Err(self.invalid(
                start,
                "expected a character in the brackets, found the end of the expression",
            )),
        }
    }

    /// `[:alpha:]`, `[:^alpha:]`
    fn posix(&mut self, start: usize) -> Result<Option<ClassItem>, Invalid> {
        let Some(inner) = self.rest().strip_prefix("[:") else {
            return Ok(None);
        };
        let Some(length) = inner.find(":]") else {
            return Ok(None);
        };
        let written = &inner[..length];
        let name = written.trim_start_matches('^');
        if !name.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Ok(None);
        }
        self.at += length + 4;
        match POSIX.iter().find(|posix| posix.name == name) {
            Some(&posix) => Ok(Some(ClassItem::Set {
                set: Set::Posix(posix),
                negated: written != name,
            })),
            None => Err(self.invalid(start, format!("expected a POSIX class, found `{name}`"))),
        }
    }
}
