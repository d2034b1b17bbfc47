//! Which files of a revision its own `.gitignore` files name.
//!
//! A file can be in a revision and be ignored all the same. In the working tree it is then no rule,
//! so it is not a rule in the revision either.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The patterns of a tree, by the folders that they are in. Paths are the repository's.
#[derive(Debug, Default)]
pub(super) struct Ignored {
    /// Folders, empty or with a slash at the end, the outermost first.
    files: Vec<(String, Gitignore)>,
}

impl Ignored {
    /// Adds the `.gitignore` of a folder. One inside another comes after it.
    pub fn add(&mut self, folder: String, bytes: &[u8]) {
        let mut builder = GitignoreBuilder::new("");
        for line in String::from_utf8_lossy(bytes).lines() {
            // A pattern that git would not understand is passed over, as git does.
            let _ = builder.add_line(None, line);
        }
        if let Ok(patterns) = builder.build() {
            self.files.push((folder, patterns));
        }
    }

    /// Is a file ignored, or a folder below the first `above` bytes of its path?
    pub fn has(&self, path: &str, above: usize) -> bool {
        if self.files.is_empty() {
            return false;
        }
        let folders = path.match_indices('/').map(|(at, _)| at);
        let folders = folders
            .filter(|at| *at >= above)
            .map(|at| (&path[..at], true));
        { folders }
            .chain([(path, false)])
            .any(|(part, is_folder)| self.names(part, is_folder))
    }

    /// The innermost file with a pattern for it decides.
    fn names(&self, path: &str, is_folder: bool) -> bool {
        let matches = self.files.iter().rev().filter_map(|(folder, patterns)| {
            let below = path.strip_prefix(folder.as_str())?;
            let matches = patterns.matched(below, is_folder);
            (!matches.is_none()).then(|| matches.is_ignore())
        });
        { matches }.next().unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_file_decides() {
        let mut ignored = Ignored::default();
        ignored.add(String::new(), b"build/\n*.gen.yml\n/top.yml\n");
        ignored.add("deep/".to_owned(), b"!a.gen.yml\nc.yml\n");
        for (path, expected) in [
            ("a.yml", false),
            ("a.gen.yml", true),
            ("top.yml", true),
            ("build/b.yml", true),
            ("deep/top.yml", false),
            ("deep/a.gen.yml", false),
            ("deep/c.yml", true),
            ("c.yml", false),
        ] {
            assert_eq!(ignored.has(path, 0), expected, "{path}");
        }
    }
}
