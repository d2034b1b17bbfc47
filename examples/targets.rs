//! Converts a folder of rules to several targets, and reports what each says exactly.
//!
//! ```console
//! $ cargo run --example targets docs/examples splunk esql
//! splunk: 9 exact, 1 narrower, 2 failed
//!   pipeline.yml: expected a Sigma rule, found a map without `title`, `logsource` and `detection` (VS0201)
//!   slip.yml: expected a modifier, found `endwith` (VS0401)
//!   spraying.yml:26: narrower: several sources, one a correlation: `append` gives up on its rows after 60 seconds or 50,000 of them
//! esql: 7 exact, 2 narrower, 1 approximate, 2 failed
//!   keyword.yml:8: approximate: a text field has a value of several words as a phrase of whole words, whatever is between them
//!   password_guessing.yml:15: narrower: events of one time span may lie in two windows
//!   pipeline.yml: expected a Sigma rule, found a map without `title`, `logsource` and `detection` (VS0201)
//!   slip.yml: expected a modifier, found `endwith` (VS0401)
//!   spraying.yml:18: narrower: events of one time span may lie in two windows
//!   spraying.yml:26: narrower: events of one time span may lie in two windows
//!   spraying.yml:26: narrower: a window has one firing of the correlation that it refers to, where each event may be one
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use varsigma::{Compiler, Fidelity};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("expected a folder and targets")?;
    let entries: Result<Vec<_>, _> = std::fs::read_dir(folder)?.collect();
    let mut paths: Vec<PathBuf> = entries?.iter().map(std::fs::DirEntry::path).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "yml"));
    paths.sort();
    for target in arguments {
        let compiler = Compiler::builder(target.as_str()).build()?;
        let (mut counts, mut failed) = (BTreeMap::<Fidelity, usize>::new(), 0);
        let mut reasons = Vec::new();
        for path in &paths {
            let name = path.file_name().unwrap_or_default().display().to_string();
            let output = compiler.compile_file(&name, &std::fs::read(path)?);
            for rule in output.rules() {
                if let Some(error) = &rule.error {
                    failed += 1;
                    reasons.push(format!("  {name}: {} ({})", error.message, error.code));
                    continue;
                }
                *counts.entry(rule.fidelity).or_default() += 1;
                for reason in rule.queries.iter().flat_map(|query| &query.reasons) {
                    let (line, fidelity) = (reason.region.line, reason.fidelity.name());
                    reasons.push(format!("  {name}:{line}: {fidelity}: {}", reason.text));
                }
            }
        }
        let counts = counts
            .iter()
            .map(|(fidelity, count)| format!("{count} {}", fidelity.name()));
        println!(
            "{target}: {}, {failed} failed",
            counts.collect::<Vec<_>>().join(", ")
        );
        reasons.dedup();
        for reason in reasons {
            println!("{reason}");
        }
    }
    Ok(())
}
