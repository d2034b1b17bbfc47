//! The definition of pipelines as data: `keys.toml`, read once.
//!
//! In: a type such as `set_state` and the table that it is looked up in. Out: its keys with their
//! shapes, by which [`Keys`](super::reader::Keys) checks a map.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What `keys.toml` holds.
#[derive(Debug, Deserialize)]
pub struct Definitions {
    group: BTreeMap<String, Group>,
    #[serde(flatten)]
    tables: BTreeMap<String, Vec<Definition>>,
}

#[derive(Debug, Deserialize)]
struct Group {
    keys: Vec<Key>,
}

/// A type of transformation, condition, postprocessing item or finalizer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// What follows `type:`.
    #[serde(rename = "type")]
    pub name: String,
    /// What it does, in a sentence.
    #[allow(dead_code, reason = "for the tables of the documentation")]
    does: String,
    /// Its own keys.
    #[serde(default)]
    pub keys: Vec<Key>,
    /// Groups of further keys.
    #[serde(default)]
    uses: Vec<String>,
}

/// A key of a [`Definition`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// `mapping`
    pub name: String,
    /// The form of its value.
    pub shape: Shape,
    /// What it holds: `a list of field names`.
    pub holds: String,
    /// Must it be there?
    #[serde(default)]
    pub required: bool,
    /// May it be `null`? Otherwise that counts as left out.
    #[serde(default)]
    pub nullable: bool,
    /// The words that a text may be.
    #[serde(default)]
    pub one_of: Vec<String>,
    /// The table that the maps inside are defined by.
    #[allow(dead_code, reason = "for the schema")]
    of: Option<String>,
}

/// The form of a value, as `keys.toml` explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
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

impl Definitions {
    /// The definitions.
    pub fn get() -> &'static Self {
        static DEFINITIONS: OnceLock<Definitions> = OnceLock::new();
        DEFINITIONS.get_or_init(|| {
            let mut all: Self =
                toml::from_str(include_str!(concat!(env!("OUT_DIR"), "/keys.toml")))
                    .expect("a test reads the file");
            for definition in all.tables.values_mut().flatten() {
                for name in &definition.uses {
                    let group = all.group.get(name);
                    let keys = group.map_or(&[][..], |group| &group.keys);
                    definition.keys.extend(keys.iter().cloned());
                }
            }
            all
        })
    }

    /// The types of a table: `transformation`, `rule_condition`, ….
    pub fn table(&self, name: &str) -> &[Definition] {
        self.tables.get(name).map_or(&[], Vec::as_slice)
    }

    /// The keys of a group.
    pub fn group(&self, name: &str) -> &[Key] {
        self.group.get(name).map_or(&[], |group| &group.keys)
    }
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
        let groups = &Definitions::get().group;
        for definition in Definitions::get().tables.values().flatten() {
            let known = definition.uses.iter().all(|name| groups.contains_key(name));
            assert!(known, "{}", definition.name);
        }
    }
}
