//! Documents without the feature `documents`: a format that is one is an error.

use super::DocumentEntry;
use crate::backend::Format;
use crate::backend::templates::Templates;
use crate::emit::Settings;
use crate::rule::Rule;

/// No document.
#[derive(Debug)]
pub enum Documents {}

impl Documents {
    /// Nothing for a format whose queries stand for themselves.
    ///
    /// # Errors
    /// The format is a document.
    pub fn new(_: &Templates, format: &Format, _: &Settings) -> Result<Option<Self>, String> {
        if format.document.is_none() {
            return Ok(None);
        }
        let name = &format.name;
        Err(format!(
            "format `{name}` is made by a template, and this build of varsigma has no feature `documents`"
        ))
    }

    pub const fn is_mispaired(&self, _: &Rule<'_>) -> bool {
        match *self {}
    }

    pub fn render(&self, _: Vec<DocumentEntry>, _: Option<&Settings>) -> Result<String, String> {
        match *self {}
    }
}
