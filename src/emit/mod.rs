//! From an expression to the text of a query.
//!
//! In: a [`Lowered`] condition, a [`Backend`] and the user's [`Settings`]. Out: a [`Query`] in its
//! parts, with how true it is to the rule. Text is written once, into one buffer; a part reports
//! how tightly it binds and the part around it adds parentheses where the target needs them.
//!
//! `selection and not filter` over `{A: [x, y]}` and `{B: z}` becomes, for Splunk,
//! `((A="x" OR A="y") NOT B="z")`.

mod absent;
mod aggregation;
mod apart;
mod chain;
mod choice;
mod expression;
mod fault;
mod fidelity;
mod folding;
mod keywords;
mod kind;
mod list;
pub mod native;
mod negation;
mod network;
mod number;
mod plan;
mod saying;
mod settings;
mod writer;

pub use fidelity::{Fidelity, Reason};
pub use saying::unfilled;
pub use settings::Settings;

use crate::backend::Backend;
use crate::diagnostic::{Code, Diagnostic};
use crate::lower::Lowered;
use crate::rule::Rule;
use crate::source::Span;

/// A query in its parts. `before`, `resume`, `search` and `after` make the text in that order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// Commands in front of the search, where a reference puts them there.
    pub before: String,
    /// What leads from those back to the search; empty where there are none.
    pub resume: String,
    /// The search itself.
    pub search: String,
    /// Commands behind the search.
    pub after: String,
    /// Names that `before` computes; terms of the search on other fields don't depend on it.
    pub computed: Vec<String>,
    /// How true it is to the rule.
    pub fidelity: Fidelity,
    /// Why it is not exact, in the rule's order.
    pub reasons: Vec<Reason>,
    /// How many clauses the engine reads in it: tests and `not`s.
    pub clauses: usize,
    /// How deep the engine reads it: operators, parentheses and functions inside one another.
    pub depth: usize,
    /// Faults of a reference that it reproduces, and what an engine may refuse.
    pub warnings: Vec<Diagnostic>,
}

/// Why a target can't say a part of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal {
    span: Span,
    reason: String,
    /// Of another kind than "can't say": a placeholder, say. No other language helps then.
    diagnostic: Option<Box<Diagnostic>>,
}

impl Refusal {
    fn new(span: Span, reason: impl Into<String>) -> Self {
        Self {
            span,
            reason: reason.into(),
            diagnostic: None,
        }
    }

    fn into_diagnostic(self, backend: &Backend) -> Diagnostic {
        if let Some(diagnostic) = self.diagnostic {
            return *diagnostic;
        }
        let message = format!("{} can't say this: {}", backend.title, self.reason);
        let diagnostic = Diagnostic::error(Code::Unsayable, message).at(self.span);
        match backend.advice(&self.reason) {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

/// Writes the query of a condition.
///
/// `None`: a reference prints nothing for it.
///
/// # Errors
/// The target can't say a part of the rule, a placeholder is left, or nothing is.
pub fn emit(
    rule: &Rule<'_>,
    lowered: &Lowered<'_>,
    backend: &Backend,
    settings: &Settings,
) -> Result<Option<Query>, Diagnostic> {
    if lowered.expr.is_empty() {
        let message = "nothing is left of the condition";
        return Err(Diagnostic::error(Code::NothingLeft, message).at(lowered.condition.text.span));
    }
    let query = match &backend.deferred {
        Some(deferred) => native::deferred::emit(&lowered.expr, backend, deferred, settings),
        None => plan::emit(&lowered.expr, backend, settings).map(Some),
    };
    let Some(mut query) = query.map_err(|refusal| refusal.into_diagnostic(backend))? else {
        return Ok(None);
    };
    if let Some(aggregation) = &lowered.condition.aggregation {
        aggregation::append(aggregation, rule, backend, settings, &mut query)?;
    }
    if let Some(limit) = &backend.query.clauses
        && query.clauses > limit.most
    {
        let (count, most) = (query.clauses, limit.most);
        let message = format!("the query has {count} clauses, and some engines take {most}");
        let warning = Diagnostic::warning(Code::TooManyClauses, message);
        let span = lowered.condition.text.span;
        query
            .warnings
            .push(warning.at(span).help(limit.help.as_str()));
    }
    if let Some(limit) = &backend.query.depth
        && query.depth > limit.most
    {
        let (depth, most) = (query.depth, limit.most);
        let message = format!("the query is {depth} levels deep, and some engines take {most}");
        let warning = Diagnostic::warning(Code::TooDeep, message);
        let span = lowered.condition.text.span;
        query
            .warnings
            .push(warning.at(span).help(limit.help.as_str()));
    }
    query.fidelity = Fidelity::of(&query.reasons);
    Ok(Some(query))
}
