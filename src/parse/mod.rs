//! Rules as data: the text of a rule file to documents.
//!
//! In: text. Out: a [`Rule`](crate::rule::Rule) for each rule that the file asks for, with every
//! fault that could be found: `condition: selecton` gives `VS0502` at `selecton`.

pub mod condition;
pub mod pattern;
pub mod place;

pub use pattern::pattern;
