//! Events as files hold them.
//!
//! In: a file's text: a JSON object, an array of them, objects one after another or one to a line,
//! or the lines of a text log. Out: the events in order. Records of Windows event logs become flat
//! ([`windows`]).

use super::windows;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use serde_json::Value as Json;

/// Reads JSON, in any of its forms.
///
/// # Errors
/// The text is not JSON, or holds something other than objects: with the place.
pub fn json(text: &str) -> Result<Vec<Json>, Diagnostic> {
    let mut events = Vec::new();
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Json>();
    loop {
        let start = stream.byte_offset();
        let value = match stream.next() {
            None => return Ok(events),
            Some(Ok(value)) => value,
            Some(Err(error)) => {
                return Err(Diagnostic::error(Code::Events, "expected JSON")
                    .label(place(text, &error), error.to_string()));
            }
        };
        let end = stream.byte_offset();
        match value {
            Json::Array(items) => {
                for item in items {
                    events.push(object(item, Span::new(start, end))?);
                }
            }
            value => events.push(object(value, Span::new(start, end))?),
        }
    }
}

/// Reads a text log: every line that is not blank is an event, searched by keywords.
#[must_use]
pub fn lines(text: &str) -> Vec<Json> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(Json::from).collect()
}

fn object(value: Json, span: Span) -> Result<Json, Diagnostic> {
    if !value.is_object() {
        let message = "expected an event to be a JSON object, found another value";
        return Err(Diagnostic::error(Code::Events, message).at(span));
    }
    Ok(windows::flatten(&value).unwrap_or(value))
}

/// The byte that serde's line and column (in bytes) mean.
fn place(text: &str, error: &serde_json::Error) -> Span {
    let lines = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1));
    let start: usize = lines.map(str::len).sum();
    let at = (start + error.column().saturating_sub(1)).min(text.len());
    Span::new(at, (at + 1).min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_form_of_json_is_read() {
        let expected = vec![json!({"a": 1}), json!({"a": 2})];
        for text in [
            "{\"a\":1}\n{\"a\":2}\n",
            "[{\"a\":1},{\"a\":2}]",
            "{\n\"a\":1} {\"a\":2}",
        ] {
            assert_eq!(json(text), Ok(expected.clone()));
        }
        assert_eq!(json(" \n"), Ok(Vec::new()));
        assert_eq!(lines("a\n\n b\n"), [json!("a"), json!(" b")]);
    }

    #[test]
    fn what_is_no_event_is_pointed_at() {
        assert_eq!(
            json("{\"a\":1}\n{x}").unwrap_err().span(),
            Some(Span::new(9, 10))
        );
        assert_eq!(
            json("{} 5").unwrap_err().span().map(|span| span.end),
            Some(4)
        );
    }
}
