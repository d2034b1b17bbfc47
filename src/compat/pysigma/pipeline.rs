//! How pySigma joins and applies pipelines.

use super::Pysigma;
use crate::pipeline::{PipelineFile, Rules, texts};
use serde_json::Value;
use std::cmp::Ordering;

impl Rules for Pysigma {
    #[cfg(feature = "pipelines")]
    fn items(&self) -> &dyn crate::pipeline::ItemRules {
        self
    }

    /// Pipelines of one priority come in the order of their paths.
    fn order(&self, left: &PipelineFile, right: &PipelineFile) -> Ordering {
        left.path.cmp(&right.path)
    }

    /// It takes an empty text, too, but no empty list, and does not mind what a text takes away.
    fn option(&self, value: &Value) -> Option<String> {
        let texts = texts(value);
        let text = if texts.contains("*") {
            "*".to_owned()
        } else {
            Vec::from_iter(texts).join(",")
        };
        let is_none = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        (!text.is_empty() || !is_none).then_some(text)
    }
}
