//! Which of a file's rules match the events of another file?
//!
//! ```console
//! $ cargo run --example events docs/examples/expression.yml docs/examples/events.jsonl
//! 1: Regular expression under a negation
//! 2: -
//! ```

use std::error::Error;
use varsigma::{Event, RuleMatcher, RuleSet, Rules};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(rules), Some(events)) = (arguments.next(), arguments.next()) else {
        return Err("expected a file of rules and a file of events".into());
    };
    let text = std::fs::read_to_string(rules)?;
    let rules = Rules::parse(&text);
    for diagnostic in rules.diagnostics() {
        eprintln!("{}: {}", diagnostic.code, diagnostic.message);
    }
    let set = RuleSet::new(&rules);
    for error in set.errors() {
        eprintln!("{}: {}", error.code, error.message);
    }
    for (event, number) in Event::read(&std::fs::read_to_string(events)?)?
        .iter()
        .zip(1..)
    {
        let titles: Vec<_> = set.matching(event).map(RuleMatcher::title).collect();
        let titles = if titles.is_empty() {
            "-".to_owned()
        } else {
            titles.join(", ")
        };
        println!("{number}: {titles}");
    }
    Ok(())
}
