//! What one test says about another.
//!
//! In: two tests. Out: does every event that the first takes pass the second too? For `Image:
//! '*\cmd.exe'` and `Image: '*.exe'` it does.
//!
//! A test of a field holds where *one* of the field's values passes ([`eval`](crate::eval)), and a
//! field can have many. So a test of a field implies another where each value that passes the first
//! passes the second, and no two tests exclude each other: `["a", "b"]` is `a` and is `b`.
//! A yes is a proof; a no means that no proof was found.

mod expression;
mod glob;
mod range;

use crate::rule::{TimePart, Value};
use expression::Bounds;
use glob::Glob;
use ipnet::IpNet;
use range::Range;

/// What is tested: a field, or (none) every value of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Subject<'r>(pub Option<&'r str>);

/// What a test asks of a value, in normal form: equal shapes take the same values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    /// A text, of any type's value. A boolean is the text that it has.
    Text(Glob),
    /// The number, its text in lower case and the shortest one. The range is missing where it proves
    /// nothing.
    Number(Option<Range>, String, String),
    /// A number, or one in a text, compared.
    Compare(Range),
    /// A part of a time.
    Time(TimePart, Range),
    /// A regular expression, and between which patterns it lies.
    Regex(String, Bounds),
    /// Nothing is known but that it is the same where it is written the same: a number too great.
    Value(String),
    /// An address.
    Network(IpNet),
    /// Another field's value, at the start, at the end or (both) anywhere in it.
    Reference(String, bool, bool),
    /// The field is missing, or has no value.
    Null,
    /// The field is there.
    Exists,
    /// The target's own language: nothing is known at all.
    Query(String),
}

impl Shape {
    /// The shape of a value. `exists: false` is that of `exists: true`; its test is the negation.
    pub fn of(subject: Subject<'_>, value: &Value<'_>) -> Self {
        let keyword = subject.0.is_none();
        let text = |glob: Glob| Self::Text(if keyword { glob.anywhere() } else { glob });
        let opaque = |value: &Value<'_>| Self::Value(format!("{value:?}"));
        match value {
            Value::String(pattern) => text(Glob::new(pattern, false)),
            Value::Cased(pattern) => text(Glob::new(pattern, true)),
            Value::Bool(truth) => text(Glob::literal(if *truth { "true" } else { "false" })),
            Value::Number(number) if keyword => text(Glob::literal(&number.text)),
            Value::Number(number) => {
                let written = number.text.to_ascii_lowercase();
                Self::Number(
                    Range::new(None, number),
                    written,
                    number.shortest().into_owned(),
                )
            }
            Value::Compare(comparison, part, number) => {
                match (Range::new(Some(*comparison), number), part) {
                    (Some(range), Some(part)) => Self::Time(*part, range),
                    (Some(range), None) => Self::Compare(range),
                    (None, _) => opaque(value),
                }
            }
            Value::Time(part, number) => match Range::new(None, number) {
                Some(range) => Self::Time(*part, range),
                None => opaque(value),
            },
            Value::Regex(regex) => match expression::bounds(regex) {
                Bounds {
                    outer: Some(outer),
                    inner: Some(inner),
                } if outer == inner => Self::Text(inner),
                bounds => Self::Regex(format!("{regex:?}"), bounds),
            },
            Value::Cidr(network) => Self::Network(network.net),
            Value::FieldRef(reference) => Self::Reference(
                reference.field.to_string(),
                reference.starts_with,
                reference.ends_with,
            ),
            Value::Null => Self::Null,
            Value::Exists(_) => Self::Exists,
            Value::Query { .. } | Value::Expansion(_) => Self::Query(format!("{value:?}")),
        }
    }

    /// Does the test ask for a value of the field? Then the field is there, and not empty.
    pub const fn is_of_a_value(&self) -> bool {
        !matches!(self, Self::Null | Self::Exists | Self::Query(_))
    }

    /// The other field of a reference.
    pub fn refers_to(&self) -> Option<&str> {
        match self {
            Self::Reference(field, ..) => Some(field),
            _ => None,
        }
    }

    /// Does each value that passes this pass the other?
    fn within(&self, outer: &Self) -> bool {
        match (self, outer) {
            (inner, Self::Text(outer)) if outer.is_all() => inner.is_of_a_value(),
            (Self::Text(inner), Self::Text(outer)) => inner.within(outer),
            (Self::Network(net), Self::Text(outer)) => {
                leading(net).is_some_and(|texts| texts.within(outer))
            }
            (Self::Text(inner), Self::Regex(_, bounds)) => {
                let outer = bounds.inner.as_ref();
                outer.is_some_and(|outer| inner.within(outer))
            }
            (Self::Regex(_, bounds), Self::Text(outer)) => {
                let inner = bounds.outer.as_ref();
                inner.is_some_and(|inner| inner.within(outer))
            }
            (Self::Regex(text, bounds), Self::Regex(other, others)) => {
                let bounds = bounds.outer.as_ref().zip(others.inner.as_ref());
                text == other || bounds.is_some_and(|(inner, outer)| inner.within(outer))
            }
            (Self::Text(inner), outer) => inner
                .as_literal()
                .is_some_and(|text| outer.takes_text(&text)),
            (Self::Number(Some(number), text, _), Self::Number(Some(outer), written, shortest)) => {
                // Of one worth there is one shortest text.
                number == outer && (text == written || text == shortest)
            }
            (Self::Number(Some(number), text, _), Self::Compare(outer)) => {
                // The written text is one of the values that pass.
                Range::of_text(text).is_some_and(|read| read == *number) && number.within(*outer)
            }
            (Self::Compare(inner), Self::Compare(outer)) => inner.within(*outer),
            (Self::Time(part, inner), Self::Time(other, outer)) => {
                part == other && inner.within(*outer)
            }
            (Self::Network(inner), Self::Network(outer)) => outer.contains(inner),
            (Self::Reference(field, starts, ends), Self::Reference(other, true, true)) => {
                field == other && (*starts || *ends)
            }
            (inner, outer) => inner == outer,
        }
    }

    /// Does every value pass whose text is this, in any case?
    fn takes_text(&self, text: &str) -> bool {
        match self {
            Self::Number(Some(number), written, shortest) => {
                (written == text || shortest == text) && Range::of_text(text) == Some(*number)
            }
            Self::Compare(outer) => Range::of_text(text).is_some_and(|read| read.within(*outer)),
            Self::Network(net) => text
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| net.contains(&address)),
            _ => false,
        }
    }
}

/// How the texts of a network's addresses begin: `10.` for `10.0.0.0/8`. An address of version 4 has
/// one text; one of version 6 has many.
fn leading(net: &IpNet) -> Option<Glob> {
    let IpNet::V4(net) = net else { return None };
    let octets = net.network().octets();
    let whole = usize::from(net.prefix_len() / 8);
    let text: Vec<String> = octets[..whole].iter().map(u8::to_string).collect();
    let text = text.join(".");
    Some(match whole {
        0 => Glob::literal("").beginning(),
        4 => Glob::literal(&text),
        _ => Glob::literal(&format!("{text}.")).beginning(),
    })
}

/// Does every event that passes the first test pass the second?
pub(super) fn implies(
    (subject, shape): (Subject<'_>, &Shape),
    (other, outer): (Subject<'_>, &Shape),
) -> bool {
    match (subject.0, other.0) {
        (Some(a), Some(b)) if a == b => {
            (*outer == Shape::Exists && shape.is_of_a_value()) || shape.within(outer)
        }
        // What a field holds is in the event.
        (_, None) => shape.is_of_a_value() && shape.within(outer),
        // A reference asks both fields for a value.
        (_, Some(b)) => {
            let refers = matches!(shape, Shape::Reference(field, _, _) if field == b);
            let any = matches!(outer, Shape::Text(outer) if outer.is_all());
            refers && (any || *outer == Shape::Exists)
        }
    }
}

/// Does each event pass one of the two? A field that is not there is null.
pub(super) fn one_holds(
    (subject, shape): (Subject<'_>, &Shape),
    (other, second): (Subject<'_>, &Shape),
) -> bool {
    subject.0.is_some()
        && subject == other
        && matches!(
            (shape, second),
            (Shape::Null, Shape::Exists) | (Shape::Exists, Shape::Null)
        )
}
