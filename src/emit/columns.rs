//! The columns of a rule's table, with the types that a target knows.
//!
//! In: a [`Schema`] and a [`Backend`]. Out: for each table its columns, by which tests are worded.

use crate::backend::Backend;
use crate::backend::field::Within;
use crate::backend::when::{ColumnType, Reach, UNKNOWN};
use crate::schema::Schema;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

/// A schema in the types of a target.
#[derive(Debug, PartialEq, Eq)]
pub struct TypedSchema {
    /// Names and columns. One without a name serves for every table.
    tables: Vec<(Option<String>, Arc<Columns>)>,
    /// What is in all tables together.
    all: Arc<Columns>,
    /// What was looked for.
    found: Found,
    /// It comes with the target: of a table that it lacks nothing is known, nor without a name.
    pub is_default: bool,
}

/// The columns of names that rules were asked for. Thousands of indices may be one pattern's, and
/// thousands of rules ask for it.
#[derive(Debug, Default)]
struct Found(RwLock<BTreeMap<String, Option<Arc<Columns>>>>);

/// Rules name few tables: more than these are looked for each time.
const MOST_FOUND: usize = 64;

/// The columns of a table.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Columns {
    /// By name, in lower case where the engine ignores case; with the name as the schema has it.
    types: BTreeMap<String, (String, Typed)>,
    ignores_case: bool,
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Typed {
    /// An index of the target's types; of a list, that of its elements.
    kind: usize,
    is_list: bool,
}

impl Typed {
    const UNKNOWN: Self = Self {
        kind: UNKNOWN,
        is_list: false,
    };

    const fn column(self, within: Option<Within<'_>>) -> Column<'_> {
        Column {
            kind: self.kind,
            is_list: self.is_list,
            within,
        }
    }
}

/// A field as a schema knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'f> {
    /// Its type, as an index of the target's; of a list, that of its elements.
    pub kind: usize,
    /// It holds a list of values.
    pub is_list: bool,
    /// The column that it lies in, where it has to be reached in one: `raw` of `raw.process.name`.
    pub within: Option<Within<'f>>,
}

impl<'f> Column<'f> {
    /// A field of whose type its name tells.
    #[must_use]
    pub fn named(field: &'f str, types: &[ColumnType]) -> Option<Self> {
        let fits = |kind: &ColumnType| {
            kind.field_names
                .as_ref()
                .is_some_and(|names| names.has(field))
        };
        let kind = types.iter().position(fits)?;
        let is_list = false;
        Some(Typed { kind, is_list }.column(None))
    }
}

impl TypedSchema {
    /// A schema as a target sees it.
    #[must_use]
    pub fn new(schema: &Schema, backend: &Backend) -> Self {
        let uses = backend.schema.as_ref();
        let empty = || Columns {
            types: BTreeMap::new(),
            ignores_case: uses.is_some_and(|uses| uses.ignores_case),
        };
        let mut all = empty();
        let mut tables = Vec::with_capacity(schema.tables.len());
        for table in &schema.tables {
            let mut columns = empty();
            for column in &table.columns {
                let kind = typed(&column.kind, backend);
                columns.add(&column.name, kind);
                all.add(&column.name, kind);
            }
            tables.push((table.name.clone(), Arc::new(columns)));
        }
        Self {
            tables,
            all: Arc::new(all),
            found: Found::default(),
            is_default: false,
        }
    }

    /// The columns of the table of that name: `main.logs` is `logs` too, and `*` stands for anything.
    /// Several that fit are one; so are all where there is no name to go by. `None`: there is no such
    /// table.
    #[must_use]
    pub fn of_table(&self, name: &str) -> Option<Arc<Columns>> {
        self.found.or(name, || self.look_for(name))
    }

    fn look_for(&self, name: &str) -> Option<Arc<Columns>> {
        let fits = |table: &Option<String>| table.as_deref().is_none_or(|table| same(table, name));
        let mut fitting = self.tables.iter().filter(|(table, _)| fits(table));
        match (fitting.next(), fitting.next()) {
            (None, _) if self.is_default => None,
            _ if name.is_empty() && self.is_default => None,
            _ if name.is_empty() => Some(Arc::clone(&self.all)),
            // There is one table: it is meant, whatever it is called.
            (None, _) if self.tables.len() == 1 => Some(Arc::clone(&self.all)),
            (None, _) => None,
            (Some((_, columns)), None) => Some(Arc::clone(columns)),
            (Some(first), Some(second)) => {
                let mut merged = Columns {
                    types: BTreeMap::new(),
                    ignores_case: self.all.ignores_case,
                };
                for (_, columns) in [first, second].into_iter().chain(fitting) {
                    for (name, kind) in columns.types.values() {
                        merged.add(name, *kind);
                    }
                }
                Some(Arc::new(merged))
            }
        }
    }
}

impl Found {
    /// What was found for the name before, or is now.
    fn or(&self, name: &str, look: impl FnOnce() -> Option<Arc<Columns>>) -> Option<Arc<Columns>> {
        if let Ok(found) = self.0.read()
            && let Some(columns) = found.get(name)
        {
            return columns.clone();
        }
        let columns = look();
        if let Ok(mut found) = self.0.write()
            && found.len() < MOST_FOUND
        {
            found.insert(name.to_owned(), columns.clone());
        }
        columns
    }
}

/// What was looked for makes no difference.
impl PartialEq for Found {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Found {}

/// Do two names mean one table? The last of their parts decide, whatever their case.
fn same(table: &str, name: &str) -> bool {
    let parts = |name: &str| -> Vec<String> {
        let parts = name.split('.').rev();
        parts.map(str::to_lowercase).collect()
    };
    if table.contains('*') || name.contains('*') || name.contains(',') {
        return name
            .split(',')
            .any(|name| glob(table, name.trim()) || glob(name.trim(), table));
    }
    let (table, name) = (parts(table), parts(name));
    table.iter().zip(&name).all(|(a, b)| a == b)
}

/// Does a pattern in which `*` stands for anything fit a whole text?
fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

/// The type of a column that a schema calls so: `varchar`, or `varchar[]` of a list.
fn typed(name: &str, backend: &Backend) -> Typed {
    let element = name.strip_suffix("[]");
    let Some(element) = element.filter(|_| named(name, &backend.types).is_none()) else {
        return Typed {
            kind: type_of(name, &backend.types),
            is_list: false,
        };
    };
    let kind = type_of(element, &backend.types);
    let reach = backend.types.get(kind).map(|kind| kind.reach);
    let has_words = backend.query.elements.is_some();
    // Elements with fields of their own, and lists of lists, are no values.
    if !has_words || element.ends_with("[]") || reach.is_some_and(|reach| reach != Reach::Name) {
        return Typed::UNKNOWN;
    }
    Typed {
        kind,
        is_list: true,
    }
}

/// The target's type of that name, or the one of all others; [`UNKNOWN`]: there is none, or no name.
fn type_of(name: &str, types: &[ColumnType]) -> usize {
    let others = || named(OTHERS, types).filter(|_| !name.is_empty());
    named(name, types).or_else(others).unwrap_or(UNKNOWN)
}

/// What the names of a type have for all names that no type has.
const OTHERS: &str = "*";

fn named(name: &str, types: &[ColumnType]) -> Option<usize> {
    let is_named = |kind: &ColumnType| kind.name == name || kind.names.iter().any(|n| n == name);
    types.iter().position(is_named)
}

impl Columns {
    /// Adds a column. Of one that is of two types nothing is known.
    fn add(&mut self, name: &str, kind: Typed) {
        let key = self.key(name).into_owned();
        let known = self.types.entry(key);
        let (_, known) = known.or_insert_with(|| (name.to_owned(), kind));
        if *known != kind {
            *known = Typed::UNKNOWN;
        }
    }

    fn key<'f>(&self, name: &'f str) -> Cow<'f, str> {
        if self.ignores_case && name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(name.to_ascii_lowercase())
        } else {
            Cow::Borrowed(name)
        }
    }

    /// What is known of a field; `None`: the table has no such column.
    #[must_use]
    pub fn find<'f>(&self, field: &'f str, types: &[ColumnType]) -> Option<Column<'f>> {
        let key = self.key(field);
        let own = self.types.get(key.as_ref()).map(|(_, kind)| *kind);
        let mut end = field.len();
        while let Some(dot) = field[..end].rfind('.') {
            end = dot;
            let around = self.types.get(&key[..end]);
            let around = around.and_then(|(_, around)| types.get(around.kind));
            let of_around = |around: &ColumnType| {
                around.fields.map(|kind| Typed {
                    kind,
                    is_list: false,
                })
            };
            if let Some(around) = around
                && let Some(kind) = own.or_else(|| of_around(around))
            {
                let is_path = around.reach == Reach::Path;
                let column = &field[..end];
                let within = (around.reach != Reach::Name).then_some(Within { column, is_path });
                return Some(kind.column(within));
            }
        }
        own.map(|kind| kind.column(None))
    }

    /// The names of all columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.types.values().map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_told_by_the_last_parts_of_their_names() {
        assert!(same("logs", "main.logs") && same("dbo.Logs", "logs") && same("a.b", "x.a.b"));
        assert!(!same("a.logs", "b.logs") && !same("logs", "logs2"));
        assert!(same("logs-*", "logs-windows") && same("logs-windows-1", "logs-*,winlogbeat-*"));
        assert!(!same("logs-windows", "logs-linux*"));
    }

    #[test]
    fn stars_stand_for_anything() {
        assert!(glob("*", "") && glob("a*b*c", "a-b-b-c") && glob("*-x", "a-x"));
        assert!(!glob("a*b", "ab-") && !glob("ab", "abc"));
    }
}
