//! The targets at hand: those in the program and those of `--backend-dir`.

use super::Stop;
use super::input::walk;
use super::reason::unreadable;
use crate::backend::{FolderFile, Registry};
use crate::project::tree::LeadsOut;
use clap::{Args, ValueHint};
use std::io;
use std::path::{Path, PathBuf};

/// Where backend files come from.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct Targets {
    /// A folder of backend files (`<target>.toml`, their `compat/` and `templates/`) that add to or
    /// replace the program's own; can be given several times.
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
        let mut files = files(folder, "", &["toml"], false)?;
        for (inner, endings) in [("compat/", &["toml"]), ("templates/", &[""])] {
            let path = folder.join(inner.trim_end_matches('/'));
            match std::fs::symlink_metadata(&path) {
                // What a link leads to is not the folder's own.
                Ok(found) if found.is_symlink() => {
                    return Err(unreadable(&path, &io::Error::other(LeadsOut)).into());
                }
                Ok(found) if found.is_dir() => {
                    files.extend(self::files(&path, inner, endings, true)?);
                }
                _ => {}
            }
        }
        registry.add_folder(files)?;
    }
    Ok(registry)
}

/// The files of a folder, by their paths in the folder of backend files.
fn files(
    folder: &Path,
    inner: &str,
    endings: &[&str],
    is_deep: bool,
) -> Result<Vec<FolderFile>, Stop> {
    let texts = walk::texts(folder, endings, is_deep)?.into_iter();
    let files = texts.map(|(path, text)| {
        let below = path.strip_prefix(folder).unwrap_or(&path);
        let below = below.to_string_lossy().replace('\\', "/");
        FolderFile {
            below: format!("{inner}{below}"),
            path: path.display().to_string(),
            text,
        }
    });
    Ok(files.collect())
}
