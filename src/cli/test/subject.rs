//! Which rules are tested, and on what.
//!
//! In: the project of a folder. Out: its rules, the events of its folders of tests, and the tests that
//! lie there as their rules lie in theirs: `tests/linux/proc_a.test.yml` is for `rules/linux/proc_a.yml`.

use crate::cli::environment::Allowed;
use crate::cli::input::{Input, Origin};
use crate::cli::report::Report;
use crate::cli::{Stop, project};
use crate::project::tree::{is_test, there};
use std::path::{Path, PathBuf};

/// Which rules are tested, and on what.
pub(super) struct Subject {
    pub inputs: Vec<Input>,
    /// Files and folders of events.
    pub events: Vec<PathBuf>,
    pub tests: TestFolders,
}

/// Folders with tests of rules that lie elsewhere.
#[derive(Default)]
pub(super) struct TestFolders {
    /// Folders, each with the files of tests below it, by their places there.
    folders: Vec<(String, Vec<String>)>,
}

impl Subject {
    /// The rules of a project. What lies in its folders of tests comes after `events`.
    pub fn of_project(
        folder: Option<&Path>,
        allowed: Allowed,
        events: &[PathBuf],
        report: &mut Report,
    ) -> Result<Self, Stop> {
        // Paths that were given are not the project's.
        let here = std::env::current_dir().unwrap_or_default();
        project::enter(folder)?;
        let project = project::open(allowed, report)?;
        let given = events.iter().map(|path| match path.as_os_str() {
            name if name == "-" => path.clone(),
            _ => here.join(path),
        });
        let folders = &project.config.tests;
        let events = given.chain(folders.iter().map(|folder| {
            // The project's own.
            let is_root = folder.is_empty();
            PathBuf::from(if is_root { "." } else { folder })
        }));
        let events = events.collect();
        let inputs = project.rules.iter().map(|rule| Input {
            name: rule.path.clone(),
            place: rule.place.clone(),
            origin: Origin::File(PathBuf::from(&rule.path)),
        });
        let tests = folders.iter().map(|folder| {
            let files = project.tree.files(folder, &["yml", "yaml"]);
            let files = there(files, folder).map_err(|error| {
                error.help("name the folders of events and tests in `tests` of `varsigma.toml`")
            })?;
            let files = files.into_iter().filter(|file| is_test(file));
            let places = files.filter_map(|file| {
                let below = file.strip_prefix(folder.as_str())?;
                Some(below.trim_start_matches('/').to_owned())
            });
            Ok((folder.clone(), places.collect()))
        });
        Ok(Self {
            inputs: inputs.collect(),
            events,
            tests: TestFolders {
                folders: tests.collect::<Result<_, Stop>>()?,
            },
        })
    }
}

impl TestFolders {
    /// The files of tests for the rules of a file.
    pub fn of<'t>(&'t self, place: &'t str) -> impl Iterator<Item = PathBuf> + 't {
        let folders = self.folders.iter();
        folders.flat_map(move |(folder, places)| {
            let own = places.iter().filter(move |test| is_of(test, place));
            own.map(move |test| Path::new(folder).join(test))
        })
    }

    /// The files of tests for which there are no rules at any of these places.
    pub fn without_rules(&self, places: &[&str]) -> Vec<PathBuf> {
        let folders = self.folders.iter();
        let files = folders.flat_map(|(folder, tests)| {
            let lost = tests
                .iter()
                .filter(|test| !places.iter().any(|place| is_of(test, place)));
            lost.map(move |test| Path::new(folder).join(test))
        });
        files.collect()
    }
}

/// Is `linux/proc_a.test.yml` the tests of `linux/proc_a.yml`?
fn is_of(test: &str, place: &str) -> bool {
    let stem = |path: &str| path.rfind('.').map(|dot| path[..dot].to_owned());
    let test = stem(test).and_then(|test| stem(&test));
    test.is_some() && test == stem(place)
}
