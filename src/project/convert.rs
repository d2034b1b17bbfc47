//! One rule file of a project: what it becomes for each output.
//!
//! In: a [`RuleFile`]. Out: a [`ConvertedFile`], with a rule's texts, their paths and how true they are,
//! or why there are none. The file is read once and parsed once a dialect.

use super::config::{Output, Refusals};
use super::digest::digest;
use super::linked::LinkedProject;
use super::path_pattern::PathValues;
use super::tree::faulty;
use super::{Project, RuleFile};
use crate::diagnostic::{Code, Diagnostic, OF_OUTPUTS, Severity};
use crate::emit::Fidelity;
use crate::index::{self, Place};
use crate::output;
use crate::pipeline::RuleView;
use crate::source::Span;
use crate::transpile::{FileOutput, QueryOutput, Readings, RuleOutput, Transpiler, text_of};
use std::collections::BTreeMap;
use std::io;

/// The result of converting a rule file.
#[derive(Debug, Clone, Default)]
pub struct ConvertedFile {
    /// Its path.
    pub path: String,
    /// The digest of its bytes.
    pub digest: String,
    /// Its text.
    pub text: String,
    /// Its rules, in the order of conversion: filters come last.
    pub rules: Vec<ConvertedRule>,
    /// The diagnostics of it and its rules, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// The result of converting a rule.
#[derive(Debug, Clone, Default)]
pub struct ConvertedRule {
    /// The id, as far as it could be read.
    pub id: Option<String>,
    /// The title, as far as it could be read.
    pub title: Option<String>,
    /// Which of the file's documents it is, from 0.
    pub document: usize,
    /// Its bytes in the file.
    pub span: Span,
    /// What it becomes, for each output that it belongs to, by the output's number.
    pub outcomes: Vec<(usize, Outcome)>,
    /// The other files that it is made of for an output, with their digests, by the output's number.
    pub inputs: BTreeMap<usize, BTreeMap<String, String>>,
}

/// What a rule becomes for an output.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Texts and where they belong.
    Converted(Vec<OutputPart>, Fidelity),
    /// It can't be converted.
    Failed(Diagnostic),
}

/// A text, whole or a part of a combined file, and its path.
#[derive(Debug, Clone)]
pub struct OutputPart {
    /// The path in the project.
    pub path: String,
    /// What is there.
    pub content: Content,
}

/// What is at a path.
#[derive(Debug, Clone)]
pub enum Content {
    /// The whole text of the file.
    Text(String),
    /// Queries for a file that several rules share.
    Part(Vec<QueryOutput>),
}

impl LinkedProject<'_> {
    /// Converts a rule file for every output that it belongs to. No content makes it fail:
    /// errors are in the result.
    #[must_use]
    pub fn convert(&self, rule: &RuleFile) -> ConvertedFile {
        let project = self.project;
        let bytes = match self.read(&rule.path) {
            Some(Ok(Some(bytes))) => bytes,
            Some(Ok(None)) | None => {
                let error = io::ErrorKind::NotFound.into();
                return project.unread(rule, "there is no such file", &error);
            }
            Some(Err(error)) => return project.unread(rule, &error.to_string(), error),
        };
        let mut converted = ConvertedFile {
            path: rule.path.clone(),
            digest: digest(bytes),
            ..ConvertedFile::default()
        };
        match text_of(bytes) {
            Ok(text) => {
                text.clone_into(&mut converted.text);
                self.convert_text(rule, text, &mut converted);
            }
            Err(error) => project.fail(rule, error, &mut converted),
        }
        converted
    }

    /// A file's rules for an output, with the other files that each is made of.
    fn made(
        &self,
        rule: &RuleFile,
        rules: &mut Readings<'_>,
        (transpiler, filters): (&Transpiler, usize),
    ) -> Result<FileForOutput, Diagnostic> {
        let profile = transpiler.dialect().profile;
        if let Some((index, file)) = self.documents(&rule.path, profile, filters) {
            let documents = index.documents(file).iter();
            let heads = documents.map(|document| document.document.as_ref().map(index::head));
            let places = (0..index.documents(file).len()).map(|document| Place { file, document });
            return Ok(FileForOutput {
                output: transpiler.convert_indexed(&rule.path, file, index),
                views: heads.map(|head| head.map(RuleView::of)).collect(),
                inputs: places
                    .map(|place| self.inputs(index, place, filters))
                    .collect(),
            });
        }
        let prepared = rules.get(transpiler.dialect())?;
        Ok(FileForOutput {
            views: prepared
                .iter()
                .map(|prepared| prepared.rule().map(RuleView::of))
                .collect(),
            inputs: vec![BTreeMap::new(); prepared.len()],
            output: transpiler.convert_prepared(&rule.path, prepared.to_vec()),
        })
    }

    fn convert_text(&self, rule: &RuleFile, text: &str, converted: &mut ConvertedFile) {
        let project = self.project;
        let mut rules = Readings::new(text);
        let mut messages = OutputMessages::default();
        // Another dialect may convert the documents in another order.
        let mut places: BTreeMap<usize, usize> = BTreeMap::new();
        for (at, output, way) in project.belongs(rule) {
            let transpiler = way.0;
            let mut made = match self.made(rule, &mut rules, way) {
                Ok(made) => made,
                Err(error) => return project.fail(rule, error, converted),
            };
            let outputs = std::mem::take(&mut made.output);
            if converted.rules.is_empty() {
                converted.rules = outputs.rules.iter().map(named).collect();
                let rules = converted.rules.iter().zip(0..);
                places = rules.map(|(rule, at)| (rule.document, at)).collect();
            }
            messages.total += 1;
            for diagnostic in outputs.all_diagnostics() {
                messages.note(output, diagnostic);
            }
            let is_alone = outputs.rules.len() == 1;
            let FileForOutput { views, inputs, .. } = &mut made;
            for (result, number) in outputs.rules.into_iter().zip(1..) {
                let document = result.document;
                let known = places.get(&document);
                let Some(converted_rule) = known.and_then(|at| converted.rules.get_mut(*at)) else {
                    continue;
                };
                // A filter has no output, and neither has what only feeds correlations.
                if result.is_part && result.error.is_none() {
                    continue;
                }
                let view = views.get(document).and_then(Option::as_ref);
                let facts = PathValues {
                    place: &rule.place,
                    rule: view.filter(|_| output.path.asks_of_rules()),
                    output: &output.name,
                    extension: transpiler.extension(),
                    rule_number: (!is_alone).then_some(number),
                    query_number: None,
                };
                let outcome = outcome(result, output, transpiler, facts);
                if let Outcome::Failed(error) = &outcome {
                    messages.note(output, error);
                }
                converted_rule.outcomes.push((at, outcome));
                let inputs = inputs.get_mut(document).map(std::mem::take);
                if let Some(inputs) = inputs.filter(|inputs| !inputs.is_empty()) {
                    converted_rule.inputs.insert(at, inputs);
                }
            }
        }
        converted.diagnostics = messages.into_diagnostics();
    }
}

/// What becomes of a file's rules for an output.
struct FileForOutput {
    output: FileOutput,
    /// Its documents' attributes.
    views: Vec<Option<RuleView>>,
    /// For each of its documents the other files that it is made of, with their digests.
    inputs: Vec<BTreeMap<String, String>>,
}

impl Project {
    fn unread(&self, rule: &RuleFile, reason: &str, error: &io::Error) -> ConvertedFile {
        let mut converted = ConvertedFile {
            path: rule.path.clone(),
            ..ConvertedFile::default()
        };
        let error = faulty(error, format!("the file can't be read: {reason}"));
        self.fail(rule, error, &mut converted);
        converted
    }

    /// The outputs that a rule file belongs to.
    fn belongs(
        &self,
        rule: &RuleFile,
    ) -> impl Iterator<Item = (usize, &Output, (&Transpiler, usize))> {
        let outputs = self.config.outputs.iter().enumerate();
        outputs.filter_map(move |(at, output)| Some((at, output, self.way(at, rule)?)))
    }

    /// A file that holds no rule that could be read.
    fn fail(&self, rule: &RuleFile, error: Diagnostic, converted: &mut ConvertedFile) {
        let outputs = self.belongs(rule);
        converted.rules.push(ConvertedRule {
            outcomes: outputs
                .map(|(at, ..)| (at, Outcome::Failed(error.clone())))
                .collect(),
            ..ConvertedRule::default()
        });
        converted.diagnostics.push(error);
    }
}

fn named(rule: &RuleOutput) -> ConvertedRule {
    ConvertedRule {
        id: rule.id.clone(),
        title: rule.title.clone(),
        document: rule.document,
        span: rule.span,
        ..ConvertedRule::default()
    }
}

/// Gives a rule's queries their places.
fn outcome(
    rule: RuleOutput,
    output: &Output,
    transpiler: &Transpiler,
    facts: PathValues<'_>,
) -> Outcome {
    if let Some(error) = rule.error {
        return Outcome::Failed(error);
    }
    let no_path = |reason: String| {
        let message = format!("`{}` can't be filled in: {reason}", output.path.text());
        Outcome::Failed(Diagnostic::error(Code::OutputPath, message).at(rule.span))
    };
    let whole = |queries: &[QueryOutput]| {
        text(transpiler, queries).map_or_else(|error| Err(Outcome::Failed(error)), Ok)
    };
    let pieces = if output.combine {
        let part = |path| piece(path, Content::Part(rule.queries));
        output.path.fill(&facts).map(part).map_err(no_path)
    } else if rule.queries.len() == 1 || transpiler.has_whole_document() {
        let path = output.path.fill(&facts).map_err(no_path);
        path.and_then(|path| Ok(piece(path, Content::Text(whole(&rule.queries)?))))
    } else {
        let numbered = rule.queries.iter().zip(1..);
        let pieces = numbered.map(|(query, number)| {
            let facts = PathValues {
                query_number: Some(number),
                ..facts
            };
            let path = output.path.fill(&facts).map_err(no_path)?;
            let text = whole(std::slice::from_ref(query))?;
            Ok(OutputPart {
                path,
                content: Content::Text(text),
            })
        });
        pieces.collect()
    };
    match pieces {
        Ok(pieces) => Outcome::Converted(pieces, rule.fidelity),
        Err(failed) => failed,
    }
}

fn piece(path: String, content: Content) -> Vec<OutputPart> {
    vec![OutputPart { path, content }]
}

/// The diagnostics of all outputs, each once.
#[derive(Default)]
struct OutputMessages<'o> {
    /// The number of outputs.
    total: usize,
    entries: Vec<(Diagnostic, Vec<&'o str>)>,
}

impl<'o> OutputMessages<'o> {
    fn note(&mut self, output: &'o Output, diagnostic: &Diagnostic) {
        let mut diagnostic = diagnostic.clone();
        if output.refusals == Refusals::Allow && diagnostic.code.is_refusal() {
            diagnostic.severity = diagnostic.severity.min(Severity::Note);
        }
        let name = output.name.as_str();
        let known = self
            .entries
            .iter_mut()
            .find(|(known, _)| *known == diagnostic);
        match known {
            Some((_, outputs)) if outputs.last() != Some(&name) => outputs.push(name),
            Some(_) => {}
            None => self.entries.push((diagnostic, vec![name])),
        }
    }

    /// In the order of the text. A diagnostic of some outputs names them.
    fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut diagnostics: Vec<Diagnostic> = Vec::with_capacity(self.entries.len());
        for (diagnostic, outputs) in self.entries {
            if outputs.len() == self.total {
                diagnostics.push(diagnostic);
                continue;
            }
            let names: Vec<String> = outputs.iter().map(|name| format!("`{name}`")).collect();
            let ending = if names.len() == 1 { "" } else { "s" };
            let note = format!("{OF_OUTPUTS}{ending} {}", names.join(", "));
            diagnostics.push(diagnostic.help(note));
        }
        diagnostics.sort_by_key(Diagnostic::span);
        diagnostics
    }
}

/// The text of a file that holds these queries alone.
///
/// # Errors
/// `VS0803`: the format's document can't be rendered.
pub fn text(transpiler: &Transpiler, queries: &[QueryOutput]) -> Result<String, Diagnostic> {
    let entries: Vec<_> = queries
        .iter()
        .filter_map(|query| query.entry.clone())
        .collect();
    let mut text = match transpiler.whole_document(entries) {
        Some(document) => document?,
        None => {
            return Ok(output::lines(queries.iter().map(|query| &query.text)));
        }
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}
