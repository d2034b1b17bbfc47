//! `varsigma init`: a first `varsigma.toml`, after a look at what the folder holds.

use crate::backend::{Backend, BackendError, Registry};
use crate::cli::completions::candidates;
use crate::cli::input::walk;
use crate::cli::reason::unwritable;
use crate::cli::{Exit, Stop, atomic};
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::{Dialect, Profile};
use crate::parse;
use crate::project::config;
use crate::rule::Document;
use clap::Args;
use minijinja::{Environment, context};
use std::collections::BTreeMap;
use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};

/// Write a `varsigma.toml` for the rules of a folder.
///
/// Searches the folder for Sigma rules, pipelines and backend files, and writes a commented file to
/// start from. An existing file is not changed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma init
  varsigma init -t splunk -t esql detections/")]
pub struct Init {
    /// The target of the first output; can be given several times.
    #[arg(short, long, default_value = "splunk", add = candidates::targets())]
    target: Vec<String>,
    /// The project's folder.
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
}

/// The file's text.
const TEMPLATE: &str = include_str!("../../../templates/project/varsigma.toml");

/// How many rule files are looked into to see what they are about.
const SAMPLE: usize = 400;

/// How many rule files beside `varsigma.toml` are named one by one.
const MOST_FILES: usize = 10;

impl Init {
    pub(in crate::cli) fn run(self) -> Result<Exit, Stop> {
        let folder = self.folder.strip_prefix(".").unwrap_or(&self.folder);
        let path = folder.join(config::FILE);
        if path.symlink_metadata().is_ok() {
            let message = format!("`{}` is there already", path.display());
            let error = Diagnostic::error(Code::Unwritable, message);
            return Err(error.help("change it, or remove it first").into());
        }
        let registry = Registry::built_in();
        let targets: Result<Vec<Backend>, BackendError> = self
            .target
            .iter()
            .map(|target| registry.get(target, Profile::Native))
            .collect();
        let found = FolderContents::below(&self.folder);
        let text = text(&found, &targets?).map_err(|error| {
            Diagnostic::error(Code::Internal, format!("the template failed: {error}"))
        })?;
        atomic::write(&path, text.as_bytes()).map_err(|error| unwritable(&path, &error))?;
        let rules = match found.rules.as_slice() {
            [] => "no rules yet: put them into `rules`, then run `varsigma build`".to_owned(),
            folders => format!(
                "rules in `{}`; `varsigma build` writes the queries",
                folders.join("`, `")
            ),
        };
        writeln!(stdout(), "{} is written: {rules}", path.display())?;
        Ok(Exit::Fine)
    }
}

/// The text of the file.
fn text(found: &FolderContents, targets: &[Backend]) -> Result<String, minijinja::Error> {
    let rules = match found.rules.as_slice() {
        [] => vec!["rules".to_owned()],
        folders => folders.to_vec(),
    };
    let targets = targets.iter().map(|target| {
        let pipeline = found.suggestion(&target.name).unwrap_or("sysmon");
        context! {
            name => &target.name,
            pipelines => list(&[pipeline]),
            format => target.formats.first().map(|format| &format.name),
            option => target.options.first().map(|option| &option.name),
            value => target.options.first().map(|option| &option.default),
        }
    });
    let facts = context! {
        rules => list(&rules),
        backends => found.backends.first().map(|_| list(&found.backends)),
        pipelines => found.pipelines.first().map(|_| list(&found.pipelines)),
        folder => &rules[0],
        targets => targets.collect::<Vec<_>>(),
    };
    Environment::new().render_str(TEMPLATE, facts)
}

/// What a folder holds.
#[derive(Debug, Default)]
struct FolderContents {
    /// Folders of rules, then rule files beside `varsigma.toml`.
    rules: Vec<String>,
    /// Folders of pipelines.
    pipelines: Vec<String>,
    /// Folders of backend files.
    backends: Vec<String>,
    /// The products that rules are about, with their number.
    products: BTreeMap<String, usize>,
}

impl FolderContents {
    fn below(folder: &Path) -> Self {
        let mut found = Self::default();
        let mut rules: BTreeMap<String, usize> = BTreeMap::new();
        let files = walk::below(folder, folder, &["yml", "yaml"]).into_iter();
        let files = files.filter(|(_, what)| matches!(what, walk::PathKind::File));
        for (path, _) in files.take(SAMPLE * 20) {
            // A rule beside `varsigma.toml` is an entry of its own.
            let top = path.split_once('/').map_or(&*path, |(top, _)| top);
            let known = rules.get(top).copied().unwrap_or_default();
            if known > SAMPLE {
                continue;
            }
            let Ok(text) = std::fs::read_to_string(folder.join(&path)) else {
                continue;
            };
            let parsed = parse::parse(&text, &Dialect::SPECIFICATION);
            for rule in &parsed {
                let Some(document) = &rule.document else {
                    continue;
                };
                *rules.entry(top.to_owned()).or_default() += 1;
                if let Document::Rule(rule) = document
                    && let Some(product) = &rule.logsource.product
                {
                    *found.products.entry(product.value.to_string()).or_default() += 1;
                }
            }
        }
        let (folders, files): (Vec<String>, Vec<String>) =
            rules.into_keys().partition(|top| folder.join(top).is_dir());
        found.rules = if files.len() > MOST_FILES {
            vec![".".to_owned()]
        } else {
            [folders, files].concat()
        };
        let is_there = |name: &str, endings: &[&str]| {
            let path = folder.join(name);
            path.is_dir() && !walk::below(&path, &path, endings).is_empty()
        };
        if is_there("pipelines", &["yml", "yaml"]) {
            found.pipelines.push("pipelines".to_owned());
        }
        if is_there("backends", &["toml"]) {
            found.backends.push("backends".to_owned());
        }
        found
    }

    /// The built-in pipeline that most users of a target have for these rules.
    fn suggestion(&self, target: &str) -> Option<&'static str> {
        let most = self.products.iter().max_by_key(|(_, count)| **count)?.0;
        let name = format!("{target}_{most}");
        crate::pipeline::builtin::ALL
            .iter()
            .map(|(known, _)| *known)
            .find(|known| *known == name)
    }
}

/// `["a", "b"]`
fn list(texts: &[impl AsRef<str>]) -> String {
    let texts = texts
        .iter()
        .map(|text| toml::Value::from(text.as_ref()).to_string());
    format!("[{}]", texts.collect::<Vec<_>>().join(", "))
}
