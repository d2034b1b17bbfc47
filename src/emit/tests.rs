use super::conventions::Native;
use super::{Fidelity, Query, Settings, emit};
use crate::backend::Registry;
use crate::backend::language::Loss;
use crate::dialect::{Dialect, Profile};
use crate::lower::lower;
use crate::rule::Document;
use crate::{modifier, parse};

/// The query of a detection `s` and a condition over it.
fn query(target: &str, detection: &str, condition: &str) -> Result<Query, String> {
    let text = format!(
        "title: t\nlogsource: {{category: c}}\ndetection:\n  s: {detection}\n  condition: {condition}\n"
    );
    let dialect = Dialect::SPECIFICATION;
    let parsed = parse::parse(&text, &dialect).remove(0);
    let Some(Document::Rule(mut rule)) = parsed.document else {
        panic!("a rule: {:?}", parsed.diagnostics)
    };
    assert!(modifier::apply(&mut rule, &dialect).is_empty());
    let lowered = lower(&rule, &dialect);
    let backend = Registry::built_in().get(target, Profile::Native).unwrap();
    let settings = Settings::new(&backend, &[]).unwrap();
    match emit(&rule, &lowered[0], &backend, &settings, &Native) {
        Ok(query) => Ok(query.expect("the native profile has a query")),
        Err(diagnostic) => Err(diagnostic.message),
    }
}

#[test]
fn a_conjunct_that_the_search_lacks_goes_whole_into_the_filter() {
    let split = query("splunk", "[{A: x, B|re: y}, {A: z}]", "s and not s").unwrap();
    assert_eq!(split.search, r#"((A="x" B=*) OR A="z")"#);
    assert_eq!(
        split.after,
        r#" | where (lower(A)="x" AND match(B, "y") OR lower(A)="z") AND if(lower(A)="x" AND match(B, "y") OR lower(A)="z", 1, 0)=0"#
    );
    assert_eq!(split.fidelity, Fidelity::Exact);
}

#[test]
fn an_alternative_without_anything_broader_leaves_the_search_open() {
    let split = query("splunk", "[{A|re: x}, {B: null}]", "s").unwrap();
    assert_eq!(split.search, "(A=* OR NOT B=*)");
    let split = query("splunk", "{A|re: x}", "not s").unwrap();
    assert_eq!(split.search, "*");
}

#[test]
fn a_test_is_lossy_in_the_search_only_where_the_filter_lacks_it_too() {
    let whole = query("splunk", "{A: 'a?', B: x}", "s").unwrap();
    assert_eq!(whole.search, r#"(A="a*" B="x")"#);
    assert_eq!(whole.after, r#" | where match(A, "(?is)^a.\\z")"#);
    assert_eq!(whole.fidelity, Fidelity::Exact);
}

#[test]
fn parentheses_come_from_what_binds_tighter() {
    for (target, text) in [
        ("splunk", r#"((A="x" OR B="y") NOT (A="x" OR B="y"))"#),
        (
            "kql",
            "(A: \"1\" or B: \"2\") and not (A: \"1\" or B: \"2\")",
        ),
    ] {
        let values = if target == "kql" {
            "[{A: '1'}, {B: '2'}]"
        } else {
            "[{A: x}, {B: y}]"
        };
        assert_eq!(query(target, values, "s and not s").unwrap().search, text);
    }
}

#[test]
fn a_not_goes_down_to_the_tests_of_three_values() {
    let negated = query("esql", "{A: null, B|exists: true}", "not s").unwrap();
    assert!(
        negated.search.ends_with("A IS NOT NULL OR B IS NULL"),
        "{}",
        negated.search
    );
}

#[test]
fn long_chains_are_nested_and_measured() {
    let values: Vec<String> = (0..101).map(|at| format!("{{A{at}: '1'}}")).collect();
    let nested = query("eql", &format!("[{}]", values.join(", ")), "s").unwrap();
    assert_eq!(nested.search.matches('(').count(), 3);
    assert!(nested.depth < 101, "{}", nested.depth);
}

#[test]
fn the_first_reason_is_given() {
    let refused = query("kql", "{A|re: x, B|fieldref: C}", "s").unwrap_err();
    assert!(refused.contains("no regular expressions"), "{refused}");
    let refused = query("sql", "['x']", "s").unwrap_err();
    assert!(refused.contains("keyword"), "{refused}");
}

#[test]
fn losses_of_literal_and_kind_add_up_and_a_not_turns_them_round() {
    let losses = |detection, condition| {
        let query = query("kql", detection, condition).unwrap();
        let reasons = query.reasons.into_iter();
        let reasons: Vec<_> = reasons.map(|reason| reason.loss).collect();
        (query.fidelity, reasons)
    };
    let both = vec![Loss::Broader, Loss::Narrower];
    assert_eq!(losses("{A: 'x?'}", "s"), (Fidelity::Approximate, both));
    let broader = vec![Loss::Broader];
    assert_eq!(
        losses("{A: '1?'}", "s"),
        (Fidelity::Broader, broader.clone())
    );
    assert_eq!(losses("{A: x}", "not s"), (Fidelity::Broader, broader));
    assert_eq!(losses("{A: '1'}", "s"), (Fidelity::Exact, vec![]));
}

#[test]
fn conjuncts_are_what_the_outermost_conjunction_joins() {
    let conjuncts = |detection: &str, condition: &str| {
        let query = query("duckdb", detection, condition).unwrap();
        let conjuncts = query.conjuncts.iter();
        let texts = conjuncts.map(|range| query.search[range.clone()].to_owned());
        texts.collect::<Vec<_>>()
    };
    assert_eq!(
        conjuncts("{A: x, B: [y, z]}", "s and not s"),
        [
            r#"LOWER("A") = 'x'"#,
            r#"LOWER("B") IN ('y', 'z')"#,
            r#"NOT COALESCE(LOWER("A") = 'x' AND LOWER("B") IN ('y', 'z'), FALSE)"#,
        ]
    );
    let whole = r#"LOWER("A") = 'x' AND LOWER("B") = 'y' OR LOWER("A") = 'z'"#;
    assert_eq!(conjuncts("[{A: x, B: y}, {A: z}]", "s"), [whole]);
}
