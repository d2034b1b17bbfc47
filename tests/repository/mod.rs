//! Real git repositories in temporary folders.

use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A repository that goes away with the test.
pub struct Repository {
    _root: TempDir,
    folder: PathBuf,
}

impl Repository {
    /// A new one, without a commit.
    pub fn new() -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = root.path().join("repository");
        std::fs::create_dir(&folder).expect("made");
        let made = Self {
            _root: root,
            folder,
        };
        made.git(&["init", "-q", "-b", "main"]);
        made
    }

    /// The folder of its files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A path beside the repository.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.with_file_name(name)
    }

    /// Clones it to a path beside it, with its last commit alone.
    pub fn shallow(&self, name: &str) -> PathBuf {
        let to = self.beside(name);
        let from = format!("file://{}", self.folder.display());
        let to_text = to.to_str().expect("a path of UTF-8");
        self.git(&["clone", "-q", "--depth=1", &from, to_text]);
        to
    }

    /// Runs git in it.
    pub fn git(&self, args: &[&str]) -> String {
        git(&self.folder, args)
    }

    /// Writes a file.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.folder.join(path);
        std::fs::create_dir_all(path.parent().expect("below the root")).expect("made");
        std::fs::write(path, text).expect("written");
    }

    /// Commits everything that there is.
    pub fn commit(&self, message: &str) {
        self.git(&["add", "-A", "-f"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }
}

/// Runs git in a folder, whatever the user's own settings are.
pub fn git(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .args([
            "-c",
            "protocol.file.allow=always",
            "-c",
            "core.autocrlf=false",
        ])
        .args(["-c", "user.name=T", "-c", "user.email=t@example.org"])
        .args(["-c", "commit.gpgsign=false"])
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    let output = command.output().expect("git is installed");
    assert!(
        output.status.success(),
        "git {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}
