//! What a compiler makes of a file.

use super::Error;
use crate::diagnostic::Diagnostic;
use crate::emit::{self, Fidelity};
use crate::output::DocumentEntry;
use crate::source::{Region, Source, Span};
use crate::transpile::{self, FileOutput};

/// What became of a rule file.
#[derive(Debug, Clone)]
pub struct Output {
    file: FileOutput,
    text: String,
    rules: Vec<RuleOutput>,
}

/// What became of one rule.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RuleOutput {
    /// The id, as far as it could be read.
    pub id: Option<String>,
    /// The title, as far as it could be read.
    pub title: Option<String>,
    /// The rule's place in the file.
    pub span: Span,
    /// Its queries, one a condition; none where it failed.
    pub queries: Vec<Query>,
    /// How true the queries are to the rule, all together.
    pub fidelity: Fidelity,
    /// Why it failed.
    pub error: Option<Diagnostic>,
    /// What there is to say besides, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The titles of the filters that were joined to it.
    pub filters: Vec<String>,
    /// It has no queries of its own: it is a filter, or correlations of its file use it.
    pub is_part: bool,
}

/// One query.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Query {
    /// Its text in the format.
    pub text: String,
    /// How true it is to the rule.
    pub fidelity: Fidelity,
    /// Why it is not exact, in the rule's order; empty where it is.
    pub reasons: Vec<Reason>,
    /// What a document of many queries needs of it.
    pub(super) entry: Option<DocumentEntry>,
}

/// Why a query is not exact.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reason {
    /// What it makes of the query; never [`Fidelity::Exact`].
    pub fidelity: Fidelity,
    /// In a clause: "`?` is not said".
    pub text: String,
    /// The value of the rule that it is about.
    pub span: Span,
    /// Its lines and columns.
    pub region: Region,
}

impl Output {
    pub(super) fn new(mut file: FileOutput, bytes: &[u8]) -> Self {
        let text = transpile::text_of(bytes).unwrap_or_default().to_owned();
        let rules = std::mem::take(&mut file.rules);
        let source = Source::new(&file.path, &text);
        let rules = rules.into_iter().map(|rule| RuleOutput::new(rule, &source));
        Self {
            rules: rules.collect(),
            file,
            text,
        }
    }

    /// What becomes of a file that can't be read, and why.
    #[must_use]
    pub fn failed(path: &str, error: Diagnostic) -> Self {
        Self::new(FileOutput::failed(path, error), &[])
    }

    /// The path as it was given; empty for a text alone.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.file.path
    }

    /// Its rules, in the order written.
    #[must_use]
    pub fn rules(&self) -> &[RuleOutput] {
        &self.rules
    }

    /// The rules' queries in order or, where the format has a document for many queries, that
    /// document of this file alone.
    #[must_use]
    pub fn queries(&self) -> &[String] {
        &self.file.queries
    }

    /// Why there are no queries: the file's own fault, or that of its first rule that failed.
    #[must_use]
    pub const fn error(&self) -> Option<&Diagnostic> {
        self.file.error.as_ref()
    }

    /// How true the queries are to their rules, all together.
    #[must_use]
    pub fn fidelity(&self) -> Fidelity {
        let rules = self.rules.iter().map(|rule| rule.fidelity);
        rules.fold(Fidelity::Exact, Fidelity::and)
    }

    /// The queries, if every rule has its own.
    ///
    /// # Errors
    /// The file can't be read, or a rule failed.
    pub fn into_queries(self) -> Result<Vec<String>, Error> {
        let mut failed = self.rules.into_iter().filter_map(|rule| rule.error);
        match failed.next().or(self.file.error) {
            Some(first) => Err(Error::new(self.file.path, self.text, first)),
            None => Ok(self.file.queries),
        }
    }

    /// Everything there is to say, each thing once, in the order of the text.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<&Diagnostic> {
        let of_rules = self.rules.iter();
        let of_rules = of_rules.flat_map(|rule| rule.diagnostics.iter().chain(&rule.error));
        let mut all: Vec<_> = self.file.diagnostics.iter().chain(of_rules).collect();
        if let Some(error) = self.error().filter(|error| !all.contains(error)) {
            all.push(error);
        }
        all.sort_by_key(|diagnostic| diagnostic.span());
        all
    }

    /// The file's text by its path, for renderers; empty if it is not UTF-8.
    #[must_use]
    pub fn source(&self) -> Source<'_> {
        Source::new(&self.file.path, &self.text)
    }

    /// The lines and columns of a place in the file.
    #[must_use]
    pub fn region(&self, span: Span) -> Region {
        Region::new(&self.source(), span)
    }
}

/// The output as a line of `varsigma convert --json`.
#[cfg(feature = "render")]
impl serde::Serialize for Output {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use crate::transpile::json::{FileJson, ReasonJson, ResultJson, RuleJson};
        let source = self.source();
        let rules = self.rules.iter().map(|rule| {
            let queries = rule.queries.iter().map(|query| query.text.as_str());
            let reasons = rule.queries.iter().flat_map(|query| &query.reasons);
            let reasons = reasons.map(|reason| (reason.fidelity, &*reason.text, reason.span));
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
        let diagnostics = self.diagnostics();
        let file = FileJson::new(&source, rules, self.queries(), self.error(), diagnostics);
        file.serialize(serializer)
    }
}

impl RuleOutput {
    fn new(rule: transpile::RuleOutput, source: &Source<'_>) -> Self {
        let queries = rule.queries.into_iter().map(|query| Query {
            text: query.text,
            fidelity: query.fidelity,
            reasons: query
                .reasons
                .iter()
                .map(|reason| Reason::new(reason, source))
                .collect(),
            entry: query.entry,
        });
        Self {
            id: rule.id,
            title: rule.title,
            span: rule.span,
            queries: queries.collect(),
            fidelity: rule.fidelity,
            error: rule.error,
            diagnostics: rule.diagnostics,
            filters: rule.filters,
            is_part: rule.is_part,
        }
    }
}

impl Reason {
    fn new(reason: &emit::Reason, source: &Source<'_>) -> Self {
        Self {
            fidelity: reason.loss.into(),
            text: reason.text.clone(),
            span: reason.span,
            region: Region::new(source, reason.span),
        }
    }
}
