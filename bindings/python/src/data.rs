//! What the library gives out, as classes. None of them can be changed.

use crate::pickle::{self, DiagnosticParts, Reduced};
use pyo3::prelude::*;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;
use varsigma::{Output, Region, RuleOutput, Source, Span, render};

/// A place of a diagnostic, with its text.
#[pyclass(frozen, get_all, module = "varsigma")]
#[derive(Serialize, Deserialize)]
pub struct Label {
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
    pub text: String,
}

#[pymethods]
impl Label {
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        pickle::reduced(py, "Label", self)
    }
}

/// An error, a warning or a note, with its place in the text that it is about.
#[pyclass(frozen, module = "varsigma")]
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "DiagnosticParts", try_from = "DiagnosticParts")]
pub struct Diagnostic {
    pub inner: varsigma::Diagnostic,
    pub path: Arc<str>,
    pub text: Arc<str>,
}

impl Diagnostic {
    fn source(&self) -> Source<'_> {
        Source::new(&self.path, &self.text)
    }

    fn region(&self) -> Option<Region> {
        Some(Region::new(&self.source(), self.inner.span()?))
    }
}

#[pymethods]
impl Diagnostic {
    #[getter]
    fn code(&self) -> &'static str {
        self.inner.code.number()
    }

    #[getter]
    fn severity(&self) -> &'static str {
        self.inner.severity.name()
    }

    #[getter]
    fn message(&self) -> &str {
        &self.inner.message
    }

    #[getter]
    fn path(&self) -> Option<&str> {
        (!self.path.is_empty()).then_some(&*self.path)
    }

    #[getter]
    fn line(&self) -> Option<usize> {
        Some(self.region()?.line)
    }

    #[getter]
    fn column(&self) -> Option<usize> {
        Some(self.region()?.column)
    }

    #[getter]
    fn end_line(&self) -> Option<usize> {
        Some(self.region()?.end_line)
    }

    #[getter]
    fn end_column(&self) -> Option<usize> {
        Some(self.region()?.end_column)
    }

    #[getter]
    fn labels(&self) -> Vec<Label> {
        let source = self.source();
        let labels = self.inner.labels.iter().map(|label| {
            let region = Region::new(&source, label.span);
            Label {
                line: region.line,
                column: region.column,
                end_line: region.end_line,
                end_column: region.end_column,
                text: label.text.clone(),
            }
        });
        labels.collect()
    }

    #[getter]
    fn help(&self) -> Vec<String> {
        self.inner.help.clone()
    }

    /// The explanation of the code, as Markdown.
    #[getter]
    fn explanation(&self) -> &'static str {
        self.inner.code.explanation()
    }

    fn __str__(&self) -> String {
        let shown = render::human(&self.source(), &self.inner, false);
        shown.trim_end().to_owned()
    }

    fn __repr__(&self) -> String {
        let place = self.region();
        let place = place.map(|place| format!(" at {}:{}", place.line, place.column));
        let (severity, code) = (self.severity(), self.code());
        let place = place.unwrap_or_default();
        format!("<{severity} {code}{place}: {}>", self.inner.message)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        pickle::reduced(py, "Diagnostic", self)
    }
}

/// Why a query is not exact.
#[pyclass(frozen, get_all, module = "varsigma")]
#[derive(Clone, Serialize, Deserialize)]
pub struct Reason {
    pub fidelity: Cow<'static, str>,
    pub text: String,
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
}

#[pymethods]
impl Reason {
    fn __repr__(&self) -> String {
        let Self { line, column, .. } = self;
        format!("<{} at {line}:{column}: {}>", self.fidelity, self.text)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        pickle::reduced(py, "Reason", self)
    }
}

impl Reason {
    fn new(reason: &varsigma::Reason) -> Self {
        Self {
            fidelity: reason.fidelity.name().into(),
            text: reason.text.clone(),
            line: reason.region.line,
            column: reason.region.column,
            end_line: reason.region.end_line,
            end_column: reason.region.end_column,
        }
    }
}

/// A query of a rule.
#[pyclass(frozen, get_all, module = "varsigma")]
#[derive(Clone, Serialize, Deserialize)]
pub struct Query {
    pub text: String,
    pub fidelity: Cow<'static, str>,
    pub reasons: Vec<Reason>,
}

#[pymethods]
impl Query {
    fn __str__(&self) -> String {
        self.text.clone()
    }

    fn __repr__(&self) -> String {
        format!("<Query {}: {}>", self.fidelity, self.text)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        pickle::reduced(py, "Query", self)
    }
}

/// What became of a rule.
#[pyclass(frozen, get_all, module = "varsigma")]
#[derive(Serialize, Deserialize)]
pub struct Rule {
    pub id: Option<String>,
    pub title: Option<String>,
    pub path: Option<String>,
    pub line: usize,
    pub queries: Vec<Query>,
    pub fidelity: Cow<'static, str>,
    pub error: Option<Diagnostic>,
    pub diagnostics: Vec<Diagnostic>,
    pub filters: Vec<String>,
    pub is_part: bool,
}

#[pymethods]
impl Rule {
    /// The reasons of all its queries.
    #[getter]
    fn reasons(&self) -> Vec<Reason> {
        let queries = self.queries.iter();
        queries.flat_map(|query| query.reasons.clone()).collect()
    }

    fn __repr__(&self) -> String {
        let title = self.title.as_deref().unwrap_or("no title");
        let state = match self.error {
            Some(_) => "failed",
            None => &self.fidelity,
        };
        format!("<Rule {title}: {state}>")
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        pickle::reduced(py, "Rule", self)
    }
}

/// The text of an output, shared by its diagnostics.
pub struct SharedSource {
    path: Arc<str>,
    text: Arc<str>,
}

impl SharedSource {
    pub fn new(path: &str, text: &str) -> Self {
        Self {
            path: Arc::from(path),
            text: Arc::from(text),
        }
    }

    pub fn of(output: &Output) -> Self {
        let source = output.source();
        Self::new(source.name, source.text)
    }

    pub fn diagnostic(&self, inner: &varsigma::Diagnostic) -> Diagnostic {
        Diagnostic {
            inner: inner.clone(),
            path: Arc::clone(&self.path),
            text: Arc::clone(&self.text),
        }
    }

    /// The diagnostics of a text, whose copy is made where there are any.
    pub fn all<'d>(
        path: &str,
        text: &str,
        found: impl IntoIterator<Item = &'d varsigma::Diagnostic>,
    ) -> Vec<Diagnostic> {
        let mut found = found.into_iter().peekable();
        if found.peek().is_none() {
            return Vec::new();
        }
        let source = Self::new(path, text);
        found.map(|found| source.diagnostic(found)).collect()
    }

    pub fn line(&self, span: Span) -> usize {
        Source::new(&self.path, &self.text)
            .line_column(span.start)
            .line
    }

    pub fn rule(&self, rule: &RuleOutput) -> Rule {
        let queries = rule.queries.iter().map(|query| Query {
            text: query.text.clone(),
            fidelity: query.fidelity.name().into(),
            reasons: query.reasons.iter().map(Reason::new).collect(),
        });
        let all = rule.diagnostics.iter();
        Rule {
            id: rule.id.clone(),
            title: rule.title.clone(),
            path: (!self.path.is_empty()).then(|| self.path.to_string()),
            line: self.line(rule.span),
            queries: queries.collect(),
            fidelity: rule.fidelity.name().into(),
            error: rule.error.as_ref().map(|error| self.diagnostic(error)),
            diagnostics: all.map(|diagnostic| self.diagnostic(diagnostic)).collect(),
            filters: rule.filters.clone(),
            is_part: rule.is_part,
        }
    }
}
