//! What templates of documents can call.
//!
//! `value | json` is JSON on one line, in ASCII, as Python writes it: `{"a": [1, "\\u00e9"]}`.
//! `value | one_line` is a text on one line, for files in which a `\` at the end continues it.
//! `text | yaml` is a YAML scalar in double quotes, `value | libyaml` YAML as libyaml writes it for
//! Python.
//! `threat(tags)` pairs ATT&CK techniques with their own tactics, as JSON; `threat_by_position(tags)`
//! as a reference pairs them; `reference_tags` are tags as that writes them. `attack(tags)` is the list
//! after `threat`, and `guid(text)` a GUID that is the same for the same text.
//! `queries | scans(label=NAME)` is how a table is asked once for many queries.

use super::{guid, scans, threat};
use crate::attack::Attack;
use crate::pipeline::python::dump_yaml::{Emitter, dump};
use minijinja::value::{Kwargs, Serde};
use minijinja::{Environment, Error, ErrorKind, Value};
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::{Arc, OnceLock};

/// Adds them to an environment. The table of ATT&CK is read when a template first asks for it.
pub(super) fn add(environment: &mut Environment<'static>, attack: &Arc<OnceLock<Attack>>) {
    environment.add_filter("json", |value: &Value| json_of(value));
    environment.add_filter("one_line", one_line);
    environment.add_filter("python", python);
    environment.add_filter("libyaml", libyaml);
    environment.add_filter("yaml", yaml);
    environment.add_filter("scans", |queries: &Value, options: Kwargs| {
        scans::of(queries, &options)
    });
    environment.add_function("reference_tags", |tags: Vec<String>, keep: bool| {
        Value::from(Serde(threat::reference_tags(&tags, keep)))
    });
    let shared = Arc::clone(attack);
    environment.add_function("threat", move |tags: Vec<String>| {
        let attack = shared.get_or_init(Attack::built_in);
        json_of(&threat::own_tactics(attack, &tags))
    });
    let shared = Arc::clone(attack);
    environment.add_function("attack", move |tags: Vec<String>| {
        let attack = shared.get_or_init(Attack::built_in);
        Value::from(Serde(threat::own_tactics(attack, &tags)))
    });
    environment.add_function("guid", guid::of);
    let attack = Arc::clone(attack);
    environment.add_function("threat_by_position", move |tags: Vec<String>| {
        let attack = attack.get_or_init(Attack::built_in);
        Value::from(Serde(threat::by_position(attack, &tags)))
    });
}

/// Every run of white space and control characters becomes a blank; no backslash stays at the end.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ").trim_end_matches(['\\', ' ']).to_owned()
}

fn json_of<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    let mut out = Vec::new();
    value
        .serialize(&mut Serializer::with_formatter(&mut out, Python))
        .map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
    String::from_utf8(out)
        .map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))
}

/// A text that is a JSON object, as Python shows that; another text as it is.
fn python(text: &str) -> String {
    match serde_json::from_str(text) {
        Ok(value @ serde_json::Value::Object(_)) => super::python::shown(&value),
        _ => text.to_owned(),
    }
}

fn libyaml(value: &Value) -> Result<String, Error> {
    let value = serde_json::to_value(value)
        .map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
    Ok(dump(&value, None, Emitter::Libyaml))
}

/// Every character that YAML can't hold as it is becomes its number, and so does the sign of ASCII that
/// is `coded`: `text | yaml("$")`.
fn yaml(text: &str, coded: Option<char>) -> String {
    // Of what is not ASCII most stands for itself, but it is rare.
    const PLAIN: [bool; 256] = {
        let (mut plain, mut byte) = ([false; 256], b' ');
        while byte <= b'~' {
            plain[byte as usize] = !matches!(byte, b'"' | b'\\');
            byte += 1;
        }
        plain
    };
    let mut out = String::with_capacity(text.len() + text.len() / 8 + 2);
    out.push('"');
    let mut rest = text;
    let mut is_plain = PLAIN;
    if let Some(coded) = coded.and_then(|coded| is_plain.get_mut(coded as usize)) {
        *coded = false;
    }
    while let Some(at) = rest.bytes().position(|byte| !is_plain[usize::from(byte)]) {
        let (plain, behind) = rest.split_at(at);
        out.push_str(plain);
        let mut characters = behind.chars();
        match characters.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\t') => out.push_str("\\t"),
            Some(control) if control.is_control() || coded == Some(control) => {
                let _ = write!(out, "\\x{:02x}", u32::from(control));
            }
            Some(odd @ ('\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')) => {
                let _ = write!(out, "\\u{:04x}", u32::from(odd));
            }
            Some(plain) => out.push(plain),
            None => {}
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
    out
}

/// Python's separators and escapes.
struct Python;

impl Formatter for Python {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~');
        let mut rest = fragment;
        while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
            let (before, behind) = rest.split_at(at);
            out.write_all(before.as_bytes())?;
            let mut characters = behind.chars();
            for unit in characters
                .next()
                .unwrap_or_default()
                .encode_utf16(&mut [0; 2])
            {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = characters.as_str();
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_where_it_should() {
        assert_eq!(one_line(" a\r\n# b\t\u{7}c "), "a # b c");
        assert_eq!(one_line("writes to C:\\Temp\\ \\\n"), r"writes to C:\Temp");
    }

    #[test]
    fn yaml_holds_every_character() {
        let text = "a\n\"é\u{1F600}\u{7f}\u{85}\\\u{2028}";
        assert_eq!(yaml(text, None), r#""a\n\"é😀\x7f\x85\\\u2028""#);
        let read: String = serde_yaml::from_str(&yaml(text, None)).expect("it is YAML");
        assert_eq!(read, text);
        assert_eq!(yaml("$a\n$", Some('$')), r#""\x24a\n\x24""#);
    }

    #[test]
    fn json_is_ascii_on_one_line() {
        let value = Value::from(vec!["a\n\"é\u{1F600}\u{7f}", "b"]);
        assert_eq!(
            json_of(&value).expect("it is a list of texts"),
            r#"["a\n\"\u00e9\ud83d\ude00\u007f", "b"]"#
        );
    }
}
