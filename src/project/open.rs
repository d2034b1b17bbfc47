//! Opening a project: everything but the rules is read and checked, before a rule is.

use super::config::{self, Config, Folder, Output};
use super::digest::digest_all;
use super::filters::FilterSets;
use super::sources::{ReadFiles, Sources};
use super::tree::{Tree, TreeEnvironment, is_test, there, unreadable};
use super::{CompiledOutput, Project, Recipe, RuleFile, backends, exclude, pipelines};
use crate::backend::{BackendError, Registry};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::environment::Environment;
use crate::pipeline::{Pipeline, builtin};
use crate::schema::Schema;
use crate::source::Span;
use crate::transpile::{Request, Transpiler};
use ignore::gitignore::Gitignore;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The endings of rules and pipelines.
const RULES: &[&str] = &["yml", "yaml"];

/// The ending of all files.
const ALL: &[&str] = &[""];

/// The endings of backend files.
pub(super) const BACKENDS: &[&str] = &["toml"];

/// Opens the project of a tree. `other` is what its pipelines may reach outside of it.
///
/// # Errors
/// There is no `varsigma.toml`, or something is wrong with it, a backend file or a pipeline.
pub fn open(tree: Arc<dyn Tree>, other: Arc<dyn Environment>) -> Result<Project, BackendError> {
    let text = read_config(tree.as_ref())?;
    let config = Config::read(&text).map_err(|problems| in_config(&text, problems))?;
    open_as(config, Some(text), tree, other)
}

/// Opens the project of a tree with settings of its own, whatever its `varsigma.toml` says. `text`
/// is the file that they were read from, if they were: errors are shown in it.
///
/// # Errors
/// Something is wrong with the settings, a backend file or a pipeline.
pub fn open_as(
    config: Config,
    text: Option<String>,
    tree: Arc<dyn Tree>,
    other: Arc<dyn Environment>,
) -> Result<Project, BackendError> {
    let seen = ReadFiles::default();
    let mut read = Vec::new();
    let mut opening = Opening {
        registry: backends::registry(&config, &tree, &mut read)?,
        sources: Sources::default(),
        seen: seen.clone(),
        rules: Vec::new(),
        filters: FilterSets::default(),
        chains: Vec::new(),
        warnings: Vec::new(),
        tree,
        other,
        text,
        config,
    };
    let exclude = opening.ignored(&opening.config.exclude, Span::default())?;
    opening.sources = Sources::new(exclude.clone(), seen);
    opening.rules(&exclude)?;
    for path in read {
        opening.sources.add(&path);
    }
    for folder in &opening.config.backends {
        opening.sources.add_folder(folder, BACKENDS);
    }
    for folder in &opening.config.tests {
        opening.sources.add_folder(folder, ALL);
    }
    let outputs: Result<Vec<CompiledOutput>, BackendError> = (0..opening.config.outputs.len())
        .map(|output| opening.output(output))
        .collect();
    Ok(Project {
        outputs: outputs?,
        config: opening.config,
        config_text: opening.text.unwrap_or_default(),
        tree: opening.tree,
        rules: opening.rules,
        filters: opening.filters,
        warnings: opening.warnings,
        sources: opening.sources,
    })
}

/// The text of `varsigma.toml`.
fn read_config(tree: &dyn Tree) -> Result<String, BackendError> {
    let file = config::FILE;
    match tree.read(file) {
        Ok(Some(bytes)) => String::from_utf8(bytes).map_err(|_| {
            let message = format!("`{file}` is not UTF-8 text");
            placeless(Diagnostic::error(Code::NotUtf8, message))
        }),
        Ok(None) => {
            let message = format!("expected a `{file}`, found none");
            let error = Diagnostic::error(Code::NoProject, message);
            Err(placeless(error.help("run `varsigma init` to write one")))
        }
        Err(error) => Err(placeless(unreadable(file, &error))),
    }
}

/// A project being opened.
struct Opening {
    tree: Arc<dyn Tree>,
    other: Arc<dyn Environment>,
    /// The text of `varsigma.toml`, where the settings are that file's.
    text: Option<String>,
    config: Config,
    registry: Registry,
    sources: Sources,
    seen: ReadFiles,
    rules: Vec<RuleFile>,
    filters: FilterSets,
    /// The sets of folders that rule files lie in, by their places in [`Config::folders`].
    chains: Vec<Vec<usize>>,
    warnings: Vec<BackendError>,
}

impl Opening {
    /// Finds the rule files, and which folders each lies in.
    fn rules(&mut self, exclude: &Gitignore) -> Result<(), BackendError> {
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for root in &self.config.rules {
            let files = there(self.tree.files(root, RULES), root).map_err(|error| {
                placeless(error.help("name the rules' folders in `rules` of `varsigma.toml`"))
            })?;
            self.sources.add_folder(root, RULES);
            for path in files {
                let excluded = exclude.matched_path_or_any_parents(&path, false);
                if excluded.is_ignore() || is_test(&path) {
                    continue;
                }
                let below = path.strip_prefix(root.as_str());
                let below = below.map(|below| below.trim_start_matches('/'));
                let place = match below {
                    Some(below) if !below.is_empty() => below,
                    _ => path.rsplit('/').next().unwrap_or(&path),
                };
                let place = place.to_owned();
                found.entry(path).or_insert(place);
            }
        }
        let mut chains: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        for (path, place) in found {
            let folders = self.config.folders.iter().enumerate();
            let chain: Vec<usize> = folders
                .filter(|(_, folder)| folder.holds(&path))
                .map(|(at, _)| at)
                .collect();
            let variant = *chains.entry(chain).or_insert_with_key(|chain| {
                self.chains.push(chain.clone());
                self.chains.len() - 1
            });
            self.sources.add(&path);
            self.rules.push(RuleFile {
                path,
                place,
                variant,
            });
        }
        Ok(())
    }

    /// Makes an output ready.
    fn output(&mut self, number: usize) -> Result<CompiledOutput, BackendError> {
        let output = self.config.outputs[number].clone();
        let mut texts = Vec::new();
        let mut settings = vec![
            format!("{:?}", output.format),
            output.path.text().to_owned(),
            output.combine.to_string(),
        ];
        let schema = output.schema.as_ref().map(|path| {
            let text = self.schema(path, output.span)?;
            settings.push(text.clone());
            Schema::read(&text).map_err(|error| in_file(path, String::new(), vec![error]))
        });
        let schema = schema.transpose()?;
        let mut variants = Vec::with_capacity(self.chains.len());
        let mut filters = Vec::with_capacity(self.chains.len());
        // An output without rules is checked all the same.
        let chains = match self.chains.as_slice() {
            [] => vec![Vec::new()],
            chains => chains.to_vec(),
        };
        for chain in chains {
            let folders: Vec<&Folder> = chain.iter().map(|at| &self.config.folders[*at]).collect();
            let is_for = |folder: &&Folder| {
                let names = folder.outputs.as_ref();
                names.is_none_or(|names| names.contains(&output.name))
            };
            if !folders.iter().all(is_for) {
                variants.push(None);
                filters.push(0);
                continue;
            }
            let paths = folders.iter().flat_map(|folder| &folder.filters);
            let paths: Vec<String> = paths.chain(&output.filters).cloned().collect();
            let request = request(&output, &folders);
            settings.push(format!("{:?} {}", request.settings, request.strict));
            let names = folders.iter().flat_map(|folder| &folder.pipelines);
            let names: Vec<String> = names.chain(&output.pipelines).cloned().collect();
            let mut transpiler = self.transpiler(&request, &names, output.span, &mut texts)?;
            if let Some(schema) = &schema {
                transpiler = transpiler.with_schema(schema);
            }
            variants.push(Some(transpiler));
            filters.push(self.filters(&paths, output.span)?);
        }
        let resolved = self.registry.resolved(&output.target, output.profile)?;
        let own = self.registry.templates().own();
        let templates = own.flat_map(|(name, text)| [name, text]);
        let pipelines = texts.iter();
        let pipelines = pipelines.map(|(name, text)| (name.clone(), digest_all([text.as_str()])));
        let pipelines = pipelines.collect();
        let texts = texts.iter().flat_map(|(name, text)| [name, text]);
        let filter_digest = self.filters.digest(&filters);
        Ok(CompiledOutput {
            variants,
            filters,
            pipelines,
            exclude: self.ignored(&output.exclude, output.span)?,
            recipe: Recipe {
                target: digest_all(std::iter::once(resolved.as_str()).chain(templates)),
                pipelines: digest_all(texts.map(String::as_str)),
                filters: filter_digest,
                config: digest_all(settings.iter().map(String::as_str)),
            },
        })
    }

    /// The text of a schema.
    fn schema(&mut self, path: &str, span: Span) -> Result<String, BackendError> {
        self.sources.add(path);
        let bytes = there(self.tree.read(path), path).map_err(|error| self.fault(error, span))?;
        String::from_utf8(bytes).map_err(|_| {
            let message = format!("`{path}` is not UTF-8 text");
            self.fault(Diagnostic::error(Code::NotUtf8, message), span)
        })
    }

    /// The number of the set of filters in these files and folders.
    fn filters(&mut self, paths: &[String], span: Span) -> Result<usize, BackendError> {
        for path in paths {
            self.sources.add_folder(path, RULES);
        }
        let (tree, rules) = (self.tree.as_ref(), &self.rules);
        let set = self.filters.set(paths, tree, rules);
        let set = set.map_err(|error| self.placed(error, span))?;
        for file in self.filters.files_of(set) {
            self.sources.add(&file.path);
        }
        Ok(set)
    }

    fn transpiler(
        &mut self,
        request: &Request,
        names: &[String],
        span: Span,
        texts: &mut Vec<(String, String)>,
    ) -> Result<Transpiler, BackendError> {
        let transpiler =
            Transpiler::new(&self.registry, request).map_err(|error| self.placed(error, span))?;
        let first = texts.len();
        for name in names {
            let found = pipelines::texts(name, self.tree.as_ref())
                .map_err(|error| self.fault(error, span))?;
            for (path, _) in found.iter().filter(|(path, _)| path != name) {
                self.sources.add_folder(name.trim_end_matches("/*"), RULES);
                self.sources.add(path);
            }
            if builtin::text(name).is_none() {
                self.sources.add(name);
            }
            texts.extend(found);
        }
        let environment = self.environment();
        let files = pipelines::load(
            &texts[first..],
            &transpiler.backend().name,
            &environment,
            &mut self.warnings,
        )?;
        let pipeline = Pipeline::sorted(files, transpiler.dialect());
        Ok(transpiler.with_pipeline(pipeline, Box::new(environment)))
    }

    /// What the project's pipelines may reach.
    fn environment(&self) -> TreeEnvironment {
        TreeEnvironment {
            tree: Arc::clone(&self.tree),
            other: Arc::clone(&self.other),
            seen: self.seen.clone(),
        }
    }

    /// An error of no file's is one of the output that asks for it.
    fn placed(&self, error: BackendError, span: Span) -> BackendError {
        if !error.path.is_empty() {
            return error;
        }
        let mut diagnostics = error.diagnostics;
        match &self.text {
            Some(text) => {
                diagnostics = diagnostics.into_iter().map(|d| d.at(span)).collect();
                in_config(text, diagnostics)
            }
            None => BackendError {
                diagnostics,
                ..error
            },
        }
    }

    /// What is wrong with the settings at a place of `varsigma.toml`.
    fn fault(&self, error: Diagnostic, span: Span) -> BackendError {
        self.placed(placeless(error), span)
    }

    /// Patterns in the manner of a `.gitignore` in the project's folder.
    fn ignored(&self, patterns: &[String], span: Span) -> Result<Gitignore, BackendError> {
        exclude::read(patterns.iter().map(String::as_str))
            .map_err(|reason| self.fault(Diagnostic::error(Code::ProjectKey, reason), span))
    }
}

/// What is asked of a target for the rules in these folders.
fn request(output: &Output, folders: &[&Folder]) -> Request {
    let mut settings = output.options.clone();
    for folder in folders {
        let own = folder
            .options
            .iter()
            .filter(|(name, _)| *name == output.name);
        for (name, value) in own.flat_map(|(_, options)| options) {
            settings.retain(|(known, _)| known != name);
            settings.push((name.clone(), value.clone()));
        }
    }
    let strict = folders.iter().rev().find_map(|folder| folder.strict);
    Request {
        target: output.target.clone(),
        profile: output.profile,
        format: output.format.clone(),
        settings,
        strict: strict.unwrap_or(output.strict),
    }
}

fn in_config(text: &str, diagnostics: Vec<Diagnostic>) -> BackendError {
    in_file(config::FILE, text.to_owned(), diagnostics)
}

fn in_file(path: &str, text: String, diagnostics: Vec<Diagnostic>) -> BackendError {
    BackendError {
        path: path.to_owned(),
        text,
        diagnostics,
    }
}

pub(super) fn placeless(diagnostic: Diagnostic) -> BackendError {
    BackendError {
        path: String::new(),
        text: String::new(),
        diagnostics: vec![diagnostic],
    }
}
