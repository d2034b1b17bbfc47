//! Transformations of the rule's attributes and of the pipeline's state.

use super::{Pass, Transformation};
use crate::diagnostic::Diagnostic;
use crate::pipeline::condition::rule::LogSource as Replacement;
use crate::pipeline::data;
use crate::pipeline::reader::Keys;
use crate::rule::LogSource;
use crate::source::{Span, Spanned};
use crate::yaml::Node;
use serde_json::Value;
use std::borrow::Cow;

/// `change_logsource`
#[derive(Debug)]
pub struct ChangeLogSource(Replacement);

impl ChangeLogSource {
    /// Reads it.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        Replacement::load(keys).map(Self)
    }
}

impl Transformation for ChangeLogSource {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        // A correlation has none of its own.
        if pass.state.correlation.is_some() {
            return Ok(());
        }
        let span = pass.rule.logsource.span;
        let parts = self.0.parts();
        let [category, product, service] =
            parts.map(|(_, part)| part.map(|part| Spanned::new(Cow::Borrowed(part), span)));
        pass.rule.logsource = LogSource {
            span,
            category,
            product,
            service,
            ..LogSource::default()
        };
        pass.state.log_sources.push(pass.rule.logsource.clone());
        Ok(())
    }
}

/// `set_state`
#[derive(Debug)]
pub struct SetState {
    key: String,
    value: Value,
}

impl SetState {
    /// Reads it.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        let (key, value) = keys.text("key").zip(keys.data("val"))?;
        Some(Self { key, value })
    }
}

impl Transformation for SetState {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        pass.state.set(&self.key, &self.value);
        Ok(())
    }
}

/// `set_custom_attribute`
#[derive(Debug)]
pub struct SetCustomAttribute {
    attribute: String,
    value: Node<'static>,
}

impl SetCustomAttribute {
    /// Reads it.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        Some(Self {
            attribute: keys.text("attribute")?,
            value: data::owned(keys.node_or_null("value")?),
        })
    }
}

impl Transformation for SetCustomAttribute {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let custom = &mut pass.rule.custom;
        let value = self.value.clone();
        let known = custom
            .iter_mut()
            .find(|(name, _)| name.value == self.attribute);
        match known {
            Some((_, old)) => *old = value,
            None => {
                let name = Cow::Borrowed(self.attribute.as_str());
                custom.push((Spanned::new(name, Span::default()), value));
            }
        }
        Ok(())
    }
}
