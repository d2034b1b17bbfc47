//! Values: a YAML scalar to a [`Value`].
//!
//! In: `4624`, `'*\cmd.exe'`. Out: a [`Value`], a number or a pattern. Under `re` text is taken as
//! written, without wildcards or escapes.

use super::pattern;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{Pattern, Value};
use crate::yaml::{Resolved, Scalar, Schema};

/// Reads a value; `regex` says that `re` is among its modifiers. An error has no place yet.
pub(crate) fn value(
    scalar: Scalar<'_>,
    regex: bool,
    schema: Schema,
) -> Result<Value<'_>, Diagnostic> {
    match scalar.resolve(schema) {
        Resolved::Null => Ok(Value::Null),
        // A regular expression is text, whatever it looks like.
        _ if regex => Ok(Value::String(Pattern::literal(scalar.text))),
        Resolved::String | Resolved::Timestamp => Ok(Value::String(pattern(scalar.text))),
        Resolved::Bool(value) => Ok(Value::Bool(value)),
        Resolved::Number(number) if number.value.is_finite() => Ok(Value::Number(number)),
        Resolved::Number(_) => Err(infinite(&scalar)),
    }
}

/// `.inf`, `.nan`: numbers that no event has.
pub(crate) fn infinite(scalar: &Scalar<'_>) -> Diagnostic {
    let message = format!("expected a finite number, found `{}`", scalar.text);
    Diagnostic::error(Code::InvalidNumber, message).help("put it in quotes if it is meant as text")
}
