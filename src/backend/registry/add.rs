//! Where backend files come from: the program, and folders of the user's.
//!
//! In: the files of a folder, by their paths in it: `mine.toml`, `compat/mine.pysigma.toml`,
//! `templates/mine/alerts.json`. Out: a registry that has them before the program's own.

use super::{BackendError, File, Registry, placeless};
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Profile;
use crate::embedded::{BACKENDS, OVERLAYS};
use std::borrow::Cow;
use std::sync::Arc;

/// A file of a folder of backend files.
#[derive(Debug, Clone)]
pub struct FolderFile {
    /// Its path below the folder, with `/`.
    pub below: String,
    /// The path that messages show.
    pub path: String,
    /// Its text.
    pub text: String,
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
        let built_in = |name: &str, profile, path, text: &'static str| File {
            name: name.to_owned(),
            profile,
            path,
            text: Cow::Borrowed(text),
            is_built_in: true,
        };
        let files = BACKENDS.iter().map(|(name, text)| {
            built_in(name, Profile::Native, format!("backends/{name}.toml"), text)
        });
        let overlays = OVERLAYS.iter().filter_map(|(name, text)| {
            let (target, profile) = overlay(name)?;
            Some(built_in(
                target,
                profile,
                format!("backends/compat/{name}.toml"),
                text,
            ))
        });
        Self {
            files: files.chain(overlays).collect(),
            templates: Arc::default(),
        }
    }

    /// Adds the files of a folder; those of the same names give way. A target's own file takes the
    /// place of the program's with its overlays.
    ///
    /// # Errors
    /// The name of an overlay is not `<target>.<profile>.toml`.
    pub fn add_folder(&mut self, mut files: Vec<FolderFile>) -> Result<(), BackendError> {
        files.sort_by(|one, other| {
            let is_nested = |file: &FolderFile| file.below.contains('/');
            (is_nested(one), &one.below).cmp(&(is_nested(other), &other.below))
        });
        for FolderFile { below, path, text } in files {
            if let Some(name) = below.strip_prefix("templates/") {
                Arc::make_mut(&mut self.templates).add(name, text);
            } else if let Some(name) = below.strip_suffix(".toml") {
                match name.strip_prefix("compat/") {
                    Some(name) => self.add_overlay(name, path, text)?,
                    None => self.add(name.rsplit('/').next().unwrap_or(name), &path, text),
                }
            }
        }
        Ok(())
    }

    /// Adds a target's own file; one of the same name gives way, with the overlays of the program's.
    pub fn add(&mut self, name: &str, path: &str, text: String) {
        self.files.retain(|file| {
            file.name != name || file.profile != Profile::Native && !file.is_built_in
        });
        self.push(name, Profile::Native, path.to_owned(), text);
    }

    fn add_overlay(&mut self, name: &str, path: String, text: String) -> Result<(), BackendError> {
        let Some((target, profile)) = overlay(name) else {
            let message = format!("`{path}` is not named for a target and a profile");
            let error = Diagnostic::error(Code::UnknownProfile, message);
            let help = "name it `<target>.pysigma.toml` or `<target>.sigmac.toml`";
            return Err(placeless(&[error.help(help)]));
        };
        self.files
            .retain(|file| file.name != target || file.profile != profile);
        self.push(target, profile, path, text);
        Ok(())
    }

    fn push(&mut self, name: &str, profile: Profile, path: String, text: String) {
        self.files.push(File {
            name: name.to_owned(),
            profile,
            path,
            text: Cow::Owned(text),
            is_built_in: false,
        });
    }

    /// Adds a template, as a folder's `templates/` would.
    pub fn add_template(&mut self, name: &str, text: String) {
        Arc::make_mut(&mut self.templates).add(name, text);
    }
}

/// The target and the profile of an overlay's name: `splunk.pysigma`.
fn overlay(name: &str) -> Option<(&str, Profile)> {
    let (target, profile) = name.rsplit_once('.')?;
    let profile = Profile::from_name(profile).filter(|profile| *profile != Profile::Native)?;
    Some((target, profile))
}
