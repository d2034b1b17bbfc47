//! `tests/lint/<case>.yml`, a rule that something is to be said of, gives the warnings of
//! `snapshots/lint/<case>.snap`.

#[allow(dead_code, reason = "it is shared with tests that convert")]
mod snapshot;

use snapshot::{Snapshots, folder, rule_files};
use std::collections::BTreeSet;
use std::path::Path;
use varsigma::attack::Attack;
use varsigma::diagnostic::{Code, Diagnostic, render};
use varsigma::dialect::Dialect;
use varsigma::lint::{Names, Run, Subject, lint};
use varsigma::parse;
use varsigma::rule::Document;
use varsigma::source::{Source, Span};

fn found(text: &str, attack: &Attack, names: &Names) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for parsed in parse::parse(text, &Dialect::SPECIFICATION) {
        let Some(Document::Rule(rule)) = parsed.document else {
            panic!("it is a rule: {:?}", parsed.diagnostics);
        };
        let rule = &rule;
        found.extend(lint(&Subject {
            rule,
            text,
            attack,
            names,
        }));
    }
    found
}

fn name(file: &Path) -> &str {
    let name = file.file_stem().and_then(|stem| stem.to_str());
    name.expect("a file's name")
}

#[test]
fn rules_are_told_as_their_snapshots_show() {
    let (attack, names) = (Attack::built_in(), Names::built_in());
    let mut snapshots = Snapshots::new("lint");
    let mut codes = BTreeSet::new();
    for file in rule_files(&folder("tests/lint")) {
        let text = std::fs::read_to_string(&file).expect("cases are UTF-8");
        assert!(text.starts_with("# "), "{}", file.display());
        let path = format!("tests/lint/{}.yml", name(&file));
        let source = Source::new(&path, &text);
        let found = found(&text, &attack, &names);
        assert_eq!(found.is_empty(), name(&file) == "clean", "{path}");
        let shown: Vec<String> = found
            .iter()
            .map(|said| render::human(&source, said, false))
            .collect();
        snapshots.check(name(&file), shown.join("\n").trim_end());
        codes.extend(found.iter().map(|said| said.code));
    }
    let failed = snapshots.finish();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    // Every code of a single rule has a case.
    let of_lint = |code: &&Code| code.number().starts_with("VS11") && **code != Code::RepeatedId;
    for code in Code::ALL.iter().filter(of_lint) {
        assert!(codes.contains(code), "{code} has no case");
    }
}

#[test]
fn an_id_is_one_rules() {
    let mut run = Run::default();
    let (first, second) = (Span::new(4, 8), Span::new(40, 44));
    assert_eq!(run.check("a.yml", "1-2", first), None);
    // What is global is every rule's of the collection.
    assert_eq!(run.check("a.yml", "1-2", first), None);
    assert_eq!(run.check("b.yml", "1-3", first), None);
    for (path, span) in [("a.yml", second), ("b.yml", first)] {
        let said = run.check(path, "1-2", span).expect("it is known");
        assert_eq!(said.code, Code::RepeatedId);
        assert!(
            said.message.ends_with("a rule in a.yml"),
            "{}",
            said.message
        );
    }
}

#[test]
fn the_cases_of_conversion_can_be_checked() {
    let (attack, names) = (Attack::built_in(), Names::built_in());
    for file in rule_files(&folder("tests/cases")) {
        let text = std::fs::read_to_string(&file).expect("cases are UTF-8");
        for parsed in parse::parse(&text, &Dialect::SPECIFICATION) {
            if let Some(Document::Rule(rule)) = parsed.document {
                for said in lint(&Subject {
                    rule: &rule,
                    text: &text,
                    attack: &attack,
                    names: &names,
                }) {
                    assert!(!said.is_error());
                    assert!(text.get(said.span().expect("a place").range()).is_some());
                }
            }
        }
    }
}
