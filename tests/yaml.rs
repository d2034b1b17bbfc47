//! Loading YAML: values, places, and what is refused.

use std::fmt::Write;
use varsigma::diagnostic::{Code, Diagnostic};
use varsigma::dialect::Dialect;
use varsigma::yaml::{self, Content, Loaded, MAX_DEPTH, Node};

const NATIVE: &Dialect = &Dialect::SPECIFICATION;
const PYSIGMA: &Dialect = &Dialect::PYSIGMA;

/// A node as one line of flow YAML, each text in angle brackets.
fn show(node: &Node<'_>) -> String {
    match &node.content {
        Content::Scalar(scalar) => format!("<{}>", scalar.text),
        Content::Sequence(items) => {
            let items: Vec<String> = items.iter().map(show).collect();
            format!("[{}]", items.join(", "))
        }
        Content::Mapping(pairs) => {
            let pairs: Vec<String> = pairs
                .iter()
                .map(|(key, value)| format!("{}: {}", show(key), show(value)))
                .collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

fn loaded<'s>(text: &'s str, dialect: &Dialect) -> Loaded<'s> {
    let loaded = yaml::load(text, dialect);
    assert_eq!(loaded.error, None, "{text}");
    loaded
}

fn shown(text: &str, dialect: &Dialect) -> String {
    let documents: Vec<String> = loaded(text, dialect).documents.iter().map(show).collect();
    documents.join(" --- ")
}

#[track_caller]
fn error(text: &str, dialect: &Dialect) -> Diagnostic {
    let error = yaml::load(text, dialect).error;
    error.unwrap_or_else(|| panic!("{text:?} was accepted"))
}

/// The error's code, and the text it points at.
#[track_caller]
fn refused<'t>(text: &'t str, dialect: &Dialect) -> (Code, &'t str) {
    let error = error(text, dialect);
    let span = error.span().expect("every error has a place");
    (error.code, &text[span.range()])
}

/// The texts of all spans, depth first, parents before children.
fn places(text: &str) -> Vec<&str> {
    fn walk<'t>(node: &Node<'_>, text: &'t str, into: &mut Vec<&'t str>) {
        into.push(&text[node.span.range()]);
        match &node.content {
            Content::Scalar(_) => {}
            Content::Sequence(items) => items.iter().for_each(|item| walk(item, text, into)),
            Content::Mapping(pairs) => {
                for (key, value) in pairs {
                    walk(key, text, into);
                    walk(value, text, into);
                }
            }
        }
    }
    let mut into = Vec::new();
    for document in &loaded(text, NATIVE).documents {
        walk(document, text, &mut into);
    }
    into
}

// ---- values ------------------------------------------------------------------------------------

#[test]
fn maps_lists_and_scalars() {
    assert_eq!(
        shown(
            "a: 1\nb:\n- x\n- 'y''s'\nc: {d: \"e\\n\", f: [g]}\n",
            NATIVE
        ),
        "{<a>: <1>, <b>: [<x>, <y's>], <c>: {<d>: <e\n>, <f>: [<g>]}}"
    );
}

#[test]
fn blocks_and_folded_lines() {
    assert_eq!(
        shown("a: |\n  x\n   y\nb: >-\n  p\n  q\nc: r\n  s\n", NATIVE),
        "{<a>: <x\n y\n>, <b>: <p q>, <c>: <r s>}"
    );
}

#[test]
fn a_block_ends_as_the_file_does() {
    assert_eq!(shown("a: |\n  x", NATIVE), "{<a>: <x>}");
    assert_eq!(shown("a: |\n  x\n", NATIVE), "{<a>: <x\n>}");
    assert_eq!(shown("a: >-\n  x", NATIVE), "{<a>: <x>}");
    assert_eq!(shown("- |\n  x\n  y", NATIVE), "[<x\ny>]");
}

#[test]
fn empty_documents_are_left_out() {
    assert_eq!(shown("", NATIVE), "");
    assert_eq!(shown("# only a comment\n", NATIVE), "");
    assert_eq!(shown("---\n---\na: b\n---\n...\n", NATIVE), "{<a>: <b>}");
    assert_eq!(
        shown("a: b\n---\nc: d\n", NATIVE),
        "{<a>: <b>} --- {<c>: <d>}"
    );
}

#[test]
fn a_byte_order_mark_and_windows_line_ends() {
    let text = "\u{FEFF}a: é\r\nb: 'c'\r\n";
    assert_eq!(shown(text, NATIVE), "{<a>: <é>, <b>: <c>}");
    assert_eq!(places(text)[1..], ["a", "é", "b", "'c'"]);
}

#[test]
fn texts_that_stand_in_the_file_are_borrowed() {
    use std::borrow::Cow;
    let loaded = loaded("[plain words, 'q', \"d\", 'it''s', \"\\x41\", '']", NATIVE);
    let borrowed: Vec<bool> = loaded.documents[0]
        .as_sequence()
        .expect("a list")
        .iter()
        .map(|node| matches!(node.as_scalar().expect("scalar").text, Cow::Borrowed(_)))
        .collect();
    assert_eq!(borrowed, [true, true, true, false, false, true]);
}

// ---- places ------------------------------------------------------------------------------------

#[test]
fn spans_cover_quotes_and_nothing_behind_them() {
    assert_eq!(
        places("é: 'a''b'  # c\nü: \"x\\\"\"   # d\nö: 'q'''\nä: p q   # e\nß: []\n")[1..],
        [
            "é",
            "'a''b'",
            "ü",
            "\"x\\\"\"",
            "ö",
            "'q'''",
            "ä",
            "p q",
            "ß",
            "[]"
        ]
    );
}

#[test]
fn collections_end_with_their_last_item() {
    assert_eq!(
        places("a:\n  - b\n  - |\n    c\n\n\nd: {e: f}  # g\n"),
        [
            "a:\n  - b\n  - |\n    c\n\n\nd: {e: f}",
            "a",
            "- b\n  - |\n    c",
            "b",
            "c",
            "d",
            "{e: f}",
            "e",
            "f"
        ]
    );
}

#[test]
fn a_missing_value_is_behind_its_colon() {
    let loaded = loaded("a:\n\n# c\nb: 1\n", NATIVE);
    let span = loaded.documents[0].get("a").expect("there").span;
    assert_eq!((span.start, span.end), (2, 2));
}

#[test]
fn anchors_and_tags_are_not_part_of_a_value() {
    assert_eq!(
        places("a: &x !!str 'b'\nc: &y\n  d: e\nf: !!seq [g]\n")[1..],
        ["a", "'b'", "c", "d: e", "d", "e", "f", "[g]", "g"]
    );
}

// ---- anchors, aliases, merges --------------------------------------------------------------------

#[test]
fn an_alias_repeats_its_anchor() {
    let text = "a: &x [1, 2]\nb: *x\n";
    assert_eq!(shown(text, NATIVE), "{<a>: [<1>, <2>], <b>: [<1>, <2>]}");
    assert_eq!(places(text)[5..7], ["b", "*x"]);
    assert_eq!(shown("&k a: 1\nb: *k\n", NATIVE), "{<a>: <1>, <b>: <a>}");
}

#[test]
fn an_alias_sees_only_its_own_document() {
    assert_eq!(
        refused("&a x: 1\n---\ny: *a\n", NATIVE),
        (Code::YamlSyntax, "*a")
    );
    assert_eq!(
        refused("a: &a\n  - *a\n", NATIVE),
        (Code::RecursiveAlias, "*a")
    );
}

#[test]
fn a_forgotten_quote_is_no_anchor() {
    for dialect in [NATIVE, PYSIGMA] {
        assert_eq!(
            refused("a: &b.exe' x\n", dialect),
            (Code::YamlSyntax, "&b.exe'")
        );
        assert_eq!(refused("a: &b.c [d]\n", dialect).1, "&b.c");
        assert_eq!(refused("&b|c: d\n", dialect).1, "&b|c:");
    }
    assert_eq!(refused("a: !!str &calc\n", NATIVE).1, "&calc");
    assert_eq!(shown("a: &calc\nb: *calc\n", PYSIGMA), "{<a>: <>, <b>: <>}");
}

#[test]
fn merged_keys_give_way_to_written_ones() {
    let base = "b: &b {x: 1, y: 2}\nc: &c {y: 3, z: 4}\n";
    let merged = |rest: &str| {
        let text = format!("{base}m:\n{rest}");
        let loaded = loaded(&text, PYSIGMA);
        show(loaded.documents[0].get("m").expect("there"))
    };
    // Orders as in PyYAML 6.0.
    assert_eq!(
        merged("  y: 9\n  <<: *b\n  w: 0\n"),
        "{<x>: <1>, <y>: <9>, <w>: <0>}"
    );
    assert_eq!(merged("  <<: [*b, *c]\n"), "{<y>: <2>, <z>: <4>, <x>: <1>}");
    assert_eq!(
        merged("  <<: *b\n  <<: *c\n"),
        "{<x>: <1>, <y>: <3>, <z>: <4>}"
    );
    assert_eq!(merged("  '<<': *b\n"), "{<<<>: {<x>: <1>, <y>: <2>}}");
}

#[test]
fn a_merge_needs_maps() {
    assert_eq!(refused("<<: x\n", NATIVE), (Code::MergeValue, "x"));
    assert_eq!(
        refused("<<: [{a: b}, y]\n", NATIVE),
        (Code::MergeValue, "y")
    );
}

// ---- keys ----------------------------------------------------------------------------------------

#[test]
fn a_duplicate_key_is_an_error_with_both_places() {
    let text = "a: 1\nb: 2\n'a': 3\n";
    let error = error(text, NATIVE);
    let labels: Vec<&str> = error
        .labels
        .iter()
        .map(|label| &text[label.span.range()])
        .collect();
    assert_eq!((error.code, labels), (Code::DuplicateKey, vec!["'a'", "a"]));
}

#[test]
fn the_last_value_takes_the_first_place_where_the_dialect_says_so() {
    let loaded = loaded("a: 1\nb: 2\na: 3\n", PYSIGMA);
    assert_eq!(show(&loaded.documents[0]), "{<a>: <3>, <b>: <2>}");
    assert_eq!(loaded.warnings.len(), 1);
    assert_eq!(loaded.warnings[0].code, Code::DuplicateKey);
    assert!(!loaded.warnings[0].is_error());
}

#[test]
fn in_python_a_number_and_its_text_are_two_keys() {
    assert_eq!(shown("1: a\n'1': b\n", PYSIGMA), "{<1>: <a>, <1>: <b>}");
    assert_eq!(refused("1: a\n'1': b\n", NATIVE).0, Code::DuplicateKey);
}

#[test]
fn duplicates_are_found_among_many_keys() {
    let keys: Vec<String> = (0..100).map(|i| format!("k{i}: {i}\n")).collect();
    let mut text = keys.concat();
    assert_eq!(yaml::load(&text, NATIVE).error, None);
    text.push_str("k42: x\n");
    assert_eq!(refused(&text, NATIVE), (Code::DuplicateKey, "k42"));
}

#[test]
fn keys_are_scalars() {
    assert_eq!(
        refused("[a, b]: c\n", NATIVE),
        (Code::KeyNotScalar, "[a, b]")
    );
    assert_eq!(
        refused("? {a: b}\n: c\n", NATIVE),
        (Code::KeyNotScalar, "{a: b}")
    );
    assert_eq!(refused("a: &x [1]\n*x : c\n", NATIVE).0, Code::KeyNotScalar);
    assert_eq!(refused("a: b\n: c\n", NATIVE), (Code::KeyNotScalar, ""));
    assert_eq!(shown("'': c\n", NATIVE), "{<>: <c>}");
}

// ---- tags and reserved values --------------------------------------------------------------------

#[test]
fn foreign_tags_are_refused() {
    assert_eq!(refused("a: !foo b\n", NATIVE), (Code::ForeignTag, "!foo"));
    assert_eq!(
        refused("a: !!python/name:os.system x\n", NATIVE).0,
        Code::ForeignTag
    );
    assert_eq!(refused("a: !!binary aGk=\n", NATIVE).0, Code::ForeignTag);
    assert_eq!(refused("a: !foo [b]\n", NATIVE), (Code::ForeignTag, "!foo"));
    assert_eq!(refused("a: !!str [b]\n", NATIVE).0, Code::ForeignTag);
}

#[test]
fn core_tags_are_kept_and_checked() {
    use varsigma::yaml::Tag;
    let loaded = loaded(
        "[!!int '7', !!str 7, ! 7, !<tag:yaml.org,2002:float> 7]",
        NATIVE,
    );
    let tags: Vec<_> = loaded.documents[0]
        .as_sequence()
        .expect("a list")
        .iter()
        .map(|node| node.as_scalar().expect("scalar").tag)
        .collect();
    assert_eq!(
        tags,
        [
            Some(Tag::Int),
            Some(Tag::Str),
            Some(Tag::Str),
            Some(Tag::Float)
        ]
    );
    assert_eq!(refused("a: !!int x\n", NATIVE), (Code::TagValue, "x"));
}

#[test]
fn yaml_1_1_has_no_value_for_equals_signs() {
    assert_eq!(refused("a: =\n", PYSIGMA), (Code::SpecialValue, "="));
    assert_eq!(refused("a: [<<]\n", PYSIGMA), (Code::SpecialValue, "<<"));
    assert_eq!(shown("a: =\n", NATIVE), "{<a>: <=>}");
    assert_eq!(shown("=: '='\n", PYSIGMA), "{<=>: <=>}");
}

// ---- what can't be read --------------------------------------------------------------------------

#[test]
fn common_mistakes_are_named() {
    for (text, place, words) in [
        ("a: b: c\n", ":", "contains `: `"),
        ("a: *\\cmd.exe\n", "*", "wildcard"),
        ("a: *.exe\n", "*", "wildcard"),
        ("a: %TEMP%\n", "%", "single quotes"),
        ("a: @x\n", "@", "single quotes"),
        ("a: `x`\n", "`", "single quotes"),
        ("a: 'x\nb: y\n", "'", "close the quote"),
        ("a: \"x\n", "\"", "close the quote"),
        ("a: 'x' y\n", "y", "whole value"),
        (
            "a: \"C:\\Windows\"\n",
            "\"",
            "single quotes, which keep backslashes",
        ),
        ("a:\n\tb: c\n", "\t", "spaces"),
        ("a: [b, c\nd: e\n", ":", "bracket"),
        ("a: b\nc\nd: e\n", "d", "blank after the colon"),
        ("a:\n  - b\n c: d\n", "c", "one column"),
        ("a: !x!y z\n", "!", "begins a tag"),
    ] {
        let error = error(text, NATIVE);
        assert_eq!(error.code, Code::YamlSyntax, "{text}");
        let span = error.span().expect("a place");
        let help = error.help.join(" ");
        assert!(help.contains(words), "{text:?}: {} / {help}", error.message);
        assert_eq!(&text[span.range()], place, "{text:?}: {}", error.message);
    }
}

#[test]
fn control_characters_are_refused() {
    for text in [
        "a: b\0c\n",
        "a: \u{1b}[31m\n",
        "é: \u{85}\u{9b}\n",
        "a: \u{FFFE}\n",
        "a: \u{7f}",
    ] {
        let (code, place) = refused(text, NATIVE);
        assert_eq!(code, Code::YamlSyntax);
        assert!(
            !place.contains(char::is_alphanumeric),
            "{text:?}: {place:?}"
        );
    }
    assert_eq!(shown("a: \"\\e\"\n", NATIVE), "{<a>: <\u{1b}>}");
}

#[test]
fn documents_before_an_error_are_kept() {
    let loaded = yaml::load("a: b\n---\nc: 'd\n", NATIVE);
    assert_eq!(loaded.documents.len(), 1);
    assert!(loaded.error.is_some());
}

// ---- hostile texts -------------------------------------------------------------------------------

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}x{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(yaml::load(&nested(MAX_DEPTH), NATIVE).error, None);
    assert_eq!(refused(&nested(MAX_DEPTH + 1), NATIVE).0, Code::YamlTooDeep);
    assert_eq!(refused(&"- ".repeat(100_000), NATIVE).0, Code::YamlTooDeep);
    assert_eq!(refused(&"[".repeat(100_000), NATIVE).0, Code::YamlTooDeep);
    assert_eq!(
        refused(&"{a: ".repeat(100_000), NATIVE).0,
        Code::YamlTooDeep
    );
}

#[test]
fn depth_is_bounded_through_aliases() {
    let mut text = String::from("a0: &a0 [[x]]\n");
    for i in 1..40 {
        writeln!(text, "a{i}: &a{i} [[*a{}]]", i - 1).expect("a String takes all");
    }
    assert_eq!(refused(&text, NATIVE).0, Code::YamlTooDeep);
}

#[test]
fn a_billion_laughs_end_early() {
    let mut text = String::from("a0: &a0 ha\n");
    for i in 1..20 {
        let aliases = vec![format!("*a{}", i - 1); 10].join(", ");
        writeln!(text, "a{i}: &a{i} [{aliases}]").expect("a String takes all");
    }
    assert_eq!(refused(&text, NATIVE).0, Code::YamlTooLarge);
}

#[test]
fn repeated_long_texts_end_early() {
    let long = format!("\"{}\\n\"", "x".repeat(100_000));
    let text = format!("a: &a {long}\nb: [{}]\n", "*a, ".repeat(1000));
    assert_eq!(refused(&text, NATIVE).0, Code::YamlTooLarge);
}

#[test]
fn size_is_bounded() {
    let text = format!("#{}\n", "x".repeat(yaml::MAX_BYTES));
    assert_eq!(error(&text, NATIVE).code, Code::YamlTooLarge);
}

#[test]
fn anything_at_all_loads_or_is_refused() {
    // Every truncation of a text with all constructs, and every single-byte slip in it.
    let text = "é: &a [1, 'b''c', \"d\\u00e9\\n\"]\nf: *a\n? g\n: !!str h\ni: |+2\n  j\n\n---\n<<: {k: >-\n l}\n...\n%YAML 1.2\n---\n- - m # n\n";
    for end in (0..=text.len()).filter(|&end| text.is_char_boundary(end)) {
        check(&text[..end]);
        for slip in [
            '\t', ':', '-', '\'', '"', '[', '}', '&', '*', '!', '|', '%', '\r', '\u{FEFF}', '€',
            ' ',
        ] {
            let rest = text[end..]
                .chars()
                .next()
                .map_or("", |c| &text[end + c.len_utf8()..]);
            check(&format!("{}{slip}{rest}", &text[..end]));
        }
    }
}

fn check(text: &str) {
    for dialect in [NATIVE, PYSIGMA] {
        let loaded = yaml::load(text, dialect);
        for document in &loaded.documents {
            assert!(text.get(document.span.range()).is_some());
        }
        for diagnostic in loaded.error.iter().chain(&loaded.warnings) {
            let span = diagnostic.span().expect("every diagnostic has a place");
            assert!(text.get(span.range()).is_some(), "{text:?}: {diagnostic:?}");
        }
    }
}
