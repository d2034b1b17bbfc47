//! The backend files at hand: those in the binary and those of the user.
//!
//! In: names and texts. Out: a [`Backend`] for a target and a profile, with `extends` followed and
//! the overlays applied in the order parent, child, the parent's overlay, the child's overlay.

mod add;
mod chain;
mod lookup;

use super::templates::Templates;
use super::{Backend, build, shape};
use crate::diagnostic::{Code, Diagnostic};
use crate::embedded::SCHEMAS;
use crate::profile::Profile;
use crate::table::Kind;
use crate::table::check::check_in;
use crate::table::read::Problems;
use crate::table::tree::{self, Entry, Place, Table, Tree};
pub use add::FolderFile;
use chain::Chain;
use std::borrow::Cow;
use std::sync::Arc;

/// A named backend file, or an overlay of one.
#[derive(Debug, Clone)]
struct File {
    /// The target.
    name: String,
    /// The profile that it is an overlay for; `Native`: it is the target's own file.
    profile: Profile,
    /// The path that messages show.
    path: String,
    text: Cow<'static, str>,
    /// It comes with the program.
    is_built_in: bool,
}

/// The backend files at hand, and the templates of their documents.
#[derive(Debug, Clone)]
pub struct Registry {
    files: Vec<File>,
    templates: Arc<Templates>,
}

/// What is wrong with a backend file: its path, its text, and the diagnostics.
#[derive(Debug, Clone)]
pub struct BackendError {
    /// The file's path; empty where there is no file.
    pub path: String,
    /// The file's text.
    pub text: String,
    /// What is wrong, at places of the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl Registry {
    /// The names of all targets, sorted. A file whose name begins with `_` is for others to extend
    /// and no target.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let own = self
            .files
            .iter()
            .filter(|file| file.profile == Profile::Native);
        let names = own.map(|file| file.name.as_str());
        let mut names: Vec<&str> = names.filter(|name| !name.starts_with('_')).collect();
        names.sort_unstable();
        names
    }

    /// The backend of a target in a profile. The name is one that [`Registry::target`] knows.
    ///
    /// # Errors
    /// There is no such target, it is not well formed, or it has no such profile.
    pub fn get(&self, name: &str, profile: Profile) -> Result<Backend, BackendError> {
        let name = self.target(name)?;
        let chain = Chain::read(self, name)?.with_overlays(self, profile)?;
        let mut table = chain.merged();
        self.borrow_filter(&mut table, &chain)?;
        let problems = Problems::new(Kind::BACKEND);
        self.check_aliases(name, &table, &problems);
        let schemas = SCHEMAS.iter().map(|(name, _)| *name);
        let names = vec![
            ("template", self.templates.names()),
            ("schema", schemas.collect()),
        ];
        check_in(&table, &shape::FILE, &problems, &names);
        if problems.is_empty() {
            let templates = Arc::clone(&self.templates);
            let backend = build::backend(name, table, profile, templates, &problems);
            if problems.is_empty() {
                return Ok(backend);
            }
        }
        let problems = problems.into_inner();
        // Problems of several files are reported file by file, the child's first.
        let worst = problems
            .iter()
            .map(|(text, _)| *text)
            .max()
            .unwrap_or_default();
        let problems = problems.into_iter().filter(|(text, _)| *text == worst);
        let mut diagnostics: Vec<Diagnostic> = problems.map(|(_, problem)| problem).collect();
        diagnostics.sort_by_key(Diagnostic::span);
        diagnostics.dedup();
        Err(chain
            .file(worst)
            .map_or_else(|| placeless(&diagnostics), |file| error(file, &diagnostics)))
    }

    /// The profiles that a target has beside the native one.
    ///
    /// # Errors
    /// There is no such file, or it is not well formed.
    pub fn profiles(&self, name: &str) -> Result<Vec<Profile>, BackendError> {
        Chain::read(self, self.target(name)?)?.profiles(self)
    }

    /// The merged file of a target in a profile, as TOML.
    ///
    /// # Errors
    /// As [`Registry::get`].
    pub fn resolved(&self, name: &str, profile: Profile) -> Result<String, BackendError> {
        let chain = Chain::read(self, self.target(name)?)?.with_overlays(self, profile)?;
        let mut table = chain.merged();
        self.borrow_filter(&mut table, &chain)?;
        table.remove("extends");
        for key in chain::NAMES {
            table.remove(key);
        }
        let mut out = String::new();
        tree::write(&table, &mut out);
        Ok(out)
    }

    /// The templates of documents.
    #[must_use]
    pub fn templates(&self) -> &Templates {
        &self.templates
    }

    /// `filter.of`: the filter's language is that of another target's query.
    fn borrow_filter(&self, table: &mut Table, chain: &Chain<'_>) -> Result<(), BackendError> {
        let Some(Tree::Table(filter)) = table.get_mut("filter").map(|entry| &mut entry.value)
        else {
            return Ok(());
        };
        let Some(Entry {
            value: Tree::Text(lender),
            place,
        }) = filter.get("of").cloned()
        else {
            return Ok(());
        };
        filter.remove("of");
        if self.file(&lender).is_none() {
            return Err(self.unknown(&lender, Some(place), chain.file(place.text)));
        }
        let lent = Chain::read(self, &lender)?.merged();
        if let Some(language) = lent.table("query") {
            let mut language = language.clone();
            // What does not fit here is reported where the language was asked for.
            language.set_place(place);
            language.overlay(filter);
            *filter = language;
        }
        Ok(())
    }

    /// The own file of a target.
    fn file(&self, name: &str) -> Option<&File> {
        let mut files = self.files.iter();
        files.find(|file| file.name == name && file.profile == Profile::Native)
    }

    fn unknown(&self, name: &str, asked_at: Option<Place>, asker: Option<&File>) -> BackendError {
        let message = format!("there is no target `{name}`");
        let diagnostic = Diagnostic::error(Code::UnknownTarget, message);
        let diagnostic = diagnostic.choices(name, "the targets", self.names());
        match (asker, asked_at) {
            (Some(file), Some(place)) => error(file, &[diagnostic.at(place.span)]),
            _ => placeless(&[diagnostic]),
        }
    }
}

fn error(file: &File, diagnostics: &[Diagnostic]) -> BackendError {
    BackendError {
        path: file.path.clone(),
        text: file.text.clone().into_owned(),
        diagnostics: diagnostics.to_vec(),
    }
}

fn placeless(diagnostics: &[Diagnostic]) -> BackendError {
    BackendError {
        path: String::new(),
        text: String::new(),
        diagnostics: diagnostics.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::regex::TOO_MANY_STATES;

    /// The problems of a file, as `line: message`.
    fn problems(text: &str) -> Vec<String> {
        let mut registry = Registry::built_in();
        registry.add("mine", "mine.toml", text.to_owned());
        let error = registry
            .get("mine", Profile::Native)
            .expect_err("the file is wrong");
        let source = crate::source::Source::new(&error.path, &error.text);
        error
            .diagnostics
            .iter()
            .map(|diagnostic| {
                let line = diagnostic
                    .span()
                    .map_or(0, |span| source.line_column(span.start).line);
                format!("{line}: {}", diagnostic.message)
            })
            .collect()
    }

    #[test]
    fn every_built_in_file_is_well_formed_in_every_profile() {
        let registry = Registry::built_in();
        for name in registry.names() {
            let mut profiles = registry.profiles(name).unwrap_or_default();
            profiles.push(Profile::Native);
            for profile in profiles {
                let problems = registry
                    .get(name, profile)
                    .map_err(|error| error.diagnostics);
                assert_eq!(problems.err(), None, "{name} {profile:?}");
            }
        }
    }

    #[test]
    fn a_resolved_file_is_a_backend_file() {
        let registry = Registry::built_in();
        for name in registry.names() {
            for profile in [Profile::Native, Profile::Sigmac, Profile::Pysigma] {
                let Ok(text) = registry.resolved(name, profile) else {
                    assert_ne!(profile, Profile::Native, "{name}");
                    continue;
                };
                let mut again = Registry::built_in();
                again.add("again", "again.toml", text);
                let problems = again.get("again", Profile::Native);
                let problems = problems.map_err(|error| error.diagnostics).err();
                assert_eq!(problems, None, "{name} {profile:?}");
            }
        }
    }

    #[test]
    fn advice_is_about_reasons_that_a_file_gives() {
        let registry = Registry::built_in();
        for name in registry.names() {
            let backend = registry.get(name, Profile::Native).expect("it is sound");
            let text = registry.resolved(name, Profile::Native).expect("it is");
            for (reason, _) in &backend.advice {
                let times = text.matches(reason.as_str()).count();
                let is_ours = TOO_MANY_STATES.contains(reason.as_str());
                assert!(
                    times > 1 || is_ours,
                    "{name}: no wording has the reason {reason}"
                );
            }
        }
    }

    #[test]
    fn mistakes_are_told_with_their_lines() {
        let head = "title = 'Mine'\nextends = 'splunk'\n";
        let found = problems(&format!(
            "{head}[query]\nandd = ' '\n[query.test]\nstrin = '{{field}}'\nnumber = '{{feld}}'\n"
        ));
        assert_eq!(
            found,
            [
                "4: unknown key `query.andd`",
                "6: unknown key `query.test.strin`",
                "7: there is no slot `{feld}`",
            ]
        );
        assert_eq!(problems("title = \n").len(), 1);
        assert_eq!(
            problems("title = 'Mine'\nextends = 'splnk'\n"),
            ["2: there is no target `splnk`"]
        );
        assert!(problems("extends = 'mine'\n")[0].contains("extends more than"));
    }
}
