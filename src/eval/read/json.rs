//! Events as JSON.
//!
//! In: a text: JSON objects one after another or one to a line, arrays of them, the answers of
//! searches. Out: the events in order, and what is wrong with the rest: `{"a":1}` and a line that is
//! cut give one event and one error.

use super::chunk::{EventBody, Sink};
use super::envelope;
use super::frame::{Scan, list_in_envelope};
use super::shape::Shape;
use super::surrogate::paired;
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::Event;
use crate::source::Span;
use memchr::memmem;
use serde_json::Value as Json;
use std::ops::Range;

/// Reads JSON, in any of its forms, as events for matching. What can't be read is an error with its
/// place; where each event begins a line, the lines after it count.
///
/// ```
/// assert!(varsigma::eval::read::events("{\"a\":1}\n{\"a\":").is_err());
/// ```
pub fn events(text: &str) -> Result<Vec<Event<'static>>, Vec<Diagnostic>> {
    let mut events = Vec::new();
    let mut take = |event: Event<'_>, _| events.push(event.into_owned());
    let mut sink = Sink::of_events(&mut take);
    values(text, false, &mut sink);
    let errors = sink.report().diagnostics;
    if errors.is_empty() {
        Ok(events)
    } else {
        Err(errors)
    }
}

/// Reads a text's values. Where it `is_open`, it is a piece of a list that is cut off.
pub(super) fn values(text: &str, is_open: bool, sink: &mut Sink<'_>) {
    let text = &*paired(text);
    // An open array's elements are events; they are read one by one, so that those before a cut
    // count.
    let mut array = None;
    let mut envelope: Option<Envelope> = None;
    let mut at = 0;
    loop {
        at += gap(&text[at..]);
        match text.as_bytes().get(at) {
            None => {
                if let Some(open) = array {
                    sink.fail(|| cut(text, open));
                } else if is_open {
                    sink.fail(|| cut(text, text.trim_end().len().saturating_sub(1)));
                }
                return;
            }
            Some(b'[') if array.is_none() => {
                array = Some(at);
                at += 1;
                continue;
            }
            Some(b']') if array.is_some() => {
                array = None;
                at += 1;
                if let Some(around) = envelope.take_if(|around| around.list.end < at) {
                    (array, at) = (around.array, around.next.max(at));
                }
                continue;
            }
            Some(_) => {}
        }
        // What is nothing to it is looked at again.
        if let Some(length) = sink.prepared(&text[at..]) {
            at += length;
            continue;
        }
        let mut stream = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Shape>();
        match stream.next() {
            None => return,
            Some(Ok(shape)) => {
                let end = at + stream.byte_offset();
                value(shape, &text[at..end], at, sink);
                at = end;
            }
            Some(Err(error)) => {
                let next = after_broken(text, at);
                let list = next.filter(|_| envelope.is_none());
                if let Some((next, list)) =
                    list.and_then(|next| Some((next, list_in(text, at..next)?)))
                {
                    at = list.start;
                    let array = array.replace(at - 1);
                    envelope = Some(Envelope { list, next, array });
                    continue;
                }
                sink.fail(|| syntax(text, at, &error));
                if is_cut(text, at, &error)
                    && let Some(value) = repair(&text[at..])
                {
                    let mut found = Vec::new();
                    envelope::open_repaired(value, &mut found);
                    for event in found {
                        sink.found(at, event);
                    }
                }
                match next {
                    Some(next) => at = next,
                    None => return,
                }
            }
        }
    }
}

/// The events in a value.
fn value(shape: Shape, text: &str, at: usize, sink: &mut Sink<'_>) {
    let found = match shape {
        Shape::Event => return sink.event(at, EventBody::Object(text)),
        Shape::Other => None,
        Shape::Envelope => serde_json::from_str::<Json>(text).ok().and_then(|value| {
            let mut found = Vec::new();
            envelope::open(value, &mut found).then_some(found)
        }),
    };
    match found {
        Some(found) => {
            for event in found {
                sink.found(at, event);
            }
        }
        None => sink.fail(|| {
            let message = "expected an event to be a JSON object, found another value";
            Diagnostic::error(Code::Events, message).at(Span::new(at, at + text.len()))
        }),
    }
}

/// The length of what may be between values: blanks, commas, the record separator of RFC 7464,
/// byte order marks of files that were joined.
fn gap(text: &str) -> usize {
    let is_gap = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n' | ',' | '\u{1E}' | '\u{FEFF}');
    text.len() - text.trim_start_matches(is_gap).len()
}

/// Where reading goes on after a value that can't be read: at its end, as its brackets and texts
/// show it, but no later than at the next line that begins as the value's does.
fn after_broken(text: &str, start: usize) -> Option<usize> {
    let before = text[..start].trim_end_matches([' ', '\t']);
    let begins = before.is_empty() || before.ends_with('\n');
    let indent = if begins {
        &text[before.len()..start]
    } else {
        ""
    };
    let mark = format!("\n{indent}{{");
    let rest = &text.as_bytes()[start..];
    // What is looked at is no more than a few times the value: there may be many.
    let mut length = 1 << 10;
    loop {
        let near = &rest[..length.min(rest.len())];
        let next = memmem::find(near, mark.as_bytes()).map(|at| at + 1);
        let value = &near[..next.unwrap_or(near.len())];
        let end = if value.starts_with(b"{") || value.starts_with(b"[") {
            length_by_brackets(value)
        } else if begins {
            None
        } else {
            let end = value.iter().position(|byte| matches!(byte, b',' | b'\n'));
            end.or_else(|| (near.len() == rest.len()).then_some(value.len()))
        };
        if end.is_some() || next.is_some() || near.len() == rest.len() {
            return end.or(next).map(|at| start + at);
        }
        length *= 4;
    }
}

/// An envelope that has a broken element, whose list is read element by element.
struct Envelope {
    list: Range<usize>,
    /// Where reading goes on after it.
    next: usize,
    /// The array that it is in.
    array: Option<usize>,
}

/// The elements in an envelope of many: without them it has to be one that can be read.
fn list_in(text: &str, place: Range<usize>) -> Option<Range<usize>> {
    let value = &text[place.clone()];
    let (start, _) = list_in_envelope(value.as_bytes(), 0)?;
    let end = start - 1 + length_by_brackets(&value.as_bytes()[start - 1..])? - 1;
    let without = [&value[..start], &value[end..]].concat();
    let object = serde_json::from_str(&without).ok()?;
    envelope::is_list(object).then_some(place.start + start..place.start + end)
}

/// The length of the value that the text begins with, whatever is between its brackets.
fn length_by_brackets(text: &[u8]) -> Option<usize> {
    let mut scan = Scan::new(text, 0, 0);
    while let Some((at, byte)) = scan.next() {
        if scan.depth == 0 && matches!(byte, b'}' | b']') {
            return Some(at + 1);
        }
    }
    None
}

/// A value that is cut off, up to the last whole element of a list in it: the hits of a search
/// before the cut.
fn repair(text: &str) -> Option<Json> {
    let mut open: Vec<u8> = Vec::new();
    let mut last: Option<(usize, Vec<u8>)> = None;
    let (mut in_text, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' => {
                open.pop().filter(|end| *end == byte)?;
                if byte == b'}' && open.last() == Some(&b']') && open.len() < 8 {
                    last = Some((at + 1, open.clone()));
                }
            }
            _ => {}
        }
    }
    let (end, open) = last?;
    let mut whole = text[..end].to_owned();
    whole.extend(open.iter().rev().map(|byte| char::from(*byte)));
    serde_json::from_str(&whole).ok()
}

/// Does the text end before the value does? In a quoted text a line break is an error of its own to
/// serde, so `{"a":"b` and a last line break are looked at here.
fn is_cut(text: &str, start: usize, error: &serde_json::Error) -> bool {
    let in_quotes = || {
        let at = start + place(&text[start..], error).range().start;
        error.to_string().starts_with("control character") && text[at..].trim().is_empty()
    };
    error.is_eof() || in_quotes()
}

/// The error of a value that is cut off.
fn cut(text: &str, start: usize) -> Diagnostic {
    let end = text.trim_end().len().max(start);
    let last = text[..end].chars().next_back().map_or(0, char::len_utf8);
    let error = Diagnostic::error(
        Code::Events,
        "expected the rest of the value, found the end of the text",
    );
    error
        .label(Span::new(end - last, end), "the text ends here")
        .label(Span::new(start, start + 1), "the value begins here")
        .help("check the file, which is cut off; the events before count")
}

fn syntax(text: &str, start: usize, error: &serde_json::Error) -> Diagnostic {
    if is_cut(text, start, error) {
        return cut(text, start);
    }
    let place = place(&text[start..], error);
    let place = Span::new(place.range().start + start, place.range().end + start);
    let why = error.to_string();
    // serde's own line and column count from the value.
    let why = why.rsplit_once(" at line ").map_or(&*why, |(why, _)| why);
    let diagnostic = Diagnostic::error(Code::Events, "invalid JSON").label(place, why);
    let after = &text[place.range().start..];
    let of_python = ["'", "True", "False", "None", "u'"];
    if ["NaN", "Infinity", "-Infinity"].map(|word| after.starts_with(word)) != [false; 3] {
        diagnostic.help("write `null`: JSON has no word for it")
    } else if of_python.iter().any(|word| after.starts_with(word)) {
        diagnostic.help("convert the value with `json.dumps`: this is how Python shows it")
    } else if after.starts_with('<') {
        diagnostic.help("give XML a file of its own")
    } else {
        diagnostic
    }
}

/// The byte that serde's line and column (in bytes) mean.
fn place(text: &str, error: &serde_json::Error) -> Span {
    let lines = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1));
    let start: usize = lines.map(str::len).sum();
    let mut at = (start + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let length = text[at..].chars().next().map_or(0, char::len_utf8);
    Span::new(at, at + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::read::EventRecord;
    use serde_json::json;

    /// The records of a text, and what is wrong with the rest.
    fn read(text: &str) -> (Vec<Json>, Vec<Diagnostic>) {
        let mut events = Vec::new();
        let mut take = |record: EventRecord<'_>| events.push(record.json());
        let mut sink = Sink::new(&mut take);
        values(text, false, &mut sink);
        let errors = sink.report().diagnostics;
        (events, errors)
    }

    #[test]
    fn every_form_of_json_is_read() {
        let expected = vec![json!({"a": 1}), json!({"a": 2})];
        for text in [
            "{\"a\":1}\n{\"a\":2}\n",
            "{\"a\":1}\r\n\r\n{\"a\":2}\r\n",
            "{\"a\":1}{\"a\":2}",
            "{\"a\":1},\n{\"a\":2},\n",
            "[{\"a\":1},{\"a\":2}]",
            "[{\"a\":1},\n{\"a\":2},\n]",
            "[{\"a\":1}]\n[{\"a\":2}]",
            "[]\n\u{FEFF}[{\"a\":1}]{\"a\":2}",
            "\u{1E}{\"a\":1}\n\u{1E}{\"a\":2}\n",
            "{\n\"a\":1}\n{\n\"a\":2\n}",
        ] {
            assert_eq!(read(text), (expected.clone(), vec![]), "{text}");
        }
        assert_eq!(read(" \n"), (vec![], vec![]));
    }

    #[test]
    fn what_is_no_event_is_pointed_at() {
        let places = |text: &str| -> Vec<(usize, usize)> {
            let (_, errors) = read(text);
            let spans = errors.iter().filter_map(Diagnostic::span);
            spans
                .map(|span| (span.range().start, span.range().end))
                .collect()
        };
        assert_eq!(places("{\"a\":1}\n{x}"), [(9, 10)]);
        assert_eq!(places("{} 5 {}"), [(3, 4)]);
        assert_eq!(places("{} [[1], null]"), [(4, 7), (9, 13)]);
        assert_eq!(places("{\"é\":é}"), [(6, 8)]);
    }

    #[test]
    fn events_around_a_broken_line_count() {
        for (text, count) in [
            ("{\"a\":1}\n{\"a\":", 1),
            ("{\"a\":1}\n{\"a\":\n", 1),
            ("{\"a\":1}\n{\"a\":\n{\"a\":3}\n", 2),
            ("{\"a\":1}\n{\"a\":NaN}\n{\"a\":3}\n", 2),
            ("[{\"a\":1},{\"a\":2},{\"a\"", 2),
            ("[{\"a\":1},{\"a\":2}", 2),
            ("{\"hits\":{\"hits\":[{\"_source\":{\"a\":1}},{\"_sou", 1),
            ("{\"Records\":[{\"a\":[{\"b\":1}]},{\"a\":\"]}", 1),
            ("{\"a\":[{\"b\":1},{\"b\"", 0),
            ("{\"a\":1}\n{\"a\":\"b\n", 1),
            ("[{\"a\":1},{\"a\":\"b\r\n", 1),
            (
                "{\"hits\":{\"hits\":[{\"_source\":{\"a\":1}},{\"_sou\n\n",
                1,
            ),
        ] {
            let (events, errors) = read(text);
            assert_eq!(
                (events.len(), errors.len()),
                (count, 1),
                "{text}: {errors:?}"
            );
            let told = errors[0].message.contains("the end of the text");
            assert!(told || text.trim_end().ends_with('}'), "{text}: {errors:?}");
        }
        for text in [
            "[{\"a\":1},{\"a\":NaN},{\"a\":3}]",
            "{\"a\":1},{\"b\":[{}],\"a\":NaN},{\"a\":3}",
            "[{\"a\":1},NaN,{\"a\":3}]",
            "[\n  {\"a\":1},\n  {\"a\":NaN},\n  {\"a\":3}\n]",
            "[\n  {\n    \"a\": 1\n  },\n  {\n    \"b\": {},\n    \"a\": NaN\n  },\n  {\n    \"a\": 3\n  }\n]",
            "[\n  {\"a\":1},\n  {\"a\":\"x},\n  {\"a\":3}\n]",
            "{\"a\":1}{\"a\":\n{\"a\":3}\n",
            &format!(
                "[{{\"a\":1}},{{\"a\":NaN,\"b\":\"{}\"}},{{\"a\":3}}]",
                "ä".repeat(5000)
            ),
            "{\"Records\":[{\"a\":1},{\"a\":NaN},{\"a\":3}]}",
            "[{\"a\":1},{\"took\":1,\"hits\":{\"hits\":[{\"b\":[NaN]}],\"total\":1}},{\"a\":3}]",
            "{\"hits\":{\"hits\":[{\"_id\":\"1\",\"_source\":{\"a\":1}},\n  {\"b\":NaN}\n]}}\n{\"a\":3}",
            "{\"a\":1}\n{\"b\":NaN,\"Records\":[{\"a\":2}]}\n{\"a\":3}",
            "{\"a\":1} text\n{\"a\":3}\n",
            "{\"a\":1}\ntext, more\n{\"a\":3}\n",
        ] {
            let (events, errors) = read(text);
            assert_eq!(events, [json!({"a": 1}), json!({"a": 3})], "{text}");
            assert_eq!(errors.len(), 1, "{text}: {errors:?}");
        }
        let broken = "{\"a\":}\n".repeat(1000);
        assert_eq!(read(&broken).1.len(), super::super::chunk::MOST_ERRORS);
    }

    #[test]
    fn deep_nesting_is_an_error() {
        let deep = format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000));
        let (events, errors) = read(&deep);
        assert_eq!((events.len(), errors.len()), (0, 1));
        assert_eq!(errors[0].labels[0].text, "recursion limit exceeded");
        assert_eq!(read(&"[".repeat(100_000)).1.len(), 1);
    }
}
