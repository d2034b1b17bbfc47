//! Any text as YAML, in every dialect: nodes or a coded error.

#![no_main]

use libfuzzer_sys::fuzz_target;
use varsigma::dialect::Dialect;
use varsigma::yaml;

fuzz_target!(|text: &str| {
    for dialect in [Dialect::SPECIFICATION, Dialect::SIGMAC, Dialect::PYSIGMA] {
        let loaded = yaml::load(text, &dialect);
        for node in &loaded.documents {
            assert!(text.get(node.span.range()).is_some());
        }
    }
});
