//! Any bytes as a rule file, to every target in every profile. No panic, not even a caught one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;
use varsigma::backend::Registry;
use varsigma::diagnostic::Code;
use varsigma::dialect::Profile;
use varsigma::transpile::{Request, Transpiler};

fn transpilers() -> &'static [Transpiler] {
    static MADE: OnceLock<Vec<Transpiler>> = OnceLock::new();
    MADE.get_or_init(|| {
        let registry = Registry::built_in();
        let targets = registry.names().into_iter().flat_map(|target| {
            [Profile::Native, Profile::Sigmac, Profile::Pysigma].map(|profile| Request {
                target: target.to_owned(),
                profile,
                ..Request::default()
            })
        });
        // Not every target has every profile.
        targets
            .filter_map(|request| Transpiler::new(&registry, &request).ok())
            .collect()
    })
}

fuzz_target!(|bytes: &[u8]| {
    for transpiler in transpilers() {
        let output = transpiler.convert_file("rule.yml", bytes);
        for diagnostic in output.all_diagnostics() {
            assert_ne!(diagnostic.code, Code::Internal, "{}", diagnostic.message);
        }
    }
});
