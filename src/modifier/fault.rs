//! Why a modifier can't be applied, as a diagnostic.
//!
//! In: a [`ModifierFault`] of one of the functions, the step and the value's place. Out: a diagnostic: at
//! the modifier where the chain is at fault, with a valid order, else at the value.

use super::Step;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{Modifier, Value};
use crate::source::Span;

/// Why a modifier can't be applied to a value.
#[derive(Debug)]
pub enum ModifierFault {
    /// The value is of a kind that the modifier doesn't take.
    Kind {
        /// What the value is.
        found: &'static str,
        /// What the modifier takes.
        expected: &'static str,
        /// What to do, where there is more to say than the kinds.
        help: Option<String>,
    },
    /// The modifier takes values as written, but another changed them before.
    NotFirst(Modifier),
    /// The value is of the right kind, and wrong: a code, the message, what to do.
    Value(Code, String, String),
}

impl ModifierFault {
    pub(crate) const fn kind(value: &Value<'_>, expected: &'static str) -> Self {
        Self::Kind {
            found: value.kind(),
            expected,
            help: None,
        }
    }

    pub(super) fn diagnostic(self, step: &Step<'_>, value: Span) -> Diagnostic {
        let modifier = step.modifier.value;
        let name = modifier.name();
        match self {
            Self::NotFirst(earlier) => Diagnostic::error(
                Code::ModifierOrder,
                format!(
                    "expected `{name}` before `{}`, found it after",
                    earlier.name()
                ),
            )
            .at(step.modifier.span)
            .help(order(modifier)),
            Self::Kind {
                found, expected, ..
            } if let Some(earlier) = step.before() => Diagnostic::error(
                Code::ModifierOrder,
                format!(
                    "expected {expected} for `{name}`, found what `{}` gives: {found}",
                    earlier.name()
                ),
            )
            .at(step.modifier.span)
            .help(order(modifier)),
            Self::Kind {
                found,
                expected,
                help,
            } => {
                let error = Diagnostic::error(
                    Code::ModifierValue,
                    format!("expected {expected} for `{name}`, found {found}"),
                )
                .at(value)
                .label(step.modifier.span, "");
                error.help(help.unwrap_or_else(|| match found {
                    "a boolean" if expected.contains("text") => {
                        "put the value in quotes if it is meant as text".to_owned()
                    }
                    _ => order(modifier).to_owned(),
                }))
            }
            Self::Value(code, message, help) => Diagnostic::error(code, message)
                .at(value)
                .label(step.modifier.span, "")
                .help(help),
        }
    }
}

/// The help for a modifier: its place in a chain and the values that it takes.
const fn order(modifier: Modifier) -> &'static str {
    use Modifier as M;
    match modifier {
        M::Re => {
            "put `re` first; `i`, `m`, `s`, `expand` and `contains`, `startswith`, `endswith` may follow: `re|i`"
        }
        M::ReIgnoreCase | M::ReMultiLine | M::ReDotAll => {
            "put it after `re`, as a flag of the regular expression: `re|i`"
        }
        M::Cidr => "write a network as text, such as `10.0.0.0/8`; only `all` and `neq` go with it",
        M::Exists => "write `true` or `false`, without quotes; no other modifier goes with it",
        M::Lt | M::Lte | M::Gt | M::Gte => {
            "write a number, without quotes; a part of a time may precede it: `hour|gte`"
        }
        M::Minute | M::Hour | M::Day | M::Week | M::Month | M::Year => {
            "write a whole number, without quotes; a comparison may follow: `hour|gte`"
        }
        M::Contains | M::StartsWith | M::EndsWith => {
            "apply it to text, a regular expression or a field reference: `base64offset|contains`, \
             `re|startswith`, `fieldref|endswith`"
        }
        M::FieldRef => {
            "write a field's name as text; `startswith`, `endswith`, `contains` and `neq` go with \
             it"
        }
        M::Expand => "apply it to text or a regular expression: `expand`, `re|expand`",
        M::Cased => {
            "apply it to text: `contains|cased`; regular expressions are case-sensitive \
                     anyway"
        }
        M::WinDash | M::Base64 | M::Base64Offset | M::Utf16Le | M::Utf16Be | M::Utf16 => {
            "apply it to text, before `contains`: `windash|contains`, \
             `utf16le|base64offset|contains`"
        }
        M::All | M::Neq => "combine it with any modifier",
    }
}
