//! The two versions of a project that are compared.

use super::{Diff, VersionNames};
use crate::backend::BackendError;
use crate::cli::Stop;
use crate::cli::project::working::WorkingTree;
use crate::cli::project::{ProjectArgs, find};
use crate::diagnostic::{Code, Diagnostic};
use crate::index;
use crate::pipeline::environment::Environment;
use crate::project::config;
use crate::project::diff::{OutputPair, by_name};
use crate::project::git::{Repository, Revision};
use crate::project::tree::Tree;
use crate::project::{Project, RuleFile};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// Two versions of a project.
pub(super) struct ComparedProjects {
    pub before: Project,
    pub after: Project,
    pub outputs: Vec<OutputPair>,
    pub names: VersionNames,
    changed: ChangedFiles,
}

/// Which files may differ.
pub(super) enum ChangedFiles {
    /// Those whose contents have other ids.
    Revisions(Arc<Revision>, Arc<Revision>),
    /// Those that git reports as changed, and those that the revision does not have.
    Working(Arc<Revision>, BTreeSet<String>),
    /// All.
    All,
}

/// Where the program was called, and the repository of its project.
pub(super) struct Checkout {
    pub repository: Repository,
    pub access: Arc<dyn Environment>,
}

impl Checkout {
    /// Finds the project and its repository, and makes the project's folder the working folder.
    pub fn enter(place: &ProjectArgs) -> Result<Self, Stop> {
        let start = std::env::current_dir().unwrap_or_default();
        // In a bare repository, and before the project was there, no folder holds one.
        let folder = match &place.project {
            Some(folder) => start.join(folder),
            None => find().unwrap_or_else(|_| start.clone()),
        };
        let access: Arc<dyn Environment> = Arc::new(place.access.allowed());
        if place.project.is_some() && !folder.is_dir() {
            let repository = Repository::open(&start, &start)?;
            let inside = place.project.as_ref().and_then(|folder| folder.to_str());
            return match inside.filter(|_| repository.is_bare()) {
                Some(inside) => Ok(Self {
                    repository: repository.with_prefix(inside),
                    access,
                }),
                None => Err(no_folder(&folder)),
            };
        }
        let repository = Repository::open(&start, &folder)?;
        std::env::set_current_dir(&folder).map_err(|_| no_folder(&folder))?;
        Ok(Self { repository, access })
    }

    /// The project of a revision.
    pub fn revision(&self, revision: &Arc<Revision>) -> Result<Project, Stop> {
        let tree: Arc<dyn Tree> = Arc::clone(revision) as Arc<dyn Tree>;
        // A revision from before the project was one has no queries.
        if matches!(tree.read(config::FILE), Ok(None)) {
            return Ok(Project::empty(tree));
        }
        let opened = crate::project::open(tree, Arc::clone(&self.access));
        opened.map_err(|error| Stop::from(of_revision(error, revision.name())))
    }

    /// The project of the files that are there.
    pub fn working(&self) -> Result<Project, Stop> {
        if self.repository.is_bare() {
            let message = "a bare repository has no files to compare a revision with";
            let error = Diagnostic::error(Code::NoWorkingTree, message);
            return Err(error.help("name two revisions: `varsigma diff A B`").into());
        }
        Ok(crate::project::open(
            Arc::new(WorkingTree::default()),
            Arc::clone(&self.access),
        )?)
    }
}

/// The versions that the revisions stand for.
pub(super) fn projects(diff: &Diff) -> Result<ComparedProjects, Stop> {
    let checkout = Checkout::enter(&diff.place)?;
    let (from, to) = revisions(diff, &checkout.repository)?;
    let old = Arc::new(checkout.repository.revision(&from)?);
    let Some(to) = to else {
        let (before, after) = rayon::join(|| checkout.revision(&old), || checkout.working());
        let versions = (before?, after?);
        let changed = checkout.repository.changed_since(&old)?;
        return Ok(ComparedProjects::new(
            versions,
            (from, "the working tree".to_owned()),
            ChangedFiles::Working(old, changed),
        ));
    };
    let new = Arc::new(checkout.repository.revision(&to)?);
    let (before, after) = rayon::join(|| checkout.revision(&old), || checkout.revision(&new));
    Ok(ComparedProjects::new(
        (before?, after?),
        (from, to),
        ChangedFiles::Revisions(old, new),
    ))
}

/// `A B`, `A..B` or `A...B`.
fn revisions(diff: &Diff, repository: &Repository) -> Result<(String, Option<String>), Stop> {
    let or_head = |name: &str| if name.is_empty() { "HEAD" } else { name }.to_owned();
    if diff.to.is_some() {
        return Ok((diff.from.clone(), diff.to.clone()));
    }
    if let Some((one, other)) = diff.from.split_once("...") {
        let (one, other) = (or_head(one), or_head(other));
        return Ok((repository.merge_base(&one, &other)?, Some(other)));
    }
    Ok(match diff.from.split_once("..") {
        Some((one, other)) => (or_head(one), Some(or_head(other))),
        None => (diff.from.clone(), None),
    })
}

impl ComparedProjects {
    pub fn new(
        (before, after): (Project, Project),
        (old, new): (String, String),
        changed: ChangedFiles,
    ) -> Self {
        Self {
            outputs: by_name(&before, &after),
            names: VersionNames {
                before: old,
                after: new,
            },
            before,
            after,
            changed,
        }
    }

    /// What there is to say of pipelines: the new version's, for the old one can't be helped.
    pub fn warnings(&self) -> &[BackendError] {
        &self.after.warnings
    }

    /// The rule files of which something may have changed. Where settings, backends and pipelines
    /// are the same, those are the files that differ.
    pub fn candidates(&self) -> (Vec<&RuleFile>, Vec<&RuleFile>) {
        let all = || {
            (
                self.before.rules.iter().collect(),
                self.after.rules.iter().collect(),
            )
        };
        if !self.are_made_alike() || self.reaches_others() {
            return all();
        }
        let paths = |project: &Project| -> BTreeSet<String> {
            project.rules.iter().map(|file| file.path.clone()).collect()
        };
        let (had, has) = (paths(&self.before), paths(&self.after));
        let differs = |path: &str| {
            let there = had.contains(path) && has.contains(path);
            !there || (self.changed.has(path) && self.differ(path))
        };
        let chosen = |project: &'_ Project| -> Vec<usize> {
            let files = project.rules.iter().enumerate();
            files
                .filter(|(_, file)| differs(&file.path))
                .map(|(at, _)| at)
                .collect()
        };
        let (before, after) = (chosen(&self.before), chosen(&self.after));
        (
            before
                .into_iter()
                .map(|at| &self.before.rules[at])
                .collect(),
            after.into_iter().map(|at| &self.after.rules[at]).collect(),
        )
    }

    /// Are their contents really different? What git knows of a file may be old.
    fn differ(&self, path: &str) -> bool {
        match (self.before.tree.read(path), self.after.tree.read(path)) {
            (Ok(old), Ok(new)) => old != new,
            _ => true,
        }
    }

    /// Did a rule file change, and may one hold a correlation or a filter? They reach into others.
    fn reaches_others(&self) -> bool {
        let is_linked = |project: &Project, file: &RuleFile| {
            let read = project.tree.read(&file.path);
            read.is_ok_and(|bytes| bytes.is_some_and(|bytes| index::is_linked(&bytes)))
        };
        let projects = [&self.before, &self.after];
        let mut files = projects.iter().flat_map(|project| &project.rules);
        files.any(|file| self.changed.has(&file.path))
            && projects.iter().any(|project| {
                let mut files = project.rules.iter();
                files.any(|file| is_linked(project, file))
            })
    }

    /// Does an unchanged rule have the same queries in both versions?
    fn are_made_alike(&self) -> bool {
        let recipes = |project: &Project| -> Vec<_> {
            let outputs = project.outputs.iter();
            outputs.map(|output| output.recipe.clone()).collect()
        };
        let folders: BTreeSet<String> = self.after.config.pipeline_folders().collect();
        // A pipeline may read files beside it.
        let beside = |path: &str| {
            folders
                .iter()
                .any(|folder| path.starts_with(folder.as_str()))
        };
        self.before.config_text == self.after.config_text
            && recipes(&self.before) == recipes(&self.after)
            && !self.changed.any(beside)
    }
}

impl ChangedFiles {
    fn has(&self, path: &str) -> bool {
        match self {
            Self::All => true,
            Self::Revisions(old, new) => match (old.id(path), new.id(path)) {
                (Some(old), Some(new)) => old != new,
                _ => true,
            },
            Self::Working(old, changed) => {
                changed.contains(path) || old.is_in_submodule(path) || old.id(path).is_none()
            }
        }
    }

    /// Did a file change that is one of these?
    fn any(&self, is_one: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::All => true,
            Self::Working(_, changed) => changed.iter().any(|path| is_one(path)),
            Self::Revisions(old, new) => {
                let paths = old.paths().chain(new.paths());
                { paths }.any(|path| is_one(path) && self.has(path))
            }
        }
    }
}

/// The error with the revision before the file's path.
fn of_revision(error: BackendError, revision: &str) -> BackendError {
    let path = if error.path.is_empty() {
        revision.to_owned()
    } else {
        format!("{revision}:{}", error.path)
    };
    BackendError { path, ..error }
}

fn no_folder(folder: &Path) -> Stop {
    let message = format!("`{}` can't be entered", folder.display());
    Diagnostic::error(Code::NoProject, message).into()
}
