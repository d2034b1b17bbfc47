//! TOML texts as trees that remember where each value was written, and their overlay.
//!
//! In: the texts of a file and of those that it extends. Out: one [`Entry`] tree, in which a
//! later text's keys replace an earlier one's and `false` takes a key away.

use super::Kind;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use std::fmt::Write as _;
use toml::de::{DeTable, DeValue};
use toml_writer::{ToTomlKey as _, ToTomlValue as _};

/// Which of the loaded texts, and which bytes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Index into the texts that the table was read from.
    pub text: usize,
    /// The bytes.
    pub span: Span,
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The value.
    pub value: Tree,
    /// Where it was written last.
    pub place: Place,
}

/// A value of TOML or YAML.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// `"text"`
    Text(String),
    /// `12`
    Integer(i64),
    /// `1.5`, as it is written.
    Float(String),
    /// `true`
    Bool(bool),
    /// `[1, 2]`
    List(Vec<Entry>),
    /// `[table]`, keys in the order written.
    Table(Table),
}

/// Keys and values in the order written, a parent's first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Key, the key's own place, value.
    pub entries: Vec<(String, Place, Entry)>,
}

impl Tree {
    /// Its type, with an article.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Bool(true) => "`true`",
            Self::Bool(false) => "`false`",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }

    /// The text that it is.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A value as the command line would give it: the items of a list are joined by commas. `None`:
    /// it is a table, or holds one or a list in a list.
    #[must_use]
    pub fn plain(&self) -> Option<String> {
        Some(match self {
            Self::Text(text) | Self::Float(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            Self::Bool(value) => value.to_string(),
            Self::List(items) => {
                let items = items.iter().map(|item| match &item.value {
                    Self::List(_) => None,
                    item => item.plain(),
                });
                items.collect::<Option<Vec<_>>>()?.join(",")
            }
            Self::Table(_) => return None,
        })
    }
}

impl Table {
    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|(known, ..)| known == key)
            .map(|(.., entry)| entry)
    }

    /// The table at a key.
    #[must_use]
    pub fn table(&self, key: &str) -> Option<&Self> {
        match self.get(key).map(|entry| &entry.value) {
            Some(Tree::Table(table)) => Some(table),
            _ => None,
        }
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        let mut entries = self.entries.iter_mut();
        entries
            .find(|(known, ..)| known == key)
            .map(|(.., entry)| entry)
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|(known, ..)| known == key)?;
        Some(self.entries.remove(at).2)
    }

    /// Lays another table over this one: tables merge, everything else is replaced, and `false`
    /// over a table or a text takes it away.
    pub fn overlay(&mut self, over: &Self) {
        for (key, place, entry) in &over.entries {
            let known = self.entries.iter_mut().find(|(known, ..)| known == key);
            match (known, &entry.value) {
                (Some((.., under)), Tree::Table(table))
                    if matches!(under.value, Tree::Table(_)) =>
                {
                    if let Tree::Table(under) = &mut under.value {
                        under.overlay(table);
                    }
                }
                (Some((.., under)), _) => *under = entry.clone(),
                (None, _) => self.entries.push((key.clone(), *place, entry.clone())),
            }
        }
    }
}

/// Parses a TOML text, the `text`-th of its file and those that it extends.
///
/// # Errors
/// The kind's code for syntax, at the place that the parser names.
pub fn parse(source: &str, text: usize, kind: Kind) -> Result<Table, Diagnostic> {
    let table = DeTable::parse(source).map_err(|error| {
        // A second side may be wrong before its marker is: `[output]` twice.
        let conflict = source.find("<<<<<<< ").filter(|at| {
            let before = &source[..*at];
            before.is_empty() || before.ends_with('\n')
        });
        if let Some(at) = conflict {
            let message = "expected TOML, found the marker of a merge conflict";
            return Diagnostic::error(kind.syntax, message)
                .at(Span::new(at, at + 7))
                .help("decide between the two sides, and remove the lines with `<<<<<<<`, `=======` and `>>>>>>>`");
        }
        let message = error.message().trim_end_matches('.').to_owned();
        let diagnostic = Diagnostic::error(kind.syntax, message);
        match error.span() {
            Some(range) => diagnostic.at(Span::new(range.start, range.end)),
            None => diagnostic,
        }
    })?;
    convert_table(table.into_inner(), text, kind)
}

fn convert_table(table: DeTable<'_>, text: usize, kind: Kind) -> Result<Table, Diagnostic> {
    let mut entries = Vec::with_capacity(table.len());
    for (key, value) in table {
        let place = Place {
            text,
            span: span(key.span()),
        };
        let written = Place {
            text,
            span: span(value.span()),
        };
        let value = convert(value.into_inner(), written, kind)?;
        entries.push((
            key.into_inner().into_owned(),
            place,
            Entry {
                value,
                place: written,
            },
        ));
    }
    entries.sort_by_key(|(_, place, _)| place.span);
    Ok(Table { entries })
}

fn convert(value: DeValue<'_>, place: Place, kind: Kind) -> Result<Tree, Diagnostic> {
    Ok(match value {
        DeValue::String(text) => Tree::Text(text.into_owned()),
        DeValue::Boolean(value) => Tree::Bool(value),
        DeValue::Integer(number) => {
            let parsed = i64::from_str_radix(number.as_str(), number.radix());
            Tree::Integer(
                parsed.map_err(|_| {
                    unexpected("an integer of 64 bits", "a larger one", place, kind)
                })?,
            )
        }
        DeValue::Array(items) => {
            let mut list = Vec::with_capacity(items.len());
            for item in items {
                let place = Place {
                    span: span(item.span()),
                    ..place
                };
                list.push(Entry {
                    value: convert(item.into_inner(), place, kind)?,
                    place,
                });
            }
            Tree::List(list)
        }
        DeValue::Table(table) => Tree::Table(convert_table(table, place.text, kind)?),
        DeValue::Float(number) => Tree::Float(number.as_str().to_owned()),
        DeValue::Datetime(_) => {
            let expected = "a text, a number, a boolean, a list or a table";
            return Err(unexpected(expected, "a date", place, kind));
        }
    })
}

fn unexpected(expected: &str, found: &str, place: Place, kind: Kind) -> Diagnostic {
    Diagnostic::error(kind.key, format!("expected {expected}, found {found}")).at(place.span)
}

fn span(range: std::ops::Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

impl Table {
    /// Sets which text the whole table was read from.
    pub fn set_text(&mut self, text: usize) {
        self.each_place(&|place| place.text = text);
    }

    /// Sets where everything in the table counts as written.
    pub fn set_place(&mut self, written: Place) {
        self.each_place(&|place| *place = written);
    }

    fn each_place(&mut self, set: &dyn Fn(&mut Place)) {
        for (_, place, entry) in &mut self.entries {
            set(place);
            entry.each_place(set);
        }
    }
}

impl Entry {
    fn each_place(&mut self, set: &dyn Fn(&mut Place)) {
        set(&mut self.place);
        match &mut self.value {
            Tree::List(items) => items.iter_mut().for_each(|item| item.each_place(set)),
            Tree::Table(table) => table.each_place(set),
            Tree::Text(_) | Tree::Integer(_) | Tree::Float(_) | Tree::Bool(_) => {}
        }
    }
}

/// Writes a table as TOML, tables after plain keys. Writing to a string can't fail.
pub fn write(table: &Table, out: &mut String) {
    write_table(table, "", out);
}

fn write_table(table: &Table, path: &str, out: &mut String) {
    let is_table = |entry: &Entry| matches!(entry.value, Tree::Table(_));
    let plain: Vec<_> = table
        .entries
        .iter()
        .filter(|(.., entry)| !is_table(entry))
        .collect();
    // A table may be there by its name alone.
    let is_named = !plain.is_empty() || table.entries.is_empty();
    if is_named && !path.is_empty() {
        let _ = write!(out, "\n[{path}]\n");
    }
    for (key, _, entry) in plain {
        let _ = writeln!(out, "{} = {}", key.to_toml_key(), value_text(&entry.value));
    }
    for (key, _, entry) in &table.entries {
        if let Tree::Table(inner) = &entry.value {
            let key = key.to_toml_key();
            let path = if path.is_empty() {
                key
            } else {
                format!("{path}.{key}")
            };
            write_table(inner, &path, out);
        }
    }
}

fn value_text(tree: &Tree) -> String {
    match tree {
        Tree::Text(text) => text.to_toml_value(),
        Tree::Integer(number) => number.to_string(),
        Tree::Float(number) => number.clone(),
        Tree::Bool(value) => value.to_string(),
        Tree::List(items) => {
            let items: Vec<String> = items.iter().map(|item| value_text(&item.value)).collect();
            format!("[{}]", items.join(", "))
        }
        Tree::Table(table) => {
            let pairs = table.entries.iter();
            let pairs = pairs.map(|(key, _, entry)| {
                format!("{} = {}", key.to_toml_key(), value_text(&entry.value))
            });
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}
