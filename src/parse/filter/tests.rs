use super::*;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::parse::{Parsed, parse};
use crate::rule::{ConditionExpr, Document};

fn document(section: &str) -> String {
    let lines: Vec<String> = section.lines().map(|line| format!("  {line}")).collect();
    format!(
        "title: t\nlogsource: {{product: p}}\nfilter:\n{}\n",
        lines.join("\n")
    )
}

fn read<'s>(text: &'s str, dialect: &Dialect) -> Parsed<'s> {
    parse(text, dialect).remove(0)
}

fn filter(text: &str) -> Filter<'_> {
    let parsed = read(text, &Dialect::SPECIFICATION);
    assert_eq!(parsed.diagnostics, [], "{text}");
    match parsed.document {
        Some(Document::Filter(filter)) => *filter,
        other => panic!("{other:?} of {text}"),
    }
}

/// A filter with an error has a document, too: the rules that it is for fail with it.
fn is_sound(parsed: &Parsed<'_>) -> bool {
    parsed.document.is_some() && !parsed.diagnostics.iter().any(Diagnostic::is_error)
}

#[test]
fn selections_and_the_condition_are_read() {
    let text = document(
        "rules: [a, b]\nsel_a: {User|startswith: adm}\nsel_b: [x, y]\ncondition: not 1 of sel_*",
    );
    let read = filter(&text);
    let FilterRules::Named(rules) = &read.rules else {
        panic!("names");
    };
    assert_eq!(rules.len(), 2);
    assert_eq!(read.rule.detection.named.len(), 2);
    let condition = &read.rule.detection.conditions[0];
    assert!(matches!(condition.expr, ConditionExpr::Not(..)));
    assert!(text[read.span.range()].starts_with("rules"));
}

#[test]
fn any_is_a_word_in_any_case() {
    for word in ["any", "ANY", "'Any'"] {
        let text = document(&format!("rules: {word}\ns: {{A: b}}\ncondition: not s"));
        let FilterRules::Any(span) = filter(&text).rules else {
            panic!("any");
        };
        assert_eq!(&text[span.range()], word);
    }
}

#[test]
fn a_log_source_of_ones_own_is_one() {
    let text =
        "title: t\nlogsource: {team: blue}\nfilter: {rules: a, s: {A: b}, condition: not s}\n";
    assert_eq!(filter(text).rule.logsource.custom.len(), 1);
    assert!(!is_sound(&read(text, &Dialect::PYSIGMA)));
}

#[test]
fn faults_have_codes() {
    let rest = "s: {A: b}\ncondition: not s";
    for (text, expected) in [
        (document(rest), vec!["VS0202"]),
        (document(&format!("rules: []\n{rest}")), vec!["VS1203"]),
        (
            document(&format!("rules: {{a: b}}\n{rest}")),
            vec!["VS0203"],
        ),
        (document(&format!("rules: [any]\n{rest}")), vec!["VS1217"]),
        (document("rules: any\ns: {A: b}"), vec!["VS0202"]),
        (
            document("rules: any\ns: {A: b}\ncondition: [not s]"),
            vec!["VS1216"],
        ),
        (
            document("rules: any\ns: {A: b}\ncondition: s | count() > 5"),
            vec!["VS1216"],
        ),
        (
            document("rules: any\ns: {A: b}\ncondition: not t"),
            vec!["VS0502"],
        ),
        (
            document("rules: any\ncondition: not t"),
            vec!["VS0302", "VS0502"],
        ),
        (
            "title: t\nfilter: {rules: any, s: {A: b}, condition: not s}\n".to_owned(),
            vec!["VS0202"],
        ),
        (
            "title: t\nlogsource: {}\nfilter: {rules: any, s: {A: b}, condition: not s}\n"
                .to_owned(),
            vec!["VS0205"],
        ),
        (
            format!(
                "{}detection: {{s: {{A: b}}, condition: s}}\n",
                document(&format!("rules: a\n{rest}"))
            ),
            vec!["VS1215"],
        ),
    ] {
        let parsed = read(&text, &Dialect::SPECIFICATION);
        let codes = parsed.diagnostics.iter().map(|found| found.code.number());
        assert_eq!(codes.collect::<Vec<_>>(), expected, "{text}");
        let is_warning = expected == ["VS1217"];
        assert_eq!(is_sound(&parsed), is_warning, "{text}");
    }
}

#[test]
fn pysigma_reads_otherwise() {
    for (section, is_read) in [
        ("rules: []\ns: {A: b}\ncondition: not s", true),
        ("rules: Any\ns: {A: b}\ncondition: not s", true),
        ("rules: any\ns: {A: b}\ncondition: NOT s", false),
        ("rules: any\n_s: {A: b}\ncondition: not _s", false),
        ("rules: any\n1s: {A: b}\ncondition: not 1s", false),
        ("rules: any\ns: {A: b}\ncondition: not 1 of *", true),
    ] {
        let text = document(section);
        let parsed = read(&text, &Dialect::PYSIGMA);
        assert_eq!(
            is_sound(&parsed),
            is_read,
            "{section} {:?}",
            parsed.diagnostics
        );
    }
}
