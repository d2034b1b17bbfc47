//! What Elasticsearch takes, and what it does not: queries of rules that come near a bound of it.

use std::fmt::Write as _;
use varsigma::backend::Registry;
use varsigma::diagnostic::Code;
use varsigma::transpile::{FileOutput, Request, Transpiler};

fn convert(target: &str, options: &[&str], rule: &str) -> FileOutput {
    let request = Request {
        target: target.to_owned(),
        settings: options
            .iter()
            .filter_map(|option| option.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        ..Request::default()
    };
    let transpiler = Transpiler::new(&Registry::built_in(), &request).expect("a built-in target");
    transpiler.convert_text("rule.yml", rule)
}

fn rule(detection: &str) -> String {
    format!("title: t\nlogsource: {{product: p}}\ndetection:\n{detection}")
}

/// The only query of a rule, and the codes that go with it.
fn query(target: &str, options: &[&str], rule: &str) -> (String, Vec<Code>) {
    let output = convert(target, options, rule);
    let codes = output
        .all_diagnostics()
        .iter()
        .map(|one| one.code)
        .collect();
    match output.queries.as_slice() {
        [query] => (query.clone(), codes),
        queries => panic!("{} queries, {codes:?}", queries.len()),
    }
}

/// How many operators and parentheses stand around the innermost test, at most.
fn depth(query: &str) -> usize {
    let mut levels = vec![(0, 0)];
    let (mut rest, mut deepest) = (query, 0);
    while let Some(at) = rest.find(['"', '(', ')', 'a', 'A', 'o', 'O']) {
        let word = |word: &str| {
            let found = rest[at..].get(..word.len());
            found.is_some_and(|found| found.eq_ignore_ascii_case(word))
        };
        let (operators, inner) = levels.last_mut().expect("parentheses have partners");
        let length = match rest.as_bytes()[at] {
            b'"' => 2 + rest[at + 1..].find('"').expect("quotes have partners"),
            b'(' => {
                levels.push((0, 0));
                1
            }
            b')' => {
                let depth = 2 + *operators + *inner;
                levels.pop();
                let (_, inner) = levels.last_mut().expect("parentheses have partners");
                *inner = depth.max(*inner);
                deepest = deepest.max(depth);
                1
            }
            _ if word("and ") || word("or ") => {
                *operators += 1;
                3
            }
            _ => 1,
        };
        rest = &rest[at + length..];
    }
    let (operators, inner) = levels[0];
    operators + inner
}

fn values(name: &str, count: usize) -> String {
    let values: Vec<String> = (0..count).map(|at| format!("{name}{at}")).collect();
    format!("[{}]", values.join(", "))
}

#[test]
fn no_chain_is_as_deep_as_it_is_long() {
    let list = |count| {
        rule(&format!(
            "  s: {{F|contains: {}}}\n  condition: s\n",
            values("x", count)
        ))
    };
    let negated = |count| {
        rule(&format!(
            "  s: {{F|contains: {}}}\n  t: {{G: y}}\n  condition: t and not s\n",
            values("x", count)
        ))
    };
    let every = |count| {
        rule(&format!(
            "  s: {{F|contains|all: {}}}\n  t: {{G: y}}\n  condition: not (s and t)\n",
            values("x", count)
        ))
    };
    for count in [100, 101, 250, 450, 5000] {
        for rule in [list(count), negated(count), every(count)] {
            for target in ["esql", "eql"] {
                let (query, codes) = query(target, &[], &rule);
                assert!(codes.is_empty(), "{target}: {codes:?}");
                assert!(
                    depth(&query) < 180,
                    "{target}, {count} values: {}",
                    depth(&query)
                );
                assert!(query.matches('x').count() >= count);
            }
        }
    }
}

/// Chains inside chains, each of which is short enough.
fn nested(levels: usize, length: usize) -> String {
    let mut detection = String::new();
    for level in 0..levels {
        let _ = writeln!(
            detection,
            "  s{level}: {{F: x{level}, G|contains: {}}}",
            values("y", length)
        );
    }
    let names: Vec<String> = (0..levels).map(|level| format!("s{level}")).collect();
    let mut condition = names.join(" and ");
    for level in 0..levels {
        let chain = vec![format!("(s{level} and s0)"); length];
        condition = format!("s{level} and not ({} or {condition})", chain.join(" or "));
    }
    rule(&format!("{detection}  condition: {condition}\n"))
}

#[test]
fn the_depths_of_chains_inside_chains_add_up() {
    for target in ["esql", "eql"] {
        let (query, codes) = query(target, &[], &nested(6, 95));
        assert!(!codes.contains(&Code::TooDeep), "{target}: {codes:?}");
        assert!(depth(&query) < 288, "{target}: {}", depth(&query));
    }
}

#[test]
fn what_is_too_deep_for_every_nesting_gets_a_warning() {
    let mut condition = "a".to_owned();
    for _ in 0..49 {
        condition = format!("(a and (b or {condition}))");
    }
    let rule = rule(&format!(
        "  a: {{A: x}}\n  b: {{B: y}}\n  condition: {condition}\n"
    ));
    assert_eq!(query("eql", &[], &rule).1, [Code::TooDeep]);
}

#[test]
fn a_field_that_may_be_nowhere_is_optional_wherever_it_stands() {
    let text = |detection: &str| query("eql", &[], &rule(detection)).0;
    assert_eq!(
        text("  s: {A: null, B|exists: false, C|exists: true, D: '*', E: x}\n  condition: s\n"),
        r#"any where ?A == null and ?B == null and ?C != null and ?D != null and E : "x""#
    );
    assert_eq!(
        text("  s: {A: [null, '']}\n  t: {A|startswith: x, 'b c': 1}\n  condition: s or t\n"),
        r#"any where ?A == null or ?A == "" or ?A : "x*" and `b c` == 1"#
    );
    assert_eq!(
        text("  s: {A: x}\n  t: {B|fieldref: C}\n  condition: not not s and not t\n"),
        r#"any where A : "x" and (?B == null or ?C == null or not (startsWith~(?B, ?C) and startsWith~(?C, ?B)))"#
    );
}

/// The query of a detection `s`, and its codes.
fn of(target: &str, options: &[&str], detection: &str) -> (String, Vec<Code>) {
    let text = rule(&format!("  s: {detection}\n  condition: s\n"));
    let (query, codes) = query(target, options, &text);
    let query = query
        .split_once(" WHERE ")
        .map_or(query.as_str(), |(_, query)| query);
    (query.to_owned(), codes)
}

#[test]
fn numbers_are_found_by_their_value() {
    for (target, detection, expected) in [
        ("esql", "{F: 1.50}", r#"TO_STRING(F) IN ("1.50", "1.5")"#),
        (
            "esql",
            "{F: [4624, 1e7]}",
            r#"TO_STRING(F) IN ("4624", "4624.0", "1e7", "1E7", "10000000", "1.0E7")"#,
        ),
        ("lucene", "{F: 1.50}", r#"F:("1.50" OR "1.5")"#),
        ("lucene", "{F: 1.5}", r#"F:"1.5""#),
        ("kql", "{F: 3.0}", r#"F: ("3.0" or "3")"#),
        (
            "kql",
            "{F|gt: 9007199254740993}",
            r#"F > "9007199254740993""#,
        ),
        ("kql", "{F|gt: 5}", "F > 5"),
        ("eql", "{F: 1.50}", "any where F == 1.50"),
    ] {
        let expected = (expected.to_owned(), Vec::new());
        assert_eq!(of(target, &[], detection), expected, "{target} {detection}");
    }
    let (_, codes) = of("esql", &[], "{F|gt: 9007199254740993}");
    assert_eq!(codes, [Code::NotExact]);
}

#[test]
fn booleans_are_found_in_texts_of_any_case_or_the_output_says_so() {
    for (target, options, exact) in [
        ("esql", &[][..], true),
        ("eql", &[], true),
        ("lucene", &[], false),
        ("kql", &[], false),
        ("lucene", &["case=mapped"], true),
        ("kql", &["case=mapped"], true),
    ] {
        let (query, codes) = of(target, options, "{F: true}");
        assert_eq!(codes.is_empty(), exact, "{target} {options:?}: {query}");
    }
}

#[test]
fn a_keyword_of_several_words_is_a_phrase_too() {
    for (target, options, keyword, expected, exact) in [
        ("lucene", &[][..], "ab", "/.*[aA][bB].*/", true),
        ("lucene", &[], "1 2", r#"*1\ 2* OR "1 2""#, false),
        ("lucene", &[], "a b", r#"/.*[aA] [bB].*/ OR "a b""#, false),
        ("lucene", &[], "a*b", "/.*[aA].*[bB].*/", false),
        (
            "lucene",
            &["case=mapped"],
            "a-b",
            r#"*a\-b* OR "a-b""#,
            false,
        ),
        (
            "esql",
            &[],
            "a b",
            r#"QSTR("/.*[aA] [bB].*/ OR \"a b\"")"#,
            false,
        ),
        ("esql", &["case=mapped"], "ab", r#"QSTR("*ab*")"#, true),
    ] {
        let (query, codes) = of(target, options, &format!("['{keyword}']"));
        assert_eq!(query, expected, "{target} {options:?}");
        assert_eq!(codes.is_empty(), exact, "{target} {options:?}: {query}");
    }
}

#[test]
fn keywords_of_one_list_are_one_call() {
    let (query, _) = of("esql", &[], "[ab, cd]");
    assert_eq!(query, r#"QSTR("/.*[aA][bB].*/ OR /.*[cC][dD].*/")"#);
    let (query, _) = of("esql", &[], &values("x", 250));
    assert_eq!(query.matches("QSTR(").count(), 3);
}

#[test]
fn raw_control_characters_are_told_where_the_query_is_bare() {
    let text = rule("  s: {F|re: 'a\\s.b$'}\n  condition: s\n");
    assert_eq!(query("lucene", &[], &text).1, [Code::RawControls]);
    assert_eq!(query("esql", &[], &text).1, []);
    let request = Request {
        target: "lucene".to_owned(),
        format: Some("dsl_lucene".to_owned()),
        ..Request::default()
    };
    let transpiler = Transpiler::new(&Registry::built_in(), &request).expect("a built-in format");
    let output = transpiler.convert_text("rule.yml", &text);
    assert!(output.all_diagnostics().is_empty());
}

#[test]
fn a_time_is_read_as_it_stands() {
    let (query, codes) = of("esql", &[], "{T|hour: 3}");
    assert!(codes.is_empty());
    assert!(query.contains(r#"CONCAT(SUBSTRING(TO_STRING(T), 1, 10), "T", SUBSTRING("#));
}

#[test]
fn what_a_field_of_another_type_may_hold_is_compared_as_text() {
    for (target, detection, expected) in [
        ("esql", "{F: 'True'}", r#"TO_LOWER(TO_STRING(F)) == "true""#),
        (
            "esql",
            "{F: 'fe80::1'}",
            r#"TO_LOWER(TO_STRING(F)) == "fe80::1""#,
        ),
        ("eql", "{F: 'False'}", r#"any where string(F) : "False""#),
    ] {
        assert_eq!(
            of(target, &[], detection),
            (expected.to_owned(), Vec::new())
        );
    }
}

#[test]
fn no_expression_is_longer_than_an_index_takes() {
    let long = |target| {
        // Long, but not of too many states: no part is like another.
        let parts = (0..300).map(|number| format!("{number}b+"));
        let text = rule(&format!(
            "  s: {{F|re: '{}'}}\n  condition: s\n",
            parts.collect::<String>()
        ));
        convert(target, &[], &text)
    };
    for target in ["lucene", "eql"] {
        assert_eq!(long(target).failures(), 1, "{target}");
    }
    let output = long("esql");
    assert!(output.queries[0].contains(r#"CONCAT(F, "") RLIKE"#));
}
