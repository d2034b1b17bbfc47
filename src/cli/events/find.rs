//! Which files have events.
//!
//! In: files and folders. Out: [`EventFile`]s in order. A folder that holds an `info.yml` as SigmaHQ's
//! `regression_data` has it says which rules its sample is for, and how often they match.

use super::UnreadFile;
use crate::cli::input::{STANDARD_INPUT, own};
use crate::cli::reason::{faulty, reason};
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::read::{InputFormat, ReadOptions};
use crate::project::name::is_hidden;
use crate::project::tree::is_test;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The endings of files that are taken from folders, in lower case; so are files without one.
const ENDINGS: [&str; 12] = [
    "json", "jsonl", "ndjson", "evtx", "xml", "csv", "tsv", "raw", "log", "txt", "cef", "leef",
];

/// So many endings of files that are left out are named.
const MOST_ENDINGS: usize = 5;

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
        let named = match &*ending(&self.path) {
            "raw" | "log" => Some(InputFormat::Text),
            "csv" => Some(InputFormat::Csv),
            "tsv" => Some(InputFormat::Tsv),
            _ => None,
        };
        ReadOptions::default()
            .format(self.format.input_format)
            .fallback(named)
    }

    /// Was it taken from a folder though its name does not say that it is one of events?
    pub(super) fn is_guess(&self) -> bool {
        let ending = ending(&self.path);
        let is_known = ending != "txt" && ENDINGS.contains(&&*ending);
        self.root.is_some() && self.purpose.is_none() && !is_known
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
        seen: HashMap::new(),
        left_out: BTreeMap::new(),
        found: 0,
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
    /// The files that are read, and whether all of their events are for certain rules.
    seen: HashMap<PathBuf, bool>,
    /// How many files and folders were found, those that were there already among them.
    found: usize,
    /// How many files of the folder are left out, by what shows that they hold no events.
    left_out: BTreeMap<String, usize>,
    /// The folder that was given.
    root: Option<PathBuf>,
    /// It has tests of rules.
    has_tests: bool,
}

/// Is it compressed, by its name?
fn is_packed(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    ["gz", "zst"]
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}

/// A file's ending, in lower case. Those of compression and of logs that were rotated come after it:
/// `log` of `auth.log.1`, `auth.log.2.gz`, `auth.log-20260101`.
fn ending(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    let name = name.to_string_lossy().to_lowercase();
    let is_date = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_digit() || b"-_".contains(&b))
    };
    let mut parts: Vec<&str> = name.split('.').skip(1).collect();
    while let Some(last) = parts.pop() {
        let (ending, rest) = last.split_once('-').unwrap_or((last, ""));
        if !is_date(last) && !["gz", "zst", "old"].contains(&last) {
            return if is_date(rest) { ending } else { last }.to_owned();
        }
    }
    String::new()
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

    /// Does a file lie in the folder that was given?
    fn is_own(&self, path: &Path) -> bool {
        let root = self.root.as_deref();
        root.is_none_or(|root| own::file(root, path).is_ok())
    }

    fn path(&mut self, path: &Path) {
        if path.file_name().is_some_and(|name| name == "info.yml") {
            self.regression(path);
        } else if path.is_dir() {
            let before = (self.found, self.unread.len());
            self.has_tests = false;
            self.folder(path);
            if before == (self.found, self.unread.len()) && !self.has_tests {
                let message = "the folder has no files of events";
                let warning = Diagnostic::warning(Code::NoEvents, message);
                let help = format!("they end in `.{}`", ENDINGS.join("`, `."));
                self.fail(path, String::new(), vec![warning.help(help)]);
            }
            if let Some(warning) = left_out(&std::mem::take(&mut self.left_out)) {
                self.fail(path, String::new(), vec![warning]);
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
            self.found += 1;
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
            let name = entry.file_name().unwrap_or_default().to_string_lossy();
            if is_hidden(&name) {
                self.leave_out("hidden");
            } else if entry.is_dir() {
                match self.own_folder(&entry) {
                    Ok(()) => self.folder(&entry),
                    Err(error) => self.unreadable(&entry, &error),
                }
            } else if is_test(&shown(&entry)) {
                self.has_tests = true;
            } else if entry.exists() && !entry.is_file() {
                self.leave_out("pipe or device");
            } else {
                match &*ending(&entry) {
                    "" if !self.is_own(&entry) => self.leave_out("link that leads out"),
                    "" => self.file(&entry, None),
                    known if ENDINGS.contains(&known) => self.file(&entry, None),
                    // The names of compressed logs have numbers and times of many forms.
                    other if is_packed(&entry) && !["tar", "yml", "yaml"].contains(&other) => {
                        self.file(&entry, None);
                    }
                    other => self.leave_out(&format!("`.{other}`")),
                }
            }
        }
    }

    fn leave_out(&mut self, kind: &str) {
        *self.left_out.entry(kind.to_owned()).or_default() += 1;
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

    /// Takes a file, once: a path may lead to one that is there already. Only where it is for other
    /// rules, its events count again.
    fn file(&mut self, path: &Path, purpose: Option<Arc<Purpose>>) {
        self.found += 1;
        let stream = || (path.as_os_str() == "-").then(|| path.to_owned());
        if let Some(real) = stream().or_else(|| path.canonicalize().ok()) {
            let has_purpose = purpose.is_some();
            let had_purpose = self.seen.insert(real, has_purpose);
            if had_purpose.is_some_and(|had| !had || !has_purpose) {
                return;
            }
        }
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

/// What is left out of a folder, if anything is.
fn left_out(kinds: &BTreeMap<String, usize>) -> Option<Diagnostic> {
    let count: usize = kinds.values().sum();
    let mut shown: Vec<_> = kinds.iter().collect();
    shown.sort_by_key(|(_, count)| Reverse(**count));
    let more = shown.len().saturating_sub(MOST_ENDINGS);
    let shown = shown.into_iter().take(MOST_ENDINGS);
    let mut shown: Vec<_> = shown
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    if more > 0 {
        shown.push(format!("{more} more kinds"));
    }
    let files = match count {
        0 => return None,
        1 => "1 file is",
        _ => &format!("{count} files are"),
    };
    let message = format!("{files} left out of the folder: {}", shown.join(", "));
    let help = "name a file itself to read it, or several: `logs/*.dat`";
    Some(Diagnostic::warning(Code::LeftOut, message).help(help))
}

/// The name that a file of events goes by.
fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return STANDARD_INPUT.to_owned();
    }
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_is_that_of_the_log() {
        for (name, expected) in [
            ("auth.log", "log"),
            ("auth.log.1", "log"),
            ("auth.log.2.gz", "log"),
            ("auth.log-20260101", "log"),
            ("app.2026-01-01.JSON.zst", "json"),
            ("app.json.old", "json"),
            ("messages", ""),
            ("messages-20260101", ""),
            ("syslog.1.gz", ""),
            ("a.yml.gz", "yml"),
            ("a.tar.gz", "tar"),
            ("a.log-x", "log-x"),
            ("E2K.2026-01-01-00.a1b2c3d4.gz", "a1b2c3d4"),
        ] {
            assert_eq!(ending(Path::new(name)), expected, "{name}");
        }
    }
}
