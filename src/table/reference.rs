//! The tables of keys in the documents.
//!
//! In: a document with `<!-- keys: NAME -->` and `<!-- end of keys -->` on lines of their own, and the
//! definition of a kind of file. Out: the document with a Markdown table of each named table's keys
//! between them, and the names of tables that it does not have.

use super::shape::{Key, Shape, Table};
use std::fmt::Write as _;

const START: &str = "<!-- keys: ";
const END: &str = "<!-- end of keys -->";

/// Writes the tables of keys into a document, and names the tables that have no place in it.
#[must_use]
pub fn written(document: &str, root: &'static Table) -> (String, Vec<&'static str>) {
    let mut tables = Vec::new();
    gather(&Shape::Table(root), &mut tables);
    let mut missing: Vec<&'static str> = tables.iter().map(|table| table.name).collect();
    let (mut out, mut inside) = (String::with_capacity(document.len()), false);
    for line in document.split_inclusive('\n') {
        let name = line.trim_end().strip_prefix(START);
        let name = name.and_then(|rest| rest.strip_suffix(" -->"));
        inside &= !line.starts_with(END);
        if !inside {
            out.push_str(line);
        }
        if let Some(table) = tables.iter().find(|table| Some(table.name) == name) {
            inside = true;
            missing.retain(|missing| *missing != table.name);
            out.push_str(&keys(table));
        }
    }
    (out, missing)
}

/// The tables of a shape and of what it holds, each once.
fn gather(shape: &Shape, tables: &mut Vec<&'static Table>) {
    match shape {
        Shape::Table(table) if tables.iter().all(|known| known.name != table.name) => {
            tables.push(table);
            let others = table.others.into_iter();
            for shape in table.keys.iter().map(|key| &key.shape).chain(others) {
                gather(shape, tables);
            }
        }
        Shape::OneOrMore(inner) | Shape::List(inner) | Shape::Map(_, inner) => {
            gather(inner, tables);
        }
        Shape::AnyOf(shapes) => shapes.iter().for_each(|shape| gather(shape, tables)),
        _ => {}
    }
}

/// A Markdown table. Writing to a string can't fail.
fn keys(table: &Table) -> String {
    let mut out = "\n| key | value | what it says |\n|:--|:--|:--|\n".to_owned();
    for key in table.keys {
        let about = sentence(key).replace('|', "\\|");
        let title = key.shape.title().replace('|', "\\|");
        let _ = writeln!(out, "| `{}` | {title} | {about} |", key.name);
    }
    out.push('\n');
    out
}

fn sentence(key: &Key) -> String {
    match key {
        Key {
            is_required: true,
            about,
            ..
        } => format!("{about}; required"),
        Key {
            default: "", about, ..
        } => (*about).to_owned(),
        Key { default, about, .. } => format!("{about}; `{default}` if not given"),
    }
}
