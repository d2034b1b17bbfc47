//! Processing pipelines in pySigma's format: field names, log sources and values as a target wants
//! them, and what is done to queries afterwards.
//!
//! In: pipeline files (`load`), each compiled once; then rules, one by one, with their modifiers
//! applied. Out: the changed rules; and from queries, changed queries ([`Pipeline::postprocess`],
//! [`Pipeline::finalize`]). With `mapping: {Image: process.executable}` the rule's `Image: x` is
//! `process.executable: x` afterwards.

mod attribute;
pub(crate) mod bound;
pub mod builtin;
mod check;
mod columns;
mod condition;
mod correlated;
pub(crate) mod data;
mod definition;
pub mod environment;
mod finalizer;
pub(crate) mod growth;
mod item;
mod item_rules;
mod jq;
mod load;
mod postprocessing;
pub(crate) mod python;
pub(crate) mod reader;
mod review;
mod rule_view;
mod rules;
mod state;
mod template;
pub(crate) mod text;
pub mod trace;
pub(crate) mod transformation;
mod unmapped;
mod view;

pub use item_rules::ItemRules;
pub use load::{LoadedPipeline, PipelineFile, load};
pub use rule_view::{LogSourceView, RuleView};
pub use rules::Rules;
#[cfg(feature = "compat")]
pub(crate) use rules::texts;
pub use state::{Narrowing, Settings, State};

use crate::diagnostic::{Code, Diagnostic};
use crate::rule::Rule;
use finalizer::Finalizer;
use item::ProcessingItem;
use postprocessing::PostprocessingItem;
use serde_json::Value;
use std::collections::HashSet;
use unmapped::LogSources;

/// Pipelines, one after the other, ready for rules.
#[derive(Debug, Default)]
pub struct Pipeline {
    stages: Vec<Stage>,
    postprocessing: Vec<PostprocessingItem>,
    finalizers: Vec<Finalizer>,
    vars: Vec<(String, Value)>,
    asks_for_mapped: bool,
    log_sources: LogSources,
}

/// The items of one pipeline.
#[derive(Debug)]
struct Stage {
    path: String,
    items: Vec<ProcessingItem>,
}

impl Pipeline {
    /// Joins pipelines, in this order. Where variables have one name, the last one counts.
    #[must_use]
    pub fn new(files: Vec<PipelineFile>) -> Self {
        let mut pipeline = Self::default();
        let mut vars = Vec::new();
        for file in files {
            pipeline.log_sources.add(&file.items);
            pipeline.stages.push(Stage {
                path: file.path,
                items: file.items,
            });
            pipeline.postprocessing.extend(file.postprocessing);
            pipeline.finalizers.extend(file.finalizers);
            vars.extend(file.vars);
        }
        // The last one of a name counts.
        let mut seen = HashSet::new();
        vars.reverse();
        vars.retain(|(name, _)| seen.insert(name.clone()));
        vars.reverse();
        pipeline.vars = vars;
        let mut ids = Vec::new();
        for item in pipeline.items() {
            item.asked_ids(&mut ids);
        }
        for item in &pipeline.postprocessing {
            item.asked_ids(&mut ids);
        }
        let ids: HashSet<String> = ids.into_iter().collect();
        let mut items = pipeline.items();
        let asks = items.any(|item| item.transformation.asks_for_mapped());
        drop(items);
        pipeline.asks_for_mapped = asks;
        for stage in &mut pipeline.stages {
            for item in &mut stage.items {
                item.track(&ids);
            }
        }
        pipeline
    }

    /// Joins pipelines in the order in which they are applied: by priority; those of one priority
    /// as the rules order them.
    #[must_use]
    pub fn sorted(mut files: Vec<PipelineFile>, rules: &(impl AsRef<dyn Rules> + ?Sized)) -> Self {
        files.sort_by(|left, right| {
            let by_priority = left.priority.cmp(&right.priority);
            by_priority.then_with(|| rules.as_ref().order(left, right))
        });
        Self::new(files)
    }

    /// Does it leave everything as it is?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items().next().is_none()
            && self.postprocessing.is_empty()
            && self.finalizers.is_empty()
    }

    /// Does it change queries after they were made?
    #[must_use]
    pub fn has_postprocessing(&self) -> bool {
        !self.postprocessing.is_empty()
    }

    /// Does it change the output as a whole?
    #[must_use]
    pub fn has_finalizers(&self) -> bool {
        !self.finalizers.is_empty()
    }

    /// The memory for one rule.
    #[must_use]
    pub fn start<'s>(&'s self, settings: Settings<'s>) -> State<'s> {
        State::new(settings, &self.vars, self.asks_for_mapped)
    }

    /// Changes a rule.
    ///
    /// # Errors
    /// The rule is refused: by a `…_failure` item, or because a transformation can't be done to it.
    /// Spans are in the rule's file.
    pub fn apply<'s>(
        &'s self,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        if !self.stages.is_empty() {
            state.log_sources.push(rule.logsource.clone());
        }
        for stage in &self.stages {
            for item in &stage.items {
                item.apply(rule, state)
                    .map_err(|error| blame(error, &stage.path, item))?;
            }
        }
        Ok(())
    }

    /// A warning if a rule that went through [`Self::apply`] with this `state` was left without a
    /// condition for its log source, though there are some for others.
    #[must_use]
    pub fn unmapped(&self, rule: &Rule<'_>, state: &State<'_>) -> Option<Diagnostic> {
        self.log_sources.check(rule, state)
    }

    /// Changes a query of a rule that went through [`Self::apply`] with the same `state`.
    ///
    /// # Errors
    /// An item can't be done to the query.
    pub fn postprocess<'s>(
        &'s self,
        rule: &Rule<'_>,
        state: &mut State<'s>,
        query: Value,
    ) -> Result<Value, Diagnostic> {
        let mut query = query;
        for item in &self.postprocessing {
            query = item.apply(rule, state, query)?;
        }
        Ok(query)
    }

    /// Changes the output: the list of all queries, or what a format made of it. `state` is the
    /// last rule's, for templates.
    ///
    /// # Errors
    /// A finalizer can't be done to the output.
    pub fn finalize(&self, output: Value, state: Option<&State<'_>>) -> Result<Value, Diagnostic> {
        let mut output = output;
        for finalizer in &self.finalizers {
            output = finalizer.apply(output, state)?;
        }
        Ok(output)
    }

    fn items(&self) -> impl Iterator<Item = &ProcessingItem> {
        self.stages.iter().flat_map(|stage| &stage.items)
    }
}

/// Says which item an error comes from.
fn blame(error: Diagnostic, path: &str, item: &ProcessingItem) -> Diagnostic {
    // An item inside of it may have said so already.
    if error.code == Code::PipelineBudget && !error.help.is_empty() {
        return error;
    }
    let name = item.name();
    let code = error.code;
    error.help(match code {
        Code::PipelineBudget => format!("check `{name}`, line {} of `{path}`", item.line),
        _ => format!("check `{name}` of the pipeline `{path}`"),
    })
}
