//! The table of log sources as its file has it.

use super::{FieldValues, PatternPart, RoutingTable, SourcePattern};
use crate::eval::event::{Event, FieldName};
use crate::table::Kind;
use crate::table::read::Reader;
use crate::table::tree::parse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What shows that an event is of some log sources.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub sources: Vec<u16>,
    pub otherwise: bool,
    /// The tests but the one that the table is searched by: fields, and values in lower case.
    rest: Vec<(Vec<FieldName>, Vec<String>)>,
    exists: Vec<FieldName>,
}

impl Entry {
    pub fn meets_rest(&self, event: &Event) -> bool {
        let exists = |field: &FieldName| event.visit(field, &mut |_| {});
        let holds = |(fields, values): &(Vec<FieldName>, Vec<String>)| {
            let mut is_found = false;
            for field in fields {
                event.visit(field, &mut |scalar| {
                    let found = scalar.stored();
                    is_found |= found.is_some_and(|found| values.contains(&found.to_lowercase()));
                });
            }
            is_found
        };
        self.exists.iter().all(exists) && self.rest.iter().all(holds)
    }
}

struct File {
    fields: BTreeMap<String, Vec<String>>,
    source: Vec<Written>,
}

struct Written {
    is: Vec<String>,
    exists: Vec<String>,
    otherwise: bool,
    tests: BTreeMap<String, Vec<String>>,
}

impl File {
    fn read(text: &str) -> Result<Self, String> {
        let file = parse(text, 0, Kind::BACKEND).map_err(|error| error.message)?;
        let file = Reader::new(&file);
        let fields = file.table("fields").map(|fields| lists(fields, &[]));
        let source = file.list_of_tables("source").into_iter();
        Ok(Self {
            fields: fields.unwrap_or_default(),
            source: source.map(Written::read).collect(),
        })
    }
}

impl Written {
    fn read(table: Reader<'_>) -> Self {
        Self {
            is: table.owned_texts("is"),
            exists: table.owned_texts("exists"),
            otherwise: table.flag("otherwise"),
            tests: lists(table, &["is", "exists", "otherwise"]),
        }
    }
}

/// The lists of a table, but for some keys.
fn lists(table: Reader<'_>, but: &[&str]) -> BTreeMap<String, Vec<String>> {
    let names = table.entries().iter().map(|(name, ..)| name);
    let names = names.filter(|name| !but.contains(&name.as_str()));
    names
        .map(|name| (name.clone(), table.owned_texts(name)))
        .collect()
}

/// Reads a table, or says what is wrong with it.
pub(super) fn read(text: &str) -> Result<RoutingTable, String> {
    let file = File::read(text)?;
    let written: BTreeSet<&str> = file
        .source
        .iter()
        .flat_map(|one| &one.is)
        .map(String::as_str)
        .collect();
    let written: Vec<&str> = written.into_iter().collect();
    let sources: Result<Vec<_>, String> =
        written.iter().map(|one| pattern(one, &written)).collect();
    let mut table = RoutingTable {
        sources: sources?,
        entries: Vec::new(),
        by_value: Vec::new(),
        by_presence: Vec::new(),
        fields: Vec::new(),
        declared: None,
    };
    let mut by_value: BTreeMap<&str, HashMap<String, Vec<usize>>> = BTreeMap::new();
    for one in &file.source {
        let at = table.entries.len();
        let mut tests = Vec::new();
        for (name, values) in &one.tests {
            let fields = file
                .fields
                .get(name)
                .ok_or_else(|| format!("`{name}` has no fields"))?;
            if values.is_empty() {
                return Err(format!("`{name}` has no values"));
            }
            let values: Vec<String> = values.iter().map(|value| value.to_lowercase()).collect();
            tests.push((name.as_str(), fields.clone(), values));
        }
        if tests.is_empty() {
            if one.exists.is_empty() {
                return Err(format!("{:?} has no test", one.is));
            }
            table.by_presence.push(at);
        } else {
            let (name, _, values) = tests.remove(0);
            let known = by_value.entry(name).or_default();
            for value in values {
                known.entry(value).or_default().push(at);
            }
        }
        let number = |source: &String| {
            let found = written.binary_search(&source.as_str()).unwrap_or(0);
            u16::try_from(found).unwrap_or(u16::MAX)
        };
        table.entries.push(Entry {
            sources: one.is.iter().map(number).collect(),
            otherwise: one.otherwise,
            rest: tests
                .into_iter()
                .map(|(_, fields, values)| (names(&fields), values))
                .collect(),
            exists: names(&one.exists),
        });
    }
    for (name, entries) in by_value {
        let fields = file.fields.get(name).map(|fields| names(fields));
        let fields = fields.unwrap_or_default();
        table.by_value.push(FieldValues { fields, entries });
    }
    let values = file.fields.values().flatten();
    let asked: BTreeSet<&String> = values
        .chain(file.source.iter().flat_map(|one| &one.exists))
        .collect();
    table.fields = asked.into_iter().map(|name| FieldName::new(name)).collect();
    Ok(table)
}

fn names(fields: &[String]) -> Vec<FieldName> {
    fields.iter().map(|name| FieldName::new(name)).collect()
}

/// `product/category/service`
fn pattern(text: &str, all: &[&str]) -> Result<SourcePattern, String> {
    let parts: Vec<&str> = text.split('/').collect();
    let [product, category, service] = parts[..] else {
        return Err(format!("`{text}` has other than three parts"));
    };
    let part = |text: &str| match text {
        "" => PatternPart::Missing,
        text => PatternPart::Is(text.to_owned()),
    };
    let service = if service == "*" {
        let others = all
            .iter()
            .filter_map(|one| one.strip_prefix(product)?.strip_prefix('/'));
        let others = others.filter_map(|one| Some(one.split_once('/')?.1.to_owned()));
        PatternPart::Other(others.filter(|service| service != "*").collect())
    } else {
        part(service)
    };
    Ok(SourcePattern {
        product: part(product),
        category: part(category),
        service,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_checked() {
        let read = |text: &str| read(text).err();
        assert_eq!(read(include_str!("sources.toml")), None);
        let fields = "[fields]\na = [\"A\"]\n";
        for (text, why) in [
            ("[[source]]\nis = [\"x\"]\na = [\"1\"]\n", "three parts"),
            ("[[source]]\nis = [\"x//\"]\n", "no test"),
            ("[[source]]\nis = [\"x//\"]\nb = [\"1\"]\n", "no fields"),
            ("[[source]]\nis = [\"x//\"]\na = [1]\n", "no values"),
        ] {
            let error = read(&format!("{fields}{text}")).expect(text);
            assert!(error.contains(why), "{error}");
        }
    }
}
