//! Compilers: rules in, queries out.

use crate::diagnostic::DiagnosticView;
use crate::failure;
use crate::json;
use crate::place::{Place, Places};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use varsigma::{Error, Fidelity, Output, Pipeline, Profile, Query, Reason, RuleOutput, Targets};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// What a compiler is to be like.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    target: String,
    format: Option<String>,
    #[serde(default)]
    options: Map<String, Value>,
    #[serde(default)]
    pipelines: Vec<PipelineChoice>,
    #[serde(default)]
    strict: bool,
    compat: Option<Compat>,
    schema: Option<String>,
    #[serde(default)]
    backends: Vec<File>,
}

/// A built-in pipeline by its name, or a file.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum PipelineChoice {
    BuiltIn(String),
    File(File),
}

/// A reference whose output is asked for.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Compat {
    Sigmac,
    Pysigma,
}

/// A named text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    #[serde(default)]
    pub path: String,
    pub text: String,
}

/// Compiles rules for one target, in one format.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Compiler(varsigma::Compiler);

impl Settings {
    /// The compiler.
    pub fn build(self) -> Result<varsigma::Compiler, Error> {
        let mut targets = Targets::built_in();
        for File { path, text } in self.backends {
            let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
            let name = file.strip_suffix(".toml").unwrap_or(file);
            targets = targets.with_file(name, &path, text);
        }
        let mut builder = varsigma::Compiler::builder(self.target).targets(targets);
        if let Some(format) = self.format {
            builder = builder.format(format);
        }
        for (name, value) in self.options {
            let value = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            builder = builder.option(name, value);
        }
        for pipeline in self.pipelines {
            builder = builder.pipeline(match pipeline {
                PipelineChoice::BuiltIn(name) => Pipeline::built_in(name),
                PipelineChoice::File(file) => Pipeline::from_yaml(file.path, file.text),
            });
        }
        if self.strict {
            builder = builder.strict();
        }
        if let Some(compat) = self.compat {
            builder = builder.compat(match compat {
                Compat::Sigmac => Profile::Sigmac,
                Compat::Pysigma => Profile::Pysigma,
            });
        }
        if let Some(schema) = self.schema {
            builder = builder.schema(schema);
        }
        builder.build()
    }
}

#[wasm_bindgen]
impl Compiler {
    /// From the JSON of its settings.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &str) -> Result<Compiler, JsValue> {
        let settings: Settings =
            serde_json::from_str(settings).map_err(|error| failure::not_of_form(&error))?;
        settings
            .build()
            .map(Self)
            .map_err(|error| failure::of(&error))
    }

    /// Compiles files, the JSON of a list of paths and texts; what becomes of them as JSON.
    pub fn compile(&self, files: &str) -> Result<String, JsValue> {
        let files: Vec<File> =
            serde_json::from_str(files).map_err(|error| failure::not_of_form(&error))?;
        let files: Vec<(&str, &[u8])> = files
            .iter()
            .map(|file| (file.path.as_str(), file.text.as_bytes()))
            .collect();
        let outputs = self.0.compile_files(&files);
        let document = self.0.document(&outputs);
        let document = document.map_err(|error| failure::of(&error))?;
        Ok(json(&ResultView::new(
            &self.0,
            &outputs,
            document.as_deref(),
        )))
    }

    /// The ending of the format's files, without a dot.
    #[wasm_bindgen(getter)]
    pub fn extension(&self) -> String {
        self.0.extension().to_owned()
    }

    /// The format's name.
    #[wasm_bindgen(getter)]
    pub fn format(&self) -> String {
        self.0.format().name
    }
}

/// What became of rules.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultView<'o> {
    queries: Vec<&'o str>,
    document: Option<&'o str>,
    fidelity: &'static str,
    reasons: Vec<ReasonView<'o>>,
    diagnostics: Vec<DiagnosticView<'o>>,
    rules: Vec<RuleView<'o>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleView<'o> {
    path: &'o str,
    id: Option<&'o str>,
    title: Option<&'o str>,
    place: Place,
    queries: Vec<QueryView<'o>>,
    fidelity: &'static str,
    error: Option<DiagnosticView<'o>>,
    diagnostics: Vec<DiagnosticView<'o>>,
    is_part: bool,
}

#[derive(Debug, Serialize)]
struct QueryView<'o> {
    text: &'o str,
    fidelity: &'static str,
    reasons: Vec<ReasonView<'o>>,
}

#[derive(Debug, Serialize)]
struct ReasonView<'o> {
    #[serde(skip_serializing_if = "str::is_empty")]
    path: &'o str,
    fidelity: &'static str,
    text: &'o str,
    place: Place,
}

impl<'o> ResultView<'o> {
    fn new(
        compiler: &'o varsigma::Compiler,
        outputs: &'o [Output],
        document: Option<&'o str>,
    ) -> Self {
        let rules = outputs.iter().flat_map(Output::rules);
        let queries = rules.flat_map(|rule| &rule.queries);
        let fidelity = outputs.iter().map(Output::fidelity);
        let places = |output: &'o Output| Places::new(output.source());
        // Those of pipelines come first: they are about all rules.
        let warnings = compiler.warnings();
        let mut diagnostics: Vec<_> = warnings
            .map(|(source, warning)| DiagnosticView::new(&Places::new(source), warning))
            .collect();
        for output in outputs {
            diagnostics.extend(DiagnosticView::all(&places(output), output.diagnostics()));
        }
        Self {
            queries: queries.map(|query| query.text.as_str()).collect(),
            document,
            fidelity: fidelity.fold(Fidelity::Exact, Fidelity::and).name(),
            reasons: outputs
                .iter()
                .flat_map(|output| {
                    let queries = output.rules().iter().flat_map(|rule| &rule.queries);
                    let reasons = queries.flat_map(|query| &query.reasons);
                    reasons.map(move |reason| ReasonView::new(&places(output), reason))
                })
                .collect(),
            diagnostics,
            rules: outputs
                .iter()
                .flat_map(|output| {
                    let rules = output.rules().iter();
                    rules.map(move |rule| RuleView::new(&places(output), rule))
                })
                .collect(),
        }
    }
}

impl<'o> RuleView<'o> {
    fn new(places: &Places<'o>, rule: &'o RuleOutput) -> Self {
        let error = rule.error.as_ref();
        Self {
            path: places.source.name,
            id: rule.id.as_deref(),
            title: rule.title.as_deref(),
            place: places.of(rule.span),
            queries: rule
                .queries
                .iter()
                .map(|query| QueryView::new(places, query))
                .collect(),
            fidelity: rule.fidelity.name(),
            error: error.map(|error| DiagnosticView::new(places, error)),
            diagnostics: DiagnosticView::all(places, &rule.diagnostics),
            is_part: rule.is_part,
        }
    }
}

impl<'o> QueryView<'o> {
    fn new(places: &Places<'o>, query: &'o Query) -> Self {
        let reasons = query.reasons.iter();
        Self {
            text: &query.text,
            fidelity: query.fidelity.name(),
            reasons: reasons
                .map(|reason| ReasonView::new(places, reason))
                .collect(),
        }
    }
}

impl<'o> ReasonView<'o> {
    fn new(places: &Places<'o>, reason: &'o Reason) -> Self {
        Self {
            path: places.source.name,
            fidelity: reason.fidelity.name(),
            text: &reason.text,
            place: places.of(reason.span),
        }
    }
}
