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
        let found = tests_of(TESTS);
        assert!(found.len() > 50, "{}", found.len());
        found
    })
}

fn tests_of(text: &'static str) -> Vec<Expr<'static>> {
    let rule: &'static Rule<'static> = Box::leak(Box::new(rules(text).remove(0)));
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
    found
}

/// Tests in which spellings, letters and forms of numbers matter.
const ODD_TESTS: &str = r"
title: odd tests
logsource: {category: test}
detection:
  s:
    - a: ['05', '5.00', '1e1', '-0', '+5', ' 5', 'a*b*a', '*a*b*', '??', '?*?', 'a\*', '\?', 'ß', 'SS', 'İ', 'i̇', 'K', 'ſ', 'k', 's']
    - a: [10, -0, 0, 0.5, 1e1, 9007199254740993, 9007199254740992, 18446744073709551616]
    - a|cased: ['k', 'K', '*K*', 'ſ*']
    - a|lte: [5, 10, 9007199254740993]
    - a|gt: [-1, 0, 9007199254740992]
    - a|neq: [a, 5]
    - a|cidr: ['2001:db8::/32', '2001:db8::1/128', '0.0.0.0/0', '10.0.0.0/31']
    - a|re: ['^5$', '(?s)^a.b', 'a.b', '^a|b$', '[kK]', '^.*$', '', '^ß', '\d', '^\d+\z']
    - a|re|i: [k, '^s$', 'ß', 'a+']
    - a|re|m: ['^b$', 'a$']
    - a|re|s: ['a.b']
    - a|windash|contains: ' -x'
    - a|base64: ab
    - a|base64offset|contains: ab
    - a|wide|base64offset|contains: a
    - a|minute: [0, 30]
    - a|day|lt: 7
    - a|month: 1
    - a|year|gte: 2020
    - a|week: 2
    - a|fieldref|endswith: b
    - a|fieldref: a
    - b|fieldref: a
    - a.c: ['ab', '*', null]
    - a.c|exists: true
    - ['5', 5, '*5*', '?', ' ', 'k', 'ab*a', '10.0']
    - '|re': ['^ab$', '\d']
  condition: s
";

/// Events with odd values.
fn odd_events() -> Vec<(Json, Event<'static>)> {
    let values = [
        json!(null),
        json!(""),
        json!(" "),
        json!("a"),
        json!("a*"),
        json!("?"),
        json!("ab"),
        json!("aba"),
        json!("a\nb"),
        json!("a\tb"),
        json!("a\n"),
        json!("b\na"),
        json!("05"),
        json!("5"),
        json!("5.00"),
        json!("+5"),
        json!(" 5"),
        json!("1e1"),
        json!("10"),
        json!("-0"),
        json!("0"),
        json!("٥"),
        json!(5),
        json!(5.0),
        json!(10),
        json!(10.0),
        json!(-0.0),
        json!(0),
        json!(0.5),
        json!(9_007_199_254_740_992_u64),
        json!(9_007_199_254_740_993_u64),
        json!(18_446_744_073_709_551_615_u64),
        json!(1.844_674_407_370_955_2e19),
        json!("9007199254740993"),
        json!("ß"),
        json!("ss"),
        json!("SS"),
        json!("İ"),
        json!("i\u{307}"),
        json!("\u{212a}"),
        json!("k"),
        json!("K"),
        json!("\u{17f}"),
        json!("s"),
        json!("S"),
        json!("2001:db8::1"),
        json!("2001:DB8:0:0:0:0:0:1"),
        json!("::ffff:10.0.0.1"),
        json!("10.0.0.1"),
        json!("010.0.0.1"),
        json!("x -x"),
        json!("x /x"),
        json!("x –x"),
        json!("YWI="),
        json!("xYWIx"),
        json!("2020-01-06T05:30:00Z"),
        json!("2020-01-06 05:30:00"),
        json!("2020-01-06"),
        json!("2019-12-31T23:00:00-05:00"),
        json!(1_578_286_200),
        json!(1_578_286_200_000_u64),
        json!(["a", 5]),
        json!(["k", "ß"]),
        json!({"c": "ab"}),
        json!({"c": null}),
        json!([{"c": "ab"}, {"c": "x"}]),
    ];
    let others = [
        None,
        Some(json!("a")),
        Some(json!(5)),
        Some(json!("\u{212a}")),
    ];
    let mut events = Vec::new();
    for a in &values {
        for b in &others {
            let mut event = serde_json::Map::new();
            event.insert("a".to_owned(), a.clone());
            event.extend(b.clone().map(|value| ("b".to_owned(), value)));
            events.push(Json::Object(event));
        }
    }
    events.extend([json!({}), json!({"a.c": "ab"}), json!({"b": "a"})]);
    let events = events.into_iter();
    let pair = |event: Json| {
        let read = Event::new(&event);
        (event, read)
    };
    events.map(pair).collect()
}

/// Every pair of odd tests, and a pair of each with another beside it: no claim is wrong.
#[test]
fn no_claim_about_odd_tests_has_a_counterexample() {
    let tests = [tests_of(ODD_TESTS), atoms().to_vec()].concat();
    let events = odd_events();
    let answer = |expr: &Expr<'static>| -> Vec<bool> {
        let matcher = Matcher::new(expr).expect("it can be tested");
        let events = events.iter();
        events.map(|(_, event)| matcher.matches(event)).collect()
    };
    let answers: Vec<Vec<bool>> = tests.iter().map(answer).collect();
    let all = std::env::var_os("VARSIGMA_COMPARISONS").is_some();
    let mut asked = 0;
    let mut unknown = 0;
    for (i, (before, had)) in tests.iter().zip(&answers).enumerate() {
        for (j, (after, has)) in tests.iter().zip(&answers).enumerate() {
            // All pairs take minutes; any ninth of them has every test with many others.
            if !all && (i + 2 * j) % 9 != 0 {
                continue;
            }
            let found = claims_hold_of(&events, (before, after), (had, has));
            let found = found.unwrap_or_else(|error| panic!("{before:?} {after:?}: {error}"));
            asked += 1;
            unknown += usize::from(found.relation == Relation::Unknown);
            // Beside another test, each of them under a `not`.
            if (i + j) % 17 == 0 {
                let other = tests[(i * 7 + j) % tests.len()].clone();
                let not = |expr: &Expr<'static>| Expr::Not(Box::new(expr.clone()));
                let one = group(Operator::Or, vec![not(before), other.clone()]);
                let two = group(Operator::Or, vec![other, not(after)]);
                let (had, has) = (answer(&one), answer(&two));
                let found = claims_hold_of(&events, (&one, &two), (&had, &has));
                found.unwrap_or_else(|error| panic!("{one:?} {two:?}: {error}"));
            }
        }
    }
    println!("{unknown} of {asked} unknown");
    assert!(unknown * 20 <= asked, "{unknown} of {asked} unknown");
}

/// Events of two fields, each with any of these values.
fn events() -> &'static [(Json, Event<'static>)] {
    static EVENTS: OnceLock<Vec<(Json, Event<'static>)>> = OnceLock::new();
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
    claims_hold_of(events(), (before, after), (had, has))
}

fn claims_hold_of(
    events: &[(Json, Event)],
    (before, after): (&Expr<'static>, &Expr<'static>),
    (had, has): (&[bool], &[bool]),
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
    for ((json, _), (&was, &is)) in events.iter().zip(had.iter().zip(has)) {
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

/// A rule of one detection with these values, or a condition over several.
fn of_values(values: impl IntoIterator<Item = String>) -> String {
    let mut text = "title: t\nlogsource: {category: test}\ndetection:\n  s:\n    a:\n".to_owned();
    for value in values {
        let _ = writeln!(text, "      - '{value}'");
    }
    text + "  condition: s\n"
}

/// Each of these took minutes or gigabytes, or never ended.
#[test]
fn what_is_large_is_compared_in_bounded_time() {
    let relation = |before: &str, after: &str| {
        let (before, after) = (rules(before).remove(0), rules(after).remove(0));
        let found = compared(&before, &after);
        (found.relation, found.edits.len())
    };
    let values = || (0..4_000).map(|number| format!("value{number}"));
    let one = |value: String| {
        if value == "value77" {
            "x".to_owned()
        } else {
            value
        }
    };
    let list = of_values(values());
    let found = relation(&list, &of_values(values().map(one)));
    assert_eq!(found, (Relation::Changed, 1));
    let found = relation(&list, &of_values(values().rev()));
    assert_eq!(found, (Relation::Equal, 0));
    let other = of_values(values().map(|value| format!("*x{value}*")));
    let wild = of_values(values().map(|value| format!("*{value}*")));
    let (before, after) = (rules(&wild).remove(0), rules(&other).remove(0));
    let found = compared(&before, &after);
    assert_eq!(found.relation, Relation::Unknown);
    let why = found.why.unwrap_or_default();
    assert!(why.contains("too large for a proof"), "{why}");

    let long = |middle: &str| of_values([format!("{0}{middle}{0}", "x".repeat(500_000))]);
    assert_eq!(relation(&long("a"), &long("b")), (Relation::Changed, 1));
    let long = |text: &str| of_values([text.repeat(300_000)]);
    assert_eq!(relation(&long("ab c"), &long("de f")).0, Relation::Changed);
    let stars = "*a".repeat(3000) + "*";
    let found = relation(&of_values([stars.clone()]), &of_values([stars + "b"]));
    assert_eq!(found, (Relation::Narrower, 1));

    // Each level writes the one below twice.
    let xor = |value: &str| {
        let mut condition = "s0".to_owned();
        let mut detections = format!("  s0: {{a: {value}}}\n");
        for level in 1..=10 {
            let _ = writeln!(detections, "  s{level}: {{a: v{level}}}");
            condition =
                format!("(({condition}) and not s{level}) or (not ({condition}) and s{level})");
        }
        format!(
            "title: t\nlogsource: {{category: test}}\ndetection:\n{detections}  condition: {condition}\n"
        )
    };
    assert_eq!(relation(&xor("v0"), &xor("w0")), (Relation::Changed, 2));
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
