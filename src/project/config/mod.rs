//! `varsigma.toml`: what a project generates from which rules.
//!
//! In: the file's text. Out: a [`Config`], or everything that is wrong with it. Paths in it are
//! relative to the project's folder and use `/` on every system.
//!
//! ```
//! use varsigma::project::config::Config;
//!
//! let config = Config::read("[output.splunk]\npath = \"spl/{path}.spl\"\n").unwrap();
//! assert_eq!(config.rules, ["rules"]);
//! assert_eq!(config.outputs[0].target, "splunk");
//! assert_eq!(config.outputs[0].path.text(), "spl/{path}.spl");
//! ```

mod read;
pub mod shape;

use super::path_pattern::PathPattern;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::dialect::Profile;
use crate::source::Span;

/// The name of the file.
pub const FILE: &str = "varsigma.toml";

/// A project file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    /// `rules = ["rules"]`: rule files and folders of them.
    pub rules: Vec<String>,
    /// `exclude = ["rules/deprecated/"]`: which of them are none of the project's, as a
    /// `.gitignore` in the project's folder would say it.
    pub exclude: Vec<String>,
    /// `backends = ["backends"]`: folders of backend files.
    pub backends: Vec<String>,
    /// `tests = ["tests"]`: folders of events and of tests of rules.
    pub tests: Vec<String>,
    /// `[output.NAME]`, in the order written.
    pub outputs: Vec<Output>,
    /// `[folder."PATH"]`, in the order of their paths, so that an outer one comes before those
    /// inside it.
    pub folders: Vec<Folder>,
}

/// `[output.splunk]`: what the rules become for one target.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// The table's name, by which messages and the lock call the output.
    pub name: String,
    /// The place of the name in `varsigma.toml`.
    pub span: Span,
    /// `target = "splunk"`; the output's name where it is not given.
    pub target: String,
    /// `format = "savedsearches"`; the target's first where it is not given.
    pub format: Option<String>,
    /// `compat = "pysigma"`
    pub profile: Profile,
    /// `pipelines = ["sysmon", "pipelines/ours.yml"]`: built-in ones, files, folders of files.
    pub pipelines: Vec<String>,
    /// `filters = ["filters"]`: files of filters and folders of them, after those for all outputs.
    pub filters: Vec<String>,
    /// `options = { min_time = "-7d" }`
    pub options: Vec<(String, String)>,
    /// `schema = "schemas/logs.json"`: a file with the columns of its tables.
    pub schema: Option<String>,
    /// `path = "generated/splunk/{path}.spl"`
    pub path: PathPattern,
    /// `combine = true`: rules of one path share the file. So they do where the path has no
    /// placeholders.
    pub combine: bool,
    /// `exclude = ["rules/cloud/"]`: rules that the output leaves out, as [`Config::exclude`].
    pub exclude: Vec<String>,
    /// `strict = true`: a query that is not exact is an error.
    pub strict: bool,
    /// `refusals = "allow"`
    pub refusals: Refusals,
}

/// What it means that a target refuses a rule that is sound in itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Refusals {
    /// `"deny"`: the run has failed.
    #[default]
    Deny,
    /// `"allow"`: the lock records it, and that is all.
    Allow,
}

/// `[folder."rules/windows"]`: defaults for the rules below a folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Folder {
    /// The folder, without a slash at its end; empty for the project's own.
    pub path: String,
    /// Its place in `varsigma.toml`.
    pub span: Span,
    /// `outputs = ["splunk"]`: the outputs that the rules go to; all where it is not given.
    pub outputs: Option<Vec<String>>,
    /// `pipelines = ["sysmon"]`: before the output's own.
    pub pipelines: Vec<String>,
    /// `filters = ["filters/windows"]`: before the output's own.
    pub filters: Vec<String>,
    /// `options.splunk = { min_time = "-1d" }`: by output, over the output's own.
    pub options: Vec<(String, Vec<(String, String)>)>,
    /// `strict = true`
    pub strict: Option<bool>,
}

impl Config {
    /// What is wrong with the folders: no rule can lie in one that is not among the `rules`.
    fn folder_faults(&self) -> Vec<Diagnostic> {
        let is_of_rules = |folder: &&Folder| {
            let mut roots = self.rules.iter();
            roots.any(|root| {
                *root == folder.path || is_below(&folder.path, root) || is_below(root, &folder.path)
            })
        };
        let folders = self.folders.iter().filter(|folder| !is_of_rules(folder));
        let faults = folders.map(|folder| {
            let message = format!("expected a folder of rules, found `{}`", folder.path);
            let error = Diagnostic::error(Code::ProjectKey, message).at(folder.span);
            let roots = self.rules.iter().map(String::as_str);
            error.help(match nearest(&folder.path, roots) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name one of `rules`, or a folder below it".to_owned(),
            })
        });
        faults.collect()
    }

    /// The folders that its own pipelines lie in, each with a slash at its end or empty.
    pub fn pipeline_folders(&self) -> impl Iterator<Item = String> {
        let of_outputs = self.outputs.iter().flat_map(|output| &output.pipelines);
        let of_folders = self.folders.iter().flat_map(|folder| &folder.pipelines);
        let own = of_outputs.chain(of_folders);
        let own = own.filter(|name| crate::pipeline::builtin::text(name).is_none());
        own.map(|name| {
            let path = name.trim_end_matches("/*");
            match path.rsplit_once('/') {
                // A name without an ending is a folder.
                _ if !path.ends_with("yml") && !path.ends_with("yaml") => format!("{path}/"),
                Some((folder, _)) => format!("{folder}/"),
                None => String::new(),
            }
        })
    }
}

/// Is a path below a folder? All are below the project's own.
fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    folder.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
}

impl Folder {
    /// Does a rule file lie below it?
    #[must_use]
    pub fn holds(&self, path: &str) -> bool {
        is_below(path, &self.path)
    }
}
