//! A case's snapshot: what every target made of it, equal texts together, diagnostics once.
//!
//! In: a label for each target (`kql`, `splunk.pysigma`) and what a [`Transpiler`] made of the file.
//! Out: one text, compared with `snapshots/<feature>/<case>.snap`.
//!
//! ```text
//! # splunk, splunk_spl2
//! Image="*\\cmd.exe"
//! => exact
//!
//! # eql
//! no query
//!
//! ## eql
//! error[VS0605]: …
//! ```

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use varsigma::diagnostic::render::human;
use varsigma::source::Source;
use varsigma::transpile::Transpiler;

/// The repository's folder of that name.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The rule files below a folder, sorted by path.
pub fn rule_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the repository") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "yml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// A file's name without its ending.
pub fn stem(path: &Path) -> &str {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    stem.expect("names of cases are ASCII")
}

/// What one target makes of a file.
pub struct Converted {
    /// The target, with its profile after a dot.
    pub label: String,
    /// The queries, each with its fidelity.
    pub queries: String,
    /// The diagnostics, rendered for people.
    pub diagnostics: Vec<String>,
}

/// Converts a file of the repository.
pub fn converted(label: &str, transpiler: &Transpiler, path: &Path) -> Converted {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let name = path.strip_prefix(root).expect("a file of the repository");
    let name = name.to_str().expect("ASCII").replace('\\', "/");
    let bytes = std::fs::read(path).expect("readable");
    let output = transpiler.convert_file(&name, &bytes);
    let mut queries = String::new();
    for query in output.rules.iter().flat_map(|rule| &rule.queries) {
        let _ = writeln!(queries, "{}\n=> {}\n", query.text, query.fidelity.name());
    }
    let text = String::from_utf8_lossy(&bytes);
    let source = Source::new(&name, &text);
    let diagnostics = output.all_diagnostics().into_iter();
    Converted {
        label: label.to_owned(),
        queries,
        diagnostics: diagnostics
            .map(|diagnostic| human(&source, diagnostic, false))
            .collect(),
    }
}

/// The text of a snapshot.
pub fn together(converted: &[Converted]) -> String {
    let mut queries: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut diagnostics: Vec<(&str, Vec<&str>)> = Vec::new();
    for one in converted {
        join(&mut queries, one.queries.trim_end(), &one.label);
        for diagnostic in &one.diagnostics {
            join(&mut diagnostics, diagnostic.trim_end(), &one.label);
        }
    }
    let mut text = String::new();
    for (sign, groups) in [("#", queries), ("##", diagnostics)] {
        for (shown, labels) in groups {
            let labels = if labels.len() == converted.len() && labels.len() > 2 {
                "all".to_owned()
            } else {
                labels.join(", ")
            };
            let shown = if shown.is_empty() { "no query" } else { shown };
            let _ = writeln!(text, "{sign} {labels}\n{shown}\n");
        }
    }
    visible(text.trim_end())
}

/// Adds a label to the group of equal texts.
fn join<'a>(groups: &mut Vec<(&'a str, Vec<&'a str>)>, shown: &'a str, label: &'a str) {
    match groups.iter_mut().find(|(known, _)| *known == shown) {
        // A target can give the same diagnostic twice.
        Some((_, labels)) if labels.last() == Some(&label) => {}
        Some((_, labels)) => labels.push(label),
        None => groups.push((shown, vec![label])),
    }
}

/// The text with its control characters as `\u{7}`, which diffs and terminals can show.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => shown.push('\n'),
            control if control.is_control() => shown.extend(control.escape_unicode()),
            other => shown.push(other),
        }
    }
    shown
}

/// Compares a text with `snapshots/<feature>/<name>.snap`; panics where they differ.
pub fn check(feature: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder("snapshots").join(feature));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
