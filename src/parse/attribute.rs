//! Attributes of a rule: text, lists of texts, related rules.
//!
//! In: a key and its node. Out: the text as written (a number is taken as its text, `null` as
//! nothing), or an error at the node.

use super::rule::Reader;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{Related, Text};
use crate::source::{Span, Spanned};
use crate::yaml::{Content, Node, Resolved, Scalar};

/// What an attribute's text is, for readers that ask for more than text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// Anything.
    Any,
    /// A string.
    String,
    /// A string with something in it.
    NotEmpty,
    /// A date; its value is checked later.
    Date,
}

/// What the node of an attribute is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// In the place of a text.
    Text(TextKind),
    /// In the place of a list of texts.
    List,
    /// In a list of texts.
    Entry(TextKind),
    /// In the place of a list of maps.
    Maps,
}

/// What becomes of the node of an attribute.
#[derive(Debug)]
pub enum AttributeCheck {
    /// It is read.
    Read,
    /// It is read, and is wrong.
    ReadWith(Diagnostic),
    /// It is left out.
    Skip,
    /// It is wrong, and not read.
    Refuse(Diagnostic),
}

/// A mapping's key as text.
pub(super) fn key<'s>(node: &Node<'s>) -> Option<Text<'s>> {
    let scalar = node.as_scalar()?;
    Some(Spanned::new(scalar.text.clone(), node.span))
}

impl<'s> Reader<'s, '_> {
    /// Says what is wrong with a node. Is it read?
    fn checked(&mut self, name: &Text<'s>, node: &Node<'s>, place: Slot) -> bool {
        match self.rules.check_attribute(name, node, place) {
            AttributeCheck::Read => true,
            AttributeCheck::Skip => false,
            AttributeCheck::ReadWith(diagnostic) => {
                self.diagnostics.push(diagnostic);
                true
            }
            AttributeCheck::Refuse(diagnostic) => {
                self.diagnostics.push(diagnostic);
                false
            }
        }
    }

    /// One text.
    pub(super) fn text(
        &mut self,
        name: &Text<'s>,
        node: Node<'s>,
        kind: TextKind,
    ) -> Option<Text<'s>> {
        if !self.checked(name, &node, Slot::Text(kind)) {
            return None;
        }
        match node.content {
            Content::Scalar(scalar) => self.scalar(scalar, node.span),
            _ => {
                self.wrong_type(name, "text", &node);
                None
            }
        }
    }

    fn scalar(&self, scalar: Scalar<'s>, span: Span) -> Option<Text<'s>> {
        let is_null = scalar.resolve(self.rules.schema()) == Resolved::Null;
        (!is_null).then(|| Spanned::new(scalar.text, span))
    }

    /// A list of texts; one text counts as a list of one.
    pub(super) fn texts(
        &mut self,
        name: &Text<'s>,
        node: Node<'s>,
        kind: TextKind,
    ) -> Vec<Text<'s>> {
        if !self.checked(name, &node, Slot::List) {
            return Vec::new();
        }
        match node.content {
            Content::Sequence(items) => {
                let items = items.into_iter();
                items
                    .filter_map(|item| {
                        let is_read = self.checked(name, &item, Slot::Entry(kind));
                        is_read.then(|| self.text(name, item, kind))?
                    })
                    .collect()
            }
            Content::Scalar(scalar) => self.scalar(scalar, node.span).into_iter().collect(),
            Content::Mapping(_) => {
                self.wrong_type(name, "a list of texts", &node);
                Vec::new()
            }
        }
    }

    /// `related:`, a list of maps with `id` and `type`; one map counts as a list of one.
    pub(super) fn related(&mut self, name: &Text<'s>, node: Node<'s>) -> Vec<Related<'s>> {
        if !self.checked(name, &node, Slot::Maps) {
            return Vec::new();
        }
        match node.content {
            Content::Sequence(items) => items
                .into_iter()
                .filter_map(|item| self.one_related(name, item))
                .collect(),
            Content::Mapping(_) => self.one_related(name, node).into_iter().collect(),
            Content::Scalar(scalar) => {
                if scalar.resolve(self.rules.schema()) != Resolved::Null {
                    self.diagnostics.push(no_list(name, node.span));
                }
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
                "id" => id = self.text(&key, value, TextKind::String),
                "type" => kind = self.text(&key, value, TextKind::String),
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
        self.diagnostics.push(wrong_type(name, expected, node));
    }
}

/// A node of another type than the attribute's.
pub(crate) fn wrong_type(name: &Text<'_>, expected: &str, node: &Node<'_>) -> Diagnostic {
    Diagnostic::error(
        Code::AttributeType,
        format!(
            "expected {expected} for `{}`, found {}",
            name.value,
            node.kind()
        ),
    )
    .at(node.span)
    .help("put it in quotes if it is text: a `: ` or a leading `- ` makes YAML read maps and lists")
}

/// Something else in the place of a list.
pub(crate) fn no_list(name: &Text<'_>, span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::AttributeType,
        format!("expected a list for `{}`, found something else", name.value),
    )
    .at(span)
    .help("begin each entry with `- `, on a line of its own")
}
