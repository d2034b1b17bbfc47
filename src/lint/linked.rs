//! What `lint` finds of filters beside their rules.
//!
//! In: the index of a run. Out: the same with a warning on each filter that applies to no rule
//! (`VS1150`), and on each rule of which its filters leave nothing, which is proven (`VS1151`).

use super::{LintedRule, Names, lint_text};
use crate::attack::Attack;
use crate::compare;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::index::{Index, Place};
use crate::lower::{self, lower};
use crate::parse::Parsed;
use crate::rule::{ConditionExpr, Document, Filter, Rule};
use crate::transpile::{Prepared, guarded};
use std::collections::BTreeSet;

/// What there is to say of a file's rules, each by itself, and of what reaches into `documents`.
#[must_use]
pub fn lint_linked(
    text: &str,
    documents: &[Prepared<'_>],
    attack: &Attack,
    names: &Names,
) -> Vec<LintedRule> {
    let mut rules = lint_text(text, attack, names);
    for (rule, document) in rules.iter_mut().zip(documents) {
        for found in &document.diagnostics {
            if !rule.diagnostics.contains(found) {
                rule.diagnostics.push(found.clone());
            }
        }
    }
    rules
}

/// Adds the warnings to the documents.
#[must_use]
pub fn checked(mut index: Index<'_>) -> Index<'_> {
    let places = (0..index.files()).flat_map(|file| {
        let documents = 0..index.documents(file).len();
        documents.map(move |document| Place { file, document })
    });
    let places: Vec<Place> = places.collect();
    let used: BTreeSet<Place> = places
        .iter()
        .flat_map(|place| index.filters(*place))
        .copied()
        .collect();
    let warnings: Vec<(Place, Diagnostic)> = places
        .into_iter()
        .filter_map(|place| {
            let parsed = index.document(place)?;
            let is_sound = !parsed.diagnostics.iter().any(Diagnostic::is_error);
            let warning = match parsed.document.as_ref().filter(|_| is_sound)? {
                Document::Filter(filter) if !used.contains(&place) => unused(filter),
                Document::Rule(rule) if !rule.detection.filters.is_empty() => {
                    swallowed(parsed, rule)?
                }
                _ => return None,
            };
            Some((place, warning))
        })
        .collect();
    for (place, warning) in warnings {
        index.say(place, warning);
    }
    index
}

fn unused(filter: &Filter<'_>) -> Diagnostic {
    let message = format!(
        "expected a rule that the filter `{}` applies to, found none",
        filter.rule.title.value
    );
    let warning = Diagnostic::warning(Code::UnusedFilter, message).at(filter.rule.title.span);
    warning.help("look at its `rules` and at its log source, or give the rules as well")
}

/// A rule that finds something without its filters, and nothing with them.
fn swallowed(parsed: &Parsed<'_>, rule: &Rule<'_>) -> Option<Diagnostic> {
    let never = |rule: &Rule<'_>| {
        let answer = guarded(parsed.span, || {
            let is_small = lower::check_for_events(rule).is_ok();
            is_small && compare::never_holds(&lower(rule, &Dialect::SPECIFICATION))
        });
        answer.unwrap_or_default()
    };
    if !never(rule) || never(&with_filter(rule, None)) {
        return None;
    }
    let named = |(_, name): (usize, String)| name;
    let filters = rule.detection.filters.iter();
    let filters = filters.map(|filter| format!("`{}`", filter.title));
    let filters: Vec<(usize, String)> = filters.enumerate().collect();
    // Those that leave nothing by themselves, or else all of them together.
    let alone = filters.iter().cloned();
    let alone = alone.filter(|(at, _)| never(&with_filter(rule, Some(*at))));
    let mut names: Vec<String> = alone.map(named).collect();
    if names.is_empty() {
        names = filters.into_iter().map(named).collect();
    }
    let filters = if names.len() == 1 {
        "the filter"
    } else {
        "the filters"
    };
    let message = format!(
        "expected {filters} {} to leave something of the rule, found that no event is left",
        names.join(", ")
    );
    let conditions = rule.detection.conditions.iter();
    let places = conditions.map(|condition| condition.text.span);
    let warning = Diagnostic::warning(Code::SwallowingFilter, message);
    let warning = places.fold(warning, Diagnostic::at);
    Some(warning.help("make the filter narrower"))
}

/// The rule as it is with one alone of the filters that were joined to it, or without any.
fn with_filter<'s>(rule: &Rule<'s>, filter: Option<usize>) -> Rule<'s> {
    let mut rule = rule.clone();
    for condition in &mut rule.detection.conditions {
        if let ConditionExpr::And(operands) = &mut condition.expr {
            let kept = filter.and_then(|at| operands.get(at + 1).cloned());
            operands.truncate(1);
            operands.extend(kept);
            if operands.len() == 1
                && let Some(own) = operands.pop()
            {
                condition.expr = own;
            }
        }
    }
    rule
}
