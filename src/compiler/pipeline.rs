//! The pipelines of a compiler, as texts.

use super::{Compiler, Error};
use crate::backend::BackendError;
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::environment::Environment;
use crate::pipeline::{self, builtin};
use crate::transpile::Transpiler;

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
