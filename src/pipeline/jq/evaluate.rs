//! The evaluation of terms: results go to a function, one by one, as they are found.

use super::scope::{Callee, Scope};
use super::value::{cannot, compare, is_true, number, short};
use crate::pipeline::bound;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::ops::{Cmp, Math};
use serde_json::{Map, Value};
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
    depth: Cell<usize>,
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

    /// Evaluates a term.
    pub fn run<'t>(
        &self,
        term: &'t Term<&'t str>,
        scope: &Scope<'t>,
        input: &At<'_>,
        out: Out<'_>,
    ) -> Flow {
        self.step()?;
        let depth = self.depth.get();
        if depth == bound::JQ_DEPTH {
            return Err(Stop::Bound(format!("terms nested more than {depth} deep")));
        }
        self.depth.set(depth + 1);
        let flow = self.term(term, scope, input, out);
        self.depth.set(depth);
        flow
    }

    fn term<'t>(
        &self,
        term: &'t Term<&'t str>,
        scope: &Scope<'t>,
        input: &At<'_>,
        out: Out<'_>,
    ) -> Flow {
        match term {
            Term::Id => out(input.borrowed()),
            Term::Recurse => self.recurse(input, out),
            Term::Num(text) => {
                let value = serde_json::from_str(text).ok();
                let value = value.or_else(|| text.parse().ok().map(number));
                out(At::made(value.unwrap_or_default()))
            }
            Term::Str(format, parts) => self.string(*format, parts, (scope, input), "", out),
            Term::Arr(inner) => self.array(inner.as_deref(), scope, input, out),
            Term::Obj(pairs) => self.object(pairs, scope, input, Map::new(), out),
            Term::Neg(inner) => self.run(inner, scope, input, &mut |found| match found
                .value
                .as_f64()
            {
                Some(value) => out(At::made(number(-value))),
                None => Err(Stop::error(format!(
                    "{} can't be negated",
                    short(&found.value)
                ))),
            }),
            Term::BinOp(left, operator, right) => {
                self.operator((left, operator, right), scope, input, out)
            }
            Term::Label(name, inner) => {
                let label = self.label();
                self.catch(
                    label,
                    self.run(inner, &scope.label(name, label), input, out),
                )
            }
            Term::Break(name) => Err(Stop::Break(scope.label_number(name).unwrap_or_default())),
            Term::Fold(kind, source, pattern, arguments) => {
                let each = (source.as_ref(), pattern);
                self.fold(kind, each, arguments, (scope, input), out)
            }
            Term::TryCatch(tried, caught) => {
                self.attempt(tried, caught.as_deref(), scope, input, out)
            }
            Term::IfThenElse(cases, otherwise) => {
                self.cases(cases, otherwise.as_deref(), scope, input, out)
            }
            Term::Def(functions, inner) => {
                let scope = functions.iter().fold(scope.clone(), Scope::define);
                self.run(inner, &scope, input, out)
            }
            Term::Call(name, arguments) => self.call(name, arguments, scope, input, out),
            Term::Var(name) => match scope.value(name) {
                Some(value) => out(At::of(Cow::Borrowed(&value))),
                None => Err(Stop::error(format!("there is no {name}"))),
            },
            Term::Path(base, path) => self.run(base, scope, input, &mut |found| {
                self.follow(&path.0, found, (scope, input), out)
            }),
        }
    }

    /// Ends a `break` at its label.
    pub fn catch(&self, label: usize, flow: Flow) -> Flow {
        match flow {
            Err(Stop::Break(to)) if to == label => Ok(()),
            other => other,
        }
    }

    fn array<'t>(
        &self,
        inner: Option<&'t Term<&'t str>>,
        scope: &Scope<'t>,
        input: &At<'_>,
        out: Out<'_>,
    ) -> Flow {
        let mut items = Vec::new();
        if let Some(inner) = inner {
            self.run(inner, scope, input, &mut |found| {
                self.make(32)?;
                items.push(found.value.into_owned());
                self.weigh(&items[items.len() - 1], 1)
            })?;
        }
        out(At::made(Value::Array(items)))
    }

    fn object<'t>(
        &self,
        pairs: &'t [(Term<&'t str>, Option<Term<&'t str>>)],
        scope: &Scope<'t>,
        input: &At<'_>,
        so_far: Map<String, Value>,
        out: Out<'_>,
    ) -> Flow {
        let Some(((key, value), rest)) = pairs.split_first() else {
            return out(At::made(Value::Object(so_far)));
        };
        let mut with = |key: &Value, value: Value| {
            let Value::String(key) = key else {
                return Err(Stop::error(format!(
                    "{} is no key of an object",
                    short(key)
                )));
            };
            let mut pairs = so_far.clone();
            self.weigh(&value, 1)?;
            self.make(key.len() + pairs.len() * 64)?;
            pairs.insert(key.clone(), value);
            self.object(rest, scope, input, pairs, out)
        };
        match (key, value) {
            // `{$x}`
            (Term::Var(name), None) => {
                let value = scope.value(name).unwrap_or_default();
                with(
                    &Value::String(name.trim_start_matches('$').to_owned()),
                    (*value).clone(),
                )
            }
            (key, value) => self.run(key, scope, input, &mut |key| match value {
                // `{a}`
                None => {
                    let found = self.index(input, &key.value)?;
                    with(&key.value, found.value.into_owned())
                }
                Some(value) => self.run(value, scope, input, &mut |value| {
                    with(&key.value, value.value.into_owned())
                }),
            }),
        }
    }

    fn operator<'t>(
        &self,
        (left, operator, right): (&'t Term<&'t str>, &'t BinaryOp<&'t str>, &'t Term<&'t str>),
        scope: &Scope<'t>,
        input: &At<'_>,
        out: Out<'_>,
    ) -> Flow {
        match operator {
            BinaryOp::Pipe(None) => self.run(left, scope, input, &mut |found| {
                self.run(right, scope, &found, out)
            }),
            BinaryOp::Pipe(Some(pattern)) => self.run(left, scope, input, &mut |found| {
                self.bind(pattern, &found.value, scope, &mut |scope| {
                    self.run(right, scope, input, out)
                })
            }),
            BinaryOp::Comma => {
                self.run(left, scope, input, out)?;
                self.run(right, scope, input, out)
            }
            BinaryOp::Alt => {
                let mut is_found = false;
                let flow = self.attempt(left, None, scope, input, &mut |found| {
                    if is_true(&found.value) {
                        is_found = true;
                        return out(found);
                    }
                    Ok(())
                });
                flow?;
                if is_found {
                    return Ok(());
                }
                self.run(right, scope, input, out)
            }
            BinaryOp::And | BinaryOp::Or => self.run(left, scope, input, &mut |found| {
                let is_or = matches!(operator, BinaryOp::Or);
                if is_true(&found.value) == is_or {
                    return out(At::made(is_or.into()));
                }
                self.run(right, scope, input, &mut |found| {
                    out(At::made(is_true(&found.value).into()))
                })
            }),
            BinaryOp::Math(math) => self.pairs(left, right, scope, input, &mut |left, right| {
                out(At::made(self.math(*math, left, right)?))
            }),
            BinaryOp::Cmp(cmp) => self.pairs(left, right, scope, input, &mut |left, right| {
                self.spend(weight(left).0.min(weight(right).0) / 32)?;
                let order = compare(left, right);
                out(At::made(Value::Bool(match cmp {
                    Cmp::Lt => order.is_lt(),
                    Cmp::Le => order.is_le(),
                    Cmp::Gt => order.is_gt(),
                    Cmp::Ge => order.is_ge(),
                    Cmp::Eq => order.is_eq(),
                    Cmp::Ne => order.is_ne(),
                })))
            }),
            BinaryOp::Update => {
                let update = |old: At<'_>, out: Out<'_>| self.run(right, scope, &old, out);
                self.update(left, scope, input, &update, out)
            }
            BinaryOp::Assign | BinaryOp::UpdateMath(_) | BinaryOp::UpdateAlt => {
                self.run(right, scope, input, &mut |new| {
                    let update = |old: At<'_>, out: Out<'_>| match operator {
                        BinaryOp::UpdateMath(math) => {
                            out(At::made(self.math(*math, &old.value, &new.value)?))
                        }
                        BinaryOp::UpdateAlt if is_true(&old.value) => out(old),
                        _ => out(new.borrowed()),
                    };
                    self.update(left, scope, input, &update, out)
                })
            }
        }
    }

    fn pairs<'t>(
        &self,
        left: &'t Term<&'t str>,
        right: &'t Term<&'t str>,
        scope: &Scope<'t>,
        input: &At<'_>,
        out: &mut dyn FnMut(&Value, &Value) -> Flow,
    ) -> Flow {
        self.run(left, scope, input, &mut |left| {
            self.run(right, scope, input, &mut |right| {
                out(&left.value, &right.value)
            })
        })
    }

    /// `left + right` and the like.
    pub fn math(&self, math: Math, left: &Value, right: &Value) -> Result<Value, Stop> {
        let made = match (math, left, right) {
            (Math::Add, Value::Null, other) | (Math::Add, other, Value::Null) => other.clone(),
            (Math::Add, Value::String(left), Value::String(right)) => {
                self.make(left.len() + right.len())?;
                Value::String(format!("{left}{right}"))
            }
            (Math::Add, Value::Array(left), Value::Array(right)) => {
                Value::Array(left.iter().chain(right).cloned().collect())
            }
            (Math::Add, Value::Object(left), Value::Object(right)) => {
                let mut pairs = left.clone();
                pairs.extend(
                    right
                        .iter()
                        .map(|(key, value)| (key.clone(), value.clone())),
                );
                Value::Object(pairs)
            }
            (Math::Sub, Value::Array(left), Value::Array(right)) => {
                self.spend(left.len().saturating_mul(right.len()))?;
                let stays = |item: &&Value| !right.iter().any(|other| compare(item, other).is_eq());
                Value::Array(left.iter().filter(stays).cloned().collect())
            }
            (Math::Div, Value::String(left), Value::String(right)) => {
                self.make(left.len().saturating_mul(33))?;
                Value::Array(split(left, right))
            }
            (_, Value::Number(_), Value::Number(_)) => calculate(math, left, right)?,
            (math, left, right) => {
                let done = match math {
                    Math::Add => "added",
                    Math::Sub => "subtracted",
                    Math::Mul => "multiplied",
                    Math::Div | Math::Rem => "divided",
                };
                return Err(Stop::Error(cannot(left, right, done)));
            }
        };
        self.weigh(&made, 0)?;
        Ok(made)
    }

    /// Names what a pattern takes of a value.
    pub fn bind<'t>(
        &self,
        pattern: &'t Pattern<&'t str>,
        value: &Value,
        scope: &Scope<'t>,
        then: &mut dyn FnMut(&Scope<'t>) -> Flow,
    ) -> Flow {
        let parts: Vec<(Value, &Pattern<&str>)> = match pattern {
            Pattern::Var(name) => {
                self.weigh(value, 0)?;
                return then(&scope.variable(name, value.clone()));
            }
            Pattern::Arr(parts) => {
                let numbered = parts.iter().enumerate();
                numbered.map(|(index, part)| (index.into(), part)).collect()
            }
            Pattern::Obj(pairs) => {
                let mut parts = Vec::new();
                for (key, part) in pairs {
                    let at = At::of(Cow::Borrowed(value));
                    self.run(key, scope, &at, &mut |key| {
                        parts.push((key.value.into_owned(), part));
                        Ok(())
                    })?;
                }
                parts
            }
        };
        self.bind_parts(&parts, value, scope, then)
    }

    fn bind_parts<'t>(
        &self,
        parts: &[(Value, &'t Pattern<&'t str>)],
        value: &Value,
        scope: &Scope<'t>,
        then: &mut dyn FnMut(&Scope<'t>) -> Flow,
    ) -> Flow {
        let Some(((key, part), rest)) = parts.split_first() else {
            return then(scope);
        };
        let at = At::of(Cow::Borrowed(value));
        let found = self.index(&at, key)?;
        self.bind(part, &found.value, scope, &mut |scope| {
            self.bind_parts(rest, value, scope, then)
        })
    }

    fn fold<'t>(
        &self,
        kind: &str,
        (source, pattern): (&'t Term<&'t str>, &'t Pattern<&'t str>),
        arguments: &'t [Term<&'t str>],
        (scope, input): (&Scope<'t>, &At<'_>),
        out: Out<'_>,
    ) -> Flow {
        let (start, update, extract) = match arguments {
            [start, update] => (start, update, None),
            [start, update, extract] if kind == "foreach" => (start, update, Some(extract)),
            _ => return Err(Stop::error(format!("`{kind}` has two arguments"))),
        };
        self.run(start, scope, input, &mut |start| {
            let mut state = self.own(start.value)?;
            self.run(source, scope, input, &mut |found| {
                self.bind(pattern, &found.value, scope, &mut |scope| {
                    let old = At::made(std::mem::take(&mut state));
                    self.run(update, scope, &old, &mut |new| {
                        state = self.own(new.value)?;
                        match (kind, extract) {
                            ("reduce", _) => Ok(()),
                            (_, None) => out(At::of(Cow::Borrowed(&state))),
                            (_, Some(extract)) => {
                                let at = At::of(Cow::Borrowed(&state));
                                self.run(extract, scope, &at, out)
                            }
                        }
                    })
                })
            })?;
            match kind {
                "reduce" => out(At::made(state)),
                _ => Ok(()),
            }
        })
    }

    /// `try f catch g`. What goes wrong with a result afterwards is not caught.
    fn attempt<'t>(
        &self,
        tried: &'t Term<&'t str>,
        caught: Option<&'t Term<&'t str>>,
        scope: &Scope<'t>,
        input: &At<'_>,
        out: Out<'_>,
    ) -> Flow {
        let mut afterwards = Ok(());
        let label = self.label();
        let flow = self.run(tried, scope, input, &mut |found| {
            out(found).map_err(|stop| {
                afterwards = Err(stop);
                Stop::Break(label)
            })
        });
        afterwards?;
        match (flow, caught) {
            (Err(Stop::Error(_)), None) => Ok(()),
            (Err(Stop::Error(error)), Some(caught)) => {
                self.run(caught, scope, &At::made(error), out)
            }
            (flow, _) => flow,
        }
    }

    fn cases<'t>(
        &self,
        cases: &'t [(Term<&'t str>, Term<&'t str>)],
        otherwise: Option<&'t Term<&'t str>>,
        scope: &Scope<'t>,
        input: &At<'_>,
        out: Out<'_>,
    ) -> Flow {
        let Some(((condition, then), rest)) = cases.split_first() else {
            return match otherwise {
                Some(otherwise) => self.run(otherwise, scope, input, out),
                None => out(input.borrowed()),
            };
        };
        self.run(condition, scope, input, &mut |found| {
            if is_true(&found.value) {
                self.run(then, scope, input, out)
            } else {
                self.cases(rest, otherwise, scope, input, out)
            }
        })
    }

    fn call<'t>(
        &self,
        name: &'t str,
        arguments: &'t [Term<&'t str>],
        scope: &Scope<'t>,
        input: &At<'_>,
        out: Out<'_>,
    ) -> Flow {
        match scope.callee(name, arguments.len()) {
            Some(Callee::Argument(term, seen)) => self.run(term, &seen, input, out),
            Some(Callee::Function(function, seen)) => {
                let given = (function.args.as_slice(), arguments);
                self.arguments(given, (scope, seen), input, &mut |scope| {
                    self.run(&function.body, scope, input, out)
                })
            }
            None => self.native(name, arguments, scope, input, out),
        }
    }

    /// Names a call's arguments: `f` as what it is, `$x` as each of its values.
    fn arguments<'t>(
        &self,
        (names, terms): (&'t [&'t str], &'t [Term<&'t str>]),
        (outer, inner): (&Scope<'t>, Scope<'t>),
        input: &At<'_>,
        then: &mut dyn FnMut(&Scope<'t>) -> Flow,
    ) -> Flow {
        let (Some((name, names)), Some((term, terms))) = (names.split_first(), terms.split_first())
        else {
            return then(&inner);
        };
        let inner = inner.argument(name.trim_start_matches('$'), term, outer);
        if !name.starts_with('$') {
            return self.arguments((names, terms), (outer, inner), input, then);
        }
        self.run(term, outer, input, &mut |found| {
            let inner = inner.variable(name, self.own(found.value)?);
            self.arguments((names, terms), (outer, inner), input, then)
        })
    }
}

fn calculate(math: Math, left: &Value, right: &Value) -> Result<Value, Stop> {
    let whole = |left: i64, right: i64| match math {
        Math::Add => left.checked_add(right),
        Math::Sub => left.checked_sub(right),
        Math::Mul => left.checked_mul(right),
        Math::Rem => left.checked_rem(right),
        Math::Div => None,
    };
    let exact = left.as_i64().zip(right.as_i64());
    if let Some(value) = exact.and_then(|(left, right)| whole(left, right)) {
        return Ok(value.into());
    }
    let (a, b) = (
        left.as_f64().unwrap_or_default(),
        right.as_f64().unwrap_or_default(),
    );
    Ok(number(match math {
        Math::Add => a + b,
        Math::Sub => a - b,
        Math::Mul => a * b,
        Math::Div | Math::Rem if b == 0.0 => {
            return Err(Stop::Error(cannot(left, right, "divided")));
        }
        Math::Div => a / b,
        Math::Rem => a % b,
    }))
}

/// `"a,b" / ","`
pub fn split(text: &str, separator: &str) -> Vec<Value> {
    if separator.is_empty() {
        return text.chars().map(|one| one.to_string().into()).collect();
    }
    text.split(separator).map(Value::from).collect()
}
