//! `tests/pipelines/cases/<case>/{pipeline,rule}.yml`, natively and in the pySigma profile; wrong
//! pipelines, `tests/pipelines/bad/<case>.yml`, and careless ones, `tests/pipelines/warned/<case>.yml`.

use crate::Case;
use crate::snapshot::{Converted, check, converted, folder, rule_files, stem, together};
use std::path::{Path, PathBuf};
use varsigma::backend::Registry;
use varsigma::diagnostic::render::human;
use varsigma::dialect::Profile;
use varsigma::pipeline::environment::{Closed, Command, Environment, Failure, Request as Http};
use varsigma::pipeline::{self, Pipeline};
use varsigma::source::Source;
use varsigma::transpile::{Request, Transpiler};

/// The files of a case's folder, and nothing else.
#[derive(Debug)]
struct Folder(PathBuf);

impl Environment for Folder {
    fn read_file(&self, _: &str, path: &str) -> Result<String, Failure> {
        std::fs::read_to_string(self.0.join(path))
            .map_err(|error| Failure::Failed(error.to_string()))
    }

    fn fetch(&self, request: &Http) -> Result<String, Failure> {
        Closed.fetch(request)
    }

    fn run(&self, command: &Command) -> Result<String, Failure> {
        Closed.run(command)
    }
}

fn with_pipeline(case: &Path, profile: Profile) -> Converted {
    let label = match profile {
        Profile::Native => "native",
        profile => profile.name(),
    };
    let text = std::fs::read_to_string(case.join("pipeline.yml")).expect("a pipeline");
    let loaded = pipeline::load("pipeline.yml", &text, &Folder(case.to_owned()));
    let source = Source::new("pipeline.yml", &text);
    let Some(file) = loaded.pipeline else {
        let errors = loaded.diagnostics.iter();
        return Converted {
            label: label.to_owned(),
            queries: String::new(),
            diagnostics: errors.map(|error| human(&source, error, false)).collect(),
        };
    };
    let request = Request {
        target: "splunk".to_owned(),
        profile,
        ..Request::default()
    };
    let transpiler = Transpiler::new(&Registry::built_in(), &request)
        .expect("a target and its profile")
        .with_pipeline(Pipeline::new(vec![file]), Box::new(Folder(case.to_owned())));
    let mut one = converted(label, &transpiler, &case.join("rule.yml"));
    if transpiler.has_whole_document() {
        let bytes = std::fs::read(case.join("rule.yml")).expect("a rule");
        let output = transpiler.convert_file("rule.yml", &bytes);
        one.queries.push_str("=> all\n");
        one.queries.push_str(&output.queries.join("\n"));
    }
    one
}

/// A test for each case, and for each wrong or careless pipeline.
pub fn cases() -> Vec<Case> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(folder("tests/pipelines/cases"))
        .expect("a folder of the repository")
        .map(|entry| entry.expect("readable").path())
        .collect();
    folders.sort();
    let cases = folders.into_iter().map(|case| {
        let name = stem(&case).to_owned();
        let test = format!("pipelines::{name}");
        Case::new(test, "pipelines", &name.clone(), move || {
            let profiles = [Profile::Native, Profile::Pysigma];
            let both = profiles.map(|profile| with_pipeline(&case, profile));
            check("pipelines", &name, &together(&both));
        })
    });
    let bad = files("bad", false);
    let warned = files("warned", true);
    cases.chain(bad).chain(warned).collect()
}

/// A test of the diagnostics for each pipeline of a folder.
fn files(kind: &'static str, is_usable: bool) -> impl Iterator<Item = Case> {
    let files = rule_files(&folder("tests/pipelines").join(kind)).into_iter();
    files.map(move |file| {
        let name = stem(&file).to_owned();
        let test = format!("pipelines::{kind}::{name}");
        let feature = format!("pipelines.{kind}");
        Case::new(test, &feature.clone(), &name.clone(), move || {
            let text = std::fs::read_to_string(&file).expect("readable");
            let loaded = pipeline::load("pipeline.yml", &text, &Closed);
            assert_eq!(loaded.pipeline.is_some(), is_usable, "{name}");
            let source = Source::new("pipeline.yml", &text);
            let said = loaded.diagnostics.iter();
            let said: Vec<String> = said.map(|said| human(&source, said, false)).collect();
            check(&feature, &name, said.join("\n").trim_end());
        })
    })
}
