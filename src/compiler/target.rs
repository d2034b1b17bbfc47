//! Targets as data.

use super::Error;
use crate::backend::{self, Backend, BackendError, OptionSpec, Registry};
use crate::dialect::Profile;
use serde::{Serialize, Serializer};

pub use crate::backend::Proof;

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
///
/// As JSON it is an element of `varsigma list targets --json`, in which formats are names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Target {
    /// `splunk`
    pub name: String,
    /// `Splunk SPL`
    pub title: String,
    /// What it is for, in a sentence or two.
    pub about: String,
    /// Further names that mean it alone.
    pub aliases: Vec<String>,
    /// Names that people use for it, and perhaps for others.
    pub known_as: Vec<String>,
    /// The ending of its files, without a dot; a format may have its own.
    pub extension: String,
    /// The profiles that it has beside the native one.
    #[serde(serialize_with = "all_profiles")]
    pub profiles: Vec<Profile>,
    /// Its output formats; the first is taken where none is asked for.
    #[serde(serialize_with = "names_of_formats")]
    pub formats: Vec<Format>,
    /// What can be set.
    pub options: Vec<TargetOption>,
    /// How its queries were proven.
    pub proof: Option<Proof>,
    /// What it assumes of columns where no schema is given; empty where it has no use for one.
    pub assumes: String,
}

/// An output format of a target. As JSON it is an element of `varsigma list formats --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Format {
    /// The target's name.
    pub target: String,
    /// `savedsearches`
    pub name: String,
    /// What it is, in a few words.
    pub title: String,
    /// The ending of its files, without a dot.
    pub extension: String,
    /// The profile that it shows, where it is not the one that is asked for.
    #[serde(serialize_with = "name_of_profile")]
    pub profile: Option<Profile>,
    /// Is it one document for all queries of a run, rather than one text a query?
    #[serde(rename = "whole")]
    pub is_whole: bool,
}

/// Something that can be set for a target. As JSON it is an element of `varsigma list options --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TargetOption {
    /// The target's name.
    pub target: String,
    /// Its name.
    pub name: String,
    /// Its value where none is set.
    pub default: String,
    /// The values that it can have; empty: any.
    pub values: Vec<String>,
    /// What it does.
    pub about: String,
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
        Ok(Target::of(&self.0, name, &FurtherNames::of(&self.0))?)
    }

    /// All targets, by name.
    ///
    /// # Errors
    /// A backend file that was added is wrong.
    pub fn all(&self) -> Result<Vec<Target>, Error> {
        Ok(Target::all(&self.0)?)
    }

    pub(super) const fn registry(&self) -> &Registry {
        &self.0
    }
}

/// The further names of all targets, which are read together.
struct FurtherNames<'r> {
    aliases: Vec<(&'r str, String)>,
    known_as: Vec<(&'r str, String)>,
}

impl<'r> FurtherNames<'r> {
    fn of(registry: &'r Registry) -> Self {
        Self {
            aliases: registry.aliases(),
            known_as: registry.known_as(),
        }
    }
}

impl Target {
    /// All targets of a registry.
    pub(crate) fn all(registry: &Registry) -> Result<Vec<Self>, BackendError> {
        let further = FurtherNames::of(registry);
        let names = registry.names().into_iter();
        names
            .map(|name| Self::of(registry, name, &further))
            .collect()
    }

    fn of(
        registry: &Registry,
        name: &str,
        further: &FurtherNames<'_>,
    ) -> Result<Self, BackendError> {
        let backend = registry.get(name, Profile::Native)?;
        let own = |names: &[(&str, String)]| -> Vec<String> {
            let own = names.iter().filter(|(target, _)| *target == backend.name);
            own.map(|(_, name)| name.clone()).collect()
        };
        let schema = backend.schema.as_ref();
        let formats = backend.formats.iter();
        let options = backend.options.iter();
        Ok(Self {
            aliases: own(&further.aliases),
            known_as: own(&further.known_as),
            profiles: registry.profiles(&backend.name)?,
            formats: formats.map(|format| Format::of(format, &backend)).collect(),
            options: options
                .map(|option| TargetOption::of(option, &backend))
                .collect(),
            assumes: schema.map_or_else(String::new, |schema| schema.assumes.clone()),
            extension: backend.extension,
            proof: backend.proof,
            name: backend.name,
            title: backend.title,
            about: backend.about,
        })
    }
}

impl TargetOption {
    pub(crate) fn of(option: &OptionSpec, backend: &Backend) -> Self {
        Self {
            target: backend.name.clone(),
            name: option.name.clone(),
            default: option.default.clone(),
            values: option.values.clone(),
            about: option.about.clone(),
        }
    }
}

impl Format {
    pub(crate) fn of(format: &backend::Format, backend: &Backend) -> Self {
        let extension = format.extension.as_ref().unwrap_or(&backend.extension);
        Self {
            target: backend.name.clone(),
            name: format.name.clone(),
            title: format.title.clone(),
            extension: extension.clone(),
            profile: format.profile,
            is_whole: format.whole,
        }
    }
}

fn all_profiles<S: Serializer>(profiles: &[Profile], serializer: S) -> Result<S::Ok, S::Error> {
    let native = std::iter::once(&Profile::Native);
    serializer.collect_seq(native.chain(profiles).map(|profile| profile.name()))
}

fn names_of_formats<S: Serializer>(formats: &[Format], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(formats.iter().map(|format| &format.name))
}

#[allow(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes the field"
)]
fn name_of_profile<S: Serializer>(
    profile: &Option<Profile>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    profile.map(Profile::name).serialize(serializer)
}
