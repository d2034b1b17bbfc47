//! ArcSight's Common Event Format and QRadar's Log Event Extended Format.
//!
//! In: `CEF:0|Vendor|Product|1.0|100|Name|5|src=10.0.0.1 msg=a text`. Out: the header's parts by
//! the names of ArcSight's dictionary and the extension's keys as they are:
//! `{"deviceVendor": "Vendor", …, "src": "10.0.0.1", "msg": "a text"}`. A custom field has its label's name, too:
//! `cs1Label=User cs1=bob` gives `User`. LEEF's header gives `Vendor`, `Product`, `Version`,
//! `EventID`. Sources: ArcSight, *Implementing CEF* 26; IBM, *LEEF* 2.0.

use super::fields::Fields;

type Fault = (usize, &'static str);

const CEF_HEADER: [&str; 6] = [
    "deviceVendor",
    "deviceProduct",
    "deviceVersion",
    "deviceEventClassId",
    "name",
    "severity",
];

const LEEF_HEADER: [&str; 4] = ["Vendor", "Product", "Version", "EventID"];

/// Has the line CEF in it, with a syslog header before it or without?
pub(super) fn is_cef(line: &str) -> bool {
    start_of(line, "CEF:").is_some()
}

/// The same for LEEF.
pub(super) fn is_leef(line: &str) -> bool {
    start_of(line, "LEEF:").is_some()
}

/// Where the header begins.
pub(super) fn start_of(line: &str, word: &str) -> Option<usize> {
    let at = line.find(word)?;
    let is_word = line[..at].is_empty() || line[..at].ends_with([' ', '\t', ':']);
    let version = &line[at + word.len()..];
    let digits = version.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    (is_word && digits > 0 && version[digits..].starts_with('|')).then_some(at)
}

/// The fields of a line that begins with `CEF:`.
pub(super) fn cef(line: &str) -> Result<Fields, Fault> {
    let mut fields = Fields::default();
    let (version, mut at) = part(line, 4)?;
    fields.put("cefVersion", version);
    for name in CEF_HEADER {
        let (value, next) = part(line, at)?;
        fields.put(name, value);
        at = next;
    }
    let mut labels = Vec::new();
    let mut values = Vec::new();
    for (key, value) in extension(&line[at..]) {
        let value = unescaped(value);
        match key.strip_suffix("Label") {
            Some(of) => labels.push((of, value.clone())),
            None => values.push((key, value.clone())),
        }
        fields.put(key, value);
    }
    for (of, label) in labels {
        let found = values.iter().find(|(key, _)| *key == of);
        if let Some((_, value)) = found.filter(|_| !label.is_empty()) {
            fields.put_new(label, value.as_str());
        }
    }
    Ok(fields)
}

/// A part of the header that begins at the byte, and where the next one begins.
fn part(line: &str, start: usize) -> Result<(String, usize), Fault> {
    let mut value = String::new();
    let mut characters = line[start..].char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '|' => return Ok((value, start + at + 1)),
            '\\' => match characters.next() {
                Some((_, c @ ('|' | '\\'))) => value.push(c),
                Some((_, c)) => value.extend(['\\', c]),
                None => break,
            },
            c => value.push(c),
        }
    }
    Err((line.len(), "expected `|` after a part of the header"))
}

/// The pairs of an extension. A value goes on up to the blank before the next key: it may have
/// blanks itself.
fn extension(text: &str) -> Vec<(&str, &str)> {
    let bytes = text.as_bytes();
    let mut starts = Vec::new();
    for at in memchr::memchr_iter(b'=', bytes) {
        let is_escaped = bytes[..at]
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count()
            % 2
            == 1;
        let before = &bytes[..at];
        let key = before
            .iter()
            .rev()
            .take_while(|byte| is_key(**byte))
            .count();
        let begins = at == key || matches!(bytes[at - key - 1], b' ' | b'\t');
        if key > 0 && begins && !is_escaped {
            starts.push((at - key, at));
        }
    }
    let ends = starts.iter().skip(1).map(|(start, _)| *start);
    let ends = ends.chain([text.len()]).collect::<Vec<_>>();
    let pairs = starts.iter().zip(ends);
    pairs
        .map(|((start, equals), end)| (&text[*start..*equals], text[equals + 1..end].trim_end()))
        .collect()
}

const fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'[' | b']')
}

/// `\=`, `\\`, `\n` and `\r` are escaped in a value.
fn unescaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        match characters.next() {
            Some('n') => value.push('\n'),
            Some('r') => value.push('\r'),
            Some(c @ ('=' | '\\' | '|')) => value.push(c),
            Some(c) => value.extend(['\\', c]),
            None => value.push('\\'),
        }
    }
    value
}

/// The fields of a line that begins with `LEEF:`.
pub(super) fn leef(line: &str) -> Result<Fields, Fault> {
    let mut fields = Fields::default();
    let (version, mut at) = part(line, 5)?;
    let has_delimiter = version.starts_with('2');
    fields.put("leefVersion", version);
    for name in LEEF_HEADER {
        let (value, next) = part(line, at)?;
        fields.put(name, value);
        at = next;
    }
    let mut delimiter = '\t';
    if has_delimiter && let Ok((written, next)) = part(line, at) {
        // A version 2 header may leave it out: then this is a value with a bar in it.
        if let Some(found) = delimiter_of(&written) {
            delimiter = found;
            at = next;
        }
    }
    for pair in line[at..].split(delimiter) {
        if let Some((key, value)) = pair.split_once('=') {
            fields.put(key.trim(), value);
        }
    }
    Ok(fields)
}

/// A character, or its number: `^`, `x09`, `0x09`.
fn delimiter_of(written: &str) -> Option<char> {
    let mut characters = written.chars();
    match (characters.next(), characters.next()) {
        (None, _) => Some('\t'),
        (Some(c), None) => Some(c),
        _ => {
            let digits = written
                .strip_prefix("0x")
                .or_else(|| written.strip_prefix('x'))?;
            char::from_u32(u32::from_str_radix(digits, 16).ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cef_has_a_header_and_an_extension() {
        let line = r"CEF:0|Vendor|a\|b|1.0|100|Name|5|src=10.0.0.1 cs1Label=User Name cs1=bob msg=a = b \= c\n empty= act=x";
        assert_eq!(
            cef(line).map(Fields::into_json),
            Ok(json!({
                "cefVersion": "0", "deviceVendor": "Vendor", "deviceProduct": "a|b",
                "deviceVersion": "1.0", "deviceEventClassId": "100", "name": "Name", "severity": "5",
                "src": "10.0.0.1", "cs1Label": "User Name", "cs1": "bob", "msg": "a = b = c\n",
                "empty": "", "act": "x", "User Name": "bob",
            }))
        );
        assert_eq!(
            cef("CEF:0|a|b").map(drop),
            Err((9, "expected `|` after a part of the header"))
        );
        assert!(is_cef("<1>x h CEF:1|") && !is_cef("xCEF:1|") && !is_cef("CEF:|"));
    }

    #[test]
    fn leef_names_its_delimiter() {
        let expected = json!({
            "leefVersion": "2.0", "Vendor": "V", "Product": "P", "Version": "1", "EventID": "7",
            "src": "1.2.3.4", "usrName": "a b=c",
        });
        for delimiter in ["^", "x5e", "0x5E"] {
            let line = format!("LEEF:2.0|V|P|1|7|{delimiter}|src=1.2.3.4^usrName=a b=c");
            assert_eq!(leef(&line).map(Fields::into_json), Ok(expected.clone()));
        }
        let line = "LEEF:1.0|V|P|1|7|src=1.2.3.4\tusrName=a b=c";
        let fields = leef(line).map(Fields::into_json).expect("it is LEEF");
        assert_eq!(fields["usrName"], "a b=c");
    }
}
