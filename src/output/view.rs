//! What templates see of a document's queries. A value is made when a template asks for it.

use super::entry::Entry;
use super::names;
use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr, Serde};
use std::sync::{Arc, OnceLock};

/// The queries with what was set for all of them, and their names once a template asks for one.
#[derive(Debug)]
pub(super) struct Queries {
    entries: Vec<Entry>,
    names: OnceLock<Vec<String>>,
    identifiers: OnceLock<Vec<String>>,
    options: Value,
    with: Value,
}

impl Queries {
    /// What a template's names are looked up in.
    pub(super) fn context(entries: Vec<Entry>, options: Value, with: Value) -> Value {
        let queries = Self {
            entries,
            names: OnceLock::new(),
            identifiers: OnceLock::new(),
            options,
            with,
        };
        Value::from_object(Root(Arc::new(queries)))
    }

    fn name(&self, at: usize) -> Option<&String> {
        self.names
            .get_or_init(|| names::unique(&self.entries))
            .get(at)
    }

    fn identifier(&self, at: usize) -> Option<&String> {
        let names = self.names.get_or_init(|| names::unique(&self.entries));
        self.identifiers
            .get_or_init(|| names::identifiers(names))
            .get(at)
    }
}

/// `queries`, `options`, `with`, and what the first query has, for a document of one query.
#[derive(Debug)]
struct Root(Arc<Queries>);

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "queries" => Some(Value::from_object(List(Arc::clone(&self.0)))),
            "options" => Some(self.0.options.clone()),
            "with" => Some(self.0.with.clone()),
            key => one(&self.0, 0, key),
        }
    }
}

/// `queries`
#[derive(Debug)]
struct List(Arc<Queries>);

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let at = key.as_usize().filter(|at| *at < self.0.entries.len())?;
        Some(Value::from_object(One(Arc::clone(&self.0), at)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.0.entries.len())
    }
}

/// One of `queries`.
#[derive(Debug)]
struct One(Arc<Queries>, usize);

impl Object for One {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        one(&self.0, self.1, key)
    }
}

/// What there is of a query.
fn one(queries: &Arc<Queries>, at: usize, key: &str) -> Option<Value> {
    let entry = queries.entries.get(at)?;
    Some(match key {
        "name" => Value::from(queries.name(at)?),
        "identifier" => Value::from(queries.identifier(at)?),
        "query" => Value::from(&entry.query),
        "before" => Value::from(&entry.before),
        "resume" => Value::from(&entry.resume),
        "search" => Value::from(&entry.search),
        "after" => Value::from(&entry.after),
        "state" => Value::from(Serde(&entry.state)),
        "bounds" => Value::from(Serde(&entry.bounds)),
        "tested" => entry.tested.iter().map(String::as_str).collect(),
        "number" => Value::from(entry.number),
        "count" => Value::from(entry.count),
        "rule" => Value::from_object(Facts(Arc::clone(queries), at)),
        _ => return None,
    })
}

/// `rule` of a query.
#[derive(Debug)]
struct Facts(Arc<Queries>, usize);

impl Object for Facts {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.0.entries.get(self.1)?.rule.get(key)
    }
}
