//! The arguments of a tool.
//!
//! In: `{"rules": "…"}`, or where reading is allowed `{"rules_path": "rules/a.yml"}`. Out: their
//! texts, or what is wrong with them, for the assistant to read.

use crate::project::name;
use serde_json::{Map, Value};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The largest text of rules, in bytes.
pub(super) const MOST_RULES: usize = 1 << 20;

/// The largest text of events, in bytes.
pub(super) const MOST_EVENTS: usize = 8 << 20;

/// The folders whose files may be read: their real paths.
pub(super) struct Folders(pub Vec<PathBuf>);

/// A text and what to call it in messages.
pub(super) struct Text {
    pub path: String,
    pub text: String,
}

/// What the calls of a session share.
pub(super) struct Session {
    pub folders: Folders,
    /// The answer of `targets` without an argument, once it was asked for.
    pub targets: OnceLock<Value>,
}

/// What a tool is given.
pub(super) struct Arguments<'a> {
    pub given: &'a Map<String, Value>,
    pub session: &'a Session,
}

impl Arguments<'_> {
    /// A text that is given, or the file that `KEY_path` names.
    pub fn text(&self, key: &str, most: usize) -> Result<Text, String> {
        if let Some(text) = self.optional(key)? {
            return bounded(text.to_owned(), key, most).map(|text| Text {
                path: String::new(),
                text,
            });
        }
        let path_key = format!("{key}_path");
        match self.optional(&path_key)? {
            Some(path) => {
                let text = self.session.folders.read(path, most)?;
                let path = path.to_owned();
                bounded(text, key, most).map(|text| Text { path, text })
            }
            None => Err(format!("expected `{key}`, found nothing")),
        }
    }

    /// A text that may be left out.
    pub fn optional(&self, key: &str) -> Result<Option<&str>, String> {
        match self.given.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("expected `{key}` to be a text")),
        }
    }

    /// Keys that the tool does not know are slips.
    pub fn check(&self, known: &Map<String, Value>) -> Result<(), String> {
        match self.given.keys().find(|key| !known.contains_key(*key)) {
            Some(key) => {
                let known: Vec<&str> = known.keys().map(String::as_str).collect();
                let known = known.join("`, `");
                Err(format!(
                    "unknown argument `{key}`; expected one of `{known}`"
                ))
            }
            None => Ok(()),
        }
    }
}

fn bounded(text: String, key: &str, most: usize) -> Result<String, String> {
    let length = text.len();
    if length > most {
        return Err(format!(
            "expected at most {most} bytes in `{key}`, found {length}"
        ));
    }
    Ok(text)
}

impl Folders {
    /// The text of a file in one of the folders, by a path there, or of the working folder. What is
    /// hidden below the folder is refused, wherever links lead: a message would show its lines.
    fn read(&self, path: &str, most: usize) -> Result<String, String> {
        if self.0.is_empty() {
            return Err(
                "files can't be read: start `varsigma mcp` with `--allow-read DIR`".to_owned(),
            );
        }
        let refused = || {
            format!(
                "expected a file of a folder that `--allow-read` names, and no hidden one, \
                 found `{path}` (VS0009)"
            )
        };
        let places = std::iter::once(PathBuf::from(path));
        let places = places.chain(self.0.iter().map(|folder| folder.join(path)));
        let allowed = |real: &PathBuf| {
            let mut below = self.0.iter().filter_map(|one| real.strip_prefix(one).ok());
            below.any(|below| !name::is_hidden(&below.to_string_lossy()))
        };
        let mut places = places.filter_map(|place| place.canonicalize().ok());
        let real = places.find(allowed).ok_or_else(refused)?;
        read(&real, most).map_err(|error| format!("`{path}` can't be read: {error}"))
    }
}

/// No more is read than is allowed, and of nothing that is no file.
fn read(path: &Path, most: usize) -> std::io::Result<String> {
    // Opening a pipe would wait for who writes into it.
    if !path.metadata()?.is_file() {
        return Err(std::io::Error::other("it is not a regular file"));
    }
    let file = std::fs::File::open(path)?;
    let mut text = String::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_string(&mut text)?;
    Ok(text)
}
