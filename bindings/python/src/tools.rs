//! What there is beside compiling and matching. Data goes to Python as JSON, of which
//! `varsigma/__init__.py` makes dictionaries.

use crate::data::{Diagnostic, SharedSource};
use crate::error;
use crate::input::{self, RuleTexts};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::Serialize;
use varsigma::{BuiltInPipeline, Code, Pages, Rules, Targets};

pub fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(lint, module)?)?;
    module.add_function(wrap_pyfunction!(_witness, module)?)?;
    module.add_function(wrap_pyfunction!(_diff, module)?)?;
    module.add_function(wrap_pyfunction!(_targets, module)?)?;
    module.add_function(wrap_pyfunction!(_pipelines, module)?)?;
    module.add_function(wrap_pyfunction!(_page, module)?)?;
    module.add_function(wrap_pyfunction!(_explain, module)?)
}

fn json(data: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(data).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// What is wrong with rules, or most likely not meant.
#[pyfunction]
fn lint(py: Python<'_>, rules: &Bound<'_, PyAny>) -> PyResult<Vec<Diagnostic>> {
    let given = RuleTexts::of(input::rules(rules)?);
    let files = given.files();
    let linted = py.detach(|| Rules::lint_all(&files));
    let linted = files.iter().zip(&linted);
    let linted = linted.flat_map(|((path, text), found)| SharedSource::all(path, text, found));
    Ok(given.unread.iter().cloned().chain(linted).collect())
}

/// Events that rules must match, and near misses.
#[pyfunction]
fn _witness(py: Python<'_>, rules: &Bound<'_, PyAny>, limit: usize) -> PyResult<String> {
    let given = RuleTexts::of(input::rules(rules)?);
    let (events, errors) = py.detach(|| {
        let all = Rules::parse_all(given.texts.iter().map(String::as_str));
        let mut events = Vec::new();
        let mut errors = given.errors();
        let made = Rules::witnesses_of(&all, limit);
        for ((rules, made), path) in all.iter().zip(made).zip(&given.paths) {
            let of_rules = rules.diagnostics().into_iter();
            let of_rules = of_rules.filter(|found| found.is_error());
            let found: Vec<_> = of_rules.chain(&made.errors).collect();
            errors.extend(SharedSource::all(path, rules.text(), found));
            events.extend(made.events);
        }
        (events, errors)
    });
    if errors.is_empty() {
        json(&events)
    } else {
        Err(error::of(py, errors))
    }
}

/// What the new version of rules matches that the old one did not, and the other way round.
#[pyfunction]
fn _diff(py: Python<'_>, before: &Bound<'_, PyAny>, after: &Bound<'_, PyAny>) -> PyResult<String> {
    let ((old_path, old), (new_path, new)) = (input::one(before)?, input::one(after)?);
    let (compared, errors) = py.detach(|| {
        let (old_rules, new_rules) = (Rules::parse(&old), Rules::parse(&new));
        let compared = old_rules.compare(&new_rules);
        let mut errors = Vec::new();
        for (rules, path) in [(&old_rules, &old_path), (&new_rules, &new_path)] {
            let found = rules.diagnostics().into_iter();
            let found: Vec<_> = found.filter(|found| found.is_error()).collect();
            errors.extend(SharedSource::all(path, rules.text(), found));
        }
        (compared, errors)
    });
    if !errors.is_empty() {
        return Err(error::of(py, errors));
    }
    json(&compared)
}

#[pyfunction]
fn _targets(py: Python<'_>) -> PyResult<String> {
    let targets = py.detach(|| Targets::built_in().all());
    let targets = targets.map_err(|error| error::raised(py, &error))?;
    // Formats as data, where the command line has names.
    let rows = targets.iter().map(|target| {
        let mut row = serde_json::to_value(target)?;
        row["formats"] = serde_json::to_value(&target.formats)?;
        Ok(row)
    });
    let rows: Result<Vec<_>, serde_json::Error> = rows.collect();
    json(&rows.map_err(|error| PyValueError::new_err(error.to_string()))?)
}

#[pyfunction]
fn _pipelines() -> PyResult<String> {
    json(&BuiltInPipeline::all())
}

/// The pages of rules, a text a rule.
#[pyfunction]
#[pyo3(signature = (rules, target, template))]
fn _page(
    py: Python<'_>,
    rules: &Bound<'_, PyAny>,
    target: Option<&str>,
    template: &str,
) -> PyResult<Vec<String>> {
    let is_modern = match template {
        "document" => false,
        "modern" => true,
        other => {
            let message = format!("expected `document` or `modern` as template, found `{other}`");
            return Err(PyValueError::new_err(message));
        }
    };
    let given = RuleTexts::of(input::rules(rules)?);
    let made = py.detach(|| {
        let mut pages = match target {
            Some(target) => Pages::new([varsigma::Compiler::builder(target).build()?]),
            None => Pages::founding()?,
        };
        if is_modern {
            pages = pages.modern();
        }
        let mut texts = Vec::new();
        let mut errors = given.errors();
        let files = given.files();
        let bytes = files.iter().map(|(path, text)| (*path, text.as_bytes()));
        let made = pages.make_all(&bytes.collect::<Vec<_>>())?;
        for ((path, text), made) in files.iter().zip(made) {
            texts.extend(made.texts);
            let found = made.diagnostics.iter().filter(|found| found.is_error());
            errors.extend(SharedSource::all(path, text, found.collect::<Vec<_>>()));
        }
        Ok::<_, varsigma::Error>((texts, errors))
    });
    let (texts, errors) = made.map_err(|error| error::raised(py, &error))?;
    if errors.is_empty() {
        Ok(texts)
    } else {
        Err(error::of(py, errors))
    }
}

/// What a code is about: its title, and Markdown.
#[pyfunction]
fn _explain(code: &str) -> PyResult<(&'static str, &'static str, &'static str)> {
    let Some(code) = Code::from_number(code) else {
        let message = format!("there is no diagnostic code `{code}`");
        return Err(PyValueError::new_err(message));
    };
    Ok((code.number(), code.title(), code.explanation()))
}
