//! `base64`, `base64offset` and the encodings of UTF-16 as pySigma has them.
//!
//! pySigma has no bytes: it encodes text with NUL characters, escaped again, and forgets `cased`.

use crate::modifier::encoding::{at_offset, check_plain, encoded};
use crate::modifier::network::printed;
use crate::modifier::{Charset, ModifierFault, Step};
use crate::rule::{Part, Pattern, Value};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Encoded text, whatever follows.
pub(super) fn utf16<'s>(
    value: Value<'s>,
    step: &Step<'_>,
    charset: Charset,
) -> Result<Value<'s>, ModifierFault> {
    Ok(Value::String(encoded(string(value)?, step, charset)?))
}

/// Puts U+FEFF in front as a character; it is not the byte order mark of the encoding that follows.
pub(super) fn utf16_marked<'s>(
    value: Value<'s>,
    step: &Step<'_>,
) -> Result<Value<'s>, ModifierFault> {
    let mut marked = Pattern::literal("\u{FEFF}");
    for part in encoded(string(value)?, step, Charset::Utf16Le)?.parts {
        marked.push(part);
    }
    Ok(Value::String(marked))
}

pub(super) fn base64<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, ModifierFault> {
    let pattern = string(value)?;
    check_plain(&pattern, step)?;
    let encoded = STANDARD.encode(printed(&pattern));
    Ok(Value::String(Pattern::literal(encoded)))
}

/// It counts a value's characters, not its bytes, for what of the text depends on the value alone.
pub(super) fn base64offset<'s>(
    value: Value<'s>,
    step: &Step<'_>,
) -> Result<Value<'s>, ModifierFault> {
    let pattern = string(value)?;
    check_plain(&pattern, step)?;
    let length = |part: &Part<'_>| match part {
        Part::Literal(text) => text.chars().count(),
        _ => 1,
    };
    let length = pattern.parts.iter().map(length).sum();
    let text = printed(&pattern);
    let known = (0..3).map(|offset| at_offset(text.as_bytes(), length, offset));
    let alternatives = known.map(|known| Value::String(Pattern::literal(known)));
    Ok(Value::Expansion(alternatives.collect()))
}

fn string(value: Value<'_>) -> Result<Pattern<'_>, ModifierFault> {
    match value {
        Value::String(pattern) | Value::Cased(pattern) => Ok(pattern),
        value => Err(ModifierFault::kind(&value, "text")),
    }
}
