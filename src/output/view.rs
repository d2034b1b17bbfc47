//! What templates see of a document's queries. A value is made when a template asks for it.

use super::entry::DocumentEntry;
use super::names;
use minijinja::Value;
use minijinja::value::{Object, Serde};
use std::sync::{Arc, OnceLock};

/// What a template's names are looked up in: `queries`, `options`, `with`, and what the first query
/// has, for a document of one query.
pub(super) fn context(entries: Vec<DocumentEntry>, options: Value, with: Value) -> Value {
    let names = Arc::new(Names {
        names: names::unique(&entries),
        identifiers: OnceLock::new(),
    });
    let queries = entries.into_iter().enumerate().map(|(at, entry)| {
        Arc::new(NamedEntry {
            entry,
            names: Arc::clone(&names),
            at,
        })
    });
    let queries: Vec<Arc<NamedEntry>> = queries.collect();
    Value::from_object(Root {
        first: queries.first().cloned(),
        queries: queries.into_iter().map(Value::from_dyn_object).collect(),
        options,
        with,
    })
}

#[derive(Debug)]
struct Root {
    queries: Value,
    first: Option<Arc<NamedEntry>>,
    options: Value,
    with: Value,
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "queries" => Some(self.queries.clone()),
            "options" => Some(self.options.clone()),
            "with" => Some(self.with.clone()),
            key => self.first.as_ref()?.get_value_by_str(key),
        }
    }
}

/// One of `queries`.
#[derive(Debug)]
pub(super) struct NamedEntry {
    pub entry: DocumentEntry,
    /// Those of all queries.
    names: Arc<Names>,
    /// Which of them it is.
    at: usize,
}

/// The names of a document's queries. Few templates ask for identifiers.
#[derive(Debug)]
struct Names {
    names: Vec<String>,
    identifiers: OnceLock<Vec<String>>,
}

impl Names {
    fn identifiers(&self) -> &[String] {
        let made = || names::identifiers(&self.names);
        self.identifiers.get_or_init(made)
    }
}

impl Object for NamedEntry {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let entry = &self.entry;
        Some(match key {
            "name" => Value::from(&self.names.names[self.at]),
            "identifier" => Value::from(&self.names.identifiers()[self.at]),
            "query" => Value::from(&entry.query),
            "before" => Value::from(&entry.before),
            "resume" => Value::from(&entry.resume),
            "search" => Value::from(&entry.search),
            "conjuncts" => entry.conjuncts().map(Value::from).collect(),
            "clauses" => Value::from(entry.clauses),
            "texts" => Value::from(Serde(&entry.texts)),
            "after" => Value::from(&entry.after),
            "state" => Value::from(Serde(&entry.state)),
            "bounds" => Value::from(Serde(&entry.bounds)),
            "tested" => entry.tested.iter().map(String::as_str).collect(),
            "correlation" => entry
                .correlation
                .as_ref()
                .map_or(Value::UNDEFINED, |it| Value::from(Serde(it))),
            "is_unfinished" => Value::from(entry.is_unfinished),
            "number" => Value::from(entry.number),
            "count" => Value::from(entry.count),
            "rule" => Value::from_dyn_object(Arc::clone(&entry.rule)),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_name_is_there() {
        let query = Arc::new(NamedEntry {
            entry: DocumentEntry::default(),
            names: Arc::new(Names {
                names: vec![String::new()],
                identifiers: OnceLock::new(),
            }),
            at: 0,
        });
        let table = include_str!("../../docs/page.md").split("| Query | Meaning |");
        let rows = table.last().expect("the table").lines().skip(2);
        let names = rows.map_while(|row| row.strip_prefix("| `")?.split_once('`'));
        let names: Vec<&str> = names.map(|(name, _)| name).collect();
        assert_eq!(names.len(), 16);
        for name in names {
            assert!(query.get_value_by_str(name).is_some(), "{name}");
        }
    }
}
