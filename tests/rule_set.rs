//! A rule set rules out what can't match before it asks: held against each rule by itself, with every
//! case's rules, on their witness events and on mixtures of these.

use serde_json::Value as Json;
use varsigma::eval::{Matcher, witness};
use varsigma::{Event, RuleSet, Rules};

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

/// The titles of the rules that match, by the set and one by one.
fn both<'r>(set: &'r RuleSet<'_>, event: &Event) -> [Vec<&'r str>; 2] {
    let by_set = set.matching(event).map(varsigma::RuleMatcher::title);
    let rules = set.rules().iter();
    let one_by_one = rules.filter(|rule| rule.matches(event));
    [
        by_set.collect(),
        one_by_one.map(varsigma::RuleMatcher::title).collect(),
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
fn what_is_missing_rules_nothing_out() {
    let rules = Rules::parse(
        "title: n\nlogsource: {product: x}\ndetection:\n  s: {A: null}\n  t: {B: b}\n  condition: s or not t\n",
    );
    let set = RuleSet::new(&rules);
    let event = &Event::read(r#"{"C": 1}"#).expect("JSON")[0];
    assert_eq!(set.matching(event).count(), 1);
}
