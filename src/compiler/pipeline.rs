//! The pipelines of a compiler, as texts.

use super::{Compiler, Error};
use crate::backend::BackendError;
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::environment::{Closed, Environment};
use crate::pipeline::{self, builtin};
use crate::transpile::Transpiler;
use serde::Serialize;

/// A processing pipeline in pySigma's format: a built-in one by its name, or a file's text.
#[derive(Debug, Clone)]
pub struct Pipeline {
    path: String,
    /// None for a built-in one.
    text: Option<String>,
}

impl Pipeline {
    /// The built-in pipeline of that name.
    pub fn built_in(name: impl Into<String>) -> Self {
        Self {
            path: name.into(),
            text: None,
        }
    }

    /// A pipeline's YAML. `path` names it in messages, and is where an
    /// [`Environment`](crate::access::Environment) may look for files that it names.
    pub fn from_yaml(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: Some(text.into()),
        }
    }

    /// The names of the built-in pipelines, sorted.
    pub fn names() -> impl Iterator<Item = &'static str> {
        builtin::ALL.iter().map(|(name, _)| *name)
    }
}

/// The built-in pipeline of that name.
impl From<&str> for Pipeline {
    fn from(name: &str) -> Self {
        Self::built_in(name)
    }
}

/// A built-in pipeline as data. As JSON it is an element of `varsigma list pipelines --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BuiltInPipeline {
    /// `sysmon`
    pub name: String,
    /// What it is, in a few words.
    pub title: Option<String>,
    /// Lower ones are applied first.
    pub priority: i64,
    /// The targets that it is for; empty: all.
    pub targets: Vec<String>,
}

impl BuiltInPipeline {
    /// All of them, by name.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let read = |(name, text): &(&str, &str)| pipeline::load(name, text, &Closed).pipeline;
        let pipelines = builtin::ALL.iter().filter_map(read);
        let pipelines = pipelines.map(|file| Self {
            name: file.path,
            title: file.name,
            priority: file.priority,
            targets: file.allowed_backends,
        });
        pipelines.collect()
    }

    /// Is it for the target of that name?
    #[must_use]
    pub fn allows(&self, target: &str) -> bool {
        self.targets.is_empty() || self.targets.iter().any(|known| known == target)
    }
}

/// Reads pipelines and gives them to a transpiler.
pub(super) fn add(
    transpiler: Transpiler,
    pipelines: Vec<Pipeline>,
    environment: Box<dyn Environment>,
) -> Result<Compiler, Error> {
    let target = transpiler.backend().name.clone();
    let mut files = Vec::new();
    let mut warnings = Vec::new();
    for Pipeline { path, text } in pipelines {
        let Some(text) = text.or_else(|| builtin::text(&path).map(str::to_owned)) else {
            return Err(unknown(&path).into());
        };
        let loaded = pipeline::load(&path, &text, environment.as_ref());
        let diagnostics = loaded.diagnostics;
        let Some(file) = loaded.pipeline else {
            let error = BackendError {
                path,
                text,
                diagnostics,
            };
            return Err(error.into());
        };
        if let Some(refusal) = file.refuses(&[&target]) {
            return Err(refusal.into());
        }
        let with_text = |warning| (path.clone(), text.clone(), warning);
        warnings.extend(diagnostics.into_iter().map(with_text));
        files.push(file);
    }
    let pipeline = pipeline::Pipeline::sorted(files, transpiler.dialect());
    Ok(Compiler {
        transpiler: transpiler.with_pipeline(pipeline, environment),
        warnings,
    })
}

fn unknown(name: &str) -> Diagnostic {
    let message = format!("there is no built-in pipeline `{name}`");
    let error = Diagnostic::error(Code::UnknownPipeline, message);
    error.choices(name, "the built-in ones", Pipeline::names())
}
