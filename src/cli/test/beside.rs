//! Tests that lie beside rules, or in them.
//!
//! In: `rules/proc_a.test.yml` beside `rules/proc_a.yml`, or the key `tests` of a rule: `tests:
//! [{name: …, event: {…}, expect: match}]`. Out: [`Sample`]s of that rule alone, each with the answer
//! that it has to get; a list of `events` is a sequence, for a correlation.

use super::samples::Sample;
use super::subject::TestFolders;
use crate::cli::events::UnreadFile;
use crate::cli::input::{InputText, Origin, own, shown};
use crate::cli::reason::{faulty, reason};
use crate::cli::testable::{self, RuleNames};
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::Event;
use crate::eval::read::Expected;
use crate::eval::windows::flatten;
use crate::project::test_file::{Answer, TestFile, WrittenTest};
use crate::rule::Document;
use crate::source::Span;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A rule's document, of which the tests alone are read here.
#[derive(Deserialize)]
struct TestedDocument {
    #[serde(default)]
    tests: Vec<WrittenTest>,
    action: Option<String>,
}

/// The tests of rule files, and those that can't be read.
pub(super) fn samples(
    files: &[InputText<'_>],
    folders: &TestFolders,
) -> (Vec<Sample>, Vec<UnreadFile>) {
    let mut reader = Reader {
        samples: Vec::new(),
        unread: Vec::new(),
        sequences: 0,
    };
    for file in files {
        reader.file(file, folders);
    }
    let places = files.iter().map(|file| file.input.place.as_str());
    let has_rule = |test: &PathBuf| {
        let mut rules = files.iter().map(|file| &file.input.origin);
        rules.any(|rule| matches!(rule, Origin::File(path) if beside(path).as_ref() == Some(test)))
    };
    for path in folders.without_rules(&places.collect::<Vec<_>>()) {
        // It may lie beside its rule.
        if has_rule(&path) {
            continue;
        }
        let message = "there is no rule for these tests";
        let error = Diagnostic::error(Code::TestedRule, message);
        let error = error.help("give a file of tests the place and the name of its rule's file");
        reader.fail(&shown(&path), "", vec![error]);
    }
    (reader.samples, reader.unread)
}

struct Reader {
    samples: Vec<Sample>,
    unread: Vec<UnreadFile>,
    /// How many sequences there were.
    sequences: u64,
}

/// A rule of a file, as a test may name it.
struct Tested {
    /// The name by which samples refer to it.
    name: String,
    known_as: Vec<String>,
    is_correlation: bool,
    is_filter: bool,
}

impl Reader {
    fn file(&mut self, file: &InputText<'_>, folders: &TestFolders) {
        let beside = match &file.input.origin {
            Origin::File(path) => beside(path).filter(|path| path.is_file()),
            _ => None,
        };
        let mut paths: Vec<PathBuf> = beside.into_iter().collect();
        // A folder of tests may be one of rules.
        let elsewhere = folders.of(&file.input.place);
        paths.extend(
            elsewhere
                .filter(|path| !paths.contains(path))
                .collect::<Vec<_>>(),
        );
        let text = file.text();
        // Most rules have no tests, and are not read once more.
        let has_tests = text.lines().any(|line| line.starts_with("tests:"));
        if paths.is_empty() && !has_tests {
            return;
        }
        let rules = rules(text);
        if has_tests {
            self.inside(&file.input.name, text, &rules);
        }
        for path in paths {
            self.beside(&path, &rules);
        }
    }

    /// The tests in the rules' own file.
    fn inside(&mut self, name: &str, text: &str, rules: &[Tested]) {
        let documents = serde_yaml::Deserializer::from_str(text);
        let mut number = 0;
        let mut at = 0;
        for document in documents {
            match TestedDocument::deserialize(document) {
                Ok(document) => {
                    let rule = rules.get(at).or(main_rule(rules));
                    let rule = rule.filter(|rule| !rule.is_filter);
                    // What later documents share is no document of its own.
                    let action = document.action.as_deref();
                    at += usize::from(!matches!(action, Some("global" | "reset")));
                    for test in document.tests {
                        number += 1;
                        self.test(name, text, number, test, rules, rule);
                    }
                }
                Err(error) => {
                    let error = wrong(text, &error);
                    return self.fail(name, text, vec![error]);
                }
            }
        }
    }

    /// The tests in a file of their own.
    fn beside(&mut self, path: &Path, rules: &[Tested]) {
        let name = shown(path);
        let folder = path.parent().unwrap_or(Path::new(""));
        let read = own::file(folder, path).and_then(|()| std::fs::read_to_string(path));
        let text = match read {
            Ok(text) => text,
            Err(error) => {
                let message = format!("the file can't be read: {}", reason(&error));
                return self.fail(&name, "", vec![faulty(&error, message)]);
            }
        };
        let file: TestFile = match serde_yaml::from_str(&text) {
            Ok(file) => file,
            Err(error) => {
                let error = wrong(&text, &error);
                return self.fail(&name, &text, vec![error]);
            }
        };
        let rule = main_rule(rules);
        for (at, test) in file.tests.into_iter().enumerate() {
            self.test(&name, &text, at + 1, test, rules, rule);
        }
    }

    fn test(
        &mut self,
        file: &str,
        text: &str,
        number: usize,
        test: WrittenTest,
        rules: &[Tested],
        rule: Option<&Tested>,
    ) {
        let rule = match &test.rule {
            None => rule,
            Some(named) => {
                { rules.iter() }.find(|rule| rule.known_as.contains(named) && !rule.is_filter)
            }
        };
        let about = match test.name.as_str() {
            "" => format!("test {number}"),
            name => name.to_owned(),
        };
        let Some(rule) = rule else {
            let Some(named) = test.rule else {
                let message = format!("there is no rule for the test `{about}`");
                let error = Diagnostic::error(Code::TestedRule, message);
                let error = error.help("name a rule of the file in `rule`: a filter has no tests");
                return self.fail(file, text, vec![error]);
            };
            let message = format!("test `{about}` is for the rule `{named}`, which the file lacks");
            let names = rules.iter().filter(|rule| !rule.is_filter);
            let names = names.filter_map(|rule| rule.known_as.last());
            let error = Diagnostic::error(Code::TestedRule, message);
            let error = error.choices(&named, "rules", names.map(String::as_str));
            return self.fail(file, text, vec![error]);
        };
        let (events, is_sequence) = match (test.event, test.events) {
            (Some(event), None) => (vec![event], rule.is_correlation),
            (None, Some(events)) if !events.is_empty() => (events, true),
            (event, events) => {
                let found = match (event, events) {
                    (None, None) => "expected `event` or `events`, found neither",
                    (None, Some(_)) => "expected an event in `events`, found none",
                    (Some(_), _) => "expected `event` or `events`, found both",
                };
                let message = format!("{found}, in the test `{about}`");
                let error = Diagnostic::error(Code::TestFile, message);
                return self.fail(file, text, vec![error]);
            }
        };
        if let Some(other) = events.iter().find(|event| !event.is_object()) {
            let message =
                format!("expected the event of the test `{about}` to be a map, found `{other}`");
            let error = Diagnostic::error(Code::TestFile, message);
            return self.fail(file, text, vec![error]);
        }
        self.sequences += 1;
        let sequence = is_sequence.then_some(self.sequences);
        let file: Arc<str> = file.into();
        self.samples.extend(events.iter().map(|event| Sample {
            file: Arc::clone(&file),
            number,
            event: Event::new(flatten(event).as_ref().unwrap_or(event)),
            purpose: None,
            expected: Some(Expected {
                rule: Some(rule.name.clone()),
                matches: test.expect == Answer::Match,
                about: about.clone(),
                sequence,
            }),
        }));
    }

    fn fail(&mut self, path: &str, text: &str, diagnostics: Vec<Diagnostic>) {
        self.unread.push(UnreadFile {
            path: path.to_owned(),
            text: text.to_owned(),
            diagnostics,
        });
    }
}

/// The file of tests beside a rule file.
fn beside(path: &Path) -> Option<PathBuf> {
    let stem = path.file_stem()?.to_str()?;
    let ending = path.extension()?.to_str()?;
    Some(path.with_file_name(format!("{stem}.test.{ending}")))
}

/// The rule that a test is of where it names none: the file's correlation, or else its first rule.
fn main_rule(rules: &[Tested]) -> Option<&Tested> {
    let mut rules = rules.iter().filter(|rule| !rule.is_filter);
    let first = rules.clone().next();
    rules.find(|rule| rule.is_correlation).or(first)
}

/// The documents of a file, in order.
fn rules(text: &str) -> Vec<Tested> {
    let mut names = RuleNames::default();
    let prepared = testable::rules(text).into_iter();
    prepared
        .map(|prepared| {
            let name = names.next(&prepared);
            let (given, is_correlation) = match &prepared.document {
                Some(Document::Rule(rule)) => (rule.name.as_ref(), false),
                Some(Document::Correlation(correlation)) => (correlation.head.name.as_ref(), true),
                _ => (None, false),
            };
            let given = given.map(|name| name.value.to_string());
            let known = [prepared.id.as_deref(), prepared.title.as_deref()];
            let known = known.into_iter().flatten().map(str::to_owned);
            Tested {
                name,
                known_as: known.chain(given).collect(),
                is_correlation,
                is_filter: matches!(prepared.document, Some(Document::Filter(_))),
            }
        })
        .collect()
}

/// `VS1048` at the place that the reader names.
fn wrong(text: &str, error: &serde_yaml::Error) -> Diagnostic {
    let why = error.to_string();
    let why = why.split(" at line ").next().unwrap_or_default();
    let message = format!("expected tests of a rule: {why}");
    let diagnostic = Diagnostic::error(Code::TestFile, message)
        .help("write `tests: [{name: …, event: {…}, expect: match}]`, or `no_match`");
    let Some(location) = error.location() else {
        return diagnostic;
    };
    let mut at = location.index().min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let length = text[at..].chars().next().map_or(0, char::len_utf8);
    diagnostic.at(Span::new(at, at + length))
}
