//! `--json`: a [`FileOutput`] as one line.
//!
//! `{"path": "a.yml", "rules": [{"id": "…", "title": "…", "queries": ["…"], "fidelity": "exact"}],
//! "queries": ["…"], "diagnostics": []}`. A rule, or file, that failed has `error` in place of
//! `queries`; a rule without an id or title has `null` there. Where filters were
//! joined to a rule, `filters` has their titles.

use super::{FileOutput, RuleOutput};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::render::JsonDiagnostic;
use crate::source::Source;
use serde::Serialize;

#[derive(Serialize)]
struct FileJson<'o> {
    path: &'o str,
    rules: Vec<RuleJson<'o>>,
    #[serde(flatten)]
    result: ResultJson<Vec<&'o str>>,
    diagnostics: Vec<JsonDiagnostic<'o>>,
}

#[derive(Serialize)]
struct RuleJson<'o> {
    id: Option<&'o str>,
    title: Option<&'o str>,
    #[serde(flatten)]
    result: ResultJson<Vec<&'o str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fidelity: Option<&'static str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    filters: &'o [String],
}

/// `"queries": […]` or `"error": {…}`
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum ResultJson<Q> {
    Queries(Q),
    Error(ErrorJson),
}

#[derive(Serialize)]
struct ErrorJson {
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
        let file = FileJson {
            path: &self.path,
            rules: self
                .rules
                .iter()
                .map(|rule| RuleJson::new(rule, &source))
                .collect(),
            result: match &self.error {
                Some(error) => ResultJson::Error(ErrorJson::new(error, &source)),
                None => ResultJson::Queries(self.queries.iter().map(String::as_str).collect()),
            },
            diagnostics: self
                .all_diagnostics()
                .into_iter()
                .map(|diagnostic| JsonDiagnostic::new(&source, diagnostic))
                .collect(),
        };
        serde_json::to_string(&file).expect("strings and numbers always serialize")
    }
}

impl<'o> RuleJson<'o> {
    fn new(rule: &'o RuleOutput, source: &Source<'_>) -> Self {
        let queries = rule.queries.iter().map(|query| query.text.as_str());
        Self {
            id: rule.id.as_deref(),
            title: rule.title.as_deref(),
            fidelity: rule.error.is_none().then(|| rule.fidelity.name()),
            filters: &rule.filters,
            result: match &rule.error {
                Some(error) => ResultJson::Error(ErrorJson::new(error, source)),
                None => ResultJson::Queries(queries.collect()),
            },
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
