//! Setting up a [`Transpiler`]: what is asked for is checked before a rule is read.

use super::{Pipelines, Transpiler};
use crate::backend::{Backend, BackendError, Registry};
use crate::compat;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Profile;
use crate::embedded;
use crate::emit::Settings;
use crate::emit::columns::TypedSchema;
use crate::output::Documents;
use crate::pipeline::Pipeline;
use crate::pipeline::environment::Closed;
use crate::schema::Schema;
use serde_json::Value;
use std::fmt::Write;
use std::sync::{Arc, OnceLock};

/// What a user asks for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// `-t splunk`
    pub target: String,
    /// `--compat pysigma`
    pub profile: Profile,
    /// `-f savedsearches`; the target's first where there is none.
    pub format: Option<String>,
    /// `-O min_time=-7d`, in order.
    pub settings: Vec<(String, String)>,
    /// `--strict`: anything but an exact query is an error.
    pub strict: bool,
}

impl Transpiler {
    /// Prepares what every rule needs.
    ///
    /// # Errors
    /// The target, profile, format or an option does not exist, or a backend file is wrong.
    pub fn new(registry: &Registry, request: &Request) -> Result<Self, BackendError> {
        let mut backend = registry.get(&request.target, request.profile)?;
        let mut format = find(&backend, request.format.as_deref())?;
        if let Some(shown) = backend.formats[format].profile
            && shown != backend.profile
        {
            if !request.profile.is_default() {
                let message = format!(
                    "format `{}` shows the profile `{}`, not `{}`",
                    backend.formats[format].name,
                    shown.name(),
                    request.profile.name()
                );
                return Err(placeless(Diagnostic::error(Code::UnknownFormat, message)));
            }
            backend = registry.get(&request.target, shown)?;
            format = find(&backend, request.format.as_deref())?;
        }
        if !backend.formats[format].filters {
            backend.filter = backend.filter.filter(|filter| !filter.apart);
        }
        let Some(dialect) = compat::dialect(backend.profile) else {
            let name = backend.profile.name();
            let message = format!("the profile `{name}` needs the feature `compat`");
            return Err(placeless(Diagnostic::error(Code::UnknownProfile, message)));
        };
        let mut settings = Settings::new(&backend, &request.settings).map_err(placeless)?;
        let default = backend
            .schema
            .as_ref()
            .and_then(|schema| schema.default.as_ref());
        let mut schemas = embedded::SCHEMAS.iter();
        if let Some((_, text)) =
            schemas.find(|(name, _)| Some(*name) == default.map(String::as_str))
        {
            let mut schema = TypedSchema::new(&Schema::of_lines(text), &backend);
            schema.is_default = true;
            settings = settings.with_schema(&backend, Arc::new(schema));
        }
        let documents = Documents::new(&backend.templates, &backend.formats[format], &settings)
            .map_err(|reason| placeless(Diagnostic::error(Code::BackendTemplate, reason)))?;
        let pipelines = Pipelines {
            pipeline: Pipeline::default(),
            environment: Box::new(Closed),
            vars: vars(&backend, format, &request.settings),
        };
        Ok(Self {
            pipelines,
            conventions: compat::conventions(&backend),
            backend,
            dialect,
            format,
            settings,
            documents,
            correlation_templates: OnceLock::new(),
            strict: request.strict,
        })
    }
}

/// What pipelines know of the conversion, by the names that pySigma gives it.
fn vars(backend: &Backend, format: usize, settings: &[(String, String)]) -> Vec<(String, Value)> {
    let option =
        |(name, value): &(String, String)| (format!("backend_{name}"), Value::from(value.as_str()));
    let mut vars: Vec<_> = settings.iter().map(option).collect();
    vars.push(("backend".into(), Value::from(backend.name.as_str())));
    let format = backend.formats[format].name.as_str();
    vars.push(("output_format".into(), Value::from(format)));
    vars
}

fn find(backend: &Backend, name: Option<&str>) -> Result<usize, BackendError> {
    let Some(name) = name else {
        if backend.formats.is_empty() {
            let message = format!("`{}` has no formats", backend.name);
            return Err(placeless(Diagnostic::error(Code::UnknownFormat, message)));
        }
        return Ok(0);
    };
    let known = |format: &crate::backend::Format| format.name == name;
    backend.formats.iter().position(known).ok_or_else(|| {
        let names = backend.formats.iter().map(|format| format.name.as_str());
        let mut message = format!("`{}` has no format `{name}`", backend.name);
        if !backend.profile.is_default() {
            let _ = write!(message, " in the profile `{}`", backend.profile.name());
        }
        let diagnostic = Diagnostic::error(Code::UnknownFormat, message);
        placeless(diagnostic.choices(name, "its formats", names))
    })
}

/// What is wrong with the request itself is in no file.
fn placeless(diagnostic: Diagnostic) -> BackendError {
    BackendError {
        path: String::new(),
        text: String::new(),
        diagnostics: vec![diagnostic],
    }
}
