//! Data through `pickle`, so that what a worker process finds or raises reaches the one that asked.
//!
//! An object is its class and its JSON, of which [`_restored`] makes it again.

use crate::data::{Diagnostic, Label, Query, Reason, Rule};
use crate::rule_set::MatchedRule;
use pyo3::PyClass;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use varsigma::{Code, Severity, Span};

/// What `__reduce__` gives: the function that makes the object again, and its arguments.
pub type Reduced<'py> = (Bound<'py, PyAny>, (&'static str, String));

/// Reduces an object of a class.
pub fn reduced<'py>(
    py: Python<'py>,
    class: &'static str,
    object: &impl Serialize,
) -> PyResult<Reduced<'py>> {
    let restored = py.import("varsigma._varsigma")?.getattr("_restored")?;
    let json = serde_json::to_string(object).map_err(broken)?;
    Ok((restored, (class, json)))
}

/// The object of a class that has this JSON.
#[pyfunction]
pub fn _restored(py: Python<'_>, class: &str, json: &str) -> PyResult<Py<PyAny>> {
    match class {
        "Diagnostic" => object::<Diagnostic>(py, json),
        "Label" => object::<Label>(py, json),
        "MatchedRule" => object::<MatchedRule>(py, json),
        "Query" => object::<Query>(py, json),
        "Reason" => object::<Reason>(py, json),
        "Rule" => object::<Rule>(py, json),
        other => Err(broken(format!("there is no class `{other}`"))),
    }
}

fn object<T>(py: Python<'_>, json: &str) -> PyResult<Py<PyAny>>
where
    T: PyClass + DeserializeOwned + Into<PyClassInitializer<T>>,
{
    let object: T = serde_json::from_str(json).map_err(broken)?;
    Ok(Py::new(py, object)?.into_any())
}

fn broken(error: impl ToString) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// A diagnostic as data.
#[derive(Serialize, Deserialize)]
pub struct DiagnosticParts {
    code: String,
    severity: String,
    message: String,
    labels: Vec<(u32, u32, String)>,
    help: Vec<String>,
    path: String,
    text: String,
}

impl From<Diagnostic> for DiagnosticParts {
    fn from(Diagnostic { inner, path, text }: Diagnostic) -> Self {
        let labels = inner.labels.into_iter();
        Self {
            code: inner.code.number().to_owned(),
            severity: inner.severity.name().to_owned(),
            message: inner.message,
            labels: labels
                .map(|label| (label.span.start, label.span.end, label.text))
                .collect(),
            help: inner.help,
            path: path.to_string(),
            text: text.to_string(),
        }
    }
}

impl TryFrom<DiagnosticParts> for Diagnostic {
    type Error = String;

    fn try_from(parts: DiagnosticParts) -> Result<Self, String> {
        let code = Code::from_number(&parts.code);
        let code = code.ok_or_else(|| format!("there is no diagnostic code `{}`", parts.code))?;
        let severities = [Severity::Error, Severity::Warning, Severity::Note];
        let severity = severities
            .into_iter()
            .find(|one| one.name() == parts.severity);
        let severity =
            severity.ok_or_else(|| format!("there is no severity `{}`", parts.severity))?;
        let labels = parts.labels.into_iter();
        let labels = labels.map(|(start, end, text)| (Span { start, end }, text));
        Ok(Self {
            inner: varsigma::Diagnostic::of_parts(
                (code, severity),
                parts.message,
                labels.collect(),
                parts.help,
            ),
            path: parts.path.into(),
            text: parts.text.into(),
        })
    }
}
