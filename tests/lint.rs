//! What `lint` finds over several rules, and on the cases of other stages. Its own cases are
//! `tests/snapshots/lint.rs`.

#[path = "snapshots/snapshot.rs"]
#[expect(dead_code, reason = "the snapshots use the rest")]
mod snapshot;

use snapshot::{folder, rule_files};
use varsigma::attack::Attack;
use varsigma::diagnostic::Code;
use varsigma::dialect::Dialect;
use varsigma::lint::{Names, Run, lint_document};
use varsigma::parse;
use varsigma::source::Span;

#[test]
fn an_id_is_one_rules() {
    let mut run = Run::default();
    let (first, second) = (Span::new(4, 8), Span::new(40, 44));
    assert_eq!(run.check((0, "a.yml"), "1-2", first), None);
    // What is global is every rule's of the collection.
    assert_eq!(run.check((0, "a.yml"), "1-2", first), None);
    assert_eq!(run.check((1, "b.yml"), "1-3", first), None);
    for (file, span) in [((0, "a.yml"), second), ((1, "b.yml"), first)] {
        let said = run.check(file, "1-2", span).expect("it is known");
        assert_eq!(said.code, Code::RepeatedId);
        assert!(
            said.message.ends_with("a rule in a.yml"),
            "{}",
            said.message
        );
    }
    // Texts have no names.
    let mut run = Run::default();
    assert_eq!(run.check((0, ""), "1-2", first), None);
    let said = run.check((1, ""), "1-2", first).expect("it is known");
    assert!(said.message.ends_with("another rule"), "{}", said.message);
}

#[test]
fn the_cases_of_conversion_can_be_checked() {
    let (attack, names) = (Attack::built_in(), Names::built_in());
    for file in rule_files(&folder("tests/cases")) {
        let text = std::fs::read_to_string(&file).expect("cases are UTF-8");
        for parsed in parse::parse(&text, &Dialect::SPECIFICATION) {
            if let Some(document) = parsed.document {
                for said in lint_document(&document, &text, &attack, &names) {
                    assert!(!said.is_error());
                    assert!(text.get(said.span().expect("a place").range()).is_some());
                }
            }
        }
    }
}
