//! The output of a query: its text in the format, its document, what pipelines make of it.

use super::fidelity::gather;
use super::{QueryOutput, Transpiler};
use crate::diagnostic::{Code, Diagnostic};
use crate::emit::{Query, Settings};
use crate::output::{self, DocumentEntry};
use crate::pipeline::{RuleView, State};
use crate::rule::Rule;
use serde_json::Value;
use std::sync::Arc;

impl Transpiler {
    /// A query that is printed without what the format puts around it.
    pub(super) fn unfinished(&self, query: Query, rule: &Rule<'_>) -> QueryOutput {
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
    pub(super) fn query<'s>(
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
        let known = DocumentEntry {
            texts: output::texts(&query, of, &self.backend, self.format(), settings),
            ..known
        };
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
            conjuncts: query.conjuncts,
            clauses: query.clauses,
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

/// The template of a document failed on what a rule holds.
pub(super) fn template_failed(reason: String) -> Diagnostic {
    Diagnostic::error(Code::BackendTemplate, reason)
}
