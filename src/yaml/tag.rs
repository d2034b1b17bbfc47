//! Explicit tags: `!!int` and its like are kept, foreign ones refused.
//!
//! In: the parser's tag, `!!str` say. Out: a [`Tag`], or an error.

use super::place::Places;
use super::{Resolved, Scalar, Schema, Tag};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The name of a tag of YAML's own, without its prefix.
pub(super) fn core(tag: &saphyr_parser::Tag) -> Option<&str> {
    const PREFIX: &str = "tag:yaml.org,2002:";
    if tag.handle == PREFIX {
        return Some(&tag.suffix);
    }
    tag.suffix
        .strip_prefix(PREFIX)
        .filter(|_| tag.handle.is_empty())
}

/// The tag of a scalar. `!` alone says that it is text (YAML 1.2.2, 6.9.1).
pub(super) fn of_scalar(
    tag: &saphyr_parser::Tag,
    places: &Places<'_>,
    place: Span,
) -> Result<Tag, Diagnostic> {
    if tag.handle.is_empty() && tag.suffix == "!" {
        return Ok(Tag::Str);
    }
    match core(tag) {
        Some("str") => Ok(Tag::Str),
        Some("int") => Ok(Tag::Int),
        Some("float") => Ok(Tag::Float),
        Some("bool") => Ok(Tag::Bool),
        Some("null") => Ok(Tag::Null),
        _ => Err(foreign(tag, places, place)),
    }
}

/// The error of a tag that has no meaning, before the value at `place`.
pub(super) fn foreign(tag: &saphyr_parser::Tag, places: &Places<'_>, place: Span) -> Diagnostic {
    let name: String = match core(tag) {
        Some(name) => format!("!!{name}"),
        None => format!("{}{}", tag.handle, tag.suffix),
    };
    // The parser places the value alone, which may be an empty one on a later line.
    let written = format!("!{}", tag.suffix);
    let before = places.text().get(..places.range(place).end);
    let place = before
        .and_then(|before| before.rfind(&written))
        .map_or(place, |start| places.span(start, start + written.len()));
    let name: String = name.chars().take(60).collect();
    Diagnostic::error(
        Code::ForeignTag,
        format!("tag `{name}` has no meaning here"),
    )
    .at(place)
    .help("put a value that starts with `!` in single quotes; an unquoted one begins a tag")
}

/// A scalar under `!!int` has to be a whole number, and so on.
pub(super) fn check(scalar: &Scalar<'_>, schema: Schema, place: Span) -> Result<(), Diagnostic> {
    let name = match scalar.tag {
        Some(Tag::Int) => "int",
        Some(Tag::Float) => "float",
        Some(Tag::Bool) => "bool",
        Some(Tag::Str | Tag::Null) | None => return Ok(()),
    };
    if scalar.resolve(schema) != Resolved::String {
        return Ok(());
    }
    let message = format!("value does not fit its tag `!!{name}`");
    Err(Diagnostic::error(Code::TagValue, message)
        .at(place)
        .help("remove the tag, or correct the value"))
}
