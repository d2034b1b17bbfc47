//! The stage without the feature `pipelines`: there are none, and nothing is changed.
//!
//! In and out is what `transpile` asks of the stage, which therefore has one form.

#![allow(
    clippy::unused_self,
    clippy::unnecessary_wraps,
    reason = "the signatures are those of the stage"
)]

pub mod builtin;
mod data;
pub mod environment;
#[cfg(feature = "documents")]
pub(crate) mod growth;
mod rule_view;
mod rules;
mod text;
/// The parts of Python that documents show, too.
pub(crate) mod python {
    pub mod dump_json;
    #[cfg(feature = "documents")]
    pub mod dump_yaml;
}

pub use rule_view::{LogSourceView, RuleView};
pub use rules::Rules;
pub(crate) use rules::texts;

use crate::diagnostic::Diagnostic;
use crate::rule::{LogSource, Rule, Text};
use crate::source::Span;
use environment::Environment;
use serde_json::Value;

/// No pipelines.
#[derive(Debug, Default)]
pub struct Pipeline;

/// A pipeline's file.
#[derive(Debug)]
pub struct PipelineFile {
    /// Where it is.
    pub path: String,
}

/// What pipelines would begin with.
#[derive(Clone, Copy)]
pub struct Settings<'s> {
    vars: &'s [(String, Value)],
}

/// What pipelines set: nothing.
pub struct State<'s>(Settings<'s>, Vec<Vec<Text<'s>>>);

/// What a value lost on its way.
#[derive(Debug, Clone)]
pub struct Narrowing {
    /// The value.
    pub span: Span,
    /// A value of the same item that is left.
    pub beside: Span,
    /// In a clause.
    pub text: String,
}

impl<'s> Settings<'s> {
    pub const fn new(
        _: &'s (impl AsRef<dyn Rules> + ?Sized),
        _: &'s dyn Environment,
        vars: &'s [(String, Value)],
    ) -> Self {
        Self { vars }
    }
}

impl Pipeline {
    pub const fn is_empty(&self) -> bool {
        true
    }

    pub const fn has_postprocessing(&self) -> bool {
        false
    }

    pub const fn has_finalizers(&self) -> bool {
        false
    }

    pub const fn start<'s>(&'s self, settings: Settings<'s>) -> State<'s> {
        State(settings, Vec::new())
    }

    pub fn start_correlation<'s>(
        &'s self,
        settings: Settings<'s>,
        _: Vec<LogSource<'s>>,
    ) -> State<'s> {
        self.start(settings)
    }

    pub const fn go_beside<'s>(&'s self, _: &Rule<'s>, _: &mut State<'s>) {}

    pub fn apply<'s>(&'s self, _: &mut Rule<'s>, _: &mut State<'s>) -> Result<(), Diagnostic> {
        Ok(())
    }

    pub const fn unmapped(&self, _: &Rule<'_>, _: &State<'_>) -> Option<Diagnostic> {
        None
    }

    pub fn postprocess<'s>(
        &'s self,
        _: &Rule<'_>,
        _: &mut State<'s>,
        query: Value,
    ) -> Result<Value, Diagnostic> {
        Ok(query)
    }

    pub fn finalize(&self, output: Value, _: Option<&State<'_>>) -> Result<Value, Diagnostic> {
        Ok(output)
    }
}

impl<'s> State<'s> {
    pub fn carry(&mut self, names: impl Iterator<Item = Text<'s>>) {
        self.1.extend(names.map(|name| vec![name]));
    }

    pub const fn log_sources(&self) -> &[LogSource<'s>] {
        &[]
    }

    pub fn carried(&self) -> &[Vec<Text<'s>>] {
        &self.1
    }

    pub const fn narrowings(&self) -> Vec<Narrowing> {
        Vec::new()
    }

    pub const fn get(&self, _: &str) -> Option<&'s Value> {
        None
    }

    pub fn values(&self) -> impl Iterator<Item = (&'s str, &'s Value)> + '_ {
        self.0
            .vars
            .iter()
            .take(0)
            .map(|(name, value)| (name.as_str(), value))
    }
}
