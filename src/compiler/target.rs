//! Targets as data.

use super::Error;
use crate::backend::{self, Backend, Registry};
use crate::dialect::Profile;

/// The targets at hand: those that come with the library, and those of backend files of your own.
///
/// ```
/// use varsigma::{Compiler, Targets};
///
/// let file = "title = 'Ours'\nextends = 'splunk'\n[query]\nor = ' || '\n";
/// let targets = Targets::built_in().with_file("ours", "backends/ours.toml", file);
/// assert_eq!(targets.get("ours")?.title, "Ours");
/// let compiler = Compiler::builder("ours").targets(targets).build()?;
/// # Ok::<(), varsigma::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Targets(Registry);

/// A target: an engine, by the language that it searches with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Target {
    /// `splunk`
    pub name: String,
    /// `Splunk SPL`
    pub title: String,
    /// What it is for, in a sentence or two.
    pub about: String,
    /// Other names that it is known as.
    pub aliases: Vec<String>,
    /// The profiles that it has beside the native one.
    pub profiles: Vec<Profile>,
    /// Its output formats; the first is taken where none is asked for.
    pub formats: Vec<Format>,
    /// What can be set.
    pub options: Vec<TargetOption>,
}

/// An output format of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Format {
    /// `savedsearches`
    pub name: String,
    /// What it is, in a few words.
    pub title: String,
    /// The ending of its files, without a dot.
    pub extension: String,
    /// Is it one document for all queries of a run, rather than one text a query?
    pub is_whole: bool,
}

/// Something that can be set for a target.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TargetOption {
    /// Its name.
    pub name: String,
    /// What it does.
    pub about: String,
    /// Its value where none is set.
    pub default: String,
    /// The values that it can have; empty: any.
    pub values: Vec<String>,
}

impl Targets {
    /// The targets that come with the library.
    #[must_use]
    pub fn built_in() -> Self {
        Self::default()
    }

    /// Adds the backend file of a target; one of that name gives way. `path` names it in messages.
    /// It is checked when the target is asked for.
    #[must_use]
    pub fn with_file(mut self, name: &str, path: &str, text: impl Into<String>) -> Self {
        self.0.add(name, path, text.into());
        self
    }

    /// Adds a template that backend files name, as it would be below `templates/`: `ours/report.md`.
    #[must_use]
    pub fn with_template(mut self, name: &str, text: impl Into<String>) -> Self {
        self.0.add_template(name, text.into());
        self
    }

    /// The names of all targets, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.0.names()
    }

    /// A target by its name, or by one that it is known as.
    ///
    /// # Errors
    /// There is no such target, or its file is wrong.
    pub fn get(&self, name: &str) -> Result<Target, Error> {
        let backend = self.0.get(name, Profile::Native)?;
        let known = self.0.known_as().into_iter();
        let aliases = known.filter(|(target, _)| *target == backend.name);
        let options = backend.options.iter().map(|option| TargetOption {
            name: option.name.clone(),
            about: option.about.clone(),
            default: option.default.clone(),
            values: option.values.clone(),
        });
        Ok(Target {
            aliases: aliases.map(|(_, alias)| alias).collect(),
            profiles: self.0.profiles(&backend.name)?,
            formats: backend
                .formats
                .iter()
                .map(|format| Format::of(format, &backend))
                .collect(),
            options: options.collect(),
            name: backend.name,
            title: backend.title,
            about: backend.about,
        })
    }

    /// All targets, by name.
    ///
    /// # Errors
    /// A backend file that was added is wrong.
    pub fn all(&self) -> Result<Vec<Target>, Error> {
        self.names()
            .into_iter()
            .map(|name| self.get(name))
            .collect()
    }

    pub(super) const fn registry(&self) -> &Registry {
        &self.0
    }
}

impl Format {
    pub(super) fn of(format: &backend::Format, backend: &Backend) -> Self {
        let extension = format.extension.as_ref().unwrap_or(&backend.extension);
        Self {
            name: format.name.clone(),
            title: format.title.clone(),
            extension: extension.clone(),
            is_whole: format.whole,
        }
    }
}
