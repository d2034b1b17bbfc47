//! `-p`: the pipelines that rules go through.

use super::Stop;
use super::completions::candidates;
use super::environment::Allowed;
use super::input::walk;
use super::report::Report;
use crate::cli::reason::unreadable;
use crate::dialect::Dialect;
use crate::pipeline::{self, Pipeline, PipelineFile, builtin};
use crate::project::unknown_pipeline;
use clap::Args;
use std::path::{Path, PathBuf};

/// Pipelines and what they may reach.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct Pipelines {
    /// A pipeline that rules go through: a built-in one's name (`varsigma list pipelines`), a file,
    /// or a folder of files; can be given several times. They go by priority.
    #[arg(short, long = "pipeline", value_name = "PIPELINE", add = candidates::pipelines())]
    pipelines: Vec<String>,
    #[command(flatten)]
    access: Access,
}

/// What pipelines may reach.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct Access {
    /// Let pipelines read files outside their own folder.
    #[arg(long, help_heading = "Pipelines")]
    allow_files: bool,
    /// Let pipelines fetch values from HTTP servers.
    #[arg(long, help_heading = "Pipelines")]
    allow_network: bool,
    /// Let pipelines run commands.
    #[arg(long, help_heading = "Pipelines")]
    allow_exec: bool,
}

impl Access {
    /// The same, for pipelines.
    pub(super) const fn allowed(&self) -> Allowed {
        Allowed {
            files: self.allow_files,
            network: self.allow_network,
            exec: self.allow_exec,
        }
    }
}

impl Pipelines {
    /// What the pipelines may reach.
    pub(super) const fn allowed(&self) -> Allowed {
        self.access.allowed()
    }

    /// The pipelines, joined in the order in which they are applied. Warnings go to the report.
    pub(super) fn load(
        &self,
        targets: &[&str],
        dialect: &Dialect,
        report: &mut Report,
    ) -> Result<Pipeline, Stop> {
        let files = self.files(report)?;
        if !targets.is_empty()
            && let Some(refusal) = files.iter().find_map(|file| file.refuses(targets))
        {
            return Err(refusal.into());
        }
        Ok(Pipeline::sorted(files, dialect))
    }

    /// The pipelines for each of several targets: those that are for it. One that is for none of
    /// them is an error.
    pub(super) fn load_for_each(
        &self,
        targets: &[(&str, &Dialect)],
        report: &mut Report,
    ) -> Result<Vec<Pipeline>, Stop> {
        let names: Vec<&str> = targets.iter().map(|(name, _)| *name).collect();
        targets
            .iter()
            .map(|(target, dialect)| {
                let mut files = self.files(report)?;
                let stray = |file: &&PipelineFile| !names.iter().any(|name| file.allows(&[name]));
                if let Some(refusal) = files
                    .iter()
                    .find(stray)
                    .and_then(|file| file.refuses(&names))
                {
                    return Err(refusal.into());
                }
                files.retain(|file| file.allows(&[target]));
                Ok(Pipeline::sorted(files, *dialect))
            })
            .collect()
    }

    fn files(&self, report: &mut Report) -> Result<Vec<PipelineFile>, Stop> {
        let mut files = Vec::new();
        for name in &self.pipelines {
            if let Some(text) = builtin::text(name) {
                files.push(self.read(name, text, report)?);
                continue;
            }
            for (path, text) in texts(name)? {
                files.push(self.read(&path.display().to_string(), &text, report)?);
            }
        }
        Ok(files)
    }

    fn read(&self, path: &str, text: &str, report: &mut Report) -> Result<PipelineFile, Stop> {
        let loaded = pipeline::load(path, text, &self.allowed());
        match loaded.pipeline {
            Some(file) => {
                report.all(path, text, &loaded.diagnostics);
                Ok(file)
            }
            None => Err(Stop::in_file(path, text, loaded.diagnostics)),
        }
    }
}

/// The files that a name stands for, with their texts.
pub(super) fn texts(name: &str) -> Result<Vec<(PathBuf, String)>, Stop> {
    let path = Path::new(name.trim_end_matches("/*"));
    if path.is_dir() {
        return Ok(walk::texts(path, &["yml", "yaml"], true)?);
    }
    if path.exists() {
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        return Ok(vec![(path.to_owned(), text)]);
    }
    Err(unknown_pipeline(name).into())
}
