//! A correlation's condition.
//!
//! In: `{gte: 10, field: User}`, or `a and not b`. Out: a [`CorrelationCondition`] that suits the
//! type, or what is wrong: `{ge: 10}` is `VS1205`, `{gte: ten}` is `VS1206`.

use super::Entry;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::parse::collection::Pairs;
use crate::parse::place::Place;
use crate::parse::rule::Reader;
use crate::rule::correlation::{Bound, Threshold};
use crate::rule::{CorrelationCondition, CorrelationOperator, CorrelationType, Number, Text};
use crate::source::{Span, Spanned};
use crate::yaml::{Content, Node};

/// Other ways to write operators.
const OTHER_WORDS: &[(&str, &str)] = &[
    (">", "gt"),
    (">=", "gte"),
    ("=>", "gte"),
    ("<", "lt"),
    ("<=", "lte"),
    ("=<", "lte"),
    ("=", "eq"),
    ("==", "eq"),
    ("!=", "neq"),
    ("<>", "neq"),
    ("ge", "gte"),
    ("le", "lte"),
    ("ne", "neq"),
    ("not", "neq"),
    ("equal", "eq"),
    ("equals", "eq"),
    ("min", "gte"),
    ("max", "lte"),
    ("count", "gte"),
];

impl<'s> Reader<'s, '_> {
    /// `condition:` of a correlation, or what holds without one.
    pub(super) fn correlation_condition(
        &mut self,
        kind: Option<CorrelationType>,
        section: &Text<'s>,
        entry: Option<Entry<'s>>,
    ) -> Option<CorrelationCondition<'s>> {
        let Some((name, node)) = entry else {
            if kind.is_some_and(|kind| !kind.is_temporal()) {
                self.missing_key(
                    "condition",
                    section,
                    "say when it fires: `condition: {gte: 10}`",
                );
            }
            return Some(CorrelationCondition::AllRules);
        };
        let span = node.span;
        match node.content {
            Content::Mapping(pairs) => {
                let threshold = self.threshold(span, pairs);
                self.suits(kind, &name, &threshold);
                Some(CorrelationCondition::Threshold(threshold))
            }
            Content::Scalar(scalar) => {
                let text = Spanned::new(scalar.text, span);
                let takes =
                    |kind: &CorrelationType| self.rules.correlation().takes_expression(*kind);
                if let Some(kind) = kind.filter(|kind| !takes(kind)) {
                    self.diagnostics.push(no_expression(&text, kind));
                    return None;
                }
                let place = Place::new(self.source, span, &text);
                self.expression(text, &place)
            }
            Content::Sequence(_) => {
                self.diagnostics.push(
                    Diagnostic::error(
                        Code::AttributeType,
                        "expected a map or a text for `condition`, found a list",
                    )
                    .at(span)
                    .help("write operators as keys: `condition: {gte: 10, lt: 100}`"),
                );
                None
            }
        }
    }

    fn threshold(&mut self, span: Span, pairs: Pairs<'s>) -> Threshold<'s> {
        let mut threshold = Threshold {
            span,
            ..Threshold::default()
        };
        let faults = self.diagnostics.len();
        for (key, value) in pairs {
            let Some(name) = self.attribute_name(&key) else {
                continue;
            };
            match name.value.as_ref() {
                "field" => threshold.field = self.names(&name, value, "names of fields"),
                "percentile" => threshold.percentile = self.number(&name, &value),
                operator => match CorrelationOperator::from_name(operator) {
                    Some(operator) => {
                        let number = self.number(&name, &value);
                        let bound = number.map(|number| Bound { operator, number });
                        threshold.bounds.extend(bound);
                    }
                    None => self.diagnostics.push(unknown(&name)),
                },
            }
        }
        if threshold.bounds.is_empty() && self.diagnostics.len() == faults {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::CorrelationOperator,
                    format!("expected an operator in `condition`, one of {OPERATORS}, found none"),
                )
                .at(span)
                .help("say when it fires: `gte: 10`"),
            );
        }
        if let Err(error) = self.rules.correlation().check_threshold(&threshold) {
            self.diagnostics.push(error);
        }
        threshold
    }

    fn number(&mut self, name: &Text<'s>, node: &Node<'s>) -> Option<Spanned<Number<'s>>> {
        let scalar = node.as_scalar();
        if let Some(number) = scalar.and_then(|scalar| self.rules.correlation().number(scalar)) {
            return Some(Spanned::new(number, node.span));
        }
        let found = match scalar {
            Some(scalar) if !scalar.text.is_empty() => format!("`{}`", scalar.text),
            _ => node.kind().to_owned(),
        };
        let message = format!("expected a number for `{}`, found {found}", name.value);
        let error = Diagnostic::error(Code::CorrelationNumber, message).at(node.span);
        let help = format!("write a number: `{}: 10`", name.value);
        self.diagnostics.push(error.help(help));
        None
    }

    /// Does the condition say what its type needs, and nothing else?
    fn suits(&mut self, kind: Option<CorrelationType>, name: &Text<'s>, threshold: &Threshold<'s>) {
        let Some(kind) = kind else { return };
        let takes_field = kind == CorrelationType::ValueCount || kind.is_metric();
        match (takes_field, threshold.field.as_slice()) {
            (true, []) => self.diagnostics.push(
                Diagnostic::error(
                    Code::ConditionOfType,
                    format!(
                        "expected a `field` in the condition of `{}`, found none",
                        kind.name()
                    ),
                )
                .at(name.span)
                .help("name the field whose values are looked at: `field: User`"),
            ),
            (true, [_, second, ..]) if kind.is_metric() => self.diagnostics.push(
                Diagnostic::error(
                    Code::ConditionOfType,
                    format!("expected one `field` for `{}`, found several", kind.name()),
                )
                .at(second.span)
                .help("write a correlation for each field"),
            ),
            (false, [field, ..]) => self.diagnostics.push(
                Diagnostic::warning(
                    Code::NoEffectOnCorrelation,
                    format!(
                        "expected no `field` in the condition of `{}`, found one",
                        kind.name()
                    ),
                )
                .at(field.span)
                .help(
                    "remove it, it has no effect; `value_count` counts the distinct values of a \
                     field",
                ),
            ),
            _ => {}
        }
        self.percentile(kind, name, threshold);
    }

    fn percentile(&mut self, kind: CorrelationType, name: &Text<'s>, threshold: &Threshold<'s>) {
        let is_percentile = kind == CorrelationType::ValuePercentile;
        match &threshold.percentile {
            None if is_percentile => self.diagnostics.push(
                Diagnostic::error(
                    Code::Percentile,
                    "expected a `percentile` in the condition of `value_percentile`, found none",
                )
                .at(name.span)
                .help(
                    "say which one: `percentile: 95`; the specification's example has none and \
                     leaves open what its `lte: 1` means",
                ),
            ),
            Some(percentile) if !is_percentile => self.diagnostics.push(
                Diagnostic::warning(
                    Code::NoEffectOnCorrelation,
                    format!(
                        "expected no `percentile` in the condition of `{}`, found one",
                        kind.name()
                    ),
                )
                .at(percentile.span)
                .help("remove it, it has no effect; `value_percentile` computes percentiles"),
            ),
            Some(percentile) if !(0.0..=100.0).contains(&percentile.value.value) => {
                let message = format!(
                    "expected a percentile from 0 to 100, found `{}`",
                    percentile.value.text
                );
                self.diagnostics.push(
                    Diagnostic::error(Code::Percentile, message)
                        .at(percentile.span)
                        .help("write the share in percent: `percentile: 95`"),
                );
            }
            _ => {}
        }
    }
}

const OPERATORS: &str = "`gt`, `gte`, `lt`, `lte`, `eq` and `neq`";

fn unknown(name: &Text<'_>) -> Diagnostic {
    let error = Diagnostic::error(
        Code::CorrelationOperator,
        format!(
            "expected an operator, `field` or `percentile`, found `{}`",
            name.value
        ),
    )
    .at(name.span);
    let lower = name.trim().to_lowercase();
    let names = CorrelationOperator::ALL
        .iter()
        .map(|operator| operator.name());
    let meant = OTHER_WORDS.iter().find(|(word, _)| *word == lower);
    let meant = meant.map(|&(_, name)| name);
    let known = names.chain(["field", "percentile"]);
    match meant.or_else(|| nearest(&lower, known)) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("use {OPERATORS}")),
    }
}

/// A text where the type compares a number.
fn no_expression(text: &Text<'_>, kind: CorrelationType) -> Diagnostic {
    let message = format!(
        "expected operators in the condition of `{}`, found a text",
        kind.name()
    );
    let error = Diagnostic::error(Code::ConditionOfType, message).at(text.span);
    let (sign, number) = text.split_at(
        text.find(|c: char| c.is_ascii_digit() || c == '-')
            .unwrap_or(text.len()),
    );
    let sign = sign.trim().trim_end_matches(':').trim_end().to_lowercase();
    let known = CorrelationOperator::from_name(&sign).map(CorrelationOperator::name);
    let meant = OTHER_WORDS.iter().find(|(word, _)| *word == sign);
    let operator = known.or_else(|| meant.map(|&(_, name)| name));
    match operator {
        Some(name) if number.trim().parse::<f64>().is_ok() => {
            error.help(format!("write `condition: {{{name}: {}}}`", number.trim()))
        }
        _ if kind == CorrelationType::TemporalOrdered => error.help(
            "name the rules in `rules`, in their order, and leave the condition out. `and`, `or` and \
             `not` over rules say nothing of an order, and are for `temporal`",
        ),
        _ => error.help(
            "write `condition: {gte: 10}`; `and`, `or` and `not` over rules are for `temporal`",
        ),
    }
}
