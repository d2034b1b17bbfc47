//! What there is beside compiling and matching. Data goes to Python as JSON, of which
//! `varsigma/__init__.py` makes dictionaries.

use crate::data::{Diagnostic, SharedSource};
use crate::error;
use crate::input;
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
    let files = input::rules(rules)?;
    let mut found = Vec::new();
    for file in files {
        let text = String::from_utf8(file.bytes)?;
        let diagnostics = py.detach(|| Rules::parse(&text).lint());
        if !diagnostics.is_empty() {
            let source = SharedSource::new(&file.path, &text);
            let diagnostics = diagnostics.iter();
            found.extend(diagnostics.map(|diagnostic| source.diagnostic(diagnostic)));
        }
    }
    Ok(found)
}

/// Events that rules must match, and near misses.
#[pyfunction]
fn _witness(py: Python<'_>, rules: &Bound<'_, PyAny>, limit: usize) -> PyResult<String> {
    let mut paths = Vec::new();
    let mut texts = Vec::new();
    for file in input::rules(rules)? {
        texts.push(String::from_utf8(file.bytes)?);
        paths.push(file.path);
    }
    let (events, errors) = py.detach(|| {
        let all = Rules::parse_all(texts.iter().map(String::as_str));
        let mut events = Vec::new();
        let mut errors = Vec::new();
        let made = Rules::witnesses_of(&all, limit);
        for ((rules, made), path) in all.iter().zip(made).zip(&paths) {
            let of_rules = rules.diagnostics().into_iter();
            let of_rules = of_rules.filter(|found| found.is_error()).cloned();
            let found: Vec<_> = of_rules.chain(made.errors).collect();
            if !found.is_empty() {
                let source = SharedSource::new(path, rules.text());
                errors.extend(found.iter().map(|found| source.diagnostic(found)));
            }
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
    let (before, after) = (input::one(before)?, input::one(after)?);
    let old = String::from_utf8(before.bytes)?;
    let new = String::from_utf8(after.bytes)?;
    let (compared, errors) = py.detach(|| {
        let (old_rules, new_rules) = (Rules::parse(&old), Rules::parse(&new));
        let compared = old_rules.compare(&new_rules);
        let mut errors = Vec::new();
        for (rules, path) in [(&old_rules, &before.path), (&new_rules, &after.path)] {
            let source = SharedSource::new(path, rules.text());
            let found = rules.diagnostics().into_iter();
            let found = found.filter(|found| found.is_error());
            errors.extend(found.map(|found| source.diagnostic(found)));
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
    let files = input::rules(rules)?;
    let made = py.detach(|| {
        let pages = match target {
            Some(target) => Pages::new([varsigma::Compiler::builder(target).build()?]),
            None => Pages::founding()?,
        };
        let pages = if template == "modern" {
            pages.modern()
        } else {
            pages
        };
        let mut texts = Vec::new();
        let mut errors = Vec::new();
        for file in &files {
            let made = pages.make(&file.path, &file.bytes)?;
            texts.extend(made.texts);
            let found = made.diagnostics.iter().filter(|found| found.is_error());
            let text = String::from_utf8_lossy(&file.bytes);
            let source = SharedSource::new(&file.path, &text);
            errors.extend(found.map(|found| source.diagnostic(found)));
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
