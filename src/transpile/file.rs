//! One rule file: every stage in turn, each rule by itself.

use super::fidelity::gather;
use super::filters::FilterPlaces;
use super::prepare::{Prepared, Readings, guarded, prepare};
use super::{FileOutput, QueryOutput, RuleOutput, Transpiler, losses};
use crate::diagnostic::{Code, Diagnostic};
use crate::emit::{Fidelity, Query, Settings, emit};
use crate::index::{Index, Place};
use crate::lower::{self, Lowered, lower};
use crate::output::{self, DocumentEntry};
use crate::pipeline::{RuleView, State};
use crate::rule::{Document, Rule};
use crate::source::Span;
use crate::yaml;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

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

    /// Converts the rules of one file's text.
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
        let rules = rules.into_iter().map(|rule| self.convert_rule(rule, None));
        self.file_output(path, rules)
    }

    /// Converts the rules of a file of an index: `file` is its number.
    #[must_use]
    pub fn convert_indexed(&self, path: &str, file: usize, index: &Index<'_>) -> FileOutput {
        let order = index.order(file).iter();
        let rules = order.filter_map(|&document| {
            let place = Place { file, document };
            let rule = index.document(place)?;
            let mut output = self.convert_rule(rule.clone(), Some((index, place)));
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
        if is_generated && !self.dialect.index.links().finishes_bases() {
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

    /// Have the pipelines set all that the format is made of?
    fn check_state(&self, state: &State<'_>, span: Span) -> Result<(), Diagnostic> {
        let format = self.format();
        let missing = format.needs.iter().find(|key| state.get(key).is_none());
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

    /// A query that is printed without what the format puts around it.
    fn unfinished(&self, query: Query, rule: &Rule<'_>) -> QueryOutput {
        let text = query.whole();
        let entry = DocumentEntry {
            query: text.clone(),
            is_unfinished: true,
            rule: Arc::new(RuleView::of(rule)),
            ..DocumentEntry::default()
        };
        QueryOutput {
            text,
            fidelity: query.fidelity,
            reasons: query.reasons,
            entry: self.has_whole_document().then_some(entry),
        }
    }

    /// The output of a query. `known` is what its document tells of it besides.
    fn query<'s>(
        &'s self,
        mut query: Query,
        known: DocumentEntry,
        rule: (&Rule<'_>, &Settings),
        state: &mut State<'s>,
        messages: &mut Vec<Diagnostic>,
    ) -> Result<QueryOutput, Diagnostic> {
        let first = messages.len();
        for warning in std::mem::take(&mut query.warnings) {
            gather(messages, first, warning);
        }
        let (of, settings) = rule;
        let text = output::text(&query, of, &self.backend, self.format(), settings);
        self.printed(text, query, known, rule, state, messages)
    }

    /// The output of a query whose text is written.
    pub(super) fn printed<'s>(
        &'s self,
        text: String,
        mut query: Query,
        known: DocumentEntry,
        (rule, settings): (&Rule<'_>, &Settings),
        state: &mut State<'s>,
        messages: &mut Vec<Diagnostic>,
    ) -> Result<QueryOutput, Diagnostic> {
        let first = messages.len();
        self.inexact(&query.reasons, messages);
        self.raw_controls(&query, rule, messages);
        if let Some(warning) = self.too_long(&text) {
            let conditions = rule.detection.conditions.iter();
            let condition = conditions
                .map(|condition| condition.text.span)
                .nth(known.number - 1);
            gather(
                messages,
                first,
                warning.at(condition.unwrap_or(rule.title.span)),
            );
        }
        let fidelity = query.fidelity;
        let reasons = std::mem::take(&mut query.reasons);
        if self.documents.is_none() && !self.has_whole_document() {
            return Ok(QueryOutput {
                text: self.postprocess(text, rule, state)?,
                fidelity,
                reasons,
                entry: None,
            });
        }
        let of_options = settings.of_state(&self.backend);
        let of_options = of_options.map(|(key, value)| (key.to_owned(), value.into()));
        let values = state.values();
        let values = values.map(|(key, value)| (key.to_owned(), value.clone()));
        let mut entry = DocumentEntry {
            query: text,
            before: query.before,
            resume: query.resume,
            search: query.search,
            after: query.after,
            state: values.chain(of_options).collect(),
            rule: Arc::new(RuleView::of(rule)),
            ..known
        };
        if let Some(documents) = &self.documents
            && !self.has_whole_format()
        {
            let changed = (*settings != self.settings).then_some(settings);
            let document = documents.render(vec![entry], changed);
            entry = DocumentEntry {
                query: document.map_err(template_failed)?,
                ..DocumentEntry::default()
            };
        }
        entry.query = self.postprocess(entry.query, rule, state)?;
        Ok(QueryOutput {
            text: entry.query.clone(),
            fidelity,
            reasons,
            entry: self.has_whole_document().then_some(entry),
        })
    }

    /// What the pipelines make of a query's text; in formats that give JSON it is taken as such.
    pub(super) fn postprocess<'s>(
        &'s self,
        text: String,
        rule: &Rule<'_>,
        state: &mut State<'s>,
    ) -> Result<String, Diagnostic> {
        let pipeline = self.pipeline();
        if !pipeline.has_postprocessing() {
            return Ok(text);
        }
        let query = serde_json::from_str(&text)
            .ok()
            .filter(Value::is_object)
            .unwrap_or(Value::String(text));
        Ok(match pipeline.postprocess(rule, state, query)? {
            Value::String(text) => text,
            other => other.to_string(),
        })
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

/// The template of a document failed on what a rule holds.
pub(super) fn template_failed(reason: String) -> Diagnostic {
    Diagnostic::error(Code::BackendTemplate, reason)
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
