//! TOML files of the program's own kinds, backend files and projects: read as trees with places,
//! checked key by key.
//!
//! In: a text and its [`Kind`]. Out: values of the right types, and everything that is wrong: an
//! unknown key with the nearest known one, a value of another type, with their places.

pub mod read;
pub mod tree;

use crate::diagnostic::Code;

/// What kind of file is read: the codes of what can be wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// It is no TOML.
    pub syntax: Code,
    /// A key or a value is wrong.
    pub key: Code,
}

impl Kind {
    /// `backends/<target>.toml`
    pub const BACKEND: Self = Self {
        syntax: Code::BackendSyntax,
        key: Code::BackendKey,
    };

    /// `varsigma.toml`
    pub const PROJECT: Self = Self {
        syntax: Code::ProjectSyntax,
        key: Code::ProjectKey,
    };
}
