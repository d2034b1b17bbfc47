//! Negation in languages where a test of a missing field is neither true nor false.
//!
//! In: what stands below a `not`. Out: the same moved down to the tests, each of which is negated
//! in the language's own way: `not (A: x and B: y)` becomes `(A is missing or A is not x) or …`.

use super::Refusal;
use super::writer::{Context, Writer, Written};
use crate::backend::language::{Kind, Strength};
use crate::backend::template::Slot;
use crate::lower::{Expr, Group, Operator};

impl Writer<'_> {
    /// Moves a `not` down to the tests, which know how a missing field is negated.
    pub(super) fn pushed_not(
        &mut self,
        operand: &Expr<'_>,
        context: Context,
    ) -> Result<Written, Refusal> {
        match operand.peeled() {
            Expr::Not(inner) => self.expr(
                inner,
                Context {
                    negated: !context.negated,
                    directly_negated: false,
                    ..context
                },
            ),
            Expr::Group(group) => {
                let operator = match group.operator {
                    Operator::And => Operator::Or,
                    Operator::Or => Operator::And,
                };
                let strength = match operator {
                    Operator::And => Strength::And,
                    Operator::Or => Strength::Or,
                };
                let turned = Group {
                    operator,
                    origin: group.origin,
                    operands: Vec::new(),
                };
                let start = self.out.len();
                for operand in &group.operands {
                    let end = self.out.len();
                    if end > start {
                        self.out.push_str(match operator {
                            Operator::And => &self.language.and,
                            Operator::Or => &self.language.or,
                        });
                    }
                    let operand_start = self.out.len();
                    match self.pushed_not(operand, context)? {
                        None => self.out.truncate(end),
                        Some(inner) if self.needs_parentheses(strength, inner) => {
                            self.wrap(operand_start);
                        }
                        Some(_) => {}
                    }
                }
                if self.out.len() == start {
                    return Ok(None);
                }
                if self.wraps(&turned) {
                    self.wrap(start);
                    return Ok(Some(Strength::Atom));
                }
                Ok(Some(strength))
            }
            leaf => self.negated_leaf(leaf, context),
        }
    }

    fn negated_leaf(&mut self, leaf: &Expr<'_>, context: Context) -> Result<Written, Refusal> {
        let start = self.out.len();
        let Some(inner) = self.expr(leaf, context)? else {
            return Ok(None);
        };
        if inner != Strength::Atom {
            self.wrap(start);
        }
        let two_valued = match leaf {
            Expr::Test(test) => {
                let kind = super::saying::kind(test.value);
                self.language.two_valued.contains(&kind)
            }
            _ => self.language.two_valued.contains(&Kind::Keyword),
        };
        match (&self.language.negated_test, leaf) {
            (Some(template), Expr::Test(test)) if !two_valued => {
                let text = self.out.split_off(start);
                let field = test.field;
                let language = self.language;
                let mut out = std::mem::take(&mut self.out);
                let written: Result<(), std::convert::Infallible> =
                    template.write(&mut out, |slot, out| {
                        match slot {
                            Slot::Field => {
                                language.field.write(field, out);
                            }
                            Slot::Test => out.push_str(&text),
                            _ => {}
                        }
                        Ok(())
                    });
                let Ok(()) = written;
                self.out = out;
                Ok(Some(Strength::Atom))
            }
            _ => {
                let template = &self.language.not;
                self.around(start, template);
                Ok(Some(Strength::Not))
            }
        }
    }
}
