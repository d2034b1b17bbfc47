//! What gives names to values and terms: patterns, folds, calls.

use super::machine::{At, Flow, Here, Machine, Out, Stop, Term};
use super::scope::{Callee, Scope};
use jaq_core::load::parse::Pattern;
use serde_json::Value;
use std::borrow::Cow;

impl Machine {
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
                    let input = &at;
                    self.run(key, Here { scope, input }, &mut |key| {
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

    /// `reduce` and `foreach`
    pub fn fold<'t>(
        &self,
        kind: &str,
        (source, pattern): (&'t Term<'t>, &'t Pattern<&'t str>),
        arguments: &'t [Term<'t>],
        here: Here<'_, 't>,
        out: Out<'_>,
    ) -> Flow {
        let (start, update, extract) = match arguments {
            [start, update] => (start, update, None),
            [start, update, extract] if kind == "foreach" => (start, update, Some(extract)),
            _ => return Err(Stop::error(format!("`{kind}` has two arguments"))),
        };
        self.run(start, here, &mut |start| {
            let mut state = self.own(start.value)?;
            self.run(source, here, &mut |found| {
                self.bind(pattern, &found.value, here.scope, &mut |scope| {
                    let old = At::made(std::mem::take(&mut state));
                    let input = &old;
                    self.run(update, Here { scope, input }, &mut |new| {
                        state = self.own(new.value)?;
                        let at = At::of(Cow::Borrowed(&state));
                        match (kind, extract) {
                            ("reduce", _) => Ok(()),
                            (_, None) => out(at),
                            (_, Some(extract)) => {
                                self.run(extract, here.seeing(scope).of(&at), out)
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

    /// A call of a function or argument.
    pub fn call<'t>(
        &self,
        name: &'t str,
        arguments: &'t [Term<'t>],
        here: Here<'_, 't>,
        out: Out<'_>,
    ) -> Flow {
        match here.scope.callee(name, arguments.len()) {
            Some(Callee::Argument(term, seen)) => self.run(term, here.seeing(&seen), out),
            Some(Callee::Function(function, seen)) => {
                let given = (function.args.as_slice(), arguments);
                self.arguments(given, &seen, here, &mut |scope| {
                    self.run(&function.body, here.seeing(scope), out)
                })
            }
            None => self.native(name, arguments, here, out),
        }
    }

    /// Names a call's arguments: `f` as what it is, `$x` as each of its values.
    fn arguments<'t>(
        &self,
        (names, terms): (&'t [&'t str], &'t [Term<'t>]),
        inner: &Scope<'t>,
        here: Here<'_, 't>,
        then: &mut dyn FnMut(&Scope<'t>) -> Flow,
    ) -> Flow {
        let (Some((name, names)), Some((term, terms))) = (names.split_first(), terms.split_first())
        else {
            return then(inner);
        };
        let inner = inner.argument(name.trim_start_matches('$'), term, here.scope);
        if !name.starts_with('$') {
            return self.arguments((names, terms), &inner, here, then);
        }
        self.run(term, here, &mut |found| {
            let inner = inner.variable(name, self.own(found.value)?);
            self.arguments((names, terms), &inner, here, then)
        })
    }
}
