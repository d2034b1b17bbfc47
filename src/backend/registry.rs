//! The backend files at hand: those in the binary and those of the user.
//!
//! In: names and texts. Out: a [`Backend`] for a target and a profile, with `extends` followed and
//! the overlays applied in the order parent, child, the parent's overlay, the child's overlay.

mod lookup;

use super::{Backend, build, shape};
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Profile;
use crate::embedded::{BACKENDS, TEMPLATES};
use crate::table::Kind;
use crate::table::check::check_in;
use crate::table::read::Problems;
use crate::table::tree::{self, Entry, Place, Table, Tree, parse};
use std::borrow::Cow;

/// How many files may extend one another.
const LONGEST_CHAIN: usize = 8;

/// A named backend file.
#[derive(Debug, Clone)]
struct File {
    name: String,
    /// The path that messages show.
    path: String,
    text: Cow<'static, str>,
}

/// The backend files at hand.
#[derive(Debug, Clone)]
pub struct Registry {
    files: Vec<File>,
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

impl Default for Registry {
    fn default() -> Self {
        Self::built_in()
    }
}

impl Registry {
    /// The files that come with the program.
    #[must_use]
    pub fn built_in() -> Self {
        let files = BACKENDS.iter().map(|(name, text)| File {
            name: (*name).to_owned(),
            path: format!("backends/{name}.toml"),
            text: Cow::Borrowed(*text),
        });
        Self {
            files: files.collect(),
        }
    }

    /// Adds a file; one of the same name gives way.
    pub fn add(&mut self, name: &str, path: &str, text: String) {
        self.files.retain(|file| file.name != name);
        self.files.push(File {
            name: name.to_owned(),
            path: path.to_owned(),
            text: Cow::Owned(text),
        });
    }

    /// The names of all targets, sorted. A file whose name begins with `_` is for others to extend
    /// and no target.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let names = self.files.iter().map(|file| file.name.as_str());
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
        let chain = self.chain(name)?;
        let mut table = merged(&chain, profile)?;
        self.borrow_filter(&mut table, &chain)?;
        let problems = Problems::new(Kind::BACKEND);
        let templates = TEMPLATES.iter().map(|(name, _)| *name).collect();
        let mut keys = table.clone();
        keys.remove("compat");
        check_in(&keys, &shape::FILE, &problems, &[("template", templates)]);
        if problems.is_empty() {
            let backend = build::backend(name, &keys, profile, &problems);
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
        let file = chain[worst].0;
        let mut diagnostics: Vec<Diagnostic> = problems
            .into_iter()
            .filter(|(text, _)| *text == worst)
            .map(|(_, diagnostic)| diagnostic)
            .collect();
        diagnostics.sort_by_key(Diagnostic::span);
        diagnostics.dedup();
        Err(error(file, diagnostics))
    }

    /// The profiles that a target has beside the native one.
    ///
    /// # Errors
    /// There is no such file, or it is not well formed.
    pub fn profiles(&self, name: &str) -> Result<Vec<Profile>, BackendError> {
        Ok(profiles(&self.chain(self.target(name)?)?))
    }

    /// The merged file of a target in a profile, as TOML.
    ///
    /// # Errors
    /// As [`Registry::get`].
    pub fn resolved(&self, name: &str, profile: Profile) -> Result<String, BackendError> {
        let chain = self.chain(self.target(name)?)?;
        let mut table = merged(&chain, profile)?;
        self.borrow_filter(&mut table, &chain)?;
        table.remove("extends");
        table.remove("compat");
        table.remove("known_as");
        let mut out = String::new();
        tree::write(&table, &mut out);
        Ok(out)
    }

    /// `filter.of`: the filter's language is that of another target's query.
    fn borrow_filter(
        &self,
        table: &mut Table,
        chain: &[(&File, Table)],
    ) -> Result<(), BackendError> {
        let Some(Tree::Table(filter)) = table.get_mut("filter").map(|entry| &mut entry.value)
        else {
            return Ok(());
        };
        let Some(Entry { value, place }) = filter.remove("of") else {
            return Ok(());
        };
        let asker = chain.get(place.text).map(|(file, _)| *file);
        let Tree::Text(lender) = value else {
            return Ok(());
        };
        if !self.files.iter().any(|file| file.name == lender) {
            return Err(self.unknown(&lender, Some(place), asker));
        }
        let lent = merged(&self.chain(&lender)?, Profile::Native)?;
        if let Some(Tree::Table(language)) = lent.get("query").map(|entry| &entry.value) {
            let mut language = language.clone();
            // What does not fit here is reported where the language was asked for.
            language.set_place(place);
            language.overlay(filter);
            *filter = language;
        }
        Ok(())
    }

    /// A file and those that it extends, parents first.
    fn chain(&self, name: &str) -> Result<Vec<(&File, Table)>, BackendError> {
        let mut chain: Vec<(&File, Table)> = Vec::new();
        let mut wanted = name.to_owned();
        let mut asked_at = None;
        loop {
            let Some(file) = self.files.iter().find(|file| file.name == wanted) else {
                return Err(self.unknown(&wanted, asked_at, chain.last().map(|(file, _)| *file)));
            };
            if chain.len() == LONGEST_CHAIN {
                let message = format!("`{name}` extends more than {LONGEST_CHAIN} files");
                return Err(error(
                    file,
                    vec![Diagnostic::error(Code::BackendKey, message)],
                ));
            }
            let table = parse(&file.text, 0, Kind::BACKEND)
                .map_err(|problem| error(file, vec![problem]))?;
            let parent = table.get("extends").cloned();
            chain.push((file, table));
            match parent {
                Some(Entry {
                    value: Tree::Text(parent),
                    place,
                }) => {
                    wanted = parent;
                    asked_at = Some(place);
                }
                _ => break,
            }
        }
        chain.reverse();
        for (at, (_, table)) in chain.iter_mut().enumerate() {
            table.set_text(at);
        }
        Ok(chain)
    }

    fn unknown(&self, name: &str, asked_at: Option<Place>, asker: Option<&File>) -> BackendError {
        let message = format!("there is no target `{name}`");
        let diagnostic = Diagnostic::error(Code::UnknownTarget, message);
        let diagnostic = diagnostic.choices(name, "the targets", self.names());
        match (asker, asked_at) {
            (Some(file), Some(place)) => error(file, vec![diagnostic.at(place.span)]),
            _ => BackendError {
                path: String::new(),
                text: String::new(),
                diagnostics: vec![diagnostic],
            },
        }
    }
}

/// Parents first, then their overlays of the profile in the same order.
fn merged(chain: &[(&File, Table)], profile: Profile) -> Result<Table, BackendError> {
    let mut merged = Table::default();
    for (_, table) in chain {
        merged.overlay(table);
    }
    if profile == Profile::Native {
        return Ok(merged);
    }
    let mut found = false;
    for (_, table) in chain {
        let Some(Tree::Table(overlays)) = table.get("compat").map(|entry| &entry.value) else {
            continue;
        };
        match overlays.get(profile.name()).map(|entry| &entry.value) {
            Some(Tree::Table(overlay)) => {
                merged.overlay(overlay);
                found = true;
            }
            Some(Tree::Bool(false)) => found = false,
            _ => {}
        }
    }
    if found {
        return Ok(merged);
    }
    let name = chain.last().map_or("", |(file, _)| file.name.as_str());
    let message = format!("`{name}` has no profile `{}`", profile.name());
    let names: Vec<String> = profiles(chain)
        .into_iter()
        .map(|profile| format!("`{}`", profile.name()))
        .collect();
    let help = match names.as_slice() {
        [] => "it has the native profile alone: leave out `--compat`".to_owned(),
        names => format!("its profiles beside the native one: {}", names.join(", ")),
    };
    Err(BackendError {
        path: String::new(),
        text: String::new(),
        diagnostics: vec![Diagnostic::error(Code::UnknownProfile, message).help(help)],
    })
}

/// The profiles that the files of a chain have beside the native one, by name.
fn profiles(chain: &[(&File, Table)]) -> Vec<Profile> {
    let mut profiles = Vec::new();
    for (_, table) in chain {
        if let Some(Tree::Table(overlays)) = table.get("compat").map(|entry| &entry.value) {
            for (name, _, overlay) in &overlays.entries {
                let Some(profile) = Profile::from_name(name) else {
                    continue;
                };
                match overlay.value {
                    Tree::Bool(false) => profiles.retain(|known| *known != profile),
                    _ => profiles.push(profile),
                }
            }
        }
    }
    profiles.sort_unstable_by_key(|profile| profile.name());
    profiles.dedup();
    profiles
}

fn error(file: &File, diagnostics: Vec<Diagnostic>) -> BackendError {
    BackendError {
        path: file.path.clone(),
        text: file.text.clone().into_owned(),
        diagnostics,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for profile in [Profile::Native, Profile::Sigmac, Profile::Pysigma] {
            let text = registry.resolved("splunk", profile).expect("it resolves");
            let mut again = Registry::built_in();
            again.add("again", "again.toml", text);
            let problems = again.get("again", Profile::Native);
            assert_eq!(
                problems.map_err(|error| error.diagnostics).err(),
                None,
                "{profile:?}"
            );
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
                assert!(times > 1, "{name}: no wording has the reason {reason}");
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
