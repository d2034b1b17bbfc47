//! A pipeline file, read and checked.
//!
//! In: a file's text. Out: a [`PipelineFile`], or every error in it.

use super::data;
use super::entry::{Key, optional};
use super::environment::Environment;
use super::finalizer::Finalizer;
use super::item::ProcessingItem;
use super::postprocessing::PostprocessingItem;
use super::reader::{Keys, Loader, scalar_text};
use super::review;
use crate::diagnostic::{Code, Diagnostic};
use crate::yaml::{self, Node, Schema};
use serde_json::Value;

/// The keys of a pipeline.
pub const KEYS: &[Key] = &[
    optional("name", "text: what the pipeline is for"),
    optional(
        "priority",
        "a whole number, 0 by default: lower ones go first",
    ),
    optional("allowed_backends", "the targets it is for; by default all"),
    optional("vars", "values for placeholders and templates"),
    optional("transformations", "what is done to rules"),
    optional("postprocessing", "what is done to each query"),
    optional("finalizers", "what is done to all queries together"),
];

/// One pipeline.
#[derive(Debug, Default)]
pub struct PipelineFile {
    /// The file's path, or the name of a built-in pipeline.
    pub path: String,
    /// `name:`
    pub name: Option<String>,
    /// `priority:`
    pub priority: i64,
    /// `allowed_backends:`; empty for all.
    pub allowed_backends: Vec<String>,
    /// `transformations:`
    pub items: Vec<ProcessingItem>,
    /// `postprocessing:`
    pub postprocessing: Vec<PostprocessingItem>,
    /// `finalizers:`
    pub finalizers: Vec<Finalizer>,
    /// `vars:`
    pub vars: Vec<(String, Value)>,
}

/// What came of a file.
#[derive(Debug)]
pub struct LoadedPipeline {
    /// The pipeline, if nothing is wrong.
    pub pipeline: Option<PipelineFile>,
    /// Errors, and warnings too; their spans are in the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a pipeline. `path` names it in messages and is where files that it needs are looked for.
///
/// ```
/// use varsigma::pipeline::{self, environment::Closed};
/// let text = "transformations:\n  - type: field_name_prefix\n    prefix: win.\n";
/// let loaded = pipeline::load("p.yml", text, &Closed);
/// assert_eq!(loaded.pipeline.unwrap().items.len(), 1);
/// ```
#[must_use]
pub fn load(path: &str, text: &str, environment: &dyn Environment) -> LoadedPipeline {
    let read_yaml = yaml::load(text, Schema::PyYaml);
    let mut diagnostics = read_yaml.warnings;
    if let Some(error) = read_yaml.error {
        diagnostics.push(error);
        return LoadedPipeline {
            pipeline: None,
            diagnostics,
        };
    }
    let loader = Loader::new(path, text, environment);
    let pipeline = match read_yaml.documents.as_slice() {
        [] => Some(PipelineFile::default()),
        [node] => read(node, &loader),
        [_, second, ..] => {
            let message = "expected one document in a pipeline file, found several";
            loader.report(Diagnostic::error(Code::PipelineShape, message).at(second.span));
            None
        }
    };
    diagnostics.extend(loader.into_diagnostics());
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    LoadedPipeline {
        pipeline: pipeline.filter(|_| !failed).map(|pipeline| PipelineFile {
            path: path.to_owned(),
            ..pipeline
        }),
        diagnostics,
    }
}

fn read(node: &Node<'_>, loader: &Loader<'_>) -> Option<PipelineFile> {
    let keys = Keys::new(node, "a pipeline", loader)?;
    keys.check(KEYS, &[]);
    let list = |name: &str| keys.node(name).and_then(|_| keys.maps(name));
    let file = PipelineFile {
        path: String::new(),
        name: keys.text("name"),
        priority: priority(&keys),
        allowed_backends: keys.text_or_texts("allowed_backends").unwrap_or_default(),
        items: list("transformations")
            .map(|nodes| ProcessingItem::load_all(nodes, loader))
            .unwrap_or_default(),
        postprocessing: list("postprocessing")
            .map(|nodes| PostprocessingItem::load_all(nodes, loader))
            .unwrap_or_default(),
        finalizers: list("finalizers")
            .map(|nodes| Finalizer::load_all(nodes, loader))
            .unwrap_or_default(),
        vars: vars(&keys),
    };
    review::ids(&file.items, &file.postprocessing, loader);
    Some(file)
}

fn priority(keys: &Keys<'_>) -> i64 {
    let Some(node) = keys.node("priority") else {
        return 0;
    };
    data::read(node).as_i64().unwrap_or_else(|| {
        keys.wrong("priority", node, "a whole number");
        0
    })
}

fn vars(keys: &Keys<'_>) -> Vec<(String, Value)> {
    let Some(node) = keys.node("vars") else {
        return Vec::new();
    };
    let Some(pairs) = node.as_mapping() else {
        keys.wrong("vars", node, "a map of names to values");
        return Vec::new();
    };
    pairs
        .iter()
        .map(|(name, value)| (scalar_text(name).unwrap_or_default(), data::read(value)))
        .collect()
}

impl PipelineFile {
    /// How many transformations, postprocessing items and finalizers it has.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        (
            self.items.len(),
            self.postprocessing.len(),
            self.finalizers.len(),
        )
    }

    /// Is it for one of these targets: a target's own name, or one that it stands in for?
    #[must_use]
    pub fn allows(&self, targets: &[&str]) -> bool {
        self.allowed_backends.is_empty()
            || self
                .allowed_backends
                .iter()
                .any(|allowed| targets.contains(&allowed.as_str()))
    }

    /// What is wrong with its use for these targets.
    #[must_use]
    pub fn refuses(&self, targets: &[&str]) -> Option<Diagnostic> {
        if self.allows(targets) {
            return None;
        }
        let allowed: Vec<_> = self
            .allowed_backends
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        let target = targets.first().copied().unwrap_or_default();
        Some(
            Diagnostic::error(
                Code::PipelineTarget,
                format!(
                    "the pipeline `{}` is not for the target `{target}`",
                    self.path
                ),
            )
            .help(format!("it is for {}", allowed.join(", "))),
        )
    }
}
