//! `not`: before a whole expression, or moved down to the tests.
//!
//! An engine with three truth values makes nothing of `NOT` over nothing: what may be unknown is
//! negated by a template that takes it for false, what is always true or false by a plain one.

use super::writer::{Context, Writer, Written, is_expansion, leaf_of};
use super::{Refusal, chain};
use crate::backend::language::{Grouping, Kind, Language, Strength};
use crate::backend::template::Slot;
use crate::lower::{Expr, Group, Operator};

impl Writer<'_> {
    pub(super) fn not(&mut self, operand: &Expr<'_>, context: Context) -> Result<Written, Refusal> {
        let below = Context {
            negated: !context.negated,
            under_or: context.under_or,
            directly_negated: true,
        };
        if self.language.negated_test.is_some() {
            return self.pushed_not(operand, below);
        }
        if let Expr::Test(test) = operand.peeled()
            && self.say_negated(leaf_of(test), below)
        {
            return Ok(Some(Strength::Atom));
        }
        let start = self.out.len();
        let Some(inner) = self.expr(operand, below)? else {
            return Ok(None);
        };
        let language = self.language;
        let template = match &language.not_two_valued {
            Some(plain) if is_two_valued(operand, language) => plain,
            _ => &language.not,
        };
        let is_not = language.bare_expansions && matches!(operand.peeled(), Expr::Not(_));
        let bare = language.grouping == Grouping::Explicit
            || inner == Strength::Atom && !is_not
            || template.encloses()
            || language.bare_expansions && is_expansion(operand);
        if !bare {
            self.wrap(start);
        } else if !template.encloses() {
            self.note_torn(operand, start, Strength::Not);
        }
        self.around(start, template);
        self.depth += chain::NOT;
        self.clauses += 1;
        Ok(Some(Strength::Not))
    }

    /// Moves a `not` down to the tests, which know how a missing field is negated.
    fn pushed_not(&mut self, operand: &Expr<'_>, context: Context) -> Result<Written, Refusal> {
        match operand.peeled() {
            Expr::Not(inner) => self.expr(
                inner,
                Context {
                    negated: !context.negated,
                    directly_negated: false,
                    ..context
                },
            ),
            Expr::Group(group) if self.asks_one_field(group) => {
                let start = self.out.len();
                let Some(inner) = self.expr(operand, context)? else {
                    return Ok(None);
                };
                Ok(Some(self.negated_test(start, inner, first_field(group))))
            }
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
                self.write_chain(
                    operator,
                    &group.operands,
                    start,
                    |writer, operand, start| {
                        writer.negated_operand(operator, operand, strength, start, context)
                    },
                )?;
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

    /// Writes the negation of an operand behind those that stand there since `start`.
    fn negated_operand(
        &mut self,
        operator: Operator,
        operand: &Expr<'_>,
        strength: Strength,
        start: usize,
        context: Context,
    ) -> Result<(), Refusal> {
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
            Some(inner) if self.needs_parentheses(strength, inner) => self.wrap(operand_start),
            Some(_) => {}
        }
        Ok(())
    }

    fn negated_leaf(&mut self, leaf: &Expr<'_>, context: Context) -> Result<Written, Refusal> {
        if let Expr::Test(test) = leaf
            && self.say_negated(leaf_of(test), context)
        {
            return Ok(Some(Strength::Not));
        }
        let start = self.out.len();
        let Some(inner) = self.expr(leaf, context)? else {
            return Ok(None);
        };
        let field = match leaf {
            Expr::Test(test) if !is_two_valued(leaf, self.language) => Some(test.field),
            _ => None,
        };
        Ok(Some(self.negated_test(start, inner, field)))
    }

    /// Do all operands test one field, as that whose being there must be asked for?
    fn asks_one_field(&self, group: &Group<'_>) -> bool {
        let field = first_field(group);
        field.is_some()
            && group.operands.len() > 1
            && group.operands.iter().all(|operand| match operand.peeled() {
                Expr::Test(test) => {
                    Some(test.field) == field
                        && !is_two_valued(operand.peeled(), self.language)
                        && self.negated_wording(leaf_of(test)).is_none()
                }
                _ => false,
            })
    }

    /// Negates what was written since `start`, by the template for tests of a field where there is
    /// one that may be missing.
    fn negated_test(&mut self, start: usize, inner: Strength, field: Option<&str>) -> Strength {
        if inner != Strength::Atom {
            self.wrap(start);
        }
        self.depth += chain::NOT + 1;
        let (Some(template), Some(field)) = (&self.language.negated_test, field) else {
            self.around(start, &self.language.not);
            return Strength::Not;
        };
        let text = self.out.split_off(start);
        let mut out = std::mem::take(&mut self.out);
        let written: Result<(), std::convert::Infallible> =
            template.write(&mut out, |slot, out| {
                match slot {
                    Slot::Field => self.place(field, out),
                    Slot::Test => out.push_str(&text),
                    _ => {}
                }
                Ok(())
            });
        let Ok(()) = written;
        self.out = out;
        if template.encloses() {
            Strength::Atom
        } else {
            Strength::Or
        }
    }
}

/// The field that a group's first operand tests.
fn first_field<'g>(group: &'g Group<'_>) -> Option<&'g str> {
    match group.operands.first()?.peeled() {
        Expr::Test(test) => Some(test.field),
        _ => None,
    }
}

/// Is it true or false whatever is missing?
fn is_two_valued(expr: &Expr<'_>, language: &Language) -> bool {
    match expr {
        Expr::Group(group) => group
            .operands
            .iter()
            .all(|operand| is_two_valued(operand, language)),
        // `not` makes it so.
        Expr::Not(_) => true,
        Expr::Test(test) => language.two_valued.contains(&super::kind::kind(test.value)),
        Expr::Keyword(_) => language.two_valued.contains(&Kind::Keyword),
    }
}
