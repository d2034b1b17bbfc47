//! What gives names to values and terms: patterns, folds, calls.

use super::machine::{At, Flow, Machine, Out, Stop};
use super::scope::{Callee, Scope};
use jaq_core::load::parse::{Pattern, Term};
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

    /// `reduce` and `foreach`
    pub fn fold<'t>(
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

    /// A call of a function or argument.
    pub fn call<'t>(
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
