//! What a change does to the queries of a project.
//!
//! In: two [`Project`]s, say of two revisions, and which of their rule files may differ. Out: a
//! [`Difference`]: for each rule that changed, what changed in its meaning and, for each output, the
//! texts and how true they are, before and after. Rules are the same where their ids are, wherever
//! they lie; those without an id where their paths are, or their titles.

mod cause;
mod change;
mod linked;
mod meaning;
mod metadata;
mod pair;

pub use cause::Cause;
pub use metadata::AttributeChange;

use super::convert::ConvertedFile;
use super::linked::LinkedProject;
use super::{Project, RuleFile};
use crate::compare::{Comparison, Relation};
use linked::Linked;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;

/// Two versions of a project.
#[derive(Debug, Clone, Copy)]
pub struct Versions<'p> {
    /// The old one.
    pub before: &'p Project,
    /// The new one.
    pub after: &'p Project,
    /// Which output of the new one belongs to which of the old one, by number.
    pub outputs: &'p [OutputPair],
}

/// An output in both versions, or in one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputPair {
    /// How it is called.
    pub name: String,
    /// Its number in the old version.
    pub before: Option<usize>,
    /// Its number in the new version.
    pub after: Option<usize>,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Difference {
    /// The rules that changed, by path.
    pub rules: Vec<RuleChange>,
    /// How many of the compared rules did not change.
    pub unchanged: usize,
}

/// A rule that changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleChange {
    /// Its id.
    pub id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Where it was; none if it is new.
    pub before: Option<SourceLine>,
    /// Where it is; none if it is gone.
    pub after: Option<SourceLine>,
    /// What changed in what the rule itself says, before any pipeline; none where it says the same,
    /// or nothing on one side.
    pub meaning: Option<Comparison>,
    /// What changed of the attributes that alerts show: title, id, status, level, tags.
    pub metadata: Vec<AttributeChange>,
    /// What changed in its outputs, in the order of `varsigma.toml`.
    pub outputs: Vec<OutputChange>,
    /// The edits that caused it.
    pub causes: Vec<Cause>,
}

/// A place in a project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SourceLine {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
}

/// What changed in an output of a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutputChange {
    /// The output's name.
    pub output: String,
    /// What it was; none where the rule had no such output.
    pub before: Option<OutputState>,
    /// What it is; none where the rule has no such output.
    pub after: Option<OutputState>,
    /// What changed in meaning after the output's pipelines, where that is not what changed in the
    /// rule.
    pub meaning: Option<Comparison>,
}

/// What a rule is for an output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputState {
    /// These texts.
    Converted {
        /// What is in which file.
        files: Vec<OutputFile>,
        /// How true they are to the rule: `exact`, `broader`, …
        fidelity: &'static str,
    },
    /// It can't be converted.
    Failed {
        /// The diagnostic's code.
        code: &'static str,
        /// Why.
        message: String,
    },
}

/// A text and the file that holds it, whole or as a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutputFile {
    /// The path in the project.
    pub path: String,
    /// The text.
    pub text: String,
}

impl RuleChange {
    /// Where it is, or was.
    #[must_use]
    pub fn place(&self) -> Option<&SourceLine> {
        self.after.as_ref().or(self.before.as_ref())
    }

    /// What to call the change in a word.
    #[must_use]
    pub fn kind(&self) -> ChangeKind {
        let is_failed =
            |state: &Option<OutputState>| matches!(state, Some(OutputState::Failed { .. }));
        let is_made =
            |state: &Option<OutputState>| matches!(state, Some(OutputState::Converted { .. }));
        let mut outputs = self.outputs.iter();
        if self.before.is_none() {
            return ChangeKind::Added;
        }
        if self.after.is_none() {
            return ChangeKind::Removed;
        }
        if outputs
            .clone()
            .any(|o| is_made(&o.before) && is_failed(&o.after))
        {
            return ChangeKind::Fails;
        }
        // The rule's own change comes before what pipelines make of it, if it is one.
        let own = self.meaning.as_ref().map(|meaning| meaning.relation);
        if let Some(relation) = own.filter(|relation| *relation != Relation::Equal) {
            return ChangeKind::Meaning(relation);
        }
        if own.is_none() && outputs.any(|o| is_failed(&o.before) && is_made(&o.after)) {
            return ChangeKind::Converts;
        }
        let is_edited = self.meaning.as_ref().is_some_and(|m| !m.edits.is_empty());
        let mut relations = self
            .outputs
            .iter()
            .filter_map(|output| Some(output.meaning.as_ref()?.relation));
        match (relations.next(), own) {
            (Some(first), _) if relations.all(|other| other == first) => ChangeKind::Meaning(first),
            (Some(_), _) => ChangeKind::Varies,
            (None, _) if !is_edited && !self.metadata.is_empty() => ChangeKind::Metadata,
            (None, Some(relation)) => ChangeKind::Meaning(relation),
            (None, None) => ChangeKind::Text,
        }
    }
}

/// How a rule changed, what weighs most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It matches the same, more, less or other events.
    Meaning(Relation),
    /// Its meaning changed in another way for each output.
    Varies,
    /// Nothing but texts and their places changed.
    Text,
    /// Nothing but attributes that alerts show changed.
    Metadata,
    /// It can't be converted any more.
    Fails,
    /// It can be converted now.
    Converts,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
}

impl ChangeKind {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Meaning(relation) => relation.name(),
            Self::Varies => "varies",
            Self::Text => "text",
            Self::Metadata => "metadata",
            Self::Fails => "fails",
            Self::Converts => "converts",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }

    /// Its place by weight: 0 is what a reviewer has to see first.
    #[must_use]
    pub const fn rank(self) -> usize {
        match self {
            Self::Fails => 0,
            Self::Removed => 1,
            Self::Meaning(Relation::Changed) => 2,
            Self::Varies => 3,
            Self::Meaning(Relation::Unknown) => 4,
            Self::Meaning(Relation::Broader) => 5,
            Self::Meaning(Relation::Narrower) => 6,
            Self::Added => 7,
            Self::Converts => 8,
            Self::Metadata => 9,
            Self::Text => 10,
            Self::Meaning(Relation::Equal) => 11,
        }
    }
}

impl OutputChange {
    /// How true the query was and is, where that changed.
    #[must_use]
    pub fn fidelity(&self) -> Option<(&'static str, &'static str)> {
        match (&self.before, &self.after) {
            (
                Some(OutputState::Converted { fidelity: was, .. }),
                Some(OutputState::Converted { fidelity: is, .. }),
            ) if was != is => Some((was, is)),
            _ => None,
        }
    }
}

/// Outputs of one name belong together, those of the new version first.
#[must_use]
pub fn by_name(before: &Project, after: &Project) -> Vec<OutputPair> {
    let at = |project: &Project, name: &str| {
        let mut outputs = project.config.outputs.iter();
        outputs.position(|output| output.name == name)
    };
    let pair = |name: &String| OutputPair {
        name: name.clone(),
        before: at(before, name),
        after: at(after, name),
    };
    let mut pairs: Vec<OutputPair> = Vec::new();
    for project in [after, before] {
        for output in &project.config.outputs {
            if !pairs.iter().any(|pair| pair.name == output.name) {
                pairs.push(pair(&output.name));
            }
        }
    }
    pairs
}

/// What changed, of the rules in these files.
#[must_use]
pub fn difference(versions: Versions<'_>, before: &[&RuleFile], after: &[&RuleFile]) -> Difference {
    let (old, new) = rayon::join(
        || versions.before.rule_texts(),
        || versions.after.rule_texts(),
    );
    // A correlation or a filter reaches into other files, which may be the same in both versions.
    let texts = [old.texts(), new.texts()];
    let is_linked = texts.iter().any(|texts| linked::are_linked(texts));
    let linked = is_linked.then(|| {
        let [old, new] = &texts;
        Linked::of((versions.before, old), (versions.after, new))
    });
    let (before, after) = match &linked {
        Some(linked) => linked.with_dependents(before, after),
        None => (before.to_vec(), after.to_vec()),
    };
    let (old, new) = rayon::join(
        || versions.before.linked(&old),
        || versions.after.linked(&new),
    );
    let (before, after) = rayon::join(|| converted(&old, &before), || converted(&new, &after));
    let pairs = pair::pairs(&before, &after);
    let changes: Vec<Option<RuleChange>> = pairs
        .par_iter()
        .map(|pair| {
            let (before, after) = ((&old, &*before), (&new, &*after));
            change::change(versions, linked.as_ref(), before, after, *pair)
        })
        .collect();
    let looked_at = changes.len();
    let mut rules: Vec<RuleChange> = changes.into_iter().flatten().collect();
    rules.sort_by(|one, other| one.place().cmp(&other.place()));
    Difference {
        unchanged: looked_at - rules.len(),
        rules,
    }
}

fn converted(project: &LinkedProject<'_>, files: &[&RuleFile]) -> Vec<ConvertedFile> {
    files.par_iter().map(|file| project.convert(file)).collect()
}
