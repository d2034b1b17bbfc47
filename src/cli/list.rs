//! `varsigma list targets|formats|options|pipelines|modifiers|codes`: what there is, as a table or as JSON.

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
    what: What,
    /// Print JSON instead of a table.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
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
    Formats(Of),
    /// The options (`-O`) of every target, or of one.
    #[command(after_help = "Examples:\n  varsigma list options\n  varsigma list options esql")]
    Options(Of),
    /// The built-in pipelines, or those for a target.
    #[command(after_help = "Examples:\n  varsigma list pipelines\n  varsigma list pipelines esql")]
    Pipelines(Of),
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
struct Of {
    /// Only those of this target.
    #[arg(value_name = "TARGET", add = candidates::targets())]
    one: Option<String>,
    /// The same, as an option.
    #[arg(short, long, conflicts_with = "one", hide = true)]
    target: Option<String>,
    #[command(flatten)]
    targets: Targets,
}

impl Of {
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

/// A table and the same as JSON.
struct Listing {
    head: &'static [&'static str],
    rows: Vec<Vec<String>>,
    json: Vec<Value>,
}

impl List {
    pub(super) fn run(self, color: ColorChoice) -> Result<Exit, Stop> {
        let listing = match self.what {
            What::Targets {
                resolved: Some(name),
                compat,
                targets,
            } => {
                let profile = compat.map_or(Profile::Native, super::convert::Compat::profile);
                let text = targets.registry()?.resolved(&name, profile)?;
                stdout().lock().write_all(text.as_bytes())?;
                return Ok(Exit::Fine);
            }
            What::Targets { targets, .. } => self::targets(&targets.registry()?)?,
            What::Formats(of) => formats(&of.backends()?),
            What::Options(of) => options(&of.backends()?),
            What::Pipelines(of) => pipelines(&of.backends()?),
            What::Modifiers => modifiers(),
            What::Codes => codes(),
        };
        let text = if self.json {
            let lines = Value::Array(listing.json);
            format!("{lines:#}\n")
        } else {
            let paint = Paint(color.wanted(stdout().is_terminal()));
            table(listing.head, &listing.rows, paint)
        };
        stdout().lock().write_all(text.as_bytes())?;
        Ok(Exit::Fine)
    }
}

fn targets(registry: &Registry) -> Result<Listing, Stop> {
    let mut listing = Listing {
        head: &["TARGET", "NAME", "PROFILES", "FORMATS", "OPTIONS"],
        rows: Vec::new(),
        json: Vec::new(),
    };
    let (aliases, known) = (registry.aliases(), registry.known_as());
    let of = |names: &[(&str, String)], name| -> Vec<String> {
        let own = names.iter().filter(|(target, _)| *target == name);
        own.map(|(_, known)| known.clone()).collect()
    };
    for name in registry.names() {
        let backend = registry.get(name, Profile::Native)?;
        let mut profiles = vec![Profile::Native.name()];
        profiles.extend(registry.profiles(name)?.into_iter().map(Profile::name));
        let formats: Vec<&str> = backend.formats.iter().map(|f| f.name.as_str()).collect();
        let options: Vec<&str> = backend.options.iter().map(|o| o.name.as_str()).collect();
        listing.rows.push(vec![
            name.to_owned(),
            backend.title.clone(),
            profiles.join(", "),
            formats.join(", "),
            options.join(", "),
        ]);
        let options = backend.options.iter().map(|option| {
            json!({
                "name": option.name,
                "default": option.default,
                "values": option.values,
                "about": option.about,
            })
        });
        listing.json.push(json!({
            "name": name,
            "title": backend.title,
            "about": backend.about,
            "aliases": of(&aliases, name),
            "known_as": of(&known, name),
            "extension": backend.extension,
            "profiles": profiles,
            "formats": formats,
            "options": options.collect::<Value>(),
        }));
    }
    Ok(listing)
}

fn formats(backends: &[Backend]) -> Listing {
    let mut listing = Listing {
        head: &["TARGET", "FORMAT", "WHAT IT IS"],
        rows: Vec::new(),
        json: Vec::new(),
    };
    for backend in backends {
        for format in &backend.formats {
            listing.rows.push(vec![
                backend.name.clone(),
                format.name.clone(),
                format.title.clone(),
            ]);
            listing.json.push(json!({
                "target": backend.name,
                "name": format.name,
                "title": format.title,
                "extension": format.extension.as_ref().unwrap_or(&backend.extension),
                "profile": format.profile.map(Profile::name),
                "whole": format.whole,
            }));
        }
    }
    listing
}

fn options(backends: &[Backend]) -> Listing {
    let mut listing = Listing {
        head: &["TARGET", "OPTION", "DEFAULT", "WHAT IT DOES"],
        rows: Vec::new(),
        json: Vec::new(),
    };
    for backend in backends {
        for option in &backend.options {
            let values = match option.values.as_slice() {
                [] => String::new(),
                values => format!(" ({})", values.join(", ")),
            };
            listing.rows.push(vec![
                backend.name.clone(),
                option.name.clone(),
                option.default.clone(),
                format!("{}{values}", option.about),
            ]);
            listing.json.push(json!({
                "target": backend.name,
                "name": option.name,
                "default": option.default,
                "values": option.values,
                "about": option.about,
            }));
        }
    }
    listing
}

/// The pipelines that are for one of the targets.
fn pipelines(backends: &[Backend]) -> Listing {
    let names: Vec<&str> = backends.iter().map(|backend| &*backend.name).collect();
    let loaded: Vec<_> = builtin::ALL
        .iter()
        .filter_map(|(name, text)| pipeline::load(name, text, &Closed).pipeline)
        .filter(|file| names.iter().any(|name| file.allows(&[name])))
        .collect();
    let targets = |file: &PipelineFile| match file.allowed_backends.as_slice() {
        [] => "all".to_owned(),
        names => names.join(", "),
    };
    Listing {
        head: &["PIPELINE", "PRIORITY", "TARGETS", "WHAT IT IS"],
        rows: loaded
            .iter()
            .map(|file| {
                vec![
                    file.path.clone(),
                    file.priority.to_string(),
                    targets(file),
                    file.name.clone().unwrap_or_default(),
                ]
            })
            .collect(),
        json: loaded
            .iter()
            .map(|file| {
                json!({
                    "name": file.path,
                    "title": file.name,
                    "priority": file.priority,
                    "targets": file.allowed_backends,
                })
            })
            .collect(),
    }
}

fn modifiers() -> Listing {
    let all = Modifier::ALL.iter();
    Listing {
        head: &["MODIFIER", "WHAT IT DOES"],
        rows: all
            .clone()
            .map(|modifier| vec![modifier.names().join(", "), modifier.summary().to_owned()])
            .collect(),
        json: all
            .map(|modifier| json!({"names": modifier.names(), "summary": modifier.summary()}))
            .collect(),
    }
}

fn codes() -> Listing {
    let all = Code::ALL.iter();
    Listing {
        head: &["CODE", "WHAT IT IS ABOUT"],
        rows: all
            .clone()
            .map(|code| vec![code.number().to_owned(), code.title().to_owned()])
            .collect(),
        json: all
            .map(|code| {
                json!({
                    "code": code.number(),
                    "title": code.title(),
                    "explanation": code.explanation(),
                })
            })
            .collect(),
    }
}

/// Columns as wide as their widest cell, two blanks apart.
fn table(head: &[&str], rows: &[Vec<String>], paint: Paint) -> String {
    let widths: Vec<usize> = (0..head.len())
        .map(|column| {
            let cells = rows.iter().map(|row| row[column].width());
            cells.max().unwrap_or(0).max(head[column].width())
        })
        .collect();
    let line = |cells: &[&str]| {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.width() + 2));
        }
        line.trim_end().to_owned()
    };
    let mut text = paint.bold(line(head));
    text.push('\n');
    for row in rows {
        let cells: Vec<&str> = row.iter().map(String::as_str).collect();
        text.push_str(&line(&cells));
        text.push('\n');
    }
    text
}
