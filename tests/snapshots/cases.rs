//! `tests/cases/<feature>/<case>.yml` for every target, natively and in each of its profiles.

use crate::Case;
use crate::snapshot::{check, converted, folder, rule_files, stem, together};
use libtest_mimic::{Failed, Trial};
use std::path::Path;
use std::sync::LazyLock;
use varsigma::backend::{Backend, Registry};
use varsigma::dialect::Profile;
use varsigma::transpile::{Request, Transpiler};

/// Every target in every profile that it has, by its label.
static TARGETS: LazyLock<Vec<(String, Transpiler)>> = LazyLock::new(|| targets(|_| Vec::new()));

/// The same with the options that a correlation needs.
static CORRELATING: LazyLock<Vec<(String, Transpiler)>> = LazyLock::new(|| targets(needed));

/// Values for the options without which a target has no correlations.
fn needed(backend: &Backend) -> Vec<(String, String)> {
    let needs = backend.correlations.iter().flat_map(|table| &table.needs);
    let options = needs.map(|option| &backend.options[*option]);
    let missing = options.filter(|option| option.default.is_empty());
    let values = missing.filter_map(|option| match option.name.as_str() {
        "table" => Some((option.name.clone(), "Events".to_owned())),
        "timestamp_field" => Some((option.name.clone(), "time".to_owned())),
        "timestamp_type" => Some((option.name.clone(), "milliseconds".to_owned())),
        _ => None,
    });
    values.collect()
}

fn targets(settings: fn(&Backend) -> Vec<(String, String)>) -> Vec<(String, Transpiler)> {
    let registry = Registry::built_in();
    let mut targets = Vec::new();
    for target in registry.names() {
        for profile in [Profile::Native, Profile::Sigmac, Profile::Pysigma] {
            let backend = registry.get(target, profile);
            let request = Request {
                target: target.to_owned(),
                profile,
                settings: backend.map_or_else(|_| Vec::new(), |backend| settings(&backend)),
                ..Request::default()
            };
            match Transpiler::new(&registry, &request) {
                Ok(transpiler) => targets.push((label(target, profile), transpiler)),
                Err(_) if profile != Profile::Native => {}
                Err(error) => panic!("{target}: {error:?}"),
            }
        }
    }
    targets
}

/// A target's name, with that of the profile after a dot.
pub fn label(target: &str, profile: Profile) -> String {
    match profile {
        Profile::Native => target.to_owned(),
        profile => format!("{target}.{}", profile.name()),
    }
}

fn feature(file: &Path) -> &str {
    let feature = file.parent().and_then(Path::file_name);
    let feature = feature.and_then(|feature| feature.to_str());
    feature.expect("a folder")
}

/// A test for each rule file.
pub fn cases() -> Vec<Case> {
    let files = rule_files(&folder("tests/cases"));
    assert!(!files.is_empty(), "the cases are in the repository");
    let cases = files.into_iter().map(|file| {
        let (feature, name) = (feature(&file).to_owned(), stem(&file).to_owned());
        let test = format!("cases::{feature}::{name}");
        Case::new(test, &feature.clone(), &name.clone(), move || {
            let targets = match feature.as_str() {
                "correlations" => CORRELATING.iter(),
                _ => TARGETS.iter(),
            };
            let converted: Vec<_> = targets
                .map(|(label, transpiler)| converted(label, transpiler, &file))
                .collect();
            check(&feature, &name, &together(&converted));
        })
    });
    cases.collect()
}

/// What holds for all cases.
pub fn checks() -> Vec<Trial> {
    vec![Trial::test("cases::every_case_says_what_it_shows", || {
        for file in rule_files(&folder("tests/cases")) {
            // These have their own tests, and say there what they show.
            if ["founding", "eval"].contains(&feature(&file)) {
                continue;
            }
            let text = std::fs::read_to_string(&file)?;
            if !text.starts_with("# ") {
                return Err(Failed::from(file.display().to_string()));
            }
        }
        Ok(())
    })]
}
