//! What is said of pipelines' keys in three places: the document, the schema for editors, the
//! program. The first two are made from the program's definitions, `src/pipeline/keys.toml`.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use varsigma::pipeline::{self, builtin, environment::Closed};

const DEFINITIONS: &str = include_str!("../src/pipeline/keys.toml");
const DOCUMENT: &str = include_str!("../docs/pipelines.md");
const SCHEMA: &str = include_str!("../docs/pipeline.schema.json");

#[derive(Deserialize)]
struct Definitions {
    group: BTreeMap<String, Group>,
    #[serde(flatten)]
    tables: BTreeMap<String, Vec<Definition>>,
}

#[derive(Deserialize)]
struct Group {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Definition {
    r#type: String,
    does: String,
    #[serde(default)]
    keys: Vec<Key>,
    #[serde(default)]
    uses: Vec<String>,
}

#[derive(Deserialize)]
struct Key {
    name: String,
    shape: String,
    holds: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    one_of: Vec<String>,
    of: Option<String>,
}

/// Tables with their headings, what their first column has, and the groups of keys that all have.
const TABLES: &[(&str, &str, &str, &[&str])] = &[
    (
        "transformation",
        "Transformations",
        "transformation",
        &["item", "transformation"],
    ),
    ("rule_condition", "Rule conditions", "condition", &[]),
    (
        "detection_item_condition",
        "Detection item conditions",
        "condition",
        &[],
    ),
    (
        "field_name_condition",
        "Field name conditions",
        "condition",
        &[],
    ),
    ("postprocessing", "Postprocessing items", "item", &["item"]),
    ("finalizer", "Finalizers", "finalizer", &[]),
];

impl Definitions {
    fn read() -> Self {
        toml::from_str(DEFINITIONS).unwrap()
    }

    /// The keys of a type, those of its groups included.
    fn keys<'d>(&'d self, definition: &'d Definition) -> Vec<&'d Key> {
        let groups = definition.uses.iter();
        let shared = groups.flat_map(|name| &self.group[name].keys);
        definition.keys.iter().chain(shared).collect()
    }
}

/// The tables of the document.
fn tables(definitions: &Definitions) -> String {
    let mut text = String::from("## Keys of a pipeline\n\n| key | holds |\n|---|---|\n");
    let cell = |text: &str| text.replace('|', "\\|");
    for key in &definitions.tables["pipeline"][0].keys {
        writeln!(text, "| `{}` | {} |", key.name, cell(&key.holds)).unwrap();
    }
    text += "\n## Keys of every transformation\n\n";
    text += "Postprocessing items have the first five, too.\n\n| key | holds |\n|---|---|\n";
    let groups = &definitions.group;
    let common = groups["item"].keys.iter();
    for key in common.chain(&groups["transformation"].keys) {
        writeln!(text, "| `{}` | {} |", key.name, cell(&key.holds)).unwrap();
    }
    for (table, heading, kind, _) in TABLES {
        write!(
            text,
            "\n## {heading}\n\n| {kind} | does | keys |\n|---|---|---|\n"
        )
        .unwrap();
        for definition in &definitions.tables[*table] {
            let keys = definitions.keys(definition).into_iter().map(|key| {
                let mark = if key.required { "**" } else { "" };
                format!("{mark}`{}`{mark}: {}", key.name, cell(&key.holds))
            });
            let keys = keys.collect::<Vec<_>>().join("<br>");
            let (name, does) = (&definition.r#type, &definition.does);
            writeln!(text, "| `{name}` | {does} | {keys} |").unwrap();
        }
    }
    text
}

fn of_shape(key: &Key) -> Value {
    let text = json!({"type": ["string", "number", "boolean"]});
    let named = |place: &Option<String>| {
        let place = place.as_deref().unwrap_or_default();
        json!({"$ref": format!("#/definitions/{place}")})
    };
    match key.shape.as_str() {
        "text" if !key.one_of.is_empty() => json!({"enum": key.one_of}),
        "text" => text,
        "flag" => json!({"type": "boolean"}),
        "count" | "integer" => json!({"type": "integer"}),
        "texts" => json!({"type": "array", "items": text}),
        "names" | "text_or_texts" => {
            json!({"oneOf": [text, {"type": "array", "items": text}]})
        }
        "text_map" => json!({"type": "object", "additionalProperties": text}),
        "list" => json!({"type": "array", "items": named(&key.of)}),
        "conditions" => json!({"oneOf": [
            {"type": "array", "items": named(&key.of)},
            {"type": "object", "additionalProperties": named(&key.of)},
        ]}),
        "map" | "rename" | "detection" => json!({"type": "object"}),
        "data" => json!({}),
        other => panic!("{other}"),
    }
}

fn properties<'k>(keys: impl IntoIterator<Item = &'k Key>) -> Map<String, Value> {
    let property = |key: &Key| {
        let mut schema = of_shape(key);
        schema["description"] = key.holds.clone().into();
        (key.name.clone(), schema)
    };
    keys.into_iter().map(property).collect()
}

/// The schema for editors.
fn schema(definitions: &Definitions) -> Value {
    let mut named = Map::new();
    for (table, _, _, groups) in TABLES {
        let one = |definition: &Definition| {
            let keys = definitions.keys(definition);
            let common = groups
                .iter()
                .flat_map(|name| &definitions.group[*name].keys);
            let required = keys.iter().filter(|key| key.required);
            let required = required.map(|key| key.name.as_str());
            let required: Vec<_> = std::iter::once("type").chain(required).collect();
            let mut properties = properties(keys.iter().copied().chain(common));
            properties.insert("type".into(), json!({"const": definition.r#type}));
            json!({
                "title": definition.r#type,
                "description": definition.does,
                "type": "object",
                "required": required,
                "properties": properties,
                "additionalProperties": false,
            })
        };
        let all: Vec<_> = definitions.tables[*table].iter().map(one).collect();
        named.insert((*table).into(), json!({"oneOf": all}));
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Processing pipeline",
        "description": "What a SIEM calls things: fields, log sources, and what is done to queries.",
        "type": "object",
        "properties": properties(&definitions.tables["pipeline"][0].keys),
        "additionalProperties": false,
        "definitions": named,
    })
}

fn is_updating() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

#[test]
fn the_document_has_the_definitions() {
    let begin = "<!-- made from src/pipeline/keys.toml: begin -->\n";
    let end = "<!-- made from src/pipeline/keys.toml: end -->";
    let (before, rest) = DOCUMENT.split_once(begin).unwrap();
    let (found, after) = rest.split_once(end).unwrap();
    let expected = tables(&Definitions::read());
    if found != expected && is_updating() {
        let page = format!("{before}{begin}{expected}{end}{after}");
        std::fs::write("docs/pipelines.md", page).unwrap();
    }
    assert!(found == expected, "run `UPDATE_DOCS=1 cargo test` once");
}

#[test]
fn the_schema_has_the_definitions() {
    let expected = serde_json::to_string_pretty(&schema(&Definitions::read())).unwrap() + "\n";
    if SCHEMA != expected && is_updating() {
        std::fs::write("docs/pipeline.schema.json", &expected).unwrap();
    }
    assert!(SCHEMA == expected, "run `UPDATE_DOCS=1 cargo test` once");
}

/// Does the part of JSON Schema that is used here accept a value?
fn accepts(schema: &Value, value: &Value, root: &Value) -> bool {
    if let Some(place) = schema["$ref"].as_str() {
        return accepts(root.pointer(&place[1..]).unwrap(), value, root);
    }
    let one = |name: &str| match name {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other}"),
    };
    let is_type = match &schema["type"] {
        Value::String(name) => one(name),
        Value::Array(names) => names.iter().any(|name| one(name.as_str().unwrap())),
        _ => true,
    };
    let is_const = schema.get("const").is_none_or(|wanted| wanted == value);
    let words = schema["enum"].as_array();
    let is_word = words.is_none_or(|words| words.contains(value));
    let all = schema["oneOf"].as_array();
    let is_one = all.is_none_or(|all| {
        let fits = all.iter().filter(|one| accepts(one, value, root));
        fits.count() == 1
    });
    let required = schema["required"].as_array().into_iter().flatten();
    let has_all = required
        .map(|name| name.as_str().unwrap())
        .all(|name| value.get(name).is_some());
    let items = value.as_array().into_iter().flatten();
    let has_items = schema
        .get("items")
        .is_none_or(|of| items.clone().all(|item| accepts(of, item, root)));
    let pairs = value.as_object().into_iter().flatten();
    let has_properties = pairs.clone().all(|(name, value)| {
        let property = schema["properties"].get(name);
        match property.or(schema.get("additionalProperties")) {
            None => true,
            Some(Value::Bool(is_allowed)) => *is_allowed,
            Some(property) => accepts(property, value, root),
        }
    });
    is_type && is_const && is_word && is_one && has_all && has_items && has_properties
}

fn of_yaml(text: &str) -> Value {
    serde_yaml::from_str::<Value>(text).unwrap()
}

#[test]
fn the_schema_accepts_what_the_program_does() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pipelines");
    let cases = std::fs::read_dir(folder.join("cases")).unwrap();
    let mut paths: Vec<_> = cases
        .map(|case| case.unwrap().path().join("pipeline.yml"))
        .collect();
    let warned = std::fs::read_dir(folder.join("warned")).unwrap();
    paths.extend(warned.map(|file| file.unwrap().path()));
    paths.sort();
    let texts = paths.iter().map(|path| {
        let text = std::fs::read_to_string(path).unwrap_or_else(|_| panic!("{}", path.display()));
        (path.display().to_string(), text)
    });
    let built_in = builtin::ALL.iter();
    let built_in = built_in.map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let mut accepted = 0;
    for (name, text) in built_in.chain(texts) {
        // Where YAML 1.1 and 1.2 differ, or a value stands for one that is left out, editors warn.
        let is_old = text.contains(": yes") || text.contains(": null}") || text.contains("on: ");
        if pipeline::load(&name, &text, &Closed).pipeline.is_none() || is_old {
            continue;
        }
        assert!(accepts(&schema, &of_yaml(&text), &schema), "{name}");
        accepted += 1;
    }
    assert!(accepted > 80, "{accepted}");
}

#[test]
fn the_schema_refuses_unknown_types_keys_and_words() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    for (text, is_right) in [
        ("transformations: [{type: case}]", true),
        ("transformations: [{type: cases}]", false),
        ("transformations: [{type: case, method: uper}]", false),
        ("transformations: [{type: case, methd: upper}]", false),
        ("transformations: [{type: set_state, key: a}]", false),
        ("transformations: [{type: set_state, key: a, val: 1}]", true),
        ("finalizers: [{type: json, indent: 2}]", true),
        ("finalizers: [{type: json, indent: much}]", false),
        ("priority: high", false),
        ("nmae: a", false),
    ] {
        assert_eq!(
            accepts(&schema, &of_yaml(text), &schema),
            is_right,
            "{text}"
        );
        let loaded = pipeline::load("p.yml", text, &Closed);
        assert_eq!(loaded.pipeline.is_some(), is_right, "{text}");
    }
}
