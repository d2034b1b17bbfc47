//! The pipelines that a project names: built-in ones, files and folders of its tree.

use super::tree::{Tree, faulty};
use crate::backend::BackendError;
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::environment::Environment;
use crate::pipeline::{self, PipelineFile, builtin};

/// The names and texts of the pipelines that a name stands for.
pub(super) fn texts(name: &str, tree: &dyn Tree) -> Result<Vec<(String, String)>, Diagnostic> {
    if let Some(text) = builtin::text(name) {
        return Ok(vec![(name.to_owned(), text.to_owned())]);
    }
    let path = super::path_pattern::inside(name.trim_end_matches("/*"))
        .map_err(|reason| unknown(name).help(reason))?;
    let unreadable = |path: &str, error: &std::io::Error| {
        faulty(error, format!("`{path}` can't be read: {error}"))
    };
    let files = tree
        .files(&path, &["yml", "yaml"])
        .map_err(|error| unreadable(&path, &error))?
        .ok_or_else(|| unknown(name))?;
    let read = |path: String| {
        let bytes = tree
            .read(&path)
            .map_err(|error| unreadable(&path, &error))?
            .unwrap_or_default();
        let text = String::from_utf8(bytes).map_err(|_| {
            let message = format!("`{path}` can't be read: it is not UTF-8 text");
            Diagnostic::error(Code::Unreadable, message)
        })?;
        Ok((path, text))
    };
    files.into_iter().map(read).collect()
}

/// `VS0701`: a name that stands for no pipeline.
#[must_use]
pub fn unknown(name: &str) -> Diagnostic {
    let message = format!("there is no pipeline `{name}`: no built-in one, no file, no folder");
    let error = Diagnostic::error(Code::UnknownPipeline, message);
    let names = builtin::ALL.iter().map(|(known, _)| *known);
    error.choices(name, "the built-in ones", names)
}

/// Reads pipelines for a target. Warnings go to `warnings`.
pub(super) fn load(
    texts: &[(String, String)],
    target: &str,
    environment: &dyn Environment,
    warnings: &mut Vec<BackendError>,
) -> Result<Vec<PipelineFile>, BackendError> {
    let mut files = Vec::with_capacity(texts.len());
    for (path, text) in texts {
        let in_file = |diagnostics| BackendError {
            path: path.clone(),
            text: text.clone(),
            diagnostics,
        };
        let loaded = pipeline::load(path, text, environment);
        let Some(file) = loaded.pipeline else {
            return Err(in_file(loaded.diagnostics));
        };
        if let Some(refusal) = file.refuses(&[target]) {
            return Err(in_file(vec![refusal]));
        }
        if !loaded.diagnostics.is_empty() && !warnings.iter().any(|known| known.path == *path) {
            warnings.push(in_file(loaded.diagnostics));
        }
        files.push(file);
    }
    Ok(files)
}
