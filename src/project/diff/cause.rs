//! Why a rule's outputs changed.
//!
//! In: a rule's file and an output's recipe, before and after. Out: [`Cause`]s: what was edited, the
//! rule, a pipeline, the target's backend file or the settings.

use super::{OutputPair, Versions};
use crate::project::CompiledOutput;
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What was edited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The rule itself, or there was none.
    Rule,
    /// A rule that it refers to, or a filter that applies to it.
    Reference,
    /// A pipeline of this name: its text, or whether it is used.
    Pipeline(String),
    /// The order of pipelines.
    PipelineOrder,
    /// A file of filters, or of rules that the rule names.
    Input(String),
    /// The target, or its backend file.
    Target,
    /// The output's table in `varsigma.toml`, or that it has one.
    Settings,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule => f.write_str("the rule changed"),
            Self::Reference => f.write_str("a rule or a filter that it depends on changed"),
            Self::Pipeline(name) => write!(f, "pipeline `{name}` changed"),
            Self::PipelineOrder => f.write_str("the order of pipelines changed"),
            Self::Input(path) => write!(f, "`{path}` changed"),
            Self::Target => f.write_str("the target's backend file changed"),
            Self::Settings => f.write_str("`varsigma.toml` changed"),
        }
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The differences between two recipes of an output.
pub(super) fn of_output(versions: Versions<'_>, pair: &OutputPair) -> BTreeSet<Cause> {
    let before = pair.before.and_then(|at| versions.before.outputs.get(at));
    let after = pair.after.and_then(|at| versions.after.outputs.get(at));
    let mut causes = BTreeSet::new();
    let (Some(before), Some(after)) = (before, after) else {
        causes.insert(Cause::Settings);
        return causes;
    };
    causes.extend(pipelines(before, after));
    if before.recipe.target != after.recipe.target {
        causes.insert(Cause::Target);
    }
    if before.recipe.config != after.recipe.config {
        causes.insert(Cause::Settings);
    }
    causes
}

/// The other files of a rule, of either version, that changed.
pub(super) fn of_inputs(
    versions: Versions<'_>,
    before: Option<&BTreeMap<String, String>>,
    after: Option<&BTreeMap<String, String>>,
) -> BTreeSet<Cause> {
    let digest =
        |inputs: Option<&BTreeMap<String, String>>, path: &String| inputs?.get(path).cloned();
    let paths = before.into_iter().chain(after).flat_map(BTreeMap::keys);
    let differing = paths.filter(|path| {
        // Where only one version has it, the rule or the settings may be why.
        digest(before, path) != digest(after, path)
            && versions.before.tree.read(path).ok() != versions.after.tree.read(path).ok()
    });
    differing.map(|path| Cause::Input(path.clone())).collect()
}

/// The pipelines that only one of the two has, or whose texts differ.
fn pipelines(before: &CompiledOutput, after: &CompiledOutput) -> BTreeSet<Cause> {
    if before.recipe.pipelines == after.recipe.pipelines {
        return BTreeSet::new();
    }
    let set = |output: &'_ CompiledOutput| -> BTreeSet<(String, String)> {
        output.pipelines.iter().cloned().collect()
    };
    let (old, new) = (set(before), set(after));
    let differing = old.symmetric_difference(&new);
    let causes: BTreeSet<Cause> = differing
        .map(|(name, _)| Cause::Pipeline(name.clone()))
        .collect();
    if causes.is_empty() {
        return BTreeSet::from([Cause::PipelineOrder]);
    }
    causes
}
