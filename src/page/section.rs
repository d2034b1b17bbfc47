//! A section of a page: a target in a format.

use super::QuerySection;
use crate::backend::{BackendError, Registry};
use crate::dialect::{Dialect, Profile};
use crate::pipeline::Pipeline;
use crate::pipeline::environment::Environment;
use crate::transpile::{FileOutput, Request, RuleOutput, Transpiler};
use std::collections::BTreeMap;
use std::ops::Range;

/// The transpilers of a section's queries.
#[derive(Debug)]
pub struct Section {
    pub(super) transpiler: Transpiler,
    /// The native one, for rules that the format's profile can't express.
    otherwise: Option<Transpiler>,
}

/// A section of the queries of a transpiler that is set up already.
impl From<Transpiler> for Section {
    fn from(transpiler: Transpiler) -> Self {
        Self {
            transpiler,
            otherwise: None,
        }
    }
}

/// The output of a section for a file.
pub(super) struct SectionOutput {
    pub output: FileOutput,
    /// Rules that the format's profile can't express, by their numbers, and why. Their outputs are
    /// those of the native profile.
    native: Vec<(usize, String)>,
}

impl SectionOutput {
    /// The output of a file that can't be read.
    pub(super) const fn failed(output: FileOutput) -> Self {
        Self {
            output,
            native: Vec::new(),
        }
    }
}

impl Section {
    /// The default section of a page, if no target is given: the founding document's.
    ///
    /// # Errors
    /// The target is not among the registry's, or its file is wrong.
    pub fn founding(registry: &Registry) -> Result<Self, BackendError> {
        let native = Self::new(registry, "splunk:default")?;
        Ok(Self {
            otherwise: Some(native.transpiler),
            ..Self::new(registry, "splunk:document")?
        })
    }

    /// `splunk`, or `splunk:document`.
    ///
    /// # Errors
    /// There is no such target or format, or its file is wrong.
    pub fn new(registry: &Registry, asked: &str) -> Result<Self, BackendError> {
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
            otherwise: None,
        })
    }

    /// The target's name and the dialect in which it is shown; twice where the native profile
    /// serves rules that the format's can't express.
    pub fn targets(&self) -> impl Iterator<Item = (&str, &Dialect)> {
        self.transpilers()
            .map(|transpiler| (transpiler.backend().name.as_str(), transpiler.dialect()))
    }

    /// The same with rules going through a pipeline first, one for each of its targets.
    #[must_use]
    pub fn with(
        self,
        pipelines: &mut impl Iterator<Item = Pipeline>,
        environment: &(impl Environment + Clone + 'static),
    ) -> Self {
        let mut with = |transpiler: Transpiler| {
            let pipeline = pipelines.next().unwrap_or_default();
            transpiler.with_pipeline(pipeline, Box::new(environment.clone()))
        };
        Self {
            transpiler: with(self.transpiler),
            otherwise: self.otherwise.map(with),
        }
    }

    /// The transpilers: the native one too, where it serves rules that the format's profile can't
    /// express.
    pub fn transpilers(&self) -> impl Iterator<Item = &Transpiler> {
        [Some(&self.transpiler), self.otherwise.as_ref()]
            .into_iter()
            .flatten()
    }

    /// Converts a file's rules: `convert` does so with one of its transpilers.
    pub(super) fn convert(
        &self,
        mut convert: impl FnMut(&Transpiler) -> FileOutput,
    ) -> SectionOutput {
        let mut converted = SectionOutput::failed(convert(&self.transpiler));
        let output = &mut converted.output;
        let Some(otherwise) = self.otherwise.as_ref().filter(|_| output.failures() > 0) else {
            return converted;
        };
        let other = convert(otherwise);
        if other.rules.len() != output.rules.len() {
            return converted;
        }
        // Another dialect may convert in another order.
        let others = other.rules.into_iter();
        let mut others: BTreeMap<usize, RuleOutput> =
            others.map(|other| (other.document, other)).collect();
        for rule in &mut output.rules {
            let Some(other) = others.remove(&rule.document) else {
                continue;
            };
            if other.error.is_some() {
                continue;
            }
            if let Some(error) = rule.error.take() {
                converted.native.push((rule.document, error.message));
                *rule = other;
            }
        }
        if output.error.is_some() {
            output.error = output.rules.iter().find_map(|rule| rule.error.clone());
        }
        converted
    }

    /// The section for some of a file's documents.
    pub(super) fn of(&self, converted: &SectionOutput, documents: Range<usize>) -> QuerySection {
        let SectionOutput { output, native } = converted;
        let native = native.iter().find(|(at, _)| documents.contains(at));
        let backend = self.transpiler.backend();
        let format = self.transpiler.format();
        let rules = output.rules.iter();
        let rules: Vec<&RuleOutput> = rules
            .filter(|rule| documents.contains(&rule.document))
            .collect();
        let queries = rules.iter().flat_map(|rule| &rule.queries);
        let queries: Vec<&str> = queries.map(|query| query.text.as_str()).collect();
        let errors = rules.iter().filter_map(|rule| rule.error.as_ref());
        let error = errors.chain(&output.error).next();
        let fidelity = rules.iter().map(|rule| rule.fidelity);
        let mut section = QuerySection {
            target: backend.name.clone(),
            name: backend.title.clone(),
            format: format.name.clone(),
            // A format that shows a text as a literal escapes its line breaks too.
            query: queries.join(if format.literal.is_some() && native.is_none() {
                "\\n"
            } else {
                "\n"
            }),
            ..QuerySection::default()
        };
        if queries.is_empty() {
            let is_part = |rule: &&RuleOutput| rule.is_part && rule.error.is_none();
            let message = if !rules.is_empty() && rules.iter().all(is_part) {
                "it has none of its own: the rules or correlations that it is for have the queries"
            } else {
                error.map_or("the rule has no query", |error| &error.message)
            };
            section.error = Some(message.to_owned());
            return section;
        }
        section.note = native.map(|(_, why)| {
            let profile = self.transpiler.profile().name();
            format!("This is varsigma's own query: {profile} has none for this rule. {why}.")
        });
        section.fidelity = fidelity
            .reduce(crate::emit::Fidelity::and)
            .map(|fidelity| fidelity.name().to_owned());
        for rule in rules {
            let mut reasons: Vec<_> = rule.queries.iter().flat_map(|q| &q.reasons).collect();
            reasons.sort_by_key(|reason| reason.span);
            for reason in reasons {
                if !section.reasons.contains(&reason.text) {
                    section.reasons.push(reason.text.clone());
                }
            }
        }
        section
    }
}
