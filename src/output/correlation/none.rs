//! Correlations without the feature `documents`, by whose templates they are made.

use super::CorrelationView;
use crate::backend::templates::Templates;

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
        _: &str,
    ) -> Result<String, String> {
        match *self {}
    }
}
