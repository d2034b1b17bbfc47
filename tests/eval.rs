//! Hand-written events with the answers that the specification gives: `tests/cases/eval/*.yml`, each
//! with a `.jsonl` of `{"matches": …, "event": …}` beside it.

use std::fmt::Write as _;
use varsigma::dialect::Dialect;
use varsigma::eval::{Event, Matcher};
use varsigma::lower::lower;
use varsigma::rule::{Document, Rule};
use varsigma::{modifier, parse};

/// Reads the rule and asks `check` with a matcher for each of its conditions.
fn with_matchers<T>(text: &str, check: impl FnOnce(&Rule<'_>, &[Matcher<'_>]) -> T) -> T {
    let dialect = Dialect::SPECIFICATION;
    let mut parsed = parse::parse(text, &dialect);
    assert_eq!(parsed.len(), 1);
    let parsed = parsed.remove(0);
    let Some(Document::Rule(mut rule)) = parsed.document else {
        panic!("expected a rule: {:?}", parsed.diagnostics);
    };
    let faults = modifier::apply(&mut rule, &dialect);
    assert!(
        !faults
            .iter()
            .any(varsigma::diagnostic::Diagnostic::is_error),
        "{faults:?}"
    );
    let lowered = lower(&rule, &dialect);
    let matchers: Vec<Matcher<'_>> = lowered
        .iter()
        .map(|lowered| Matcher::new(&lowered.expr).expect("every case can be tested"))
        .collect();
    check(&rule, &matchers)
}

#[test]
fn every_event_has_the_answer_that_the_specification_gives() {
    let mut wrong = String::new();
    let mut asked = 0;
    insta::glob!("cases/eval/*.yml", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let events = std::fs::read_to_string(path.with_extension("jsonl")).unwrap();
        with_matchers(&text, |_, matchers| {
            for line in events.lines() {
                let case: serde_json::Value = serde_json::from_str(line).unwrap();
                let event = Event::new(&case["event"]);
                let found = matchers.iter().any(|matcher| matcher.matches(&event));
                asked += 1;
                if case["matches"] != found {
                    let name = path.file_name().unwrap().display();
                    let _ = writeln!(wrong, "{name}: {line}");
                }
            }
        });
    });
    assert!(asked > 200, "{asked}");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_trace_holds_where_the_matcher_does() {
    insta::glob!("cases/eval/*.yml", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let events = std::fs::read_to_string(path.with_extension("jsonl")).unwrap();
        with_matchers(&text, |_, matchers| {
            for (matcher, line) in matchers
                .iter()
                .flat_map(|m| events.lines().map(move |l| (m, l)))
            {
                let case: serde_json::Value = serde_json::from_str(line).unwrap();
                let event = Event::new(&case["event"]);
                assert_eq!(
                    matcher.explain(&event).held,
                    matcher.matches(&event),
                    "{line}"
                );
            }
        });
    });
}
