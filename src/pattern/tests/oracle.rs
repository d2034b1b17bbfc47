//! The reference meaning of an expression, by trying everything, and the renderer held against it.
//!
//! The dialects here are what the `regex` crate can run: its own, and poorer ones made of it.
//! `tests/engines/regex.py` holds the other families against their engines.

use crate::backend::regex::{FlagScope, RegexDialect, RegexFeature};
use crate::pattern::ast::{GroupKind, Kind, Node};
use crate::pattern::class::members;
use crate::pattern::{parse, render};
use crate::rule::fold::fold;
use crate::rule::{Pattern, Regex, RegexFlags};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

/// Does the expression match somewhere in the text?
pub(super) fn is_match(root: &Node, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    (0..=text.len()).any(|start| step(root, &text, start, &mut |_| true))
}

/// Calls `then` with every place where a match of the node that begins at `at` can end.
fn step(node: &Node, text: &[char], at: usize, then: &mut dyn FnMut(usize) -> bool) -> bool {
    let is_word = |at: usize| {
        let c = text.get(at);
        c.is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_')
    };
    let edge = || (at > 0 && is_word(at - 1)) != is_word(at);
    match &node.kind {
        Kind::Empty => then(at),
        Kind::Literal { c, fold: folds } => {
            let same = |d: &char| d == c || (*folds && fold(*d) == fold(*c));
            text.get(at).is_some_and(same) && then(at + 1)
        }
        Kind::Dot { newline } => {
            text.get(at).is_some_and(|c| *newline || *c != '\n') && then(at + 1)
        }
        Kind::Class(class) => {
            let set = members(class).unwrap();
            let has = |c: &char| {
                set.ranges()
                    .iter()
                    .any(|r| r.start() <= *c && *c <= r.end())
            };
            text.get(at).is_some_and(has) && then(at + 1)
        }
        Kind::Start { lines } => (at == 0 || (*lines && text[at - 1] == '\n')) && then(at),
        Kind::End { lines } => {
            let last = at + 1 == text.len() && text[at] == '\n';
            let line = *lines && text.get(at) == Some(&'\n');
            (at == text.len() || last || line) && then(at)
        }
        Kind::TextEnd => at == text.len() && then(at),
        Kind::Boundary => edge() && then(at),
        Kind::NotBoundary => !edge() && then(at),
        Kind::Concat(nodes) => sequence(nodes, text, at, then),
        Kind::Alternation(nodes) => nodes.iter().any(|node| step(node, text, at, then)),
        Kind::Repeat { node, min, max, .. } => repeat(node, *min, *max, text, at, then),
        Kind::Group { kind, node } => match kind {
            GroupKind::Capture | GroupKind::Plain => step(node, text, at, then),
            _ => unreachable!("not among the expressions made here"),
        },
        Kind::BackReference { .. } | Kind::Verbatim { .. } => {
            unreachable!("not among the expressions made here")
        }
    }
}

fn sequence(nodes: &[Node], text: &[char], at: usize, then: &mut dyn FnMut(usize) -> bool) -> bool {
    match nodes.split_first() {
        None => then(at),
        Some((first, rest)) => step(first, text, at, &mut |at| sequence(rest, text, at, then)),
    }
}

fn repeat(
    node: &Node,
    min: u32,
    max: Option<u32>,
    text: &[char],
    at: usize,
    then: &mut dyn FnMut(usize) -> bool,
) -> bool {
    if max != Some(0) {
        let less = |bound: u32| bound.saturating_sub(1);
        let again = step(node, text, at, &mut |next| {
            // An empty round changes nothing more.
            if next == at && min == 0 {
                return false;
            }
            repeat(node, less(min), max.map(less), text, next, then)
        });
        if again {
            return true;
        }
    }
    min == 0 && then(at)
}

/// Texts of expressions whose `$` is at ends of branches.
pub(super) fn expression() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        8 => "[abAkKä1 _-]",
        2 => Just(".".to_owned()),
        2 => prop::sample::select(vec![
            r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\.", r"\\", r"\n", r"\t", "[ab]", "[^a]",
            "[a-z]", "[^A-K\\d]", "[\\w-]", "[^\\W1]", "[\\s\\S]", "[[:upper:]-]", "[]a]", "[^\\n]",
            "\\/", "#", "<", "\"", "@", "&", "~", "{", "}", "]",
        ]).prop_map(str::to_owned),
        1 => prop::sample::select(vec![r"\b", r"\B"]).prop_map(str::to_owned),
    ];
    let nested = atom.prop_recursive(3, 12, 4, |inner| {
        let quantifier = prop::sample::select(vec!["*", "+", "?", "{2}", "{1,2}", "{,2}", "*?"]);
        prop_oneof![
            4 => prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            2 => (inner.clone(), quantifier).prop_map(|(a, b)| format!("(?:{a}){b}")),
            2 => prop::collection::vec(inner.clone(), 1..4)
                .prop_map(|parts| format!("({})", parts.join("|"))),
            1 => inner.clone().prop_map(|inner| format!("(?:{inner}|)")),
            1 => inner.clone().prop_map(|inner| format!("(?i:{inner})")),
            1 => inner.clone().prop_map(|inner| format!("(?s:{inner})")),
        ]
    });
    let edges = |before: Vec<&'static str>, after: Vec<&'static str>| {
        (prop::sample::select(before), prop::sample::select(after))
    };
    let branch = (
        edges(
            vec!["", "", "^", "(?:^|-)", "(?i)"],
            vec!["", "", "$", r"\z", "(?:a|$)", ".*"],
        ),
        nested,
    )
        .prop_map(|((before, after), inner)| format!("{before}{inner}{after}"));
    prop::collection::vec(branch, 1..3).prop_map(|branches| branches.join("|"))
}

pub(super) fn subject() -> impl Strategy<Value = String> {
    let common = "[abAkKäÄ1 _.\n-]{0,6}";
    prop_oneof![4 => common, 1 => "[ab\\\\/#<\"@&~{}\n\t\\]]{0,4}\n?"]
}

fn dialects() -> Vec<RegexDialect> {
    let rust = RegexDialect::of_family("rust").unwrap();
    let mut all = vec![rust.clone()];
    let mut add = |change: &dyn Fn(&mut RegexDialect)| {
        let mut dialect = rust.clone();
        change(&mut dialect);
        all.push(dialect);
    };
    add(&|dialect| dialect.flags = FlagScope::Front);
    add(&|dialect| dialect.flags = FlagScope::None);
    add(&|dialect| dialect.anchored = true);
    add(&|dialect| {
        dialect.anchored = true;
        dialect.flags = FlagScope::None;
        dialect.anchors = false;
        dialect.text_start = None;
        dialect.text_end = None;
        dialect.features = vec![RegexFeature::NonCapturing];
        dialect.max_repeat = Some(1);
    });
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn every_dialect_keeps_the_meaning(
        text in expression(),
        flags in prop::sample::select(vec!["", "i", "s", "is", "m", "im"]),
        subjects in prop::collection::vec(subject(), 6),
    ) {
        let regex = Regex {
            pattern: Pattern::literal(text.as_str()),
            flags: RegexFlags {
                ignore_case: flags.contains('i'),
                multi_line: flags.contains('m'),
                dot_all: flags.contains('s'),
            },
        };
        let parsed = parse(&regex).map_err(|invalid| TestCaseError::fail(invalid.message))?;
        for (index, dialect) in dialects().iter().enumerate() {
            let Ok(rendered) = render(&parsed, dialect) else {
                prop_assert!(index > 0, "{text}: refused by the crate's own dialect");
                continue;
            };
            prop_assert!(rendered.departures.is_empty(), "{text}: {:?}", rendered.departures);
            let whole = if dialect.anchored {
                format!(r"\A(?:{})\z", rendered.text)
            } else {
                rendered.text.clone()
            };
            let compiled = regex::Regex::new(&whole)
                .map_err(|error| TestCaseError::fail(format!("{text}: {whole}: {error}")))?;
            for subject in &subjects {
                let expected = is_match(&parsed.root, subject);
                prop_assert_eq!(
                    compiled.is_match(subject), expected,
                    "{:?} with {:?} as {:?} on {:?}", text, flags, whole, subject
                );
            }
        }
    }
}

/// Writes cases for `tests/engines/regex.py` to the file that `VARSIGMA_REGEX_CASES` names: an
/// expression, subjects with the reference's answers, and what each family is given.
#[test]
#[ignore = "makes input for tests/engines/regex.py"]
fn write_cases() {
    use std::io::Write as _;
    let path = std::env::var("VARSIGMA_REGEX_CASES").unwrap();
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let flags = prop::sample::select(vec!["", "i", "s", "is", "m"]);
    let strategy = (expression(), flags, prop::collection::vec(subject(), 8));
    let families = [
        "re2", "pcre", "java", "rust", "postgres", "lucene", "python", "xquery",
    ];
    for _ in 0..2000 {
        let (text, flags, subjects) = strategy.new_tree(&mut runner).unwrap().current();
        let regex = Regex {
            pattern: Pattern::literal(text.as_str()),
            flags: RegexFlags {
                ignore_case: flags.contains('i'),
                multi_line: flags.contains('m'),
                dot_all: flags.contains('s'),
            },
        };
        let parsed = parse(&regex).unwrap();
        let mut said = serde_json::Map::new();
        for family in families {
            let mut dialect = RegexDialect::of_family(family).unwrap();
            // Lucene's exact form, with the newline itself.
            dialect.newline.get_or_insert_with(|| "\n".to_owned());
            if let Ok(rendered) = render(&parsed, &dialect) {
                assert!(rendered.departures.is_empty());
                said.insert(family.to_owned(), rendered.text.into());
            }
        }
        let answers = subjects
            .iter()
            .map(|subject| is_match(&parsed.root, subject));
        let case = serde_json::json!({
            "regex": text,
            "flags": flags,
            "subjects": subjects,
            "expected": answers.collect::<Vec<_>>(),
            "said": said,
        });
        writeln!(file, "{case}").unwrap();
    }
}
