//! Transformations of `fields`, the list of fields to show to the analyst.

use super::{Load, Transformation};
use crate::diagnostic::Diagnostic;
use crate::pipeline::entry::{Entry, Key, required};
use crate::pipeline::item::ProcessingItem;
use crate::pipeline::state::State;
use crate::rule::{Rule, Text};
use crate::source::{Span, Spanned};
use std::borrow::Cow;

const FIELD: &[Key] = &[required("field", "a field name or a list of them")];

/// `add_field`
pub const ADD: Entry<Load> = Entry {
    name: "add_field",
    summary: "Adds fields to the rule's `fields`.",
    keys: FIELD,
    load: |keys| {
        Some(Box::new(FieldList(
            Change::Add,
            keys.text_or_texts("field")?,
        )))
    },
};

/// `remove_field`
pub const REMOVE: Entry<Load> = Entry {
    name: "remove_field",
    summary: "Removes fields from the rule's `fields`; what is not there is ignored.",
    keys: FIELD,
    load: |keys| {
        Some(Box::new(FieldList(
            Change::Remove,
            keys.text_or_texts("field")?,
        )))
    },
};

/// `set_field`
pub const SET: Entry<Load> = Entry {
    name: "set_field",
    summary: "Puts a list in place of the rule's `fields`.",
    keys: &[required("fields", "a list of field names")],
    load: |keys| Some(Box::new(FieldList(Change::Set, keys.texts("fields")?))),
};

#[derive(Debug, Clone, Copy)]
enum Change {
    Add,
    Remove,
    Set,
}

#[derive(Debug)]
struct FieldList(Change, Vec<String>);

impl Transformation for FieldList {
    fn apply<'s>(
        &'s self,
        _: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        _: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        let Self(change, names) = self;
        if matches!(change, Change::Set) {
            rule.fields.clear();
        }
        for name in names {
            if matches!(change, Change::Remove) {
                let found = rule.fields.iter().position(|field| field.value == *name);
                if let Some(index) = found {
                    rule.fields.remove(index);
                }
            } else {
                let field: Text<'s> = Spanned::new(Cow::Borrowed(name.as_str()), Span::default());
                rule.fields.push(field);
            }
        }
        Ok(())
    }
}
