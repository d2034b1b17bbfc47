//! Converts a rule, and says how true the query is.
//!
//! ```console
//! $ cargo run --example convert docs/examples/expression.yml
//! Image="*\\update*.exe" | where match(Image, "(?is)^.*\\\\update.\\.exe\\z") AND if(match(CommandLine, "(?i)/v\\d+$"), 1, 0)=0
//! exact
//! ```

use std::error::Error;
use varsigma::Compiler;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("expected the path of a rule")?;
    let compiler = Compiler::builder("splunk").build()?;
    let output = compiler.compile_file(&path, &std::fs::read(&path)?);
    for rule in output.rules() {
        for query in &rule.queries {
            println!("{}\n{}", query.text, query.fidelity.name());
            for reason in &query.reasons {
                println!("  line {}: {}", reason.region.line, reason.text);
            }
        }
    }
    // A rule that failed has an error in the output; here it ends the program.
    output.into_queries()?;
    Ok(())
}
