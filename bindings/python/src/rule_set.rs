//! Rules that are asked of events.

use crate::data::{Diagnostic, SharedSource};
use crate::error;
use crate::event::{Given, event};
use crate::input;
use crate::pickle::{self, Reduced};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use serde::{Deserialize, Serialize};
use varsigma::{Event, OwnedRuleSet, Rules};

/// Rules, prepared for many events.
#[pyclass(frozen, module = "varsigma")]
pub struct RuleSet {
    inner: OwnedRuleSet,
    paths: Vec<Option<String>>,
    #[pyo3(get)]
    errors: Vec<Diagnostic>,
}

/// A rule that matches an event.
#[pyclass(frozen, get_all, module = "varsigma")]
#[derive(Clone, Serialize, Deserialize)]
pub struct MatchedRule {
    id: Option<String>,
    title: String,
    path: Option<String>,
}

#[pymethods]
impl MatchedRule {
    fn __repr__(&self) -> String {
        format!("<MatchedRule {}>", self.title)
    }
}

#[pymethods]
impl RuleSet {
    #[new]

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        pickle::reduced(py, "MatchedRule", self)
    }
    #[pyo3(signature = (rules, *, collect_errors = false))]
    fn new(py: Python<'_>, rules: &Bound<'_, PyAny>, collect_errors: bool) -> PyResult<Self> {
        let files = input::rules(rules)?;
        let mut texts = Vec::with_capacity(files.len());
        let mut paths = Vec::with_capacity(files.len());
        for file in files {
            texts.push(String::from_utf8(file.bytes)?);
            paths.push(file.path);
        }
        let (inner, errors) = py.detach(|| {
            let set = OwnedRuleSet::parse(texts);
            let texts = set.texts().iter().zip(&paths).enumerate();
            let errors: Vec<Diagnostic> = texts
                .flat_map(|(number, (rules, path))| {
                    let of_rules = Rules::diagnostics(rules).into_iter();
                    let of_rules = of_rules.filter(|found| found.is_error());
                    let all: Vec<_> = of_rules.chain(set.get().errors_of(number)).collect();
                    let source = (!all.is_empty()).then(|| SharedSource::new(path, rules.text()));
                    let all = all.into_iter().cloned();
                    all.filter_map(move |found| Some(source.as_ref()?.diagnostic(&found)))
                        .collect::<Vec<_>>()
                })
                .collect();
            (set, errors)
        });
        if !collect_errors && !errors.is_empty() {
            return Err(error::of(py, errors));
        }
        let paths = paths.into_iter();
        Ok(Self {
            inner,
            paths: paths
                .map(|path| (!path.is_empty()).then_some(path))
                .collect(),
            errors,
        })
    }

    /// The rules that match an event: a mapping, or the JSON of one as `str` or `bytes`.
    fn r#match(&self, py: Python<'_>, event: &Bound<'_, PyAny>) -> PyResult<Vec<MatchedRule>> {
        let event = read(py, event)?;
        Ok(py.detach(|| self.matching(&event)))
    }

    /// For each event of a text of JSON, the rules that match it.
    fn match_all(
        &self,
        py: Python<'_>,
        events: &Bound<'_, PyAny>,
    ) -> PyResult<Vec<Vec<MatchedRule>>> {
        let text = text(events)?;
        let text = text.ok_or_else(|| PyTypeError::new_err("expected events as str or bytes"))?;
        let found = py.detach(|| {
            let events = Event::read(text)?.into_iter();
            Ok(events.map(|event| self.matching(&event)).collect())
        });
        found.map_err(|error| error::raised(py, &error))
    }

    fn __len__(&self) -> usize {
        self.inner.get().rules().len()
    }

    fn __repr__(&self) -> String {
        format!("<RuleSet {} rules>", self.__len__())
    }
}

impl RuleSet {
    fn matching(&self, event: &Event) -> Vec<MatchedRule> {
        let rules = self.inner.get().matching(event);
        let rules = rules.map(|rule| MatchedRule {
            id: rule.id().map(str::to_owned),
            title: rule.title().to_owned(),
            path: self.paths.get(rule.text()).cloned().flatten(),
        });
        rules.collect()
    }
}

/// The text of a `str` or `bytes`.
fn text<'e>(given: &'e Bound<'_, PyAny>) -> PyResult<Option<&'e str>> {
    if let Ok(text) = given.cast::<PyString>() {
        return text.to_str().map(Some);
    }
    if let Ok(bytes) = given.cast::<PyBytes>() {
        let text = std::str::from_utf8(bytes.as_bytes());
        return text
            .map(Some)
            .map_err(|error| PyValueError::new_err(error.to_string()));
    }
    Ok(None)
}

/// One event.
fn read(py: Python<'_>, given: &Bound<'_, PyAny>) -> PyResult<Event<'static>> {
    let json;
    let text = match text(given)? {
        Some(text) => text,
        None => match event(given)? {
            Given::Event(event) => return Ok(event),
            Given::Wrapped(text) => {
                json = text;
                &json
            }
        },
    };
    let mut events = py
        .detach(|| Event::read(text))
        .map_err(|error| error::raised(py, &error))?;
    let message = || {
        format!(
            "expected one event, found {}; `match_all` takes many",
            events.len()
        )
    };
    if events.len() != 1 {
        return Err(PyValueError::new_err(message()));
    }
    Ok(events.remove(0))
}
