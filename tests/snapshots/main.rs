//! Every case is a test of its own: `cargo test cases::modifiers` runs those of a feature,
//! `cargo test cases::modifiers::re_i` one.
//!
//! | test | input | snapshot |
//! |:--|:--|:--|
//! | `cases::<feature>::<case>` | `tests/cases/<feature>/<case>.yml`, for every target and profile | `snapshots/<feature>/<case>.snap` |
//! | `bad::<case>` | `tests/bad/<case>.yml` | `snapshots/bad/<case>.snap` |
//! | `formats::<case>` | `tests/formats/<case>.yml`, in every format that is a document | `snapshots/formats/<case>.snap` |
//! | `pipelines::<case>` | `tests/pipelines/cases/<case>/` | `snapshots/pipelines/<case>.snap` |
//! | `pipelines::bad::<case>` | `tests/pipelines/bad/<case>.yml` | `snapshots/pipelines.bad/<case>.snap` |
//! | `pipelines::warned::<case>` | `tests/pipelines/warned/<case>.yml` | `snapshots/pipelines.warned/<case>.snap` |
//! | `lint::<case>` | `tests/lint/<case>.yml` | `snapshots/lint/<case>.snap` |
//!
//! `cargo insta review` shows what changed. Every line of it is read, none edited.

mod bad;
mod cases;
mod formats;
mod lint;
mod pipelines;
mod snapshot;

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeSet;
use std::process::ExitCode;

/// A test, and the snapshot that it compares with, as `<feature>/<case>`.
struct Case {
    test: String,
    snapshot: String,
    run: Box<dyn FnOnce() + Send>,
}

impl Case {
    fn new(test: String, feature: &str, name: &str, run: impl FnOnce() + Send + 'static) -> Self {
        Self {
            test,
            snapshot: format!("{feature}/{name}"),
            run: Box::new(run),
        }
    }
}

/// The features whose snapshots tests of other files compare with.
const ELSEWHERE: [&str; 5] = ["compare", "diff", "document", "events", "modern"];

/// Is there a snapshot that no case compares with?
fn without_a_case(expected: &BTreeSet<String>) -> Result<(), Failed> {
    let mut unknown = Vec::new();
    for feature in std::fs::read_dir(snapshot::folder("snapshots"))? {
        let feature = feature?;
        let name = feature.file_name().into_string().expect("ASCII");
        if ELSEWHERE.contains(&name.as_str()) {
            continue;
        }
        for file in std::fs::read_dir(feature.path())? {
            let file = file?.file_name().into_string().expect("ASCII");
            if let Some(case) = file.strip_suffix(".snap") {
                let snapshot = format!("{name}/{case}");
                if !expected.contains(&snapshot) {
                    unknown.push(snapshot);
                }
            }
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    Err(format!("snapshots without a case: {}", unknown.join(", ")).into())
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut cases = cases::cases();
    cases.extend(bad::cases());
    cases.extend(formats::cases());
    cases.extend(pipelines::cases());
    cases.extend(lint::cases());
    let expected: BTreeSet<String> = cases.iter().map(|case| case.snapshot.clone()).collect();
    let mut trials: Vec<Trial> = cases
        .into_iter()
        .map(|case| {
            Trial::test(case.test, || {
                (case.run)();
                Ok(())
            })
        })
        .collect();
    trials.push(Trial::test("every_snapshot_has_a_case", move || {
        without_a_case(&expected)
    }));
    trials.extend(cases::checks());
    trials.extend(bad::checks());
    trials.extend(lint::checks());
    libtest_mimic::run(&arguments, trials).exit_code()
}
