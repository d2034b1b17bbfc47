//! Extended conditions: which of the rules have to match (specification: draft of 2.2).
//!
//! In: `a and (b or c) and not d`. Out: its tree, whose identifiers are names or ids of rules.
//! `1 of x*` is `VS1218`; what holds without any event, such as `not a`, is `VS1212`.

use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::parse::condition::{Grammar, checked_length, owned};
use crate::parse::place::Place;
use crate::parse::rule::Reader;
use crate::rule::{ConditionExpr, CorrelationCondition, Text};
use crate::source::Span;
use std::borrow::Cow;
use std::collections::HashSet;

/// The number of unlisted rules for which a similar name is searched.
const MOST_SUGGESTIONS: usize = 20;

/// Reads an expression over rules.
pub(super) fn read<'t>(grammar: &Grammar<'t, '_>) -> Result<ConditionExpr<'t>, Diagnostic> {
    let expr = grammar.rule_expression();
    let expr = expr.map_err(|fault| fault.diagnostic(grammar))?;
    match without_event(&expr) {
        Some(not) => Err(negation(not)),
        None => Ok(expr),
    }
}

impl<'s> Reader<'s, '_> {
    /// An extended condition.
    pub(super) fn expression(
        &mut self,
        text: Text<'s>,
        place: &Place,
    ) -> Option<CorrelationCondition<'s>> {
        let rules = self.rules.correlation();
        let expr = match (checked_length(&text), &text.value) {
            (Err(error), _) => Err(error),
            (Ok(()), Cow::Borrowed(text)) => rules.expression(&Grammar::over_rules(text, place)),
            (Ok(()), Cow::Owned(text)) => rules
                .expression(&Grammar::over_rules(text, place))
                .map(owned::expr),
        };
        match expr {
            Ok(expr) => Some(CorrelationCondition::Expression { text, expr }),
            Err(error) => {
                self.diagnostics.push(error);
                None
            }
        }
    }

    /// Compares the names in the expression with those of `rules`.
    pub(super) fn check_listed(&mut self, expr: &ConditionExpr<'s>, rules: &[Text<'s>]) {
        let listed: HashSet<&str> = rules.iter().map(|rule| rule.value.as_ref()).collect();
        let names = identifiers(expr);
        let mut suggestions = 0;
        for name in &names {
            if listed.contains(name.value.as_ref()) {
                continue;
            }
            suggestions += 1;
            let message = format!("expected a rule of `rules`, found `{}`", name.value);
            let error = Diagnostic::error(Code::UnlistedRule, message).at(name.span);
            let known = rules.iter().map(|rule| rule.value.as_ref());
            let near = (suggestions <= MOST_SUGGESTIONS).then(|| nearest(name, known));
            self.diagnostics.push(match near.flatten() {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help("add it to `rules`, or leave `rules` out"),
            });
        }
        let used: HashSet<&str> = names.iter().map(|name| name.value.as_ref()).collect();
        for rule in rules {
            if used.contains(rule.value.as_ref()) {
                continue;
            }
            let message = format!(
                "expected `{}` in the condition, found it nowhere",
                rule.value
            );
            let mut diagnostic = Diagnostic::warning(Code::UnusedRule, message).at(rule.span);
            diagnostic.severity = self.rules.correlation().unused_severity();
            let help = "use it in the condition, or remove it from `rules`";
            self.diagnostics.push(diagnostic.help(help));
        }
    }
}

/// The names in an expression, in order, each once.
pub(super) fn identifiers<'s>(expr: &ConditionExpr<'s>) -> Vec<Text<'s>> {
    fn collect<'e, 's>(expr: &'e ConditionExpr<'s>, names: &mut Vec<&'e Text<'s>>) {
        match expr {
            ConditionExpr::Or(operands) | ConditionExpr::And(operands) => {
                for operand in operands {
                    collect(operand, names);
                }
            }
            ConditionExpr::Not(_, operand) | ConditionExpr::Group(operand) => {
                collect(operand, names);
            }
            ConditionExpr::Identifier(name) => names.push(name),
            ConditionExpr::Selector(_) => {}
        }
    }
    let mut names = Vec::new();
    collect(expr, &mut names);
    let mut known = HashSet::new();
    names.retain(|name| known.insert(name.value.as_ref()));
    names.into_iter().cloned().collect()
}

/// The `not` because of which an expression holds where no rule matches anything: one of its
/// alternatives requires no event.
fn without_event(expr: &ConditionExpr<'_>) -> Option<Span> {
    match expr {
        ConditionExpr::Or(operands) => operands.iter().find_map(without_event),
        ConditionExpr::And(operands) => {
            let spans: Option<Vec<Span>> = operands.iter().map(without_event).collect();
            spans?.first().copied()
        }
        ConditionExpr::Not(not, operand) => without_event(operand).is_none().then_some(*not),
        ConditionExpr::Group(operand) => without_event(operand),
        ConditionExpr::Identifier(_) | ConditionExpr::Selector(_) => None,
    }
}

fn negation(not: Span) -> Diagnostic {
    let message = "expected each alternative to require an event, found one that only forbids some";
    Diagnostic::error(Code::NegationAlone, message)
        .at(not)
        .help("join it to a rule that has to match: `a and not b`")
}
