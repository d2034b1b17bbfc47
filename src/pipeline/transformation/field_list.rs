//! Transformations of `fields`, the list of fields to show to the analyst.

use super::{Pass, Transformation, boxed};
use crate::diagnostic::Diagnostic;
use crate::pipeline::reader::Keys;
use crate::source::{Span, Spanned};
use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Add,
    Remove,
    Set,
}

#[derive(Debug)]
struct FieldList(Change, Vec<String>);

/// `add_field`
pub fn add(keys: &Keys<'_>) -> Option<Box<dyn Transformation>> {
    boxed(FieldList(Change::Add, keys.texts("field")?))
}

/// `remove_field`
pub fn remove(keys: &Keys<'_>) -> Option<Box<dyn Transformation>> {
    boxed(FieldList(Change::Remove, keys.texts("field")?))
}

/// `set_field`
pub fn set(keys: &Keys<'_>) -> Option<Box<dyn Transformation>> {
    boxed(FieldList(Change::Set, keys.texts("fields")?))
}

impl Transformation for FieldList {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let Self(change, names) = self;
        let fields = &mut pass.rule.fields;
        if *change == Change::Set {
            fields.clear();
        }
        for name in names {
            if *change != Change::Remove {
                fields.push(Spanned::new(Cow::Borrowed(name), Span::default()));
            } else if let Some(index) = fields.iter().position(|field| field.value == *name) {
                fields.remove(index);
            }
        }
        Ok(())
    }
}
