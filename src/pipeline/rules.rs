//! Where readers of processing pipelines differ.

use super::PipelineFile;
use crate::profile::Specification;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// How pipelines are joined and applied. The default methods are the native profile's.
pub trait Rules: Sync {
    /// How the items of pipelines are applied.
    #[cfg(feature = "pipelines")]
    fn items(&self) -> &dyn super::ItemRules {
        &Specification
    }

    /// The order of pipelines of one priority: as given.
    fn order(&self, _left: &PipelineFile, _right: &PipelineFile) -> Ordering {
        Ordering::Equal
    }

    /// The text of a state's value, for an option of the target that it sets: a list is its texts,
    /// each once, sorted, between commas, and `*` stands for whatever is beside it. What a text takes
    /// away (`-logs-old`) follows what it is taken from.
    fn option(&self, value: &Value) -> Option<String> {
        let texts = texts(value);
        let (taken, mut kept): (Vec<_>, Vec<_>) =
            texts.into_iter().partition(|text| text.starts_with('-'));
        if kept.iter().any(|text| text == "*") {
            kept = vec!["*".to_owned()];
        }
        kept.extend(taken);
        Some(kept.join(",")).filter(|text| !text.is_empty())
    }
}

impl Rules for Specification {}

/// The texts of a value and of the lists in it, each once, sorted.
pub(crate) fn texts(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    gather(value, &mut found);
    found
}

fn gather(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| gather(value, texts)),
        Value::String(text) => drop(texts.insert(text.clone())),
        Value::Null => {}
        other => drop(texts.insert(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_is_one_text() {
        for (value, text) in [
            (json!("logs-*"), Some("logs-*")),
            (json!(["b", ["a", "b"]]), Some("a,b")),
            (json!(["a", "*"]), Some("*")),
            (json!(["-b", "c", "*", "-a"]), Some("*,-a,-b")),
            (json!([]), None),
            (json!(null), None),
        ] {
            assert_eq!(Specification.option(&value).as_deref(), text);
        }
    }
}
