//! What parentheses say: `(a)`, `(?i)`, `(?=a)`, `(?<name>a)`, `(?R)`, `(*VERB)`.

use super::{MAX_DEPTH, Parser};
use crate::backend::regex::RegexFeature;
use crate::pattern::ast::{GroupKind, Kind, Node};
use crate::pattern::refusal::Invalid;

impl<'p> Parser<'p> {
    /// Reads what follows a `(`. `None` for `(?i)`, which only switches flags.
    pub(super) fn group(&mut self, start: usize) -> Result<Option<Node>, Invalid> {
        if self.rest().starts_with('*') {
            return self.verb(start).map(Some);
        }
        if !self.eat("?") {
            let kind = if self.flags.no_capture {
                GroupKind::Plain
            } else {
                self.groups += 1;
                GroupKind::Capture
            };
            return self.body(start, kind).map(Some);
        }
        let kind = match self.peek() {
            Some(':') => self.taken(1, GroupKind::Plain),
            Some('>') => self.taken(1, GroupKind::Atomic),
            Some('=') => self.taken(1, GroupKind::LookAhead),
            Some('!') => self.taken(1, GroupKind::NotAhead),
            Some('|') => self.taken(1, GroupKind::Pcre("(?|".into())),
            Some('<') if self.rest().starts_with("<=") => self.taken(2, GroupKind::LookBehind),
            Some('<') if self.rest().starts_with("<!") => self.taken(2, GroupKind::NotBehind),
            Some('<') => self.named(start, 1, '>')?,
            Some('\'') => self.named(start, 1, '\'')?,
            Some('P') if self.rest().starts_with("P<") => self.named(start, 2, '>')?,
            Some('P') if self.rest().starts_with("P=") => {
                self.at += 2;
                let name = self.name(start, ')')?;
                return Ok(Some(self.reference_by_name(name, start)));
            }
            Some('(') => return self.conditional(start).map(Some),
            Some('R' | '0'..='9' | '+' | '&' | 'P') => {
                return self.subroutine(start, "a recursion").map(Some);
            }
            Some('-') if self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                return self.subroutine(start, "a recursion").map(Some);
            }
            Some('C') => return self.subroutine(start, "a callout").map(Some),
            None => {
                return Err(self.invalid(
                    start,
                    "expected `)` to close the group, found the end of the expression",
                ));
            }
            Some(_) => return self.flags(start),
        };
        self.body(start, kind).map(Some)
    }

    fn taken(&mut self, width: usize, kind: GroupKind) -> GroupKind {
        self.at += width;
        kind
    }

    /// What is in the group, and its `)`. Flags switched inside end with it.
    fn body(&mut self, start: usize, kind: GroupKind) -> Result<Node, Invalid> {
        let outer = self.flags;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("expected groups at most {MAX_DEPTH} deep, found a deeper one");
            return Err(self.invalid(start, message));
        }
        let node = Box::new(self.alternation()?);
        self.depth -= 1;
        self.flags = outer;
        if !self.eat(")") {
            return Err(Invalid {
                message: "expected `)` to close this group, found the end of the expression".into(),
                span: crate::source::Span::new(start, start + 1),
            });
        }
        let span = self.span_from(start);
        Ok(Node::new(span, Kind::Group { kind, node }))
    }

    /// `(?<name>`
    fn named(&mut self, start: usize, width: usize, end: char) -> Result<GroupKind, Invalid> {
        self.at += width;
        let name = self.name(start, end)?;
        if self.number_of(name).is_some() {
            return Err(self.invalid(start, format!("expected a new name, found `{name}` again")));
        }
        self.groups += 1;
        self.names.push((name, self.groups));
        Ok(GroupKind::Capture)
    }

    /// A group's name, up to `end`, which is taken.
    pub(super) fn name(&mut self, start: usize, end: char) -> Result<&'p str, Invalid> {
        let name = self.until(end).unwrap_or_default();
        let word = |c: char| c == '_' || c.is_alphanumeric();
        if name.is_empty() || name.starts_with(|c: char| c.is_numeric()) || !name.chars().all(word)
        {
            let message = format!("expected a group's name and `{end}`, found `{name}`");
            return Err(self.invalid(start, message));
        }
        Ok(name)
    }

    /// `(?i)`, `(?s-m)`, `(?i:…)`, `(?^)`
    fn flags(&mut self, start: usize) -> Result<Option<Node>, Invalid> {
        let outer = self.flags;
        let mut on = true;
        if self.eat("^") {
            self.flags = super::Flags::default();
        }
        loop {
            let at = self.at;
            match self.next() {
                Some('i') => self.flags.fold = on,
                Some('m') => self.flags.lines = on,
                Some('s') => self.flags.newline = on,
                Some('x') => self.flags.extended = on,
                Some('n') => self.flags.no_capture = on,
                // Greed and duplicate names do not change which values match; Java's Unix lines
                // and Unicode case hold anyway.
                Some('U' | 'J' | 'd' | 'u') => {}
                Some('-') if on => on = false,
                Some(')') => return Ok(None),
                Some(':') => {
                    let inner = self.flags;
                    self.flags = outer;
                    return self.scoped(start, inner).map(Some);
                }
                Some(c) => {
                    let message = format!("expected a flag of i, m, s, x, found `{c}`");
                    return Err(self.invalid(at, message));
                }
                None => {
                    return Err(self.invalid(
                        start,
                        "expected `)` to close the group, found the end of the expression",
                    ));
                }
            }
        }
    }

    fn scoped(&mut self, start: usize, inner: super::Flags) -> Result<Node, Invalid> {
        let outer = std::mem::replace(&mut self.flags, inner);
        let node = self.body(start, GroupKind::Plain);
        self.flags = outer;
        node
    }

    /// `(?(1)a|b)`
    fn conditional(&mut self, start: usize) -> Result<Node, Invalid> {
        let Some(condition) = self.until(')') else {
            return Err(self.invalid(
                start,
                "expected `)` to close the condition, found the end of the expression",
            ));
        };
        self.body(start, GroupKind::Pcre(format!("(?{condition})")))
    }

    /// `(?R)`, `(?1)`, `(?&name)`, `(?C1)`: taken as it is.
    fn subroutine(&mut self, start: usize, name: &'static str) -> Result<Node, Invalid> {
        self.verbatim(start, name)
    }

    /// `(*FAIL)`: taken as it is.
    fn verb(&mut self, start: usize) -> Result<Node, Invalid> {
        if !self.rest()[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == ':') {
            self.at += 1;
            return Err(self.invalid(
                start + 1,
                "expected something for `*` to repeat, found the beginning of a group",
            ));
        }
        self.verbatim(start, "a backtracking verb")
    }

    fn verbatim(&mut self, start: usize, name: &'static str) -> Result<Node, Invalid> {
        if self.until(')').is_none() {
            return Err(self.invalid(
                start,
                "expected `)` to close the group, found the end of the expression",
            ));
        }
        let kind = Kind::Verbatim {
            text: self.text[start..self.at].to_owned(),
            feature: RegexFeature::Pcre,
            name,
        };
        Ok(Node::new(self.span_from(start), kind))
    }
}
