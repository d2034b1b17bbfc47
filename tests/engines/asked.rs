//! Prints the queries of rule files for a target with rows and answers, as JSON lines:
//! `cargo run --example asked TARGET STORAGE FILE…`. `run.py` asks engines with them.

#[path = "../stored/mod.rs"]
mod stored;

use std::path::Path;
use varsigma::backend::Registry;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let target = arguments.next().unwrap_or_default();
    let storage = arguments.next().unwrap_or_default();
    let Some(storage) = stored::Storage::from_name(&storage) else {
        eprintln!("expected text, json, number, typed or list, found `{storage}`");
        return;
    };
    let mut registry = Registry::built_in();
    if let Ok(folder) = std::env::var("BACKENDS") {
        for name in ["sql", target.as_str()] {
            let path = Path::new(&folder).join(format!("{name}.toml"));
            if let Ok(text) = std::fs::read_to_string(&path) {
                registry.add(name, &path.to_string_lossy(), text);
            }
        }
    }
    for path in arguments {
        let Ok(bytes) = std::fs::read(&path) else {
            eprintln!("{path}: unreadable");
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        let events = Path::new(&path).with_extension("jsonl");
        let events = std::fs::read_to_string(events).unwrap_or_default();
        for asked in stored::asked(&registry, &target, storage, &path, &text, &events) {
            println!(
                "{}",
                serde_json::to_string(&asked).expect("it is plain data")
            );
        }
    }
}
