//! The templates of correlations.

use super::CorrelationView;
use crate::backend::templates::Templates;
use crate::output::document::environment;
use minijinja::Environment;
use minijinja::value::{Serde, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

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
        let (environment, _) = environment(templates)?;
        Ok(Self { environment })
    }

    /// The query of a correlation.
    ///
    /// # Errors
    /// What minijinja says; a template that comes with the program has none.
    pub fn render(
        &self,
        template: &str,
        correlation: &CorrelationView,
        with: &[(String, String)],
        options: &[(String, String)],
        format: &str,
    ) -> Result<String, String> {
        let named = |pairs: &[(String, String)]| {
            let pairs = pairs.iter().cloned();
            Value::from(Serde(pairs.collect::<BTreeMap<_, _>>()))
        };
        let context = BTreeMap::from([
            ("correlation", Value::from(Serde(correlation))),
            ("with", named(with)),
            ("options", named(options)),
            ("format", Value::from(format)),
        ]);
        let template = self.environment.get_template(template);
        let text = template.and_then(|template| template.render(context));
        let text = text.map_err(|error| error.to_string())?;
        Ok(text.trim_end_matches('\n').to_owned())
    }
}
