//! A repository of rules and the queries generated from them.
//!
//! In: a [`Tree`] of files with a `varsigma.toml`. Out: a [`Project`], which converts
//! each rule file for every output; a [`Plan`](plan::Plan), all files as they should be; and a
//! [`Status`](status::Status) of what they are now. Nothing here writes a file.

mod backends;
pub mod config;
pub mod convert;
pub mod diff;
pub mod digest;
mod exclude;
pub mod filters;
pub mod git;
pub mod linked;
pub mod lock;
pub mod name;
mod open;
pub mod path_pattern;
mod pipelines;
pub mod plan;
pub mod reason;
pub mod sources;
pub mod status;
pub mod test_file;
pub mod tree;

pub use open::{open, open_as};
pub use pipelines::unknown as unknown_pipeline;

use crate::backend::BackendError;
use crate::transpile::Transpiler;
use config::Config;
use filters::FilterSets;
use ignore::gitignore::Gitignore;
use sources::Sources;
use std::sync::Arc;
use tree::Tree;

/// A project, ready to convert its rules.
#[derive(Debug)]
pub struct Project {
    /// What `varsigma.toml` says.
    pub config: Config,
    /// Its text.
    pub config_text: String,
    /// Where its files are.
    pub tree: Arc<dyn Tree>,
    /// The rule files, in byte order of their paths.
    pub rules: Vec<RuleFile>,
    /// How each output is made, as [`Config::outputs`] lists them.
    pub outputs: Vec<CompiledOutput>,
    /// The files of filters, in sets: of each output, those of a folder's rules.
    pub filters: FilterSets,
    /// What there is to say of pipelines.
    pub warnings: Vec<BackendError>,
    /// Every file that it reads.
    pub sources: Sources,
}

/// A rule file of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// Its path.
    pub path: String,
    /// The part of it below its folder in `rules`.
    pub place: String,
    /// Which of [`CompiledOutput::variants`] it goes through.
    variant: usize,
}

/// How an output is made.
#[derive(Debug)]
pub struct CompiledOutput {
    /// For each set of folders that rule files lie in: what converts them, `None` where they are
    /// not for this output.
    pub variants: Vec<Option<Transpiler>>,
    /// For each of them the set of its filters: its number in [`Project::filters`].
    pub filters: Vec<usize>,
    /// Which rule files the output leaves out.
    exclude: Gitignore,
    /// What it is made of.
    pub recipe: Recipe,
    /// Names of its pipelines, and digests of their texts.
    pub pipelines: Vec<(String, String)>,
}

/// What an output is made of besides rules, as digests: where one changed, outputs may change.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Recipe {
    /// The target's backend file, in its profile.
    pub target: String,
    /// The pipelines' texts.
    pub pipelines: String,
    /// The texts of `filters`; empty where there are none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub filters: String,
    /// What `varsigma.toml` says of it.
    pub config: String,
}

impl Project {
    /// A project without rules and outputs, as a tree without a `varsigma.toml` is one.
    #[must_use]
    pub fn empty(tree: Arc<dyn Tree>) -> Self {
        Self {
            config: Config::default(),
            config_text: String::new(),
            tree,
            rules: Vec::new(),
            outputs: Vec::new(),
            filters: FilterSets::default(),
            warnings: Vec::new(),
            sources: Sources::default(),
        }
    }

    /// What converts a rule file for an output, and the number of the set of filters that are joined
    /// to its rules; `None` where the output leaves it out.
    #[must_use]
    pub fn way(&self, output: usize, rule: &RuleFile) -> Option<(&Transpiler, usize)> {
        let compiled = &self.outputs[output];
        let excluded = compiled
            .exclude
            .matched_path_or_any_parents(&rule.path, false);
        if excluded.is_ignore() {
            return None;
        }
        let transpiler = compiled.variants[rule.variant].as_ref()?;
        Some((transpiler, compiled.filters[rule.variant]))
    }

    /// All that converts rule files, with the sets of their filters.
    fn ways(&self) -> impl Iterator<Item = (&Transpiler, usize)> {
        self.outputs.iter().flat_map(|output| {
            let ways = output.variants.iter().zip(&output.filters);
            ways.filter_map(|(transpiler, filters)| Some((transpiler.as_ref()?, *filters)))
        })
    }
}
