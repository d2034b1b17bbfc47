//! The options of commands that take rules: which of them, through which pipelines, with which
//! filters.

use super::choose::RuleChoice;
use super::filters::Filters;
use super::pipelines::Pipelines;
use clap::Args;

/// The options of `convert`, `hunt` and `test`.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct RuleOptions {
    #[command(flatten)]
    pub choice: RuleChoice,
    #[command(flatten)]
    pub pipelines: Pipelines,
    #[command(flatten)]
    pub filters: Filters,
}
