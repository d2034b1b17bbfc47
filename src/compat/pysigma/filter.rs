//! How pySigma joins filters to rules.
//!
//! It works on texts: each word of a filter's condition gets the prefix that the filter's detections
//! get, and the condition is read anew with the rule's. Words that begin with something else than a
//! letter get it in their middle, or are taken for operators, and then name no detection.

use super::Pysigma;
use crate::diagnostic::{Code, Diagnostic};
use crate::index::{LinkRules, Rules};
use crate::rule::{ConditionExpr, Detections, Filter, LogSource, Text};

impl Rules for Pysigma {
    fn links(&self) -> &dyn LinkRules {
        self
    }

    /// It compares the three attributes that it knows as they are written.
    fn covers(&self, filter: &LogSource<'_>, rule: &LogSource<'_>) -> bool {
        let value = |text: &Option<Text<'_>>| text.as_ref().map(|text| text.value.to_string());
        let has =
            |wanted: &Option<Text<'_>>, found| wanted.is_none() || value(wanted) == value(found);
        has(&filter.category, &rule.category)
            && has(&filter.product, &rule.product)
            && has(&filter.service, &rule.service)
    }

    fn check(&self, filter: &Filter<'_>) -> Result<(), Diagnostic> {
        let mut conditions = filter.rule.detection.conditions.iter();
        conditions.try_for_each(|condition| words(&condition.expr))
    }

    /// The reference draws letters at random in the place of the number.
    fn name(
        &self,
        _filter: &Filter<'_>,
        own: &str,
        number: usize,
        _detections: &Detections<'_>,
    ) -> String {
        format!("_filt_{number}_{own}")
    }

    /// `1 of _*` does.
    fn selects_joined(&self) -> bool {
        true
    }

    fn nests_filters(&self) -> bool {
        true
    }

    fn checks_references(&self) -> bool {
        false
    }
}

/// Can the reference rename every word of a filter's condition?
fn words(expr: &ConditionExpr<'_>) -> Result<(), Diagnostic> {
    match expr {
        ConditionExpr::Or(operands) | ConditionExpr::And(operands) => {
            operands.iter().try_for_each(words)
        }
        ConditionExpr::Not(_, operand) | ConditionExpr::Group(operand) => words(operand),
        ConditionExpr::Identifier(name) => word(name, char::is_alphabetic),
        ConditionExpr::Selector(selector) => word(&selector.pattern, |first| {
            first.is_alphabetic() || first == '*'
        }),
    }
}

fn word(name: &Text<'_>, begins: fn(char) -> bool) -> Result<(), Diagnostic> {
    let operators = ["not", "and", "or", "all", "any", "of", "1"];
    let is_operator = operators.contains(&name.to_lowercase().as_str());
    if name.starts_with(begins) && !is_operator {
        return Ok(());
    }
    let message = format!(
        "expected a name that begins with a letter in a filter's condition, found `{}`, which the reference can't rename",
        name.value
    );
    let error = Diagnostic::error(Code::FilterRefused, message).at(name.span);
    Err(error.help("rename the filter's selection, or leave out `--compat`"))
}
