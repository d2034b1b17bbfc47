//! How pySigma reads correlations and filters.

use super::Pysigma;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::parse::condition::{ConditionFault, ConditionProblem, Grammar};
use crate::parse::correlation::CorrelationRules;
use crate::rule::correlation::Threshold;
use crate::rule::{ConditionExpr, CorrelationType, Detections, Number, Text};
use crate::yaml::{Resolved, Scalar, Schema};
use std::borrow::Cow;

impl CorrelationRules for Pysigma {
    /// It looks at the keys that it knows, and at no others.
    fn ignored_severity(&self) -> Severity {
        Severity::Warning
    }

    /// It reads `generate` inside `correlation` only.
    fn has_outer_generate(&self) -> bool {
        false
    }

    /// It takes only strings.
    fn is_lone_name(&self, scalar: &Scalar<'_>) -> bool {
        scalar.resolve(Schema::PyYaml) == Resolved::String
    }

    /// Types are in any letter case.
    fn kind<'t>(&self, name: &'t str) -> Cow<'t, str> {
        Cow::Owned(name.to_lowercase())
    }

    /// It makes whole numbers with Python's `int`: 0.5 is 0, `true` is 1, and `"0.5"` is an error.
    fn number<'s>(&self, scalar: &Scalar<'s>) -> Option<Number<'s>> {
        let text = match scalar.resolve(Schema::PyYaml) {
            Resolved::Number(number) if number.is_integer() => return Some(number),
            Resolved::Number(number) if number.value.is_finite() => {
                format!("{:.0}", number.value.trunc())
            }
            Resolved::Bool(value) => u8::from(value).to_string(),
            Resolved::String => whole_number(&scalar.text)?,
            _ => return None,
        };
        let value = text.parse().ok()?;
        let text = if text == "-0" {
            "0".into()
        } else {
            text.into()
        };
        Some(Number { text, value })
    }

    /// It takes one operator.
    fn check_threshold(&self, threshold: &Threshold<'_>) -> Result<(), Diagnostic> {
        let Some(second) = threshold.bounds.get(1) else {
            return Ok(());
        };
        let message = "expected one operator, found several, which the reference doesn't read";
        Err(Diagnostic::error(Code::CorrelationOperator, message)
            .at(second.number.span)
            .help("write one operator, or convert without `--compat pysigma`"))
    }

    /// Its names are of letters, digits and `_`, its operators in lower case. It does not mind a
    /// condition that requires no event.
    fn expression<'t>(&self, grammar: &Grammar<'t, '_>) -> Result<ConditionExpr<'t>, Diagnostic> {
        if let Some(operator) = upper_case(grammar.text) {
            let fault = ConditionFault::new(operator, ConditionProblem::UpperCase);
            return Err(fault.diagnostic(grammar));
        }
        let expr = grammar.rule_expression();
        let expr = expr.map_err(|fault| fault.diagnostic(grammar))?;
        match unreadable(&expr) {
            Some(name) => Err(split_name(name)),
            None => Ok(expr),
        }
    }

    /// It takes one for both temporal types.
    fn takes_expression(&self, kind: CorrelationType) -> bool {
        kind.is_temporal()
    }

    /// It wants each rule in the condition.
    fn unused_severity(&self) -> Severity {
        Severity::Error
    }
}

/// A text as Python's `int` takes it: white space around it, a sign, `_` between digits.
fn whole_number(text: &str) -> Option<String> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let is_group = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    if !digits.split('_').all(is_group) {
        return None;
    }
    let digits: String = digits.split('_').collect();
    let digits = digits.trim_start_matches('0');
    Some(match digits {
        "" => "0".to_owned(),
        digits => format!("{sign}{digits}"),
    })
}

/// The text from the first operator in upper case on.
fn upper_case(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        let is_between = |c: char| c.is_whitespace() || matches!(c, '(' | ')');
        rest = rest.trim_start_matches(is_between);
        let end = rest.find(is_between).unwrap_or(rest.len());
        let word = &rest[..end];
        if word.is_empty() {
            return None;
        }
        let lower = word.to_ascii_lowercase();
        if lower != word && matches!(lower.as_str(), "and" | "or" | "not") {
            return Some(rest);
        }
        rest = &rest[end..];
    }
}

/// The first name that is not of letters, digits and `_`.
fn unreadable<'e, 't>(expr: &'e ConditionExpr<'t>) -> Option<&'e Text<'t>> {
    match expr {
        ConditionExpr::Or(operands) | ConditionExpr::And(operands) => {
            operands.iter().find_map(unreadable)
        }
        ConditionExpr::Not(_, operand) | ConditionExpr::Group(operand) => unreadable(operand),
        ConditionExpr::Identifier(name) => {
            let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
            let is_word = name.starts_with(is_letter)
                && name.chars().all(|c| is_letter(c) || c.is_ascii_digit());
            (!is_word).then_some(name)
        }
        ConditionExpr::Selector(_) => None,
    }
}

fn split_name(name: &Text<'_>) -> Diagnostic {
    let message = format!(
        "expected a name of letters, digits and `_`, found `{}`, which the reference doesn't read",
        name.value
    );
    Diagnostic::error(Code::ConditionSyntax, message)
        .at(name.span)
        .help("give the rule such a name, or convert without `--compat pysigma`")
}

/// What pySigma can't make of a filter's conditions: it renames detections where a name begins with
/// a letter or `*`, and cuts others in two.
pub(super) fn check_filter(detections: &Detections<'_>) -> Vec<Diagnostic> {
    let mut cut = Vec::new();
    for condition in &detections.conditions {
        cut_names(&condition.expr, &mut cut);
    }
    let faults = cut.into_iter().map(|name| {
        let message = format!(
            "expected a name that begins with a letter, found `{}`, which the reference cuts in two",
            name.value
        );
        Diagnostic::error(Code::FilterCondition, message)
            .at(name.span)
            .help("rename the selection, or convert without `--compat pysigma`")
    });
    faults.collect()
}

fn cut_names<'e, 's>(expr: &'e ConditionExpr<'s>, cut: &mut Vec<&'e Text<'s>>) {
    let name = match expr {
        ConditionExpr::Or(operands) | ConditionExpr::And(operands) => {
            for operand in operands {
                cut_names(operand, cut);
            }
            return;
        }
        ConditionExpr::Not(_, operand) | ConditionExpr::Group(operand) => {
            return cut_names(operand, cut);
        }
        ConditionExpr::Identifier(name) => name,
        ConditionExpr::Selector(selector) => &selector.pattern,
    };
    if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '*') {
        cut.push(name);
    }
}
