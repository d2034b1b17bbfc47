//! The tables of keys in the documents.
//!
//! In: the definition of a kind of file. Out: its tables, and the rows of a Markdown table for each.

use super::shape::{Key, Shape, Table};

/// The tables that a kind of file holds, each once, outer ones first.
#[must_use]
pub fn tables(root: &'static Table) -> Vec<&'static Table> {
    let mut tables = Vec::new();
    gather(&Shape::Table(root), &mut tables);
    tables
}

fn gather(shape: &Shape, tables: &mut Vec<&'static Table>) {
    match shape {
        Shape::Table(table) if tables.iter().all(|known| known.name != table.name) => {
            tables.push(table);
            let others = table.others.into_iter();
            for shape in table.all_keys().map(|key| &key.shape).chain(others) {
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

/// The rows of a table's own keys.
#[must_use]
pub fn rows(table: &Table) -> Vec<String> {
    let cell = |text: String| text.replace('|', "\\|");
    let row = |key: &Key| {
        let (title, about) = (cell(key.shape.title()), cell(sentence(key)));
        format!("| `{}` | {title} | {about} |", key.name)
    };
    let head = ["| key | value | what it says |", "|:--|:--|:--|"].map(str::to_owned);
    head.into_iter().chain(table.keys.iter().map(row)).collect()
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
