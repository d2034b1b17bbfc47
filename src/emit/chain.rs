//! Chains of operands, nested in groups where they are very long, and how deep that makes a text.
//!
//! `a OR b OR c OR …` is a tree as deep as it is long for SQLite, which reads no tree deeper than
//! 1,000 (<https://sqlite.org/limits.html#max_expr_depth>), and for Elasticsearch's ES|QL:
//! `(a OR b) OR (c OR d)` is not.

use super::Refusal;
use super::writer::Writer;
use crate::lower::{Expr, Operator};

/// How deep a test is at most: functions inside functions, and what stands between the rules of a
/// grammar.
pub(super) const TEST: usize = 12;
/// How much deeper parentheses make what they are around.
pub(super) const PARENTHESES: usize = 2;
/// How much deeper a `not` makes what follows it.
pub(super) const NOT: usize = 1;

/// Chains that are tried in turn where a text is too deep: the longest first, as it reads best.
pub(super) const SHORTER: [usize; 2] = [16, 8];

impl Writer<'_> {
    /// Writes operands behind what stands there since `start`; `write` puts the operator in front of
    /// one that is not the first since the place that it is given. Gives how many were written; none
    /// of a chain that is nested, which has its parentheses.
    pub(super) fn write_chain(
        &mut self,
        operator: Operator,
        operands: &[Expr<'_>],
        start: usize,
        mut write: impl FnMut(&mut Self, &Expr<'_>, usize) -> Result<(), Refusal>,
    ) -> Result<usize, Refusal> {
        let is_long = operands.len() > self.longest_chain;
        let (mut count, mut deepest, mut texts) = (0, 0, Vec::new());
        for operand in operands {
            let before = self.out.len();
            write(self, operand, if is_long { before } else { start })?;
            if self.out.len() == before {
                continue;
            }
            count += 1;
            deepest = deepest.max(self.depth);
            if is_long {
                texts.push(self.out.split_off(before));
            }
        }
        self.depth = deepest + self.chain_depth(count);
        if is_long {
            let depth = self.depth;
            let operator = match operator {
                Operator::And => &self.language.and,
                Operator::Or => &self.language.or,
            };
            let chain = self.nested(texts, operator);
            self.out.truncate(start);
            self.out.push_str(&chain);
            self.depth = depth;
            return Ok(0);
        }
        Ok(count)
    }

    /// Operands joined by an operator, in groups of half the longest chain where they are more.
    pub(super) fn nested(&mut self, mut operands: Vec<String>, operator: &str) -> String {
        if operands.len() <= self.longest_chain {
            return operands.join(operator);
        }
        let size = self.chunk();
        while operands.len() > size {
            let groups = operands.chunks(size).map(|chunk| {
                let before = self.out.len();
                self.out.push_str(&chunk.join(operator));
                self.wrap(before);
                self.out.split_off(before)
            });
            operands = groups.collect();
        }
        operands.join(operator)
    }

    fn chunk(&self) -> usize {
        (self.longest_chain / 2).max(2)
    }

    /// How much deeper a chain of so many operands is than the deepest of them.
    pub(super) fn chain_depth(&self, mut operands: usize) -> usize {
        let mut depth = 0;
        if operands > self.longest_chain {
            let size = self.chunk();
            while operands > size {
                depth += size - 1 + PARENTHESES;
                operands = operands.div_ceil(size);
            }
        }
        depth + operands.saturating_sub(1)
    }
}
