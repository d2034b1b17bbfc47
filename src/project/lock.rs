//! `varsigma.lock`: what `build` wrote, and from what.
//!
//! In: the file's text. Out: a [`Lock`], and back. One JSON object a line, sorted, so that a change
//! of one rule is a change of one line; where two branches changed it, reading takes both sides.
//!
//! ```text
//! {"lock":1,"varsigma":"0.1.0"}
//! {"output":"splunk","target":"5c0e…","pipelines":"e3b0…","config":"91aa…"}
//! {"file":"generated/all.conf","output":"searches","digest":"77d1…"}
//! {"rule":"rules/a.yml","id":"5f35…","digest":"09ab…","outputs":{"splunk":{"fidelity":"exact","files":{"generated/splunk/a.spl":"c2f4…"}}}}
//! ```

use super::Recipe;
use super::digest::digest;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use serde::{Deserialize, Serialize};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// The name of the file.
pub const FILE: &str = "varsigma.lock";

/// The form of the file that this program writes, and the newest that it reads.
const FORM: u32 = 1;

/// How far back an entry is looked for that is there already.
const MOST_ALIKE: usize = 1000;

/// What was written, and from what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The version of the program that wrote it.
    pub varsigma: String,
    /// `build` is at work, or was interrupted: files are as the lock says, or newer.
    pub unfinished: bool,
    /// It has a merge's conflict markers.
    pub conflicted: bool,
    /// What each output was made of, by name.
    pub outputs: BTreeMap<String, Recipe>,
    /// Files that several rules share: path to output and digest.
    pub combined: BTreeMap<String, Combined>,
    /// What else it says of such files: while `build` is at work, and where branches differ.
    pub others: Vec<(String, Combined)>,
    /// The rules, by path and number.
    pub rules: Vec<RuleRecord>,
}

/// A file that several rules share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Combined {
    /// The output's name.
    pub output: String,
    /// The digest of its text.
    pub digest: String,
}

/// A rule, and what it became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRecord {
    /// The rule file's path.
    #[serde(rename = "rule")]
    pub path: String,
    /// Which of the file's rules it is, from 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub number: usize,
    /// The rule's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The digest of the rule file.
    pub digest: String,
    /// What it became, by output.
    pub outputs: BTreeMap<String, Record>,
}

/// What a rule became for an output.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Record {
    /// How true its queries are to it; none where it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fidelity: Option<String>,
    /// The code of the error where it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Its own files and their digests.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// The other files that it is made of, and their digests: of rules that it names, of filters
    /// that apply.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, String>,
    /// The combined file that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<String>,
}

/// A file that `build` wrote, as the lock has it. Anybody can write a lock: it is a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedFile<'l> {
    /// The output that it belongs to.
    pub output: &'l str,
    /// The digests of its text. There are several where the lock is of an unfinished build, or of
    /// two branches.
    pub digests: Vec<&'l str>,
    /// The rule; `None` where it has several.
    pub rule: Option<&'l RuleRecord>,
}

impl RecordedFile<'_> {
    /// Is that a text which the lock knows? One with the line ends of Windows is the same, and so is
    /// a merge conflict between two that it knows.
    #[must_use]
    pub fn is(&self, bytes: &[u8]) -> bool {
        let knows = |text: &[u8]| self.digests.contains(&digest(text).as_str());
        let sides = || sides(std::str::from_utf8(bytes).ok()?);
        knows(bytes) || sides().is_some_and(|sides| sides.iter().all(|side| knows(side.as_bytes())))
    }
}

/// The two sides of a text with conflict markers.
fn sides(text: &str) -> Option<[String; 2]> {
    let mut sides = [String::new(), String::new()];
    // Which of the sides a line belongs to.
    let mut belongs = [true, true];
    let mut has_conflict = false;
    for line in text.split_inclusive('\n') {
        belongs = match line.get(..7) {
            Some("<<<<<<<") => [true, false],
            Some("|||||||") => [false, false],
            Some("=======") => [false, true],
            Some(">>>>>>>") => [true, true],
            _ => {
                for (side, _) in sides.iter_mut().zip(belongs).filter(|(_, is)| *is) {
                    side.push_str(line);
                }
                continue;
            }
        };
        has_conflict = true;
    }
    has_conflict.then_some(sides)
}

#[derive(Serialize, Deserialize)]
struct Header {
    lock: u32,
    varsigma: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unfinished: bool,
}

#[derive(Serialize, Deserialize)]
struct OutputLine<'l> {
    output: std::borrow::Cow<'l, str>,
    #[serde(flatten)]
    recipe: Recipe,
}

#[derive(Serialize, Deserialize)]
struct FileLine<'l> {
    file: std::borrow::Cow<'l, str>,
    #[serde(flatten)]
    combined: Combined,
}

const fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_one(number: &usize) -> bool {
    *number == 1
}

impl Default for Lock {
    fn default() -> Self {
        Self {
            varsigma: env!("CARGO_PKG_VERSION").to_owned(),
            unfinished: false,
            conflicted: false,
            outputs: BTreeMap::new(),
            combined: BTreeMap::new(),
            others: Vec::new(),
            rules: Vec::new(),
        }
    }
}

impl Lock {
    /// Reads the file's text. Of what two sides of a merge say of one thing, the first counts.
    ///
    /// # Errors
    /// `VS1015`: a line is none of the lock's, or the lock is of a newer form.
    pub fn read(text: &str) -> Result<Self, Diagnostic> {
        let mut lock = Self::default();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let span = Span::new(start, start + line.trim_end().len());
            start += line.len();
            if ["<<<<<<<", "|||||||", "=======", ">>>>>>>"]
                .iter()
                .any(|marker| line.starts_with(marker))
            {
                lock.conflicted = true;
                continue;
            }
            if line.trim().is_empty() {
                continue;
            }
            lock.take(line).map_err(|reason| {
                Diagnostic::error(Code::LockUnreadable, reason)
                    .at(span)
                    .help("take it from git again, or delete it and run `varsigma build --adopt`")
            })?;
        }
        lock.rules
            .sort_by(|one, other| (&one.path, one.number).cmp(&(&other.path, other.number)));
        Ok(lock)
    }

    fn take(&mut self, line: &str) -> Result<(), String> {
        let fault = |error: serde_json::Error| format!("expected a line of the lock: {error}");
        if line.starts_with("{\"rule\"") {
            self.rules.push(serde_json::from_str(line).map_err(fault)?);
        } else if line.starts_with("{\"file\"") {
            let line: FileLine<'_> = serde_json::from_str(line).map_err(fault)?;
            let path = line.file.into_owned();
            self.claim(path, line.combined);
        } else if line.starts_with("{\"output\"") {
            let line: OutputLine<'_> = serde_json::from_str(line).map_err(fault)?;
            let name = line.output.into_owned();
            self.outputs.entry(name).or_insert(line.recipe);
        } else {
            let header: Header = serde_json::from_str(line).map_err(fault)?;
            if header.lock > FORM {
                return Err(format!(
                    "the lock was written by varsigma {}, in a form that this program doesn't know",
                    header.varsigma
                ));
            }
            self.varsigma = header.varsigma;
            self.unfinished |= header.unfinished;
        }
        Ok(())
    }

    /// The file's text.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = String::with_capacity(256 + self.rules.len() * 600);
        let mut line = |line: serde_json::Result<String>| {
            // Texts and numbers always serialize.
            text.push_str(&line.unwrap_or_default());
            text.push('\n');
        };
        line(serde_json::to_string(&Header {
            lock: FORM,
            varsigma: self.varsigma.clone(),
            unfinished: self.unfinished,
        }));
        for (output, recipe) in &self.outputs {
            line(serde_json::to_string(&OutputLine {
                output: output.into(),
                recipe: recipe.clone(),
            }));
        }
        let others = self.others.iter().map(|(file, combined)| (file, combined));
        for (file, combined) in self.combined.iter().chain(others) {
            line(serde_json::to_string(&FileLine {
                file: file.into(),
                combined: combined.clone(),
            }));
        }
        let mut rules: Vec<&RuleRecord> = self.rules.iter().collect();
        rules.sort_by_key(|rule| (rule.path.as_str(), rule.number));
        for rule in rules {
            line(serde_json::to_string(rule));
        }
        text
    }

    /// Every file that it names, by path.
    #[must_use]
    pub fn files(&self) -> BTreeMap<&str, RecordedFile<'_>> {
        let mut files: BTreeMap<&str, RecordedFile<'_>> = BTreeMap::new();
        let mut add = |path, output, digest, rule| {
            let written = files.entry(path).or_insert(RecordedFile {
                output,
                digests: Vec::with_capacity(1),
                rule,
            });
            if !written.digests.contains(&digest) {
                written.digests.push(digest);
            }
        };
        let others = self.others.iter().map(|(path, combined)| (path, combined));
        for (path, combined) in self.combined.iter().chain(others) {
            add(
                path.as_str(),
                combined.output.as_str(),
                combined.digest.as_str(),
                None,
            );
        }
        for rule in &self.rules {
            for (output, record) in &rule.outputs {
                for (path, digest) in &record.files {
                    add(path.as_str(), output.as_str(), digest.as_str(), Some(rule));
                }
            }
        }
        files
    }

    /// What both say, this one first: the lock while `build` is at work.
    #[must_use]
    pub fn unfinished(&self, next: &Self) -> Self {
        let mut both = self.clone();
        both.unfinished = true;
        both.conflicted = false;
        for (path, combined) in &next.combined {
            both.claim(path.clone(), combined.clone());
        }
        both.rules.extend(next.rules.iter().cloned());
        both
    }

    /// Adds a file that several rules share.
    pub fn claim(&mut self, path: String, combined: Combined) {
        match self.combined.entry(path) {
            Entry::Vacant(free) => drop(free.insert(combined)),
            Entry::Occupied(known) if *known.get() == combined => {}
            Entry::Occupied(known) => {
                let other = (known.key().clone(), combined);
                // A lock of many builds that were killed says the same again and again.
                let recent = self.others.iter().rev().take(MOST_ALIKE);
                if !recent.into_iter().any(|recent| *recent == other) {
                    self.others.push(other);
                }
            }
        }
    }

    /// Takes files out of it.
    pub fn forget(&mut self, paths: &BTreeSet<String>) {
        if paths.is_empty() {
            return;
        }
        self.combined.retain(|path, _| !paths.contains(path));
        self.others.retain(|(path, _)| !paths.contains(path));
        for record in self
            .rules
            .iter_mut()
            .flat_map(|rule| rule.outputs.values_mut())
        {
            record.files.retain(|path, _| !paths.contains(path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(path: &str, file: &str) -> RuleRecord {
        let record = Record {
            fidelity: Some("exact".into()),
            files: BTreeMap::from([(file.to_owned(), "d".to_owned())]),
            ..Record::default()
        };
        RuleRecord {
            path: path.into(),
            number: 1,
            id: None,
            digest: "r".into(),
            outputs: BTreeMap::from([("splunk".to_owned(), record)]),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut lock = Lock::default();
        lock.outputs.insert("splunk".into(), Recipe::default());
        lock.combined.insert(
            "all.conf".into(),
            Combined {
                output: "splunk".into(),
                digest: "d".into(),
            },
        );
        lock.rules.push(record("a.yml", "a \"1\".spl"));
        lock.rules.push(RuleRecord {
            number: 2,
            id: Some("é".into()),
            ..record("a.yml", "b.spl")
        });
        let text = lock.write();
        assert_eq!(Lock::read(&text), Ok(lock), "{text}");
    }

    #[test]
    fn a_merge_conflict_is_both_sides() {
        let mut lock = Lock::default();
        lock.rules.push(record("b.yml", "b.spl"));
        let text = lock.write();
        let (header, rule) = text.split_once('\n').expect("two lines");
        let other = rule.replace("b.spl", "c.spl");
        let text = format!("{header}\n<<<<<<< HEAD\n{rule}=======\n{other}>>>>>>> theirs\n");
        let read = Lock::read(&text).expect("read");
        assert!(read.conflicted);
        assert_eq!(
            read.files().into_keys().collect::<Vec<_>>(),
            ["b.spl", "c.spl"]
        );
    }

    #[test]
    fn a_conflict_between_two_known_texts_is_known() {
        let (ours, theirs) = (digest(b"a\nb\nz\n"), digest(b"a\nc\nz\n"));
        let written = RecordedFile {
            output: "splunk",
            digests: vec![&ours, &theirs],
            rule: None,
        };
        let conflict = "a\n<<<<<<< HEAD\nb\n||||||| base\nx\n=======\nc\n>>>>>>> other\nz\n";
        assert!(written.is(conflict.as_bytes()));
        assert!(written.is(conflict.replace('\n', "\r\n").as_bytes()));
        assert!(!written.is(conflict.replace("b\n", "edited\n").as_bytes()));
    }

    #[test]
    fn a_build_at_work_knows_the_old_and_the_new_texts() {
        let shared = |text: &str| Combined {
            output: "splunk".into(),
            digest: digest(text.as_bytes()),
        };
        let (mut last, mut next) = (Lock::default(), Lock::default());
        last.claim("all.conf".into(), shared("old\n"));
        next.claim("all.conf".into(), shared("new\n"));
        let both = last.unfinished(&next);
        let read = Lock::read(&both.write()).expect("read");
        assert_eq!(read, both);
        let written = &read.files()["all.conf"];
        assert!(written.is(b"old\n") && written.is(b"new\n") && written.is(b"new\r\n"));
        assert!(!written.is(b"edited\n"), "unfinished or not");
    }

    #[test]
    fn what_is_no_lock_is_an_error_with_its_place() {
        let error =
            Lock::read("{\"lock\":1,\"varsigma\":\"0\"}\n{\"rule\":3}\n").expect_err("wrong");
        assert_eq!(error.code, Code::LockUnreadable);
        assert_eq!(error.span(), Some(Span::new(26, 36)));
        assert!(Lock::read("{\"lock\":99,\"varsigma\":\"9.0\"}").is_err());
        assert!(Lock::read("\u{0}").is_err());
    }
}
