//! One test, prepared: a value of the rule against values of events.

use super::event::{Event, Kind, Scalar};
use super::number::NumericValue;
use super::text::TextMatcher;
use super::time::Time;
use crate::backend::regex::RegexDialect;
use crate::diagnostic::{Code, Diagnostic};
use crate::pattern;
use crate::rule::{Comparison, FieldReference, Number, Regex, TimePart, Value};
use crate::source::Span;
use ipnet::IpNet;
use std::cmp::Ordering;

/// A compiled regular expression takes no more memory than this.
const MAX_REGEX_BYTES: usize = 32 << 20;

/// What a value asks of an event.
#[derive(Debug)]
pub(super) enum Check<'r> {
    Text(TextMatcher),
    /// By worth, or a text: as it is written, and the shortest.
    Number(NumericValue, String, String),
    Bool(bool),
    Null,
    Exists(bool),
    Regex(::regex::Regex),
    Cidr(IpNet),
    Compare(Comparison, NumericValue),
    Time(Option<Comparison>, TimePart, NumericValue),
    FieldRef(&'r FieldReference<'r>),
}

impl<'r> Check<'r> {
    /// Prepares a field's value.
    pub fn of_field(
        value: &'r Value<'r>,
        dialect: &RegexDialect,
        span: Span,
    ) -> Result<Self, Diagnostic> {
        Ok(match value {
            Value::String(pattern) => Self::Text(TextMatcher::new(pattern, false)),
            Value::Cased(pattern) => Self::Text(TextMatcher::new(pattern, true)),
            Value::Number(number) => Self::Number(
                worth(number),
                number.text.to_ascii_lowercase(),
                number.shortest().into_owned(),
            ),
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Null => Self::Null,
            Value::Exists(wanted) => Self::Exists(*wanted),
            Value::Regex(regex) => Self::Regex(compile(regex, dialect, span)?),
            Value::Cidr(network) => Self::Cidr(network.net),
            Value::Compare(comparison, None, number) => Self::compare(*comparison, number),
            Value::Compare(comparison, Some(part), number) => {
                Self::Time(Some(*comparison), *part, worth(number))
            }
            Value::Time(part, number) => Self::Time(None, *part, worth(number)),
            Value::FieldRef(reference) => Self::FieldRef(reference),
            Value::Expansion(_) | Value::Query { .. } => return Err(untestable(value, span)),
        })
    }

    /// Compares with a number.
    pub fn compare(comparison: Comparison, number: &Number<'_>) -> Self {
        Self::Compare(comparison, worth(number))
    }

    /// Prepares a keyword: text is anywhere in a value.
    pub fn of_keyword(
        value: &'r Value<'r>,
        dialect: &RegexDialect,
        span: Span,
    ) -> Result<Self, Diagnostic> {
        use crate::rule::Pattern;
        let anywhere = |text: &'r str| TextMatcher::anywhere(&Pattern::literal(text), false);
        Ok(match value {
            Value::String(pattern) => Self::Text(TextMatcher::anywhere(pattern, false)),
            Value::Cased(pattern) => Self::Text(TextMatcher::anywhere(pattern, true)),
            Value::Number(number) => Self::Text(anywhere(&number.text)),
            Value::Bool(truth) => Self::Text(anywhere(if *truth { "true" } else { "false" })),
            Value::Regex(regex) => Self::Regex(compile(regex, dialect, span)?),
            _ => return Err(untestable(value, span)),
        })
    }

    /// Tests of equal keys are the same; of those without one nothing is known.
    pub fn key(&self) -> Option<String> {
        Some(match self {
            Self::Text(matcher) => format!("text {}", matcher.key()),
            Self::Number(_, written, shortest) => format!("number {written} {shortest}"),
            Self::Bool(truth) => format!("bool {truth}"),
            Self::Null => "null".to_owned(),
            Self::Exists(wanted) => format!("exists {wanted}"),
            Self::Regex(regex) => format!("re {regex}"),
            Self::Cidr(net) => format!("cidr {net}"),
            Self::Compare(..) | Self::Time(..) | Self::FieldRef(_) => return None,
        })
    }

    /// Does the field of that name pass?
    pub fn holds(&self, event: &Event, field: &str) -> bool {
        let nodes = event.field(field);
        match self {
            Self::Exists(wanted) => nodes.is_some() == *wanted,
            Self::Null => nodes.is_none_or(|nodes| nodes.iter().any(|node| node.is_nothing())),
            Self::FieldRef(reference) => nodes.unwrap_or_default().iter().any(|node| {
                node.any_element(&mut |ours| {
                    let others = event.field(&reference.field).unwrap_or_default();
                    let refers = &mut |other: &Scalar| refers(reference, ours, other);
                    others.iter().any(|other| other.any_element(refers))
                })
            }),
            _ => nodes
                .unwrap_or_default()
                .iter()
                .any(|node| node.any_element(&mut |scalar| self.takes(scalar))),
        }
    }

    /// Does a single value pass?
    pub fn takes(&self, scalar: &Scalar) -> bool {
        let Some(text) = scalar.as_text() else {
            return false;
        };
        match self {
            Self::Text(matcher) if matcher.cased => matcher.is_match(text),
            Self::Text(matcher) => matcher.is_match(scalar.folded()),
            Self::Number(wanted, written, shortest) => match scalar.kind {
                Kind::Number => compare(text, *wanted) == Some(Ordering::Equal),
                _ => scalar.folded() == written || scalar.folded() == shortest,
            },
            Self::Bool(wanted) => {
                scalar.kind == Kind::Bool(*wanted)
                    || (scalar.kind == Kind::Text
                        && scalar.folded() == if *wanted { "true" } else { "false" })
            }
            Self::Regex(regex) => regex.is_match(text),
            Self::Cidr(net) => text
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| net.contains(&address)),
            Self::Compare(comparison, wanted) => {
                matches!(scalar.kind, Kind::Number | Kind::Text)
                    && compare(text, *wanted).is_some_and(|found| comparison.holds(found))
            }
            Self::Time(comparison, part, wanted) => {
                let time = match scalar.kind {
                    Kind::Text => Time::read(text),
                    Kind::Number => text.parse().ok().and_then(Time::from_epoch),
                    _ => None,
                };
                let found = time.and_then(|time| compare(&time.part(*part).to_string(), *wanted));
                found.is_some_and(|found| match comparison {
                    Some(comparison) => comparison.holds(found),
                    None => found == Ordering::Equal,
                })
            }
            Self::Null | Self::Exists(_) | Self::FieldRef(_) => false,
        }
    }
}

fn worth(number: &Number<'_>) -> NumericValue {
    NumericValue::of(&number.text, number.value)
}

fn compare(text: &str, wanted: NumericValue) -> Option<Ordering> {
    NumericValue::read(text)?.compare(wanted)
}

fn refers(reference: &FieldReference<'_>, ours: &Scalar, other: &Scalar) -> bool {
    if ours.kind == Kind::Null || other.kind == Kind::Null {
        return false;
    }
    let (a, b) = (ours.folded(), other.folded());
    match (reference.starts_with, reference.ends_with) {
        (true, true) => a.contains(b),
        (true, false) => a.starts_with(b),
        (false, true) => a.ends_with(b),
        (false, false) => {
            let numbers = ours.kind == Kind::Number && other.kind == Kind::Number;
            a == b
                || (numbers
                    && NumericValue::read(b).and_then(|worth| compare(a, worth))
                        == Some(Ordering::Equal))
        }
    }
}

fn compile(
    regex: &Regex<'_>,
    dialect: &RegexDialect,
    span: Span,
) -> Result<::regex::Regex, Diagnostic> {
    let text = regex.pattern.as_literal().unwrap_or_default();
    let parsed = pattern::parse(regex).map_err(|invalid| invalid.diagnostic(span, text))?;
    let rendered =
        pattern::render(&parsed, dialect).map_err(|refusal| refusal.diagnostic(span, text))?;
    ::regex::RegexBuilder::new(&rendered.text)
        .size_limit(MAX_REGEX_BYTES)
        .build()
        .map_err(|error| {
            let message = format!("expression is too large: {error}");
            Diagnostic::error(Code::RegexUnsupported, message).at(span)
        })
}

fn untestable(value: &Value<'_>, span: Span) -> Diagnostic {
    let kind = value.kind();
    Diagnostic::error(
        Code::Untestable,
        format!("expected a value that an event can be tested for, found {kind}"),
    )
    .at(span)
}
