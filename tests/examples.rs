//! Each file of `examples/` begins with a command and what it prints, and that is what it prints.
//!
//! `UPDATE_DOCUMENTS=1 cargo test --test examples` writes what is printed now.

use std::path::Path;
use std::process::Command;

const BEGIN: &str = "//! ```console\n//! $ cargo run --example ";
const END: &str = "//! ```\n";

fn check(name: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("examples").join(name).with_extension("rs");
    let text = std::fs::read_to_string(&path).expect("UTF-8");
    let (before, rest) = text.split_once(BEGIN).expect("it begins with its command");
    let (command, rest) = rest.split_once('\n').expect("a line");
    let (shown, code) = rest.split_once(END).expect("the fence ends");
    let (example, arguments) = command.split_once(' ').expect("arguments");
    assert_eq!(example, name);

    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--quiet", "--example", name]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let output = cargo
        .arg("--")
        .args(arguments.split(' '))
        .current_dir(root)
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    let printed = printed
        .lines()
        .fold(String::new(), |text, line| text + "//! " + line + "\n");
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        let text = format!("{before}{BEGIN}{command}\n{printed}{END}{code}");
        return std::fs::write(path, text).expect("it can be written");
    }
    assert_eq!(printed, shown, "{name}");
}

#[test]
fn convert() {
    check("convert");
}

#[test]
fn targets() {
    check("targets");
}

#[test]
fn events() {
    check("events");
}

#[test]
fn every_example_is_checked() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("readable").file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["convert.rs", "events.rs", "targets.rs"]);
}
