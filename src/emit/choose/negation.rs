//! `not`: before a whole expression, or moved down to the tests.
//!
//! An engine with three truth values makes nothing of `NOT` over nothing: what may be unknown is
//! negated by a template that takes it for false, what is always true or false by a plain one.

use super::{Chooser, kind};
use crate::backend::language::{Kind, Strength};
use crate::backend::template::Template;
use crate::emit::conventions::{Context, Leaf};
use crate::emit::tree::{Form, Mode, Node, Not};
use crate::lower::{Expr, Group, Operator, Test};

impl<'e> Chooser<'e, '_> {
    pub(super) fn not(&mut self, operand: &'e Expr<'e>, context: Context) -> Form<'e> {
        let below = Context {
            negated: !context.negated,
            under_or: context.under_or,
            directly_negated: true,
        };
        let language = self.language;
        if language.negated_test.is_some() {
            return self.pushed_not(operand, below);
        }
        let node = self.expr(operand, below);
        if node.form.is_nothing() {
            return Form::Nothing;
        }
        let template = match &language.not_two_valued {
            Some(plain) if self.is_two_valued(operand) => plain,
            _ => &language.not,
        };
        let by_conventions = self.conventions.parenthesizes_negated(language, operand);
        let parentheses = Some(false).filter(|_| template.encloses());
        Form::Not(Not {
            operand: Box::new(node),
            template,
            field: None,
            parentheses: parentheses.or(by_conventions),
            depth: 1,
            clauses: 1,
        })
    }

    /// Moves a `not` down to the tests, which know how a missing field is negated.
    fn pushed_not(&mut self, operand: &'e Expr<'e>, context: Context) -> Form<'e> {
        let expr = operand.peeled();
        match expr {
            Expr::Not(inner) => {
                let below = Context {
                    negated: !context.negated,
                    directly_negated: false,
                    ..context
                };
                self.expr(inner, below).form
            }
            Expr::Group(group) if self.asks_one_field(group) => {
                let node = self.expr(operand, context);
                self.negated_test(node, first_field(group))
            }
            Expr::Group(group) => {
                let operator = match group.operator {
                    Operator::And => Operator::Or,
                    Operator::Or => Operator::And,
                };
                let operands = group.operands.iter().map(|expr| Node {
                    expr,
                    form: self.pushed_not(expr, context),
                });
                let operands = operands.collect();
                self.joined(group, operator, operands)
            }
            Expr::Test(test) => {
                let node = self.expr(expr, context);
                let field = Some(test.field).filter(|_| !self.is_two_valued(expr));
                self.negated_test(node, field)
            }
            Expr::Keyword(_) => {
                let node = self.expr(expr, context);
                self.negated_test(node, None)
            }
        }
    }

    /// Do all operands test one field, as that whose being there must be asked for?
    fn asks_one_field(&self, group: &Group<'_>) -> bool {
        let field = first_field(group);
        field.is_some()
            && group.operands.len() > 1
            && group.operands.iter().all(|operand| match operand.peeled() {
                Expr::Test(test) => {
                    Some(test.field) == field
                        && !self.is_two_valued(operand.peeled())
                        && !self.has_negated_words(test)
                }
                _ => false,
            })
    }

    /// Has the wording of a test words of its own for the `not` above it?
    fn has_negated_words(&self, test: &Test<'_>) -> bool {
        let language = self.language;
        let mut wordings = kind(test.value)
            .and_general()
            .flat_map(|kind| &language.tests[kind as usize]);
        let wording = wordings.find(|wording| self.serves(wording, Leaf::from(test), Mode::Best));
        wording.is_some_and(|wording| wording.negated.is_some())
    }

    /// Negates a test, by the template for tests of a field where there is one that may be missing.
    fn negated_test(&mut self, mut node: Node<'e>, field: Option<&str>) -> Form<'e> {
        if let Form::Test(choice) = &mut node.form {
            choice.bind_negated(Strength::Not);
        }
        let (template, field): (&'e Template, _) = match (&self.language.negated_test, field) {
            (Some(template), Some(field)) => (template, Some(self.field_text(field))),
            _ => (&self.language.not, None),
        };
        if node.form.is_nothing() {
            return Form::Nothing;
        }
        Form::Not(Not {
            operand: Box::new(node),
            template,
            field,
            parentheses: None,
            depth: 2,
            clauses: 0,
        })
    }

    /// Is it true or false whatever is missing?
    fn is_two_valued(&self, expr: &Expr<'_>) -> bool {
        let two_valued = &self.language.two_valued;
        match expr {
            Expr::Group(group) => group
                .operands
                .iter()
                .all(|operand| self.is_two_valued(operand)),
            // `not` makes it so.
            Expr::Not(_) => true,
            // A list that is missing has no element, and no test of one.
            Expr::Test(test) => {
                two_valued.contains(&kind(test.value))
                    && matches!(self.list_of(Leaf::from(test)), Ok(None))
            }
            Expr::Keyword(_) => two_valued.contains(&Kind::Keyword),
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
