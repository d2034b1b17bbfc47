//! Revisions, read from real repositories.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod repository;

use repository::{Repository, git};
use std::path::Path;
use varsigma::diagnostic::Code;
use varsigma::project::git::{Repository as Git, Revision};
use varsigma::project::tree::Tree;

fn open(folder: &Path) -> Git {
    Git::open(folder, folder).unwrap()
}

fn revision(folder: &Path, name: &str) -> Revision {
    open(folder).revision(name).unwrap()
}

fn files(revision: &Revision, path: &str) -> Vec<String> {
    revision.files(path, &["yml"]).unwrap().unwrap()
}

fn read(revision: &Revision, path: &str) -> Option<String> {
    let bytes = revision.read(path).unwrap();
    bytes.map(|bytes| String::from_utf8(bytes).unwrap())
}

/// One with two commits: `a.yml` is edited, `b.yml` renamed, `c.yml` removed.
fn edited() -> Repository {
    let repository = Repository::new();
    repository.write("rules/a.yml", "one\n");
    repository.write("rules/b.yml", "b\n");
    repository.write("rules/c.yml", "c\r\n");
    repository.commit("first");
    repository.write("rules/a.yml", "two\n");
    repository.git(&["mv", "rules/b.yml", "rules/d.yml"]);
    repository.git(&["rm", "-q", "rules/c.yml"]);
    repository.commit("second");
    repository
}

#[test]
fn revisions_are_as_they_were() {
    let repository = edited();
    let old = revision(repository.folder(), "HEAD~1");
    let new = revision(repository.folder(), "main");
    assert_eq!(
        files(&old, "rules"),
        ["rules/a.yml", "rules/b.yml", "rules/c.yml"]
    );
    assert_eq!(files(&new, "rules"), ["rules/a.yml", "rules/d.yml"]);
    assert_eq!(files(&old, "rules/a.yml"), ["rules/a.yml"]);
    assert_eq!(old.files("rule", &["yml"]).unwrap(), None);
    assert_eq!(read(&old, "rules/a.yml").as_deref(), Some("one\n"));
    assert_eq!(read(&new, "rules/a.yml").as_deref(), Some("two\n"));
    assert_eq!(read(&old, "rules/c.yml").as_deref(), Some("c\r\n"));
    assert_eq!(read(&new, "rules/c.yml"), None);
    assert_eq!(read(&new, "rules"), None);
    assert_eq!(old.id("rules/b.yml"), new.id("rules/d.yml"));
    assert_ne!(old.id("rules/a.yml"), new.id("rules/a.yml"));
}

#[test]
fn a_project_can_lie_in_a_folder_of_the_repository() {
    let repository = Repository::new();
    repository.write("detection/rules/a.yml", "a\n");
    repository.write("detection2/rules/b.yml", "b\n");
    repository.write(".gitignore", "*.gen.yml\n/detection/rules/top.yml\n");
    repository.write("detection/.gitignore", "tmp/\n");
    for ignored in [
        "x.gen.yml",
        "top.yml",
        "tmp/y.yml",
        ".hidden.yml",
        ".h/z.yml",
    ] {
        repository.write(&format!("detection/rules/{ignored}"), "x\n");
    }
    repository.commit("all");
    let project = repository.folder().join("detection");
    let tree = revision(&project, "HEAD");
    assert_eq!(files(&tree, "rules"), ["rules/a.yml"]);
    assert_eq!(files(&tree, ""), ["rules/a.yml"]);
    assert_eq!(read(&tree, "../detection2/rules/b.yml"), None);
    repository.write("detection/rules/a.yml", "changed\n");
    repository.write("detection2/rules/b.yml", "changed\n");
    let changed = open(&project).changed_since(&tree).unwrap();
    assert_eq!(changed.into_iter().collect::<Vec<_>>(), ["rules/a.yml"]);
}

#[test]
fn a_revision_without_the_folder_has_no_files() {
    let repository = Repository::new();
    repository.commit("nothing");
    repository.write("detection/a.yml", "a\n");
    repository.commit("something");
    let tree = revision(&repository.folder().join("detection"), "HEAD~1");
    assert_eq!(tree.files("", &["yml"]).unwrap(), None);
}

#[test]
fn bare_repositories_have_revisions() {
    let repository = edited();
    let bare = repository.beside("bare.git");
    let from = repository.folder().to_str().unwrap();
    repository.git(&["clone", "-q", "--bare", from, bare.to_str().unwrap()]);
    let opened = open(&bare);
    assert!(opened.is_bare());
    let tree = opened.revision("main~1").unwrap();
    assert_eq!(read(&tree, "rules/a.yml").as_deref(), Some("one\n"));
    let tree = opened.with_prefix("rules").revision("main").unwrap();
    assert_eq!(files(&tree, ""), ["a.yml", "d.yml"]);
}

#[test]
fn a_shallow_clone_says_how_to_get_more() {
    let repository = edited();
    let shallow = repository.shallow("shallow");
    let opened = open(&shallow);
    assert_eq!(
        read(&opened.revision("HEAD").unwrap(), "rules/a.yml").as_deref(),
        Some("two\n")
    );
    let error = opened.revision("HEAD~1").unwrap_err();
    assert_eq!(error.code, Code::UnknownRevision);
    assert!(error.help.join(" ").contains("--unshallow"), "{error:?}");
}

#[test]
fn a_worktree_is_a_repository_too() {
    let repository = edited();
    let other = repository.beside("other");
    repository.git(&["worktree", "add", "-q", other.to_str().unwrap(), "HEAD~1"]);
    let tree = revision(&other, "HEAD");
    assert_eq!(read(&tree, "rules/a.yml").as_deref(), Some("one\n"));
    assert_eq!(
        read(&revision(&other, "main"), "rules/a.yml").as_deref(),
        Some("two\n")
    );
}

#[test]
fn files_of_submodules_are_read_at_their_revision() {
    let inner = edited();
    let outer = Repository::new();
    let from = inner.folder().to_str().unwrap();
    outer.git(&["submodule", "--quiet", "add", from, "upstream"]);
    git(
        &outer.folder().join("upstream"),
        &["checkout", "-q", "HEAD~1"],
    );
    outer.write("own.yml", "own\n");
    outer.commit("pinned");
    git(
        &outer.folder().join("upstream"),
        &["checkout", "-q", "main"],
    );
    outer.commit("newer");
    let old = revision(outer.folder(), "HEAD~1");
    let new = revision(outer.folder(), "HEAD");
    assert_eq!(read(&old, "upstream/rules/a.yml").as_deref(), Some("one\n"));
    assert_eq!(read(&new, "upstream/rules/a.yml").as_deref(), Some("two\n"));
    assert_eq!(
        files(&new, "upstream/rules"),
        ["upstream/rules/a.yml", "upstream/rules/d.yml"]
    );
    assert!(new.is_in_submodule("upstream/rules/a.yml") && !new.is_in_submodule("own.yml"));
    // A revision that the submodule does not have can't be read, but the rest can.
    outer.git(&[
        "update-index",
        "--cacheinfo",
        "160000",
        &"1".repeat(40),
        "upstream",
    ]);
    outer.git(&["commit", "-q", "-m", "lost"]);
    let lost = revision(outer.folder(), "HEAD");
    assert_eq!(files(&lost, "own.yml"), ["own.yml"]);
    let error = lost.files("", &["yml"]).unwrap_err();
    assert!(error.to_string().contains("submodule"), "{error}");
    assert!(lost.read("upstream/rules/a.yml").is_err());
    // One that is not checked out is an empty folder.
    let clone = outer.beside("clone");
    outer.git(&[
        "clone",
        "-q",
        outer.folder().to_str().unwrap(),
        clone.to_str().unwrap(),
    ]);
    let cloned = revision(&clone, "HEAD~1");
    assert_eq!(files(&cloned, ""), ["own.yml"]);
}

#[test]
fn what_is_no_revision_is_refused() {
    let repository = edited();
    let opened = open(repository.folder());
    for name in [
        "nope",
        "--output=x",
        "-p",
        "",
        "^HEAD",
        "HEAD:rules/a.yml",
        "a b",
        "HEAD\0",
        "main..main",
    ] {
        let error = opened.revision(name).unwrap_err();
        assert_eq!(error.code, Code::UnknownRevision, "{name}");
    }
    assert!(!repository.folder().join("x").exists());
    // A tree is one, though no commit.
    assert!(opened.revision("HEAD^{tree}").is_ok());
    let base = opened.merge_base("HEAD", "HEAD~1").unwrap();
    assert_eq!(base, repository.git(&["rev-parse", "HEAD~1"]).trim());
}

#[test]
fn a_folder_without_a_repository_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let error = Git::open(folder.path(), folder.path()).unwrap_err();
    assert_eq!(error.code, Code::NoRepository);
}

#[cfg(unix)]
#[test]
fn links_and_odd_names_are_what_they_are_in_the_working_tree() {
    use std::os::unix::ffi::OsStrExt;
    let repository = Repository::new();
    repository.write("rules/a b\tç\"\n.yml", "odd\n");
    repository.write("rules/a.yml", "a\n");
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, repository.folder().join(name)).unwrap();
    };
    link("a.yml", "rules/link.yml");
    link("../../outside.yml", "rules/out.yml");
    link("loop.yml", "rules/loop.yml");
    let name = std::ffi::OsStr::from_bytes(b"rules/\xff.yml");
    std::fs::write(repository.folder().join(name), "x").unwrap();
    repository.commit("all");
    let tree = revision(repository.folder(), "HEAD");
    assert_eq!(
        read(&tree, "rules/a b\tç\"\n.yml").as_deref(),
        Some("odd\n")
    );
    assert_eq!(read(&tree, "rules/link.yml").as_deref(), Some("a\n"));
    assert!(tree.read("rules/out.yml").is_err() && tree.read("rules/loop.yml").is_err());
    assert_eq!(
        files(&tree, "rules").len(),
        5,
        "{:?}",
        files(&tree, "rules")
    );
}

#[test]
fn what_is_too_large_is_not_read() {
    let repository = Repository::new();
    repository.write("rules/a.yml", "one\n");
    let large = repository.folder().join("rules/large.yml");
    let file = std::fs::File::create(large).unwrap();
    file.set_len((16 << 20) + 1).unwrap();
    repository.commit("large");
    let tree = revision(repository.folder(), "HEAD");
    let error = tree.read("rules/large.yml").unwrap_err();
    assert!(error.to_string().contains("longer than 16777216 bytes"));
    assert_eq!(read(&tree, "rules/a.yml").as_deref(), Some("one\n"));
}

#[test]
fn a_tree_without_end_is_not_listed() {
    let repository = Repository::new();
    // Each tree has ten times the one before it, the first no file at all.
    let mut tree = repository.git(&["hash-object", "-w", "-t", "tree", "/dev/null"]);
    for _ in 0..12 {
        let lines: Vec<String> = (0..10)
            .map(|number| format!("040000 tree {}\t{number}\n", tree.trim()))
            .collect();
        repository.write("lines", lines.concat());
        let script = "git mktree < lines";
        let output = std::process::Command::new("sh")
            .current_dir(repository.folder())
            .args(["-c", script])
            .output()
            .unwrap();
        tree = String::from_utf8(output.stdout).unwrap();
    }
    let error = open(repository.folder()).revision(tree.trim()).unwrap_err();
    assert_eq!(error.code, Code::GitFailed);
    assert!(error.message.contains("1000000 files"), "{error:?}");
}
