//! Setting up a [`Transpiler`]: what is asked for is checked before a rule is read.

use super::Transpiler;
use crate::backend::{Backend, BackendError, Registry};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::dialect::Profile;
use crate::emit::Settings;
use crate::output::Documents;

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
    /// Makes ready what every rule needs.
    ///
    /// # Errors
    /// The target, profile, format or an option does not exist, or a backend file is wrong.
    pub fn new(registry: &Registry, request: &Request) -> Result<Self, BackendError> {
        let mut backend = registry.get(&request.target, request.profile)?;
        let mut format = find(&backend, request.format.as_deref())?;
        if let Some(shown) = backend.formats[format].profile
            && shown != backend.profile
        {
            if request.profile != Profile::Native {
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
        let settings = Settings::new(&backend, &request.settings).map_err(placeless)?;
        let documents = Documents::new(&backend.formats[format], &settings)
            .map_err(|reason| placeless(Diagnostic::error(Code::BackendTemplate, reason)))?;
        Ok(Self {
            backend,
            format,
            settings,
            documents,
            strict: request.strict,
        })
    }
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
        let message = match backend.profile {
            Profile::Native => format!("`{}` has no format `{name}`", backend.name),
            profile => format!(
                "`{}` has no format `{name}` in the profile `{}`",
                backend.name,
                profile.name()
            ),
        };
        let diagnostic = Diagnostic::error(Code::UnknownFormat, message);
        let help = nearest(name, names.clone()).map_or_else(
            || {
                let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
                format!("its formats: {}", names.join(", "))
            },
            |near| format!("did you mean `{near}`?"),
        );
        placeless(diagnostic.help(help))
    })
}

/// What is wrong with the request itself stands in no file.
fn placeless(diagnostic: Diagnostic) -> BackendError {
    BackendError {
        path: String::new(),
        text: String::new(),
        diagnostics: vec![diagnostic],
    }
}
