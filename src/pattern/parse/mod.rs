//! Reads PCRE's syntax into the tree.
//!
//! In: the text of `|re` and its flags. Out: a [`ParsedRegex`], or what is wrong and where. Every
//! construct of PCRE is recognized, so that "not valid" and "valid, but not on this engine" are
//! told apart (source: *pcre2pattern*).

mod class;
mod escape;
mod group;
mod quantifier;
mod reference;

use super::ast::{Class, Kind, Node, ParsedRegex};
use super::refusal::Invalid;
use crate::rule::{Part, Regex};
use crate::source::Span;
use reference::Reference;
use std::borrow::Cow;

/// Groups nest no deeper than this: PCRE's own limit (`PARENS_NEST_LIMIT`).
const MAX_DEPTH: u32 = 250;

/// Reads a regular expression.
///
/// # Errors
/// The text is not a regular expression, or still has a placeholder.
pub fn parse(regex: &Regex<'_>) -> Result<ParsedRegex, Invalid> {
    let text = match regex.pattern.as_literal() {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(literal_text(regex)?),
    };
    let mut parser = Parser {
        text: &text,
        at: 0,
        flags: Flags {
            fold: regex.flags.ignore_case,
            lines: regex.flags.multi_line,
            newline: regex.flags.dot_all,
            ..Flags::default()
        },
        groups: 0,
        names: Vec::new(),
        references: Vec::new(),
        depth: 0,
    };
    let root = parser.alternation()?;
    if parser.peek().is_some() {
        return Err(parser
            .invalid_here("expected the end of the expression, found a `)` that closes no group"));
    }
    parser.check_references()?;
    let mut parsed = ParsedRegex { root };
    parser.resolve_names(&mut parsed.root);
    Ok(parsed)
}

fn literal_text(regex: &Regex<'_>) -> Result<String, Invalid> {
    if let Some(name) = regex.pattern.placeholder() {
        return Err(Invalid {
            message: format!("no pipeline fills in the placeholder `%{name}%`"),
            span: Span::default(),
        });
    }
    let text = regex.pattern.parts.iter().map(|part| match part {
        Part::Literal(text) | Part::Placeholder(text) => text.as_ref(),
        Part::Any => "*",
        Part::One => "?",
    });
    Ok(text.collect())
}

/// What flags are on at a place.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "flags are independent")]
struct Flags {
    /// `i`
    fold: bool,
    /// `m`
    lines: bool,
    /// `s`
    newline: bool,
    /// `x`: blanks and comments are left out.
    extended: bool,
    /// `n`: plain parentheses do not capture.
    no_capture: bool,
}

struct Parser<'p> {
    text: &'p str,
    at: usize,
    flags: Flags,
    groups: u32,
    /// Names of groups and their numbers.
    names: Vec<(&'p str, u32)>,
    /// References to be checked at the end, for a group may follow its reference.
    references: Vec<(Reference<'p>, Span)>,
    depth: u32,
}

impl<'p> Parser<'p> {
    fn rest(&self) -> &'p str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// Takes what is before `end`, and `end`.
    fn until(&mut self, end: char) -> Option<&'p str> {
        let length = self.rest().find(end)?;
        let text = &self.rest()[..length];
        self.at += length + end.len_utf8();
        Some(text)
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(start, self.at)
    }

    fn invalid(&self, start: usize, message: impl Into<String>) -> Invalid {
        Invalid {
            message: message.into(),
            span: self.span_from(start),
        }
    }

    fn invalid_here(&self, message: impl Into<String>) -> Invalid {
        let width = self.peek().map_or(0, char::len_utf8);
        Invalid {
            message: message.into(),
            span: Span::new(self.at, self.at + width),
        }
    }

    /// `a|b`, up to a `)` or the end.
    fn alternation(&mut self) -> Result<Node, Invalid> {
        let start = self.at;
        let mut branches = vec![self.concat()?];
        while self.eat("|") {
            branches.push(self.concat()?);
        }
        Ok(match branches.len() {
            1 => branches.remove(0),
            _ => Node::new(self.span_from(start), Kind::Alternation(branches)),
        })
    }

    /// `ab`, up to a `|`, a `)` or the end.
    fn concat(&mut self) -> Result<Node, Invalid> {
        let start = self.at;
        let mut nodes = Vec::new();
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            if self.skip_unsaid(c)? {
                continue;
            }
            if let Some(quoted) = self.quoted() {
                nodes.extend(quoted);
                continue;
            }
            if let Some(node) = self.atom()? {
                let node = self.quantified(node)?;
                nodes.push(node);
            }
        }
        Ok(match nodes.len() {
            0 => Node::new(self.span_from(start), Kind::Empty),
            1 => nodes.remove(0),
            _ => Node::new(self.span_from(start), Kind::Concat(nodes)),
        })
    }

    /// Blanks and comments under `x`, and a stray `\E`.
    fn skip_unsaid(&mut self, c: char) -> Result<bool, Invalid> {
        if self.flags.extended && c.is_ascii_whitespace() {
            self.next();
            return Ok(true);
        }
        if self.flags.extended && c == '#' {
            let length = self.rest().find('\n').unwrap_or(self.rest().len());
            self.at += length;
            return Ok(true);
        }
        let start = self.at;
        if self.eat("(?#") {
            return match self.until(')') {
                Some(_) => Ok(true),
                None => Err(self.invalid(
                    start,
                    "expected `)` to close the comment, found the end of the expression",
                )),
            };
        }
        Ok(self.eat(r"\E"))
    }

    /// `\Q…\E`, all but the last character's quantifier.
    fn quoted(&mut self) -> Option<Vec<Node>> {
        if !self.eat(r"\Q") {
            return None;
        }
        let length = self.rest().find(r"\E").unwrap_or(self.rest().len());
        let end = self.at + length;
        let mut nodes = Vec::new();
        while self.at < end {
            let start = self.at;
            if let Some(c) = self.next() {
                nodes.push(self.literal(c, start));
            }
        }
        self.eat(r"\E");
        if self.at_quantifier()
            && let Some(last) = nodes.pop()
        {
            // `\Qab\E+` repeats the `b`.
            match self.quantified(last.clone()) {
                Ok(node) => nodes.push(node),
                Err(_) => nodes.push(last),
            }
        }
        Some(nodes)
    }

    fn literal(&self, c: char, start: usize) -> Node {
        let fold = self.flags.fold;
        Node::new(self.span_from(start), Kind::Literal { c, fold })
    }

    /// One thing that a quantifier can follow; nothing for `(?i)`.
    fn atom(&mut self) -> Result<Option<Node>, Invalid> {
        let start = self.at;
        let Some(c) = self.next() else {
            return Ok(None);
        };
        let kind = match c {
            '.' => Kind::Dot {
                newline: self.flags.newline,
            },
            '^' => Kind::Start {
                lines: self.flags.lines,
            },
            '$' => Kind::End {
                lines: self.flags.lines,
            },
            '(' => return self.group(start),
            '[' => Kind::Class(self.class(start)?),
            '\\' => self.escape(start)?,
            '*' | '+' | '?' => {
                return Err(self.invalid(
                    start,
                    format!("expected something for `{c}` to repeat, found nothing before it"),
                ));
            }
            '{' if self.braces(start)?.is_some() => {
                return Err(self.invalid(
                    start,
                    "expected something for `{…}` to repeat, found nothing before it",
                ));
            }
            c => return Ok(Some(self.literal(c, start))),
        };
        Ok(Some(Node::new(self.span_from(start), kind)))
    }

    fn class_of(&self, items: Vec<super::ast::ClassItem>) -> Kind {
        Kind::Class(Class {
            negated: false,
            items,
            fold: self.flags.fold,
        })
    }
}
