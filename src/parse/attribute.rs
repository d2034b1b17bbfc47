//! Attributes of a rule: text, lists of texts, related rules.
//!
//! In: a key and its node. Out: the text as written (a number is taken as its text, `null` as
//! nothing), or an error at the node. pySigma takes only strings for strings and lists for lists.

use super::rule::Reader;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{Related, Text};
use crate::source::{Span, Spanned};
use crate::yaml::{Content, Node, Resolved, Scalar};

/// What pySigma requires of an attribute's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing.
    Any,
    /// That it is a string.
    String,
    /// That it is a string with something in it.
    NotEmpty,
    /// That it can be a date; its value is checked later.
    Date,
}

/// A mapping's key as text.
pub(super) fn key<'s>(node: &Node<'s>) -> Option<Text<'s>> {
    let scalar = node.as_scalar()?;
    Some(Spanned::new(scalar.text.clone(), node.span))
}

impl<'s> Reader<'s, '_> {
    /// One text.
    pub(super) fn text(&mut self, name: &Text<'s>, node: Node<'s>, kind: Kind) -> Option<Text<'s>> {
        let span = node.span;
        let Content::Scalar(scalar) = node.content else {
            self.wrong_type(name, "text", &node);
            return None;
        };
        self.scalar(name, scalar, span, kind)
    }

    fn scalar(
        &mut self,
        name: &Text<'s>,
        scalar: Scalar<'s>,
        span: Span,
        kind: Kind,
    ) -> Option<Text<'s>> {
        let resolved = scalar.resolve(self.dialect);
        if resolved == Resolved::Null {
            return None;
        }
        let strict = self.dialect.pysigma_attributes;
        if strict && matches!(kind, Kind::String | Kind::NotEmpty) && resolved != Resolved::String {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::AttributeType,
                    format!(
                        "expected a string for `{}`, found `{}`",
                        name.value, scalar.text
                    ),
                )
                .at(span)
                .help("put it in quotes"),
            );
            return None;
        }
        if strict && kind == Kind::NotEmpty && scalar.text.is_empty() {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::InvalidAttribute,
                    format!("expected something for `{}`, found nothing", name.value),
                )
                .at(span)
                .help("give it a value, or remove it"),
            );
        }
        Some(Spanned::new(scalar.text, span))
    }

    /// A list of texts; natively one text counts as a list of one.
    pub(super) fn texts(&mut self, name: &Text<'s>, node: Node<'s>, kind: Kind) -> Vec<Text<'s>> {
        let span = node.span;
        match node.content {
            Content::Sequence(items) => items
                .into_iter()
                .filter_map(|item| self.text_in_list(name, item, kind))
                .collect(),
            Content::Scalar(scalar) => {
                let null = scalar.resolve(self.dialect) == Resolved::Null;
                if self.dialect.pysigma_attributes && !null {
                    self.list_expected(name, span);
                }
                self.scalar(name, scalar, span, Kind::Any)
                    .into_iter()
                    .collect()
            }
            Content::Mapping(_) => {
                self.wrong_type(name, "a list of texts", &node);
                Vec::new()
            }
        }
    }

    fn text_in_list(&mut self, name: &Text<'s>, item: Node<'s>, kind: Kind) -> Option<Text<'s>> {
        // pySigma looks at the types of tags only.
        if self.dialect.pysigma_attributes && kind == Kind::Any && item.as_scalar().is_none() {
            return None;
        }
        if let Some(scalar) = item.as_scalar()
            && self.dialect.pysigma_attributes
            && kind == Kind::String
            && scalar.resolve(self.dialect) == Resolved::Null
        {
            self.wrong_type(name, "a list of strings", &item);
            return None;
        }
        self.text(name, item, kind)
    }

    /// `related:`, a list of maps with `id` and `type`.
    pub(super) fn related(&mut self, name: &Text<'s>, node: Node<'s>) -> Vec<Related<'s>> {
        let span = node.span;
        match node.content {
            Content::Sequence(items) => items
                .into_iter()
                .filter_map(|item| self.one_related(name, item))
                .collect(),
            Content::Scalar(scalar) if scalar.resolve(self.dialect) == Resolved::Null => Vec::new(),
            Content::Mapping(_) if !self.dialect.pysigma_attributes => {
                self.one_related(name, node).into_iter().collect()
            }
            _ => {
                self.list_expected(name, span);
                Vec::new()
            }
        }
    }

    fn one_related(&mut self, name: &Text<'s>, node: Node<'s>) -> Option<Related<'s>> {
        let span = node.span;
        let Content::Mapping(pairs) = node.content else {
            self.wrong_type(name, "maps with `id` and `type`", &node);
            return None;
        };
        let (mut id, mut kind) = (None, None);
        for (key, value) in pairs {
            let Some(key) = self::key(&key) else { continue };
            match key.value.as_ref() {
                "id" => id = self.text(&key, value, Kind::String),
                "type" => kind = self.text(&key, value, Kind::String),
                _ => {}
            }
        }
        if let (Some(id), Some(kind)) = (id, kind) {
            return Some(Related { id, kind });
        }
        self.diagnostics.push(
            Diagnostic::error(
                Code::AttributeType,
                "expected an `id` and a `type` in `related`, found one of them missing",
            )
            .at(span)
            .help("write `- id: …` and `type: derived` (or obsolete, merged, renamed, similar)"),
        );
        None
    }

    pub(super) fn wrong_type(&mut self, name: &Text<'s>, expected: &str, node: &Node<'_>) {
        self.diagnostics.push(
            Diagnostic::error(
                Code::AttributeType,
                format!(
                    "expected {expected} for `{}`, found {}",
                    name.value,
                    node.kind()
                ),
            )
            .at(node.span)
            .help(
                "put it in quotes if it is text: a `: ` or a leading `- ` makes YAML read maps \
                   and lists",
            ),
        );
    }

    fn list_expected(&mut self, name: &Text<'s>, span: Span) {
        self.diagnostics.push(
            Diagnostic::error(
                Code::AttributeType,
                format!("expected a list for `{}`, found something else", name.value),
            )
            .at(span)
            .help("begin each entry with `- `, on a line of its own"),
        );
    }
}
