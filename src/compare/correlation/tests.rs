//! Two versions of a correlation over the rules `a`, `b` and `c`.

use super::*;
use crate::dialect::Dialect;
use crate::index::Place;
use crate::parse::parse;
use crate::rule::Document;
use crate::transpile;

const RULES: [&str; 3] = ["a", "b", "c"];

fn rules() -> String {
    let rules = RULES.map(|name| {
        format!(
            "title: Rule {name}\nname: {name}\nlogsource: {{product: p}}\n\
             detection: {{s: {{F: {name}}}, condition: s}}\n"
        )
    });
    rules.join("---\n")
}

fn correlation(keys: &str) -> String {
    format!("title: C\ncorrelation: {{{keys}}}\n")
}

fn compared_with(before: &str, after: &str, of_base: Relation) -> Comparison {
    let texts = [rules(), correlation(before), correlation(after)];
    let [rules, old, new] = texts
        .each_ref()
        .map(|text| parse(text, &Dialect::SPECIFICATION));
    let heads: Vec<&Rule<'_>> = rules.iter().filter_map(|rule| rule.rule()).collect();
    let version = |parsed| -> CorrelationVersion<'_, '_> {
        let parsed: &crate::parse::Parsed<'_> = parsed;
        let Some(Document::Correlation(correlation)) = &parsed.document else {
            panic!("{:?}", parsed.diagnostics);
        };
        let bases = correlation.rules.iter().map(|name| {
            let at = RULES.iter().position(|known| *known == name.value);
            BaseVersion {
                key: name.value.to_string(),
                head: heads[at.expect("one of the rules")],
            }
        });
        CorrelationVersion {
            correlation,
            bases: bases.collect(),
        }
    };
    compare_correlations(&version(&old[0]), &version(&new[0]), |_, _| of_base)
}

fn relation(before: &str, after: &str) -> Relation {
    compared_with(before, after, Relation::Equal).relation
}

/// The same with what shows it.
fn shown(before: &str, after: &str) -> Comparison {
    let mut comparison = compared_with(before, after, Relation::Equal);
    let counted = "title: Counted\nname: counted\ncorrelation: {type: event_count, rules: [a], \
                   timespan: 1m, group-by: [U], condition: {gte: 2}}\n";
    let texts =
        [before, after].map(|keys| format!("{}---\n{}---\n{counted}", correlation(keys), rules()));
    let [old, new] = texts.each_ref().map(|text| {
        let index = transpile::index(&[Some(text)], &Dialect::SPECIFICATION);
        index.expect("it has a correlation")
    });
    let place = Place {
        file: 0,
        document: 0,
    };
    let [before, after] = [&old, &new].map(|index| IndexedCorrelation { index, place });
    show(
        &std::cell::Cell::new(MOST_STEPS),
        &mut comparison,
        before,
        after,
        &[],
    );
    comparison
}

/// Each both ways, and what is proven is never shown to be otherwise.
#[test]
fn relations_are_those_of_the_parts_that_changed() {
    use Relation::{Broader, Equal, Narrower, Unknown};
    let count = "type: event_count, rules: [a], group-by: [U], timespan: 5m, condition: {gte: 10}";
    let few = "type: event_count, rules: [a], group-by: [U], timespan: 5m, condition: {lt: 3}";
    let temporal = "type: temporal, rules: [a, b], group-by: [U], timespan: 5m";
    let ordered = "type: temporal_ordered, rules: [a, b], group-by: [U], timespan: 5m";
    let text = "type: temporal, rules: [a, b, c], timespan: 5m, condition: a and (b or c)";
    let sum = "type: value_sum, rules: [a], timespan: 5m, condition: {gt: 5, field: N}";
    let replaced = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{text}: {from}");
        text.replace(from, to)
    };
    for (before, from, to, expected) in [
        (count, "5m", "300s", (Equal, Equal)),
        (count, "5m", "1h", (Broader, Narrower)),
        (few, "5m", "1h", (Narrower, Broader)),
        (sum, "5m", "1h", (Unknown, Unknown)),
        (count, "gte: 10", "gt: 9", (Equal, Equal)),
        (count, "gte: 10", "gte: 20", (Narrower, Broader)),
        (few, "lt: 3", "lte: 3", (Broader, Narrower)),
        (count, "gte: 10", "gte: 10, lt: 20", (Narrower, Broader)),
        (sum, "gt: 5", "gte: 5", (Broader, Narrower)),
        (sum, "field: N", "field: M", (Unknown, Unknown)),
        (count, "[a]", "[a, b]", (Broader, Narrower)),
        (few, "[a]", "[a, b]", (Unknown, Unknown)),
        (count, "[U]", "[U, H]", (Narrower, Broader)),
        (count, "[U]", "[H]", (Unknown, Unknown)),
        (temporal, "[a, b]", "[b, a]", (Equal, Equal)),
        (temporal, "[a, b]", "[a, b, c]", (Narrower, Broader)),
        (
            temporal,
            "timespan: 5m",
            "timespan: 5m, condition: {gte: 1}",
            (Broader, Narrower),
        ),
        (
            temporal,
            "timespan: 5m",
            "timespan: 5m, condition: a or b",
            (Broader, Narrower),
        ),
        (
            temporal,
            "timespan: 5m",
            "timespan: 5m, condition: a and not b",
            (Unknown, Unknown),
        ),
        (
            temporal,
            "temporal",
            "temporal_ordered",
            (Narrower, Broader),
        ),
        (ordered, "[a, b]", "[b, a]", (Unknown, Unknown)),
        (ordered, "[a, b]", "[a, c, b]", (Narrower, Broader)),
        (
            text,
            "a and (b or c)",
            "(a and b) or (c and a)",
            (Equal, Equal),
        ),
        (text, "a and (b or c)", "a and b", (Narrower, Broader)),
        (text, "5m", "1h", (Broader, Narrower)),
        (
            count,
            "timespan: 5m, condition: {gte: 10}",
            "timespan: 1h, condition: {gte: 5}",
            (Broader, Narrower),
        ),
        (
            count,
            "timespan: 5m, condition: {gte: 10}",
            "timespan: 1h, condition: {gte: 20}",
            (Unknown, Unknown),
        ),
        (
            count,
            "timespan: 5m",
            "timespan: 5m, generate: true",
            (Equal, Equal),
        ),
    ] {
        let after = replaced(before, from, to);
        let found = (relation(before, &after), relation(&after, before));
        assert_eq!(found, expected, "{before}\n{after}");
        for (relation, found) in [
            (expected.0, shown(before, &after)),
            (expected.1, shown(&after, before)),
        ] {
            let is_shown = (found.gained.is_some(), found.lost.is_some());
            match relation {
                Equal => assert_eq!(is_shown, (false, false), "{before}\n{after}\n{found:?}"),
                Broader => assert_eq!(is_shown, (true, false), "{before}\n{after}\n{found:?}"),
                Narrower => assert_eq!(is_shown, (false, true), "{before}\n{after}\n{found:?}"),
                _ => assert!(is_shown.0 || is_shown.1, "{before}\n{after}\n{found:?}"),
            }
        }
    }
}

#[test]
fn changes_of_rules_reach_their_correlations() {
    use Relation::{Broader, Narrower, Unknown};
    let count = |condition| {
        format!("type: event_count, rules: [a], timespan: 5m, condition: {{{condition}}}")
    };
    for (condition, rule, expected) in [
        ("gte: 10", Broader, Broader),
        ("gte: 10", Narrower, Narrower),
        ("gte: 10", Unknown, Unknown),
        ("lt: 10", Broader, Unknown),
    ] {
        let text = count(condition);
        let found = compared_with(&text, &text, rule);
        assert_eq!(found.relation, expected, "{condition} {rule:?}");
        assert_eq!(found.edits.len(), 1);
    }
}

#[test]
fn edits_are_sentences() {
    let found = compared_with(
        "type: event_count, rules: [a], group-by: [U], timespan: 5m, condition: {gte: 10}",
        "type: event_count, rules: [a, b], group-by: [x], timespan: 1h, generate: true, \
         aliases: {x: {a: U, b: V}}, condition: {gte: 5, lt: 9}",
        Relation::Broader,
    );
    let texts: Vec<&str> = found.edits.iter().map(|edit| edit.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "rule added: Rule b",
            "rule changed: Rule a (broader)",
            "group-by field added: x",
            "group-by field removed: U",
            "timespan changed: 5m to 1h (longer)",
            "condition changed: gte 10 to gte 5, lt 9",
            "alias added: x (a: U, b: V)",
            "generate added: true",
        ]
    );
}
