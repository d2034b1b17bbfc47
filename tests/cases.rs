//! `tests/cases/<feature>/<case>.yml` for every target, natively and in each of its profiles, is
//! `snapshots/<target>/<feature>__<case>.snap`, of a profile in `snapshots/<target>.<profile>/`.
//!
//! `cargo insta review` shows what changed. Every line of it is read, none edited.

mod snapshot;

use snapshot::{Snapshots, folder, rule_files, shown};
use std::path::Path;
use varsigma::backend::Registry;
use varsigma::dialect::Profile;
use varsigma::transpile::{Request, Transpiler};

fn name_of(path: &Path) -> String {
    let case = path.file_stem().and_then(|stem| stem.to_str());
    let feature = path.parent().and_then(Path::file_name);
    let feature = feature.and_then(|feature| feature.to_str());
    format!(
        "{}__{}",
        feature.expect("a folder"),
        case.expect("a file's name")
    )
}

#[test]
fn every_case_is_as_its_snapshots_show() {
    let files = rule_files(&folder("tests/cases"));
    assert!(!files.is_empty(), "the cases are in the repository");
    let registry = Registry::built_in();
    let mut failed = Vec::new();
    for target in registry.names() {
        for profile in [Profile::Native, Profile::Sigmac, Profile::Pysigma] {
            let request = Request {
                target: target.to_owned(),
                profile,
                ..Request::default()
            };
            let transpiler = match Transpiler::new(&registry, &request) {
                Ok(transpiler) => transpiler,
                Err(_) if profile != Profile::Native => continue,
                Err(error) => panic!("{target}: {error:?}"),
            };
            let mut snapshots = Snapshots::new(&match profile {
                Profile::Native => target.to_owned(),
                profile => format!("{target}.{}", profile.name()),
            });
            for file in &files {
                snapshots.check(&name_of(file), &shown(&transpiler, file));
            }
            failed.extend(snapshots.finish());
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn every_case_says_what_it_shows() {
    for file in rule_files(&folder("tests/cases")) {
        // These have their own tests, and say there what they show.
        let elsewhere = ["founding", "eval"];
        let feature = file.parent().expect("a folder");
        if elsewhere.iter().any(|known| feature.ends_with(known)) {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("cases are UTF-8");
        assert!(text.starts_with("# "), "{}", file.display());
    }
}
