//! `a*`, `a{2,3}`, and numbers that are too great for the engine.

use super::{Binding, Writer};
use crate::backend::regex::RegexFeature;
use crate::pattern::ast::{Kind, Mode, Node};
use crate::pattern::refusal::Refusal;
use crate::source::Span;
use std::fmt::Write as _;

/// A repetition is written in so many pieces at most.
const MAX_PIECES: u32 = 64;

impl Writer<'_> {
    /// Writes a repetition, in pieces where a bound is beyond the engine's: `a{1500}` becomes
    /// `a{1000}a{500}`.
    pub(super) fn repeat(
        &mut self,
        node: &Node,
        min: u32,
        max: Option<u32>,
        mode: Mode,
        tail: bool,
        span: Span,
    ) -> Result<(), Refusal> {
        if mode == Mode::Possessive {
            self.need(RegexFeature::Possessive, "a possessive repetition", span)?;
        }
        let limit = self.dialect.max_repeat.unwrap_or(u32::MAX);
        let greatest = max.unwrap_or(min).max(min);
        let inside = nested(node);
        let tail = tail && max == Some(1);
        if greatest <= 1 || u64::from(greatest) * inside <= u64::from(limit) {
            return self.piece(node, min, max, mode, tail);
        }
        let pieces = greatest / limit + 2;
        if inside > 1 || mode == Mode::Possessive || pieces > MAX_PIECES {
            let message = format!("repeats no more than {limit} times");
            return Err(self.refuse(message, span));
        }
        for _ in 0..min / limit {
            self.piece(node, limit, Some(limit), mode, false)?;
        }
        let rest = min % limit;
        let Some(max) = max else {
            return self.piece(node, rest, None, mode, false);
        };
        if rest > 0 {
            self.piece(node, rest, Some(rest), mode, false)?;
        }
        let optional = max - min;
        for _ in 0..optional / limit {
            self.piece(node, 0, Some(limit), mode, false)?;
        }
        let last = optional % limit;
        if last > 0 {
            self.piece(node, 0, Some(last), mode, false)?;
        }
        Ok(())
    }

    fn piece(
        &mut self,
        node: &Node,
        min: u32,
        max: Option<u32>,
        mode: Mode,
        tail: bool,
    ) -> Result<(), Refusal> {
        self.node(node, Binding::Repeat, tail)?;
        match (min, max) {
            (0, None) => self.text.push('*'),
            (1, None) => self.text.push('+'),
            (0, Some(1)) => self.text.push('?'),
            (min, Some(max)) if min == max => {
                let _ = write!(self.text, "{{{min}}}");
            }
            (min, Some(max)) => {
                let _ = write!(self.text, "{{{min},{max}}}");
            }
            (min, None) => {
                let _ = write!(self.text, "{{{min},}}");
            }
        }
        match mode {
            Mode::Lazy if self.dialect.has(RegexFeature::Lazy) => self.text.push('?'),
            Mode::Possessive => self.text.push('+'),
            Mode::Greedy | Mode::Lazy => {}
        }
        Ok(())
    }
}

/// The greatest product of bounds inside a node: RE2's limit holds for nested repetitions together.
fn nested(node: &Node) -> u64 {
    let inner = node.children().map(nested).max().unwrap_or(1);
    match node.kind {
        Kind::Repeat { min, max, .. } => {
            inner.saturating_mul(u64::from(max.unwrap_or(min).max(min).max(1)))
        }
        _ => inner,
    }
}
