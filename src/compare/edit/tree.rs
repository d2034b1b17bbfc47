//! Expressions as a reviewer sees them: lists of values by field, groups, negations.
//!
//! In: an [`Expr`]. Out: a [`Tree`] without the groups that are there for layout. Every part has a
//! key; parts that say the same have the same, in whatever order. Keys are numbers that [`Keys`]
//! gives: a text of a part would hold those of all parts below it.

use crate::compare::theory::{Shape, Subject};
use crate::lower::{Expr, Operator, Origin};
use crate::rule::Value;
use crate::source::Span;
use std::collections::HashMap;

/// What says the same in two trees, by number.
pub(super) type Key = u32;

/// Gives keys: what has the same content has the same number.
#[derive(Debug, Default)]
pub(super) struct Keys {
    known: HashMap<Content, Key>,
}

/// What a key stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Content {
    Nothing,
    /// A value, in its shape.
    Value(String),
    /// A value of a field.
    Test(Option<String>, Key),
    /// Values of a field; no operator where there is one.
    List(Option<String>, Option<Operator>, Vec<Key>),
    Group(Operator, Vec<Key>),
    Not(Key),
}

impl Keys {
    fn of(&mut self, content: Content) -> Key {
        let next = Key::try_from(self.known.len()).unwrap_or(Key::MAX);
        *self.known.entry(content).or_insert(next)
    }
}

/// A part of an expression.
#[derive(Debug, Clone)]
pub(super) struct Tree<'r> {
    pub kind: Kind<'r>,
    /// Equal for parts that say the same.
    pub key: Key,
    /// What tests are in it, by their keys, sorted.
    pub tests: Vec<Key>,
}

/// What a part is.
#[derive(Debug, Clone)]
pub(super) enum Kind<'r> {
    /// Values of one field, or keywords.
    List(List<'r>),
    Group(Operator, Vec<Tree<'r>>),
    Not(Box<Tree<'r>>),
    /// No test at all.
    Nothing,
}

/// Values that a field is tested for, in the rule's order.
#[derive(Debug, Clone)]
pub(super) struct List<'r> {
    pub field: Option<&'r str>,
    pub operator: Operator,
    pub entries: Vec<Entry<'r>>,
}

/// A value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'r> {
    pub value: &'r Value<'r>,
    /// Equal for values that take the same.
    pub key: Key,
    pub span: Span,
}

impl<'r> Tree<'r> {
    /// One of several expressions, or the only one.
    pub fn any<'e>(exprs: impl Iterator<Item = &'e Expr<'r>>, keys: &mut Keys) -> Self
    where
        'r: 'e,
    {
        let parts = exprs.map(|expr| Self::new(expr, keys)).collect();
        Self::group(Operator::Or, false, parts, keys)
    }

    fn new(expr: &Expr<'r>, keys: &mut Keys) -> Self {
        match expr {
            Expr::Group(group) => {
                let operands = group.operands.iter();
                let parts = operands.map(|operand| Self::new(operand, keys)).collect();
                let values = matches!(group.origin, Origin::Values | Origin::Expansion);
                Self::group(group.operator, values, parts, keys)
            }
            Expr::Not(operand) => match Self::new(operand, keys).kind {
                Kind::Nothing => Self::of(Kind::Nothing, keys),
                Kind::Not(inner) => *inner,
                // `not (a or b)` is two filters.
                Kind::Group(Operator::Or, parts) => {
                    let parts = parts.into_iter();
                    let parts = parts.map(|part| Self::of(Kind::Not(Box::new(part)), keys));
                    let parts = parts.collect();
                    Self::group(Operator::And, false, parts, keys)
                }
                kind => {
                    let inner = Self::of(kind, keys);
                    Self::of(Kind::Not(Box::new(inner)), keys)
                }
            },
            Expr::Test(test) => Self::test(Some(test.field), test.value, test.span, keys),
            Expr::Keyword(keyword) => Self::test(None, keyword.value, keyword.span, keys),
        }
    }

    fn test(field: Option<&'r str>, value: &'r Value<'r>, span: Span, keys: &mut Keys) -> Self {
        // `exists: false` has the shape of `exists: true`, whose negation it is.
        let shape = Shape::of(Subject(field), value);
        let not = if *value == Value::Exists(false) {
            "not "
        } else {
            ""
        };
        let key = keys.of(Content::Value(format!("{not}{shape:?}")));
        let list = List {
            field,
            operator: Operator::Or,
            entries: vec![Entry { value, key, span }],
        };
        Self::of(Kind::List(list), keys)
    }

    fn group(operator: Operator, values: bool, parts: Vec<Self>, keys: &mut Keys) -> Self {
        let mut flat: Vec<Self> = Vec::with_capacity(parts.len());
        for part in parts {
            match part.kind {
                Kind::Nothing => {}
                Kind::Group(inner, parts) if inner == operator => flat.extend(parts),
                _ => flat.push(part),
            }
        }
        match flat.len() {
            0 => Self::of(Kind::Nothing, keys),
            1 => flat.remove(0),
            _ => {
                let list = values.then(|| List::of(operator, &flat)).flatten();
                Self::of(list.map_or(Kind::Group(operator, flat), Kind::List), keys)
            }
        }
    }

    fn of(kind: Kind<'r>, keys: &mut Keys) -> Self {
        let sorted = |mut keys: Vec<Key>| {
            keys.sort_unstable();
            keys.dedup();
            keys
        };
        let (content, tests) = match &kind {
            Kind::List(list) => {
                let values = sorted(list.entries.iter().map(|entry| entry.key).collect());
                let operator = (values.len() > 1).then_some(list.operator);
                let field = list.field.map(str::to_owned);
                let test = |value: &Key| keys.of(Content::Test(field.clone(), *value));
                let tests = values.iter().map(test).collect();
                (Content::List(field, operator, values), tests)
            }
            Kind::Group(operator, parts) => {
                let inner = sorted(parts.iter().map(|part| part.key).collect());
                let tests = parts.iter().flat_map(|part| part.tests.iter().copied());
                (Content::Group(*operator, inner), tests.collect())
            }
            Kind::Not(inner) => (Content::Not(inner.key), inner.tests.clone()),
            Kind::Nothing => (Content::Nothing, Vec::new()),
        };
        let key = keys.of(content);
        Self {
            kind,
            key,
            tests: sorted(tests),
        }
    }

    /// The place that holds all its values.
    pub fn span(&self) -> Option<Span> {
        match &self.kind {
            Kind::List(list) => list.span(),
            Kind::Group(_, parts) => parts.iter().filter_map(Self::span).reduce(Span::to),
            Kind::Not(inner) => inner.span(),
            Kind::Nothing => None,
        }
    }
}

impl<'r> List<'r> {
    /// The place that holds all values.
    pub fn span(&self) -> Option<Span> {
        self.entries.iter().map(|entry| entry.span).reduce(Span::to)
    }

    /// Parts as one list, if they are values of one field.
    fn of(operator: Operator, parts: &[Tree<'r>]) -> Option<Self> {
        let mut field = None;
        let mut entries = Vec::with_capacity(parts.len());
        for part in parts {
            let Kind::List(list) = &part.kind else {
                return None;
            };
            let joined = list.entries.len() == 1 || list.operator == operator;
            if !joined || *field.get_or_insert(list.field) != list.field {
                return None;
            }
            entries.extend(list.entries.iter().copied());
        }
        Some(Self {
            field: field?,
            operator,
            entries,
        })
    }
}
