//! `fieldref`: the value names another field of the same event.

use super::Step;
use super::encoding::pysigma_text;
use super::fault::Fault;
use crate::diagnostic::Code;
use crate::rule::{FieldReference, Part, Pattern, Value};
use std::borrow::Cow;

pub(super) fn fieldref<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, Fault> {
    let pattern = match value {
        Value::String(pattern) => pattern,
        // The target decides whether a comparison of fields is case-sensitive; `cased` would be lost.
        Value::Cased(pattern) if step.dialect.pysigma_values => pattern,
        value => return Err(Fault::kind(&value, "a field's name")),
    };
    if pattern.has_wildcards() {
        return Err(Fault::Value(
            Code::ModifierValue,
            "expected a field's name for `fieldref`, found a pattern".to_owned(),
            "name one field; escape a `*` or `?` that belongs to its name with a backslash"
                .to_owned(),
        ));
    }
    let field = if step.dialect.pysigma_values {
        Cow::Owned(pysigma_text(&pattern))
    } else {
        name(pattern)?
    };
    Ok(Value::FieldRef(FieldReference {
        field,
        starts_with: false,
        ends_with: false,
    }))
}

fn name(mut pattern: Pattern<'_>) -> Result<Cow<'_, str>, Fault> {
    match (pattern.parts.pop(), pattern.parts.is_empty()) {
        (Some(Part::Literal(field)), true) => Ok(field),
        _ => Err(Fault::Value(
            Code::ModifierValue,
            "expected a field's name for `fieldref`, found none".to_owned(),
            "name the other field: `Field|fieldref: OtherField`".to_owned(),
        )),
    }
}
