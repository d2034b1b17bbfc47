//! The rule files of a folder.
//!
//! Links to files are followed. Links to folders are not, so a loop can't happen and no rule is
//! seen twice, which is also how git sees a tree.

use super::gitignore::Ignored;
use super::{FilePattern, Input, Origin, nowhere};
use std::fs::FileType;
use std::path::Path;

/// Adds the rule files below `folder` to `inputs`, in the byte order of their paths below it.
pub(super) fn folder(folder: &Path, name: &str, pattern: &FilePattern, inputs: &mut Vec<Input>) {
    let found = matching(folder, &|path| {
        pattern
            .matches(path)
            .unwrap_or_else(|| has_ending(path, RULES))
    });
    inputs.extend(found.into_iter().map(|(below, fault)| {
        let name = match name {
            "" => below.clone(),
            _ if below.is_empty() => name.to_owned(),
            _ if name.ends_with('/') => format!("{name}{below}"),
            _ => format!("{name}/{below}"),
        };
        match fault {
            Some(error) => nowhere(name, &error),
            None => Input {
                origin: Origin::File(folder.join(&below)),
                name,
                place: below,
            },
        }
    }));
}

/// A path below the folder, and what went wrong with it.
type Found = (String, Option<std::io::Error>);

/// The files below `folder` whose names have one of these endings, in the byte order of their
/// paths.
pub fn below(folder: &Path, endings: &[&str]) -> Vec<Found> {
    matching(folder, &|path| has_ending(path, endings))
}

/// Is a path below the folder one of those that are looked for?
type Wanted<'w> = &'w dyn Fn(&str) -> bool;

fn matching(folder: &Path, wanted: Wanted<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    enter(folder, "", wanted, &Ignored::above(folder), &mut found);
    found.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    found
}

fn enter(
    folder: &Path,
    below: &str,
    wanted: Wanted<'_>,
    ignored: &Ignored,
    found: &mut Vec<Found>,
) {
    let entries = std::fs::read_dir(folder).and_then(|entries| {
        let named = |entry: std::fs::DirEntry| Ok((entry.file_name(), entry.file_type()?));
        entries
            .map(|entry| entry.and_then(named))
            .collect::<Result<Vec<_>, _>>()
    });
    let entries = match entries {
        Ok(entries) => entries,
        Err(error) => {
            found.push((below.to_owned(), Some(error)));
            return;
        }
    };
    let has_gitignore = entries.iter().any(|(name, _)| name == ".gitignore");
    let own = has_gitignore.then(|| ignored.with(folder, below));
    let ignored = own.as_ref().unwrap_or(ignored);
    for (name, file_type) in entries {
        // A name that is no text could not be shown, and no rule repository has one.
        let Some(name) = name.to_str() else { continue };
        if name.starts_with('.') {
            continue;
        }
        let path = if below.is_empty() {
            name.to_owned()
        } else {
            format!("{below}/{name}")
        };
        if file_type.is_dir() {
            if !ignored.has(&path, true) {
                enter(&folder.join(name), &path, wanted, ignored, found);
            }
        } else if wanted(&path) && is_file(file_type, folder, name) && !ignored.has(&path, false) {
            found.push((path, None));
        }
    }
}

/// The endings of rule files.
const RULES: &[&str] = &["yml", "yaml"];

/// Only the usual spelling of an ending: a file is a rule on every system or on none.
fn has_ending(path: &str, endings: &[&str]) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| endings.contains(&ending))
}

/// Is it a file, or a link that does not lead to something else? A link that leads nowhere counts:
/// reading it gives the error.
fn is_file(file_type: FileType, folder: &Path, name: &str) -> bool {
    if file_type.is_symlink() {
        return std::fs::metadata(folder.join(name)).map_or(true, |target| target.is_file());
    }
    file_type.is_file()
}

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
        folder(root.path(), name, &FilePattern::default(), &mut inputs);
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
            folder(&below, "", &FilePattern::default(), &mut inputs);
            inputs.len()
        };
        assert_eq!(count(), 1, "no repository");
        std::fs::create_dir(root.path().join(".git")).expect("made");
        assert_eq!(count(), 0, "a repository");
    }

    #[cfg(unix)]
    #[test]
    fn links_to_files_are_followed_and_links_to_folders_are_not() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let link = |to: &str, name: &str| {
            std::os::unix::fs::symlink(to, root.path().join(name)).expect("linked");
        };
        std::fs::write(root.path().join("a.yml"), "").expect("written");
        link("a.yml", "b.yml");
        link(".", "loop");
        link("itself.yml", "itself.yml");
        link("/", "folder.yml");
        let mut inputs = Vec::new();
        folder(root.path(), "", &FilePattern::default(), &mut inputs);
        let names: Vec<_> = inputs.iter().map(|input| input.name.as_str()).collect();
        assert_eq!(names, ["a.yml", "b.yml", "itself.yml"]);
        assert!(inputs[2].read().is_err());
    }
}
