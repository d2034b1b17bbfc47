//! `[query.fault]`: what a profile's reference says wrongly.

use crate::backend::fault::{Case, Fault};
use crate::backend::language::Kind;
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
    let tests = tests(reader);
    let case = value.or_else(|| Some(Case::Name(reader.regex("name")?, tests)));
    let text = reader.required("text").to_owned();
    reader.check_keys();
    Some(Fault { case: case?, text })
}

/// `tests = ["cidr", "not null"]`: tests, and tests below a `not`.
fn tests(reader: &Reader<'_>) -> Vec<(Kind, bool)> {
    let names = reader.texts("tests").unwrap_or_default();
    let tests = names.into_iter().filter_map(|name| {
        let (negated, key) = match name.strip_prefix("not ") {
            Some(key) => (true, key),
            None => (false, name),
        };
        let kind = Kind::from_key(key);
        if kind.is_none() {
            let place = reader
                .get("tests")
                .map_or_else(Default::default, |entry| entry.place);
            reader.wrong(place, format!("there is no test `{key}`"));
        }
        Some((kind?, negated))
    });
    tests.collect()
}
