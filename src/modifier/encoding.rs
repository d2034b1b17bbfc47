//! `base64`, `base64offset`, and the encodings of UTF-16.
//!
//! An encoder encodes bytes: `utf16le|base64: 'cmd'` is the Base64 of `63 00 6d 00 64 00`. The
//! character encoding before a Base64 is therefore carried to it ([`carried`]); elsewhere its bytes
//! must be text.

use super::fault::ModifierFault;
use super::{Step, takes_values};
use crate::diagnostic::Code;
use crate::rule::{Modifier, Part, Pattern, Value};
use crate::source::Spanned;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

/// How text becomes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charset {
    /// One byte an ASCII character.
    #[default]
    Utf8,
    /// Little end first.
    Utf16Le,
    /// Big end first.
    Utf16Be,
    /// Little end first, after a byte order mark.
    Utf16,
}

impl Charset {
    fn encode(self, text: &str) -> Vec<u8> {
        let units = || text.encode_utf16();
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Utf16Le => units().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16Be => units().flat_map(u16::to_be_bytes).collect(),
            Self::Utf16 => [0xFF, 0xFE]
                .into_iter()
                .chain(units().flat_map(u16::to_le_bytes))
                .collect(),
        }
    }
}

/// The character encoding that a modifier leaves to the Base64 after it.
pub(super) fn carried(modifier: Modifier, later: &[Spanned<Modifier>]) -> Option<Charset> {
    let charset = match modifier {
        Modifier::Utf16Le => Charset::Utf16Le,
        Modifier::Utf16Be => Charset::Utf16Be,
        Modifier::Utf16 => Charset::Utf16,
        _ => return None,
    };
    let next = later.iter().find(|later| takes_values(later.value))?;
    matches!(next.value, Modifier::Base64 | Modifier::Base64Offset).then_some(charset)
}

/// Encoded text that no Base64 follows.
pub(super) fn utf16<'s>(
    value: Value<'s>,
    step: &Step<'_>,
    charset: Charset,
) -> Result<Value<'s>, ModifierFault> {
    let (pattern, cased) = string(value)?;
    Ok(restored(encoded(pattern, step, charset)?, cased))
}

/// A pattern whose literals are encoded: ASCII is text with NUL characters.
pub(crate) fn encoded<'s>(
    pattern: Pattern<'s>,
    step: &Step<'_>,
    charset: Charset,
) -> Result<Pattern<'s>, ModifierFault> {
    let mut encoded = Pattern::default();
    for part in pattern.parts {
        encoded.push(match part {
            Part::Literal(text) => Part::Literal(Cow::Owned(
                String::from_utf8(charset.encode(&text)).map_err(|_| not_text(step, &text))?,
            )),
            part => part,
        });
    }
    Ok(encoded)
}

fn not_text(step: &Step<'_>, text: &str) -> ModifierFault {
    ModifierFault::Value(
        Code::NotText,
        format!(
            "expected text after `{}`, found the bytes of `{text}`, which are not text",
            step.modifier.name()
        ),
        "add `base64` or `base64offset|contains` after it".to_owned(),
    )
}

pub(super) fn base64<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, ModifierFault> {
    let (bytes, cased) = bytes(value, step)?;
    Ok(restored(Pattern::literal(STANDARD.encode(bytes)), cased))
}

pub(super) fn base64offset<'s>(
    value: Value<'s>,
    step: &Step<'_>,
) -> Result<Value<'s>, ModifierFault> {
    let (bytes, cased) = bytes(value, step)?;
    let alternatives = (0..3).map(|offset| {
        let known = at_offset(&bytes, bytes.len(), offset);
        if known.is_empty() {
            return Err(ModifierFault::Value(
                Code::ModifierValue,
                "expected at least two bytes for `base64offset`, found fewer".to_owned(),
                "write a longer value: none of its Base64 characters depends on it alone"
                    .to_owned(),
            ));
        }
        Ok(restored(Pattern::literal(known), cased))
    });
    alternatives.collect::<Result<_, _>>().map(Value::Expansion)
}

/// The part of the Base64 text that depends on nothing but the value, when `offset` unknown bytes
/// precede its `length` bytes and any bytes follow.
pub(crate) fn at_offset(bytes: &[u8], length: usize, offset: usize) -> String {
    let mut padded = vec![b' '; offset];
    padded.extend_from_slice(bytes);
    let encoded = STANDARD.encode(padded);
    // Each character holds 6 bits: 8 unknown bits spoil two characters, 16 spoil three.
    let start = [0, 2, 3][offset];
    let spoiled = [0, 3, 2][(length + offset) % 3];
    let end = encoded.len().saturating_sub(spoiled);
    encoded.get(start..end).unwrap_or_default().to_owned()
}

/// A value's bytes before Base64, and whether it is cased.
fn bytes(value: Value<'_>, step: &Step<'_>) -> Result<(Vec<u8>, bool), ModifierFault> {
    let (pattern, cased) = string(value)?;
    check_plain(&pattern, step)?;
    let Some(text) = pattern.as_literal() else {
        return Err(ModifierFault::Value(
            Code::EncodedWildcard,
            format!(
                "expected plain text for `{}`, found a placeholder",
                step.modifier.name()
            ),
            "put the encoded text in its place; a placeholder's text is not known yet".to_owned(),
        ));
    };
    Ok((step.charset.encode(text), cased))
}

/// A pattern has no bytes.
pub(crate) fn check_plain(pattern: &Pattern<'_>, step: &Step<'_>) -> Result<(), ModifierFault> {
    if !pattern.has_wildcards() {
        return Ok(());
    }
    Err(ModifierFault::Value(
        Code::EncodedWildcard,
        format!(
            "expected text without wildcards for `{}`, found a pattern",
            step.modifier.name()
        ),
        r"encode the parts separately; escape a literal `*` or `?` as `\*`, `\?`".to_owned(),
    ))
}

/// The pattern of a text value, and whether it is cased.
fn string(value: Value<'_>) -> Result<(Pattern<'_>, bool), ModifierFault> {
    match value {
        Value::String(pattern) => Ok((pattern, false)),
        Value::Cased(pattern) => Ok((pattern, true)),
        Value::Number(number) => Ok((Pattern::literal(number.text), false)),
        value => Err(ModifierFault::kind(&value, "text")),
    }
}

fn restored(pattern: Pattern<'_>, cased: bool) -> Value<'_> {
    if cased {
        Value::Cased(pattern)
    } else {
        Value::String(pattern)
    }
}
