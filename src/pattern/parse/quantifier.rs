//! Quantifiers: `*`, `+?`, `{2,5}`, `++`.
//!
//! In: a node, the reader after it. Out: the node, repeated where a quantifier follows.

use super::Parser;
use crate::pattern::ast::{Kind, Mode, Node};
use crate::pattern::refusal::Invalid;
use crate::source::Span;

/// PCRE's limit for `{n,m}`.
const MAX_REPEAT: u32 = 65_535;

impl Parser<'_> {
    pub(super) fn at_quantifier(&self) -> bool {
        matches!(self.peek(), Some('*' | '+' | '?' | '{'))
    }

    /// The node with the quantifier that follows it, if one does.
    pub(super) fn quantified(&mut self, node: Node) -> Result<Node, Invalid> {
        if self.flags.extended {
            while let Some(c) = self.peek()
                && self.skip_unsaid(c)?
            {}
        }
        let start = self.at;
        let (min, max) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                self.at += 1;
                let Some(bounds) = self.braces(start)? else {
                    self.at = start;
                    return Ok(node);
                };
                bounds
            }
            _ => return Ok(node),
        };
        if self.at == start {
            self.at += 1;
        }
        if matches!(
            node.kind,
            Kind::Start { .. }
                | Kind::End { .. }
                | Kind::TextEnd
                | Kind::Boundary
                | Kind::NotBoundary
        ) {
            return Err(self.invalid(start, "expected something to repeat, found a place"));
        }
        let mode = match self.peek() {
            Some('?') => Mode::Lazy,
            Some('+') => Mode::Possessive,
            _ => Mode::Greedy,
        };
        if mode != Mode::Greedy {
            self.at += 1;
        }
        let again = self.at;
        if matches!(self.peek(), Some('*' | '+' | '?')) {
            self.at += 1;
            return Err(self.invalid(again, "expected one quantifier, found a second one"));
        }
        Ok(Node::new(
            Span::new(node.span.start as usize, self.at),
            Kind::Repeat {
                node: Box::new(node),
                min,
                max,
                mode,
            },
        ))
    }

    /// The bounds after a `{`, which was taken; nothing where PCRE reads it as a plain character.
    pub(super) fn braces(&mut self, start: usize) -> Result<Option<(u32, Option<u32>)>, Invalid> {
        let back = self.at;
        let Some(inner) = self.until('}') else {
            return Ok(None);
        };
        let (low, high) = inner.split_once(',').unwrap_or((inner, inner));
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !number(low) || !number(high) || (low.is_empty() && high.is_empty()) {
            self.at = back;
            return Ok(None);
        }
        let bound = |text: &str| match text.parse() {
            Ok(bound) if bound <= MAX_REPEAT => Ok(bound),
            _ => Err(self.invalid(
                start,
                format!("expected a number up to {MAX_REPEAT}, found `{text}`"),
            )),
        };
        let min = if low.is_empty() { 0 } else { bound(low)? };
        let max = if high.is_empty() {
            None
        } else {
            Some(bound(high)?)
        };
        if max.is_some_and(|max| max < min) {
            return Err(self.invalid(start, "expected the smaller number first, found it last"));
        }
        Ok(Some((min, max)))
    }
}
