//! `--json`: a [`FileOutput`] as one line.
//!
//! `{"path": "a.yml", "rules": [{"id": "…", "title": "…", "queries": ["…"], "fidelity": "exact"}],
//! "queries": ["…"], "diagnostics": []}`. A rule, or file, that failed has `error` in place of
//! `queries`; a rule without an id or title has `null` there. A rule whose queries are not exact has
//! `reasons`, each with its place. Where filters were joined to a rule, `filters` has their titles.

use super::FileOutput;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::render::JsonDiagnostic;
use crate::emit::Fidelity;
use crate::source::{Region, Source, Span};
use serde::Serialize;
use std::collections::HashSet;

/// A file's output.
#[derive(Serialize)]
pub(crate) struct FileJson<'o> {
    path: &'o str,
    rules: Vec<RuleJson<'o>>,
    #[serde(flatten)]
    result: ResultJson<Vec<&'o str>>,
    diagnostics: Vec<JsonDiagnostic<'o>>,
}

/// A rule's.
#[derive(Serialize)]
pub(crate) struct RuleJson<'o> {
    pub id: Option<&'o str>,
    pub title: Option<&'o str>,
    #[serde(flatten)]
    pub result: ResultJson<Vec<&'o str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fidelity: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonJson<'o>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub filters: &'o [String],
}

/// Why a query is not exact.
#[derive(Serialize)]
pub(crate) struct ReasonJson<'o> {
    fidelity: &'static str,
    text: &'o str,
    #[serde(flatten)]
    region: Region,
}

/// `"queries": […]` or `"error": {…}`
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ResultJson<Q> {
    Queries(Q),
    Error(ErrorJson),
}

#[derive(Serialize)]
pub(crate) struct ErrorJson {
    code: &'static str,
    message: String,
    line: usize,
    column: usize,
}

impl FileOutput {
    /// The output as one JSON object on one line, without a line break. `text` is the file's, for
    /// lines and columns.
    #[must_use]
    #[allow(
        clippy::missing_panics_doc,
        reason = "strings and numbers always serialize"
    )]
    pub fn to_json(&self, text: &str) -> String {
        let source = Source::new(&self.path, text);
        let rules = self.rules.iter().map(|rule| {
            let queries = rule.queries.iter().map(|query| query.text.as_str());
            let reasons = rule.queries.iter().flat_map(|query| &query.reasons);
            let reasons = reasons.map(|reason| (reason.loss.into(), &*reason.text, reason.span));
            RuleJson {
                id: rule.id.as_deref(),
                title: rule.title.as_deref(),
                fidelity: rule.error.is_none().then(|| rule.fidelity.name()),
                reasons: ReasonJson::all(reasons, &source),
                filters: &rule.filters,
                result: ResultJson::new(rule.error.as_ref(), queries.collect(), &source),
            }
        });
        let rules = rules.collect();
        let file = FileJson::new(
            &source,
            rules,
            &self.queries,
            self.error.as_ref(),
            self.all_diagnostics(),
        );
        serde_json::to_string(&file).expect("strings and numbers always serialize")
    }
}

impl<'o> FileJson<'o> {
    pub fn new(
        source: &Source<'o>,
        rules: Vec<RuleJson<'o>>,
        queries: &'o [String],
        error: Option<&Diagnostic>,
        diagnostics: Vec<&'o Diagnostic>,
    ) -> Self {
        let queries = queries.iter().map(String::as_str).collect();
        let diagnostics = diagnostics.into_iter();
        Self {
            path: source.name,
            rules,
            result: ResultJson::new(error, queries, source),
            diagnostics: diagnostics
                .map(|diagnostic| JsonDiagnostic::new(source, diagnostic))
                .collect(),
        }
    }
}

impl<'o> ReasonJson<'o> {
    /// The reasons of all queries of a rule, each once.
    pub fn all(
        reasons: impl Iterator<Item = (Fidelity, &'o str, Span)>,
        source: &Source<'_>,
    ) -> Vec<Self> {
        let mut seen = HashSet::new();
        let reasons = reasons.map(|(fidelity, text, span)| (fidelity.name(), text, span));
        let reasons = reasons.filter(|reason| seen.insert(*reason));
        let reasons = reasons.map(|(fidelity, text, span)| Self {
            fidelity,
            text,
            region: Region::new(source, span),
        });
        reasons.collect()
    }
}

impl<Q> ResultJson<Q> {
    pub fn new(error: Option<&Diagnostic>, queries: Q, source: &Source<'_>) -> Self {
        match error {
            Some(error) => Self::Error(ErrorJson::new(error, source)),
            None => Self::Queries(queries),
        }
    }
}

impl ErrorJson {
    /// An error without a place is at the file's beginning, so that readers need no second case.
    fn new(error: &Diagnostic, source: &Source<'_>) -> Self {
        let place = source.line_column(error.span().unwrap_or_default().start);
        Self {
            code: error.code.number(),
            message: error.message.clone(),
            line: place.line,
            column: place.column,
        }
    }
}
