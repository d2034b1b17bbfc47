//! The files of a project in a revision.

use super::Repository;
use super::batch::Source;
use super::command::Git;
use super::ignored::Ignored;
use super::listing::{self, Listed};
use super::owner;
use crate::diagnostic::{Code, Diagnostic};
use crate::project::tree::{LeadsOut, Tree, has_ending};
use crate::yaml;
use std::collections::BTreeMap;
use std::io;
use std::ops::Bound;

/// Links that lead to links are followed so far.
const MOST_LINKS: usize = 40;

/// Files of rules, and others, are read up to so many bytes, as in the working tree.
const MOST_OF_RULES: u64 = yaml::MAX_BYTES as u64;
const MOST_OF_FILE: u64 = 256 << 20;

/// No path is longer, so no link is.
const MOST_OF_LINK: u64 = 64 << 10;

/// A revision of a project's folder.
#[derive(Debug)]
pub struct Revision {
    /// As the user calls it.
    name: String,
    /// The commit's id, or the tree's.
    commit: String,
    /// Files and links by path.
    entries: BTreeMap<String, TrackedFile>,
    /// Submodules whose files can't be read, and why.
    closed: BTreeMap<String, String>,
    ignored: Ignored,
    /// How many more files and folders it may have.
    room: usize,
    /// The project's folder in the repository.
    prefix: String,
    /// The repository itself, then its submodules.
    sources: Vec<Source>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TrackedFile {
    id: String,
    is_link: bool,
    /// The repository that has it, by number.
    source: usize,
}

impl Repository {
    /// A revision by any name that git knows: `HEAD~1`, a branch, a tag, an id.
    ///
    /// # Errors
    /// There is no such revision, or git fails.
    pub fn revision(&self, name: &str) -> Result<Revision, Diagnostic> {
        let commit = self.resolve(name)?;
        let mut revision = Revision {
            name: name.to_owned(),
            entries: BTreeMap::new(),
            closed: BTreeMap::new(),
            ignored: Ignored::default(),
            room: listing::MOST_ENTRIES,
            prefix: self.prefix.clone(),
            sources: vec![Source::new(self.git.clone())],
            commit,
        };
        let folder = self.prefix.trim_end_matches('/');
        // A revision in which the project's folder was not there yet has no files.
        if let Some(id) = self.id(&format!("{}:{folder}", revision.commit))? {
            revision.list(&self.git, &id, "", 0)?;
        }
        revision.read_ignored()?;
        self.open_submodules(&mut revision)?;
        Ok(revision)
    }

    fn resolve(&self, name: &str) -> Result<String, Diagnostic> {
        let unknown = || {
            let message = format!("there is no revision `{name}`");
            Diagnostic::error(Code::UnknownRevision, message)
        };
        if name.starts_with('-') || name.contains('\0') {
            return Err(unknown().help("name a revision that doesn't begin with `-`"));
        }
        for kind in ["commit", "tree"] {
            if let Some(id) = self.id(&format!("{name}^{{{kind}}}"))? {
                return Ok(id);
            }
        }
        Err(self.shallow_help(unknown()))
    }

    /// The id that a name stands for; it does not begin with `-`.
    fn id(&self, name: &str) -> Result<Option<String>, Diagnostic> {
        let output = self.git.run(&["rev-parse", "--verify", "--quiet", name])?;
        let id = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        // `^HEAD` is no revision but says to leave one out.
        let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        Ok((output.status.success() && is_id).then_some(id))
    }

    /// The last revision that two have in common.
    ///
    /// # Errors
    /// There is none.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<String, Diagnostic> {
        let (one, other) = (self.resolve(one)?, self.resolve(other)?);
        let output = self.git.run(&["merge-base", &one, &other])?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        let message = "the revisions have no common one".to_owned();
        let error = Diagnostic::error(Code::UnknownRevision, message);
        Err(self.shallow_help(error))
    }

    fn shallow_help(&self, error: Diagnostic) -> Diagnostic {
        if self.is_shallow {
            return error
                .help(
                    "fetch the other revisions of this shallow clone with `git fetch --unshallow`",
                )
                .help("set `fetch-depth: 0` (GitHub) or `GIT_DEPTH: 0` (GitLab) in CI");
        }
        error.help(
            "use `git log` to see what is here, `git fetch` to get what other repositories have",
        )
    }

    /// Adds the files of submodules that are checked out.
    fn open_submodules(&self, revision: &mut Revision) -> Result<(), Diagnostic> {
        let links: Vec<(String, String)> =
            std::mem::take(&mut revision.closed).into_iter().collect();
        let top = self.top.as_ref().map(|top| top.join(&self.prefix));
        let real = top.and_then(|top| top.canonicalize().ok());
        for (path, commit) in links {
            // A submodule that is not checked out is an empty folder.
            let Some(folder) = self
                .top
                .as_ref()
                .map(|top| top.join(&self.prefix).join(&path))
            else {
                continue;
            };
            // A link in its place could lead to any other repository.
            let is_own = || Some(folder.canonicalize().ok()? == real.as_ref()?.join(&path));
            if !folder.join(".git").exists() || is_own() != Some(true) {
                continue;
            }
            let git = Git {
                folder,
                is_inner: true,
            };
            // What git can't open is an error where it is read.
            match owner::check(&git, &git.folder) {
                Err(error) if error.code == Code::NoRepository => return Err(error),
                _ => {}
            }
            let source = revision.sources.len();
            revision.sources.push(Source::new(git.clone()));
            let tree = format!("{commit}^{{tree}}");
            if let Err(error) = revision.list(&git, &tree, &format!("{path}/"), source) {
                let mut reason = format!("the submodule does not have its revision {commit}");
                for help in &error.help {
                    reason = format!("{reason} ({help})");
                }
                revision.closed.insert(path, reason);
            }
        }
        Ok(())
    }
}

impl Revision {
    /// As the user calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the commit, or of a tree that is none's.
    #[must_use]
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// The id of a file's contents: equal for equal contents.
    #[must_use]
    pub fn id(&self, path: &str) -> Option<&str> {
        let entry = self.entries.get(path).filter(|entry| !entry.is_link)?;
        Some(&entry.id)
    }

    /// The paths of all its files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Is the file a submodule's? git then says nothing of it to the repository around.
    #[must_use]
    pub fn is_in_submodule(&self, path: &str) -> bool {
        self.entries.get(path).is_some_and(|entry| entry.source > 0)
    }

    /// Adds the files of a tree below `folder`; submodules go to `closed` with their revisions.
    fn list(
        &mut self,
        git: &Git,
        tree: &str,
        folder: &str,
        source: usize,
    ) -> Result<(), Diagnostic> {
        let (entries, closed) = (&mut self.entries, &mut self.closed);
        self.room = listing::list(git, tree, self.room, |Listed { mode, id, path }| {
            let path = format!("{folder}{path}");
            let id = id.to_owned();
            match mode {
                "160000" if source == 0 => drop(closed.insert(path, id)),
                "160000" => {}
                _ => {
                    let is_link = mode == "120000";
                    let entry = TrackedFile {
                        id,
                        is_link,
                        source,
                    };
                    entries.insert(path, entry);
                }
            }
        })?;
        Ok(())
    }

    /// Reads the `.gitignore` files above the project and in it.
    fn read_ignored(&mut self) -> Result<(), Diagnostic> {
        let above = self.prefix.match_indices('/').map(|(at, _)| at + 1);
        let above: Vec<usize> = std::iter::once(0).chain(above).collect();
        for end in above {
            let folder = &self.prefix[..end];
            if folder == self.prefix {
                break;
            }
            let name = format!("{}:{folder}.gitignore", self.commit);
            let output = self.sources[0]
                .git
                .run(&["rev-parse", "--verify", "--quiet", &name])?;
            if output.status.success() {
                let id = String::from_utf8_lossy(&output.stdout);
                let bytes = self.sources[0].read(id.trim(), MOST_OF_RULES);
                let bytes = bytes.map_err(|error| unread(&name, &error))?;
                self.ignored.add(folder.to_owned(), &bytes);
            }
        }
        let is_named = |path: &str| path.rsplit('/').next() == Some(".gitignore");
        let own = self.entries.iter();
        let own = own.filter(|(path, entry)| is_named(path) && !entry.is_link);
        for (path, entry) in own {
            let bytes = self.sources[entry.source]
                .read(&entry.id, MOST_OF_RULES)
                .map_err(|error| unread(path, &error))?;
            let folder = path.strip_suffix(".gitignore").unwrap_or_default();
            self.ignored.add(format!("{}{folder}", self.prefix), &bytes);
        }
        Ok(())
    }

    /// Where a path leads, links followed; nothing where it is no file.
    fn entry(&self, path: &str) -> io::Result<Option<&TrackedFile>> {
        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            let Some(entry) = self.entries.get(&path) else {
                return match self
                    .closed
                    .iter()
                    .find(|(folder, _)| is_below(&path, folder))
                {
                    Some((_, reason)) => Err(io::Error::other(reason.clone())),
                    None => Ok(None),
                };
            };
            if !entry.is_link {
                return Ok(Some(entry));
            }
            let target = self.sources[entry.source].read(&entry.id, MOST_OF_LINK)?;
            match std::str::from_utf8(&target)
                .ok()
                .and_then(|to| joined(&path, to))
            {
                Some(target) => path = target,
                None => return Err(io::Error::other(LeadsOut)),
            }
        }
        Err(io::Error::other("too many links lead to links"))
    }

    /// The paths below a folder.
    fn below<'r>(&'r self, folder: &str) -> impl Iterator<Item = &'r String> {
        let start = match folder {
            "" => String::new(),
            _ => format!("{folder}/"),
        };
        let from = self
            .entries
            .range::<str, _>((Bound::Included(start.as_str()), Bound::Unbounded));
        from.map(|(path, _)| path)
            .take_while(move |path| path.starts_with(&start))
    }
}

impl Tree for Revision {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        match self.entry(path)? {
            Some(entry) => {
                let is_rule = has_ending(path, &["yml", "yaml"]);
                let most = if is_rule { MOST_OF_RULES } else { MOST_OF_FILE };
                self.sources[entry.source].read(&entry.id, most).map(Some)
            }
            None => Ok(None),
        }
    }

    fn files(&self, path: &str, endings: &[&str]) -> io::Result<Option<Vec<String>>> {
        if self.entry(path)?.is_some() {
            return Ok(Some(vec![path.to_owned()]));
        }
        let inside = |folder: &&String| path.is_empty() || is_below(folder, path);
        if let Some(folder) = self.closed.keys().find(inside) {
            return Err(io::Error::other(self.closed[folder].clone()));
        }
        let mut below = self.below(path).peekable();
        if below.peek().is_none() {
            return Ok(None);
        }
        let length = if path.is_empty() { 0 } else { path.len() + 1 };
        let is_wanted = |file: &&String| {
            let mut parts = file[length..].split('/');
            !parts.any(|part| part.starts_with('.'))
                && has_ending(file, endings)
                && !self.ignored.has(
                    &format!("{}{file}", self.prefix),
                    self.prefix.len() + length,
                )
        };
        Ok(Some(below.filter(is_wanted).cloned().collect()))
    }
}

fn unread(path: &str, error: &io::Error) -> Diagnostic {
    let message = format!("`{path}` can't be read: {error}");
    Diagnostic::error(Code::GitFailed, message)
}

/// Is a path a folder's, or in it?
fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Where a link at `path` leads; nothing where that is outside.
fn joined(path: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_in_the_project() {
        assert_eq!(joined("a/b.yml", "../c.yml").as_deref(), Some("c.yml"));
        assert_eq!(joined("a/b.yml", "./d/e.yml").as_deref(), Some("a/d/e.yml"));
        assert_eq!(joined("a/b.yml", "../../c.yml"), None);
        assert_eq!(joined("a/b.yml", "/etc/passwd"), None);
    }
}
