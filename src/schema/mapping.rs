//! Mappings of Elasticsearch and `OpenSearch`, and Kusto's schema of a database.
//!
//! <https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-get-mapping>
//! <https://learn.microsoft.com/en-us/kusto/management/show-schema-database>

use super::{Schema, Table};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The tables of an answer, wherever in it they are.
pub(super) fn tables(value: &Value) -> Schema {
    let mut schema = Schema::default();
    find(value, None, &mut schema, 0);
    schema
}

/// Levels that are looked into; real answers have a handful, and nested fields a few more.
const DEEPEST: usize = 64;

/// Keys that name nothing: what is below them is called as what is above.
const WRAPPERS: [&str; 7] = [
    "template",
    "index_template",
    "index_templates",
    "component_template",
    "component_templates",
    "Tables",
    "Databases",
];

fn find(value: &Value, name: Option<&str>, schema: &mut Schema, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    match value {
        Value::Array(items) => {
            for item in items {
                find(item, name, schema, depth + 1);
            }
        }
        Value::Object(object) => {
            let patterns = object.get("index_patterns").and_then(Value::as_array);
            let patterns = patterns.map(|patterns| {
                let patterns = patterns.iter().filter_map(Value::as_str);
                patterns.collect::<Vec<_>>().join(",")
            });
            let own = object.get("name").and_then(Value::as_str);
            let name = patterns.as_deref().or(own).or(name);
            if let Some(columns) = object.get("OrderedColumns").and_then(Value::as_array) {
                let name = object.get("Name").and_then(Value::as_str).or(name);
                return kusto(columns, schema.table(name));
            }
            let mappings = object.get("mappings").unwrap_or(value);
            // Elasticsearch 6 has the name of a type between them.
            let mappings = mappings.get("_doc").unwrap_or(mappings);
            if let Some(properties) = mappings.get("properties").and_then(Value::as_object) {
                let normalizers = Normalizers::of(object);
                let table = schema.table(name);
                fields(properties, "", &normalizers, table, depth);
                if let Some(runtime) = mappings.get("runtime").and_then(Value::as_object) {
                    fields(runtime, "", &normalizers, table, depth);
                }
                let kinds = table.columns.iter();
                // Of a name that is there twice the first one counts.
                let kinds = kinds
                    .rev()
                    .map(|column| (column.name.clone(), column.kind.clone()));
                return aliases(properties, "", &kinds.collect(), table, depth);
            }
            for (key, inner) in object {
                let is_name = !WRAPPERS.contains(&key.as_str());
                let name = if is_name { name.or(Some(key)) } else { name };
                if inner.is_object() || inner.is_array() {
                    find(inner, name, schema, depth + 1);
                }
            }
        }
        _ => {}
    }
}

fn kusto(columns: &[Value], table: &mut Table) {
    for column in columns {
        let text = |key| column.get(key).and_then(Value::as_str);
        if let (Some(name), Some(kind)) = (text("Name"), text("CslType").or(text("Type"))) {
            table.add(name, kind);
        }
    }
}

/// The normalizers that make lower case.
struct Normalizers<'m>(Vec<&'m str>);

impl<'m> Normalizers<'m> {
    /// Those that an index declares, and `lowercase`, which every index has.
    fn of(index: &'m Map<String, Value>) -> Self {
        let settings = index.get("settings");
        let settings = settings.map(|settings| settings.get("index").unwrap_or(settings));
        let analysis = settings.and_then(|settings| settings.get("analysis"));
        let declared = analysis.and_then(|analysis| analysis.get("normalizer")?.as_object());
        let lowers = declared.into_iter().flatten().filter(|(_, normalizer)| {
            let filters = normalizer.get("filter");
            let is_lower = |filter: &Value| filter == "lowercase";
            filters.is_some_and(|filter| match filter {
                Value::Array(filters) => filters.iter().any(is_lower),
                filter => is_lower(filter),
            })
        });
        let names = lowers.map(|(name, _)| name.as_str());
        Self(names.chain(["lowercase"]).collect())
    }
}

fn fields(
    properties: &Map<String, Value>,
    before: &str,
    normalizers: &Normalizers<'_>,
    table: &mut Table,
    depth: usize,
) {
    if depth > DEEPEST {
        return;
    }
    for (name, field) in properties.iter().filter(|(_, field)| is_found(field)) {
        let path = format!("{before}{name}");
        let kind = field.get("type").and_then(Value::as_str);
        let inner = field.get("properties").and_then(Value::as_object);
        match kind {
            // An object has fields of its own; the type of an alias is that of the field that it names.
            None | Some("object" | "alias") => {}
            Some("keyword" | "constant_keyword") => {
                let normalizer = field.get("normalizer").and_then(Value::as_str);
                let is_lower = normalizer.is_some_and(|name| normalizers.0.contains(&name));
                let kind = kind.filter(|_| !is_lower).unwrap_or("normalized");
                table.add(path.as_str(), kind);
            }
            Some(kind) => table.add(path.as_str(), kind),
        }
        let others = field.get("fields").and_then(Value::as_object);
        for inner in inner.into_iter().chain(others) {
            fields(inner, &format!("{path}."), normalizers, table, depth + 1);
        }
    }
}

/// Does a search for the field's values find any? Those of `nested` objects are found by a query that
/// names the object, unless they are fields of what is around it, too.
/// <https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/nested>
fn is_found(field: &Value) -> bool {
    let is = |key: &str, wanted: bool| field.get(key) == Some(&Value::Bool(wanted));
    let kind = field.get("type").and_then(Value::as_str);
    let has_values = !matches!(kind, Some("text" | "match_only_text"));
    match kind {
        Some("nested") => is("include_in_parent", true) || is("include_in_root", true),
        _ => !is("index", false) || has_values && !is("doc_values", false),
    }
}

/// Adds fields that are other names of fields, whose types these are.
fn aliases(
    properties: &Map<String, Value>,
    before: &str,
    kinds: &HashMap<String, String>,
    table: &mut Table,
    depth: usize,
) {
    if depth > DEEPEST {
        return;
    }
    for (name, field) in properties {
        let path = format!("{before}{name}");
        if field.get("type").is_some_and(|kind| kind == "alias") {
            let of = field.get("path").and_then(Value::as_str);
            if let Some(kind) = of.and_then(|of| kinds.get(of)) {
                table.add(path.as_str(), kind);
            }
        }
        if let Some(inner) = field.get("properties").and_then(Value::as_object) {
            aliases(inner, &format!("{path}."), kinds, table, depth + 1);
        }
    }
}
