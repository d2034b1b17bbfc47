//! All files of a project as they should be.
//!
//! In: the rule files, converted, in order. Out: a [`Plan`]: every path with its text, the lock to
//! be written beside them, and the diagnostics.

use super::config::Refusals;
use super::convert::{Content, ConvertedFile, Outcome, OutputPart, text};
use super::digest::digest;
use super::lock::{Combined, Lock, Record, RecordedFile, RuleRecord};
use super::{Project, RuleFile, name};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::transpile::QueryOutput;
use std::collections::{BTreeMap, BTreeSet};

/// All files of a project as they should be.
#[derive(Debug, Default)]
pub struct Plan {
    /// Path to text.
    pub files: BTreeMap<String, PlannedFile>,
    /// The lock that belongs to them.
    pub lock: Lock,
    /// What there is to say, a rule file each, in their order.
    pub messages: Vec<FileMessages>,
    /// Rules that have no output, in their order.
    pub refusals: Vec<Refusal>,
    /// How many rules there are.
    pub rules: usize,
}

/// A file as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFile {
    /// The number of the output that it belongs to.
    pub output: usize,
    /// Its text.
    pub text: String,
    /// The places of its rules in the lock's list.
    pub rules: Vec<usize>,
}

/// What there is to say of a rule file.
#[derive(Debug, Clone)]
pub struct FileMessages {
    /// Its path.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The diagnostics, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// A rule that can't be converted for an output.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The output's number.
    pub output: usize,
    /// The rule's place in the lock's list.
    pub rule: usize,
    /// Line and column of the error's place.
    pub line: usize,
    /// Why.
    pub error: Diagnostic,
    /// The project allows it.
    pub allowed: bool,
}

/// A plan being made.
pub struct Planner<'p> {
    project: &'p Project,
    /// The lock of the last build, for the files of rules that fail now.
    last: BTreeMap<(&'p str, usize), &'p RuleRecord>,
    /// What it says of each file.
    written: BTreeMap<&'p str, RecordedFile<'p>>,
    plan: Plan,
    combined: BTreeMap<String, (usize, Vec<QueryOutput>, Vec<usize>)>,
    /// The paths of files, by what they have in common with other spellings.
    folded: BTreeMap<String, String>,
}

/// Do most file systems here take `A.spl` and `a.spl` for one file?
const IGNORES_CASE: bool = cfg!(any(windows, target_os = "macos"));

impl<'p> Planner<'p> {
    /// Begins a plan.
    #[must_use]
    pub fn new(project: &'p Project, last: &'p Lock) -> Self {
        let mut plan = Plan::default();
        let outputs = project.config.outputs.iter().zip(&project.outputs);
        plan.lock.outputs = outputs
            .map(|(output, compiled)| (output.name.clone(), compiled.recipe.clone()))
            .collect();
        Self {
            project,
            written: last.files(),
            last: last
                .rules
                .iter()
                .map(|rule| ((rule.path.as_str(), rule.number), rule))
                .collect(),
            plan,
            combined: BTreeMap::new(),
            folded: BTreeMap::new(),
        }
    }

    /// Adds a rule file. They have to come in the project's order.
    pub fn add(&mut self, file: &RuleFile, converted: ConvertedFile) {
        let mut converted = converted;
        for (rule, number) in std::mem::take(&mut converted.rules).into_iter().zip(1..) {
            self.plan.rules += 1;
            let at = self.plan.lock.rules.len();
            let mut record = RuleRecord {
                path: file.path.clone(),
                number,
                id: rule.id,
                digest: converted.digest.clone(),
                outputs: BTreeMap::new(),
            };
            let mut inputs = rule.inputs;
            for (output, outcome) in rule.outcomes {
                let taken = match outcome {
                    Outcome::Converted(pieces, fidelity) => {
                        let mut written = Record {
                            fidelity: Some(fidelity.name().to_owned()),
                            ..Record::default()
                        };
                        let mut claims = pieces.iter();
                        claims
                            .try_for_each(|piece| self.claim(&piece.path, output, rule.span))
                            .map(|()| {
                                for piece in pieces {
                                    self.put(piece, (output, at), &mut written);
                                }
                                written
                            })
                    }
                    Outcome::Failed(error) => Err((error, false)),
                };
                let mut written = taken.unwrap_or_else(|(error, is_new)| {
                    if is_new {
                        converted.diagnostics.push(error.clone());
                    }
                    self.refuse(&record, (output, at), error, &converted.text)
                });
                written.inputs = inputs.remove(&output).unwrap_or_default();
                let name = self.project.config.outputs[output].name.clone();
                record.outputs.insert(name, written);
            }
            self.plan.lock.rules.push(record);
        }
        if !converted.diagnostics.is_empty() {
            self.plan.messages.push(FileMessages {
                path: file.path.clone(),
                text: converted.text,
                diagnostics: converted.diagnostics,
            });
        }
    }

    /// Is the path free for a rule of this output?
    fn claim(&self, path: &str, output: usize, span: Span) -> Result<(), (Diagnostic, bool)> {
        if self.project.sources.has(path) {
            return Err((is_read(path).at(span), true));
        }
        let known = self.same_file(path);
        let path = known.as_deref().unwrap_or(path);
        let owner = match (self.plan.files.get(path), self.combined.get(path)) {
            (Some(planned), _) => planned.rules.first(),
            (None, Some((owner, _, rules))) if *owner != output || known.is_some() => rules.first(),
            _ => return Ok(()),
        };
        let rules = &self.plan.lock.rules;
        let owner = owner.and_then(|at| rules.get(*at));
        let owner = owner.map_or("another query of the rule", |rule| rule.path.as_str());
        let message = format!("`{path}` holds the query of `{owner}` already");
        let name = &self.project.config.outputs[output].name;
        let help = format!(
            "make `path` of `[output.{name}]` tell the rules apart, or let them share the file \
             with `combine = true`"
        );
        let error = Diagnostic::error(Code::SameOutput, message).at(span);
        Err((error.help(help), true))
    }

    /// The path of a file that is the same one where file names ignore case.
    fn same_file(&self, path: &str) -> Option<String> {
        if !IGNORES_CASE {
            return None;
        }
        let known = self.folded.get(&name::fold(path))?;
        // A file that rules share has one spelling for all of them.
        (known != path).then(|| known.clone())
    }

    fn put(
        &mut self,
        OutputPart { path, content }: OutputPart,
        (output, rule): (usize, usize),
        record: &mut Record,
    ) {
        if IGNORES_CASE {
            self.folded
                .entry(name::fold(&path))
                .or_insert_with(|| path.clone());
        }
        match content {
            Content::Text(text) => {
                record.files.insert(path.clone(), digest(text.as_bytes()));
                let planned = PlannedFile {
                    output,
                    text,
                    rules: vec![rule],
                };
                self.plan.files.insert(path, planned);
            }
            Content::Part(queries) => {
                record.into = Some(path.clone());
                let empty = || (output, Vec::new(), Vec::new());
                let (_, all, rules) = self.combined.entry(path).or_insert_with(empty);
                all.extend(queries);
                rules.push(rule);
            }
        }
    }

    /// Notes a rule without an output. What it had before stays, unless the project allows that it
    /// has none.
    fn refuse(
        &mut self,
        record: &RuleRecord,
        (output, rule): (usize, usize),
        error: Diagnostic,
        text: &str,
    ) -> Record {
        let config = &self.project.config.outputs[output];
        let allowed = config.refusals == Refusals::Allow && error.code.is_refusal();
        let last = self.last.get(&(record.path.as_str(), record.number));
        let last = last.and_then(|rule| rule.outputs.get(&config.name));
        let mut files = last.map(|last| last.files.clone()).unwrap_or_default();
        files.retain(|path, _| name::refused(path).is_none());
        if !allowed {
            self.keep(&files, &config.name);
        }
        let start = error.span().map_or(0, |span| span.range().start);
        let before = text.get(..start).unwrap_or_default();
        let code = error.code.number().to_owned();
        self.plan.refusals.push(Refusal {
            output,
            rule,
            line: before.matches('\n').count() + 1,
            error,
            allowed,
        });
        Record {
            error: Some(code),
            files: if allowed { BTreeMap::new() } else { files },
            ..Record::default()
        }
    }

    /// Keeps in the lock all that the last one has on the files that a rule keeps: after a merge both
    /// sides are needed until the rule converts again.
    fn keep(&mut self, files: &BTreeMap<String, String>, output: &str) {
        for (path, known) in files {
            let written = self.written.get(path.as_str());
            let digests = written.into_iter().flat_map(|written| &written.digests);
            for digest in digests.filter(|digest| *digest != known) {
                let claim = Combined {
                    output: output.to_owned(),
                    digest: (*digest).to_owned(),
                };
                self.plan.lock.claim(path.clone(), claim);
            }
        }
    }

    /// Ends the plan: the files that rules share get their texts.
    #[must_use]
    pub fn finish(mut self) -> Plan {
        for (path, (output, queries, rules)) in std::mem::take(&mut self.combined) {
            let compiled = &self.project.outputs[output];
            let Some(transpiler) = compiled.variants.iter().flatten().next() else {
                continue;
            };
            match text(transpiler, &queries) {
                Ok(text) => {
                    if let Some(warning) = transpiler.whole_too_long(&text) {
                        self.plan.messages.push(FileMessages {
                            path: path.clone(),
                            text: String::new(),
                            diagnostics: vec![warning],
                        });
                    }
                    let combined = Combined {
                        output: self.project.config.outputs[output].name.clone(),
                        digest: digest(text.as_bytes()),
                    };
                    self.plan.lock.combined.insert(path.clone(), combined);
                    let planned = PlannedFile {
                        output,
                        text,
                        rules,
                    };
                    self.plan.files.insert(path, planned);
                }
                Err(error) => self.plan.give_up(path, output, rules, error),
            }
        }
        // What pipelines read is known only now.
        let sources = &self.project.sources;
        let paths = self.plan.files.keys().filter(|path| sources.has(path));
        let paths: BTreeSet<String> = paths.cloned().collect();
        self.plan.lock.forget(&paths);
        for path in paths {
            if let Some(planned) = self.plan.files.remove(&path) {
                let error = is_read(&path);
                self.plan
                    .give_up(path, planned.output, planned.rules, error);
            }
        }
        self.plan
    }
}

fn is_read(path: &str) -> Diagnostic {
    let message = format!("`{path}` is a file that the project reads");
    Diagnostic::error(Code::OutputPath, message)
        .help("give the output a `path` of its own, or name that in `exclude` if it is no rule")
}

impl Plan {
    /// The refusals that the project does not allow.
    pub fn failures(&self) -> impl Iterator<Item = &Refusal> {
        self.refusals.iter().filter(|refusal| !refusal.allowed)
    }

    /// The files that rules had, and keep while they fail.
    #[must_use]
    pub fn kept(&self) -> BTreeSet<&str> {
        let failed = self.failures();
        let outputs = failed.flat_map(|refusal| self.lock.rules[refusal.rule].outputs.values());
        outputs
            .flat_map(|record| record.files.keys().map(String::as_str))
            .collect()
    }

    /// A file that can't be made: its rules have no output.
    fn give_up(&mut self, path: String, output: usize, rules: Vec<usize>, error: Diagnostic) {
        for rule in rules {
            self.refusals.push(Refusal {
                output,
                rule,
                line: 1,
                error: error.clone(),
                allowed: false,
            });
        }
        self.messages.push(FileMessages {
            path,
            text: String::new(),
            diagnostics: vec![error],
        });
    }
}
