//! The events that rules are tested on.
//!
//! In: files and folders. Out: [`Sample`]s in the order of their files. A folder that holds an
//! `info.yml` as SigmaHQ's `regression_data` has it says which rules its sample is for, and how
//! often they match.

use crate::cli::input::own;
use crate::cli::reason::{faulty, reason};
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::{Event, read};
use serde::Deserialize;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An event and where it comes from.
#[derive(Debug)]
pub(super) struct Sample {
    /// The file's path.
    pub file: Arc<str>,
    /// Its number in the file, from 1.
    pub number: usize,
    pub event: Event,
    /// Which rules it is for; none for all of them.
    pub purpose: Option<Arc<Purpose>>,
}

/// What an `info.yml` says of a sample.
#[derive(Debug)]
pub(super) struct Purpose {
    /// The ids of the rules that must match it.
    pub rules: Vec<String>,
    /// How many of its events they match at least, if that is said.
    pub count: Option<usize>,
}

/// What could not be read: the path, its text, and why.
#[derive(Debug)]
pub(super) struct Unread {
    pub path: String,
    pub text: String,
    pub diagnostic: Diagnostic,
}

#[derive(Deserialize)]
struct Info {
    #[serde(default)]
    rule_metadata: Vec<Metadata>,
    regression_tests_info: Option<Vec<Regression>>,
}

#[derive(Deserialize)]
struct Metadata {
    id: String,
}

#[derive(Deserialize)]
struct Regression {
    path: String,
    match_count: Option<usize>,
}

/// Reads all events.
pub(super) fn collect(paths: &[PathBuf]) -> (Vec<Sample>, Vec<Unread>) {
    let mut reader = Reader {
        samples: Vec::new(),
        unread: Vec::new(),
        root: None,
    };
    for path in paths {
        // What is named is read wherever it leads; what a folder holds must be its own.
        reader.root = path.is_dir().then(|| path.clone());
        reader.path(path);
    }
    (reader.samples, reader.unread)
}

struct Reader {
    samples: Vec<Sample>,
    unread: Vec<Unread>,
    /// The folder that was given.
    root: Option<PathBuf>,
}

impl Reader {
    /// A file's bytes, if it is one of the folder's own.
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        if let Some(root) = &self.root {
            own::file(root, path)?;
        }
        std::fs::read(path)
    }

    fn path(&mut self, path: &Path) {
        if path.file_name().is_some_and(|name| name == "info.yml") {
            self.regression(path);
        } else if path.is_dir() {
            self.folder(path);
        } else {
            self.file(path, None);
        }
    }

    fn folder(&mut self, path: &Path) {
        let info = path.join("info.yml");
        if info.is_file() {
            return self.regression(&info);
        }
        let entries = std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut entries: Vec<PathBuf> = match entries {
            Ok(entries) => entries.into_iter().map(|entry| entry.path()).collect(),
            Err(error) => return self.unreadable(path, &error),
        };
        entries.sort();
        for entry in entries {
            let ending = entry.extension().and_then(|ending| ending.to_str());
            let known = ["json", "jsonl", "ndjson", "evtx", "raw", "log"];
            if entry.is_dir() {
                // A link could lead round in a circle.
                if !entry.is_symlink() {
                    self.folder(&entry);
                }
            } else if ending.is_some_and(|ending| known.contains(&ending)) {
                self.file(&entry, None);
            }
        }
    }

    /// The samples that an `info.yml` names, or else those that are named after its rules.
    fn regression(&mut self, path: &Path) {
        let text = self.read(path).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|_| std::io::ErrorKind::InvalidData.into())
        });
        let info: Info = match text {
            Err(error) => return self.unreadable(path, &error),
            Ok(text) => match serde_yaml::from_str(&text) {
                Ok(info) => info,
                Err(error) => {
                    let message = format!("expected the fields of an `info.yml`: {error}");
                    return self.fail(path, text, Diagnostic::error(Code::Events, message));
                }
            },
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let rules: Vec<String> = info.rule_metadata.into_iter().map(|rule| rule.id).collect();
        let named = info.regression_tests_info.unwrap_or_default();
        let named = named.into_iter().filter_map(|sample| {
            let name = sample.path.rsplit(['/', '\\']).next()?.to_owned();
            Some((folder.join(name), sample.match_count))
        });
        let mut files: Vec<(PathBuf, Option<usize>)> = named.collect();
        if files.is_empty() {
            let endings = ["evtx", "json", "jsonl", "raw", "log"];
            files.extend(rules.iter().filter_map(|id| {
                let file = |ending: &&str| folder.join(format!("{id}.{ending}"));
                let found = endings.iter().map(file).find(|file| file.is_file());
                found.map(|file| (file, None))
            }));
        }
        for (file, count) in files {
            let purpose = Purpose {
                rules: rules.clone(),
                count,
            };
            self.file(&file, Some(&Arc::new(purpose)));
        }
    }

    fn file(&mut self, path: &Path, purpose: Option<&Arc<Purpose>>) {
        let bytes = if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes).map(|_| bytes)
        } else {
            self.read(path)
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => return self.unreadable(path, &error),
        };
        let events = if bytes.starts_with(b"ElfFile\0") {
            super::evtx::events(bytes)
        } else {
            let Ok(text) = String::from_utf8(bytes) else {
                let message = "expected JSON, text lines or EVTX, found other bytes";
                let diagnostic = Diagnostic::error(Code::NotUtf8, message);
                return self.fail(path, String::new(), diagnostic);
            };
            let is_log = path
                .extension()
                .is_some_and(|ending| ending == "raw" || ending == "log");
            match if is_log {
                Ok(read::lines(&text))
            } else {
                read::json(&text)
            } {
                Ok(events) => Ok(events),
                Err(diagnostic) if text.trim_start().starts_with(['{', '[']) => {
                    return self.fail(path, text, diagnostic);
                }
                Err(diagnostic) => {
                    let help =
                        "a text log is read line by line if its name ends in `.log` or `.raw`";
                    return self.fail(path, text, diagnostic.help(help));
                }
            }
        };
        match events {
            Ok(events) => self.take(path, &events, purpose),
            Err(diagnostic) => self.fail(path, String::new(), diagnostic),
        }
    }

    fn take(&mut self, path: &Path, events: &[Json], purpose: Option<&Arc<Purpose>>) {
        let file: Arc<str> = path.display().to_string().into();
        self.samples
            .extend(events.iter().zip(1..).map(|(event, number)| Sample {
                file: Arc::clone(&file),
                number,
                event: Event::new(event),
                purpose: purpose.cloned(),
            }));
    }

    fn unreadable(&mut self, path: &Path, error: &std::io::Error) {
        let message = format!("the file can't be read: {}", reason(error));
        self.fail(path, String::new(), faulty(error, message));
    }

    fn fail(&mut self, path: &Path, text: String, diagnostic: Diagnostic) {
        self.unread.push(Unread {
            path: path.display().to_string(),
            text,
            diagnostic,
        });
    }
}
