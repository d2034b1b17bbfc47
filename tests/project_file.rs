//! What is said of `varsigma.toml` in three places: the document, the schema for editors, the
//! program.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use serde_json::Value;
use std::collections::BTreeSet;
use varsigma::project::config::Config;
use varsigma::project::path_pattern::placeholders;

const DOCUMENT: &str = include_str!("../docs/project.md");
const SCHEMA: &str = include_str!("../docs/varsigma.schema.json");

/// The document's example, which has all keys.
fn example() -> &'static str {
    let (_, rest) = DOCUMENT.split_once("```toml\n").unwrap();
    rest.split_once("```").unwrap().0
}

/// `output.*.path` and so on: the keys of a schema. What users name themselves is `*`.
fn keys_of_schema(schema: &Value, root: &Value, at: &str, keys: &mut BTreeSet<String>) {
    let schema = match schema["$ref"].as_str() {
        Some(place) => root.pointer(&place[1..]).unwrap(),
        None => schema,
    };
    let below = |name: &str| format!("{at}{name}");
    if let Some(properties) = schema["properties"].as_object() {
        for (name, property) in properties {
            keys.insert(below(name));
            keys_of_schema(property, root, &below(&format!("{name}.")), keys);
        }
    }
    let any = &schema["additionalProperties"];
    if any.is_object() {
        keys_of_schema(any, root, &below("*."), keys);
    }
}

/// The same of a TOML table, with `*` for the names that the schema leaves to users.
fn keys_of_table(table: &toml::Table, at: &str, keys: &mut BTreeSet<String>) {
    for (name, value) in table {
        let users_own = matches!(at, "output." | "folder." | "folder.*.options.");
        let path = format!("{at}{}", if users_own { "*" } else { name });
        if path.ends_with("options.min_time") || path.ends_with("options.*.max_time") {
            continue;
        }
        if !users_own {
            keys.insert(path.clone());
        }
        if let Some(table) = value.as_table() {
            keys_of_table(table, &format!("{path}."), keys);
        }
    }
}

#[test]
fn the_documents_example_is_right_and_has_the_schemas_keys() {
    let config = Config::read(example()).unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert!(config.outputs[0].strict);
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut of_schema = BTreeSet::new();
    keys_of_schema(&schema, &schema, "", &mut of_schema);
    let mut of_example = BTreeSet::new();
    keys_of_table(&example().parse().unwrap(), "", &mut of_example);
    assert_eq!(of_example, of_schema);
}

#[test]
fn every_key_of_the_example_is_one_that_the_program_knows_by_its_name() {
    // A letter more makes each key unknown, and the program names the one that is meant.
    for line in example().lines().filter(|line| !line.starts_with('[')) {
        let Some((key, _)) = line.split_once([' ', '.']) else {
            continue;
        };
        let text = example().replacen(line, &format!("{key}x{}", &line[key.len()..]), 1);
        let errors = Config::read(&text).expect_err(&text);
        let error = errors
            .iter()
            .find(|error| error.message.contains("unknown key"))
            .unwrap();
        assert_eq!(error.help, [format!("did you mean `{key}`?")], "{line}");
    }
}

#[test]
fn every_placeholder_is_documented() {
    let schema = SCHEMA.replace('\n', " ");
    for (name, _) in placeholders() {
        let placeholder = format!("{{{name}}}");
        assert!(
            DOCUMENT.contains(&format!("`{placeholder}`")),
            "{placeholder}"
        );
        assert!(schema.contains(&placeholder), "{placeholder}");
    }
}
