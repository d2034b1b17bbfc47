//! Documents: a rule, a correlation or a filter.
//!
//! In: the pairs of a document, with what was global merged in. Out: the document as its kind is
//! read. A map `correlation` makes it a correlation, a map `filter` a filter. `correlation: text`
//! beside a `detection` is an attribute of a rule.

use super::rule::Reader;
use super::{Parsed, Rules, correlation, filter};
use crate::diagnostic::Diagnostic;
use crate::rule::Document;
use crate::source::Span;
use crate::yaml::Node;
use std::borrow::Cow;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// A detection rule.
    Rule,
    /// A correlation rule.
    Correlation,
    /// A filter.
    Filter,
}

impl DocumentKind {
    /// What the document of these keys is.
    #[must_use]
    pub fn of(pairs: &[(Node<'_>, Node<'_>)]) -> Self {
        let is_map = |key| value_of(pairs, key).is_some_and(|node| node.as_mapping().is_some());
        if is_map("correlation") {
            return Self::Correlation;
        }
        if is_map("filter") {
            return Self::Filter;
        }
        if value_of(pairs, "detection").is_some() {
            return Self::Rule;
        }
        if value_of(pairs, "correlation").is_some() {
            return Self::Correlation;
        }
        if value_of(pairs, "filter").is_some() {
            return Self::Filter;
        }
        Self::Rule
    }
}

/// Reads a document.
pub(super) fn document<'s>(
    source: &'s str,
    span: Span,
    pairs: Vec<(Node<'s>, Node<'s>)>,
    kind: DocumentKind,
    rules: &dyn Rules,
) -> Parsed<'s> {
    let (id, title) = (text_of(&pairs, "id"), text_of(&pairs, "title"));
    let mut reader = Reader {
        source,
        rules,
        diagnostics: Vec::new(),
        near: Vec::new(),
    };
    let document = match kind {
        DocumentKind::Rule => Document::Rule(Box::new(reader.rule(span, pairs))),
        DocumentKind::Correlation => {
            Document::Correlation(Box::new(correlation::correlation(&mut reader, span, pairs)))
        }
        DocumentKind::Filter => {
            Document::Filter(Box::new(filter::filter(&mut reader, span, pairs)))
        }
    };
    let failed = reader.diagnostics.iter().any(Diagnostic::is_error);
    let parts = match &document {
        Document::Correlation(correlation) if failed && !correlation.generate => {
            correlation.rules.clone()
        }
        _ => Vec::new(),
    };
    Parsed {
        span,
        // The rules that a filter is for have to know that it failed.
        document: (!failed || matches!(document, Document::Filter(_))).then_some(document),
        parts,
        diagnostics: reader.diagnostics,
        id,
        title,
    }
}

fn value_of<'n, 's>(pairs: &'n [(Node<'s>, Node<'s>)], key: &str) -> Option<&'n Node<'s>> {
    pairs
        .iter()
        .find(|(name, _)| name.as_scalar().is_some_and(|name| name.text == key))
        .map(|(_, value)| value)
}

/// The text of a key, where it is text.
fn text_of<'s>(pairs: &[(Node<'s>, Node<'s>)], key: &str) -> Option<Cow<'s, str>> {
    value_of(pairs, key)
        .and_then(Node::as_scalar)
        .map(|scalar| scalar.text.clone())
        .filter(|text| !text.is_empty())
}
