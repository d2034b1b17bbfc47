//! Chains of very many operands, nested in groups.
//!
//! `a OR b OR c OR …` is a tree as deep as it is long for SQLite, which reads no tree deeper than
//! 1,000 (<https://sqlite.org/limits.html#max_expr_depth>): `(a OR b) OR (c OR d)` is not.

use super::Refusal;
use super::writer::{Context, Writer};
use crate::backend::language::Strength;
use crate::lower::{Group, Operator};

impl Writer<'_> {
    /// Writes a group of more than `longest` operands, in groups of half of that.
    pub(super) fn long_chain(
        &mut self,
        group: &Group<'_>,
        longest: usize,
        strength: Strength,
        context: Context,
    ) -> Result<(), Refusal> {
        let operator = match group.operator {
            Operator::And => &self.language.and,
            Operator::Or => &self.language.or,
        };
        let start = self.out.len();
        let mut operands = Vec::with_capacity(group.operands.len());
        for operand in &group.operands {
            let before = self.out.len();
            self.operand(group, operand, strength, before, context)?;
            let text = self.out.split_off(before);
            if !text.is_empty() {
                operands.push(text);
            }
        }
        let chain = self.nested(operands, operator, longest);
        self.out.truncate(start);
        self.out.push_str(&chain);
        Ok(())
    }

    /// Operands joined by an operator, in groups where they are more than `longest`.
    pub(super) fn nested(
        &mut self,
        mut operands: Vec<String>,
        operator: &str,
        longest: usize,
    ) -> String {
        if operands.len() <= longest {
            return operands.join(operator);
        }
        let size = (longest / 2).max(2);
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
}
