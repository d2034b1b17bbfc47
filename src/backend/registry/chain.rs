//! A backend file, those that it extends, and their overlays for a profile.
//!
//! In: a target's name. Out: the tables to merge, in order: parents first, then their overlays.

use super::{BackendError, File, Registry, error, placeless};
use crate::backend::shape;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Profile;
use crate::table::Kind;
use crate::table::check::check;
use crate::table::read::Problems;
use crate::table::tree::{Entry, Table, Tree, parse};

/// The keys of a target's further names.
pub(super) const NAMES: [&str; 2] = ["aliases", "known_as"];

/// How many files may extend one another.
const LONGEST: usize = 8;

/// Files and their tables. A place's `text` is an index into them.
#[derive(Debug)]
pub(super) struct Chain<'r> {
    files: Vec<(&'r File, Table)>,
}

impl<'r> Chain<'r> {
    /// Reads a file and those that it extends.
    pub(super) fn read(registry: &'r Registry, name: &str) -> Result<Self, BackendError> {
        let mut files: Vec<(&File, Table)> = Vec::new();
        let mut wanted = name.to_owned();
        let mut asked_at = None;
        loop {
            let Some(file) = registry.file(&wanted) else {
                let asker = files.last().map(|(file, _)| *file);
                return Err(registry.unknown(&wanted, asked_at, asker));
            };
            if files.len() == LONGEST {
                let message = format!("`{name}` extends more than {LONGEST} files");
                return Err(error(file, &[Diagnostic::error(Code::BackendKey, message)]));
            }
            let table = read(file)?;
            let parent = table.get("extends").cloned();
            files.push((file, table));
            match parent {
                Some(Entry {
                    value: Tree::Text(parent),
                    place,
                }) => {
                    wanted = parent;
                    asked_at = Some(place);
                }
                // Another value than a text is an error of the file's keys.
                _ => break,
            }
        }
        // A target's names are its own.
        for (_, parent) in files.iter_mut().skip(1) {
            for key in NAMES {
                parent.remove(key);
            }
        }
        files.reverse();
        Ok(Self { files }.numbered())
    }

    fn numbered(mut self) -> Self {
        for (at, (_, table)) in self.files.iter_mut().enumerate() {
            table.set_text(at);
        }
        self
    }

    /// The same, with the overlays of a profile.
    pub(super) fn with_overlays(
        mut self,
        registry: &'r Registry,
        profile: Profile,
    ) -> Result<Self, BackendError> {
        let overlays = self.overlays(registry, profile)?;
        if profile == Profile::Native || !overlays.is_empty() {
            self.files.extend(overlays);
            return Ok(self.numbered());
        }
        let name = self.files.last().map_or("", |(file, _)| file.name.as_str());
        let message = format!("`{name}` has no profile `{}`", profile.name());
        let names = self.profiles(registry)?.into_iter();
        let names: Vec<String> = names
            .map(|profile| format!("`{}`", profile.name()))
            .collect();
        let help = match names.as_slice() {
            [] => "it has the native profile alone: leave out `--compat`".to_owned(),
            names => format!("its profiles beside the native one: {}", names.join(", ")),
        };
        let error = Diagnostic::error(Code::UnknownProfile, message).help(help);
        Err(placeless(&[error]))
    }

    /// The overlays of a profile, parents' first. One that says that the target has no such profile
    /// takes those of its parents away.
    fn overlays(
        &self,
        registry: &'r Registry,
        profile: Profile,
    ) -> Result<Vec<(&'r File, Table)>, BackendError> {
        let mut overlays = Vec::new();
        if profile == Profile::Native {
            return Ok(overlays);
        }
        for (own, _) in &self.files {
            let is_overlay = |file: &&File| file.profile == profile && file.name == own.name;
            let Some(file) = registry.files.iter().find(is_overlay) else {
                continue;
            };
            let table = read(file)?;
            if table.get("available").is_none() {
                overlays.push((file, table));
                continue;
            }
            let problems = Problems::new(Kind::BACKEND);
            check(&table, &shape::NO_PROFILE, &problems);
            let problems: Vec<_> = problems
                .into_inner()
                .into_iter()
                .map(|(_, one)| one)
                .collect();
            if !problems.is_empty() {
                return Err(error(file, &problems));
            }
            if table
                .get("available")
                .is_some_and(|entry| entry.value == Tree::Bool(false))
            {
                overlays.clear();
            }
        }
        Ok(overlays)
    }

    /// The profiles beside the native one, by name.
    pub(super) fn profiles(&self, registry: &'r Registry) -> Result<Vec<Profile>, BackendError> {
        let mut profiles = Vec::new();
        for profile in [Profile::Pysigma, Profile::Sigmac] {
            if !self.overlays(registry, profile)?.is_empty() {
                profiles.push(profile);
            }
        }
        Ok(profiles)
    }

    /// All tables in one, a later one's keys over an earlier one's.
    pub(super) fn merged(&self) -> Table {
        let mut merged = Table::default();
        for (_, table) in &self.files {
            merged.overlay(table);
        }
        merged
    }

    /// The file of a place.
    pub(super) fn file(&self, text: usize) -> Option<&'r File> {
        self.files.get(text).map(|(file, _)| *file)
    }
}

fn read(file: &File) -> Result<Table, BackendError> {
    parse(&file.text, 0, Kind::BACKEND).map_err(|problem| error(file, &[problem]))
}
