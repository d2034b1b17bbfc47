//! From an expression to the text of a query.
//!
//! In: a [`Lowered`] condition, a [`Backend`] and the user's [`Settings`]. Out: a [`Query`] in its
//! parts, with how true it is to the rule. Three steps:
//! * `choose` finds words for each test, and what they lose, on a `tree` as the rule's;
//! * `plan` decides what goes into the search and what into the filter;
//! * `write` writes each text once, with the parentheses that `layout` puts.
//!
//! `selection and not filter` over `{A: [x, y]}` and `{B: z}` becomes, for Splunk,
//! `((A="x" OR A="y") NOT B="z")`. [`conventions`] has what a reference does differently.

mod aggregation;
pub(crate) mod choose;
pub mod columns;
mod conjuncts;
pub mod conventions;
mod fidelity;
mod layout;
mod plan;
mod settings;
pub(crate) mod tree;
pub(crate) mod write;

#[cfg(test)]
mod tests;

pub use choose::unfilled;
pub use fidelity::{Fidelity, Reason};
pub(crate) use plan::Section;
pub use settings::Settings;

use crate::backend::Backend;
use crate::diagnostic::{Code, Diagnostic};
use crate::lower::Lowered;
use crate::rule::Rule;
use crate::source::Span;
use conventions::{ConventionSet, QueryConventions};
use std::ops::Range;

/// A query in its parts. `before`, `resume`, `search` and `after` make the text in that order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// Commands in front of the search, where a reference puts them there.
    pub before: String,
    /// What leads from those back to the search; empty where there are none.
    pub resume: String,
    /// The search itself.
    pub search: String,
    /// Where in the search its conjuncts are: what its outermost `and`s join.
    pub conjuncts: Vec<Range<usize>>,
    /// Commands behind the search.
    pub after: String,
    /// The search in two parts, of which the first can move in front of `before`.
    pub hoisted: Option<(String, String)>,
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

impl Query {
    /// Its parts one after the other, without what a format puts around them.
    #[must_use]
    pub fn whole(&self) -> String {
        [&self.before, &self.resume, &self.search, &self.after]
            .map(String::as_str)
            .concat()
    }
}

/// Why a target can't say a part of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    span: Span,
    reason: String,
    /// Of another kind than "can't say": a placeholder, say. No other language helps then.
    diagnostic: Option<Box<Diagnostic>>,
}

impl Refusal {
    /// The language can't say a part of the rule.
    pub(crate) fn new(span: Span, reason: impl Into<String>) -> Self {
        Self {
            span,
            reason: reason.into(),
            diagnostic: None,
        }
    }

    /// The rule is wrong there, in any language.
    pub(crate) fn wrong(span: Span, diagnostic: Diagnostic) -> Self {
        Self {
            span,
            reason: String::new(),
            diagnostic: Some(Box::new(diagnostic)),
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
    conventions: &dyn ConventionSet,
) -> Result<Option<Query>, Diagnostic> {
    if lowered.expr.is_empty() {
        let message = "nothing is left of the condition";
        return Err(Diagnostic::error(Code::NothingLeft, message).at(lowered.condition.text.span));
    }
    let QueryConventions(mut conventions) = conventions.of_query(backend);
    let plan = plan::plan(&lowered.expr, backend, settings, &mut *conventions);
    let query = plan
        .map_err(|refusal| refusal.into_diagnostic(backend))?
        .write(&lowered.expr, &mut *conventions);
    let Some(mut query) = query else {
        return Ok(None);
    };
    if let Some(aggregation) = &lowered.condition.aggregation {
        aggregation::append(aggregation, rule, backend, settings, &mut query)?;
    }
    let (clauses, depth) = (&backend.query.clauses, &backend.query.depth);
    for (limit, count, code, has, what) in [
        (
            clauses,
            query.clauses,
            Code::TooManyClauses,
            "has",
            "clauses",
        ),
        (depth, query.depth, Code::TooDeep, "is", "levels deep"),
    ] {
        if let Some(limit) = limit
            && count > limit.most
        {
            let most = limit.most;
            let message = format!("the query {has} {count} {what}, and some engines take {most}");
            let warning = Diagnostic::warning(code, message).help(limit.help.as_str());
            let span = lowered.condition.text.span;
            query.warnings.push(warning.at(span));
        }
    }
    query.fidelity = Fidelity::of(&query.reasons);
    Ok(Some(query))
}
