//! The words of each test of a condition, in one language.
//!
//! In: an expression. Out: a [`Node`] for each of its parts. A test takes the first wording of the
//! backend file that serves; where the query may be split, also the first that is exact. A `not` goes
//! down to the tests where the language wants that.

mod absent;
mod elements;
mod folding;
mod keywords;
mod kind;
mod list;
mod negation;
mod network;
mod number;
mod phrase;
pub(crate) mod regex;
mod serves;
mod slots;

pub(crate) use kind::{keyword_kind, kind};
pub use phrase::unfilled;

use super::Settings;
use super::conventions::{Context, Conventions, Leaf, Place};
use super::layout;
use super::tree::{Choice, Form, Group, Node, Phrase, Single, Text};
use crate::backend::language::{Grouping, Language, Strength};
use crate::backend::when::ColumnType;
use crate::lower::{self, Expr, Operator, Origin};
use std::cell::Cell;
use std::collections::BTreeSet;

/// Chooses words in one language.
pub(super) struct Chooser<'e, 'c> {
    pub language: &'e Language,
    pub settings: &'e Settings,
    /// The types of columns.
    pub types: &'e [ColumnType],
    /// The words at hand are made for the type of their field's column.
    knows_type: bool,
    pub conventions: &'c mut dyn Conventions,
    /// Exact words are asked for beside the best ones.
    pub seeks_exact: bool,
    /// The words at hand are about an element of their field's list.
    at_element: Cell<bool>,
    /// The texts of all phrases.
    texts: String,
    /// Fields that the rule expects to be missing, where the engine has to be told.
    optional: BTreeSet<String>,
}

/// Bytes that the texts of most queries fit into.
const USUAL: usize = 512;

impl<'e, 'c> Chooser<'e, 'c> {
    pub fn new(
        language: &'e Language,
        (settings, types): (&'e Settings, &'e [ColumnType]),
        conventions: &'c mut dyn Conventions,
        expr: &Expr<'_>,
    ) -> Self {
        let optional = if language.field.optional.is_empty() {
            BTreeSet::new()
        } else {
            absent::expected(expr)
        };
        Self {
            language,
            settings,
            types,
            knows_type: false,
            at_element: Cell::new(false),
            conventions,
            seeks_exact: false,
            texts: String::with_capacity(USUAL),
            optional,
        }
    }

    /// The same for the language of a filter.
    pub fn for_filter(&mut self, language: &'e Language) -> Chooser<'e, '_> {
        Chooser {
            language,
            settings: self.settings,
            types: self.types,
            knows_type: false,
            at_element: Cell::new(false),
            conventions: self.conventions,
            seeks_exact: true,
            texts: String::with_capacity(USUAL),
            optional: self.optional.clone(),
        }
    }

    pub fn into_texts(self) -> String {
        self.texts
    }

    pub fn expr(&mut self, expr: &'e Expr<'e>, context: Context) -> Node<'e> {
        let form = match expr {
            Expr::Group(group) => self.group(group, context),
            Expr::Not(operand) => self.not(operand, context),
            Expr::Test(test) => self.leaf(Leaf::from(test), context),
            Expr::Keyword(keyword) => match self.leaf(Leaf::from(keyword), context) {
                Form::Test(choice) if self.language.keywords.is_some() => {
                    Form::Keywords(vec![choice])
                }
                form => form,
            },
        };
        Node { expr, form }
    }

    fn leaf(&mut self, leaf: Leaf<'e>, context: Context) -> Form<'e> {
        match self.conventions.place(self.language, leaf, context) {
            Ok(Place::Here) => Form::Test(self.choice(leaf, context)),
            Ok(Place::Elsewhere) => Form::Nothing,
            Ok(Place::Behind(text)) => {
                let start = self.texts.len();
                self.texts.push_str(&text);
                let text = Text::One(start..self.texts.len());
                Form::Test(Choice::of(Phrase {
                    clauses: 0,
                    ..Phrase::new(text, Strength::Atom)
                }))
            }
            Err(refusal) => Form::Unsupported(refusal),
        }
    }

    fn group(&mut self, group: &'e lower::Group<'e>, context: Context) -> Form<'e> {
        let language = self.language;
        let several = group.operands.len() > 1;
        let below = Context {
            negated: context.negated,
            under_or: context.under_or
                || group.operator == Operator::Or && (several || group.origin == Origin::Selector),
            directly_negated: context.directly_negated && !several,
        };
        if let Some(refusal) = self.conventions.refuse(language, group) {
            return Form::Unsupported(refusal);
        }
        if let [only] = group.operands.as_slice()
            && !self.conventions.lists(language, group)
        {
            return self.single(group, only, below);
        }
        let listed = self.list(group, context);
        if let Some(form) = listed.or_else(|| self.keywords(group, context)) {
            return form;
        }
        let operands = group.operands.iter();
        let operands = operands.map(|operand| {
            let mut node = self.expr(operand, below);
            // A list of values that all must match reads as more items of its map.
            if let (Expr::Group(inner), Form::Group(form)) = (operand, &mut node.form)
                && continues(language, group, inner)
            {
                form.parentheses = false;
            }
            node
        });
        let operands = operands.collect();
        self.joined(group, group.operator, operands)
    }

    /// Operands that come from a group.
    fn joined(
        &self,
        group: &lower::Group<'_>,
        operator: Operator,
        mut operands: Vec<Node<'e>>,
    ) -> Form<'e> {
        operands.retain(|operand| !operand.form.is_nothing());
        if operands.is_empty() {
            return Form::Nothing;
        }
        let binds = self.conventions.binds(self.language, group);
        Form::Group(Group {
            operator,
            operands,
            parentheses: self.conventions.encloses(self.language, group, operator),
            binds: binds.unwrap_or(layout::strength_of(operator)),
        })
    }

    fn single(&mut self, group: &lower::Group<'_>, only: &'e Expr<'e>, below: Context) -> Form<'e> {
        let operand = self.expr(only, below);
        let parentheses = self
            .conventions
            .encloses(self.language, group, group.operator);
        let binds = self.conventions.binds(self.language, group);
        if operand.form.is_nothing() || !parentheses && binds.is_none() {
            return operand.form;
        }
        Form::Single(Single {
            operand: Box::new(operand),
            parentheses,
            binds,
        })
    }
}

fn continues(language: &Language, outer: &lower::Group<'_>, inner: &lower::Group<'_>) -> bool {
    language.grouping == Grouping::Written
        && outer.operator == Operator::And
        && outer.origin == Origin::Map
        && inner.operator == Operator::And
        && inner.origin == Origin::Values
}
