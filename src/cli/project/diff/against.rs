//! `--target-diff A,B`: the same rules, made into queries in two ways.

use super::Diff;
use super::sides::{Changed, Here, Sides};
use crate::cli::Stop;
use crate::cli::project::working::WorkingTree;
use crate::diagnostic::{Code, Diagnostic};
use crate::project::Project;
use crate::project::config::{self, Config};
use crate::project::diff::OutputPair;
use crate::project::tree::Tree;
use std::fmt::Write as _;
use std::io;
use std::sync::Arc;

/// One side: `splunk+sysmon@HEAD~1`.
struct Way<'a> {
    name: &'a str,
    /// In place of the output's own; none where the output's are taken.
    pipelines: Option<Vec<&'a str>>,
    revision: Option<&'a str>,
}

/// The two ways, over the rules of the files that are there.
pub(super) fn sides(diff: &Diff, asked: &str) -> Result<Sides, Stop> {
    let ways = match asked.split_once(',') {
        Some((one, other)) if !other.contains(',') => [way(one)?, way(other)?],
        _ => {
            return Err(wrong(format!(
                "expected two sides with a comma between, found `{asked}`"
            )));
        }
    };
    let here = Here::enter(&diff.place)?;
    let rules: Arc<dyn Tree> = if diff.from == "HEAD" && !here.repository.is_bare() {
        Arc::new(WorkingTree::default())
    } else {
        Arc::new(here.repository.revision(&diff.from)?)
    };
    let [before, after] = ways.map(|way| opened(&here, &rules, &way));
    let names: Vec<&str> = asked.split(',').map(str::trim).collect();
    let names = (names[0].to_owned(), names[1].to_owned());
    let mut sides = Sides::new((before?, after?), names, Changed::All);
    sides.outputs = vec![OutputPair {
        name: format!("{} to {}", sides.names.before, sides.names.after),
        before: Some(0),
        after: Some(0),
    }];
    Ok(sides)
}

fn way(text: &str) -> Result<Way<'_>, Stop> {
    let (made, revision) = match text.trim().split_once('@') {
        Some((made, revision)) => (made, Some(revision)),
        None => (text.trim(), None),
    };
    let mut parts = made.split('+');
    let name = parts.next().unwrap_or_default();
    let pipelines: Vec<&str> = parts.collect();
    if name.is_empty() || pipelines.contains(&"") || revision == Some("") {
        return Err(wrong(format!(
            "expected `NAME[+PIPELINE…][@REV]`, found `{text}`"
        )));
    }
    Ok(Way {
        name,
        pipelines: (!pipelines.is_empty()).then_some(pipelines),
        revision,
    })
}

/// The project with the one output that a side asks for.
fn opened(here: &Here, rules: &Arc<dyn Tree>, way: &Way<'_>) -> Result<Project, Stop> {
    let rest: Arc<dyn Tree> = match way.revision {
        Some(name) => Arc::new(here.repository.revision(name)?),
        None => Arc::clone(rules),
    };
    let text = match rest.read(config::FILE) {
        Ok(Some(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        Ok(None) => String::new(),
        Err(error) => return Err(wrong(format!("`{}` can't be read: {error}", config::FILE))),
    };
    let written = if text.is_empty() {
        None
    } else {
        Some(
            Config::read(&text).map_err(|problems| crate::backend::BackendError {
                path: config::FILE.to_owned(),
                text: text.clone(),
                diagnostics: problems,
            })?,
        )
    };
    let config = project_file(written.as_ref(), way);
    let folders = written.map_or_else(|| vec!["rules".to_owned()], |config| config.rules);
    let tree = Overlay {
        config,
        rules: Arc::clone(rules),
        folders,
        rest,
    };
    Ok(crate::project::open(
        Arc::new(tree),
        Arc::clone(&here.access),
    )?)
}

/// A `varsigma.toml` with the output of that name, or with one for the target of that name.
fn project_file(written: Option<&Config>, way: &Way<'_>) -> String {
    let mut text = String::new();
    let list = |texts: &[String]| {
        let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
        texts.join(", ")
    };
    if let Some(config) = written {
        let _ = writeln!(text, "rules = [{}]", list(&config.rules));
        let _ = writeln!(text, "exclude = [{}]", list(&config.exclude));
        let _ = writeln!(text, "backends = [{}]", list(&config.backends));
    }
    let known = written.and_then(|config| {
        let mut outputs = config.outputs.iter();
        outputs.find(|output| output.name == way.name)
    });
    // Both sides have their texts in the same places.
    let _ = writeln!(text, "[output.{}]\npath = \"{{path}}\"", quoted(way.name));
    let mut pipelines: Vec<String> = Vec::new();
    if let Some(output) = known {
        let _ = writeln!(text, "target = {}", quoted(&output.target));
        if let Some(format) = &output.format {
            let _ = writeln!(text, "format = {}", quoted(format));
        }
        let _ = writeln!(text, "compat = {}", quoted(output.profile.name()));
        let _ = writeln!(text, "strict = {}", output.strict);
        let _ = writeln!(text, "exclude = [{}]", list(&output.exclude));
        let options = output.options.iter();
        let options: Vec<String> = options
            .map(|(key, value)| format!("{} = {}", quoted(key), quoted(value)))
            .collect();
        let _ = writeln!(text, "options = {{ {} }}", options.join(", "));
        pipelines.clone_from(&output.pipelines);
    }
    if let Some(asked) = &way.pipelines {
        pipelines = asked.iter().map(|name| (*name).to_owned()).collect();
    }
    let _ = writeln!(text, "pipelines = [{}]", list(&pipelines));
    text
}

/// A text as TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Rules of one tree, everything else of another, and a project file of neither.
#[derive(Debug)]
struct Overlay {
    config: String,
    rules: Arc<dyn Tree>,
    folders: Vec<String>,
    rest: Arc<dyn Tree>,
}

impl Overlay {
    fn of(&self, path: &str) -> &dyn Tree {
        let holds = |folder: &String| {
            let below = path.strip_prefix(folder.as_str());
            folder.is_empty() || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if self.folders.iter().any(holds) {
            self.rules.as_ref()
        } else {
            self.rest.as_ref()
        }
    }
}

impl Tree for Overlay {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        if path == config::FILE {
            return Ok(Some(self.config.clone().into_bytes()));
        }
        self.of(path).read(path)
    }

    fn files(&self, path: &str, endings: &[&str]) -> io::Result<Option<Vec<String>>> {
        self.of(path).files(path, endings)
    }

    fn passed_over(&self) -> Vec<String> {
        self.rules.passed_over()
    }
}

fn wrong(message: String) -> Stop {
    let error = Diagnostic::error(Code::Comparison, message);
    error
        .help("`--target-diff splunk,splunk_spl2` compares two targets, `--target-diff splunk@HEAD~1,splunk` two versions")
        .into()
}
