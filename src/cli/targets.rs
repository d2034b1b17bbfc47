//! The targets at hand: those in the program and those of `--backend-dir`.

use super::Stop;
use super::input::walk;
use crate::backend::Registry;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// Where backend files come from.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct Targets {
    /// A folder of backend files (`<target>.toml`) that add to or replace the program's own; can
    /// be given several times.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    backend_dir: Vec<PathBuf>,
}

impl Targets {
    /// The built-in files with those of the folders on top; of one name, the last counts.
    pub(super) fn registry(&self) -> Result<Registry, Stop> {
        registry_of(&self.backend_dir)
    }
}

/// The built-in files with those of the folders on top.
pub(super) fn registry_of(folders: &[PathBuf]) -> Result<Registry, Stop> {
    let mut registry = Registry::built_in();
    for folder in folders {
        for (path, text) in walk::texts(folder, &["toml"], false)? {
            let Some(name) = path.file_stem().and_then(|name| name.to_str()) else {
                continue;
            };
            registry.add(name, &path.display().to_string(), text);
        }
    }
    Ok(registry)
}
