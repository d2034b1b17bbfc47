//! The templates of correlations.
//!
//! They see `correlation`, `with`, `options`, `format` and `query`, the number of the query where the
//! wording has several. `{{ refuse("why") }}` reports that the target can't say the correlation.

use super::CorrelationView;
use crate::backend::templates::Templates;
use crate::output::document::environment;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, ErrorKind};
use std::collections::BTreeMap;
use std::error::Error as _;
use std::fmt;
use std::sync::Arc;

/// What a template has to say in place of a query.
#[derive(Debug)]
pub enum RenderError {
    /// Why the target can't say the correlation.
    Refused(String),
    /// What is wrong with the template.
    Failed(String),
}

/// A template's `refuse("why")`, on its way through minijinja.
#[derive(Debug)]
struct Refusal(String);

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// The templates, compiled when a correlation first asks for one.
#[derive(Debug)]
pub struct CorrelationTemplates {
    environment: Environment<'static>,
}

impl CorrelationTemplates {
    /// Those of a target.
    ///
    /// # Errors
    /// A template of the user's is refused: in words.
    pub fn new(templates: &Arc<Templates>) -> Result<Self, String> {
        let (mut environment, _) = environment(templates)?;
        environment.add_function("refuse", |reason: String| -> Result<Value, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, "refused").with_source(Refusal(reason)))
        });
        Ok(Self { environment })
    }

    /// The query of that number of a correlation, in a format.
    ///
    /// # Errors
    /// The template refuses it; or what minijinja says, which a template that comes with the program
    /// has nothing of.
    pub fn render(
        &self,
        template: &str,
        correlation: &CorrelationView,
        with: &[(String, String)],
        options: &[(String, String)],
        (format, query): (&str, usize),
    ) -> Result<String, RenderError> {
        let named = |pairs: &[(String, String)]| {
            let pairs = pairs.iter().cloned();
            Value::from(Serde(pairs.collect::<BTreeMap<_, _>>()))
        };
        let context = BTreeMap::from([
            ("correlation", Value::from(Serde(correlation))),
            ("with", named(with)),
            ("options", named(options)),
            ("format", Value::from(format)),
            ("query", Value::from(query)),
        ]);
        let template = self.environment.get_template(template);
        let text = template.and_then(|template| template.render(context));
        let text = text.map_err(|error| match refusal(&error) {
            Some(reason) => RenderError::Refused(reason),
            None => RenderError::Failed(error.to_string()),
        })?;
        Ok(text.trim_end_matches('\n').to_owned())
    }
}

/// The reason of a `refuse`, which may lie inside the errors of templates that include others.
fn refusal(error: &Error) -> Option<String> {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(Refusal(reason)) = inner.downcast_ref::<Refusal>() {
            return Some(reason.clone());
        }
        source = inner.source();
    }
    None
}
