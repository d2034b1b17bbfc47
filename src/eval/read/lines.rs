//! Text without a format: each line that is not blank is an event, searched by keywords.

use super::chunk::{EventBody, Sink};

pub(super) fn decode(text: &str, sink: &mut Sink<'_>) {
    for (at, line) in numbered(text) {
        sink.event(at, EventBody::Line(line));
    }
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
