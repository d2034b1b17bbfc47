//! The rule files of a folder.
//!
//! Links to files are followed as far as they stay in the folder. Links to folders are not, so a
//! loop can't happen and no rule is seen twice, which is also how git sees a tree; they are reported.

use super::gitignore::Ignored;
use super::{FilePattern, Input, Origin, nowhere, own};
use crate::cli::reason::{passed_over, unreadable};
use crate::diagnostic::Diagnostic;
use crate::project::tree::{LeadsOut, has_ending, is_test};
use std::fs::FileType;
use std::io;
use std::path::{Path, PathBuf};

/// Adds the rule files below `folder` to `inputs`, in the byte order of their paths below it. Links
/// to folders go to `passed`.
pub(super) fn folder(
    folder: &Path,
    name: &str,
    pattern: &FilePattern,
    inputs: &mut Vec<Input>,
    passed: &mut Vec<Diagnostic>,
) {
    let wanted = |path: &str| {
        let matches = pattern.matches(path);
        !is_test(path) && matches.unwrap_or_else(|| has_ending(path, RULES))
    };
    for (below, what) in matching(folder, folder, &wanted) {
        let name = match name {
            "" => below.clone(),
            _ if below.is_empty() => name.to_owned(),
            _ if name.ends_with('/') => format!("{name}{below}"),
            _ => format!("{name}/{below}"),
        };
        match what {
            PathKind::Fault(error) => inputs.push(nowhere(name, &error)),
            PathKind::Folder => passed.push(passed_over(&name)),
            PathKind::File => inputs.push(Input {
                origin: Origin::File(folder.join(&below)),
                name,
                place: below,
            }),
        }
    }
}

/// What is at a path.
#[derive(Debug)]
pub enum PathKind {
    /// A file, or a link to one.
    File,
    /// A link to a folder: what is in it is not read.
    Folder,
    /// What can't be read.
    Fault(io::Error),
}

/// A path below a folder, and what is there.
type WalkedPath = (String, PathKind);

/// The files below `folder` whose names have one of these endings, in the byte order of their
/// paths. Links may lead to whatever lies below `root`.
pub fn below(folder: &Path, root: &Path, endings: &[&str]) -> Vec<WalkedPath> {
    matching(folder, root, &|path| has_ending(path, endings))
}

/// Is a path below the folder one of those that are looked for?
type PathFilter<'w> = &'w dyn Fn(&str) -> bool;

fn matching(folder: &Path, root: &Path, wanted: PathFilter<'_>) -> Vec<WalkedPath> {
    let mut walk = Walk {
        root,
        wanted,
        found: Vec::new(),
    };
    walk.enter(folder, "", &Ignored::above(folder));
    walk.found
        .sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    walk.found
}

/// The texts of the files in `folder`, and below it if that is asked for, whose names have one of
/// these endings, by path.
pub fn texts(
    folder: &Path,
    endings: &[&str],
    is_deep: bool,
) -> Result<Vec<(PathBuf, String)>, Diagnostic> {
    if !folder.is_dir() {
        let error = std::fs::read_dir(folder).err();
        return Err(unreadable(
            folder,
            &error.unwrap_or_else(|| io::ErrorKind::NotADirectory.into()),
        ));
    }
    let mut texts = Vec::new();
    for (below, what) in below(folder, folder, endings) {
        if !is_deep && below.contains('/') {
            continue;
        }
        let path = folder.join(below);
        let read = match what {
            PathKind::File => own::bytes(&path).and_then(|bytes| {
                String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData.into())
            }),
            PathKind::Folder => continue,
            PathKind::Fault(error) => Err(error),
        };
        match read {
            Ok(text) => texts.push((path, text)),
            Err(error) => return Err(unreadable(&path, &error)),
        }
    }
    texts.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(texts)
}

struct Walk<'w> {
    root: &'w Path,
    wanted: PathFilter<'w>,
    found: Vec<WalkedPath>,
}

impl Walk<'_> {
    fn enter(&mut self, folder: &Path, below: &str, ignored: &Ignored) {
        let entries = std::fs::read_dir(folder).and_then(|entries| {
            let named = |entry: std::fs::DirEntry| Ok((entry.file_name(), entry.file_type()?));
            entries
                .map(|entry| entry.and_then(named))
                .collect::<Result<Vec<_>, _>>()
        });
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                self.found.push((below.to_owned(), PathKind::Fault(error)));
                return;
            }
        };
        let has_gitignore = entries.iter().any(|(name, _)| name == ".gitignore");
        let own = has_gitignore.then(|| ignored.with(folder, below));
        let ignored = own.as_ref().unwrap_or(ignored);
        for (name, file_type) in entries {
            let text = name.to_string_lossy();
            if text.starts_with('.') {
                continue;
            }
            let path = if below.is_empty() {
                text.to_string()
            } else {
                format!("{below}/{text}")
            };
            if ignored.has(&path, file_type.is_dir()) {
                continue;
            }
            let place = folder.join(&name);
            let what = if name.to_str().is_none() || text.contains(char::is_control) {
                // Such a name can't be shown, and no rule repository has one.
                let is_wanted = file_type.is_dir() || (self.wanted)(&path);
                is_wanted.then(|| PathKind::Fault(nameless()))
            } else if file_type.is_dir() {
                self.enter(&place, &path, ignored);
                None
            } else {
                self.file(file_type, &place, &path)
            };
            if let Some(what) = what {
                self.found.push((path, what));
            }
        }
    }

    /// The kind of a file or a link; none if it is not to be read.
    fn file(&self, file_type: FileType, path: &Path, below: &str) -> Option<PathKind> {
        let is_wanted = (self.wanted)(below);
        if file_type.is_symlink() {
            return match own::target(self.root, path) {
                Ok(target) if target.is_dir() => Some(PathKind::Folder),
                Ok(_) if !is_wanted => None,
                Ok(target) if target.is_file() => Some(PathKind::File),
                Ok(_) => Some(PathKind::Fault(own::irregular())),
                // Rules may lie in a folder outside; any other file outside is not read.
                Err(error) if is_wanted || LeadsOut::is(&error) && path.is_dir() => {
                    Some(PathKind::Fault(error))
                }
                Err(_) => None,
            };
        }
        is_wanted.then(|| {
            if file_type.is_file() {
                PathKind::File
            } else {
                PathKind::Fault(own::irregular())
            }
        })
    }
}

fn nameless() -> io::Error {
    io::Error::other("its name has characters that can't be shown")
}

/// The endings of rule files.
const RULES: &[&str] = &["yml", "yaml"];

#[cfg(test)]
mod tests {
    use super::*;

    fn names(files: &[&str], name: &str) -> Vec<String> {
        let root = tempfile::tempdir().expect("a temporary folder");
        for file in files {
            let (path, text) = file.split_once('=').unwrap_or((file, ""));
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().expect("below the root")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        let mut inputs = Vec::new();
        folder(
            root.path(),
            name,
            &FilePattern::default(),
            &mut inputs,
            &mut Vec::new(),
        );
        inputs.into_iter().map(|input| input.name).collect()
    }

    #[test]
    fn the_order_is_that_of_the_bytes_of_the_path() {
        let files = [
            "b.yml", "a/z.yml", "a-b.yml", "a.yml", "B.yaml", "a/é.yml", "x.txt",
        ];
        let expected = ["B.yaml", "a-b.yml", "a.yml", "a/z.yml", "a/é.yml", "b.yml"];
        assert_eq!(names(&files, ""), expected);
    }

    #[test]
    fn names_begin_with_the_path_as_given() {
        assert_eq!(names(&["a/b.yml"], "dir"), ["dir/a/b.yml"]);
        assert_eq!(names(&["a/b.yml"], "/"), ["/a/b.yml"]);
    }

    #[test]
    fn hidden_and_ignored_files_are_left_out() {
        let files = [
            ".gitignore=build/\n*.gen.yml\n/top.yml\n",
            ".hidden.yml",
            ".github/workflow.yml",
            "a.yml",
            "a.gen.yml",
            "top.yml",
            "build/b.yml",
            "deep/top.yml",
            "deep/.gitignore=!a.gen.yml\nc.yml\n",
            "deep/a.gen.yml",
            "deep/c.yml",
        ];
        assert_eq!(
            names(&files, ""),
            ["a.yml", "deep/a.gen.yml", "deep/top.yml"]
        );
    }

    #[test]
    fn a_gitignore_above_counts_within_a_repository() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let below = root.path().join("rules");
        std::fs::create_dir_all(&below).expect("made");
        std::fs::write(root.path().join(".gitignore"), "rules/a.yml\n").expect("written");
        std::fs::write(below.join("a.yml"), "").expect("written");
        let count = || {
            let mut inputs = Vec::new();
            folder(
                &below,
                "",
                &FilePattern::default(),
                &mut inputs,
                &mut Vec::new(),
            );
            inputs.len()
        };
        assert_eq!(count(), 1, "no repository");
        std::fs::create_dir(root.path().join(".git")).expect("made");
        assert_eq!(count(), 0, "a repository");
    }

    #[test]
    fn an_ending_is_one_in_any_case() {
        let files = ["a.YML", "b.Yaml", "c.txt", "yml", "d.yml.bak"];
        assert_eq!(names(&files, ""), ["a.YML", "b.Yaml"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_inside_to_files_alone() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let rules = root.path().join("rules");
        std::fs::create_dir_all(rules.join("sub")).expect("made");
        let link = |to: &str, name: &str| {
            std::os::unix::fs::symlink(to, rules.join(name)).expect("linked");
        };
        std::fs::write(rules.join("a.yml"), "").expect("written");
        std::fs::write(rules.join(".env"), "token").expect("written");
        std::fs::write(root.path().join("outside.yml"), "token").expect("written");
        link("a.yml", "b.yml");
        link("../outside.yml", "c.yml");
        link(".env", "d.yml");
        link(".", "loop");
        link("itself.yml", "itself.yml");
        link("/", "folder.yml");
        link("../", "up");
        link("../outside.yml", "readme.txt");
        let (mut inputs, mut passed) = (Vec::new(), Vec::new());
        folder(
            &rules,
            "",
            &FilePattern::default(),
            &mut inputs,
            &mut passed,
        );
        let read: Vec<(&str, bool)> = inputs
            .iter()
            .map(|input| (input.name.as_str(), input.read().is_ok()))
            .collect();
        let expected = [
            ("a.yml", true),
            ("b.yml", true),
            ("c.yml", false),
            ("d.yml", false),
            ("folder.yml", false),
            ("itself.yml", false),
            ("up", false),
        ];
        assert_eq!(read, expected);
        assert_eq!(passed.len(), 1, "{passed:?}");
    }
}
