//! Expressions of two versions in one store, where equal parts are one node.
//!
//! In: [`Expr`]s. Out: a [`Literal`] each. `a and (b and a)` and `b and a` are the same literal, as
//! are `not (a or b)` and `not a and not b`: groups are flat, sorted and without repetition, an `or`
//! is a negated `and`, and a list of one value is that value. What no test is left of means nothing,
//! as in [`eval`](crate::eval): it is dropped from its group.

use super::theory::{Shape, Subject};
use crate::lower::{Expr, Operator};
use crate::rule::Value;
use std::collections::HashMap;

/// A node, or its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Literal(u32);

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Node<'r> {
    /// Holds for no event.
    False,
    /// All of these hold: sorted, two at least.
    And(Vec<Literal>),
    /// A test of the event.
    Atom(Subject<'r>, Shape),
}

/// A test as the rule has it, for making events of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'r> {
    /// None for a keyword.
    pub field: Option<&'r str>,
    pub value: &'r Value<'r>,
}

/// Nodes by number.
#[derive(Debug, Default)]
pub(super) struct Store<'r> {
    nodes: Vec<Node<'r>>,
    written: Vec<Option<Written<'r>>>,
    known: HashMap<Node<'r>, u32>,
}

impl Literal {
    pub const fn node(self) -> usize {
        (self.0 >> 1) as usize
    }

    pub const fn is_negated(self) -> bool {
        self.0 & 1 == 1
    }

    /// The literal's place in a table of two rows a node.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The node itself, or its negation.
    pub fn of(node: usize, holds: bool) -> Self {
        let node = u32::try_from(node).unwrap_or(u32::MAX >> 1);
        Self(node << 1 | u32::from(!holds))
    }
}

impl std::ops::Not for Literal {
    type Output = Self;
    fn not(self) -> Self {
        Self(self.0 ^ 1)
    }
}

impl<'r> Store<'r> {
    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn node(&self, node: usize) -> &Node<'r> {
        &self.nodes[node]
    }

    /// The test that an atom was first created for.
    pub fn written(&self, node: usize) -> Option<Written<'r>> {
        self.written[node]
    }

    /// One of several expressions holds.
    pub fn any<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr<'r>>) -> Literal
    where
        'r: 'e,
    {
        let parts = exprs.into_iter().filter_map(|expr| self.expr(expr));
        let parts: Vec<Literal> = parts.map(|part| !part).collect();
        !self.and(parts)
    }

    fn expr(&mut self, expr: &Expr<'r>) -> Option<Literal> {
        match expr {
            Expr::Group(group) => {
                let turned = group.operator == Operator::Or;
                let mut parts = Vec::with_capacity(group.operands.len());
                for operand in &group.operands {
                    let part = self.expr(operand);
                    parts.extend(part.map(|part| if turned { !part } else { part }));
                }
                if parts.is_empty() {
                    return None;
                }
                let all = self.and(parts);
                Some(if turned { !all } else { all })
            }
            Expr::Not(operand) => self.expr(operand).map(|operand| !operand),
            Expr::Test(test) => Some(self.atom(Written {
                field: Some(test.field),
                value: test.value,
            })),
            Expr::Keyword(keyword) => Some(self.atom(Written {
                field: None,
                value: keyword.value,
            })),
        }
    }

    fn atom(&mut self, written: Written<'r>) -> Literal {
        let subject = Subject(written.field);
        if let (Some(_), Value::Exists(false)) = (written.field, written.value) {
            return !self.atom(Written {
                value: &Value::Exists(true),
                ..written
            });
        }
        let node = Node::Atom(subject, Shape::of(subject, written.value));
        Literal::of(self.intern(node, Some(written)), true)
    }

    /// All of the parts hold; nothing holds always.
    fn and(&mut self, parts: Vec<Literal>) -> Literal {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match (part.is_negated(), &self.nodes.get(part.node())) {
                (false, Some(Node::And(inner))) => flat.extend_from_slice(inner),
                (true, Some(Node::False)) => {}
                _ => flat.push(part),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        // A node and its negation are neighbors.
        let absurd = flat.windows(2).any(|pair| pair[0] == !pair[1]);
        match flat.as_slice() {
            [] => !self.never(),
            _ if absurd => self.never(),
            [only] => *only,
            _ => Literal::of(self.intern(Node::And(flat), None), true),
        }
    }

    fn never(&mut self) -> Literal {
        Literal::of(self.intern(Node::False, None), true)
    }

    fn intern(&mut self, node: Node<'r>, written: Option<Written<'r>>) -> usize {
        if let Some(&at) = self.known.get(&node) {
            return at as usize;
        }
        let at = self.nodes.len();
        self.known
            .insert(node.clone(), u32::try_from(at).unwrap_or(u32::MAX));
        self.nodes.push(node);
        self.written.push(written);
        at
    }
}
