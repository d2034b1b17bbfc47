//! Under what conditions a part of a backend file holds: `{ case = "mapped", type = ["integer", "real"] }`.

use super::bare::BareNames;
use super::template::Template;

/// The values that options must have, and the types that a field's column must have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct When {
    /// Indexes of options, and the values of which each must have one.
    pub options: Vec<(usize, Vec<String>)>,
    /// The types of columns; empty: any. [`UNKNOWN`] is among them where a column of an unknown type
    /// will do.
    pub types: Vec<usize>,
}

/// The type of a column of which nothing is known, as an index of types.
pub const UNKNOWN: usize = usize::MAX;

impl When {
    /// Does it hold whatever the options and the type?
    #[must_use]
    pub const fn is_always(&self) -> bool {
        self.options.is_empty() && self.types.is_empty()
    }

    /// Does it ask what the user set? A loss that does was chosen.
    #[must_use]
    pub const fn asks_options(&self) -> bool {
        !self.options.is_empty()
    }
}

/// How fields inside a column are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// By a name with dots, as any other field.
    #[default]
    Name,
    /// As `[query.field.inside]` says.
    Inside,
    /// By a path whose steps are quoted one by one.
    Path,
}

/// A type of columns, `[types.NAME]`.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnType {
    /// `integer`
    pub name: String,
    /// What exported schemas call it, in lower case: `int4`, `bigint`.
    pub names: Vec<String>,
    /// Fields of these names are of this type where there is no schema.
    pub field_names: Option<BareNames>,
    /// The values that options have for tests of such a column, whatever the user set.
    pub set: Vec<(usize, String)>,
    /// How such a column is written where a test takes it for text: `CAST({field} AS VARCHAR)`.
    pub text: Option<Template>,
    /// A column of this type has fields of its own, `column.field`: their type.
    pub fields: Option<usize>,
    /// How those fields are reached.
    pub reach: Reach,
}
