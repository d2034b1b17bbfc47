//! One rule file: every stage in turn, each rule by itself.

use super::filters::FilterPlaces;
use super::prepare::{Prepared, Readings, guarded, prepare};
use super::{FileOutput, QueryOutput, RuleOutput, Transpiler, losses};
use crate::diagnostic::{Code, Diagnostic};
use crate::emit::{Fidelity, Query, Settings, emit};
use crate::index::{Index, Place};
use crate::lower::{self, Lowered, lower};
use crate::output::{self, DocumentEntry};
use crate::pipeline::State;
use crate::rule::{Document, Rule};
use crate::source::Span;
use crate::yaml;
use std::borrow::Cow;
use std::collections::BTreeSet;

impl Transpiler {
    /// Converts the rules of one file. Whatever the bytes are, the answer is an output.
    #[must_use]
    pub fn convert_file(&self, path: &str, bytes: &[u8]) -> FileOutput {
        self.converted(path, self.prepared(bytes))
    }

    /// Converts the rules of several files, each a path and its bytes: all are read before the
    /// first is converted.
    #[cfg(any(test, feature = "unstable"))]
    #[must_use]
    pub fn convert_files(&self, files: &[(&str, &[u8])]) -> Vec<FileOutput> {
        let prepared = files.iter().map(|(_, bytes)| self.prepared(bytes));
        let prepared: Vec<_> = prepared.collect();
        let files = files.iter().zip(prepared);
        files
            .map(|((path, _), rules)| self.converted(path, rules))
            .collect()
    }

    /// Converts the rules of one file's text, for tests and benchmarks.
    #[cfg(feature = "unstable")]
    #[must_use]
    pub fn convert_text(&self, path: &str, text: &str) -> FileOutput {
        self.converted(path, prepare(text, &self.dialect))
    }

    fn prepared<'s>(&self, bytes: &'s [u8]) -> Result<Vec<Prepared<'s>>, Diagnostic> {
        prepare(text_of(bytes)?, &self.dialect)
    }

    fn converted(&self, path: &str, rules: Result<Vec<Prepared<'_>>, Diagnostic>) -> FileOutput {
        match rules {
            Ok(rules) => self.convert_prepared(path, rules),
            Err(error) => FileOutput::failed(path, error),
        }
    }

    /// Converts the rules of a file that goes to other targets, too.
    #[must_use]
    pub fn convert_readings(&self, path: &str, rules: &mut Readings<'_>) -> FileOutput {
        self.converted(path, rules.get(self.dialect()).map(<[_]>::to_vec))
    }

    /// Converts rules that were prepared with this target's dialect.
    #[must_use]
    pub fn convert_prepared(&self, path: &str, rules: Vec<Prepared<'_>>) -> FileOutput {
        if Index::concerns(&rules) {
            return self.convert_indexed(path, 0, &Index::new(vec![rules], &self.dialect));
        }
        let rules = rules.into_iter().enumerate();
        let rules = rules.map(|(document, rule)| RuleOutput {
            document,
            ..self.convert_rule(rule, None)
        });
        self.file_output(path, rules)
    }

    /// Converts the rules of a file of an index: `file` is its number.
    #[must_use]
    pub fn convert_indexed(&self, path: &str, file: usize, index: &Index<'_>) -> FileOutput {
        self.convert_chosen(path, file, index, &|_| true)
    }

    /// The same for those of its documents that are chosen.
    #[must_use]
    pub fn convert_chosen(
        &self,
        path: &str,
        file: usize,
        index: &Index<'_>,
        is_chosen: &dyn Fn(Place) -> bool,
    ) -> FileOutput {
        let order = index.order(file).iter();
        let rules = order.filter_map(|&document| {
            let place = Place { file, document };
            if !is_chosen(place) {
                return None;
            }
            let rule = index.document(place)?;
            let mut output = self.convert_rule(rule.clone(), Some((index, place)));
            output.document = document;
            output.is_part |= index.is_part(place);
            Some(output)
        });
        self.file_output(path, rules)
    }

    fn file_output(&self, path: &str, rules: impl Iterator<Item = RuleOutput>) -> FileOutput {
        let mut output = FileOutput {
            path: path.to_owned(),
            rules: rules.collect(),
            ..FileOutput::default()
        };
        self.finish(&mut output);
        output
    }

    /// Gathers what the file has from what its rules have.
    fn finish(&self, output: &mut FileOutput) {
        let mut errors = output.rules.iter().filter_map(|rule| rule.error.as_ref());
        let first = errors.next();
        let failed = usize::from(first.is_some()) + errors.count();
        let whole = output
            .rules
            .iter()
            .filter(|rule| !rule.is_part || rule.error.is_some());
        let is_failed = failed == whole.count() || self.dialect.fails_with_one_rule;
        if is_failed && first.is_some() {
            output.error = first.cloned();
            return;
        }
        let queries = output.rules.iter().flat_map(|rule| &rule.queries);
        if !self.has_whole_document() {
            output.queries = queries.map(|query| query.text.clone()).collect();
            return;
        }
        let entries: Vec<DocumentEntry> = queries.filter_map(|query| query.entry.clone()).collect();
        match self.whole_document(entries) {
            Some(Ok(document)) => output.queries.push(document),
            Some(Err(error)) => output.error = Some(error),
            None => {}
        }
    }

    fn convert_rule<'s>(
        &'s self,
        prepared: Prepared<'s>,
        link: Option<(&Index<'s>, Place)>,
    ) -> RuleOutput {
        let span = prepared.span;
        let mut output = RuleOutput {
            id: prepared.id.map(|id| id.to_string()),
            title: prepared.title.map(|title| title.to_string()),
            span,
            ..RuleOutput::default()
        };
        let mut diagnostics = prepared.diagnostics;
        if let Some(document) = prepared.document
            && !diagnostics.iter().any(Diagnostic::is_error)
        {
            let is_filter = matches!(document, Document::Filter(_));
            let of_filters = FilterPlaces::of(&document);
            output.filters = of_filters.titles();
            let converted = guarded(span, || {
                let mut messages = Vec::new();
                let queries = self.queries(document, link, &mut messages);
                (queries, messages)
            });
            let converted = converted.map(|(queries, messages)| {
                let messages = messages
                    .into_iter()
                    .map(|message| of_filters.explain(message));
                let queries = queries.map_err(|error| of_filters.explain(error));
                (queries, messages.collect::<Vec<_>>())
            });
            match converted {
                Ok((Ok(queries), messages)) => {
                    diagnostics.extend(messages);
                    output.queries = queries;
                    output.is_part = is_filter;
                }
                Ok((Err(error), messages)) => {
                    diagnostics.extend(messages);
                    diagnostics.push(error);
                }
                Err(error) => diagnostics.push(error),
            }
        }
        diagnostics.sort_by_key(Diagnostic::span);
        if let Some(at) = diagnostics.iter().position(Diagnostic::is_error) {
            output.error = Some(diagnostics.remove(at));
            output.queries.clear();
        }
        let fidelities = output.queries.iter().map(|query| query.fidelity);
        output.fidelity = fidelities.fold(Fidelity::Exact, Fidelity::and);
        output.diagnostics = diagnostics;
        output
    }

    /// The queries of a document; other diagnostics go to `messages`.
    fn queries<'s>(
        &'s self,
        document: Document<'s>,
        link: Option<(&Index<'s>, Place)>,
        messages: &mut Vec<Diagnostic>,
    ) -> Result<Vec<QueryOutput>, Diagnostic> {
        let mut rule = match document {
            // What only feeds correlations is converted with them.
            Document::Rule(_) if link.is_some_and(|(index, place)| index.is_part(place)) => {
                return Ok(Vec::new());
            }
            Document::Rule(rule) => rule,
            Document::Correlation(correlation) => {
                let Some((index, place)) = link.filter(|(index, place)| !index.is_part(*place))
                else {
                    return Ok(Vec::new());
                };
                return self.correlation(&correlation, place, index, messages);
            }
            Document::Filter(_) => return Ok(Vec::new()),
        };
        if let Some(queries) = self.aggregated(&rule, messages) {
            return queries;
        }
        let pipeline = self.pipeline();
        let mut state = pipeline.start(self.pipeline_settings());
        pipeline.apply(&mut rule, &mut state)?;
        // The rule as written was checked when it was read.
        if !pipeline.is_empty() {
            lower::check(&rule, &self.dialect)?;
        }
        messages.extend(pipeline.unmapped(&rule, &state));
        self.check_state(&state, rule.logsource.span)?;
        let settings = self.settings_of(&state);
        let lowered = lower(&rule, &self.dialect);
        self.check_columns(&lowered, &settings, rule.logsource.span, messages);
        let tested = self.tested(&lowered);
        let bounds = lowered.iter();
        let bounds = bounds.map(|lowered| output::bounds(&lowered.expr, &self.format().bounds));
        let bounds: Vec<_> = bounds.collect();
        let queries = self.emitted(&rule, &lowered, &state, &settings, messages)?;
        let queries = queries.into_iter().zip(bounds);
        let queries = queries.filter_map(|(query, bounds)| Some((query?, bounds)));
        let queries: Vec<_> = queries.collect();
        let count = queries.len();
        let is_generated = link.is_some_and(|(index, place)| index.is_generated(place));
        if is_generated && !self.dialect.index.links().finishes_generated() {
            let queries = queries.into_iter();
            return Ok(queries
                .map(|(query, _)| self.unfinished(query, &rule))
                .collect());
        }
        self.say_of_queries(&rule, count, messages);
        let numbered = queries.into_iter().zip(1..);
        numbered
            .map(|((query, bounds), number)| {
                let known = DocumentEntry {
                    bounds,
                    tested: tested.clone(),
                    number,
                    count,
                    ..DocumentEntry::default()
                };
                self.query(query, known, (&rule, &settings), &mut state, messages)
            })
            .collect()
    }

    /// The options with what pipelines set.
    pub(super) fn settings_of(&self, state: &State<'_>) -> Cow<'_, Settings> {
        self.settings.with_state(&self.backend, |key| {
            self.dialect.pipeline.option(state.get(key)?)
        })
    }

    /// The queries of a rule's conditions, in their parts.
    pub(super) fn emitted(
        &self,
        rule: &Rule<'_>,
        lowered: &[Lowered<'_>],
        state: &State<'_>,
        settings: &Settings,
        messages: &mut Vec<Diagnostic>,
    ) -> Result<Vec<Option<Query>>, Diagnostic> {
        let mut queries = Vec::new();
        for lowered in lowered {
            let mut query = if self.dialect.drops_empty_conditions && lowered.expr.is_empty() {
                None
            } else {
                emit(rule, lowered, &self.backend, settings, &*self.conventions)?
            };
            if let Some(query) = &mut query {
                losses::add(query, &lowered.expr, state);
            }
            if query.is_none() {
                let fault = "the reference prints no query for this condition";
                let at = lowered.condition.text.span;
                messages.push(Diagnostic::warning(Code::ReferenceFault, fault).at(at));
            }
            queries.push(query);
        }
        Ok(queries)
    }

    /// Says what is wrong with the format's document of so many queries of a rule.
    fn say_of_queries(&self, rule: &Rule<'_>, count: usize, messages: &mut Vec<Diagnostic>) {
        if let Some(fault) = self.format().several.as_ref().filter(|_| count > 1) {
            let conditions = rule.detection.conditions.iter();
            let spans = conditions.map(|condition| condition.text.span);
            let warning = Diagnostic::warning(Code::ReferenceFault, fault.as_str());
            messages.push(spans.fold(warning, Diagnostic::at));
        }
        if let Some(fault) = &self.format().paired
            && let Some(documents) = &self.documents
            && documents.is_mispaired(rule)
        {
            let warning = Diagnostic::warning(Code::ReferenceFault, fault.as_str());
            let tags = rule.tags.iter().filter(|tag| tag.starts_with("attack."));
            messages.push(tags.fold(warning, |warning, tag| warning.at(tag.span)));
        }
    }

    /// The names of the fields that a rule's conditions test, if the format tells of them.
    fn tested(&self, lowered: &[Lowered<'_>]) -> Vec<String> {
        let mut fields = BTreeSet::new();
        if !self.format().bounds.is_empty() {
            for lowered in lowered {
                output::fields(&lowered.expr, &mut fields);
            }
        }
        fields.into_iter().collect()
    }

    /// Have the pipelines, or the user by an option, set all that the format is made of?
    fn check_state(&self, state: &State<'_>, span: Span) -> Result<(), Diagnostic> {
        let format = self.format();
        let is_set =
            |key: &String| state.get(key).is_some() || self.settings.sets_state(&self.backend, key);
        let missing = format.needs.iter().find(|key| !is_set(key));
        let Some(key) = missing else {
            return Ok(());
        };
        let message = format!(
            "format `{}` needs `{key}`, which no pipeline set",
            format.name
        );
        let error = Diagnostic::error(Code::MissingState, message).at(span);
        Err(error.help("give a pipeline (`-p`) that sets it for this rule's log source"))
    }
}

/// The text of a rule file. A byte order mark stays: it is no part of the text, and YAML allows one.
///
/// # Errors
/// `VS0002`: it is not UTF-8; `VS0110`: it is too long.
pub fn text_of(bytes: &[u8]) -> Result<&str, Diagnostic> {
    // Of a file that is too long the end wasn't read, perhaps in the middle of a character.
    yaml::check_length(bytes)?;
    std::str::from_utf8(bytes).map_err(|error| {
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            let message = "expected UTF-8 text, found the byte order mark of UTF-16";
            return Diagnostic::error(Code::NotUtf8, message).help("save the file as UTF-8");
        }
        let at = error.valid_up_to();
        let line = bytes[..at].split(|&byte| byte == b'\n').count();
        let message = format!(
            "expected UTF-8 text, found the byte 0x{:02x} in line {line}",
            bytes[at]
        );
        Diagnostic::error(Code::NotUtf8, message)
            .help("save a rule as UTF-8; leave out other files")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_told_by_their_place() {
        let error = text_of(b"title: t\nid: \xff").expect_err("not UTF-8");
        assert_eq!(
            error.message,
            "expected UTF-8 text, found the byte 0xff in line 2"
        );
    }
}
