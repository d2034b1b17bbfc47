//! jq expressions, evaluated within a budget.
//!
//! In: `.items[] | select(.active) | .name`. Out: a filter from a JSON value to several. `jaq` reads
//! the expression; it is evaluated here, because a pipeline may be a stranger's, and jq can loop
//! for ever, recurse without an end and double a text sixty times. Every step costs fuel, every
//! value that is made costs bytes, and recursion has a depth. What reaches outside the value (`env`,
//! `now`, `input`, `include`) is not there, nor are regular expressions and dates.

mod bind;
mod check;
mod evaluate;
mod function;
mod machine;
mod operator;
mod path;
mod scalar;
mod scope;
mod text;
mod update;
mod value;

use super::bound;
use jaq_core::load::parse::Def;
use machine::{At, Here, Machine, Stop, Term};
use scope::Scope;
use serde_json::Value;
use std::borrow::Cow;

/// Why an expression gives nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It would go beyond what it may use: `more than 5000000 steps`.
    Bound(String),
    /// The expression's own error: `"a" and 1 can't be added`.
    Error(String),
}

/// A checked expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    text: String,
}

impl Filter {
    /// Checks an expression.
    pub fn parse(text: &str) -> Result<Self, String> {
        check::size(text)?;
        let problem = || format!("the jq expression `{text}` can't be read");
        let term = read(text).ok_or_else(problem)?;
        check::names(&term).map_err(|name| format!("{}: there is no `{name}`", problem()))?;
        Ok(Self {
            text: text.to_owned(),
        })
    }

    /// What it makes of a value. It is read again, which happens once a pipeline.
    pub fn run(&self, input: &Value) -> Result<Vec<Value>, Failure> {
        let unreadable = || Failure::Error("the expression can't be read".into());
        let term = read(&self.text).ok_or_else(unreadable)?;
        let library = library();
        let scope = library.iter().fold(Scope::default(), Scope::define);
        let machine = Machine::default();
        let mut results = Vec::new();
        let at = At::of(Cow::Borrowed(input));
        let here = Here {
            scope: &scope,
            input: &at,
        };
        let flow = machine.run(&term, here, &mut |found| {
            if results.len() == bound::MOST_VALUES {
                let most = bound::MOST_VALUES;
                return Err(Stop::Bound(format!("more than {most} results")));
            }
            results.push(machine.own(found.value)?);
            Ok(())
        });
        match flow {
            Ok(()) => Ok(results),
            Err(Stop::Bound(what)) => Err(Failure::Bound(what)),
            Err(Stop::Error(Value::String(text))) => Err(Failure::Error(text)),
            Err(Stop::Error(value)) => Err(Failure::Error(value.to_string())),
            Err(Stop::Break(_)) => Err(Failure::Error("`break` outside its `label`".into())),
        }
    }
}

fn read(text: &str) -> Option<Term<'_>> {
    jaq_core::load::parse(text, |parser| parser.term())
}

fn library() -> Vec<Def<&'static str>> {
    let text = include_str!("library.jq");
    jaq_core::load::parse(text, |parser| parser.defs()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
