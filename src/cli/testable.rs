//! Rules as events are tested on them, for `test` and `witness`.
//!
//! In: a rule whose modifiers were applied. Out: the rule after its pipelines, and why it can't be
//! asked of single events: a placeholder that is left, an aggregation, nothing at all. Refused is
//! what `convert` refuses, with its codes.

use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::emit::unfilled;
use crate::lower::{self, Expr, Lowered};
use crate::pipeline::{Pipeline, Settings};
use crate::rule::{Rule, Value};
use crate::source::Span;
use crate::transpile::{Prepared, guarded, prepare};
use std::collections::HashMap;

/// Pipelines that rules go through before they meet events.
#[derive(Clone, Copy)]
pub(super) struct Processing<'p> {
    pub pipeline: &'p Pipeline,
    pub settings: Settings<'p>,
}

impl<'p> Processing<'p> {
    /// Applies the pipelines. The rule that they leave is small enough to be lowered.
    pub fn apply(self, rule: &mut Rule<'p>) -> Result<(), Diagnostic> {
        guarded(rule.span, || {
            let mut state = self.pipeline.start(self.settings);
            self.pipeline.apply(rule, &mut state)?;
            lower::check(rule, &Dialect::SPECIFICATION)
        })?
    }
}

/// The rules of a file, their modifiers applied; one with an error where the text can't be read.
pub(super) fn rules(text: &str) -> Vec<Prepared<'_>> {
    prepare(text, &Dialect::SPECIFICATION).unwrap_or_else(|error| {
        vec![Prepared {
            id: None,
            title: None,
            span: Span::default(),
            document: None,
            diagnostics: vec![error],
        }]
    })
}

/// What distinguishes the rules of a file, in the events made for them: the id, or else the
/// title. The rules of a collection may share it: the second is `…#2`.
#[derive(Debug, Default)]
pub(super) struct RuleNames(HashMap<String, usize>);

impl RuleNames {
    /// The name of the next rule of the file; empty where it has none.
    pub fn next(&mut self, rule: &Prepared<'_>) -> String {
        let name = rule.id.as_deref().or(rule.title.as_deref());
        let name = name.unwrap_or_default().to_owned();
        let count = self.0.entry(name.clone()).or_default();
        *count += 1;
        match *count {
            1 => name,
            count => format!("{name}#{count}"),
        }
    }
}

/// Why a condition can't be asked of a single event.
pub(super) fn refusal(lowered: &Lowered<'_>) -> Option<Diagnostic> {
    if lowered.expr.is_empty() {
        let error = Diagnostic::error(Code::NothingLeft, "nothing is left of the condition");
        return Some(error.at(lowered.condition.text.span));
    }
    if let Some(aggregation) = &lowered.condition.aggregation {
        let message = "expected a condition on single events, found an aggregation of many";
        let error = Diagnostic::error(Code::Unsayable, message).at(aggregation.span);
        return Some(error.help("test what stands before the `|` as a rule of its own"));
    }
    placeholder(&lowered.expr)
}

/// The first placeholder that is left.
fn placeholder(expr: &Expr<'_>) -> Option<Diagnostic> {
    let (value, span) = match expr {
        Expr::Group(group) => return group.operands.iter().find_map(placeholder),
        Expr::Not(operand) => return placeholder(operand),
        Expr::Test(test) => (test.value, test.span),
        Expr::Keyword(keyword) => (keyword.value, keyword.span),
    };
    let pattern = match value {
        Value::String(pattern) | Value::Cased(pattern) => pattern,
        Value::Regex(regex) => &regex.pattern,
        _ => return None,
    };
    unfilled(pattern, span)
}
