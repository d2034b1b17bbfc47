//! What is wrong with a file, by the definition of its keys.
//!
//! In: a [`tree::Table`](super::tree::Table) and a [`shape::Table`](super::shape::Table). Out: every
//! unknown or missing key, every value of another shape, each at its place, in [`Problems`].

use super::read::Problems;
use super::shape::{Key, Shape, Table};
use super::tree::{self, Entry, Place, Tree};
use crate::diagnostic::{Diagnostic, nearest};

/// Checks a whole file.
pub fn check(root: &tree::Table, shape: &Table, problems: &Problems) {
    check_in(root, shape, problems, &[]);
}

/// The same, with names from outside the file that shapes refer to.
pub fn check_in(
    root: &tree::Table,
    shape: &Table,
    problems: &Problems,
    outside: &[(&str, Vec<&str>)],
) {
    let checker = Checker::new(root, problems);
    let empty = Scope {
        around: None,
        list: "",
        names: Vec::new(),
    };
    with_names(&empty, outside, &mut |scope| {
        checker.table(shape, scope, "", root, Place::default());
    });
}

/// A file being checked.
#[derive(Debug)]
pub struct Checker<'c> {
    /// The file.
    pub root: &'c tree::Table,
    problems: &'c Problems,
}

/// The lists of names at a place of the file, innermost first.
#[derive(Debug)]
pub struct Scope<'s> {
    around: Option<&'s Scope<'s>>,
    list: &'s str,
    names: Vec<&'s str>,
}

impl Scope<'_> {
    /// The names of a list; `None`: nothing declares it here.
    #[must_use]
    pub fn names(&self, list: &str) -> Option<&[&str]> {
        if self.list == list {
            return Some(&self.names);
        }
        self.around.and_then(|around| around.names(list))
    }
}

/// The list of the names that precede a value.
const EARLIER: &str = "earlier";

impl<'c> Checker<'c> {
    /// Of a file.
    #[must_use]
    pub const fn new(root: &'c tree::Table, problems: &'c Problems) -> Self {
        Self { root, problems }
    }

    /// Notes a problem at a place.
    pub fn problem(&self, place: Place, diagnostic: Diagnostic) {
        self.problems.add(place, diagnostic);
    }

    /// Notes a wrong key or value.
    pub fn wrong(&self, place: Place, message: impl Into<String>) {
        self.problem(place, Diagnostic::error(self.problems.kind().key, message));
    }

    /// Notes a value that is not what it should be.
    pub fn expected(&self, what: &str, path: &str, entry: &Entry) {
        let found = match &entry.value {
            Tree::Text(text) if text.chars().count() <= 40 && !text.contains(['`', '\n']) => {
                format!("`{text}`")
            }
            other => other.kind().to_owned(),
        };
        self.wrong(
            entry.place,
            format!("`{path}`: expected {what}, found {found}"),
        );
    }

    /// Notes a name that is not in a list.
    pub fn unknown(&self, list: &str, name: &str, scope: &Scope<'_>, place: Place) {
        let message = format!("there is no {list} `{name}`");
        let mut error = Diagnostic::error(self.problems.kind().key, message);
        let names = scope.names(list).unwrap_or_default().iter().copied();
        if let Some(near) = nearest(name, names) {
            error = error.help(format!("did you mean `{near}`?"));
        }
        self.problem(place, error);
    }

    fn table(
        &self,
        shape: &Table,
        scope: &Scope<'_>,
        path: &str,
        table: &tree::Table,
        place: Place,
    ) {
        let lists: Vec<(&str, Vec<&str>)> = shape
            .names
            .iter()
            .map(|(list, key)| (*list, self.keys_of(table, key)))
            .collect();
        with_names(scope, &lists, &mut |scope| {
            self.keys(shape, scope, path, table);
        });
        self.missing(shape, path, table, place);
    }

    /// The keys of the table at a dotted path, but for those that were taken away.
    fn keys_of<'t>(&self, table: &'t tree::Table, path: &str) -> Vec<&'t str> {
        let mut keys = path.split('.');
        let Some(table) = keys.try_fold(table, |table, key| table.table(key)) else {
            return Vec::new();
        };
        let entries = table.entries.iter();
        let there = entries.filter(|(.., entry)| !self.is_removed(entry));
        there.map(|(name, ..)| name.as_str()).collect()
    }

    /// Is it `false`, by which a file takes a key of its parent's away?
    fn is_removed(&self, entry: &Entry) -> bool {
        self.problems.kind().false_removes && entry.value == Tree::Bool(false)
    }

    fn keys(&self, shape: &Table, scope: &Scope<'_>, path: &str, table: &tree::Table) {
        for (name, place, entry) in &table.entries {
            let path = below(path, name);
            match shape.key(name).map(|key| &key.shape).or(shape.others) {
                Some(shape) => {
                    if matches!(shape, Shape::Flag) || !self.is_removed(entry) {
                        self.value(shape, scope, &path, entry);
                    }
                }
                None => {
                    let message = format!("unknown key `{path}`");
                    let mut error = Diagnostic::error(self.problems.kind().key, message);
                    let known = shape.all_keys().map(|key| key.name);
                    if let Some(near) = nearest(name, known) {
                        error = error.help(format!("did you mean `{near}`?"));
                    }
                    self.problem(*place, error);
                }
            }
        }
    }

    fn missing(&self, shape: &Table, path: &str, table: &tree::Table, place: Place) {
        let entry_of = |key: &str| table.get(key).filter(|entry| !self.is_removed(entry));
        let has = |key: &&str| entry_of(key).is_some();
        // What is missing is missing where the last of the files says something.
        let entries = table.entries.iter().map(|(.., entry)| entry.place);
        let last = entries.rev().max_by_key(|place| place.text);
        let place = last.unwrap_or(place);
        let required = shape.all_keys().filter(|key| key.is_required);
        for Key { name, .. } in required.filter(|key| !has(&key.name)) {
            self.wrong(place, format!("`{}` is missing", below(path, name)));
        }
        for (key, other) in shape.needs {
            if let Some(entry) = entry_of(key).filter(|_| !has(other)) {
                let (key, other) = (below(path, key), below(path, other));
                self.wrong(entry.place, format!("`{key}` needs `{other}` beside it"));
            }
        }
        let joined = |keys: &[&str], joint: &str| {
            let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
            keys.join(joint)
        };
        if !shape.any_of.is_empty() && !shape.any_of.iter().any(has) {
            let keys = joined(shape.any_of, " or ");
            self.wrong(place, format!("`{path}`: expected {keys}, found neither"));
        }
        let several: Vec<&str> = shape
            .one_of
            .iter()
            .copied()
            .filter(|key| has(key))
            .collect();
        if let [_, second, ..] = several.as_slice()
            && let Some(entry) = entry_of(second)
        {
            let keys = joined(&several, " and ");
            self.wrong(
                entry.place,
                format!("`{path}`: expected one of {keys}, found both"),
            );
        }
    }

    /// Checks a value.
    pub fn value(&self, shape: &Shape, scope: &Scope<'_>, path: &str, entry: &Entry) {
        match (shape, &entry.value) {
            (Shape::AnyOf(shapes), _) => {
                match shapes.iter().find(|shape| fits(shape, &entry.value)) {
                    Some(shape) => self.value(shape, scope, path, entry),
                    None => self.expected(&shape.title(), path, entry),
                }
            }
            (Shape::Own(own), _) => own.check(self, scope, path, entry),
            (Shape::OneOrMore(item) | Shape::List(item), Tree::List(items)) => {
                for entry in items {
                    self.value(item, scope, path, entry);
                }
            }
            (Shape::OneOrMore(item), _) => self.value(item, scope, path, entry),
            (Shape::Pair, Tree::List(items)) if items.len() == 2 => {
                self.value(&Shape::Texts(2), scope, path, entry);
            }
            (Shape::Texts(count), Tree::List(items)) if items.len() == *count => {
                for item in items {
                    self.value(&Shape::Text, scope, path, item);
                }
            }
            (Shape::Map(key, value), Tree::Table(table)) => {
                self.map((key, value), scope, path, table);
            }
            (Shape::Table(shape), Tree::Table(table)) => {
                self.table(shape, scope, path, table, entry.place);
            }
            (Shape::Value, Tree::List(items)) => {
                for item in items.iter().filter(|item| !is_scalar(&item.value)) {
                    self.expected("a text, a number or a boolean", path, item);
                }
            }
            (Shape::Order(words), Tree::List(items)) => {
                let is_there =
                    |word: &&str| items.iter().any(|item| item.value.text() == Some(word));
                if items.len() != words.len() || !words.iter().all(is_there) {
                    self.expected(&shape.title(), path, entry);
                }
            }
            (Shape::Name(list), Tree::Text(name)) => {
                let names = scope.names(list);
                if names.is_some_and(|names| !names.contains(&name.as_str())) {
                    self.unknown(list, name, scope, entry.place);
                }
            }
            (Shape::EarlierName(_), Tree::Text(name)) => {
                let names = scope.names(EARLIER);
                if !names.is_some_and(|names| names.contains(&name.as_str())) {
                    self.expected(&shape.title(), path, entry);
                }
            }
            (Shape::Regex, Tree::Text(text)) => {
                if let Err(error) = regex::Regex::new(text) {
                    self.wrong(entry.place, format!("`{path}`: {error}"));
                }
            }
            (_, value) if is_plain(shape, value) => {}
            _ => self.expected(&shape.title(), path, entry),
        }
    }

    fn map(
        &self,
        (key_shape, shape): (&Shape, &Shape),
        scope: &Scope<'_>,
        path: &str,
        table: &tree::Table,
    ) {
        let mut earlier = Vec::new();
        for (name, place, entry) in &table.entries {
            let key = Entry {
                value: Tree::Text(name.clone()),
                place: *place,
            };
            self.value(key_shape, scope, path, &key);
            if self.is_removed(entry) && !matches!(shape, Shape::Flag | Shape::Value) {
                continue;
            }
            let inner = Scope {
                around: Some(scope),
                list: EARLIER,
                names: earlier.clone(),
            };
            self.value(shape, &inner, &below(path, name), entry);
            earlier.push(name.as_str());
        }
    }
}

/// Runs with further lists of names in scope.
fn with_names(scope: &Scope<'_>, lists: &[(&str, Vec<&str>)], run: &mut dyn FnMut(&Scope<'_>)) {
    match lists {
        [] => run(scope),
        [(list, names), rest @ ..] => {
            let inner = Scope {
                around: Some(scope),
                list,
                names: names.clone(),
            };
            with_names(&inner, rest, run);
        }
    }
}

/// The dotted name of a key.
#[must_use]
pub fn below(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// Is the value's type one that the shape takes?
fn fits(shape: &Shape, value: &Tree) -> bool {
    match shape {
        Shape::Flag => matches!(value, Tree::Bool(_)),
        Shape::Count => matches!(value, Tree::Integer(_)),
        Shape::Value => !matches!(value, Tree::Table(_)),
        Shape::Map(..) | Shape::Table(_) => matches!(value, Tree::Table(_)),
        Shape::List(_) | Shape::Texts(_) | Shape::Order(_) => matches!(value, Tree::List(_)),
        Shape::OneOrMore(item) => matches!(value, Tree::List(_)) || fits(item, value),
        Shape::Pair => matches!(value, Tree::List(_) | Tree::Text(_)),
        Shape::AnyOf(shapes) => shapes.iter().any(|shape| fits(shape, value)),
        _ => matches!(value, Tree::Text(_)),
    }
}

fn is_scalar(value: &Tree) -> bool {
    !matches!(value, Tree::List(_) | Tree::Table(_))
}

/// Is it a value of a shape that needs no names and holds no other values?
fn is_plain(shape: &Shape, value: &Tree) -> bool {
    match (shape, value) {
        (Shape::Text | Shape::Pair, Tree::Text(_)) | (Shape::Flag, Tree::Bool(_)) => true,
        (Shape::Count, Tree::Integer(count)) => usize::try_from(*count).is_ok(),
        (Shape::Value, value) => is_scalar(value),
        (Shape::Character, Tree::Text(text)) => text.chars().count() == 1,
        (Shape::Words(words), Tree::Text(text)) => words.contains(&text.as_str()),
        (Shape::Around(slot), Tree::Text(text)) => text.matches(slot).count() == 1,
        _ => false,
    }
}
