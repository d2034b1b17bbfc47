//! Built-in pipelines. What pipelines do to rules are snapshots: `tests/snapshots/pipelines.rs`.

use varsigma::pipeline::environment::Closed;
use varsigma::pipeline::{self, builtin};

#[test]
fn built_in_pipelines_are_in_order() {
    for (name, text) in builtin::ALL {
        let loaded = pipeline::load(name, text, &Closed);
        assert_eq!(loaded.diagnostics, [], "{name}");
        let file = loaded.pipeline.expect("there are no errors");
        assert!(!file.items.is_empty() && file.name.is_some(), "{name}");
    }
    assert!(builtin::ALL.is_sorted_by_key(|(name, _)| name));
}
