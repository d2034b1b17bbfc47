//! The kind of test that a value asks for.
//!
//! In: `*\\cmd.exe`. Out: [`Kind::EndsWith`], whose wordings a backend file has under `ends_with`.

use crate::backend::language::Kind;
use crate::rule::{Part, Pattern, Value};
use ipnet::IpNet;

/// The kind of test that a value of a field asks for.
pub(crate) fn kind(value: &Value<'_>) -> Kind {
    match value {
        Value::String(pattern) => pattern_kind(pattern),
        Value::Cased(pattern) => match pattern_kind(pattern) {
            Kind::Empty => Kind::CasedEmpty,
            Kind::Equals => Kind::CasedEquals,
            Kind::StartsWith => Kind::CasedStartsWith,
            Kind::EndsWith => Kind::CasedEndsWith,
            Kind::Contains => Kind::CasedContains,
            _ => Kind::Cased,
        },
        Value::Number(_) => Kind::Number,
        Value::Bool(_) => Kind::Boolean,
        // Expansions are groups and query expressions are texts; neither comes here.
        Value::Null | Value::Expansion(_) | Value::Query { .. } => Kind::Null,
        Value::Exists(true) => Kind::Exists,
        Value::Exists(false) => Kind::NotExists,
        Value::Regex(_) => Kind::Regex,
        Value::Cidr(network) => match network.net {
            IpNet::V4(_) => Kind::Cidr,
            IpNet::V6(_) => Kind::CidrV6,
        },
        Value::Compare(_, None, _) => Kind::Compare,
        Value::Compare(_, Some(_), _) => Kind::TimeCompare,
        Value::Time(..) => Kind::Time,
        Value::FieldRef(reference) => match (reference.starts_with, reference.ends_with) {
            (false, false) => Kind::FieldEquals,
            (true, false) => Kind::FieldStartsWith,
            (false, true) => Kind::FieldEndsWith,
            (true, true) => Kind::FieldContains,
        },
    }
}

fn pattern_kind(pattern: &Pattern<'_>) -> Kind {
    match pattern.parts.as_slice() {
        [] => Kind::Empty,
        [Part::Literal(_)] => Kind::Equals,
        [Part::Any] => Kind::Any,
        [Part::Literal(_), Part::Any] => Kind::StartsWith,
        [Part::Any, Part::Literal(_)] => Kind::EndsWith,
        [Part::Any, Part::Literal(_), Part::Any] => Kind::Contains,
        _ => Kind::String,
    }
}

/// The kind of test that a keyword asks for.
pub(crate) fn keyword_kind(value: &Value<'_>) -> Option<Kind> {
    match value {
        Value::String(_) => Some(Kind::Keyword),
        Value::Cased(_) => Some(Kind::KeywordCased),
        Value::Number(_) | Value::Time(..) => Some(Kind::KeywordNumber),
        Value::Regex(_) => Some(Kind::KeywordRegex),
        _ => None,
    }
}
