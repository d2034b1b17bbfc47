//! The evaluation of terms: results go to a function, one by one, as they are found.

use super::bound;
use super::machine::{At, Flow, Here, Machine, Out, Stop, Term};
use super::scope::Scope;
use super::value::{is_true, number, short};
use serde_json::{Map, Value};
use std::borrow::Cow;

impl Machine {
    /// Evaluates a term.
    pub fn run<'t>(&self, term: &'t Term<'t>, here: Here<'_, 't>, out: Out<'_>) -> Flow {
        self.step()?;
        let depth = self.depth.get();
        if depth == bound::JQ_DEPTH {
            return Err(Stop::Bound(format!("terms nested more than {depth} deep")));
        }
        self.depth.set(depth + 1);
        let flow = self.term(term, here, out);
        self.depth.set(depth);
        flow
    }

    fn term<'t>(&self, term: &'t Term<'t>, here: Here<'_, 't>, out: Out<'_>) -> Flow {
        let scope = here.scope;
        match term {
            Term::Id => out(here.input.borrowed()),
            Term::Recurse => self.recurse(here.input, out),
            Term::Num(text) => {
                let value = serde_json::from_str(text).ok();
                let value = value.or_else(|| text.parse().ok().map(number));
                out(At::made(value.unwrap_or_default()))
            }
            Term::Str(format, parts) => self.string(*format, parts, here, "", out),
            Term::Arr(inner) => self.array(inner.as_deref(), here, out),
            Term::Obj(pairs) => self.object(pairs, here, Map::new(), out),
            Term::Neg(inner) => self.run(inner, here, &mut |found| {
                let value = found.value.as_f64();
                let problem = || Stop::error(format!("{} can't be negated", short(&found.value)));
                out(At::made(number(-value.ok_or_else(problem)?)))
            }),
            Term::BinOp(left, operator, right) => self.operator(left, operator, right, here, out),
            Term::Label(name, inner) => {
                let label = self.label();
                let scope = scope.label(name, label);
                Self::catch(label, self.run(inner, here.seeing(&scope), out))
            }
            Term::Break(name) => Err(Stop::Break(scope.label_number(name).unwrap_or_default())),
            Term::Fold(kind, source, pattern, arguments) => {
                self.fold(kind, (source, pattern), arguments, here, out)
            }
            Term::TryCatch(tried, caught) => self.attempt(tried, caught.as_deref(), here, out),
            Term::IfThenElse(cases, otherwise) => {
                self.cases(cases, otherwise.as_deref(), here, out)
            }
            Term::Def(functions, inner) => {
                let scope = functions.iter().fold(scope.clone(), Scope::define);
                self.run(inner, here.seeing(&scope), out)
            }
            Term::Call(name, arguments) => self.call(name, arguments, here, out),
            Term::Var(name) => match scope.value(name) {
                Some(value) => out(At::of(Cow::Borrowed(&value))),
                None => Err(Stop::error(format!("there is no {name}"))),
            },
            Term::Path(base, path) => self.run(base, here, &mut |found| {
                self.follow(&path.0, found, here, out)
            }),
        }
    }

    /// Ends a `break` at its label.
    pub fn catch(label: usize, flow: Flow) -> Flow {
        match flow {
            Err(Stop::Break(to)) if to == label => Ok(()),
            other => other,
        }
    }

    fn array<'t>(&self, inner: Option<&'t Term<'t>>, here: Here<'_, 't>, out: Out<'_>) -> Flow {
        let mut items = Vec::new();
        if let Some(inner) = inner {
            self.run(inner, here, &mut |found| {
                self.make(32)?;
                items.push(found.value.into_owned());
                self.weigh(&items[items.len() - 1], 1)
            })?;
        }
        out(At::made(Value::Array(items)))
    }

    fn object<'t>(
        &self,
        pairs: &'t [(Term<'t>, Option<Term<'t>>)],
        here: Here<'_, 't>,
        so_far: Map<String, Value>,
        out: Out<'_>,
    ) -> Flow {
        let Some(((key, value), rest)) = pairs.split_first() else {
            return out(At::made(Value::Object(so_far)));
        };
        let mut with = |key: &Value, value: Value| {
            let Value::String(key) = key else {
                let key = short(key);
                return Err(Stop::error(format!("{key} is no key of an object")));
            };
            let mut pairs = so_far.clone();
            self.weigh(&value, 1)?;
            self.make(key.len() + pairs.len() * 64)?;
            pairs.insert(key.clone(), value);
            self.object(rest, here, pairs, out)
        };
        match (key, value) {
            // `{$x}`
            (Term::Var(name), None) => {
                let value = here.scope.value(name).unwrap_or_default();
                let name = name.trim_start_matches('$').to_owned();
                with(&Value::String(name), (*value).clone())
            }
            (key, value) => self.run(key, here, &mut |key| match value {
                // `{a}`
                None => {
                    let found = self.index(here.input, &key.value)?;
                    with(&key.value, found.value.into_owned())
                }
                Some(value) => self.run(value, here, &mut |value| {
                    with(&key.value, value.value.into_owned())
                }),
            }),
        }
    }

    /// `try f catch g`. What goes wrong with a result afterwards is not caught.
    pub fn attempt<'t>(
        &self,
        tried: &'t Term<'t>,
        caught: Option<&'t Term<'t>>,
        here: Here<'_, 't>,
        out: Out<'_>,
    ) -> Flow {
        let mut afterwards = Ok(());
        let label = self.label();
        let flow = self.run(tried, here, &mut |found| {
            out(found).map_err(|stop| {
                afterwards = Err(stop);
                Stop::Break(label)
            })
        });
        afterwards?;
        match (flow, caught) {
            (Err(Stop::Error(_)), None) => Ok(()),
            (Err(Stop::Error(error)), Some(caught)) => {
                self.run(caught, here.of(&At::made(error)), out)
            }
            (flow, _) => flow,
        }
    }

    fn cases<'t>(
        &self,
        cases: &'t [(Term<'t>, Term<'t>)],
        otherwise: Option<&'t Term<'t>>,
        here: Here<'_, 't>,
        out: Out<'_>,
    ) -> Flow {
        let Some(((condition, then), rest)) = cases.split_first() else {
            return match otherwise {
                Some(otherwise) => self.run(otherwise, here, out),
                None => out(here.input.borrowed()),
            };
        };
        self.run(condition, here, &mut |found| {
            if is_true(&found.value) {
                self.run(then, here, out)
            } else {
                self.cases(rest, otherwise, here, out)
            }
        })
    }
}
