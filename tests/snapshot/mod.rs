//! Rule files and their snapshots, for the tests that walk over a folder.
//!
//! In: a folder of rule files, and what a [`Transpiler`] made of each. Out: one snapshot a file
//! below `snapshots/`, and a failure that names every snapshot that differs, is new, or has no file
//! any more.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use varsigma::diagnostic::render::human;
use varsigma::source::Source;
use varsigma::transpile::{FileOutput, Transpiler};

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

/// What a transpiler makes of a file: its queries, each with its fidelity, and what it says.
pub fn shown(transpiler: &Transpiler, path: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let name = path.strip_prefix(root).expect("a file of the repository");
    let name = name.to_str().expect("ASCII").replace('\\', "/");
    let bytes = std::fs::read(path).expect("readable");
    let output = transpiler.convert_file(&name, &bytes);
    let text = String::from_utf8_lossy(&bytes);
    visible(&written(&output, &Source::new(&name, &text)))
}

fn written(output: &FileOutput, source: &Source<'_>) -> String {
    let mut shown = String::new();
    for rule in &output.rules {
        for query in &rule.queries {
            let fidelity = query.fidelity.name();
            let _ = write!(shown, "{}\n=> {fidelity}\n\n", query.text);
        }
    }
    for diagnostic in output.all_diagnostics() {
        shown.push_str(human(source, diagnostic, false).trim_end());
        shown.push_str("\n\n");
    }
    shown.truncate(shown.trim_end().len());
    shown
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

/// A folder of snapshots and what was found in it.
pub struct Snapshots {
    folder: PathBuf,
    expected: BTreeSet<String>,
    failed: Vec<String>,
}

impl Snapshots {
    /// The snapshots in `snapshots/<name>/`.
    pub fn new(name: &str) -> Self {
        Self {
            folder: folder("snapshots").join(name),
            expected: BTreeSet::new(),
            failed: Vec::new(),
        }
    }

    /// Compares a text with the snapshot of that name.
    pub fn check(&mut self, name: &str, text: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&self.folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let compared = catch_unwind(AssertUnwindSafe(|| {
            settings.bind(|| insta::assert_snapshot!(name, text));
        }));
        if compared.is_err() {
            self.failed.push(name.to_owned());
        }
        self.expected.insert(format!("{name}.snap"));
    }

    /// Ends the comparison: names what failed, and snapshots without a rule file.
    pub fn finish(self) -> Vec<String> {
        let mut failed = self.failed;
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten() {
            let name = entry.expect("readable").file_name();
            let name = name.to_str().expect("ASCII").to_owned();
            if name.strip_suffix(".snap").is_some() && !self.expected.contains(&name) {
                failed.push(format!("{name}, which no rule file has"));
            }
        }
        for name in &mut failed {
            *name = format!("{}: {name}", self.folder.display());
        }
        failed
    }
}
