//! The names that an expression sees: variables, functions, labels.

use super::machine::Term;
use jaq_core::load::parse::Def;
use serde_json::Value;
use std::rc::Rc;

/// Bindings, the newest first.
#[derive(Clone, Default)]
pub struct Scope<'t>(Option<Rc<Frame<'t>>>);

struct Frame<'t> {
    bound: Bound<'t>,
    rest: Scope<'t>,
}

enum Bound<'t> {
    /// `as $x`
    Variable(&'t str, Rc<Value>),
    /// `label $x`
    Label(&'t str, usize),
    /// `def f: …`, which sees itself and what is before it.
    Function(&'t Def<&'t str>),
    /// What a call gives for a parameter, and the names that it sees.
    Argument(&'t str, &'t Term<'t>, Scope<'t>),
}

/// What a name calls.
pub enum Callee<'t> {
    /// A definition, and the names that it sees.
    Function(&'t Def<&'t str>, Scope<'t>),
    /// An argument, and the names that it sees.
    Argument(&'t Term<'t>, Scope<'t>),
}

impl<'t> Scope<'t> {
    fn with(&self, bound: Bound<'t>) -> Self {
        Self(Some(Rc::new(Frame {
            bound,
            rest: self.clone(),
        })))
    }

    pub fn variable(&self, name: &'t str, value: Value) -> Self {
        self.with(Bound::Variable(name, Rc::new(value)))
    }

    pub fn label(&self, name: &'t str, number: usize) -> Self {
        self.with(Bound::Label(name, number))
    }

    // By value: it folds over a list of definitions.
    #[allow(clippy::needless_pass_by_value)]
    pub fn define(self, function: &'t Def<&'t str>) -> Self {
        self.with(Bound::Function(function))
    }

    pub fn argument(&self, name: &'t str, term: &'t Term<'t>, scope: &Self) -> Self {
        self.with(Bound::Argument(name, term, scope.clone()))
    }

    fn frames(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |scope| {
            scope.0.as_ref().map(|frame| &frame.rest)
        })
    }

    pub fn value(&self, wanted: &str) -> Option<Rc<Value>> {
        self.frames()
            .find_map(|scope| match &scope.0.as_ref()?.bound {
                Bound::Variable(name, value) if *name == wanted => Some(Rc::clone(value)),
                _ => None,
            })
    }

    pub fn label_number(&self, wanted: &str) -> Option<usize> {
        self.frames()
            .find_map(|scope| match &scope.0.as_ref()?.bound {
                Bound::Label(name, number) if *name == wanted => Some(*number),
                _ => None,
            })
    }

    pub fn callee(&self, wanted: &str, arity: usize) -> Option<Callee<'t>> {
        self.frames()
            .find_map(|scope| match &scope.0.as_ref()?.bound {
                Bound::Function(function)
                    if function.name == wanted && function.args.len() == arity =>
                {
                    Some(Callee::Function(function, scope.clone()))
                }
                Bound::Argument(name, term, seen) if *name == wanted && arity == 0 => {
                    Some(Callee::Argument(term, seen.clone()))
                }
                _ => None,
            })
    }
}
