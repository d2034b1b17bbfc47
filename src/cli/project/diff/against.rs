//! `--target-diff A,B`: the same rules, made into queries in two ways.

use super::Diff;
use super::projects::{ChangedFiles, Checkout, ComparedProjects};
use crate::cli::Stop;
use crate::cli::project::working::WorkingTree;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Profile;
use crate::project::config::{self, Config, Output, Refusals};
use crate::project::diff::OutputPair;
use crate::project::path_pattern::PathPattern;
use crate::project::tree::Tree;
use crate::project::{Project, open_as};
use crate::source::Span;
use std::io;
use std::sync::Arc;

/// One side: `splunk+sysmon@HEAD~1`.
struct TargetSpec<'a> {
    /// An output's name, or a target's.
    name: &'a str,
    /// In place of the output's own; none where the output's are taken.
    pipelines: Option<Vec<&'a str>>,
    revision: Option<&'a str>,
}

/// The two sides, over the rules of the files that are there.
pub(super) fn projects(diff: &Diff, asked: &str) -> Result<ComparedProjects, Stop> {
    let specs = match asked.split_once(',') {
        Some((one, other)) if !other.contains(',') => [spec(one)?, spec(other)?],
        _ => {
            return Err(wrong(format!(
                "expected two targets with a comma between, found `{asked}`"
            )));
        }
    };
    let checkout = Checkout::enter(&diff.place)?;
    let rules: Arc<dyn Tree> = if diff.from == "HEAD" && !checkout.repository.is_bare() {
        Arc::new(WorkingTree::default())
    } else {
        Arc::new(checkout.repository.revision(&diff.from)?)
    };
    let [before, after] = specs.map(|spec| opened(&checkout, &rules, &spec));
    let names: Vec<&str> = asked.split(',').map(str::trim).collect();
    let names = (names[0].to_owned(), names[1].to_owned());
    let mut projects = ComparedProjects::new((before?, after?), names, ChangedFiles::All);
    projects.outputs = vec![OutputPair {
        name: format!("{} to {}", projects.names.before, projects.names.after),
        before: Some(0),
        after: Some(0),
    }];
    Ok(projects)
}

fn spec(text: &str) -> Result<TargetSpec<'_>, Stop> {
    let (target, revision) = match text.trim().split_once('@') {
        Some((target, revision)) => (target, Some(revision)),
        None => (text.trim(), None),
    };
    let mut parts = target.split('+');
    let name = parts.next().unwrap_or_default();
    let pipelines: Vec<&str> = parts.collect();
    if name.is_empty() || pipelines.contains(&"") || revision == Some("") {
        return Err(wrong(format!(
            "expected `NAME[+PIPELINE…][@REV]`, found `{text}`"
        )));
    }
    Ok(TargetSpec {
        name,
        pipelines: (!pipelines.is_empty()).then_some(pipelines),
        revision,
    })
}

/// The project with the one output that a side asks for.
fn opened(
    checkout: &Checkout,
    rules: &Arc<dyn Tree>,
    spec: &TargetSpec<'_>,
) -> Result<Project, Stop> {
    let rest: Arc<dyn Tree> = match spec.revision {
        Some(name) => Arc::new(checkout.repository.revision(name)?),
        None => Arc::clone(rules),
    };
    let text = match rest.read(config::FILE) {
        Ok(Some(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        Ok(None) => String::new(),
        Err(error) => return Err(wrong(format!("`{}` can't be read: {error}", config::FILE))),
    };
    let mut config = if text.is_empty() {
        Config {
            rules: vec!["rules".to_owned()],
            ..Config::default()
        }
    } else {
        Config::read(&text).map_err(|problems| Stop::in_file(config::FILE, &text, problems))?
    };
    let known = config
        .outputs
        .drain(..)
        .find(|output| output.name == spec.name);
    let text = known.is_some().then_some(text);
    config.outputs = vec![output(known, spec)];
    config.folders.clear();
    let tree = Overlay {
        rules: Arc::clone(rules),
        folders: config.rules.clone(),
        rest,
    };
    let access = Arc::clone(&checkout.access);
    Ok(open_as(config, text, Arc::new(tree), access)?)
}

/// The output of `varsigma.toml`, or one for the target of that name, as a side asks for it.
fn output(known: Option<Output>, spec: &TargetSpec<'_>) -> Output {
    let mut output = known.unwrap_or_else(|| Output {
        schema: None,
        name: spec.name.to_owned(),
        span: Span::default(),
        target: spec.name.to_owned(),
        format: None,
        profile: Profile::Native,
        pipelines: Vec::new(),
        filters: Vec::new(),
        options: Vec::new(),
        path: PathPattern::path(),
        combine: false,
        exclude: Vec::new(),
        strict: false,
        refusals: Refusals::Deny,
    });
    if let Some(asked) = &spec.pipelines {
        output.pipelines = asked.iter().map(|name| (*name).to_owned()).collect();
    }
    // Both sides have their texts in the same places, and none of their own to say.
    output.path = PathPattern::path();
    output.combine = false;
    output.refusals = Refusals::Deny;
    output
}

/// Rules of one tree, everything else of another.
#[derive(Debug)]
struct Overlay {
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
        .help("use `--target-diff splunk,splunk_spl2` to compare two targets, `--target-diff splunk@HEAD~1,splunk` two versions")
        .into()
}
