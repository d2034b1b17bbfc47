//! The JSON Schema of a kind of file, for editors.
//!
//! In: the [`Table`] that defines its keys. Out: a schema of draft 7, a definition for each table.

use super::Kind;
use super::shape::{Key, Shape, Table};
use super::tree::{Tree, parse};
use serde_json::{Map, Value, json};

/// The schema of a kind of file, as JSON text with a newline at its end.
#[must_use]
pub fn schema(title: &str, about: &str, root: &Table, kind: Kind) -> String {
    let mut schema = Schema {
        kind,
        definitions: Map::new(),
    };
    let mut whole = Map::new();
    whole.insert(
        "$schema".into(),
        "http://json-schema.org/draft-07/schema#".into(),
    );
    whole.insert("title".into(), title.into());
    whole.insert("description".into(), about.into());
    whole.extend(schema.table(root));
    whole.insert("definitions".into(), Value::Object(schema.definitions));
    format!("{:#}\n", Value::Object(whole))
}

struct Schema {
    kind: Kind,
    definitions: Map<String, Value>,
}

impl Schema {
    fn table(&mut self, table: &Table) -> Map<String, Value> {
        let mut object = Map::new();
        object.insert("type".into(), "object".into());
        // A file that builds on another one may leave to it what is required.
        let required: Vec<&str> = table
            .all_keys()
            .filter(|key| key.is_required && !self.kind.false_removes)
            .map(|key| key.name)
            .collect();
        if !required.is_empty() {
            object.insert("required".into(), json!(required));
        }
        let others = table.others.map(|shape| self.removable(shape));
        object.insert(
            "additionalProperties".into(),
            others.unwrap_or(Value::Bool(false)),
        );
        let properties: Map<String, Value> = table
            .all_keys()
            .map(|key| (key.name.to_owned(), self.key(key)))
            .collect();
        object.insert("properties".into(), Value::Object(properties));
        object
    }

    fn key(&mut self, key: &Key) -> Value {
        let mut value = Map::new();
        value.insert("description".into(), key.about.into());
        if let Some(default) = default(key) {
            value.insert("default".into(), default);
        }
        if let Value::Object(shape) = self.removable(&key.shape) {
            value.extend(shape);
        }
        Value::Object(value)
    }

    /// The shape, or `false` where that takes a key away.
    fn removable(&mut self, shape: &Shape) -> Value {
        let own = self.shape(shape);
        if !self.kind.false_removes || matches!(shape, Shape::Flag | Shape::Value) {
            return own;
        }
        json!({ "anyOf": [own, { "const": false }] })
    }

    fn shape(&mut self, shape: &Shape) -> Value {
        match shape {
            Shape::Flag => json!({ "type": "boolean" }),
            Shape::Count => json!({ "type": "integer", "minimum": 0 }),
            Shape::Value => json!({ "type": ["string", "number", "boolean", "array"] }),
            Shape::Character => json!({ "type": "string", "minLength": 1, "maxLength": 1 }),
            Shape::Words(words) => json!({ "enum": words }),
            Shape::Order(words) => json!({
                "type": "array", "items": { "enum": words }, "uniqueItems": true,
                "minItems": words.len(), "maxItems": words.len(),
            }),
            Shape::Regex => json!({ "type": "string", "format": "regex" }),
            Shape::Text | Shape::Around(_) | Shape::Name(_) | Shape::EarlierName(_) => {
                json!({ "type": "string" })
            }
            Shape::OneOrMore(item) => {
                let item = self.shape(item);
                json!({ "anyOf": [item, { "type": "array", "items": item }] })
            }
            Shape::Pair => {
                let two = self.shape(&Shape::Texts(2));
                json!({ "anyOf": [{ "type": "string" }, two] })
            }
            Shape::Texts(count) => json!({
                "type": "array", "items": { "type": "string" },
                "minItems": count, "maxItems": count,
            }),
            Shape::List(item) => json!({ "type": "array", "items": self.shape(item) }),
            Shape::Map(_, value) => {
                json!({ "type": "object", "additionalProperties": self.removable(value) })
            }
            Shape::Table(table) => {
                if !self.definitions.contains_key(table.name) {
                    // Its place, before it is known: a table may hold itself.
                    self.definitions.insert(table.name.to_owned(), Value::Null);
                    let own = Value::Object(self.table(table));
                    self.definitions.insert(table.name.to_owned(), own);
                }
                json!({ "$ref": format!("#/definitions/{}", table.name) })
            }
            Shape::AnyOf(shapes) => {
                let shapes: Vec<Value> = shapes.iter().map(|shape| self.shape(shape)).collect();
                json!({ "anyOf": shapes })
            }
            Shape::Own(own) => own.schema(),
        }
    }
}

/// What holds where a key is missing; nothing: the key has no such value.
fn default(key: &Key) -> Option<Value> {
    let table = parse(&format!("default = {}", key.default), 0, Kind::BACKEND).ok()?;
    Some(json_of(&table.get("default")?.value))
}

fn json_of(tree: &Tree) -> Value {
    match tree {
        Tree::Text(text) => json!(text),
        Tree::Integer(number) => json!(number),
        Tree::Float(number) => json!(number.parse::<f64>().ok()),
        Tree::Bool(value) => json!(value),
        Tree::List(items) => items.iter().map(|item| json_of(&item.value)).collect(),
        Tree::Table(table) => {
            let entries = table.entries.iter();
            let entries = entries.map(|(name, _, entry)| (name.clone(), json_of(&entry.value)));
            Value::Object(entries.collect())
        }
    }
}
