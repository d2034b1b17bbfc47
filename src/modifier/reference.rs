//! `fieldref`: the value names another field of the same event.

use super::Step;
use super::fault::ModifierFault;
use crate::diagnostic::Code;
use crate::rule::{FieldReference, Part, Pattern, Value};
use std::borrow::Cow;

pub(super) fn fieldref<'s>(value: Value<'s>, _: &Step<'_>) -> Result<Value<'s>, ModifierFault> {
    match value {
        Value::String(pattern) => {
            check_name(&pattern)?;
            Ok(reference(name(pattern)?))
        }
        value => Err(ModifierFault::kind(&value, "a field's name")),
    }
}

pub(crate) const fn reference(field: Cow<'_, str>) -> Value<'_> {
    Value::FieldRef(FieldReference {
        field,
        starts_with: false,
        ends_with: false,
    })
}

/// A pattern names no field.
pub(crate) fn check_name(pattern: &Pattern<'_>) -> Result<(), ModifierFault> {
    if !pattern.has_wildcards() {
        return Ok(());
    }
    Err(ModifierFault::Value(
        Code::ModifierValue,
        "expected a field's name for `fieldref`, found a pattern".to_owned(),
        "name one field; escape a `*` or `?` that belongs to its name with a backslash".to_owned(),
    ))
}

fn name(mut pattern: Pattern<'_>) -> Result<Cow<'_, str>, ModifierFault> {
    match (pattern.parts.pop(), pattern.parts.is_empty()) {
        (Some(Part::Literal(field)), true) => Ok(field),
        _ => Err(ModifierFault::Value(
            Code::ModifierValue,
            "expected a field's name for `fieldref`, found none".to_owned(),
            "name the other field: `Field|fieldref: OtherField`".to_owned(),
        )),
    }
}
