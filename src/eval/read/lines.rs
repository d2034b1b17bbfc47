//! Formats of a record a line.
//!
//! Text without a format: each line that is not blank is an event, searched by keywords.

use super::chunk::{EventBody, Sink, character};
use super::format::InputFormat;
use super::{cef, logfmt, syslog};
use crate::diagnostic::{Code, Diagnostic};

pub(super) fn decode(text: &str, format: InputFormat, sink: &mut Sink<'_>) {
    for (at, line) in numbered(text) {
        let fields = match format {
            InputFormat::Syslog => Ok(syslog::fields(line)),
            InputFormat::Logfmt => logfmt::fields(line),
            InputFormat::Cef => headed(line, "CEF:", cef::cef),
            InputFormat::Leef => headed(line, "LEEF:", cef::leef),
            _ => {
                sink.event(at, EventBody::Line(line));
                continue;
            }
        };
        match fields {
            Ok(fields) => sink.event(at, EventBody::Value(fields.into_json())),
            Err((place, why)) => sink.fail(|| {
                let message = format!("invalid line of {}", format.name());
                let place = character(text, at + place.min(line.len()));
                Diagnostic::error(Code::Events, message).label(place, why)
            }),
        }
    }
}

/// The fields of a line with a header of syslog before its own, or without.
fn headed(
    line: &str,
    word: &str,
    read: fn(&str) -> Result<super::fields::Fields, (usize, &'static str)>,
) -> Result<super::fields::Fields, (usize, &'static str)> {
    let Some(start) = cef::start_of(line, word) else {
        return Err((0, "expected the header with `|`"));
    };
    let mut fields = read(&line[start..]).map_err(|(at, why)| (at + start, why))?;
    if start > 0 {
        let mut head = syslog::fields(line).into_object();
        head.remove("message");
        head.remove("_raw");
        fields.put_all(head);
    }
    Ok(fields)
}

/// The lines that are not blank, each with the byte at which it begins.
pub(super) fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line.strip_suffix('\n').unwrap_or(line))
    });
    let lines = lines.map(|(at, line)| (at, line.strip_suffix('\r').unwrap_or(line)));
    lines.filter(|(_, line)| !line.trim().is_empty())
}
