//! What is too complex for Lucene. `tests/engines/regex.py` asks Lucene itself.

use crate::backend::regex::RegexDialect;
use crate::pattern::complexity::{automata, effort};
use crate::pattern::{Case, from_pattern, is_pattern_too_complex, is_too_complex, parse, render};
use crate::rule::{Part, Pattern, Regex, RegexFlags};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

/// As `backends/` has it.
const LIMIT: usize = 10_000;

fn regex(text: &str) -> Regex<'_> {
    Regex {
        pattern: Pattern::literal(text),
        flags: RegexFlags::default(),
    }
}

#[test]
fn a_repetition_of_any_character_in_the_middle_is_too_complex() {
    let is_complex = |text: &str| is_too_complex(&parse(&regex(text)).unwrap(), LIMIT);
    for text in [
        "a.{16}b",
        "(x|a.{7}){2}.{9}b",
        "[ab].{14}c",
        "(?:.{90}){120}",
    ] {
        assert!(is_complex(text), "{text}");
    }
    for text in [
        "a.{8}b",
        "^.{900}$",
        "^a.{16}b",
        "[0-9a-f]{64}",
        r"\\[a-z0-9]{8,16}\.exe$",
        "(?i)(?:foo|bar|baz).*(?:qux|quux).*x",
    ] {
        assert!(!is_complex(text), "{text}");
    }
}

#[test]
fn wildcards_are_too_complex_where_their_sets_grow() {
    let any = || Part::Any;
    let text = |text: String| Part::Literal(text.into());
    let ones = |count| std::iter::repeat_n(Part::One, count);
    let is_complex = |parts| is_pattern_too_complex(&pattern(parts), LIMIT);
    let between = |count| {
        let mut parts = vec![any(), text("a".to_owned())];
        parts.extend(ones(count));
        parts.extend([text("b".to_owned()), any()]);
        parts
    };
    assert!(is_complex(between(16)));
    assert!(!is_complex(between(8)));
    // What begins again in itself.
    assert!(is_complex(vec![any(), text("a".repeat(600)), any()]));
    assert!(!is_complex(vec![any(), text("a".repeat(60)), any()]));
    let words = "the quick brown fox jumps over the lazy dog ".repeat(12);
    assert!(!is_complex(vec![any(), text(words), any()]));
    // Lucene 9 looks only so deep for a loop.
    assert!(is_complex(vec![text("x".repeat(1001)), any()]));
    assert!(!is_complex(vec![text("x".repeat(900)), any()]));
    assert!(!is_complex(vec![text("x".repeat(5000))]));
}

/// The automaton has the square of their number of transitions.
#[test]
fn too_many_parts_that_may_be_empty_are_refused_soon() {
    let is_complex = |text: &str| is_too_complex(&parse(&regex(text)).unwrap(), LIMIT);
    for part in ["(a|b)*", "(ab)?", "(a*|bc)"] {
        assert!(!is_complex(&part.repeat(100)), "{part}");
        assert!(is_complex(&part.repeat(8000)), "{part}");
    }
    let letters = |count: usize| vec!["ab"; count].join("|");
    assert!(is_complex(&format!("({})*", letters(8000))));
}

/// Texts of expressions of which many are too complex.
fn expression() -> impl Strategy<Value = String> {
    let count = prop_oneof![4 => 1..12_u32, 2 => 8..30_u32, 1 => 30..150_u32];
    let set = prop::sample::select(vec![
        ".",
        "[ab]",
        "[^a]",
        r"\w",
        r"\S",
        "[a-f0-9]",
        "a",
        "(?:ab|ba)",
        "(?:a|b|.c)",
        "é",
        "[à-ÿ]",
        "(?:a.*b|c)",
        "(?:ab?c?)",
        "(?i:k)",
        "[^ -~]",
    ]);
    let piece = prop_oneof![
        3 => (set.clone(), count.clone()).prop_map(|(set, count)| format!("{set}{{{count}}}")),
        1 => (set.clone(), count.clone()).prop_map(|(set, count)| format!("{set}{{{count},}}")),
        2 => (set.clone(), 0..9_u32, count).prop_map(|(set, low, more)| {
            format!("{set}{{{low},{}}}", low + more)
        }),
        4 => Just(".*".to_owned()),
        2 => (set, prop::sample::select(vec!["*", "+", "?", ""]))
            .prop_map(|(set, sign)| format!("{set}{sign}")),
        4 => "[ab]{1,6}",
        2 => "[a-z]{1,40}",
        1 => "[a-e]{40,250}",
    ];
    let chain = prop::collection::vec(piece, 1..7).prop_map(|pieces| pieces.concat());
    let whole = chain.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..5)
                .prop_map(|branches| format!("(?:{})", branches.join("|"))),
            (
                inner.clone(),
                prop::sample::select(vec!["*", "+", "?", "{2}", "{1,3}", "{12}"])
            )
                .prop_map(|(inner, sign)| format!("(?:{inner}){sign}")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("{a}{b}")),
        ]
    });
    (
        prop::sample::select(vec!["", "^", "(?i)"]),
        whole,
        prop::sample::select(vec!["", "$"]),
    )
        .prop_map(|(start, whole, end)| format!("{start}{whole}{end}"))
}

proptest! {
    #[test]
    fn the_bound_of_the_effort_at_once_changes_no_answer(
        text in expression(),
        limit in prop_oneof![1..40_usize, 40..1000_usize],
    ) {
        let parsed = parse(&regex(&text)).unwrap();
        let effort = effort(limit);
        let plain = automata(&parsed, limit).is_none_or(|(at_once, by_parts)| {
            let at_once = at_once.determinized(effort);
            let bound = by_parts.effort_at_once();
            assert!(at_once.is_some() || bound >= effort, "{text}");
            !by_parts.ends_its_search() || by_parts.effort_of_bytes() >= effort || at_once.is_none()
        });
        prop_assert_eq!(is_too_complex(&parsed, limit), plain, "{}", text);
    }
}

/// Wildcard patterns, as parts.
fn parts() -> impl Strategy<Value = Vec<Part<'static>>> {
    let text = |text: String| vec![Part::Literal(text.into())];
    let part = prop_oneof![
        5 => Just(vec![Part::Any]),
        2 => (1..24_usize).prop_map(|count| vec![Part::One; count]),
        3 => "[ab]{1,4}".prop_map(text),
        2 => "[a-zäß]{1,40}".prop_map(text),
        1 => ("[ab]{1,3}", 1..200_usize).prop_map(move |(a, count)| text(a.repeat(count))),
        1 => "[a-zA-Z0-9+/]{200,900}".prop_map(text),
        1 => "[a-zA-Z0-9é]{900,1100}".prop_map(text),
    ];
    prop::collection::vec(part, 1..9).prop_map(|parts| parts.concat())
}

fn pattern(parts: Vec<Part<'static>>) -> Pattern<'static> {
    let mut pattern = Pattern::default();
    for part in parts {
        pattern.push(part);
    }
    pattern
}

proptest! {
    #[test]
    fn the_bound_of_wildcards_changes_no_answer(
        parts in parts(),
        limit in 1000..10_001_usize,
    ) {
        // A value without wildcards is no pattern to Lucene.
        prop_assume!(parts.iter().any(|part| matches!(part, Part::Any | Part::One)));
        let pattern = pattern(parts);
        let is_complex = |case| is_too_complex(&from_pattern(&pattern, case), limit);
        let plain = is_complex(Case::Exact) || is_complex(Case::Ignored);
        prop_assert_eq!(is_pattern_too_complex(&pattern, limit), plain, "{:?}", pattern);
    }
}

/// Writes cases for `tests/engines/regex.py` beside those of the file that `VARSIGMA_REGEX_CASES` names.
#[test]
#[ignore = "makes input for tests/engines/regex.py"]
fn write_cases() {
    use std::io::Write as _;
    let path = std::env::var("VARSIGMA_REGEX_CASES").unwrap();
    let path = std::path::Path::new(&path).with_extension("limits.jsonl");
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let mut write = |kind: &str, text: &str, complex: bool| {
        let case = serde_json::json!({"kind": kind, "text": text, "complex": complex});
        writeln!(file, "{case}").unwrap();
    };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut dialect = RegexDialect::of_family("lucene").unwrap();
    dialect.newline = Some("\n".to_owned());
    for _ in 0..100 {
        let text = expression().new_tree(&mut runner).unwrap().current();
        let parsed = parse(&regex(&text)).unwrap();
        let Ok(rendered) = render(&parsed, &dialect) else {
            continue;
        };
        write("regexp", &rendered.text, is_too_complex(&parsed, LIMIT));
    }
    for _ in 0..300 {
        let pattern = pattern(parts().new_tree(&mut runner).unwrap().current());
        let text: String = pattern
            .parts
            .iter()
            .map(|part| match part {
                Part::Any => "*",
                Part::One => "?",
                Part::Literal(text) | Part::Placeholder(text) => text,
            })
            .collect();
        let kind = match pattern.parts.as_slice() {
            [Part::Literal(_), Part::Any] => "prefix",
            _ => "wildcard",
        };
        write(kind, &text, is_pattern_too_complex(&pattern, LIMIT));
    }
}
