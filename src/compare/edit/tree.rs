//! Expressions as a reviewer sees them: lists of values by field, groups, negations.
//!
//! In: an [`Expr`]. Out: a [`Tree`] without the groups that are there for layout. Every part has a
//! key; parts that say the same have the same, in whatever order.

use crate::compare::theory::{Shape, Subject};
use crate::lower::{Expr, Operator, Origin};
use crate::rule::Value;
use crate::source::Span;

/// A part of an expression.
#[derive(Debug, Clone)]
pub(super) struct Tree<'r> {
    pub kind: Kind<'r>,
    /// Equal for parts that say the same.
    pub key: String,
    /// What tests are in it, by their keys, sorted.
    pub tests: Vec<String>,
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
#[derive(Debug, Clone)]
pub(super) struct Entry<'r> {
    pub value: &'r Value<'r>,
    /// Equal for values that take the same.
    pub key: String,
    pub span: Span,
}

impl<'r> Tree<'r> {
    /// One of several expressions, or the only one.
    pub fn any<'e>(exprs: impl Iterator<Item = &'e Expr<'r>>) -> Self
    where
        'r: 'e,
    {
        Self::group(Operator::Or, false, exprs.map(Self::new).collect())
    }

    fn new(expr: &Expr<'r>) -> Self {
        match expr {
            Expr::Group(group) => {
                let parts = group.operands.iter().map(Self::new).collect();
                let values = matches!(group.origin, Origin::Values | Origin::Expansion);
                Self::group(group.operator, values, parts)
            }
            Expr::Not(operand) => match Self::new(operand).kind {
                Kind::Nothing => Self::of(Kind::Nothing),
                Kind::Not(inner) => *inner,
                // `not (a or b)` is two filters.
                Kind::Group(Operator::Or, parts) => {
                    let not = |part| Self::of(Kind::Not(Box::new(part)));
                    Self::group(Operator::And, false, parts.into_iter().map(not).collect())
                }
                kind => Self::of(Kind::Not(Box::new(Self::of(kind)))),
            },
            Expr::Test(test) => Self::test(Some(test.field), test.value, test.span),
            Expr::Keyword(keyword) => Self::test(None, keyword.value, keyword.span),
        }
    }

    fn test(field: Option<&'r str>, value: &'r Value<'r>, span: Span) -> Self {
        // `exists: false` has the shape of `exists: true`, whose negation it is.
        let shape = Shape::of(Subject(field), value);
        let not = if *value == Value::Exists(false) {
            "not "
        } else {
            ""
        };
        let key = format!("{not}{shape:?}");
        Self::of(Kind::List(List {
            field,
            operator: Operator::Or,
            entries: vec![Entry { value, key, span }],
        }))
    }

    fn group(operator: Operator, values: bool, parts: Vec<Self>) -> Self {
        let mut flat: Vec<Self> = Vec::with_capacity(parts.len());
        for part in parts {
            match part.kind {
                Kind::Nothing => {}
                Kind::Group(inner, parts) if inner == operator => flat.extend(parts),
                _ => flat.push(part),
            }
        }
        match flat.len() {
            0 => Self::of(Kind::Nothing),
            1 => flat.remove(0),
            _ => {
                let list = values.then(|| List::of(operator, &flat)).flatten();
                Self::of(list.map_or(Kind::Group(operator, flat), Kind::List))
            }
        }
    }

    fn of(kind: Kind<'r>) -> Self {
        let (key, tests) = match &kind {
            Kind::List(list) => {
                let mut keys: Vec<&str> = list.entries.iter().map(|e| e.key.as_str()).collect();
                keys.sort_unstable();
                keys.dedup();
                let operator = if keys.len() > 1 {
                    Some(list.operator)
                } else {
                    None
                };
                let key = format!("{:?} {operator:?} {keys:?}", list.field);
                let test = |key: &&str| format!("{:?} {key}", list.field);
                (key, keys.iter().map(test).collect())
            }
            Kind::Group(operator, parts) => {
                let mut keys: Vec<&str> = parts.iter().map(|part| part.key.as_str()).collect();
                keys.sort_unstable();
                keys.dedup();
                let mut tests: Vec<String> = parts
                    .iter()
                    .flat_map(|part| part.tests.iter().cloned())
                    .collect();
                tests.sort_unstable();
                tests.dedup();
                (format!("{operator:?} {keys:?}"), tests)
            }
            Kind::Not(inner) => (format!("not {}", inner.key), inner.tests.clone()),
            Kind::Nothing => (String::new(), Vec::new()),
        };
        Self { kind, key, tests }
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
            entries.extend(list.entries.iter().cloned());
        }
        Some(Self {
            field: field?,
            operator,
            entries,
        })
    }
}
