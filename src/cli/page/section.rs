//! A section of a page: a target in a format.

use crate::backend::Registry;
use crate::cli::Stop;
use crate::cli::environment::Allowed;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Profile;
use crate::page::QuerySection;
use crate::pipeline::Pipeline;
use crate::transpile::{FileOutput, Request, RuleOutput, Transpiler};
use std::ops::Range;

/// What makes a section's queries.
pub(super) struct Section {
    pub transpiler: Transpiler,
}

impl Section {
    /// `splunk`, or `splunk:document`.
    pub(super) fn new(registry: &Registry, asked: &str) -> Result<Self, Stop> {
        let (target, format) = match asked.split_once(':') {
            Some((target, format)) => (target, Some(format.to_owned())),
            None => (asked, None),
        };
        let request = Request {
            target: target.to_owned(),
            profile: Profile::Native,
            format,
            ..Request::default()
        };
        Ok(Self {
            transpiler: Transpiler::new(registry, &request)?,
        })
    }

    /// The target's name, and the profile in which it is shown.
    pub(super) fn target(&self) -> (&str, Profile) {
        (&self.transpiler.backend().name, self.transpiler.profile())
    }

    /// The same with rules going through a pipeline first.
    pub(super) fn with(self, pipeline: Pipeline, allowed: Allowed) -> Self {
        Self {
            transpiler: self.transpiler.with_pipeline(pipeline, Box::new(allowed)),
        }
    }

    /// The section for some of a file's rules.
    pub(super) fn of(&self, output: &FileOutput, rules: Range<usize>) -> QuerySection {
        let backend = self.transpiler.backend();
        let format = self.transpiler.format();
        let rules: Vec<&RuleOutput> = rules.filter_map(|at| output.rules.get(at)).collect();
        let queries = rules.iter().flat_map(|rule| &rule.queries);
        let queries: Vec<&str> = queries.map(|query| query.text.as_str()).collect();
        let errors = rules.iter().filter_map(|rule| rule.error.as_ref());
        let error = errors.chain(&output.error).next();
        let fidelity = rules.iter().map(|rule| rule.fidelity);
        let mut section = QuerySection {
            target: backend.name.clone(),
            name: backend.title.clone(),
            format: format.name.clone(),
            // A format that shows a text as a literal shows its line breaks so as well.
            query: queries.join(if format.literal.is_some() {
                "\\n"
            } else {
                "\n"
            }),
            ..QuerySection::default()
        };
        if queries.is_empty() {
            let message = error.map_or("the rule has no query", |error| &error.message);
            section.error = Some(message.to_owned());
            return section;
        }
        section.fidelity = fidelity
            .reduce(crate::emit::Fidelity::and)
            .map(|fidelity| fidelity.name().to_owned());
        let diagnostics = rules.iter().flat_map(|rule| &rule.diagnostics);
        for diagnostic in diagnostics.filter(|diagnostic| diagnostic.code == Code::NotExact) {
            let reason = reason(diagnostic);
            if !section.reasons.contains(&reason) {
                section.reasons.push(reason);
            }
        }
        section
    }
}

/// What a warning that a query is not exact says behind its first colon.
fn reason(diagnostic: &Diagnostic) -> String {
    let message = diagnostic.message.as_str();
    let reason = message
        .split_once(": ")
        .map_or(message, |(_, reason)| reason);
    reason.to_owned()
}
