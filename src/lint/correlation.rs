//! Correlations: conditions that never hold or hold too soon, and what is written twice.
//!
//! In: a correlation. Out: `condition: {lt: 1}` gives `VS1137`, for a window has at least the event
//! at its end.

use super::interval::Interval;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::rule::correlation::{Bound, Threshold};
use crate::rule::{Correlation, CorrelationCondition, CorrelationType, Text};
use std::collections::HashSet;

/// A check: what it has to say goes to the list.
type Check = fn(&Correlation<'_>, &mut Vec<Diagnostic>);

/// Every check of a correlation.
pub(super) const CHECKS: &[Check] = &[condition, rules, groups, fields];

/// What the measure can be: counts are whole, and there is at least one event, at the window's end. It
/// may lack the field whose values count.
fn measures(correlation: &Correlation<'_>, threshold: &Threshold<'_>) -> Interval {
    let kind = correlation.kind.value;
    let most = match kind {
        CorrelationType::Temporal => Some(distinct(&correlation.rules)),
        CorrelationType::TemporalOrdered => Some(correlation.rules.len()),
        CorrelationType::ValueCount => {
            let is_grouped = |field: &Text<'_>| {
                let mut groups = correlation.group_by.iter();
                groups.any(|group| group.value == field.value)
            };
            // All events of a group have the same values there.
            threshold.field.iter().all(is_grouped).then_some(1)
        }
        _ => None,
    };
    if kind.is_metric() {
        return Interval::ALL;
    }
    let least = if kind == CorrelationType::ValueCount && most.is_none() {
        0.0
    } else {
        1.0
    };
    Interval::whole(least, most)
}

fn distinct(rules: &[Text<'_>]) -> usize {
    let names: HashSet<&str> = rules.iter().map(|rule| rule.value.as_ref()).collect();
    names.len()
}

/// Does the condition ever hold? Does it hold at the first event?
fn condition(correlation: &Correlation<'_>, found: &mut Vec<Diagnostic>) {
    let CorrelationCondition::Threshold(threshold) = &correlation.condition else {
        return;
    };
    let mut bounds = threshold.bounds.iter();
    if !bounds.all(|bound| bound.number.value.is_told_by_doubles()) {
        return;
    }
    let measures = measures(correlation, threshold);
    let mut allowed = measures.clone();
    for bound in &threshold.bounds {
        allowed.restrict(bound.operator, bound.number.value.value);
    }
    if allowed.is_empty() {
        found.push(never(correlation, threshold, &measures));
    } else if measures.is_whole() && (allowed.has(1.0) || allowed.has(0.0)) {
        found.push(
            Diagnostic::warning(
                Code::FiresAtOnce,
                "expected a condition that several events fulfill, found one that holds at the \
                 first",
            )
            .at(threshold.span)
            .help("add a lower bound: `gte: 5`; a window only ever begins with one event"),
        );
    }
}

fn never(
    correlation: &Correlation<'_>,
    threshold: &Threshold<'_>,
    measures: &Interval,
) -> Diagnostic {
    let kind = correlation.kind.value.name();
    let alone = |bound: &&Bound<'_>| {
        let mut allowed = measures.clone();
        allowed.restrict(bound.operator, bound.number.value.value);
        allowed.is_empty()
    };
    let warning = |message: String| Diagnostic::warning(Code::NeverFires, message);
    let Some(bound) = threshold.bounds.iter().find(alone) else {
        let message = "expected operators that hold for some number, found none that fulfills all";
        return warning(message.to_owned())
            .at(threshold.span)
            .help("write a range: `gte: 10` and `lt: 100`");
    };
    let message = format!(
        "expected a number that `{kind}` can have, {measures}, found `{}: {}`",
        bound.operator.name(),
        bound.number.value.text
    );
    warning(message).at(bound.number.span).help(match correlation.kind.value {
        CorrelationType::ValueCount if measures.has_most() => {
            "name a field that is not in `group-by`: a group has one value of it"
        }
        CorrelationType::Temporal | CorrelationType::TemporalOrdered => {
            "write a number of the rules that are listed, or leave `condition` out for all of them"
        }
        _ => "correct the number; a correlation fires at events, and never at none",
    })
}

/// A rule that is listed again, where only different rules count.
fn rules(correlation: &Correlation<'_>, found: &mut Vec<Diagnostic>) {
    if correlation.kind.value == CorrelationType::TemporalOrdered {
        return;
    }
    repeated(
        &correlation.rules,
        found,
        |name| format!("expected each rule of `rules` once, found `{name}` again"),
        "remove it, it has no effect; only `temporal_ordered` can have a rule twice",
    );
}

/// A field that is grouped by again.
fn groups(correlation: &Correlation<'_>, found: &mut Vec<Diagnostic>) {
    repeated(
        &correlation.group_by,
        found,
        |name| format!("expected each field of `group-by` once, found `{name}` again"),
        "remove it, it has no effect",
    );
}

fn repeated(
    names: &[Text<'_>],
    found: &mut Vec<Diagnostic>,
    message: impl Fn(&str) -> String,
    help: &str,
) {
    let mut known = HashSet::new();
    for name in names {
        if !known.insert(name.value.as_ref()) {
            found.push(
                Diagnostic::warning(Code::RepeatedName, message(name))
                    .at(name.span)
                    .help(help),
            );
        }
    }
}

/// Fields that are counted together, or again.
fn fields(correlation: &Correlation<'_>, found: &mut Vec<Diagnostic>) {
    let CorrelationCondition::Threshold(threshold) = &correlation.condition else {
        return;
    };
    repeated(
        &threshold.field,
        found,
        |name| format!("expected each field of `field` once, found `{name}` again"),
        "remove it, it has no effect",
    );
    if correlation.kind.value != CorrelationType::ValueCount {
        return;
    }
    let [first, _, ..] = threshold.field.as_slice() else {
        return;
    };
    let mut note = Diagnostic::warning(
        Code::CountsTuples,
        "expected one field to count the values of, found several, whose combinations are counted",
    );
    note.severity = Severity::Note;
    found.push(
        note.at(first.span)
            .help("write a correlation for each field if each has to reach the number"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;
    use crate::parse::parse;
    use crate::rule::Document;

    #[test]
    fn conditions_that_never_hold_or_hold_at_once() {
        for (section, expected) in [
            ("type: event_count, condition: {gte: 10}", vec![]),
            ("type: event_count, condition: {gte: 10, lt: 100}", vec![]),
            ("type: event_count, condition: {gt: 1}", vec![]),
            ("type: event_count, condition: {eq: 2}", vec![]),
            ("type: event_count, condition: {neq: 3, gt: 1}", vec![]),
            ("type: event_count, condition: {eq: 0}", vec!["VS1137"]),
            ("type: event_count, condition: {lt: 1}", vec!["VS1137"]),
            ("type: event_count, condition: {lte: 0}", vec!["VS1137"]),
            ("type: event_count, condition: {lte: -1}", vec!["VS1137"]),
            ("type: event_count, condition: {eq: 2.5}", vec!["VS1137"]),
            (
                "type: event_count, condition: {gt: 5, lt: 3}",
                vec!["VS1137"],
            ),
            (
                "type: event_count, condition: {gt: 5, lt: 6}",
                vec!["VS1137"],
            ),
            (
                "type: event_count, condition: {gte: 5, lte: 5, neq: 5}",
                vec!["VS1137"],
            ),
            (
                "type: event_count, condition: {eq: 5, neq: 5}",
                vec!["VS1137"],
            ),
            ("type: event_count, condition: {lt: 2}", vec!["VS1138"]),
            ("type: event_count, condition: {lte: 5}", vec!["VS1138"]),
            ("type: event_count, condition: {neq: 5}", vec!["VS1138"]),
            ("type: event_count, condition: {gte: 1}", vec!["VS1138"]),
            ("type: event_count, condition: {gt: 0}", vec!["VS1138"]),
            ("type: event_count, condition: {gte: 0.5}", vec!["VS1138"]),
            ("type: event_count, condition: {eq: 1}", vec!["VS1138"]),
            ("type: temporal, condition: {gte: 2}", vec![]),
            ("type: temporal, condition: {gte: 3}", vec!["VS1137"]),
            ("type: temporal, condition: {gt: 2}", vec!["VS1137"]),
            ("type: temporal, condition: {eq: 3}", vec!["VS1137"]),
            ("type: temporal_ordered, condition: {eq: 2}", vec![]),
            ("type: temporal, condition: {gte: 1}", vec!["VS1138"]),
            ("type: value_count, condition: {gte: 2, field: A}", vec![]),
            (
                "type: value_count, condition: {gte: 2, field: G}",
                vec!["VS1137"],
            ),
            (
                "type: value_count, condition: {gte: 2, field: [G, A]}",
                vec!["VS1140"],
            ),
            (
                "type: value_count, condition: {gte: 2, field: [A, A]}",
                vec!["VS1140", "VS1139"],
            ),
            ("type: value_sum, condition: {lt: 0, field: A}", vec![]),
            (
                "type: value_sum, condition: {gt: 0.5, lt: 0.6, field: A}",
                vec![],
            ),
            (
                "type: value_sum, condition: {gt: 5, lt: 5, field: A}",
                vec!["VS1137"],
            ),
            (
                "type: value_sum, condition: {gte: 5, lt: 5, field: A}",
                vec!["VS1137"],
            ),
        ] {
            let text = format!(
                "title: t\ncorrelation: {{rules: [a, b], timespan: 5m, group-by: G, {section}}}\n"
            );
            let parsed = parse(&text, &Dialect::SPECIFICATION).remove(0);
            let Some(Document::Correlation(correlation)) = parsed.document else {
                assert_eq!(expected, [""; 0], "{section} {:?}", parsed.diagnostics);
                continue;
            };
            let mut found = Vec::new();
            for check in CHECKS {
                check(&correlation, &mut found);
            }
            found.sort_by_key(Diagnostic::span);
            let codes: Vec<_> = found.iter().map(|found| found.code.number()).collect();
            assert_eq!(codes, expected, "{section}");
        }
    }
}
