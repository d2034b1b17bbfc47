//! One rule, before and after.

use super::cause::{self, Cause};
use super::meaning::{self, Written};
use super::metadata;
use super::pair::{At, Pair};
use super::{File, OutputChange, OutputPair, Place, RuleChange, State, Versions};
use crate::compare::Relation;
use crate::project::Project;
use crate::project::convert::{Content, Converted, ConvertedRule, Outcome, text};
use crate::transpile::Transpiler;
use std::collections::BTreeSet;

/// A rule in one version.
#[derive(Clone, Copy)]
struct Side<'s> {
    project: &'s Project,
    file: &'s Converted,
    rule: &'s ConvertedRule,
    written: Written<'s>,
}

/// What changed; nothing where nothing did.
pub(super) fn change(
    versions: Versions<'_>,
    before: &[Converted],
    after: &[Converted],
    (old, new): Pair,
) -> Option<RuleChange> {
    let old = old.map(|at| side(versions.before, before, at));
    let new = new.map(|at| side(versions.after, after, at));
    let both = old.zip(new);
    // The same text says the same.
    let edited = both.filter(|(old, new)| {
        old.file.text != new.file.text || old.written.number != new.written.number
    });
    let meaning = edited.and_then(|(old, new)| meaning::written(old.written, new.written));
    let metadata = edited.map_or(Vec::new(), |(old, new)| {
        metadata::changes(old.written, new.written)
    });
    let mut causes = BTreeSet::new();
    let mut outputs = Vec::new();
    for pair in versions.outputs {
        let was = old.and_then(|side| side.state(pair.before));
        let is = new.and_then(|side| side.state(pair.after));
        if was == is {
            continue;
        }
        causes.extend(cause::of_output(versions, pair));
        let relation = meaning
            .as_ref()
            .map_or(Relation::Equal, |meaning| meaning.relation);
        let own = both.and_then(|(old, new)| own_meaning(old, new, pair, relation));
        outputs.push(OutputChange {
            output: pair.name.clone(),
            before: was,
            after: is,
            meaning: own,
        });
    }
    let says_the_same = meaning
        .as_ref()
        .is_none_or(|meaning| meaning.relation == Relation::Equal && meaning.edits.is_empty());
    if says_the_same && outputs.is_empty() && metadata.is_empty() {
        return None;
    }
    let moved = !has_file(versions.before, new) || !has_file(versions.after, old);
    if edited.is_some() || moved {
        causes.insert(Cause::Rule);
    }
    let shown = new.or(old)?;
    Some(RuleChange {
        id: shown.rule.id.clone(),
        title: shown.rule.title.clone(),
        before: old.map(Side::place),
        after: new.map(Side::place),
        meaning,
        metadata,
        outputs,
        causes: causes.into_iter().collect(),
    })
}

/// Has a project the file of a rule?
fn has_file(project: &Project, side: Option<Side<'_>>) -> bool {
    side.is_none_or(|side| matches!(project.tree.read(&side.file.path), Ok(Some(_))))
}

/// What changed for an output after its pipelines, where it is not what changed in the rule.
fn own_meaning(
    old: Side<'_>,
    new: Side<'_>,
    pair: &OutputPair,
    relation: Relation,
) -> Option<crate::compare::Comparison> {
    let (was, is) = (old.transpiler(pair.before)?, new.transpiler(pair.after)?);
    if was.pipeline().is_empty() && is.pipeline().is_empty() {
        return None;
    }
    let comparison = meaning::processed((old.written, was), (new.written, is))?;
    (comparison.relation != relation).then_some(comparison)
}

fn side<'s>(project: &'s Project, files: &'s [Converted], (file, rule): At) -> Side<'s> {
    let file = &files[file];
    Side {
        project,
        file,
        rule: &file.rules[rule],
        written: Written {
            text: &file.text,
            number: rule,
        },
    }
}

impl Side<'_> {
    fn place(self) -> Place {
        let start = self.rule.span.start as usize;
        let lines = self.file.text.get(..start).unwrap_or_default();
        let lines = lines.matches('\n').count();
        Place {
            path: self.file.path.clone(),
            line: lines + 1,
        }
    }

    fn transpiler(&self, output: Option<usize>) -> Option<&Transpiler> {
        let files = &self.project.rules;
        let at = files.binary_search_by(|file| file.path.cmp(&self.file.path));
        self.project.transpiler(output?, &files[at.ok()?])
    }

    /// What the rule is for an output.
    fn state(&self, output: Option<usize>) -> Option<State> {
        let output = output?;
        let mut outcomes = self.rule.outcomes.iter();
        let (_, outcome) = outcomes.find(|(at, _)| *at == output)?;
        let pieces = match outcome {
            Outcome::Failed(error) => {
                return Some(State::Failed {
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
            File {
                path: piece.path.clone(),
                text,
            }
        });
        Some(State::Converted {
            files: files.collect(),
            fidelity: pieces.1.name(),
        })
    }
}
