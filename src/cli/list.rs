//! `varsigma list targets|formats|options|pipelines|modifiers|codes`: as a table or as JSON.

use super::completions::candidates;
use super::targets::Targets;
use super::terminal::{ColorChoice, Paint};
use super::{Exit, Stop};
use crate::backend::{Backend, Registry};
use crate::diagnostic::Code;
use crate::dialect::Profile;
use crate::pipeline::environment::Closed;
use crate::pipeline::{self, PipelineFile, builtin};
use crate::rule::Modifier;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::{IsTerminal, Write, stdout};
use unicode_width::UnicodeWidthStr;

/// List targets, formats, options, pipelines, modifiers or diagnostic codes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma list targets
  varsigma list formats splunk
  varsigma list codes --json")]
pub struct List {
    #[command(subcommand)]
    what: ListCommand,
    /// Print JSON instead of a table.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum ListCommand {
    /// The targets: their profiles, formats and options.
    #[command(after_help = "\
Examples:
  varsigma list targets
  varsigma list targets --json
  varsigma list targets --resolved sqlite > mine.toml")]
    Targets {
        /// Print the backend file of a target with everything that it extends, as TOML.
        #[arg(long, value_name = "TARGET", conflicts_with = "json")]
        #[arg(add = candidates::targets())]
        resolved: Option<String>,
        /// The profile whose file `--resolved` prints.
        #[arg(long, value_name = "PROFILE", requires = "resolved")]
        compat: Option<super::convert::Compat>,
        #[command(flatten)]
        targets: Targets,
    },
    /// The output formats of every target, or of one.
    #[command(after_help = "Examples:\n  varsigma list formats\n  varsigma list formats splunk")]
    Formats(TargetChoice),
    /// The options (`-O`) of every target, or of one.
    #[command(after_help = "Examples:\n  varsigma list options\n  varsigma list options esql")]
    Options(TargetChoice),
    /// The built-in pipelines, or those for a target.
    #[command(after_help = "Examples:\n  varsigma list pipelines\n  varsigma list pipelines esql")]
    Pipelines(TargetChoice),
    /// The value modifiers that are understood.
    #[command(after_help = "Examples:\n  varsigma list modifiers")]
    Modifiers,
    /// The diagnostic codes; `varsigma explain CODE` says more of one.
    #[command(after_help = "Examples:\n  varsigma list codes\n  varsigma list codes --json")]
    Codes,
}

/// Which target.
#[derive(Debug, Args)]
#[group(skip)]
struct TargetChoice {
    /// Only those of this target.
    #[arg(value_name = "TARGET", add = candidates::targets())]
    one: Option<String>,
    /// The same, as an option.
    #[arg(short, long, conflicts_with = "one", hide = true)]
    target: Option<String>,
    #[command(flatten)]
    targets: Targets,
}

impl TargetChoice {
    /// The backends that are asked for.
    fn backends(self) -> Result<Vec<Backend>, Stop> {
        let registry = self.targets.registry()?;
        let names = match self.one.or(self.target) {
            Some(name) => vec![name],
            None => registry.names().into_iter().map(str::to_owned).collect(),
        };
        let get = |name: &String| registry.get(name, Profile::Native);
        Ok(names.iter().map(get).collect::<Result<_, _>>()?)
    }
}

/// A table: each row's cells, and the same as JSON.
struct Listing {
    head: &'static [&'static str],
    rows: Vec<(Vec<String>, Value)>,
}

impl List {
    pub(super) fn run(self, color: ColorChoice) -> Result<Exit, Stop> {
        let listing = match self.what {
            ListCommand::Targets {
                resolved: Some(name),
                compat,
                targets,
            } => {
                let profile = compat.map_or(Profile::Native, super::convert::Compat::profile);
                let text = targets.registry()?.resolved(&name, profile)?;
                stdout().lock().write_all(text.as_bytes())?;
                return Ok(Exit::Fine);
            }
            ListCommand::Targets { targets, .. } => self::targets(&targets.registry()?)?,
            ListCommand::Formats(of) => formats(&of.backends()?),
            ListCommand::Options(of) => options(&of.backends()?),
            ListCommand::Pipelines(of) => pipelines(&of.backends()?),
            ListCommand::Modifiers => modifiers(),
            ListCommand::Codes => codes(),
        };
        let text = if self.json {
            let lines: Value = listing.rows.into_iter().map(|(_, json)| json).collect();
            format!("{lines:#}\n")
        } else {
            let paint = Paint(color.wanted(stdout().is_terminal()));
            table(&listing, paint)
        };
        stdout().lock().write_all(text.as_bytes())?;
        Ok(Exit::Fine)
    }
}

fn targets(registry: &Registry) -> Result<Listing, Stop> {
    let (aliases, known) = (registry.aliases(), registry.known_as());
    let of = |names: &[(&str, String)], name| -> Vec<String> {
        let own = names.iter().filter(|(target, _)| *target == name);
        own.map(|(_, known)| known.clone()).collect()
    };
    let mut rows = Vec::new();
    for name in registry.names() {
        let backend = registry.get(name, Profile::Native)?;
        let mut profiles = vec![Profile::Native.name()];
        profiles.extend(registry.profiles(name)?.into_iter().map(Profile::name));
        let formats: Vec<&str> = backend.formats.iter().map(|f| f.name.as_str()).collect();
        let proof = backend.proof.as_ref().map(ToString::to_string);
        let schema = backend.schema.as_ref();
        let assumes = schema.map_or("", |schema| schema.assumes.as_str());
        let cells = vec![
            name.to_owned(),
            backend.title.clone(),
            profiles.join(", "),
            formats.join(", "),
            proof.clone().unwrap_or_default(),
            assumes.to_owned(),
        ];
        let options = backend.options.iter().map(|option| {
            json!({
                "name": option.name,
                "default": option.default,
                "values": option.values,
                "about": option.about,
            })
        });
        let json = json!({
            "name": name,
            "title": backend.title,
            "about": backend.about,
            "aliases": of(&aliases, name),
            "known_as": of(&known, name),
            "extension": backend.extension,
            "profiles": profiles,
            "formats": formats,
            "options": options.collect::<Value>(),
            "proof": backend.proof.as_ref().map(|proof| json!({ "how": proof.how, "by": proof.by })),
            "assumes": assumes,
        });
        rows.push((cells, json));
    }
    let head = &[
        "TARGET",
        "NAME",
        "PROFILES",
        "FORMATS",
        "PROVEN",
        "WITHOUT A SCHEMA",
    ];
    Ok(Listing { head, rows })
}

fn formats(backends: &[Backend]) -> Listing {
    let of_backend = |backend: &Backend| {
        let (target, usual) = (backend.name.clone(), backend.extension.clone());
        let formats = backend.formats.iter().map(move |format| {
            let cells = vec![target.clone(), format.name.clone(), format.title.clone()];
            let json = json!({
                "target": target,
                "name": format.name,
                "title": format.title,
                "extension": format.extension.as_ref().unwrap_or(&usual),
                "profile": format.profile.map(Profile::name),
                "whole": format.whole,
            });
            (cells, json)
        });
        formats.collect::<Vec<_>>()
    };
    Listing {
        head: &["TARGET", "FORMAT", "WHAT IT IS"],
        rows: backends.iter().flat_map(of_backend).collect(),
    }
}

fn options(backends: &[Backend]) -> Listing {
    let of_backend = |backend: &Backend| {
        let target = backend.name.clone();
        let options = backend.options.iter().map(move |option| {
            let values = match option.values.as_slice() {
                [] => String::new(),
                values => format!(" ({})", values.join(", ")),
            };
            let cells = vec![
                target.clone(),
                option.name.clone(),
                option.default.clone(),
                format!("{}{values}", option.about),
            ];
            let json = json!({
                "target": target,
                "name": option.name,
                "default": option.default,
                "values": option.values,
                "about": option.about,
            });
            (cells, json)
        });
        options.collect::<Vec<_>>()
    };
    Listing {
        head: &["TARGET", "OPTION", "DEFAULT", "WHAT IT DOES"],
        rows: backends.iter().flat_map(of_backend).collect(),
    }
}

/// The pipelines that are for one of the targets.
fn pipelines(backends: &[Backend]) -> Listing {
    let names: Vec<&str> = backends.iter().map(|backend| &*backend.name).collect();
    let loaded = builtin::ALL
        .iter()
        .filter_map(|(name, text)| pipeline::load(name, text, &Closed).pipeline)
        .filter(|file| names.iter().any(|name| file.allows(&[name])));
    let row = |file: PipelineFile| {
        let json = json!({
            "name": file.path,
            "title": file.name,
            "priority": file.priority,
            "targets": file.allowed_backends,
        });
        let targets = match file.allowed_backends.as_slice() {
            [] => "all".to_owned(),
            names => names.join(", "),
        };
        let name = file.name.unwrap_or_default();
        (
            vec![file.path, file.priority.to_string(), targets, name],
            json,
        )
    };
    Listing {
        head: &["PIPELINE", "PRIORITY", "TARGETS", "WHAT IT IS"],
        rows: loaded.map(row).collect(),
    }
}

fn modifiers() -> Listing {
    let rows = Modifier::ALL.iter().map(|modifier| {
        let (names, summary) = (modifier.names(), modifier.summary());
        let cells = vec![names.join(", "), summary.to_owned()];
        (cells, json!({"names": names, "summary": summary}))
    });
    Listing {
        head: &["MODIFIER", "WHAT IT DOES"],
        rows: rows.collect(),
    }
}

fn codes() -> Listing {
    let rows = Code::ALL.iter().map(|code| {
        let (number, title) = (code.number(), code.title());
        let json = json!({"code": number, "title": title, "explanation": code.explanation()});
        (vec![number.to_owned(), title.to_owned()], json)
    });
    Listing {
        head: &["CODE", "WHAT IT IS ABOUT"],
        rows: rows.collect(),
    }
}

/// Columns as wide as their widest cell, two blanks apart.
fn table(listing: &Listing, paint: Paint) -> String {
    let head: Vec<String> = listing.head.iter().map(|cell| (*cell).to_owned()).collect();
    let rows: Vec<&Vec<String>> = listing.rows.iter().map(|(cells, _)| cells).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].width());
        cells.max().unwrap_or(0).max(head[column].width())
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths);
        let padded =
            padded.map(|(cell, width)| cell.clone() + &" ".repeat(width - cell.width() + 2));
        padded.collect::<String>().trim_end().to_owned()
    };
    let rows = rows.iter().map(|row| line(row));
    let lines: Vec<String> = std::iter::once(paint.bold(line(&head)))
        .chain(rows)
        .collect();
    lines.join("\n") + "\n"
}
