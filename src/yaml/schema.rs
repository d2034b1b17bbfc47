//! Which YAML a text is.
//!
//! In: a text's [`Schema`]. Out: what its scalars are, which keys are the same, and what of YAML a
//! text may use.

use super::resolve::{Resolved, core};
use super::slip::Slip;
use super::{Node, Scalar, pyyaml, yaml11};
use crate::diagnostic::{Code, Diagnostic};
use saphyr_parser::ScalarStyle;
use std::ops::Range;

/// Which YAML a text is. Rules are YAML 1.2. Processing pipelines and the files that they name are
/// written for PyYAML, and so are a reference's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Schema {
    /// YAML 1.2's core schema: `yes` is text, `010` is 10, and a map has a key once.
    #[default]
    Core,
    /// YAML 1.1 as PyYAML's `SafeLoader` reads it: `yes` is true, `010` is 8, `2024-01-31` a date,
    /// and the last value of a repeated key counts.
    PyYaml,
}

impl Schema {
    /// What a plain scalar is.
    pub(super) fn plain(self, text: &str) -> Resolved<'_> {
        match self {
            Self::Core => core(text),
            Self::PyYaml => yaml11::plain(text),
        }
    }

    /// Does the last value of a repeated key count? Otherwise a repeated key is an error.
    pub(super) fn last_key_wins(self) -> bool {
        self == Self::PyYaml
    }

    /// Does a key count as text? `1` and `'1'` are two keys to PyYAML, for one is a number.
    pub(super) fn is_text(self, key: &Scalar<'_>) -> bool {
        self == Self::Core || key.resolve(self) == Resolved::String
    }

    /// May an anchor name an empty value? `CommandLine: &calc.exe` is rather a forgotten quote.
    pub(super) fn allows_empty_anchors(self) -> bool {
        self == Self::PyYaml
    }

    /// Where the reader stops in a scalar, or beside it, that is YAML all the same.
    pub(super) fn stop(
        self,
        text: &str,
        place: Range<usize>,
        style: ScalarStyle,
        in_brackets: bool,
    ) -> Option<Slip> {
        match self {
            Self::Core => None,
            Self::PyYaml => pyyaml::stop(text, place, style, in_brackets),
        }
    }

    /// Refuses a value that has no meaning: PyYAML has types of their own for `=` and `<<`.
    pub(super) fn check_value(self, node: &Node<'_>) -> Result<(), Diagnostic> {
        match node.as_scalar() {
            Some(scalar)
                if self == Self::PyYaml
                    && scalar.plain
                    && scalar.tag.is_none()
                    && matches!(&*scalar.text, "=" | "<<") =>
            {
                let message = format!("unquoted `{}` is not a value in YAML 1.1", scalar.text);
                Err(Diagnostic::error(Code::SpecialValue, message)
                    .at(node.span)
                    .help("put it in quotes"))
            }
            _ => Ok(()),
        }
    }
}
