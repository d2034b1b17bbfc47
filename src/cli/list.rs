//! `varsigma list targets|formats|options|pipelines|modifiers|codes`: as a table or as JSON.

use super::completions::candidates;
use super::targets::Targets;
use super::terminal::{ColorChoice, Paint};
use super::{Exit, Stop};
use crate::backend::{Backend, Registry};
use crate::compiler::{BuiltInPipeline, Format, Target, TargetOption};
use crate::diagnostic::Code;
use crate::dialect::Profile;
use crate::rule::Modifier;
use clap::{Args, Subcommand};
use serde::Serialize;
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
    let rows = Target::all(registry)?.into_iter().map(|target| {
        let mut profiles = vec![Profile::Native.name()];
        profiles.extend(target.profiles.iter().copied().map(Profile::name));
        let formats: Vec<&str> = target.formats.iter().map(|f| f.name.as_str()).collect();
        let proof = target.proof.as_ref().map(ToString::to_string);
        let cells = vec![
            target.name.clone(),
            target.title.clone(),
            profiles.join(", "),
            formats.join(", "),
            proof.unwrap_or_default(),
            target.assumes.clone(),
        ];
        (cells, value(&target))
    });
    let rows = rows.collect();
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
        let formats = backend.formats.iter().map(|format| {
            let format = Format::of(format, backend);
            let json = value(&format);
            (vec![format.target, format.name, format.title], json)
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
        let options = backend.options.iter().map(|option| {
            let option = TargetOption::of(option, backend);
            let json = value(&option);
            let values = match option.values.as_slice() {
                [] => String::new(),
                values => format!(" ({})", values.join(", ")),
            };
            let about = format!("{}{values}", option.about);
            (
                vec![option.target, option.name, option.default, about],
                json,
            )
        });
        options.collect::<Vec<_>>()
    };
    Listing {
        head: &["TARGET", "OPTION", "DEFAULT", "WHAT IT DOES"],
        rows: backends.iter().flat_map(of_backend).collect(),
    }
}

/// The JSON of what the library gives out.
fn value(data: &impl Serialize) -> Value {
    // Plain data always serializes.
    serde_json::to_value(data).unwrap_or_default()
}

/// The pipelines that are for one of the targets.
fn pipelines(backends: &[Backend]) -> Listing {
    let names: Vec<&str> = backends.iter().map(|backend| &*backend.name).collect();
    let row = |pipeline: BuiltInPipeline| {
        let json = value(&pipeline);
        let targets = match pipeline.targets.as_slice() {
            [] => "all".to_owned(),
            names => names.join(", "),
        };
        let priority = pipeline.priority.to_string();
        let title = pipeline.title.unwrap_or_default();
        (vec![pipeline.name, priority, targets, title], json)
    };
    let pipelines = BuiltInPipeline::all().into_iter();
    let rows = pipelines.filter(|pipeline| names.iter().any(|name| pipeline.allows(name)));
    Listing {
        head: &["PIPELINE", "PRIORITY", "TARGETS", "WHAT IT IS"],
        rows: rows.map(row).collect(),
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
