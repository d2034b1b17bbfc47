//! `tests/lint/<case>.yml`, a rule that `lint` has something to say of.

use crate::Case;
use crate::snapshot::{check, folder, rule_files, stem};
use libtest_mimic::{Failed, Trial};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;
use varsigma::attack::Attack;
use varsigma::diagnostic::{Code, Diagnostic, render};
use varsigma::dialect::Dialect;
use varsigma::lint::{Names, lint_document};
use varsigma::parse;
use varsigma::source::Source;

static ATTACK: LazyLock<Attack> = LazyLock::new(Attack::built_in);
static NAMES: LazyLock<Names> = LazyLock::new(Names::built_in);

fn findings(text: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for parsed in parse::parse(text, &Dialect::SPECIFICATION) {
        let Some(document) = parsed.document else {
            panic!("expected a document: {:?}", parsed.diagnostics);
        };
        found.extend(lint_document(&document, text, &ATTACK, &NAMES));
    }
    found
}

fn run(file: &Path) {
    let text = std::fs::read_to_string(file).expect("cases are UTF-8");
    assert!(text.starts_with("# "), "it says what it shows");
    let path = format!("tests/lint/{}.yml", stem(file));
    let source = Source::new(&path, &text);
    let found = findings(&text);
    assert_eq!(found.is_empty(), stem(file) == "clean");
    let shown = found.iter();
    let shown: Vec<String> = shown
        .map(|one| render::human(&source, one, false))
        .collect();
    check("lint", stem(file), shown.join("\n").trim_end());
}

/// A test for each rule file.
pub fn cases() -> Vec<Case> {
    let files = rule_files(&folder("tests/lint")).into_iter();
    let cases = files.map(|file| {
        let name = stem(&file).to_owned();
        Case::new(format!("lint::{name}"), "lint", &name, move || run(&file))
    });
    cases.collect()
}

/// What holds for all of them.
pub fn checks() -> Vec<Trial> {
    vec![Trial::test("lint::every_code_of_a_rule_has_a_case", || {
        let mut codes = BTreeSet::new();
        for file in rule_files(&folder("tests/lint")) {
            let found = findings(&std::fs::read_to_string(&file)?);
            codes.extend(found.iter().map(|one| one.code));
        }
        // An id is repeated by another rule, and filters are joined to others.
        let of_several = [
            Code::RepeatedId,
            Code::UnusedFilter,
            Code::SwallowingFilter,
        ];
        let of_a_rule =
            |code: &&Code| code.number().starts_with("VS11") && !of_several.contains(*code);
        match Code::ALL
            .iter()
            .filter(of_a_rule)
            .find(|c| !codes.contains(c))
        {
            Some(code) => Err(Failed::from(format!("{code} has no case"))),
            None => Ok(()),
        }
    })]
}
