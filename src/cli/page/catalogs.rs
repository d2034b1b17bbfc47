//! The catalogs' folders and files.

use crate::cli::Stop;
use crate::cli::input::walk;
use crate::cli::reason::unreadable;
use crate::cli::report::Report;
use crate::diagnostic::{Code, Diagnostic};
use crate::page::{Attack, Catalogs, DataNeeded, Enrichment};
use crate::source::Span;
use clap::Args;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where catalogs are read from, in place of the built-in ones.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub(super) struct Folders {
    /// A catalog of log events, a YAML file each, in place of the built-in one.
    #[arg(long, value_name = "DIR", help_heading = "Catalogs")]
    data_needed: Option<PathBuf>,
    /// A catalog of enrichments, a YAML file each.
    #[arg(long, value_name = "DIR", help_heading = "Catalogs")]
    enrichments: Option<PathBuf>,
    /// A checkout of Atomic Red Team: only techniques that have a folder there are triggers.
    #[arg(long, value_name = "DIR", help_heading = "Catalogs")]
    atomics: Option<PathBuf>,
    /// ATT&CK as a STIX bundle (`enterprise-attack.json`), in place of the bundled names.
    #[arg(long, value_name = "FILE", help_heading = "Catalogs")]
    attack: Option<PathBuf>,
}

impl Folders {
    /// Reads what is given, and takes the built-in rest.
    pub(super) fn read(&self, report: &mut Report) -> Result<Catalogs, Stop> {
        let attack = match &self.attack {
            Some(path) => {
                let text = text(path)?;
                Attack::from_stix(&text).map_err(|error| placed(path, &text, error))?
            }
            None => Attack::built_in(),
        };
        let enrichments = match &self.enrichments {
            Some(folder) => {
                let files = entries(folder, Enrichment::read)?.into_iter();
                Some(files.map(|(_, enrichment)| enrichment).collect())
            }
            None => None,
        };
        let data_needed = match &self.data_needed {
            Some(folder) => {
                let files = entries(folder, DataNeeded::read)?;
                warn_of_useless(&files, enrichments.as_deref().unwrap_or_default(), report);
                files.into_iter().flat_map(|(_, events)| events).collect()
            }
            None => DataNeeded::built_in(),
        };
        let atomics = self.atomics.as_deref().map(techniques).transpose()?;
        Ok(Catalogs {
            attack,
            data_needed,
            enrichments,
            atomics,
            log_sources: crate::page::logsource::LogSources::default(),
        })
    }
}

/// Warns of the log events that no rule can need, and no enrichment needs by name.
fn warn_of_useless(
    files: &[(CatalogFile, Vec<DataNeeded>)],
    enrichments: &[Enrichment],
    report: &mut Report,
) {
    let needed = enrichments.iter().flat_map(|entry| &entry.data_needed);
    let needed: BTreeSet<&String> = needed.collect();
    for ((path, text), events) in files {
        let events = events.iter().filter(|event| !needed.contains(&event.title));
        let warnings = events.filter_map(|event| {
            let start = text.find(&event.title).unwrap_or_default();
            let end = (start + event.title.len()).min(text.len());
            Some(event.useless()?.at(Span::new(start, end)))
        });
        let warnings: Vec<Diagnostic> = warnings.collect();
        report.all(&path.display().to_string(), text, &warnings);
    }
}

/// A file's path and text.
type CatalogFile = (PathBuf, String);

/// Every `.yml` and `.yaml` file of a folder, in order of name, with what it holds.
fn entries<T>(
    folder: &Path,
    read: fn(&str) -> Result<T, Diagnostic>,
) -> Result<Vec<(CatalogFile, T)>, Stop> {
    let texts = walk::texts(folder, &["yml", "yaml"], false)?;
    if texts.is_empty() {
        let message = format!("`{}` holds no YAML files", folder.display());
        return Err(Diagnostic::error(Code::Catalog, message).into());
    }
    texts
        .into_iter()
        .map(|(path, text)| match read(&text) {
            Ok(entry) => Ok(((path, text), entry)),
            Err(error) => Err(placed(&path, &text, error)),
        })
        .collect()
}

/// The techniques that a checkout has a folder for: in `atomics`, or in the folder itself.
fn techniques(folder: &Path) -> Result<BTreeSet<String>, Stop> {
    let atomics = folder.join("atomics");
    let folder = if atomics.is_dir() { &atomics } else { folder };
    let names = list(folder)?.into_iter().filter(|path| path.is_dir());
    Ok(names
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect())
}

/// What a folder holds, in order.
fn list(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(|error| unreadable(folder, &error))?.path());
    }
    paths.sort();
    Ok(paths)
}

fn text(path: &Path) -> Result<String, Stop> {
    std::fs::read_to_string(path).map_err(|error| unreadable(path, &error).into())
}

/// An error of a catalog's file, shown in it.
fn placed(path: &Path, text: &str, error: Diagnostic) -> Stop {
    Stop::in_file(&path.display().to_string(), text, vec![error])
}
