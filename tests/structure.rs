//! What holds the repository's shape: the order of stages, the size of files, the paths and links
//! of its documents.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The stages in order; none imports from a later one. `ARCHITECTURE.md` says what each does.
const STAGES: [&str; 28] = [
    "embedded",
    "source",
    "diagnostic",
    "profile",
    "table",
    "yaml",
    "rule",
    "parse",
    "modifier",
    "pipeline",
    "lower",
    "index",
    "dialect",
    "schema",
    "backend",
    "pattern",
    "emit",
    "attack",
    "output",
    "compat",
    "transpile",
    "page",
    "eval",
    "compare",
    "lint",
    "compiler",
    "project",
    "cli",
];

/// The longest a source file may be, its tests not counted.
const LONGEST_FILE: usize = 400;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder with that ending, sorted.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the repository") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|known| known == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A path as the repository names it.
fn shown(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

/// A source file's lines before its tests.
fn code(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(|pair| {
        pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{')
    });
    lines.truncate(tests.unwrap_or(lines.len()));
    lines
}

/// A file of tests alone: `mod tests;` names it.
fn is_tests(path: &Path) -> bool {
    path.components().any(|part| {
        let part = part.as_os_str();
        part == "tests" || part == "tests.rs"
    })
}

fn sources() -> Vec<(PathBuf, String)> {
    let paths = files(&root().join("src"), "rs").into_iter();
    let paths = paths.filter(|path| !is_tests(path.strip_prefix(root()).expect("below the root")));
    paths
        .map(|path| {
            let text = fs::read_to_string(&path).expect("UTF-8");
            (path, text)
        })
        .collect()
}

/// The stage that a path of `src` belongs to: its folder's or file's name.
fn stage_of(path: &Path) -> Option<&'static str> {
    let inside = path.strip_prefix(root().join("src")).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    STAGES.into_iter().find(|stage| *stage == name)
}

fn rank(stage: &str) -> usize {
    let at = STAGES.iter().position(|known| *known == stage);
    at.unwrap_or_else(|| panic!("`{stage}` is not among the stages"))
}

/// The modules that a line names behind `crate::`, those in braces too.
fn modules(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for rest in line.split("crate::").skip(1) {
        let names = match rest.strip_prefix('{') {
            Some(list) => list.split([',', '}']).map(str::trim).collect(),
            None => vec![rest],
        };
        for name in names {
            let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            let name = &name[..end.unwrap_or(name.len())];
            if name.starts_with(char::is_lowercase) {
                found.push(name);
            }
        }
    }
    found
}

#[test]
fn no_stage_imports_from_a_later_one() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let Some(stage) = stage_of(&path) else {
            continue;
        };
        for (number, line) in code(&text).into_iter().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for module in modules(line) {
                if STAGES.contains(&module) && rank(module) > rank(stage) {
                    let place = format!("{}:{}", shown(&path), number + 1);
                    wrong.push(format!("{place}: `{stage}` is before `{module}`"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn imports_are_found_in_lists_and_in_paths() {
    assert_eq!(modules("use crate::emit::Query;"), ["emit"]);
    let list = "use crate::{lower::Expr, rule};";
    assert_eq!(modules(list), ["lower", "rule"]);
    let path = "x(crate::yaml::load(t), crate::Y)";
    assert_eq!(modules(path), ["yaml"]);
}

#[test]
fn the_library_lists_its_modules_in_the_order_of_stages() {
    let text = fs::read_to_string(root().join("src/lib.rs")).expect("UTF-8");
    let mut listed: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            let line = line.trim();
            line.strip_prefix("pub ")
                .unwrap_or(line)
                .strip_prefix("mod ")?
                .strip_suffix(';')
        })
        .collect();
    // Each is there twice: private, and public with `unstable`.
    listed.dedup();
    assert!(!listed.is_empty());
    assert_eq!(listed.len(), STAGES.len());
    let mut sorted = listed.clone();
    sorted.sort_by_key(|module| rank(module));
    assert_eq!(listed, sorted);
}

#[test]
fn every_file_is_of_a_stage() {
    for (path, _) in sources() {
        let name = shown(&path);
        let is_apart = name.starts_with("src/compat/");
        let is_root = name == "src/lib.rs" || name == "src/main.rs";
        let known = stage_of(&path).is_some() || is_apart || is_root;
        assert!(known, "{name} is in no stage's folder");
    }
}

#[test]
fn no_file_is_too_long_to_read() {
    let mut long = Vec::new();
    for (path, text) in sources() {
        let lines = code(&text).len();
        if lines > LONGEST_FILE {
            long.push(format!("{}: {lines} lines", shown(&path)));
        }
    }
    assert!(long.is_empty(), "over {LONGEST_FILE}: {}", long.join(", "));
}

/// The documents that people read.
fn documents() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(root())
        .expect("the root is there")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect();
    let docs = root().join("docs");
    if docs.is_dir() {
        found.extend(files(&docs, "md"));
    }
    found.sort();
    found
}

/// A heading's anchor, as forges make it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    kept.chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            c if c.is_alphanumeric() => Some(c),
            _ => None,
        })
        .collect()
}

fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| anchor(line.trim_start_matches('#')))
        .collect()
}

/// The targets of `[text](target)` outside of code.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        // Every second piece is code.
        let prose: String = line.split('`').step_by(2).collect();
        for rest in prose.split("](").skip(1) {
            found.push(rest.split(')').next().unwrap_or(rest).to_owned());
        }
    }
    found
}

#[test]
fn links_of_documents_lead_somewhere() {
    let mut broken = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).expect("UTF-8");
        for link in links(&text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, place) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() {
                path.clone()
            } else {
                path.parent().expect("a file").join(file)
            };
            if !target.exists() {
                broken.push(format!("{}: no file `{file}`", shown(&path)));
            } else if !place.is_empty() {
                let target = fs::read_to_string(&target).expect("a document");
                if !anchors(&target).contains(place) {
                    broken.push(format!("{}: no heading `{link}`", shown(&path)));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Folders whose paths a document may name in backticks.
const FOLDERS: [&str; 9] = [
    "src/",
    "tests/",
    "backends/",
    "templates/",
    "snapshots/",
    "benches/",
    "docs/",
    "fuzz/",
    ".ci/",
];

#[test]
fn paths_that_documents_name_exist() {
    let mut missing = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).expect("UTF-8");
        let mut fenced = false;
        for line in text.lines() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            }
            if fenced {
                continue;
            }
            for name in line.split('`').skip(1).step_by(2) {
                let named = FOLDERS.iter().any(|folder| name.starts_with(folder));
                // `tests/cases/<feature>/<case>.yml` and its like are forms of a path.
                let form = name.contains(['<', '*', '{', ' ', '…', '$']);
                let file = name.split("::").next().unwrap_or(name);
                if named && !form && !root().join(file).exists() {
                    missing.push(format!("{}: no `{name}`", shown(&path)));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// `dist` inherits what `release` optimises little, and takes each of it back.
#[test]
fn binaries_that_are_handed_out_are_optimised_whole() {
    let text = fs::read_to_string(root().join("Cargo.toml")).expect("UTF-8");
    let packages = |profile: &str| -> Vec<String> {
        let (_, table) = text
            .split_once(&format!("[profile.{profile}.package]\n"))
            .expect("a table");
        let lines = table.lines().take_while(|line| !line.is_empty());
        lines
            .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
            .collect()
    };
    assert!(!packages("release").is_empty());
    assert_eq!(packages("release"), packages("dist"));
}
