//! Rules that are asked of events.

use crate::data::{Diagnostic, SharedSource};
use crate::error;
use crate::event::{Given, event};
use crate::input::{self, RuleTexts};
use crate::pickle::{self, Reduced};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use serde::{Deserialize, Serialize};
use varsigma::{Event, OwnedRuleSet};

/// Rules, prepared for many events.
#[pyclass(frozen, module = "varsigma")]
pub struct RuleSet {
    inner: OwnedRuleSet,
    paths: Vec<Option<String>>,
    /// Everything there is to say of the rules, a warning on each correlation among it.
    #[pyo3(get)]
    diagnostics: Vec<Diagnostic>,
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

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        pickle::reduced(py, "MatchedRule", self)
    }
}

#[pymethods]
impl RuleSet {
    #[new]
    #[pyo3(signature = (rules, *, collect_errors = false))]
    fn new(py: Python<'_>, rules: &Bound<'_, PyAny>, collect_errors: bool) -> PyResult<Self> {
        let RuleTexts {
            paths,
            texts,
            unread,
        } = RuleTexts::of(input::rules(rules)?);
        let (inner, of_rules) = py.detach(|| {
            let set = OwnedRuleSet::parse(texts);
            let texts = set.texts().iter().zip(&paths).enumerate();
            let found = texts.flat_map(|(number, (rules, path))| {
                let of_rules = rules.diagnostics().into_iter();
                let of_set = set.get().errors_of(number);
                let all: Vec<_> = of_rules
                    .chain(of_set)
                    .chain(set.get().correlations_of(number))
                    .collect();
                SharedSource::all(path, rules.text(), all)
            });
            let found: Vec<Diagnostic> = found.collect();
            (set, found)
        });
        let diagnostics: Vec<Diagnostic> = unread.into_iter().chain(of_rules).collect();
        let errors = diagnostics.iter();
        let errors = errors.filter(|found| found.inner.is_error()).cloned();
        let errors: Vec<Diagnostic> = errors.collect();
        if !collect_errors && !errors.is_empty() {
            return Err(error::of(py, errors));
        }
        let paths = paths.into_iter();
        Ok(Self {
            inner,
            paths: paths
                .map(|path| (!path.is_empty()).then_some(path))
                .collect(),
            diagnostics,
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
