use super::*;
mod complexity;
mod determinize;
mod oracle;

use crate::backend::regex::{FlagScope, RegexDialect};
use crate::rule::{Part, Pattern, Regex, RegexFlags};

fn regex<'t>(text: &'t str, flags: &str) -> Regex<'t> {
    Regex {
        pattern: Pattern::literal(text),
        flags: RegexFlags {
            ignore_case: flags.contains('i'),
            multi_line: flags.contains('m'),
            dot_all: flags.contains('s'),
        },
    }
}

fn say(text: &str, flags: &str, family: &str) -> String {
    let dialect = RegexDialect::of_family(family).unwrap();
    let parsed = parse(&regex(text, flags)).unwrap();
    match render(&parsed, &dialect) {
        Ok(rendered) => rendered.text,
        Err(refusal) => format!("refused at {:?}: {}", refusal.span.range(), refusal.message),
    }
}

#[test]
fn simple_text_stays_as_it_is_written() {
    for text in [
        r"net\s+user",
        r"(?:/c|/r).+clip(?:\.exe)?.{0,4}&&",
        r"[a-f0-9]{4,8}\.(?:[a-z0-9\-]+\.){2}x",
        r"^[a-zA-Z]:\\windows\\temp\\[a-zA-Z0-9]{10}\.exe",
        r"(?i)\\(venv|python(.+)?)\\lib",
        r"(?i)^x",
        r"a{2,}?b+?\bfoo\B",
    ] {
        assert_eq!(say(text, "", "pcre"), text);
        // RE2's `\s` has no vertical tab.
        let text = text.replace(r"\s", r"[ \t-\r]");
        assert_eq!(say(&text, "", "re2"), text);
    }
}

#[test]
fn an_engine_of_ascii_gets_the_numbers_of_other_characters() {
    let mut dialect = RegexDialect::of_family("java").unwrap();
    dialect.ascii = true;
    let parsed = parse(&regex("[ä-ö]–😀\u{7}x", "")).unwrap();
    assert_eq!(
        render(&parsed, &dialect).unwrap().text,
        r"[\x{E4}-\x{F6}]\x{2013}\x{1F600}\x{7}x"
    );
}

#[test]
fn needless_escapes_go() {
    assert_eq!(
        say(r#"\/c \"x\" \x41 \u0042 \Qa.b\E"#, "", "re2"),
        r#"/c "x" A B a\.b"#
    );
    assert_eq!(
        say(r"x{ {a} []a] [[a] [a&&b]", "", "rust"),
        r"x\{ \{a\} [\]a] [\[a] [a\&\&b]"
    );
}

#[test]
fn flags_go_in_front_into_groups_or_into_classes() {
    assert_eq!(say("a1[b-d]", "i", "re2"), "(?i)a1[b-d]");
    assert_eq!(say("a1[b-d]", "i", "postgres"), "(?i)a1[b-d]");
    assert_eq!(say("a1[b-d]", "i", "lucene"), ".*[aA]1[b-dB-D].*");
    assert_eq!(say("ä", "i", "lucene"), ".*[äÄ].*");
    assert_eq!(say("a(?i)bc", "", "re2"), "a(?i:bc)");
    assert_eq!(say("a(?i)bc", "", "postgres"), "a[bB][cC]");
    assert_eq!(say("(?i:a-b)c", "", "java"), "(?iu:(?:a-b))c");
    assert_eq!(say("^a.b$", "ms", "re2"), "(?ms)^a.b$");
    assert_eq!(say("^a$", "m", "postgres"), "(?w)^a$");
    assert_eq!(say("^a", "i", "python"), "(?i)^a");
    assert_eq!(say(r"\da", "i", "python"), r"(?ai)\da");
}

#[test]
fn flags_follow_where_a_dialect_has_them_there() {
    let mut dialect = RegexDialect::of_family("re2").unwrap();
    dialect.flags = FlagScope::After;
    dialect.dot_all = "d".to_owned();
    let say = |text, flags| {
        let rendered = render(&parse(&regex(text, flags)).unwrap(), &dialect).unwrap();
        (rendered.text, rendered.flags)
    };
    let said = |text: &str, flags: &str| (text.to_owned(), flags.to_owned());
    assert_eq!(say("a.b", ""), said("a.b", ""));
    assert_eq!(say("(?i)a|b", ""), said("a|b", "i"));
    assert_eq!(say("^a.b$", "ims"), said("^a.b$", "imd"));
    assert_eq!(say("a(?i)b", ""), said("a[bB]", ""));
    assert_eq!(say("a.(?s).", ""), said(r"a.(?:.|\n)", ""));
}

#[test]
fn the_dot_and_the_newline() {
    assert_eq!(say("a.b", "", "re2"), "a.b");
    assert_eq!(say("a.b", "", "java"), "(?d)a.b");
    assert_eq!(say("a.b", "", "postgres"), r"a[^\n]b");
    assert_eq!(say("a.b", "s", "postgres"), "a.b");
    assert_eq!(say("a.(?s)b.", "", "re2"), "a.b(?s:.)");
    let mut clickhouse = RegexDialect::of_family("re2").unwrap();
    clickhouse.dot_matches_newline = true;
    let parsed = parse(&regex("a.b", "")).unwrap();
    assert_eq!(render(&parsed, &clickhouse).unwrap().text, "(?-s)a.b");
}

#[test]
fn the_end_forgives_a_last_newline() {
    assert_eq!(say("a$", "", "pcre"), "a$");
    assert_eq!(say("a$", "", "re2"), r"a\n?$");
    assert_eq!(say(r"a\z", "", "pcre"), r"a\z");
    assert_eq!(say(r"a\Z", "", "postgres"), r"a\n?$");
    assert_eq!(say("a|b$|(?:c|$)", "", "re2"), r"a|b\n?$|(?:c|\n?$)");
}

#[test]
fn anchored_engines_get_their_surroundings() {
    for (text, expected) in [
        ("a|b", ".*(a|b).*"),
        ("^a|b", "a.*|.*b.*"),
        ("^abc$", "abc"),
        ("^$", ""),
        ("", ".*"),
        ("^", ".*"),
        (".*a.*", ".*a.*"),
        ("(?:^|-)a", "(.*-)?a.*"),
        ("a(?:-|$)", ".*a(-.*)?"),
        ("^(a|b)$", "(a|b)"),
        ("(^a|b$)", "(a.*|.*b)"),
    ] {
        assert_eq!(say(text, "", "lucene"), expected, "{text}");
    }
    assert_eq!(say(r"<a>#@&~\/", "", "lucene"), r".*\<a\>\#\@\&\~\/.*");
    assert_eq!(say(r"\d\S", "", "lucene"), ".*[0-9][^\t-\r ].*");
}

#[test]
fn a_departure_is_told() {
    let lucene = RegexDialect::of_family("lucene").unwrap();
    let rendered = render(&parse(&regex("a.b.c$", "")).unwrap(), &lucene).unwrap();
    assert_eq!(rendered.text, ".*a.b.c");
    assert_eq!(rendered.departures.len(), 2, "{:?}", rendered.departures);
    let exact = render(&parse(&regex("^a.b", "s")).unwrap(), &lucene).unwrap();
    assert!(exact.departures.is_empty());
}

/// Java has a name of its own for scripts, and ASCII's letters alone for `\p{Lower}`.
#[cfg(feature = "unicode")]
#[test]
fn properties_that_an_engine_does_not_know_are_spelled_out() {
    for family in ["java", "re2"] {
        let say = |text: &str| say(text, "", family).replace("(?d)", "");
        assert_eq!(say(r"^\p{L}[\p{Lu}-]\pN"), r"^[\p{L}][\p{Lu}\-][\pN]");
        assert_eq!(say(r"^\p{Ogham}"), "^[\u{1680}-\u{169c}]");
        assert_eq!(say(r"^[^\p{sc=Ogham}a]"), "^[^a\u{1680}-\u{169c}]");
        assert!(!say(r"^\p{Lower}").contains("Lower"));
    }
    assert_eq!(say(r"^\p{Ogham}", "", "rust"), r"^[\p{Ogham}]");
}

/// The crate finds an empty match there, gives it up, and with it what began before.
#[test]
fn no_edge_is_between_the_bytes_of_a_letter() {
    let rendered = say(r"(?:\B){2}|ä", "", "rust");
    let found = regex::Regex::new(&rendered).unwrap();
    for (text, expected) in [
        ("käk", true),
        ("kÄk", false),
        ("k", false),
        ("kk", true),
        ("", true),
    ] {
        assert_eq!(found.is_match(text), expected, "{text}");
    }
}

#[test]
fn what_an_engine_lacks_is_refused_at_its_place() {
    for (text, family, expected) in [
        (
            "a(?=b)",
            "re2",
            "refused at 1..6: RE2 has no look-ahead: found a look-ahead",
        ),
        (
            "(?<!a)b",
            "rust",
            "refused at 0..6: Rust regex has no look-behind: found a negative look-behind",
        ),
        (
            r"(a)\1",
            "re2",
            r"refused at 3..5: RE2 has no back-references: found a back-reference",
        ),
        (
            "a++",
            "python",
            "refused at 1..3: Python has no possessive repetition: found a possessive repetition",
        ),
        (
            r"\bfoo",
            "lucene",
            "refused at 0..2: Lucene has no word boundaries",
        ),
        (
            "a^b",
            "lucene",
            "refused at 1..2: Lucene has no `^` but at the start of the expression",
        ),
        (
            "(?R)",
            "java",
            "refused at 0..4: Java has no PCRE's own extensions: found a recursion",
        ),
    ] {
        let said = say(text, "", family);
        let tail = |text: &str| text.split(": ").last().unwrap_or_default().to_owned();
        assert_eq!(tail(&said), tail(expected), "{text}");
        assert!(said.starts_with("refused"), "{said}");
    }
    assert_eq!(
        say(r"a(?=b)(?<n>x)\k<n>a++", "", "pcre"),
        r"a(?=b)(x)(?:\1)a++"
    );
}

#[test]
fn great_bounds_are_split() {
    assert_eq!(say(".{1000,}", "", "re2"), ".{1000,}");
    assert_eq!(say("a{1500}", "", "re2"), "a{1000}a{500}");
    assert_eq!(
        say("a{5,2500}", "", "re2"),
        "a{5}a{0,1000}a{0,1000}a{0,495}"
    );
    assert!(say("(a{100}){100}", "", "re2").starts_with("refused"));
}

#[test]
fn what_is_no_expression_is_the_rule_s_error() {
    for (text, at, message) in [
        ("a**", 2..3, "a second one"),
        ("*a", 0..1, "`*` to repeat, found nothing"),
        ("a|*", 2..3, "`*` to repeat, found nothing"),
        ("(a", 0..1, "expected `)`"),
        ("a)", 1..2, "closes no group"),
        ("[a", 0..1, "expected `]`"),
        (
            "[z-a]",
            1..4,
            "expected `a` before `z` in the range, found `z-a`",
        ),
        ("a{3,2}", 1..6, "smaller number first"),
        ("a\\", 1..2, "after the last backslash"),
        (r"\y", 0..2, r"found `\y`"),
        (r"\1", 0..2, "a reference to none"),
        ("(?z)", 2..3, "expected a flag"),
        ("[[:foo:]]", 1..8, "POSIX"),
        (r"\p{Foo}", 0..7, "property"),
        ("^*", 1..2, "found a place"),
        ("(?<a>x)(?<a>y)", 7..12, "a new name"),
    ] {
        let invalid = parse(&regex(text, "")).unwrap_err();
        assert!(
            invalid.message.contains(message),
            "{text}: {}",
            invalid.message
        );
        assert_eq!(invalid.span.range(), at, "{text}");
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = "(".repeat(100_000);
    assert!(
        parse(&regex(&deep, ""))
            .unwrap_err()
            .message
            .contains("deep")
    );
}

#[test]
fn wildcards_become_expressions() {
    let mut pattern = Pattern::default();
    pattern.push(Part::Any);
    pattern.push(Part::Literal(r"\a.".into()));
    pattern.push(Part::One);
    let say = |family: &str, case| {
        let dialect = RegexDialect::of_family(family).unwrap();
        render(&from_pattern(&pattern, case), &dialect)
            .unwrap()
            .text
    };
    assert_eq!(say("re2", Case::Ignored), r"(?is)^.*\\a\..$");
    assert_eq!(say("re2", Case::Exact), r"(?s)^.*\\a\..$");
    assert_eq!(say("lucene", Case::Ignored), r".*\\[aA]\..");
    assert_eq!(say("pcre", Case::Exact), r"(?s)^.*\\a\..\z");
}
