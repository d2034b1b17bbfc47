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
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The name of the file.
pub const FILE: &str = "varsigma.lock";

/// The form of the file that this program writes, and the newest that it reads.
const FORM: u32 = 1;

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
    /// The combined file that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<String>,
}

/// A file that `build` wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written<'l> {
    /// The output that it belongs to.
    pub output: &'l str,
    /// The digest of its text.
    pub digest: &'l str,
    /// The rule; `None` where it has several.
    pub rule: Option<&'l RuleRecord>,
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
            self.combined.entry(path).or_insert(line.combined);
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
            // Texts and numbers always serialise.
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
        for (file, combined) in &self.combined {
            line(serde_json::to_string(&FileLine {
                file: file.into(),
                combined: combined.clone(),
            }));
        }
        for rule in &self.rules {
            line(serde_json::to_string(rule));
        }
        text
    }

    /// Every file that it names, by path.
    #[must_use]
    pub fn files(&self) -> BTreeMap<&str, Written<'_>> {
        let mut files = BTreeMap::new();
        for (path, combined) in &self.combined {
            let written = Written {
                output: &combined.output,
                digest: &combined.digest,
                rule: None,
            };
            files.insert(path.as_str(), written);
        }
        for rule in &self.rules {
            for (output, record) in &rule.outputs {
                for (path, digest) in &record.files {
                    let written = Written {
                        output,
                        digest,
                        rule: Some(rule),
                    };
                    files.entry(path.as_str()).or_insert(written);
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
            both.combined
                .entry(path.clone())
                .or_insert_with(|| combined.clone());
        }
        both.rules.extend(next.rules.iter().cloned());
        both
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
    fn what_is_no_lock_is_an_error_with_its_place() {
        let error =
            Lock::read("{\"lock\":1,\"varsigma\":\"0\"}\n{\"rule\":3}\n").expect_err("wrong");
        assert_eq!(error.code, Code::LockUnreadable);
        assert_eq!(error.span(), Some(Span::new(26, 36)));
        assert!(Lock::read("{\"lock\":99,\"varsigma\":\"9.0\"}").is_err());
        assert!(Lock::read("\u{0}").is_err());
    }
}
