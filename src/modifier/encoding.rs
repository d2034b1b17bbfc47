//! `base64`, `base64offset`, and the encodings of UTF-16.
//!
//! Natively an encoder encodes bytes: `utf16le|base64: 'cmd'` is the Base64 of `63 00 6d 00 64 00`.
//! The character encoding before a Base64 is therefore carried to it ([`carried`]); elsewhere its
//! bytes must be text. pySigma has no bytes: it encodes text with NUL characters, re-escaped.

use super::fault::Fault;
use super::{Step, takes_values};
use crate::diagnostic::Code;
use crate::rule::{Modifier, Part, Pattern, Value};
use crate::source::Spanned;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

/// How text becomes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Charset {
    #[default]
    Utf8,
    Utf16Le,
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

pub(super) fn utf16le<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, Fault> {
    as_text(value, step, Charset::Utf16Le)
}

pub(super) fn utf16be<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, Fault> {
    as_text(value, step, Charset::Utf16Be)
}

pub(super) fn utf16<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, Fault> {
    as_text(value, step, Charset::Utf16)
}

/// Encoded text that no Base64 follows: ASCII is text with NUL characters.
fn as_text<'s>(value: Value<'s>, step: &Step<'_>, charset: Charset) -> Result<Value<'s>, Fault> {
    let (pattern, cased) = string(value, step)?;
    let mut encoded = Pattern::default();
    let mut charset = charset;
    if charset == Charset::Utf16 && step.dialect.pysigma_values {
        encoded.push(Part::Literal(Cow::Borrowed("\u{FEFF}")));
        charset = Charset::Utf16Le;
    }
    for part in pattern.parts {
        encoded.push(match part {
            Part::Literal(text) => Part::Literal(Cow::Owned(
                String::from_utf8(charset.encode(&text)).map_err(|_| not_text(step, &text))?,
            )),
            part => part,
        });
    }
    Ok(restored(encoded, cased && !step.dialect.pysigma_values))
}

fn not_text(step: &Step<'_>, text: &str) -> Fault {
    Fault::Value(
        Code::NotText,
        format!(
            "expected text after `{}`, found the bytes of `{text}`, which are not text",
            step.modifier.name()
        ),
        "add `base64` or `base64offset|contains` after it".to_owned(),
    )
}

pub(super) fn base64<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, Fault> {
    let plain = Plain::of(value, step)?;
    let encoded = STANDARD.encode(&plain.bytes);
    Ok(restored(Pattern::literal(encoded), plain.cased))
}

pub(super) fn base64offset<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, Fault> {
    let plain = Plain::of(value, step)?;
    let alternatives = (0..3)
        .map(|offset| at_offset(&plain, offset, step))
        .collect::<Result<_, _>>()?;
    Ok(Value::Expansion(alternatives))
}

/// The part of the Base64 text that depends on nothing but the value, when `offset` unknown bytes
/// are before it and any after it.
fn at_offset<'s>(plain: &Plain, offset: usize, step: &Step<'_>) -> Result<Value<'s>, Fault> {
    let mut bytes = vec![b' '; offset];
    bytes.extend_from_slice(&plain.bytes);
    let encoded = STANDARD.encode(bytes);
    // Each character holds 6 bits: 8 unknown bits spoil two characters, 16 spoil three.
    let start = [0, 2, 3][offset];
    let spoiled = [0, 3, 2][(plain.length + offset) % 3];
    let end = encoded.len().saturating_sub(spoiled);
    match encoded.get(start..end) {
        Some(known) if !known.is_empty() || step.dialect.pysigma_values => {
            Ok(restored(Pattern::literal(known.to_owned()), plain.cased))
        }
        None if step.dialect.pysigma_values => Ok(Value::String(Pattern::default())),
        _ => Err(Fault::Value(
            Code::ModifierValue,
            "expected at least two bytes for `base64offset`, found fewer".to_owned(),
            "write a longer value: none of its Base64 characters depends on it alone".to_owned(),
        )),
    }
}

/// A value's bytes before Base64.
struct Plain {
    bytes: Vec<u8>,
    /// How many there are; in pySigma, how many characters it took the value to have.
    length: usize,
    cased: bool,
}

impl Plain {
    fn of(value: Value<'_>, step: &Step<'_>) -> Result<Self, Fault> {
        let (pattern, cased) = string(value, step)?;
        if pattern.has_wildcards() {
            return Err(Fault::Value(
                Code::EncodedWildcard,
                format!(
                    "expected text without wildcards for `{}`, found a pattern",
                    step.modifier.name()
                ),
                r"encode the parts separately; escape a literal `*` or `?` as `\*`, `\?`"
                    .to_owned(),
            ));
        }
        if step.dialect.pysigma_values {
            let length = |part: &Part<'_>| match part {
                Part::Literal(text) => text.chars().count(),
                _ => 1,
            };
            return Ok(Self {
                length: pattern.parts.iter().map(length).sum(),
                bytes: pysigma_text(&pattern).into_bytes(),
                cased: false,
            });
        }
        let Some(text) = pattern.as_literal() else {
            return Err(Fault::Value(
                Code::EncodedWildcard,
                format!(
                    "expected plain text for `{}`, found a placeholder",
                    step.modifier.name()
                ),
                "put the encoded text in its place; a placeholder's text is not known yet"
                    .to_owned(),
            ));
        };
        let bytes = step.charset.encode(text);
        Ok(Self {
            length: bytes.len(),
            bytes,
            cased,
        })
    }
}

/// A pattern as pySigma prints it: wildcards escaped again, backslashes not.
pub(super) fn pysigma_text(pattern: &Pattern<'_>) -> String {
    pattern
        .parts
        .iter()
        .map(|part| match part {
            Part::Literal(text) if text.contains(['*', '?']) => {
                Cow::Owned(text.replace('*', r"\*").replace('?', r"\?"))
            }
            Part::Literal(text) => Cow::Borrowed(text.as_ref()),
            Part::Any => Cow::Borrowed("*"),
            Part::One => Cow::Borrowed("?"),
            Part::Placeholder(name) => Cow::Owned(format!("%{name}%")),
        })
        .collect()
}

/// The pattern of a text value, and whether it is cased.
fn string<'s>(value: Value<'s>, step: &Step<'_>) -> Result<(Pattern<'s>, bool), Fault> {
    match value {
        Value::String(pattern) => Ok((pattern, false)),
        Value::Cased(pattern) => Ok((pattern, true)),
        Value::Number(number) if !step.dialect.pysigma_values => {
            Ok((Pattern::literal(number.text), false))
        }
        value => Err(Fault::kind(&value, "text")),
    }
}

fn restored(pattern: Pattern<'_>, cased: bool) -> Value<'_> {
    if cased {
        Value::Cased(pattern)
    } else {
        Value::String(pattern)
    }
}
