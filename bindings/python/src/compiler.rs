//! Rules into queries.

use crate::data::{Diagnostic, Rule, SharedSource};
use crate::error;
use crate::input::{self, unread};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyMapping, PyString};
use varsigma::{Error, Fidelity, Output, Profile, RuleFile, Targets};

/// A processing pipeline: a built-in one by its name, or the text of a file.
#[pyclass(frozen, module = "varsigma")]
#[derive(Clone)]
pub struct Pipeline {
    inner: varsigma::Pipeline,
    name: String,
}

#[pymethods]
impl Pipeline {
    /// The built-in pipeline of that name.
    #[new]
    fn new(name: String) -> Self {
        Self {
            inner: varsigma::Pipeline::built_in(&name),
            name,
        }
    }

    /// A pipeline's YAML. The name is for messages.
    #[staticmethod]
    #[pyo3(signature = (text, name = "pipeline.yml"))]
    fn from_yaml(text: String, name: &str) -> Self {
        Self {
            inner: varsigma::Pipeline::from_yaml(name, text),
            name: name.to_owned(),
        }
    }

    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    fn __repr__(&self) -> String {
        format!("<Pipeline {}>", self.name)
    }
}

impl Pipeline {
    /// A name, a path, or a pipeline itself.
    fn of(given: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(pipeline) = given.cast::<Self>() {
            return Ok(pipeline.get().clone());
        }
        if let Ok(name) = given.cast::<PyString>() {
            return Ok(Self::new(name.to_str()?.to_owned()));
        }
        let Some(path) = input::path_of(given)? else {
            let message = "expected a pipeline as a built-in one's name, a path or a Pipeline";
            return Err(PyTypeError::new_err(message));
        };
        let bytes = std::fs::read(&path).map_err(|error| input::os_error(&path, &error))?;
        let RuleFile { path, text } = RuleFile::new(path.display().to_string(), &bytes);
        match text {
            Ok(text) => Ok(Self::from_yaml(text, &path)),
            Err(found) => Err(error::of(given.py(), vec![unread(&path, &found)])),
        }
    }
}

/// Compiles rules for one target, in one format.
#[pyclass(frozen, module = "varsigma")]
pub struct Compiler {
    inner: varsigma::Compiler,
    target: String,
}

#[pymethods]
impl Compiler {
    #[new]
    #[pyo3(signature = (target, *, pipelines = None, format = None, options = None, compat = None,
        strict = false, schema = None, backends = None))]
    #[allow(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn new(
        py: Python<'_>,
        target: String,
        pipelines: Option<&Bound<'_, PyAny>>,
        format: Option<String>,
        options: Option<&Bound<'_, PyMapping>>,
        compat: Option<&str>,
        strict: bool,
        schema: Option<String>,
        backends: Option<&Bound<'_, PyMapping>>,
    ) -> PyResult<Self> {
        let mut builder = varsigma::Compiler::builder(&target);
        if let Some(format) = format {
            builder = builder.format(format);
        }
        for (name, value) in pairs(options)? {
            builder = builder.option(name, text_of(&value)?);
        }
        match compat {
            None | Some("native") => {}
            Some("pysigma") => builder = builder.compat(Profile::Pysigma),
            Some("sigmac") => builder = builder.compat(Profile::Sigmac),
            Some(other) => {
                let message = format!("expected `pysigma` or `sigmac` as compat, found `{other}`");
                return Err(pyo3::exceptions::PyValueError::new_err(message));
            }
        }
        if strict {
            builder = builder.strict();
        }
        if let Some(schema) = schema {
            builder = builder.schema(schema);
        }
        let mut targets = Targets::built_in();
        for (name, text) in pairs(backends)? {
            let path = format!("{name}.toml");
            targets = targets.with_file(&name, &path, text.extract::<String>()?);
        }
        builder = builder.targets(targets);
        if let Some(pipelines) = pipelines {
            // One alone is as good as a list of one.
            let is_one = pipelines.is_instance_of::<PyString>()
                || pipelines.is_instance_of::<Pipeline>()
                || input::path_of(pipelines)?.is_some();
            if is_one {
                builder = builder.pipeline(Pipeline::of(pipelines)?.inner);
            } else {
                for pipeline in pipelines.try_iter()? {
                    builder = builder.pipeline(Pipeline::of(&pipeline?)?.inner);
                }
            }
        }
        let inner = py.detach(|| builder.build());
        let inner = inner.map_err(|error| error::raised(py, &error))?;
        Ok(Self { inner, target })
    }

    /// Compiles rules. Raises `VarsigmaError` if one fails, unless errors are collected.
    #[pyo3(signature = (rules, *, collect_errors = false))]
    fn convert(
        &self,
        py: Python<'_>,
        rules: &Bound<'_, PyAny>,
        collect_errors: bool,
    ) -> PyResult<Result> {
        let files = input::rules(rules)?;
        let made = py.detach(|| self.made(&files));
        let result = made.map_err(|error| error::raised(py, &error))?;
        if !collect_errors {
            let errors = result.errors();
            if !errors.is_empty() {
                return Err(error::of(py, errors));
            }
        }
        Ok(result)
    }

    /// What there is to say of the pipelines.
    #[getter]
    fn warnings(&self) -> Vec<Diagnostic> {
        let warnings = self.inner.warnings().map(|(source, warning)| {
            SharedSource::new(source.name, source.text).diagnostic(warning)
        });
        warnings.collect()
    }

    #[getter]
    fn target(&self) -> &str {
        &self.target
    }

    #[getter]
    fn format(&self) -> String {
        self.inner.format().name
    }

    /// The ending of the format's files, without a dot.
    #[getter]
    fn extension(&self) -> &str {
        self.inner.extension()
    }

    fn __repr__(&self) -> String {
        format!("<Compiler {}>", self.target)
    }
}

impl Compiler {
    fn made(&self, files: &[RuleFile]) -> std::result::Result<Result, Error> {
        let texts = files.iter().filter_map(|file| {
            let text = file.text.as_ref().ok()?;
            Some((file.path.as_str(), text.as_bytes()))
        });
        let texts: Vec<(&str, &[u8])> = texts.collect();
        let mut made = self.inner.compile_files(&texts).into_iter();
        let (mut outputs, mut passed_over) = (Vec::new(), Vec::new());
        for RuleFile { path, text } in files {
            match text {
                Ok(_) => outputs.extend(made.next()),
                Err(error) if error.is_error() => outputs.push(Output::failed(path, error.clone())),
                Err(warning) => passed_over.push(unread(path, warning)),
            }
        }
        let document = self.inner.document(&outputs)?;
        Ok(Result {
            outputs,
            passed_over,
            document,
        })
    }
}

/// The pairs of a mapping with names.
fn pairs<'py>(map: Option<&Bound<'py, PyMapping>>) -> PyResult<Vec<(String, Bound<'py, PyAny>)>> {
    let Some(map) = map else {
        return Ok(Vec::new());
    };
    map.items()?.iter().map(|pair| pair.extract()).collect()
}

/// The text of an option's value.
fn text_of(value: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(truth) = value.cast::<PyBool>() {
        return Ok(truth.is_true().to_string());
    }
    Ok(value.str()?.to_str()?.to_owned())
}

/// What became of rules.
#[pyclass(frozen, module = "varsigma")]
pub struct Result {
    outputs: Vec<Output>,
    /// Warnings on files that are not read.
    passed_over: Vec<Diagnostic>,
    document: Option<String>,
}

#[pymethods]
impl Result {
    /// The queries of all rules, in their order.
    #[getter]
    fn queries(&self) -> Vec<&str> {
        let rules = self.outputs.iter().flat_map(Output::rules);
        let queries = rules.flat_map(|rule| &rule.queries);
        queries.map(|query| query.text.as_str()).collect()
    }

    /// The one document of all queries, where the format or a pipeline makes one.
    #[getter]
    fn document(&self) -> Option<&str> {
        self.document.as_deref()
    }

    /// How true the queries are to the rules, all together.
    #[getter]
    fn fidelity(&self) -> &'static str {
        let all = self.outputs.iter().map(Output::fidelity);
        all.fold(Fidelity::Exact, Fidelity::and).name()
    }

    /// Why queries are not exact, in the rules' order.
    #[getter]
    fn reasons(&self) -> Vec<crate::data::Reason> {
        let rules = self.rules().into_iter();
        let queries = rules.flat_map(|rule| rule.queries);
        queries.flat_map(|query| query.reasons).collect()
    }

    /// The rules, in their order.
    #[getter]
    fn rules(&self) -> Vec<Rule> {
        let rules = self.outputs.iter().flat_map(|output| {
            let source = SharedSource::of(output);
            let rules = output.rules().iter();
            rules.map(move |rule| source.rule(rule))
        });
        rules.collect()
    }

    /// Everything there is to say, in the order of the files; last of files that are passed over.
    #[getter]
    fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut found = self.found(|_| true);
        found.extend(self.passed_over.iter().cloned());
        found
    }

    /// Why rules failed.
    #[getter]
    fn errors(&self) -> Vec<Diagnostic> {
        self.found(varsigma::Diagnostic::is_error)
    }

    /// The files' outputs as JSON, one a line, as `varsigma convert --json` prints them.
    fn to_json(&self) -> PyResult<String> {
        let mut lines = String::new();
        for output in &self.outputs {
            let line = serde_json::to_string(output);
            let line = line.map_err(|error| PyTypeError::new_err(error.to_string()))?;
            lines.push_str(&line);
            lines.push('\n');
        }
        Ok(lines)
    }

    fn __repr__(&self) -> String {
        let rules: usize = self.outputs.iter().map(|output| output.rules().len()).sum();
        let (queries, errors) = (self.queries().len(), self.errors().len());
        format!("<Result {rules} rules, {queries} queries, {errors} errors>")
    }
}

impl Result {
    fn found(&self, is_wanted: impl Fn(&varsigma::Diagnostic) -> bool) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for output in &self.outputs {
            let diagnostics = output.diagnostics().into_iter();
            let wanted = diagnostics.filter(|diagnostic| is_wanted(diagnostic));
            let source = output.source();
            found.extend(SharedSource::all(source.name, source.text, wanted));
        }
        found
    }
}
