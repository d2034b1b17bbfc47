//! `tests/bad/<case>.yml`, input that is wrong, gives the diagnostics of `snapshots/bad/<case>.snap`;
//! where the pySigma profile says something else, that is `<case>.pysigma.snap`.

mod snapshot;

use snapshot::{Snapshots, folder, rule_files, shown};
use varsigma::backend::Registry;
use varsigma::dialect::Profile;
use varsigma::transpile::{Request, Transpiler};

fn transpiler(profile: Profile) -> Transpiler {
    let request = Request {
        target: "splunk".to_owned(),
        profile,
        ..Request::default()
    };
    Transpiler::new(&Registry::built_in(), &request).expect("a target and its profile")
}

#[test]
fn bad_input_is_told_as_its_snapshots_show() {
    let native = transpiler(Profile::Native);
    let pysigma = transpiler(Profile::Pysigma);
    let mut snapshots = Snapshots::new("bad");
    for file in rule_files(&folder("tests/bad")) {
        let name = file.file_stem().and_then(|stem| stem.to_str());
        let name = name.expect("a file's name");
        let natively = shown(&native, &file);
        snapshots.check(name, &natively);
        let in_pysigma = shown(&pysigma, &file);
        if in_pysigma != natively {
            snapshots.check(&format!("{name}.pysigma"), &in_pysigma);
        }
    }
    let failed = snapshots.finish();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn no_bad_input_passes_without_a_word() {
    let native = transpiler(Profile::Native);
    for file in rule_files(&folder("tests/bad")) {
        let bytes = std::fs::read(&file).expect("readable");
        let output = native.convert_file("bad.yml", &bytes);
        assert!(!output.all_diagnostics().is_empty(), "{}", file.display());
    }
}
