//! A rule set rules out what can't match before it asks: held against each rule by itself, with every
//! case's rules, on their witness events and on mixtures of these.

use serde_json::Value as Json;
use varsigma::eval::{Matcher, witness};
use varsigma::{Event, RuleMatcher, RuleSet, Rules, Span};

/// The texts of all cases that are rules by themselves.
fn cases() -> Vec<String> {
    let mut texts = Vec::new();
    insta::glob!("cases/**/*.yml", |path| {
        let text = std::fs::read(path).expect("readable");
        texts.extend(String::from_utf8(text));
    });
    texts
}

/// The witness events of a text's rules, and near misses.
fn events(text: &str) -> Vec<Json> {
    let dialect = varsigma::dialect::Dialect::SPECIFICATION;
    let prepared = varsigma::transpile::prepare(text, &dialect);
    let mut events = Vec::new();
    for rule in prepared
        .iter()
        .flatten()
        .filter_map(|prepared| prepared.rule())
    {
        for lowered in varsigma::lower::lower(rule, &dialect) {
            if let Ok(matcher) = Matcher::new(&lowered.expr) {
                let witnesses = matcher.witnesses(witness::LIMIT).into_iter();
                events.extend(witnesses.map(|witness| witness.event));
            }
        }
    }
    events
}

/// The places of the rules that match, by the set and one by one.
fn both(set: &RuleSet<'_>, event: &Event) -> [Vec<Span>; 2] {
    let by_set = set.matching(event).map(RuleMatcher::span);
    let rules = set.rules().iter();
    let one_by_one = rules.filter(|rule| rule.matches(event));
    [
        by_set.collect(),
        one_by_one.map(RuleMatcher::span).collect(),
    ]
}

#[test]
fn the_set_finds_what_each_rule_finds() {
    let texts = cases();
    let all = texts.join("\n---\n");
    let rules = Rules::parse(&all);
    let set = RuleSet::new(&rules);
    assert!(set.rules().len() > 300, "{}", set.rules().len());
    let events: Vec<Json> = texts.iter().flat_map(|text| events(text)).collect();
    let (mut asked, mut found) = (0, 0);
    let mut ask = |json: &Json| {
        let event = Event::new(json);
        let [by_set, one_by_one] = both(&set, &event);
        assert_eq!(by_set, one_by_one, "{json}");
        asked += 1;
        found += by_set.len();
    };
    for (at, event) in events.iter().enumerate().step_by(7) {
        ask(event);
        // Another event's fields beside its own, and below a path.
        let other = &events[(at * 31 + 17) % events.len()];
        let mut mixed = other.clone();
        if let (Json::Object(mixed), Json::Object(event)) = (&mut mixed, event) {
            mixed.extend(event.clone());
        }
        ask(&mixed);
        ask(&serde_json::json!({ "a": [event, other], "A": other["A"] }));
    }
    ask(&Json::String("a line of whoami".to_owned()));
    ask(&serde_json::json!([{ "A": "a" }]));
    assert!(asked > 500 && found > asked, "{asked} {found}");
}

#[test]
fn numbers_are_found_however_they_are_written() {
    let rules = Rules::parse(
        "title: n\nlogsource: {product: x}\ndetection:\n  s: {A: 4624.0}\n  condition: s\n",
    );
    let set = RuleSet::new(&rules);
    for (event, expected) in [
        (r#"{"A": 4624}"#, 1),
        (r#"{"A": 4624.0}"#, 1),
        (r#"{"A": "4624"}"#, 1),
        (r#"{"A": "4624.0"}"#, 1),
        (r#"{"A": [1, 4624]}"#, 1),
        (r#"{"A": 4625}"#, 0),
        (r#"{"B": 4624}"#, 0),
    ] {
        let event = &Event::read(event).expect("JSON")[0];
        assert_eq!(set.matching(event).count(), expected);
    }
}

#[test]
fn literals_of_several_automata_are_all_found() {
    let values: Vec<String> = (0..20_000).map(|at| format!("<{at}>")).collect();
    let text = serde_json::json!({
        "title": "A",
        "logsource": { "product": "x" },
        "detection": { "s": { "f|contains": values }, "condition": "s" },
    });
    let text = text.to_string();
    let rules = Rules::parse(&text);
    let set = RuleSet::new(&rules);
    assert_eq!(set.errors(), []);
    for (value, expected) in [
        ("<0>", 1),
        ("a <9999>", 1),
        ("<19999> b", 1),
        ("<20000>", 0),
    ] {
        let json = serde_json::json!({ "f": value });
        let [by_set, one_by_one] = both(&set, &Event::new(&json));
        assert_eq!(
            (by_set.len(), one_by_one.len()),
            (expected, expected),
            "{value}"
        );
    }
}

#[test]
fn what_is_missing_rules_nothing_out() {
    let rules = Rules::parse(
        "title: n\nlogsource: {product: x}\ndetection:\n  s: {A: null}\n  t: {B: b}\n  condition: s or not t\n",
    );
    let set = RuleSet::new(&rules);
    let event = &Event::read(r#"{"C": 1}"#).expect("JSON")[0];
    assert_eq!(set.matching(event).count(), 1);
}

mod random {
    //! Random rules on random events.

    use super::both;
    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};
    use serde_json::{Map, Value as Json, json};
    use std::cell::Cell;
    use varsigma::{Event, RuleMatcher, RuleSet, Rules};

    const FIELDS: [&str; 8] = ["A", "B", "b", "a.b", "a", "c.d.e", "c", "É"];

    /// Texts of few characters, so that they meet: both cases, letters beyond ASCII whose case folds,
    /// and that of the Kelvin sign, which does not.
    const TEXT: &str = r"[abAB1\\.äÄσΣßkK\x{212a} ]{0,4}";

    /// A modifier chain and a value as YAML.
    fn item() -> impl Strategy<Value = (String, String)> {
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let text = r"[abAB1*?\\.äÄσΣßkK\x{212a} ]{0,5}";
        let list = prop::collection::vec(text, 1..6).prop_map(move |texts| {
            let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
            format!("[{}]", texts.join(", "))
        });
        let how = prop::sample::select(vec![
            "",
            "|contains",
            "|startswith",
            "|endswith",
            "|cased",
            "|contains|cased",
            "|contains|all",
            "|endswith|cased",
        ]);
        let how = how.prop_map(str::to_owned);
        let others = prop::sample::select(vec![
            ("", "null"),
            ("", "''"),
            ("", "1"),
            ("", "1.0"),
            ("", "-1"),
            ("", "1e1"),
            ("", "9007199254740993"),
            ("", "true"),
            ("", "[1, a, null]"),
            ("", "'*'"),
            ("|exists", "true"),
            ("|exists", "false"),
            ("|lt", "2"),
            ("|gte", "1"),
            ("|cidr", "10.0.0.0/8"),
            ("|re", "'a|b{2,}'"),
            ("|re", "'(ab1|aab).'"),
            ("|re", "'^.*ab1$'"),
            ("|re|i", "'äab'"),
            ("|fieldref", "B"),
            ("|fieldref|startswith", "a.b"),
            ("|hour", "7"),
            ("|base64offset|contains", "'ab'"),
            ("|wide|contains", "'a'"),
        ]);
        let others = others.prop_map(|(how, value)| (how.to_owned(), value.to_owned()));
        prop_oneof![3 => (how, list), 2 => others]
    }

    /// A detection: a map, a list of maps, or keywords.
    fn detection() -> impl Strategy<Value = String> {
        let map = prop::collection::vec((prop::sample::select(FIELDS.to_vec()), item()), 1..4);
        let map = map.prop_map(|items| {
            let mut seen = Vec::new();
            let mut lines = Vec::new();
            for (field, (how, value)) in items {
                let key = format!("{field}{how}");
                if !seen.contains(&key) {
                    lines.push(format!("'{key}': {value}"));
                    seen.push(key);
                }
            }
            format!("{{{}}}", lines.join(", "))
        });
        let map = map.boxed();
        let maps = prop::collection::vec(map.clone(), 2..4);
        let maps = maps.prop_map(|maps| format!("[{}]", maps.join(", ")));
        let words = prop::collection::vec(r"[abAB1*äK ]{1,3}", 1..4);
        let words = words.prop_map(|words| {
            let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
            format!("[{}]", words.join(", "))
        });
        prop_oneof![5 => map, 2 => maps, 1 => words]
    }

    fn rule() -> impl Strategy<Value = String> {
        let condition = prop::sample::select(vec![
            "s1",
            "s1 and s2",
            "s1 or s2",
            "not s1",
            "s1 and not s2",
            "s3 and (s1 or not s2)",
            "1 of s*",
            "all of s*",
            "not 1 of s*",
            "s1 and not (s2 and not s3)",
        ]);
        (detection(), detection(), detection(), condition).prop_map(|(a, b, c, condition)| {
            format!(
                "title: T\nlogsource: {{product: x}}\ndetection:\n  s1: {a}\n  s2: {b}\n  s3: {c}\n  condition: {condition}\n"
            )
        })
    }

    fn value() -> impl Strategy<Value = Json> {
        let single = prop_oneof![
            6 => TEXT.prop_map(Json::from),
            1 => prop::sample::select(vec![
                json!(null), json!(true), json!(false), json!(1), json!(1.0), json!(-1), json!(10),
                json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992_i64), json!("true"),
                json!("1"), json!("1.0"), json!("10.1.2.3"), json!("2026-01-01T07:00:00Z"),
                json!("YWI"), json!("a\0b\0"), json!("äAB"), json!({}), json!([]),
            ]),
        ];
        single.prop_recursive(2, 8, 3, |inner| {
            let map = prop::collection::vec(
                (
                    prop::sample::select(vec!["b", "d", "d.e", "e"]),
                    inner.clone(),
                ),
                1..3,
            );
            prop_oneof![
                prop::collection::vec(inner, 0..3).prop_map(Json::from),
                map.prop_map(|pairs| {
                    let pairs = pairs
                        .into_iter()
                        .map(|(key, value)| (key.to_owned(), value));
                    Json::Object(pairs.collect())
                }),
            ]
        })
    }

    fn event() -> impl Strategy<Value = Json> {
        let pairs = prop::collection::vec((prop::sample::select(FIELDS.to_vec()), value()), 0..5);
        let object = pairs.prop_map(|pairs| {
            let pairs = pairs
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value));
            Json::Object(pairs.collect::<Map<_, _>>())
        });
        let object = object.boxed();
        prop_oneof![8 => object.clone(), 1 => TEXT.prop_map(Json::from), 1 => prop::collection::vec(object, 0..3).prop_map(Json::from)]
    }

    #[test]
    fn the_set_is_each_of_its_rules() {
        let (asked, found) = (Cell::new(0), Cell::new(0));
        let rules = prop::collection::vec(rule(), 1..12);
        let events = prop::collection::vec(event(), 1..10);
        let config = Config {
            failure_persistence: None,
            ..Config::with_cases(600)
        };
        let mut runner = TestRunner::new(config);
        let ran = runner.run(&(rules, events), |(rules, events)| {
            let text = rules.join("---\n");
            let rules = Rules::parse(&text);
            let set = RuleSet::new(&rules);
            let mut scanner = set.scanner();
            for json in &events {
                let event = Event::new(json);
                let [by_set, one_by_one] = both(&set, &event);
                prop_assert_eq!(&by_set, &one_by_one, "{}", json);
                // Nothing of one event is left for the next.
                let again = scanner.matching(&event).map(RuleMatcher::span);
                prop_assert_eq!(again.collect::<Vec<_>>(), one_by_one);
                asked.set(asked.get() + set.rules().len());
                found.set(found.get() + by_set.len());
            }
            Ok(())
        });
        ran.unwrap_or_else(|error| panic!("{error}"));
        let (asked, found) = (asked.get(), found.get());
        assert!(
            found > asked / 10 && found < asked / 2,
            "{found} of {asked}"
        );
    }
}
