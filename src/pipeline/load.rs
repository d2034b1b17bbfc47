//! A pipeline file, read and checked.
//!
//! In: a file's text. Out: a [`PipelineFile`], or every error in it.

use super::data;
use super::definition::Definitions;
use super::environment::Environment;
use super::finalizer::Finalizer;
use super::item::ProcessingItem;
use super::postprocessing::PostprocessingItem;
use super::reader::{Keys, Loader, scalar_text};
use super::review;
use crate::diagnostic::{Code, Diagnostic};
use crate::yaml::{self, Node, Schema};
use serde_json::Value;

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
    for definition in Definitions::get().table("pipeline") {
        keys.check(&definition.keys, &[]);
    }
    let file = PipelineFile {
        path: String::new(),
        name: keys.text("name"),
        priority: keys
            .data("priority")
            .and_then(|number| number.as_i64())
            .unwrap_or_default(),
        allowed_backends: keys.texts("allowed_backends").unwrap_or_default(),
        items: ProcessingItem::load_all(keys.list("transformations"), loader),
        postprocessing: PostprocessingItem::load_all(keys.list("postprocessing"), loader),
        finalizers: Finalizer::load_all(keys.list("finalizers"), loader),
        vars: keys
            .pairs_of("vars")
            .iter()
            .map(|(name, value)| (scalar_text(name).unwrap_or_default(), data::read(value)))
            .collect(),
    };
    review::ids(&file.items, &file.postprocessing, loader);
    Some(file)
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

    /// Is it for one of these targets: a target's own name, or one that it replaces?
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
        let allowed = self.allowed_backends.iter();
        let allowed: Vec<_> = allowed.map(|name| format!("`{name}`")).collect();
        let target = targets.first().copied().unwrap_or_default();
        let path = &self.path;
        let message = format!("the pipeline `{path}` is not for the target `{target}`");
        let error = Diagnostic::error(Code::PipelineTarget, message);
        Some(error.help(format!("use it for {}", allowed.join(", "))))
    }
}
