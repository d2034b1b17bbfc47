//! `-P GLOB`: which files of folders are rules.
//!
//! In: `win_*.yml` or `windows/*.yml`. Out: a [`FilePattern`], which a path below a folder matches
//! with its last names, as `sigma convert -P` and `pathlib` do.

use clap::Args;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The option.
#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
pub struct FilePattern {
    /// In folders, take the files that this glob matches, in the place of `*.yml` and `*.yaml`.
    #[arg(short = 'P', long = "file-pattern", value_name = "GLOB", value_parser = read)]
    glob: Option<Glob>,
}

#[derive(Debug, Clone)]
struct Glob {
    text: String,
    matcher: Gitignore,
}

/// A glob in the syntax of a `.gitignore`, that counts from the right.
fn read(text: &str) -> Result<Glob, String> {
    let inner = text.trim_start_matches("**/");
    if inner.is_empty() || inner.starts_with('/') || inner.ends_with('/') {
        return Err("expected a glob for the names of files, such as `win_*.yml`".to_owned());
    }
    let mut builder = GitignoreBuilder::new("");
    builder
        .add_line(None, &format!("**/{inner}"))
        .map_err(|error| error.to_string())?;
    let matcher = builder.build().map_err(|error| error.to_string())?;
    Ok(Glob {
        text: text.to_owned(),
        matcher,
    })
}

impl FilePattern {
    /// The glob as written.
    pub fn text(&self) -> Option<&str> {
        self.glob.as_ref().map(|glob| glob.text.as_str())
    }

    /// Does a path below a folder match? `None` where no glob was given.
    pub(super) fn matches(&self, path: &str) -> Option<bool> {
        let glob = self.glob.as_ref()?;
        Some(glob.matcher.matched(path, false).is_ignore())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_counts_from_the_right() {
        for (glob, path, expected) in [
            ("*.yml", "a.yml", true),
            ("*.yml", "windows/a.yml", true),
            ("*.yml", "a.yaml", false),
            ("win_*.yml", "rules/win_a.yml", true),
            ("win_*.yml", "rules/lnx_a.yml", false),
            ("windows/*.yml", "rules/windows/a.yml", true),
            ("windows/*.yml", "windows/sub/a.yml", false),
            ("**/a.yml", "b/c/a.yml", true),
            ("!a*", "!a.yml", true),
            ("#a", "#a", true),
            ("[ab].{yml,yaml}", "x/b.yaml", true),
        ] {
            let pattern = FilePattern {
                glob: Some(read(glob).expect(glob)),
            };
            assert_eq!(pattern.matches(path), Some(expected), "{glob} {path}");
        }
        for wrong in ["", "/", "a/", "**/"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
