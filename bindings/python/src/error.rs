//! `VarsigmaError`, which Python defines so that it is an exception like any other.

use crate::data::Diagnostic;
use pyo3::prelude::*;
use std::fmt::Write as _;
use std::sync::Arc;
use varsigma::{Source, render};

/// The exception of an error of the library.
pub fn raised(py: Python<'_>, error: &varsigma::Error) -> PyErr {
    let source = error.source();
    let (path, text) = (Arc::from(source.name), Arc::from(source.text));
    let found = error.diagnostics().map(|diagnostic| Diagnostic {
        inner: diagnostic.clone(),
        path: Arc::clone(&path),
        text: Arc::clone(&text),
    });
    of(py, found.collect())
}

/// The exception of these diagnostics, of which there is at least one.
pub fn of(py: Python<'_>, diagnostics: Vec<Diagnostic>) -> PyErr {
    let mut message = String::new();
    for diagnostic in &diagnostics {
        let Diagnostic { inner, path, text } = diagnostic;
        let shown = render::human(&Source::new(path, text), inner, false);
        // Writing to a string can't fail.
        let _ = writeln!(message, "{}", shown.trim_end());
    }
    let made = py.import("varsigma._error").and_then(|module| {
        let class = module.getattr("VarsigmaError")?;
        class.call1((message.trim_end(), diagnostics))
    });
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}
