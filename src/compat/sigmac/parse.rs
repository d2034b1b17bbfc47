//! How sigmac reads rules.

use super::{Sigmac, enters};
use crate::compat::dropped_selector;
use crate::diagnostic::Diagnostic;
use crate::parse::{Rules, value};
use crate::rule::{Pattern, Selector, Value};
use crate::source::Span;
use crate::yaml::{Scalar, Schema};

impl Rules for Sigmac {
    fn reads_reset(&self) -> bool {
        false
    }

    /// sigmac reads YAML with PyYAML.
    fn schema(&self) -> Schema {
        Schema::PyYaml
    }

    /// It has `1 of keywords`.
    fn enters(&self, selector: &Selector<'_>) -> bool {
        enters(selector)
    }

    /// It leaves such a selector out.
    fn empty_selector(&self, message: String) -> Diagnostic {
        dropped_selector(message)
    }

    /// Strings keep their backslashes and wildcards as they are written.
    fn value<'s>(
        &self,
        scalar: Scalar<'s>,
        _span: Span,
        regex: bool,
        _diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Value<'s>, Diagnostic> {
        match value::value(scalar.clone(), regex, self.schema())? {
            Value::String(_) => Ok(Value::String(Pattern::literal(scalar.text))),
            value => Ok(value),
        }
    }
}
