//! The events that rules are tested on.
//!
//! In: files and folders. Out: [`Sample`]s in the order of their files. A folder that holds an
//! `info.yml` as SigmaHQ's `regression_data` has it says which rules its sample is for, and how
//! often they match. Files are read a chunk at a time, so that [`stream`] holds no more than some.

use crate::cli::input::{STANDARD_INPUT, own};
use crate::cli::reason::{faulty, reason};
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::Event;
use crate::eval::read::{
    ChunkReport, EventChunk, EventReader, Expected, InputFormat, ReadError, ReadOptions,
};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde::Deserialize;
use std::collections::HashSet;
use std::io;
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
    /// The answer that it carries, if it is a witness.
    pub expected: Option<Expected>,
}

/// What an `info.yml` says of a sample.
#[derive(Debug)]
pub(super) struct Purpose {
    /// The ids of the rules that must match it.
    pub rules: Vec<String>,
    /// The least number of its events that they match, if the file gives one.
    pub count: Option<usize>,
}

/// A file that could not be read or has no events: the path, its text, and why.
#[derive(Debug)]
pub(super) struct UnreadFile {
    pub path: String,
    pub text: String,
    pub diagnostics: Vec<Diagnostic>,
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
pub(super) fn collect(paths: &[PathBuf]) -> (Vec<Sample>, Vec<UnreadFile>) {
    let mut samples = Vec::new();
    let unread = stream(paths, &mut |piece| samples.extend(piece));
    (samples, unread)
}

/// Reads all events and hands them to `take`, some thousand at a time.
pub(super) fn stream(paths: &[PathBuf], take: &mut dyn FnMut(Vec<Sample>)) -> Vec<UnreadFile> {
    let mut reader = Reader {
        take,
        samples: 0,
        unread: Vec::new(),
        folders: HashSet::new(),
        root: None,
    };
    for path in paths {
        // A path that is given may be a link to anywhere; a file of a folder must be inside it.
        reader.root = path.is_dir().then(|| path.clone());
        reader.path(path);
    }
    reader.unread
}

struct Reader<'t> {
    take: &'t mut dyn FnMut(Vec<Sample>),
    /// How many there were.
    samples: usize,
    unread: Vec<UnreadFile>,
    /// The folders that were read: links may lead to one again.
    folders: HashSet<PathBuf>,
    /// The folder that was given.
    root: Option<PathBuf>,
}

/// The endings of files that are taken from folders, in lower case.
const ENDINGS: [&str; 6] = ["json", "jsonl", "ndjson", "evtx", "raw", "log"];

/// A file's ending, in lower case.
fn ending(path: &Path) -> String {
    let ending = path.extension().unwrap_or_default();
    ending.to_string_lossy().to_lowercase()
}

impl Reader<'_> {
    /// Opens a file, if it is one of the folder's own.
    fn open(&self, path: &Path) -> io::Result<Box<dyn io::Read>> {
        if path.as_os_str() == "-" {
            return Ok(Box::new(io::stdin().lock()));
        }
        if let Some(root) = &self.root {
            own::file(root, path)?;
        }
        Ok(Box::new(std::fs::File::open(path)?))
    }

    /// Does a folder, or a link to one, lie in the folder that was given?
    fn own_folder(&self, path: &Path) -> std::io::Result<()> {
        match &self.root {
            Some(root) if path.is_symlink() => own::target(root, path).map(drop),
            _ => Ok(()),
        }
    }

    fn path(&mut self, path: &Path) {
        if path.file_name().is_some_and(|name| name == "info.yml") {
            self.regression(path);
        } else if path.is_dir() {
            let before = (self.samples, self.unread.len());
            self.folder(path);
            if before == (self.samples, self.unread.len()) {
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
            } else if ENDINGS.contains(&&*ending(&entry)) {
                self.file(&entry, None);
            }
        }
    }

    /// The samples that an `info.yml` names, or else those that are named after its rules.
    fn regression(&mut self, path: &Path) {
        let text = self.open(path).and_then(io::read_to_string);
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
            self.file(&file, Some(&Arc::new(purpose)));
        }
    }

    fn file(&mut self, path: &Path, purpose: Option<&Arc<Purpose>>) {
        let mut file = SampleFile {
            path: shown(path).into(),
            purpose: purpose.cloned(),
            events: 0,
            has_error: false,
        };
        if let Err(error) = self.chunks(path, &mut file) {
            return self.unreadable(path, &error);
        }
        if file.events == 0 && !file.has_error {
            let warning = Diagnostic::warning(Code::NoEvents, Code::NoEvents.title());
            let warning = warning.help("write one JSON object a line");
            self.fail(path, String::new(), vec![warning]);
        }
    }

    fn chunks(&mut self, path: &Path, file: &mut SampleFile) -> io::Result<()> {
        let open = self.open(path)?;
        let is_log = ["raw", "log"].contains(&&*ending(path));
        let fallback = is_log.then_some(InputFormat::Text);
        let mut reader = EventReader::new(open, ReadOptions::default().fallback(fallback));
        loop {
            let mut chunks = Vec::new();
            let mut failure = None;
            while chunks.len() < rayon::current_num_threads() * 2 {
                match reader.next() {
                    None => break,
                    Some(Ok(chunk)) => chunks.push(chunk),
                    Some(Err(error)) => {
                        failure = Some(error);
                        break;
                    }
                }
            }
            let is_last = chunks.is_empty();
            let decoded: Vec<_> = chunks.par_iter().map(decode).collect();
            for (records, report) in decoded {
                self.chunk(path, records, report, file);
            }
            match failure {
                Some(ReadError::Io(error)) => return Err(error),
                Some(ReadError::Content(error)) => {
                    file.has_error = true;
                    self.fail(path, String::new(), vec![error]);
                }
                None if is_last => return Ok(()),
                None => {}
            }
        }
    }

    /// Takes the events of a chunk of a file, and what is wrong with the rest of it.
    fn chunk(
        &mut self,
        path: &Path,
        records: Vec<(Event, Option<Expected>)>,
        report: ChunkReport,
        file: &mut SampleFile,
    ) {
        file.has_error |= report.diagnostics.iter().any(Diagnostic::is_error);
        if !report.is_empty() {
            self.fail(path, report.text, report.diagnostics);
        }
        let first = file.events + 1;
        file.events += records.len();
        self.samples += records.len();
        let samples = records.into_iter().enumerate();
        let samples = samples.map(|(at, (event, expected))| Sample {
            file: Arc::clone(&file.path),
            number: first + at,
            event,
            purpose: file.purpose.clone(),
            expected,
        });
        let samples: Vec<Sample> = samples.collect();
        if !samples.is_empty() {
            (self.take)(samples);
        }
    }

    fn unreadable(&mut self, path: &Path, error: &std::io::Error) {
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

/// A file that is read.
struct SampleFile {
    path: Arc<str>,
    purpose: Option<Arc<Purpose>>,
    /// How many there were.
    events: usize,
    has_error: bool,
}

/// The events of a chunk, prepared for matching.
fn decode(chunk: &EventChunk) -> (Vec<(Event, Option<Expected>)>, ChunkReport) {
    let mut events = Vec::new();
    let report = chunk.decode(&mut |record| {
        let event = record.event();
        events.push((event, record.expected));
    });
    (events, report)
}

/// The name that a file of events goes by.
fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return STANDARD_INPUT.to_owned();
    }
    path.display().to_string()
}
