//! `tests/bad/<case>.yml`, input that is wrong, natively and in the pySigma profile.

use crate::Case;
use crate::snapshot::{check, converted, folder, rule_files, stem, together};
use libtest_mimic::{Failed, Trial};
use std::sync::LazyLock;
use varsigma::backend::Registry;
use varsigma::dialect::Profile;
use varsigma::transpile::{Request, Transpiler};

static NATIVE: LazyLock<Transpiler> = LazyLock::new(|| transpiler(Profile::Native));
static PYSIGMA: LazyLock<Transpiler> = LazyLock::new(|| transpiler(Profile::Pysigma));

fn transpiler(profile: Profile) -> Transpiler {
    let request = Request {
        target: "splunk".to_owned(),
        profile,
        ..Request::default()
    };
    Transpiler::new(&Registry::built_in(), &request).expect("a target and its profile")
}

/// A test for each file.
pub fn cases() -> Vec<Case> {
    let files = rule_files(&folder("tests/bad")).into_iter();
    let cases = files.map(|file| {
        let name = stem(&file).to_owned();
        Case::new(format!("bad::{name}"), "bad", &name.clone(), move || {
            let both = [("native", &NATIVE), ("pysigma", &PYSIGMA)];
            let both = both.map(|(label, transpiler)| converted(label, transpiler, &file));
            check("bad", &name, &together(&both));
        })
    });
    cases.collect()
}

/// What holds for all of them.
pub fn checks() -> Vec<Trial> {
    let name = "bad::no_bad_input_passes_without_a_diagnostic";
    vec![Trial::test(name, || {
        for file in rule_files(&folder("tests/bad")) {
            let output = NATIVE.convert_file("bad.yml", &std::fs::read(&file)?);
            if output.all_diagnostics().is_empty() {
                return Err(Failed::from(file.display().to_string()));
            }
        }
        Ok(())
    })]
}
