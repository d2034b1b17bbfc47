//! What changed between two versions of a rule: `tests/compare/*.yml`, each with the version before
//! and the one after, and random expressions against events.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::sync::OnceLock;
use varsigma::compare::{Comparison, Relation, Version, compare};
use varsigma::diagnostic::Diagnostic;
use varsigma::dialect::Dialect;
use varsigma::eval::{Event, Matcher};
use varsigma::lower::{Expr, Lowered, Operator, Origin, lower};
use varsigma::rule::{Condition, ConditionExpr, Document, Rule, Value};
use varsigma::{modifier, parse};

#[path = "snapshots/snapshot.rs"]
#[expect(dead_code, reason = "the other tests use the rest")]
mod snapshot;

/// The rules of a text, their modifiers applied.
fn rules(text: &str) -> Vec<Rule<'_>> {
    let dialect = Dialect::SPECIFICATION;
    let parsed = parse::parse(text, &dialect).into_iter();
    let rules = parsed.map(|parsed| {
        let Some(Document::Rule(mut rule)) = parsed.document else {
            panic!("expected a rule: {:?}", parsed.diagnostics);
        };
        let faults = modifier::apply(&mut rule, &dialect);
        assert!(!faults.iter().any(Diagnostic::is_error), "{faults:?}");
        *rule
    });
    rules.collect()
}

fn compared(before: &Rule<'_>, after: &Rule<'_>) -> Comparison {
    let [old, new] = [before, after].map(|rule| lower(rule, &Dialect::SPECIFICATION));
    compare(
        Version {
            rule: before,
            lowered: &old,
        },
        Version {
            rule: after,
            lowered: &new,
        },
    )
}

fn shown(comparison: &Comparison) -> String {
    let mut text = comparison.relation.name().to_owned();
    if let Some(why) = &comparison.why {
        let _ = write!(text, ": {why}");
    }
    for (name, event) in [("gained", &comparison.gained), ("lost", &comparison.lost)] {
        if let Some(event) = event {
            let _ = write!(text, "\n{name} {event}");
        }
    }
    for edit in &comparison.edits {
        let _ = write!(text, "\n- {}", edit.text);
    }
    text
}

/// Turned round, what was gained is lost.
fn turned(relation: Relation) -> Relation {
    match relation {
        Relation::Broader => Relation::Narrower,
        Relation::Narrower => Relation::Broader,
        other => other,
    }
}

#[test]
fn cases() {
    for path in snapshot::rule_files(&snapshot::folder("tests/compare")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let rules = rules(&text);
        let [before, after] = rules.as_slice() else {
            panic!("{}: expected two rules", path.display());
        };
        let comparison = compared(before, after);
        let back = compared(after, before);
        assert_eq!(
            back.relation,
            turned(comparison.relation),
            "{}",
            path.display()
        );
        snapshot::check("compare", snapshot::stem(&path), &shown(&comparison));
    }
}

/// Tests of two fields and of the whole event, in which there is much to imply.
const TESTS: &str = r"
title: tests
logsource: {category: test}
detection:
  s:
    - a: [a, A, ab, 'a*', '*b', '*a*', 'a?', '?b', '*', '', '5', '7*', '10.*', '10.0.*', 'true']
    - a: [5, 6, 5.0, true, false, null]
    - a|cased: [a, A, 'a*', '5']
    - a|gt: [4, 5]
    - a|gte: 5
    - a|lt: 6
    - a|cidr: [10.0.0.0/8, 10.0.0.0/16, 10.0.0.0/12, 10.0.0.1/32, '::/0']
    - a|re: [a, '^a$', 'b']
    - a|exists: true
    - a|exists: false
    - a|fieldref: b
    - a|fieldref|startswith: b
    - a|fieldref|contains: b
    - a|hour: [5, 6]
    - a|hour|gte: [5, 6]
    - b: [a, 'a*', '*', null, 5]
    - b|exists: true
    - [a, b, 'a*b', 9, 'true']
    - '|re': [a, b]
  condition: s
";

/// Every test by itself.
fn atoms() -> &'static [Expr<'static>] {
    static ATOMS: OnceLock<Vec<Expr<'static>>> = OnceLock::new();
    ATOMS.get_or_init(|| {
        let rule: &'static Rule<'static> = Box::leak(Box::new(rules(TESTS).remove(0)));
        let mut found = Vec::new();
        let mut todo = vec![lower(rule, &Dialect::SPECIFICATION).remove(0).expr];
        while let Some(expr) = todo.pop() {
            match expr {
                Expr::Group(group) => todo.extend(group.operands),
                Expr::Not(operand) => todo.push(*operand),
                test => found.push(test),
            }
        }
        found.reverse();
        assert!(found.len() > 50, "{}", found.len());
        found
    })
}

/// Events of two fields, each with any of these values.
fn events() -> &'static [(Json, Event)] {
    static EVENTS: OnceLock<Vec<(Json, Event)>> = OnceLock::new();
    EVENTS.get_or_init(|| {
        let values = [
            json!(null),
            json!([]),
            json!([null]),
            json!({}),
            json!({"c": "ab"}),
            json!(""),
            json!("a"),
            json!("A"),
            json!("b"),
            json!("ab"),
            json!("AB"),
            json!("aXb"),
            json!("ba"),
            json!("5"),
            json!("5.0"),
            json!("4.5"),
            json!("6"),
            json!("50"),
            json!(4),
            json!(5),
            json!(5.0),
            json!(5.5),
            json!(6),
            json!(7),
            json!(true),
            json!("TRUE"),
            json!(false),
            json!("10.0.0.1"),
            json!("10.0.9.9"),
            json!("10.9.0.1"),
            json!("10.evil"),
            json!("::1"),
            json!("2020-01-06T05:00:00Z"),
            json!("2020-01-06T07:00:00Z"),
            json!(["a", "b"]),
            json!(["a", null]),
            json!([5, "ab"]),
            json!(["ab", "A"]),
            json!([4, 7]),
        ];
        let with_none = || std::iter::once(None).chain(values.iter().map(Some));
        let mut events = Vec::new();
        for a in with_none() {
            for b in with_none() {
                let mut event = serde_json::Map::new();
                event.extend(a.map(|value| ("a".to_owned(), value.clone())));
                event.extend(b.map(|value| ("b".to_owned(), value.clone())));
                let event = Json::Object(event);
                events.push((event.clone(), Event::new(&event)));
            }
        }
        events
    })
}

/// Which of the events an expression matches.
fn answers(expr: &Expr<'static>) -> Vec<bool> {
    let matcher = Matcher::new(expr).expect("it can be tested");
    events()
        .iter()
        .map(|(_, event)| matcher.matches(event))
        .collect()
}

/// Compares two expressions, and holds what is claimed against the answers for every event.
fn claims_hold(
    before: &Expr<'static>,
    after: &Expr<'static>,
    had: &[bool],
    has: &[bool],
) -> Result<Comparison, TestCaseError> {
    let rule = Rule::default();
    let condition = Condition {
        text: varsigma::source::Spanned::default(),
        expr: ConditionExpr::And(Vec::new()),
        aggregation: None,
    };
    let [old, new] = [before, after].map(|expr| {
        [Lowered {
            condition: &condition,
            expr: expr.clone(),
        }]
    });
    let [old, new] = [&old, &new].map(|lowered| Version {
        rule: &rule,
        lowered,
    });
    let comparison = compare(old, new);
    let [before, after] = [before, after].map(|expr| Matcher::new(expr).expect("it can be tested"));
    for ((json, _), (&was, &is)) in events().iter().zip(had.iter().zip(has)) {
        let fits = match comparison.relation {
            Relation::Equal => was == is,
            Relation::Broader => !was || is,
            Relation::Narrower => was || !is,
            Relation::Changed => true,
            Relation::Unknown => match comparison.why.as_deref() {
                Some(why) if why.starts_with("all that matched") => !was || is,
                Some(why) if why.starts_with("nothing new") => was || !is,
                _ => true,
            },
        };
        prop_assert!(fits, "{:?} for {json}: {was}, {is}", comparison.relation);
    }
    let gains = matches!(comparison.relation, Relation::Broader | Relation::Changed);
    let loses = matches!(comparison.relation, Relation::Narrower | Relation::Changed);
    prop_assert!(!gains || comparison.gained.is_some());
    prop_assert!(!loses || comparison.lost.is_some());
    for (event, was, is) in [
        (&comparison.gained, false, true),
        (&comparison.lost, true, false),
    ] {
        if let Some(event) = event {
            let event = Event::new(event);
            prop_assert_eq!((before.matches(&event), after.matches(&event)), (was, is));
        }
    }
    Ok(comparison)
}

fn group(operator: Operator, operands: Vec<Expr<'static>>) -> Expr<'static> {
    Expr::group(operator, Origin::Condition, operands)
}

fn expression() -> impl Strategy<Value = Expr<'static>> {
    let leaf = (0..atoms().len()).prop_map(|at| atoms()[at].clone());
    leaf.prop_recursive(3, 12, 4, |inner| {
        let operands = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            3 => (any::<bool>(), operands).prop_map(|(all, operands)| {
                group(if all { Operator::And } else { Operator::Or }, operands)
            }),
            1 => inner.prop_map(|operand| Expr::Not(Box::new(operand))),
        ]
    })
}

/// The same expression with one part changed.
fn edited(
    expr: Expr<'static>,
    path: &[usize],
    kind: usize,
    other: &Expr<'static>,
) -> Expr<'static> {
    let (step, rest) = path
        .split_first()
        .map_or((0, path), |(step, rest)| (*step, rest));
    match expr {
        Expr::Group(mut inner) if !rest.is_empty() && !inner.operands.is_empty() => {
            let at = step % inner.operands.len();
            let part = inner.operands[at].clone();
            inner.operands[at] = edited(part, rest, kind, other);
            Expr::Group(inner)
        }
        Expr::Not(operand) if !rest.is_empty() => {
            Expr::Not(Box::new(edited(*operand, rest, kind, other)))
        }
        Expr::Group(mut inner) if kind == 0 && !inner.operands.is_empty() => {
            inner.operands.remove(step % inner.operands.len());
            Expr::Group(inner)
        }
        Expr::Group(mut inner) if kind == 1 => {
            inner.operands.push(other.clone());
            Expr::Group(inner)
        }
        expr => match kind {
            2 => Expr::Not(Box::new(expr)),
            3 => group(Operator::And, vec![expr, other.clone()]),
            4 => group(Operator::Or, vec![other.clone(), expr]),
            _ => other.clone(),
        },
    }
}

fn cases_of(name: &str, count: u32) -> TestRunner {
    let count = std::env::var(name)
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(count);
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(Config::with_cases(count), rng)
}

#[test]
fn every_pair_of_tests_is_told_apart() {
    let mut unknown = String::new();
    let mut asked = 0;
    let answers: Vec<Vec<bool>> = atoms().iter().map(answers).collect();
    for (before, had) in atoms().iter().zip(&answers) {
        for (after, has) in atoms().iter().zip(&answers) {
            let comparison = claims_hold(before, after, had, has).unwrap();
            asked += 1;
            if comparison.relation == Relation::Unknown {
                let _ = writeln!(unknown, "{before:?} {after:?}: {:?}", comparison.why);
            }
        }
    }
    assert!(asked > 2500);
    assert!(unknown.is_empty(), "{unknown}");
}

#[test]
fn no_claim_has_a_counterexample() {
    let unknown = std::cell::Cell::new(0);
    let asked = std::cell::Cell::new(0);
    let pairs = (expression(), expression());
    cases_of("VARSIGMA_COMPARISONS", 150)
        .run(&pairs, |(before, after)| {
            let comparison = claims_hold(&before, &after, &answers(&before), &answers(&after))?;
            asked.set(asked.get() + 1);
            unknown.set(unknown.get() + u32::from(comparison.relation == Relation::Unknown));
            Ok(())
        })
        .unwrap();
    // The theory leaves little open, even of such rules.
    println!("{} of {} unknown", unknown.get(), asked.get());
    assert!(
        unknown.get() * 10 <= asked.get(),
        "{} unknown",
        unknown.get()
    );
}

#[test]
fn no_claim_about_an_edit_has_a_counterexample() {
    let unknown = std::cell::Cell::new(0);
    let asked = std::cell::Cell::new(0);
    let path = prop::collection::vec(0..4_usize, 0..4);
    let edits = (expression(), path, 0..6_usize, expression());
    cases_of("VARSIGMA_COMPARISONS", 150)
        .run(&edits, |(before, path, kind, other)| {
            let after = edited(before.clone(), &path, kind, &other);
            let comparison = claims_hold(&before, &after, &answers(&before), &answers(&after))?;
            asked.set(asked.get() + 1);
            unknown.set(unknown.get() + u32::from(comparison.relation == Relation::Unknown));
            Ok(())
        })
        .unwrap();
    println!("{} of {} unknown", unknown.get(), asked.get());
    assert!(
        unknown.get() * 10 <= asked.get(),
        "{} unknown",
        unknown.get()
    );
}

#[test]
fn a_rule_equals_itself() {
    let path = snapshot::folder("tests/cases");
    let mut asked = 0;
    for path in snapshot::rule_files(&path) {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        let dialect = Dialect::SPECIFICATION;
        for parsed in parse::parse(&text, &dialect) {
            let Some(Document::Rule(mut rule)) = parsed.document else {
                continue;
            };
            modifier::apply(&mut rule, &dialect);
            let comparison = compared(&rule, &rule);
            assert_eq!(comparison.relation, Relation::Equal, "{}", path.display());
            assert!(
                comparison.edits.is_empty(),
                "{}: {:?}",
                path.display(),
                comparison.edits
            );
            asked += 1;
        }
    }
    assert!(asked > 100, "{asked}");
}

/// Long lists take no longer than they are.
#[test]
fn a_list_of_thousands_is_compared() {
    let rule = |count: usize, last: &str| {
        let mut text =
            "title: t\nlogsource: {category: test}\ndetection:\n  s:\n    a|contains:\n".to_owned();
        for number in 0..count {
            let _ = writeln!(text, "      - 'value {number} of many'");
        }
        let _ = write!(text, "      - '{last}'\n  condition: s\n");
        text
    };
    let (before, after) = (rule(4000, "x"), rule(4000, "y"));
    let (before, after) = (rules(&before).remove(0), rules(&after).remove(0));
    let comparison = compared(&before, &after);
    assert_eq!(comparison.relation, Relation::Changed);
    assert_eq!(comparison.lost, Some(json!({"a": "x"})));
    assert_eq!(comparison.gained, Some(json!({"a": "y"})));
    assert_eq!(comparison.edits.len(), 1, "{:?}", comparison.edits);
}

/// A value that is not read by an event has no verdict, but still a name.
#[test]
fn values_without_a_meaning_for_events_are_known_when_equal() {
    let query = Value::Query {
        expr: "{field} lookup".into(),
        id: "x".into(),
    };
    let test = Expr::Test(varsigma::lower::Test {
        field: "f",
        value: &query,
        span: varsigma::source::Span::default(),
    });
    let rule = Rule::default();
    let condition = Condition {
        text: varsigma::source::Spanned::default(),
        expr: ConditionExpr::And(Vec::new()),
        aggregation: None,
    };
    let lowered = |expr| {
        [Lowered {
            condition: &condition,
            expr,
        }]
    };
    let (one, two) = (lowered(test.clone()), lowered(Expr::Not(Box::new(test))));
    let version = |lowered| Version {
        rule: &rule,
        lowered,
    };
    let relation = |a, b| compare(version(a), version(b)).relation;
    assert_eq!(relation(&one, &one), Relation::Equal);
    assert_eq!(relation(&one, &two), Relation::Unknown);
}
