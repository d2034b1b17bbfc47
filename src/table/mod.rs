//! Files of the program's own kinds, backend files and projects: read as trees with places, and
//! checked by one definition of their keys.
//!
//! In: a text and its [`Kind`], and the [`shape`] of such files. Out: values of the right types, and
//! everything that is wrong: an unknown key with the nearest known one, a value of another shape,
//! with their places. The JSON Schema and the documents' tables of keys are made from the same
//! definition.

pub mod check;
pub mod read;
#[cfg(feature = "unstable")]
pub mod reference;
#[cfg(feature = "unstable")]
pub mod schema;
pub mod shape;
pub mod tree;

use crate::diagnostic::Code;

/// What kind of file is read: the codes of what can be wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// It is no TOML.
    pub syntax: Code,
    /// A key or a value is wrong.
    pub key: Code,
    /// `key = false` takes away what a parent or the native profile says.
    pub false_removes: bool,
}

impl Kind {
    /// `backends/<target>.toml`
    pub const BACKEND: Self = Self {
        syntax: Code::BackendSyntax,
        key: Code::BackendKey,
        false_removes: true,
    };

    /// A list of columns.
    pub const SCHEMA: Self = Self {
        syntax: Code::UnreadableSchema,
        key: Code::UnreadableSchema,
        false_removes: false,
    };

    /// `varsigma.toml`
    pub const PROJECT: Self = Self {
        syntax: Code::ProjectSyntax,
        key: Code::ProjectKey,
        false_removes: false,
    };
}
