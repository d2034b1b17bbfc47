//! What an evaluation is made of: its budget, its results, and why it ends.

use super::bound;
use super::scope::Scope;
use serde_json::Value;
use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

/// Why evaluation goes no further.
#[derive(Debug)]
pub enum Stop {
    /// `error`, which `try` catches.
    Error(Value),
    /// `break` to the label of this number.
    Break(usize),
    /// The budget is spent, which nothing catches.
    Bound(String),
}

impl Stop {
    /// An error with a text.
    pub fn error(text: impl Into<String>) -> Self {
        Self::Error(Value::String(text.into()))
    }
}

/// Whether evaluation goes on.
pub type Flow = Result<(), Stop>;

/// A term.
pub type Term<'t> = jaq_core::load::parse::Term<&'t str>;

/// The names that a term sees, and its input.
#[derive(Clone, Copy)]
pub struct Here<'h, 't> {
    pub scope: &'h Scope<'t>,
    pub input: &'h At<'h>,
}

impl<'h, 't> Here<'h, 't> {
    /// The same names with another input.
    pub const fn of(self, input: &'h At<'h>) -> Self {
        Self { input, ..self }
    }

    /// The same input with other names.
    pub const fn seeing(self, scope: &'h Scope<'t>) -> Self {
        Self { scope, ..self }
    }
}

/// Who takes results.
pub type Out<'o> = &'o mut dyn FnMut(At<'_>) -> Flow;

/// A value and, where it is asked for, the path to it.
#[derive(Debug, Clone)]
pub struct At<'v> {
    pub value: Cow<'v, Value>,
    pub path: Option<Rc<Link>>,
}

/// The last key of a path, and those before it.
#[derive(Debug)]
pub enum Link {
    Root,
    Key(Value, Rc<Link>),
}

impl Link {
    /// The keys, the first one first.
    pub fn keys(&self) -> Vec<Value> {
        let mut keys = Vec::new();
        let mut link = self;
        while let Self::Key(key, before) = link {
            keys.push(key.clone());
            link = before;
        }
        keys.reverse();
        keys
    }
}

impl<'v> At<'v> {
    /// A value whose path is not asked for.
    pub const fn of(value: Cow<'v, Value>) -> Self {
        Self { value, path: None }
    }

    /// A value that was made, and is no part of the input.
    pub const fn made(value: Value) -> Self {
        Self::of(Cow::Owned(value))
    }

    /// A part of this value.
    pub fn child<'c>(&self, value: Cow<'c, Value>, key: impl FnOnce() -> Value) -> At<'c> {
        let path = self.path.as_ref();
        At {
            value,
            path: path.map(|path| Rc::new(Link::Key(key(), Rc::clone(path)))),
        }
    }

    /// The same, borrowed.
    pub fn borrowed(&self) -> At<'_> {
        At {
            value: Cow::Borrowed(&self.value),
            path: self.path.clone(),
        }
    }
}

/// What a value weighs: bytes, and how deep it is nested.
pub fn weight(value: &Value) -> (usize, usize) {
    let add = |(bytes, depth): (usize, usize), (more, inner): (usize, usize)| {
        (bytes + more, depth.max(inner + 1))
    };
    match value {
        Value::String(text) => (32 + text.len(), 1),
        Value::Array(items) => items.iter().map(weight).fold((32, 1), add),
        Value::Object(pairs) => pairs
            .iter()
            .map(|(key, item)| {
                let (bytes, depth) = weight(item);
                (bytes + key.len() + 64, depth)
            })
            .fold((32, 1), add),
        _ => (32, 1),
    }
}

/// An evaluation and what it may still use.
pub struct Machine {
    steps: Cell<usize>,
    bytes: Cell<usize>,
    /// How deep terms are nested now.
    pub depth: Cell<usize>,
    labels: Cell<usize>,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            steps: Cell::new(bound::JQ_STEPS),
            bytes: Cell::new(bound::JQ_BYTES),
            depth: Cell::new(0),
            labels: Cell::new(0),
        }
    }
}

impl Machine {
    /// Takes steps from the budget.
    pub fn spend(&self, steps: usize) -> Flow {
        let left = self.steps.get().checked_sub(steps);
        let left = left.ok_or_else(|| Stop::Bound(format!("more than {} steps", bound::JQ_STEPS)));
        self.steps.set(left?);
        Ok(())
    }

    /// Takes one step.
    pub fn step(&self) -> Flow {
        self.spend(1)
    }

    /// Takes bytes from the budget, for a value that is made.
    pub fn make(&self, bytes: usize) -> Flow {
        let left = self.bytes.get().checked_sub(bytes);
        let left = left.ok_or_else(|| Stop::Bound(format!("more than {} bytes", bound::JQ_BYTES)));
        self.bytes.set(left?);
        Ok(())
    }

    /// Takes what a value weighs from the budget.
    pub fn weigh(&self, value: &Value, above: usize) -> Flow {
        let (bytes, depth) = weight(value);
        if depth + above > bound::JQ_NESTING {
            let most = bound::JQ_NESTING;
            return Err(Stop::Bound(format!("values nested more than {most} deep")));
        }
        self.make(bytes)
    }

    /// The value, for keeping.
    pub fn own(&self, value: Cow<'_, Value>) -> Result<Value, Stop> {
        if let Cow::Borrowed(value) = &value {
            self.weigh(value, 0)?;
        }
        Ok(value.into_owned())
    }

    /// A label that no other has.
    pub fn label(&self) -> usize {
        self.labels.set(self.labels.get() + 1);
        self.labels.get()
    }
}
