//! Which files have events.
//!
//! In: files and folders. Out: [`EventFile`]s in order. A folder that holds an `info.yml` as SigmaHQ's
//! `regression_data` has it says which rules its sample is for, and how often they match.

use super::UnreadFile;
use crate::cli::input::{STANDARD_INPUT, own};
use crate::cli::reason::{faulty, reason};
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::read::{InputFormat, ReadOptions};
use crate::project::tree::is_test;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde::Deserialize;
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The endings of files that are taken from folders, in lower case.
const ENDINGS: [&str; 11] = [
    "json", "jsonl", "ndjson", "evtx", "xml", "csv", "tsv", "raw", "log", "gz", "zst",
];

/// How events are read, whatever their files.
#[derive(Debug, Clone, Copy, Default, Args)]
#[group(skip)]
pub struct FormatOptions {
    /// Read every file of events in this format: by default each file's content shows its own.
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    input_format: Option<InputFormat>,
}

fn formats() -> impl TypedValueParser<Value = InputFormat> {
    let names = InputFormat::ALL.iter();
    // Help of the command line begins with a capital.
    let about = |format: &InputFormat| {
        let (first, rest) = format.about().split_at(1);
        first.to_uppercase() + rest
    };
    let names = names.map(|format| PossibleValue::new(format.name()).help(about(format)));
    let unknown = "expected the name of a format";
    PossibleValuesParser::new(names)
        .try_map(move |name| InputFormat::from_name(&name).ok_or(unknown))
}

/// A file of events.
#[derive(Debug)]
pub struct EventFile {
    path: PathBuf,
    /// The folder that it has to lie in.
    root: Option<PathBuf>,
    /// The name that messages have for it.
    pub name: Arc<str>,
    /// Which rules its events are for; none for all of them.
    pub purpose: Option<Arc<Purpose>>,
    format: FormatOptions,
}

/// What an `info.yml` says of a sample.
#[derive(Debug)]
pub struct Purpose {
    /// The ids of the rules that must match it.
    pub rules: Vec<String>,
    /// The least number of its events that they match, if the file gives one.
    pub count: Option<usize>,
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

impl EventFile {
    /// Opens the file, if it is one of the folder's own.
    pub(super) fn open(&self) -> io::Result<Box<dyn io::Read>> {
        open(&self.path, self.root.as_deref())
    }

    pub(super) fn is_standard_input(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    /// How it is read: where the content is no other format for certain, the name says what it is.
    pub(super) fn options(&self) -> ReadOptions {
        let is_packed = ["gz", "zst"].contains(&&*ending(&self.path));
        let packed = self.path.file_stem().filter(|_| is_packed).map(Path::new);
        let named = match &*ending(packed.unwrap_or(&self.path)) {
            "raw" | "log" => Some(InputFormat::Text),
            "csv" => Some(InputFormat::Csv),
            "tsv" => Some(InputFormat::Tsv),
            _ => None,
        };
        ReadOptions::default()
            .format(self.format.input_format)
            .fallback(named)
    }

    pub(super) fn unread(&self, text: String, diagnostics: Vec<Diagnostic>) -> UnreadFile {
        UnreadFile {
            path: self.name.to_string(),
            text,
            diagnostics,
        }
    }
}

/// The files of events at these paths, and what can't be looked into.
pub fn find(paths: &[PathBuf], format: FormatOptions) -> (Vec<EventFile>, Vec<UnreadFile>) {
    let mut walk = Walk {
        format,
        files: Vec::new(),
        unread: Vec::new(),
        folders: HashSet::new(),
        root: None,
        has_tests: false,
    };
    for path in paths {
        // A path that is given may be a link to anywhere; a file of a folder must be inside it.
        walk.root = path.is_dir().then(|| path.clone());
        walk.path(path);
    }
    (walk.files, walk.unread)
}

struct Walk {
    format: FormatOptions,
    files: Vec<EventFile>,
    unread: Vec<UnreadFile>,
    /// The folders that were read: links may lead to one again.
    folders: HashSet<PathBuf>,
    /// The folder that was given.
    root: Option<PathBuf>,
    /// It has tests of rules.
    has_tests: bool,
}

/// A file's ending, in lower case.
fn ending(path: &Path) -> String {
    let ending = path.extension().unwrap_or_default();
    ending.to_string_lossy().to_lowercase()
}

fn open(path: &Path, root: Option<&Path>) -> io::Result<Box<dyn io::Read>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    if let Some(root) = root {
        own::file(root, path)?;
    }
    Ok(Box::new(std::fs::File::open(path)?))
}

impl Walk {
    /// Does a folder, or a link to one, lie in the folder that was given?
    fn own_folder(&self, path: &Path) -> io::Result<()> {
        match &self.root {
            Some(root) if path.is_symlink() => own::target(root, path).map(drop),
            _ => Ok(()),
        }
    }

    fn path(&mut self, path: &Path) {
        if path.file_name().is_some_and(|name| name == "info.yml") {
            self.regression(path);
        } else if path.is_dir() {
            let before = (self.files.len(), self.unread.len());
            self.has_tests = false;
            self.folder(path);
            if before == (self.files.len(), self.unread.len()) && !self.has_tests {
                let message = "the folder has no files of events";
                let warning = Diagnostic::warning(Code::NoEvents, message);
                let help = format!("they end in `.{}`", ENDINGS.join("`, `."));
                self.fail(path, String::new(), vec![warning.help(help)]);
            }
        } else {
            self.file(path, None);
        }
    }

    fn folder(&mut self, path: &Path) {
        if !path
            .canonicalize()
            .is_ok_and(|real| self.folders.insert(real))
        {
            return;
        }
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
            if entry.is_dir() {
                match self.own_folder(&entry) {
                    Ok(()) => self.folder(&entry),
                    Err(error) => self.unreadable(&entry, &error),
                }
            } else if is_test(&shown(&entry)) {
                self.has_tests = true;
            } else if ENDINGS.contains(&&*ending(&entry)) {
                self.file(&entry, None);
            }
        }
    }

    /// The samples that an `info.yml` names, or else those that are named after its rules.
    fn regression(&mut self, path: &Path) {
        let text = open(path, self.root.as_deref()).and_then(io::read_to_string);
        let info: Info = match text {
            Err(error) => return self.unreadable(path, &error),
            Ok(text) => match serde_yaml::from_str(&text) {
                Ok(info) => info,
                Err(error) => {
                    let message = format!("expected the fields of an `info.yml`: {error}");
                    let error = Diagnostic::error(Code::Events, message);
                    return self.fail(path, text, vec![error]);
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
            self.file(&file, Some(Arc::new(purpose)));
        }
    }

    fn file(&mut self, path: &Path, purpose: Option<Arc<Purpose>>) {
        self.files.push(EventFile {
            path: path.to_owned(),
            root: self.root.clone(),
            name: shown(path).into(),
            purpose,
            format: self.format,
        });
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        let message = format!("the file can't be read: {}", reason(error));
        self.fail(path, String::new(), vec![faulty(error, message)]);
    }

    fn fail(&mut self, path: &Path, text: String, diagnostics: Vec<Diagnostic>) {
        self.unread.push(UnreadFile {
            path: shown(path),
            text,
            diagnostics,
        });
    }
}

/// The name that a file of events goes by.
fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return STANDARD_INPUT.to_owned();
    }
    path.display().to_string()
}
