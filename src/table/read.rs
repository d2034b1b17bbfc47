//! Typed reading of a table: every key is known, every value has its type.
//!
//! In: a [`Table`] and its place (`query.test`). Out: texts, lists and tables; what is wrong
//! is collected, so that a file's author sees all of it at once.

use super::Kind;
use super::tree::{Entry, Place, Table, Tree};
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::Span;
use regex::Regex;
use std::cell::RefCell;

/// What was found wrong with a file.
#[derive(Debug)]
pub struct Problems {
    kind: Kind,
    found: RefCell<Vec<(usize, Diagnostic)>>,
}

impl Problems {
    /// Nothing is wrong yet.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            found: RefCell::new(Vec::new()),
        }
    }

    /// What kind of file it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Notes a problem at a place.
    pub fn add(&self, place: Place, diagnostic: Diagnostic) {
        let mut found = self.found.borrow_mut();
        found.push((place.text, diagnostic.at(place.span)));
    }

    /// Has nothing been found?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// Everything that was found, each with the text that it is in.
    #[must_use]
    pub fn into_inner(self) -> Vec<(usize, Diagnostic)> {
        self.found.into_inner()
    }
}

/// A table being read. Dropped keys are unknown keys: call [`Reader::finish`].
#[derive(Debug)]
pub struct Reader<'t> {
    table: &'t Table,
    name: String,
    place: Place,
    known: RefCell<Vec<&'static str>>,
    problems: &'t Problems,
}

impl<'t> Reader<'t> {
    /// Reads a table of that dotted name (empty for the file itself).
    #[must_use]
    pub fn new(table: &'t Table, name: &str, problems: &'t Problems) -> Self {
        Self {
            table,
            name: name.to_owned(),
            place: Place::default(),
            known: RefCell::new(Vec::new()),
            problems,
        }
    }

    /// Where the key of the table is, for one of [`Reader::tables`].
    #[must_use]
    pub const fn span(&self) -> Span {
        self.place.span
    }

    /// Where problems go.
    #[must_use]
    pub const fn problems(&self) -> &'t Problems {
        self.problems
    }

    /// The entries in order, for tables whose keys are names of the author's.
    #[must_use]
    pub fn entries(&self) -> &'t [(String, Place, Entry)] {
        &self.table.entries
    }

    /// The dotted name of a key.
    #[must_use]
    pub fn path(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }

    /// Notes a problem at a place.
    pub fn problem(&self, place: Place, diagnostic: Diagnostic) {
        self.problems.add(place, diagnostic);
    }

    /// Notes a wrong key or value at a place.
    pub fn wrong(&self, place: Place, message: impl Into<String>) {
        self.problem(place, Diagnostic::error(self.problems.kind.key, message));
    }

    /// The value of a key; `false` means that an overlay took it away.
    pub fn get(&self, key: &'static str) -> Option<&'t Entry> {
        self.known.borrow_mut().push(key);
        self.table
            .get(key)
            .filter(|entry| entry.value != Tree::Bool(false))
    }

    /// What is written at a key, `false` included.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&'t Entry> {
        self.table.get(key)
    }

    /// Is a key written? `false` counts.
    #[must_use]
    pub fn is_there(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    /// A text.
    pub fn text(&self, key: &'static str) -> Option<&'t str> {
        self.text_entry(key).map(|(text, _)| text)
    }

    /// A text and its place.
    pub fn text_entry(&self, key: &'static str) -> Option<(&'t str, Place)> {
        let entry = self.get(key)?;
        match &entry.value {
            Tree::Text(text) => Some((text, entry.place)),
            _ => {
                self.expected("a text", &self.path(key), entry.place);
                None
            }
        }
    }

    /// A text of one's own; the empty one where the key is missing.
    pub fn owned(&self, key: &'static str) -> String {
        self.text(key).unwrap_or_default().to_owned()
    }

    /// A list of texts of one's own; an empty one where the key is missing.
    pub fn owned_texts(&self, key: &'static str) -> Vec<String> {
        let texts = self.texts(key).unwrap_or_default();
        texts.into_iter().map(str::to_owned).collect()
    }

    /// A table's keys and texts of one's own.
    pub fn owned_pairs(&self, key: &'static str) -> Vec<(String, String)> {
        let pairs = self.pairs(key).into_iter();
        let owned = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        owned.collect()
    }

    /// One text twice, or a list of two.
    pub fn pair(&self, key: &'static str) -> Option<(String, String)> {
        let texts = self.owned_texts(key);
        let first = texts.first()?.clone();
        let second = texts.get(1).unwrap_or(&first).clone();
        Some((first, second))
    }

    /// A list of texts, numbers and booleans, as the command line would give them.
    pub fn plain_list(&self, key: &'static str) -> Vec<String> {
        match self.get(key).map(|entry| &entry.value) {
            Some(Tree::List(items)) => items.iter().filter_map(|item| item.value.plain()).collect(),
            _ => Vec::new(),
        }
    }

    /// What is made of the tables inside a table, by name, in the order written.
    pub fn tables<T>(&self, key: &'static str, read: impl Fn(&str, &Reader<'t>) -> T) -> Vec<T> {
        let Some(tables) = self.table(key) else {
            return Vec::new();
        };
        let entries = tables.entries().iter();
        let found = entries.filter_map(|(name, place, entry)| match &entry.value {
            Tree::Table(table) => {
                let mut reader = Reader::new(table, &tables.path(name), self.problems);
                reader.place = *place;
                Some(read(name, &reader))
            }
            _ => None,
        });
        found.collect()
    }

    /// The tables of a list.
    pub fn list_of_tables(&self, key: &'static str) -> Vec<Self> {
        let Some(Tree::List(items)) = self.get(key).map(|entry| &entry.value) else {
            return Vec::new();
        };
        let tables = items.iter().filter_map(|item| match &item.value {
            Tree::Table(table) => Some(Self::new(table, &self.path(key), self.problems)),
            _ => None,
        });
        tables.collect()
    }

    /// A regular expression.
    pub fn regex(&self, key: &'static str) -> Option<Regex> {
        let (text, place) = self.text_entry(key)?;
        let regex = Regex::new(text).map_err(|error| {
            let message = format!("`{}`: {error}", self.path(key));
            self.wrong(place, message);
        });
        regex.ok()
    }

    /// A text that has to be there.
    pub fn required(&self, key: &'static str) -> &'t str {
        self.text(key).unwrap_or_else(|| {
            if self.table.get(key).is_none() {
                self.missing(key);
            }
            ""
        })
    }

    /// Notes that a key is missing.
    pub fn missing(&self, key: &str) {
        let place = self.table.entries.first().map(|(_, place, _)| *place);
        let message = format!("`{}` is missing", self.path(key));
        self.wrong(place.unwrap_or_default(), message);
    }

    /// `true` or `false`; `false` where it is missing.
    pub fn flag(&self, key: &'static str) -> bool {
        match self.get(key) {
            None => false,
            Some(entry) => match entry.value {
                Tree::Bool(value) => value,
                _ => {
                    self.expected("`true` or `false`", &self.path(key), entry.place);
                    false
                }
            },
        }
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let (text, place) = self.text_entry(key)?;
        let found = choices.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let words: Vec<String> = choices
                .iter()
                .map(|(word, _)| format!("`{word}`"))
                .collect();
            self.expected(&words.join(" or "), &self.path(key), place);
        }
        found.map(|(_, value)| *value)
    }

    /// A list of texts; one text is a list of one.
    pub fn texts(&self, key: &'static str) -> Option<Vec<&'t str>> {
        let entry = self.get(key)?;
        match &entry.value {
            Tree::Text(text) => Some(vec![text]),
            Tree::List(items) => Some(
                items
                    .iter()
                    .filter_map(|item| match &item.value {
                        Tree::Text(text) => Some(text.as_str()),
                        _ => {
                            self.expected("a text", &self.path(key), item.place);
                            None
                        }
                    })
                    .collect(),
            ),
            _ => {
                self.expected("a list of texts", &self.path(key), entry.place);
                None
            }
        }
    }

    /// A table's keys and texts, in order.
    pub fn pairs(&self, key: &'static str) -> Vec<(&'t str, &'t str)> {
        let Some(table) = self.table(key) else {
            return Vec::new();
        };
        table
            .entries()
            .iter()
            .filter_map(|(name, _, entry)| match &entry.value {
                Tree::Text(text) => Some((name.as_str(), text.as_str())),
                Tree::Bool(false) => None,
                _ => {
                    self.expected("a text", &table.path(name), entry.place);
                    None
                }
            })
            .collect()
    }

    /// A table inside this one.
    pub fn table(&self, key: &'static str) -> Option<Reader<'t>> {
        let entry = self.get(key)?;
        match &entry.value {
            Tree::Table(table) => Some(Self::new(table, &self.path(key), self.problems)),
            _ => {
                self.expected("a table", &self.path(key), entry.place);
                None
            }
        }
    }

    /// Notes a value of the wrong type.
    pub fn expected(&self, what: &str, path: &str, place: Place) {
        let message = format!("`{path}`: expected {what}");
        self.wrong(place, message);
    }

    /// A count.
    pub fn number(&self, key: &'static str) -> Option<usize> {
        let entry = self.get(key)?;
        match entry.value {
            Tree::Integer(number) => usize::try_from(number).ok(),
            _ => {
                self.expected("a number", &self.path(key), entry.place);
                None
            }
        }
    }

    /// Notes every key that nobody asked for.
    pub fn finish(self) {
        self.check_keys();
    }

    /// The same, of a table that is still read from.
    pub fn check_keys(&self) {
        let known = self.known.borrow();
        for (key, place, _) in &self.table.entries {
            if !known.contains(&key.as_str()) {
                let message = format!("unknown key `{}`", self.path(key));
                let mut diagnostic = Diagnostic::error(self.problems.kind.key, message);
                if let Some(name) = nearest(key, known.iter().copied()) {
                    diagnostic = diagnostic.help(format!("did you mean `{name}`?"));
                }
                self.problem(*place, diagnostic);
            }
        }
    }
}
