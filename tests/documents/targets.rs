//! The reference of `docs/targets.md`: every target's formats, options and pipelines.

use std::fmt::Write as _;
use varsigma::backend::{Backend, Registry};
use varsigma::dialect::Profile;
use varsigma::pipeline::environment::Closed;
use varsigma::pipeline::{self, PipelineFile, builtin};

/// A section for each target.
pub fn reference() -> Vec<String> {
    let registry = Registry::built_in();
    let pipelines: Vec<PipelineFile> = builtin::ALL
        .iter()
        .filter_map(|(name, text)| pipeline::load(name, text, &Closed).pipeline)
        .collect();
    let mut lines = Vec::new();
    for name in registry.names() {
        let backend = registry.get(name, Profile::Native).expect("built in");
        lines.extend([format!("\n## {name}\n"), about(&registry, &backend)]);
        lines.extend(formats(&backend));
        lines.extend(options(&backend));
        lines.extend(for_target(&backend, &pipelines));
    }
    lines.push(String::new());
    lines
}

/// What it is, its other names and profiles, what it rests on.
fn about(registry: &Registry, backend: &Backend) -> String {
    let mut text = format!("**{}.** {}", backend.title, backend.about);
    let aliases = registry.known_as().into_iter();
    let aliases = aliases.filter(|(target, _)| *target == backend.name);
    let aliases: Vec<String> = aliases.map(|(_, alias)| format!("`{alias}`")).collect();
    if !aliases.is_empty() {
        let _ = write!(text, " Also known as {}.", aliases.join(", "));
    }
    let profiles = registry.profiles(&backend.name).expect("built in");
    let profiles = profiles.into_iter().map(Profile::name);
    let profiles: Vec<String> = profiles.map(|name| format!("`--compat {name}`")).collect();
    if !profiles.is_empty() {
        let _ = write!(text, " Profiles: {}.", profiles.join(", "));
    }
    if let Some(proof) = &backend.proof {
        let _ = write!(text, " Proven: {proof}.");
    }
    if let Some(schema) = &backend.schema {
        let _ = write!(text, " Without a schema, {}.", schema.assumes);
    }
    text
}

fn formats(backend: &Backend) -> Vec<String> {
    let rows = backend.formats.iter().map(|format| {
        let name = &format.name;
        vec![format!("`{name}`"), format.title.clone()]
    });
    table(&["format", ""], &rows.collect::<Vec<_>>())
}

fn options(backend: &Backend) -> Vec<String> {
    let rows = backend.options.iter().map(|option| {
        let values = option.values.iter().map(|value| format!("`{value}`"));
        let values: Vec<String> = values.collect();
        let values = match values.as_slice() {
            [] => String::new(),
            values => format!(" One of {}.", values.join(", ")),
        };
        let default = match option.default.as_str() {
            "" => String::new(),
            default => format!("`{default}`"),
        };
        let about = format!("{}{values}", option.about);
        vec![format!("`{}`", option.name), default, about]
    });
    table(&["option", "default", ""], &rows.collect::<Vec<_>>())
}

/// The pipelines that are written for the target; those for all are on another page.
fn for_target(backend: &Backend, pipelines: &[PipelineFile]) -> Vec<String> {
    let own = pipelines
        .iter()
        .filter(|file| !file.allowed_backends.is_empty() && file.allows(&[&backend.name]));
    let rows = own.map(|file| {
        let title = file.name.clone().unwrap_or_default();
        vec![format!("`{}`", file.path), title]
    });
    table(&["pipeline", ""], &rows.collect::<Vec<_>>())
}

/// A table after a blank line; none without rows.
fn table(head: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let row = |cells: &[String]| {
        let cells = cells.iter().map(|cell| cell.replace('|', r"\|"));
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    };
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let mut lines = vec![
        String::new(),
        row(&head),
        format!("|{}", ":--|".repeat(head.len())),
    ];
    lines.extend(rows.iter().map(|cells| row(cells)));
    lines
}
