//! YAML as borrowed nodes with spans.
//!
//! In: text. Out: a [`Node`] tree a document, borrowing from the text wherever a scalar is in
//! it as it is. Scalars stay text until someone asks what they are ([`Scalar::resolve`]), for a
//! rule's numbers must print as they were written.

mod ascii;
mod builder;
mod load;
mod mapping;
pub(crate) mod number;
mod place;
mod pyyaml;
mod resolve;
mod schema;
mod slip;
mod syntax;
mod tag;
mod yaml11;

pub(crate) use load::load_from;
pub use load::{
    Loaded, MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_REPEATED_BYTES, check_length, load, read,
};
pub use number::Number;
pub use resolve::Resolved;
pub use schema::Schema;

use crate::source::Span;
use std::borrow::Cow;

/// A YAML value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'s> {
    /// The bytes it covers, quotes included.
    pub span: Span,
    /// What it is.
    pub content: Content<'s>,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content<'s> {
    /// `cmd.exe`, `'cmd.exe'`, `|` blocks: anything that is one piece of text.
    Scalar(Scalar<'s>),
    /// `- a` lines or `[a, b]`.
    Sequence(Vec<Node<'s>>),
    /// `key: value` lines or `{key: value}`, in the order written.
    Mapping(Vec<(Node<'s>, Node<'s>)>),
}

/// A piece of text, not yet a number or a truth value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar<'s> {
    /// The text with quotes and escapes resolved.
    pub text: Cow<'s, str>,
    /// Was it written without quotes? Only then can it be anything but a string.
    pub plain: bool,
    /// The core-schema tag in force, without `!!` (`str`, `int`); a foreign tag is an error earlier.
    pub tag: Option<Tag>,
}

/// An explicit core-schema tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// `!!str`
    Str,
    /// `!!int`
    Int,
    /// `!!float`
    Float,
    /// `!!bool`
    Bool,
    /// `!!null`
    Null,
}

impl<'s> Node<'s> {
    /// The scalar, if it is one.
    #[must_use]
    pub fn as_scalar(&self) -> Option<&Scalar<'s>> {
        match &self.content {
            Content::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The items, if it is a sequence.
    #[must_use]
    pub fn as_sequence(&self) -> Option<&[Node<'s>]> {
        match &self.content {
            Content::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The pairs, if it is a mapping.
    #[must_use]
    pub fn as_mapping(&self) -> Option<&[(Node<'s>, Node<'s>)]> {
        match &self.content {
            Content::Mapping(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// The value of a mapping's key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node<'s>> {
        self.as_mapping()?
            .iter()
            .find(|(name, _)| name.as_scalar().is_some_and(|scalar| scalar.text == key))
            .map(|(_, value)| value)
    }

    /// What it is, for "expected X, found Y".
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.content {
            Content::Scalar(scalar) if scalar.plain && scalar.text.is_empty() => "nothing",
            Content::Scalar(_) => "a scalar",
            Content::Sequence(_) => "a list",
            Content::Mapping(_) => "a map",
        }
    }
}
