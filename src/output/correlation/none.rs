//! Correlations without the feature `documents`, by whose templates they are made.

use super::CorrelationView;
use crate::backend::templates::Templates;

/// What a template has to say in place of a query.
#[derive(Debug)]
pub enum RenderError {
    /// Why the target can't say the correlation.
    Refused(String),
    /// What is wrong with the template.
    Failed(String),
}

/// No templates.
#[derive(Debug)]
pub enum CorrelationTemplates {}

impl CorrelationTemplates {
    /// # Errors
    /// Always.
    pub fn new(_: &Templates) -> Result<Self, String> {
        let message = "correlations are made by templates, and this build of varsigma has no feature \
            `documents`";
        Err(message.to_owned())
    }

    pub const fn render(
        &self,
        _: &str,
        _: &CorrelationView,
        _: &[(String, String)],
        _: &[(String, String)],
        _: (&str, usize),
    ) -> Result<String, RenderError> {
        match *self {}
    }
}
