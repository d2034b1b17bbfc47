//! The rule files that the given paths stand for.
//!
//! In: `rules/ extra.yml -`. Out: an [`Input`] a file, in the order given and, within a folder, in
//! the byte order of the path below it, which is the same on every machine. Hidden files and what
//! a `.gitignore` of the tree names are left out of folders; a file that is given is always taken.

mod gitignore;
pub mod own;
mod pattern;
mod rule_file;
pub mod walk;

pub use pattern::FilePattern;
pub use rule_file::RuleFile;

use crate::cli::reason::{faulty, reason};
use crate::cli::report::Report;
use crate::diagnostic::{Code, Diagnostic};
use crate::project::tree::is_test;
use crate::transpile::text_of;
use crate::yaml;
use std::collections::HashSet;
use std::fs::File;
use std::path::{Component, Path, PathBuf};

/// Where a rule file's text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `-`
    StandardInput,
    /// A file.
    File(PathBuf),
    /// A path that can't be read, and why.
    Nowhere(Diagnostic),
}

/// A rule file to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The path as messages and `--json` show it: as given plus the part below it, with `/`.
    pub name: String,
    /// Where its output belongs below `-o DIR`: the part below the folder that was given, or the
    /// file's own name. Never absolute, never with `..`.
    pub place: String,
    /// Where its text comes from.
    pub origin: Origin,
}

/// A file's text, or why it can't be read.
pub struct InputText<'i> {
    pub input: &'i Input,
    pub text: Result<String, Diagnostic>,
}

impl<'i> InputText<'i> {
    pub fn read(input: &'i Input) -> Self {
        let text = input.text();
        Self { input, text }
    }

    /// The text; empty where it can't be read.
    pub fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

/// The name that standard input goes by.
pub const STANDARD_INPUT: &str = "<stdin>";

/// The files that the paths stand for. A path that stands for none is an [`Origin::Nowhere`]; a
/// folder without rule files gives a warning.
pub fn collect(paths: &[PathBuf], pattern: &FilePattern, report: &mut Report) -> Vec<Input> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            inputs.push(Input {
                name: STANDARD_INPUT.to_owned(),
                place: "stdin".to_owned(),
                origin: Origin::StandardInput,
            });
            continue;
        }
        let name = shown(path);
        if is_url(path) {
            inputs.push(Input {
                name: path.to_string_lossy().into_owned(),
                place: String::new(),
                origin: Origin::Nowhere(address(path)),
            });
            continue;
        }
        let before = inputs.len();
        let mut passed = Vec::new();
        if let Err(error) = add(path, pattern, &mut inputs, &mut passed) {
            inputs.push(nowhere(name, &error));
            continue;
        }
        report.all("", "", &passed);
        if inputs.len() == before && path.is_dir() {
            report.all(&name, "", [&no_rules(pattern)]);
        }
    }
    if paths.len() > 1 {
        drop_repeated(&[], &mut inputs);
    }
    inputs
}

/// Adds the file at a path, or those of the folder. What is passed over goes to `passed`.
fn add(
    path: &Path,
    pattern: &FilePattern,
    inputs: &mut Vec<Input>,
    passed: &mut Vec<Diagnostic>,
) -> std::io::Result<()> {
    let name = shown(path);
    if std::fs::metadata(path)?.is_dir() {
        walk::folder(path, &name, pattern, inputs, passed);
    } else if is_test(&name) {
        passed.push(tests_of_rule(&name));
    } else {
        inputs.push(Input {
            place: file_name(path),
            origin: Origin::File(path.to_owned()),
            name,
        });
    }
    Ok(())
}

/// The files that the paths stand for, without those that are among others already.
pub fn collect_beside(
    others: &[Input],
    paths: &[PathBuf],
    pattern: &FilePattern,
    report: &mut Report,
) -> Vec<Input> {
    let mut inputs = collect(paths, pattern, report);
    drop_repeated(others, &mut inputs);
    inputs
}

/// Keeps the first of the inputs that are the same file, and none that is among others.
fn drop_repeated(others: &[Input], inputs: &mut Vec<Input>) {
    let here = std::env::current_dir().unwrap_or_default();
    let file = |input: &Input| match &input.origin {
        Origin::StandardInput => PathBuf::from("-"),
        // `components` drops `.` and doubled slashes; `..` stays, for what it means depends on
        // symbolic links.
        Origin::File(path) => here.join(path).components().collect(),
        Origin::Nowhere(_) => PathBuf::from(&input.name),
    };
    let mut seen: HashSet<PathBuf> = if inputs.is_empty() {
        HashSet::new()
    } else {
        others.iter().map(file).collect()
    };
    inputs.retain(|input| seen.insert(file(input)));
}

fn no_rules(pattern: &FilePattern) -> Diagnostic {
    let found = match pattern.text() {
        Some(glob) => format!("no file matches `{glob}`"),
        None => "rule files end in `.yml` or `.yaml`".to_owned(),
    };
    Diagnostic::warning(Code::NoRules, Code::NoRules.title())
        .help(format!("{found}; hidden and ignored ones are left out"))
}

/// `VS0010`: hooks hand over every file that changed, those of tests among them.
fn tests_of_rule(name: &str) -> Diagnostic {
    let message = format!("`{name}` holds tests of a rule: it is not read as a rule");
    Diagnostic::warning(Code::PassedOver, message)
        .help("give the rule itself: `varsigma test` finds the tests beside it")
}

fn nowhere(name: String, error: &std::io::Error) -> Input {
    Input {
        name,
        place: String::new(),
        origin: Origin::Nowhere(unread(error)),
    }
}

/// Is it the address of a page and no path?
fn is_url(path: &Path) -> bool {
    let text = path.to_string_lossy();
    text.starts_with("https://") || text.starts_with("http://")
}

fn address(path: &Path) -> Diagnostic {
    let message = "the file can't be read: it is a URL, and varsigma reads files";
    let help = format!(
        "fetch it first: `curl -s {} | varsigma … -`",
        path.display()
    );
    Diagnostic::error(Code::Unreadable, message).help(help)
}

/// A path as given, without `./` and doubled or trailing slashes, and with `/` on every system.
/// The current folder is the empty text.
pub fn shown(path: &Path) -> String {
    let mut name = String::new();
    for component in path.components() {
        match component {
            Component::RootDir => name.push('/'),
            Component::CurDir => {}
            Component::Prefix(_) | Component::ParentDir | Component::Normal(_) => {
                if !name.is_empty() && !name.ends_with('/') {
                    name.push('/');
                }
                name.push_str(&component.as_os_str().to_string_lossy());
            }
        }
    }
    name
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| "rule".into(), |name| name.to_string_lossy())
        .into_owned()
}

impl Input {
    /// Reads the whole text, or says why it can't be read.
    pub fn read(&self) -> Result<Vec<u8>, Diagnostic> {
        let read = match &self.origin {
            Origin::StandardInput => yaml::read(std::io::stdin().lock()),
            Origin::File(path) => File::open(path).and_then(yaml::read),
            Origin::Nowhere(error) => return Err(error.clone()),
        };
        read.map_err(|error| unread(&error))
    }
}

impl Input {
    /// The whole text, or why it can't be read.
    pub fn text(&self) -> Result<String, Diagnostic> {
        self.read()
            .and_then(|bytes| text_of(&bytes).map(str::to_owned))
    }
}

fn unread(error: &std::io::Error) -> Diagnostic {
    let message = format!("the file can't be read: {}", reason(error));
    faulty(error, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_as_given_but_clean() {
        for (given, expected) in [
            ("rules", "rules"),
            ("./rules/", "rules"),
            ("rules//windows/./a.yml", "rules/windows/a.yml"),
            (".", ""),
            ("../rules", "../rules"),
            ("/srv/rules/", "/srv/rules"),
            ("/", "/"),
        ] {
            assert_eq!(shown(Path::new(given)), expected, "{given}");
        }
    }
}
