//! Typed reading of a table that [`check`](super::check) has let pass.
//!
//! In: a [`Table`]. Out: texts, lists and tables. A value of another type counts as missing; the check
//! has reported it, in the [`Problems`] of the file.

use super::Kind;
use super::tree::{Entry, Place, Table, Tree};
use crate::diagnostic::Diagnostic;
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

/// A table being read.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'t> {
    table: &'t Table,
    place: Place,
}

impl<'t> Reader<'t> {
    /// Reads a table.
    #[must_use]
    pub fn new(table: &'t Table) -> Self {
        Self {
            table,
            place: Place::default(),
        }
    }

    /// Where the key of the table is, for one of [`Reader::tables`].
    #[must_use]
    pub const fn span(&self) -> Span {
        self.place.span
    }

    /// The entries in order, for tables whose keys are names of the author's.
    #[must_use]
    pub fn entries(&self) -> &'t [(String, Place, Entry)] {
        &self.table.entries
    }

    /// What is written at a key, `false` included.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&'t Entry> {
        self.table.get(key)
    }

    /// The value of a key; `false` means that an overlay took it away.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'t Tree> {
        let value = &self.table.get(key)?.value;
        Some(value).filter(|value| **value != Tree::Bool(false))
    }

    /// The values of a list; one value is a list of one, and a missing one is an empty list.
    pub fn values(&self, key: &str) -> impl Iterator<Item = &'t Tree> + use<'t> {
        let (list, one) = match self.get(key) {
            Some(Tree::List(items)) => (items.as_slice(), None),
            one => (&[][..], one),
        };
        list.iter().map(|item| &item.value).chain(one)
    }

    /// A text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&'t str> {
        self.get(key).and_then(Tree::text)
    }

    /// A text of one's own; the empty one where the key is missing.
    #[must_use]
    pub fn owned(&self, key: &str) -> String {
        self.text(key).unwrap_or_default().to_owned()
    }

    /// A list of texts; one text is a list of one.
    pub fn texts(&self, key: &str) -> impl Iterator<Item = &'t str> + use<'t> {
        self.values(key).filter_map(Tree::text)
    }

    /// A list of texts of one's own; an empty one where the key is missing.
    #[must_use]
    pub fn owned_texts(&self, key: &str) -> Vec<String> {
        self.texts(key).map(str::to_owned).collect()
    }

    /// One text twice, or a list of two.
    #[must_use]
    pub fn pair(&self, key: &str) -> Option<(String, String)> {
        let mut texts = self.texts(key).map(str::to_owned);
        let first = texts.next()?;
        let second = texts.next().unwrap_or_else(|| first.clone());
        Some((first, second))
    }

    /// A list of texts, numbers and booleans, as the command line would give them.
    #[must_use]
    pub fn plain_list(&self, key: &str) -> Vec<String> {
        match self.get(key) {
            Some(Tree::List(items)) => items.iter().filter_map(|item| item.value.plain()).collect(),
            _ => Vec::new(),
        }
    }

    /// A table's keys and texts, in order.
    pub fn pairs(&self, key: &str) -> impl Iterator<Item = (&'t str, &'t str)> + use<'t> {
        let entries = self.table(key).map_or(&[][..], |table| table.entries());
        let pairs = entries.iter();
        pairs.filter_map(|(name, _, entry)| Some((name.as_str(), entry.value.text()?)))
    }

    /// A table's keys and texts of one's own.
    #[must_use]
    pub fn owned_pairs(&self, key: &str) -> Vec<(String, String)> {
        let pairs = self.pairs(key);
        let owned = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        owned.collect()
    }

    /// A table inside this one.
    #[must_use]
    pub fn table(&self, key: &str) -> Option<Self> {
        match self.get(key)? {
            Tree::Table(table) => Some(Self::new(table)),
            _ => None,
        }
    }

    /// What is made of the tables inside a table, by name, in the order written.
    pub fn tables<T>(&self, key: &str, mut read: impl FnMut(&str, &Self) -> T) -> Vec<T> {
        let entries = self.table(key).map_or(&[][..], |table| table.entries());
        let found = entries.iter().filter_map(|(name, place, entry)| {
            let Tree::Table(table) = &entry.value else {
                return None;
            };
            let place = *place;
            Some(read(name, &Self { table, place }))
        });
        found.collect()
    }

    /// The tables of a list.
    #[must_use]
    pub fn list_of_tables(&self, key: &str) -> Vec<Self> {
        let tables = self.values(key).filter_map(|value| match value {
            Tree::Table(table) => Some(Self::new(table)),
            _ => None,
        });
        tables.collect()
    }

    /// A regular expression.
    #[must_use]
    pub fn regex(&self, key: &str) -> Option<Regex> {
        Regex::new(self.text(key)?).ok()
    }

    /// `true` or `false`; `false` where it is missing.
    #[must_use]
    pub fn flag(&self, key: &str) -> bool {
        matches!(self.get(key), Some(Tree::Bool(true)))
    }

    /// One of a few words.
    #[must_use]
    pub fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = choices.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value)
    }

    /// A count.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<usize> {
        match self.get(key)? {
            Tree::Integer(number) => usize::try_from(*number).ok(),
            _ => None,
        }
    }
}
