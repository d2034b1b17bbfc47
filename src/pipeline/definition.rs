//! The definition of pipelines as data: `keys.toml`, read once.
//!
//! In: a type such as `set_state` and the table that it is looked up in. Out: its keys with their
//! shapes, by which [`Keys`](super::reader::Keys) checks a map.

use crate::table::Kind;
use crate::table::read::Reader;
use crate::table::tree::parse;
use std::sync::OnceLock;

/// What `keys.toml` holds.
#[derive(Debug)]
pub struct Definitions {
    /// Keys that several types have, by the group's name.
    groups: Vec<(String, Vec<Key>)>,
    tables: Vec<(String, Vec<Definition>)>,
}

/// A type of transformation, condition, postprocessing item or finalizer.
#[derive(Debug)]
pub struct Definition {
    /// What follows `type:`.
    pub name: String,
    /// Its own keys, and those of its groups.
    pub keys: Vec<Key>,
}

/// A key of a [`Definition`].
#[derive(Debug, Clone)]
pub struct Key {
    /// `mapping`
    pub name: String,
    /// The form of its value.
    pub shape: Shape,
    /// What it holds: `a list of field names`.
    pub holds: String,
    /// Must it be there?
    pub required: bool,
    /// May it be `null`? Otherwise that counts as left out.
    pub nullable: bool,
    /// The words that a text may be.
    pub one_of: Vec<String>,
}

/// The form of a value, as `keys.toml` explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Text,
    Flag,
    Count,
    Integer,
    Texts,
    TextOrTexts,
    Names,
    TextMap,
    Map,
    List,
    // These are checked by what reads them.
    Data,
    Rename,
    Conditions,
    Detection,
}

const SHAPES: &[(&str, Shape)] = &[
    ("text", Shape::Text),
    ("flag", Shape::Flag),
    ("count", Shape::Count),
    ("integer", Shape::Integer),
    ("texts", Shape::Texts),
    ("text_or_texts", Shape::TextOrTexts),
    ("names", Shape::Names),
    ("text_map", Shape::TextMap),
    ("map", Shape::Map),
    ("list", Shape::List),
    ("data", Shape::Data),
    ("rename", Shape::Rename),
    ("conditions", Shape::Conditions),
    ("detection", Shape::Detection),
];

impl Definitions {
    /// The definitions.
    pub fn get() -> &'static Self {
        static DEFINITIONS: OnceLock<Definitions> = OnceLock::new();
        DEFINITIONS.get_or_init(|| {
            let text = include_str!(concat!(env!("OUT_DIR"), "/keys.toml"));
            let file = parse(text, 0, Kind::BACKEND).expect("a test reads the file");
            let file = Reader::new(&file);
            let groups = file.tables("group", |name, group| (name.to_owned(), keys(*group)));
            let names = file.entries().iter().map(|(name, ..)| name);
            let tables = names.filter(|name| *name != "group").map(|name| {
                let types = file.list_of_tables(name).into_iter();
                let types = types.map(|table| Definition::read(table, &groups));
                (name.clone(), types.collect())
            });
            Self {
                tables: tables.collect(),
                groups,
            }
        })
    }

    /// The types of a table: `transformation`, `rule_condition`, ….
    pub fn table(&self, name: &str) -> &[Definition] {
        named(&self.tables, name)
    }

    /// The keys of a group.
    pub fn group(&self, name: &str) -> &[Key] {
        named(&self.groups, name)
    }
}

fn named<'l, T>(lists: &'l [(String, Vec<T>)], name: &str) -> &'l [T] {
    let mut lists = lists.iter();
    let found = lists.find(|(known, _)| known == name);
    found.map_or(&[], |(_, list)| list)
}

impl Definition {
    fn read(table: Reader<'_>, groups: &[(String, Vec<Key>)]) -> Self {
        let used = table.texts("uses").flat_map(|name| named(groups, name));
        Self {
            name: table.owned("type"),
            keys: keys(table).into_iter().chain(used.cloned()).collect(),
        }
    }
}

/// The `keys` of a type or a group.
fn keys(table: Reader<'_>) -> Vec<Key> {
    let keys = table.list_of_tables("keys").into_iter();
    let keys = keys.map(|key| Key {
        name: key.owned("name"),
        shape: key.choice("shape", SHAPES).unwrap_or(Shape::Data),
        holds: key.owned("holds"),
        required: key.flag("required"),
        nullable: key.flag("nullable"),
        one_of: key.owned_texts("one_of"),
    });
    keys.collect()
}

/// How a type is made of its map; `None` if something was wrong and has been reported.
pub type Load<T> = for<'k, 'n> fn(&'k super::reader::Keys<'n>) -> Option<T>;

/// The types of a table of `keys.toml`, each with what makes it.
pub struct Table<T: 'static> {
    /// The table's name.
    pub name: &'static str,
    /// For messages: `transformation`.
    pub what: &'static str,
    /// Groups of keys that all its types have.
    pub common: &'static [&'static str],
    /// Each type's name and what makes it.
    pub loads: &'static [(&'static str, Load<T>)],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_defined_and_can_be_made() {
        use crate::pipeline::{condition, finalizer, postprocessing, transformation};
        fn names<T>(table: &Table<T>) -> (&'static str, Vec<&'static str>) {
            (
                table.name,
                table.loads.iter().map(|(name, _)| *name).collect(),
            )
        }
        for (table, made) in [
            names(&transformation::TABLE),
            names(&condition::rule::TABLE),
            names(&condition::detection_item::TABLE),
            names(&condition::field_name::TABLE),
            names(&postprocessing::TABLE),
            names(&finalizer::TABLE),
        ] {
            let defined = Definitions::get().table(table).iter();
            let defined: Vec<_> = defined.map(|definition| definition.name.as_str()).collect();
            assert_eq!(defined, made, "{table}");
        }
    }

    /// Nothing in the file is passed over.
    #[test]
    fn the_file_is_well_formed() {
        use crate::table::check::check;
        use crate::table::read::Problems;
        use crate::table::shape::{Key, Shape, Table};
        const TEXT: Shape = Shape::Text;
        const SHAPE_NAMES: [&str; SHAPES.len()] = {
            let mut names = [""; SHAPES.len()];
            let mut at = 0;
            while at < names.len() {
                names[at] = SHAPES[at].0;
                at += 1;
            }
            names
        };
        static KEY: Table = Table::new(
            "key",
            &[
                Key::new("name", TEXT, "").required(),
                Key::new("shape", Shape::Words(&SHAPE_NAMES), "").required(),
                Key::new("holds", TEXT, "").required(),
                Key::new("required", Shape::Flag, ""),
                Key::new("nullable", Shape::Flag, ""),
                Key::new("one_of", Shape::List(&TEXT), ""),
                Key::new("of", TEXT, ""),
            ],
        );
        const KEYS: Shape = Shape::List(&Shape::Table(&KEY));
        static GROUP: Table = Table::new("group", &[Key::new("keys", KEYS, "").required()]);
        static TYPE: Table = Table::new(
            "type",
            &[
                Key::new("type", TEXT, "").required(),
                Key::new("does", TEXT, "").required(),
                Key::new("keys", KEYS, ""),
                Key::new("uses", Shape::List(&Shape::Name("group")), ""),
            ],
        );
        static FILE: Table = Table {
            names: &[("group", "group")],
            others: Some(&Shape::List(&Shape::Table(&TYPE))),
            ..Table::new(
                "file",
                &[Key::new(
                    "group",
                    Shape::Map(&TEXT, &Shape::Table(&GROUP)),
                    "",
                )],
            )
        };
        let file = parse(include_str!("keys.toml"), 0, Kind::BACKEND).unwrap();
        let problems = Problems::new(Kind::BACKEND);
        check(&file, &FILE, &problems);
        assert_eq!(problems.into_inner(), []);
    }
}
