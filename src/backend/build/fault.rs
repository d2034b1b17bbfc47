//! `[query.fault]`: what a profile's reference says wrongly.

use crate::backend::fault::{Case, Fault};
use crate::table::read::Reader;
use crate::table::tree::Tree;

/// Reads `[query.fault]`, in the order written.
pub(super) fn faults(reader: &Reader<'_>) -> Vec<Fault> {
    let Some(table) = reader.table("fault") else {
        return Vec::new();
    };
    let faults = table
        .entries()
        .iter()
        .filter_map(|(key, place, entry)| match &entry.value {
            Tree::Bool(false) => None,
            Tree::Text(text) => {
                let case = Case::from_key(key);
                if case.is_none() {
                    let what = "a key that names a case, or a table with `value` or `name`";
                    table.expected(what, &table.path(key), *place);
                }
                let text = text.clone();
                Some(Fault { case: case?, text })
            }
            Tree::Table(keys) => found(&Reader::new(keys, &table.path(key), table.problems())),
            _ => {
                table.expected("a text or a table", &table.path(key), entry.place);
                None
            }
        });
    faults.collect()
}

/// A fault of the values or names in which a regular expression finds something.
fn found(reader: &Reader<'_>) -> Option<Fault> {
    let value = reader.regex("value").map(Case::Value);
    let case = value.or_else(|| reader.regex("name").map(Case::Name));
    let text = reader.required("text").to_owned();
    reader.check_keys();
    Some(Fault { case: case?, text })
}
