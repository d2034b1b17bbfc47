//! One rule, before and after.

use super::cause::{self, Cause};
use super::linked::Linked;
use super::pair::{At, Pair};
use super::{OutputChange, OutputFile, OutputPair, OutputState, RuleChange, SourceLine, Versions};
use super::{meaning, metadata};
use crate::compare::{Comparison, Relation};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::project::Project;
use crate::project::convert::{Content, ConvertedFile, ConvertedRule, Outcome, text};
use crate::project::linked::LinkedProject;
use crate::rule::Rule;
use crate::transpile::{Readings, Transpiler};
use std::collections::{BTreeMap, BTreeSet};

/// A rule in one version.
pub(super) struct RuleVersion<'s> {
    project: &'s Project,
    linked: &'s LinkedProject<'s>,
    file: &'s ConvertedFile,
    rule: &'s ConvertedRule,
    /// The file's rules, as far as they were read again.
    readings: Readings<'s>,
}

/// A project and its converted files.
pub(super) type Converted<'s> = (&'s LinkedProject<'s>, &'s [ConvertedFile]);

/// What changed; nothing where nothing did.
pub(super) fn change(
    versions: Versions<'_>,
    linked: Option<&Linked<'_>>,
    before: Converted<'_>,
    after: Converted<'_>,
    (old, new): Pair,
) -> Option<RuleChange> {
    let mut old = old.map(|at| version(before, at));
    let mut new = new.map(|at| version(after, at));
    let mut meaning = None;
    let mut metadata = Vec::new();
    let mut is_edited = false;
    let mut is_reached = false;
    if let (Some(old), Some(new)) = (&mut old, &mut new) {
        // The same text says the same.
        is_edited = old.file.text != new.file.text || old.rule.document != new.rule.document;
        if let Some(linked) = linked {
            let compared = linked.meaning(old.document(), new.document());
            if let Some((comparison, [was, is])) = compared {
                is_reached = !is_edited && comparison.relation != Relation::Equal;
                metadata = metadata::changes(was, is);
                meaning = Some(comparison);
            }
        } else if is_edited
            && let Some(was) = old.rule_in(&Dialect::SPECIFICATION)
            && let Some(is) = new.rule_in(&Dialect::SPECIFICATION)
        {
            meaning = Some(meaning::of_rule(was, is));
            metadata = metadata::changes(was, is);
        }
    }
    let relation = meaning
        .as_ref()
        .map_or(Relation::Equal, |meaning| meaning.relation);
    let mut causes = BTreeSet::new();
    let mut outputs = Vec::new();
    for pair in versions.outputs {
        let was = old.as_ref().and_then(|old| old.state(pair.before));
        let is = new.as_ref().and_then(|new| new.state(pair.after));
        if was == is {
            continue;
        }
        causes.extend(cause::of_output(versions, pair));
        if let (Some(old), Some(new)) = (&old, &new) {
            causes.extend(cause::of_inputs(
                versions,
                old.inputs(pair.before),
                new.inputs(pair.after),
            ));
        }
        let both = old.as_mut().zip(new.as_mut());
        outputs.push(OutputChange {
            output: pair.name.clone(),
            before: was,
            after: is,
            meaning: both.and_then(|(old, new)| own_meaning(old, new, pair, relation)),
        });
    }
    let says_the_same = meaning
        .as_ref()
        .is_none_or(|meaning| meaning.relation == Relation::Equal && meaning.edits.is_empty());
    if says_the_same && outputs.is_empty() && metadata.is_empty() {
        return None;
    }
    let moved = !has_file(versions.before, new.as_ref()) || !has_file(versions.after, old.as_ref());
    if is_edited || moved {
        causes.insert(Cause::Rule);
    }
    // An output names the file.
    if is_reached && !causes.iter().any(|cause| matches!(cause, Cause::Input(_))) {
        causes.insert(Cause::Reference);
    }
    let shown = new.as_ref().or(old.as_ref())?;
    Some(RuleChange {
        id: shown.rule.id.clone(),
        title: shown.rule.title.clone(),
        before: old.as_ref().map(RuleVersion::place),
        after: new.as_ref().map(RuleVersion::place),
        meaning,
        metadata,
        outputs,
        causes: causes.into_iter().collect(),
    })
}

/// Has a project the file of a rule?
fn has_file(project: &Project, rule: Option<&RuleVersion<'_>>) -> bool {
    rule.is_none_or(|rule| matches!(project.tree.read(&rule.file.path), Ok(Some(_))))
}

/// What changed for an output after its pipelines, where it is not what changed in the rule.
fn own_meaning(
    old: &mut RuleVersion<'_>,
    new: &mut RuleVersion<'_>,
    pair: &OutputPair,
    relation: Relation,
) -> Option<Comparison> {
    let (was, is) = (old.transpiler(pair.before)?, new.transpiler(pair.after)?);
    let (before, after) = (old.joined(pair.before)?, new.joined(pair.after)?);
    let has_filters = |rule: &Rule<'_>| !rule.detection.filters.is_empty();
    let is_plain = was.pipeline().is_empty() && is.pipeline().is_empty();
    if is_plain && !has_filters(&before) && !has_filters(&after) {
        return None;
    }
    let comparison = meaning::processed((&before, was), (&after, is))?;
    (comparison.relation != relation).then_some(comparison)
}

fn version((linked, files): Converted<'_>, (file, number): At) -> RuleVersion<'_> {
    let file = &files[file];
    RuleVersion {
        project: linked.project,
        linked,
        file,
        rule: &file.rules[number],
        readings: Readings::new(&file.text),
    }
}

impl<'s> RuleVersion<'s> {
    /// The rule as a dialect reads it, if it is sound.
    pub(super) fn rule_in(&mut self, dialect: &Dialect) -> Option<&Rule<'s>> {
        self.readings.rule(self.rule.document, dialect)
    }

    /// Its file and its number there.
    fn document(&self) -> (&str, usize) {
        (&self.file.path, self.rule.document)
    }

    fn place(&self) -> SourceLine {
        let start = self.rule.span.start as usize;
        let lines = self.file.text.get(..start).unwrap_or_default();
        let lines = lines.matches('\n').count();
        SourceLine {
            path: self.file.path.clone(),
            line: lines + 1,
        }
    }

    fn transpiler(&self, output: Option<usize>) -> Option<&'s Transpiler> {
        self.way(output).map(|(transpiler, _)| transpiler)
    }

    fn way(&self, output: Option<usize>) -> Option<(&'s Transpiler, usize)> {
        let files = &self.project.rules;
        let at = files.binary_search_by(|file| file.path.cmp(&self.file.path));
        self.project.way(output?, &files[at.ok()?])
    }

    /// The rule as an output's dialect reads it, with the output's filters.
    fn joined(&mut self, output: Option<usize>) -> Option<Rule<'s>> {
        let (transpiler, filters) = self.way(output)?;
        let dialect = transpiler.dialect();
        let found = self
            .linked
            .documents(&self.file.path, dialect.profile, filters);
        let Some((index, file)) = found else {
            return self.rule_in(dialect).cloned();
        };
        let parsed = index.documents(file).get(self.rule.document)?;
        let is_sound = !parsed.diagnostics.iter().any(Diagnostic::is_error);
        parsed.rule().filter(|_| is_sound).cloned()
    }

    /// The other files that the rule is made of for an output, with their digests.
    fn inputs(&self, output: Option<usize>) -> Option<&BTreeMap<String, String>> {
        self.rule.inputs.get(&output?)
    }

    /// What the rule is for an output.
    fn state(&self, output: Option<usize>) -> Option<OutputState> {
        let output = output?;
        let mut outcomes = self.rule.outcomes.iter();
        let (_, outcome) = outcomes.find(|(at, _)| *at == output)?;
        let pieces = match outcome {
            Outcome::Failed(error) => {
                return Some(OutputState::Failed {
                    code: error.code.number(),
                    message: error.message.clone(),
                });
            }
            Outcome::Converted(pieces, fidelity) => (pieces, fidelity),
        };
        let transpiler = self.transpiler(Some(output))?;
        let files = pieces.0.iter().map(|piece| {
            let text = match &piece.content {
                Content::Text(text) => text.clone(),
                Content::Part(queries) => {
                    text(transpiler, queries).unwrap_or_else(|error| error.message)
                }
            };
            OutputFile {
                path: piece.path.clone(),
                text,
            }
        });
        Some(OutputState::Converted {
            files: files.collect(),
            fidelity: pieces.1.name(),
        })
    }
}
