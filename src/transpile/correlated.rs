//! A correlation's own way through the pipelines.
//!
//! In: a correlation of an index. Out: its attributes and the pipelines' memory of it, by which its
//! query is postprocessed, or why a pipeline refuses it. Its rules go first: the log sources that they
//! have then are the correlation's.

use super::Transpiler;
use super::own_fields::own_fields;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::index::{Index, Place};
use crate::pipeline::{Pipeline, Settings, State};
use crate::rule::{Correlation, Document, LogSource, Rule};
use std::collections::BTreeSet;

/// A correlation after its pipelines.
pub(super) struct Processed<'s> {
    /// Its attributes.
    pub head: Rule<'s>,
    /// What the pipelines remember of it.
    pub state: State<'s>,
}

impl Transpiler {
    /// Applies the pipelines to a correlation.
    pub(super) fn processed<'s>(
        &'s self,
        correlation: &Correlation<'s>,
        place: Place,
        index: &Index<'s>,
    ) -> Result<Processed<'s>, Diagnostic> {
        let (pipeline, settings) = (self.pipeline(), self.pipeline_settings());
        let sources = log_sources(pipeline, settings, &self.dialect, (index, place));
        let mut state = pipeline.start_correlation(settings, sources);
        if self.dialect.index.links().maps_own_fields() {
            state.carry(own_fields(correlation).cloned());
        }
        let mut head = correlation.head.clone();
        pipeline.apply(&mut head, &mut state)?;
        Ok(Processed { head, state })
    }
}

/// The log sources of the rules that a correlation goes back to, as they are written and as pipelines
/// make them; a reference may know what they have become alone.
#[must_use]
pub fn log_sources<'s>(
    pipeline: &'s Pipeline,
    settings: Settings<'s>,
    dialect: &Dialect,
    (index, place): (&Index<'s>, Place),
) -> Vec<LogSource<'s>> {
    let mut sources = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![place];
    while let Some(place) = open.pop() {
        if pipeline.is_empty() || !seen.insert(place) {
            continue;
        }
        open.extend(index.bases(place));
        let document = index.document(place);
        let Some(Document::Rule(rule)) = document.and_then(|of| of.document.as_ref()) else {
            continue;
        };
        let mut rule = rule.clone();
        let mut state = pipeline.start(settings);
        // What is wrong with the rule is said where it is converted.
        let _ = pipeline.apply(&mut rule, &mut state);
        if dialect.index.links().maps_own_fields() {
            sources.push(rule.logsource.clone());
        } else {
            sources.extend_from_slice(state.log_sources());
        }
    }
    sources
}
