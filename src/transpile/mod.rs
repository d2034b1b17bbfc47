//! From a rule file to its queries and diagnostics.
//!
//! In: the bytes of a rule file. Out: a [`FileOutput`], made by a [`Transpiler`] that was set up
//! once for a target, a profile, a format and options. Nothing is read or written here, and a file's
//! output depends on that file and on what the [`index`](crate::index) links it to; [`parallel`] works
//! on many files at once.

mod aggregation;
mod columns;
mod correlated;
mod correlation;
mod fidelity;
mod file;
mod filters;
#[cfg(feature = "render")]
pub(crate) mod json;
mod linked;
mod losses;
mod names;
mod own_fields;
#[cfg(feature = "parallel")]
pub mod parallel;
mod prepare;
mod print;
mod process;
mod request;

#[cfg(feature = "cli")]
pub use columns::RuleColumns;
pub use correlated::log_sources;
pub use file::text_of;
pub use linked::index;
pub use names::RuleNames;
pub(crate) use prepare::guarded;
pub use prepare::{Prepared, Readings, prepare, prepare_parsed};
pub use request::Request;

use crate::backend::{Backend, Format};
use crate::diagnostic::Diagnostic;
use crate::dialect::{Dialect, Profile};
use crate::emit::columns::TypedSchema;
use crate::emit::conventions::ConventionSet;
use crate::emit::{Fidelity, Reason, Settings};
use crate::output::correlation::CorrelationTemplates;
use crate::output::{DocumentEntry, Documents};
use crate::pipeline::environment::Environment;
use crate::pipeline::{Pipeline, Settings as PipelineSettings};
use crate::schema::Schema;
use crate::source::Span;
use std::sync::{Arc, OnceLock};

/// Everything that is made ready once: a target's backend file in a profile, a format, options.
#[derive(Debug)]
pub struct Transpiler {
    backend: Backend,
    dialect: Dialect,
    conventions: Box<dyn ConventionSet>,
    /// The format's place among the backend's.
    format: usize,
    settings: Settings,
    documents: Option<Documents>,
    /// Compiled when a correlation first asks for them.
    correlation_templates: OnceLock<Result<CorrelationTemplates, String>>,
    strict: bool,
    pipelines: Pipelines,
}

/// The pipelines that rules go through, and what they may reach.
#[derive(Debug)]
struct Pipelines {
    pipeline: Pipeline,
    environment: Box<dyn Environment>,
    vars: Vec<(String, serde_json::Value)>,
}

/// What became of one rule file.
#[derive(Debug, Clone, Default)]
pub struct FileOutput {
    /// The path as the user gave it.
    pub path: String,
    /// Its rules, in the order written.
    pub rules: Vec<RuleOutput>,
    /// The rules' queries in order or, where the format has a document for many queries, that
    /// document of this file alone.
    pub queries: Vec<String>,
    /// Why there are no queries: the file's own fault, or that of its first rule that failed.
    pub error: Option<Diagnostic>,
    /// What there is to say of the file itself, beside what its rules have.
    pub diagnostics: Vec<Diagnostic>,
}

/// What became of one rule.
#[derive(Debug, Clone, Default)]
pub struct RuleOutput {
    /// The id, as far as it could be read.
    pub id: Option<String>,
    /// The title, as far as it could be read.
    pub title: Option<String>,
    /// Which of the file's documents it is, from 0. Outputs are in the order of conversion, in which
    /// filters come last.
    pub document: usize,
    /// The rule's bytes in the file.
    pub span: Span,
    /// Its queries, one a condition; none where it failed.
    pub queries: Vec<QueryOutput>,
    /// How true the queries are to the rule, all together.
    pub fidelity: Fidelity,
    /// Why it failed.
    pub error: Option<Diagnostic>,
    /// What there is to say besides, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The titles of the filters that were joined to it.
    pub filters: Vec<String>,
    /// It has no query of its own: it is a filter, or correlations of its file use it.
    pub is_part: bool,
}

/// One query.
#[derive(Debug, Clone)]
pub struct QueryOutput {
    /// Its text in the format; the document itself where each query has one of its own.
    pub text: String,
    /// How true it is to the rule.
    pub fidelity: Fidelity,
    /// Why it is not exact.
    pub reasons: Vec<Reason>,
    /// What a document for many queries needs of it; `None` in other formats.
    pub entry: Option<DocumentEntry>,
}

impl Transpiler {
    /// The target in the profile that is in force.
    #[must_use]
    pub const fn backend(&self) -> &Backend {
        &self.backend
    }

    /// The format in force.
    #[must_use]
    pub fn format(&self) -> &Format {
        &self.backend.formats[self.format]
    }

    /// The ending of the format's files, without a dot.
    #[must_use]
    pub fn extension(&self) -> &str {
        let extension = self.format().extension.as_ref();
        extension.unwrap_or(&self.backend.extension)
    }

    /// The profile in force: the one asked for, or the one that the format shows.
    #[must_use]
    pub const fn profile(&self) -> Profile {
        self.backend.profile
    }

    /// What the profile accepts, and makes of it.
    #[must_use]
    pub const fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// Gives it pipelines, in the order in which they are applied, and what they may reach.
    #[must_use]
    pub fn with_pipeline(mut self, pipeline: Pipeline, environment: Box<dyn Environment>) -> Self {
        self.pipelines.pipeline = pipeline;
        self.pipelines.environment = environment;
        self
    }

    /// Gives it the columns of tables, by which tests are worded.
    #[must_use]
    pub fn with_schema(mut self, schema: &Schema) -> Self {
        let schema = Arc::new(TypedSchema::new(schema, &self.backend));
        self.settings = self.settings.with_schema(&self.backend, schema);
        self
    }

    /// The pipelines that rules go through.
    #[must_use]
    pub const fn pipeline(&self) -> &Pipeline {
        &self.pipelines.pipeline
    }

    /// The state with which every rule enters the pipelines.
    #[must_use]
    pub fn pipeline_settings(&self) -> PipelineSettings<'_> {
        PipelineSettings::new(
            &self.dialect,
            self.pipelines.environment.as_ref(),
            &self.pipelines.vars,
        )
    }

    /// Is there one document for all queries of a run: the format's, or what finalizers make?
    #[must_use]
    pub fn has_whole_document(&self) -> bool {
        self.has_whole_format() || self.pipelines.pipeline.has_finalizers()
    }

    fn has_whole_format(&self) -> bool {
        self.documents.is_some() && self.format().whole
    }

    /// A warning on a query that is longer than the engine takes.
    fn too_long(&self, text: &str) -> Option<Diagnostic> {
        // What a literal wraps is no query yet.
        let longest = self.backend.longest_query.as_ref();
        let longest = longest.filter(|_| self.format().literal.is_none());
        longest?.check(text)
    }

    /// A warning on a document of many queries that is one query to the engine, and too long a one.
    #[must_use]
    pub fn whole_too_long(&self, document: &str) -> Option<Diagnostic> {
        let is_query = self.has_whole_format() && self.format().statement;
        self.too_long(document).filter(|_| is_query)
    }

    /// The one document for many queries, of any number of files. `None` where the format has none.
    ///
    /// # Errors
    /// `VS0003`: the template failed.
    pub fn whole_document(
        &self,
        entries: Vec<DocumentEntry>,
    ) -> Option<Result<String, Diagnostic>> {
        let whole = self.documents.as_ref().filter(|_| self.has_whole_format());
        let rendered = match whole {
            Some(documents) => match documents.render(entries, None) {
                Ok(document) => serde_json::Value::String(document),
                Err(error) => return Some(Err(print::template_failed(error))),
            },
            None if self.has_whole_document() => {
                entries.into_iter().map(|entry| entry.query).collect()
            }
            None => return None,
        };
        let state = self.pipelines.pipeline.start(self.pipeline_settings());
        let finalized = self.pipelines.pipeline.finalize(rendered, Some(&state));
        Some(finalized.map(|output| match output {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        }))
    }
}

impl FileOutput {
    /// A file that could not be read, or is not text.
    #[must_use]
    pub fn failed(path: &str, error: Diagnostic) -> Self {
        Self {
            path: path.to_owned(),
            error: Some(error),
            ..Self::default()
        }
    }

    /// Everything there is to say, each thing once, in the order of the text.
    #[must_use]
    pub fn all_diagnostics(&self) -> Vec<&Diagnostic> {
        let of_rules = self
            .rules
            .iter()
            .flat_map(|rule| rule.diagnostics.iter().chain(&rule.error));
        let mut all: Vec<&Diagnostic> = self.diagnostics.iter().chain(of_rules).collect();
        // A file's error is its own, or that of a rule that is there already.
        if let Some(error) = &self.error
            && !all.contains(&error)
        {
            all.push(error);
        }
        all.sort_by_key(|diagnostic| diagnostic.span());
        all
    }

    /// How many rules failed, counting a file that holds none and has an error as one.
    #[must_use]
    pub fn failures(&self) -> usize {
        let failed = self.rules.iter().filter(|rule| rule.error.is_some());
        failed
            .count()
            .max(usize::from(self.rules.is_empty() && self.error.is_some()))
    }
}
