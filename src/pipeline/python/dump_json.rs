//! `json.dumps`: JSON as Python writes it, with `, ` and `: ` and every other script escaped.

use serde_json::{Number, Value};
use std::fmt::Write;

/// The text of a value; `indent` as Python has it: so many spaces a level, each item a line.
pub fn dump(value: &Value, indent: Option<usize>) -> String {
    let mut text = String::new();
    write(value, indent, 0, &mut text);
    text
}

/// A number as Python's `repr` gives it.
pub fn number(number: &Number) -> String {
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(float) => self::float(float),
        None => number.to_string(),
    }
}

/// A float as Python's `repr` gives it: `1e+16`, `1e-05`, `0.1`, `2.0`.
pub fn float(float: f64) -> String {
    let text = format!("{float:?}");
    match text.split_once('e') {
        None => text,
        Some((mantissa, exponent)) => match exponent.strip_prefix('-') {
            Some(digits) => format!("{mantissa}e-{digits:0>2}"),
            None => format!("{mantissa}e+{exponent:0>2}"),
        },
    }
}

fn write(value: &Value, indent: Option<usize>, level: usize, into: &mut String) {
    match value {
        Value::Null => into.push_str("null"),
        Value::Bool(true) => into.push_str("true"),
        Value::Bool(false) => into.push_str("false"),
        Value::Number(value) => into.push_str(&number(value)),
        Value::String(text) => string(text, into),
        Value::Array(items) if items.is_empty() => into.push_str("[]"),
        Value::Object(pairs) if pairs.is_empty() => into.push_str("{}"),
        Value::Array(items) => {
            into.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, indent, level + 1, into);
                write(item, indent, level + 1, into);
            }
            line(indent, level, into);
            into.push(']');
        }
        Value::Object(pairs) => {
            into.push('{');
            for (index, (key, value)) in pairs.iter().enumerate() {
                separate(index, indent, level + 1, into);
                string(key, into);
                into.push_str(": ");
                write(value, indent, level + 1, into);
            }
            line(indent, level, into);
            into.push('}');
        }
    }
}

fn separate(index: usize, indent: Option<usize>, level: usize, into: &mut String) {
    if index > 0 {
        into.push(',');
        if indent.is_none() {
            into.push(' ');
        }
    }
    line(indent, level, into);
}

fn line(indent: Option<usize>, level: usize, into: &mut String) {
    if let Some(indent) = indent {
        into.push('\n');
        into.extend(std::iter::repeat_n(' ', indent * level));
    }
}

fn string(text: &str, into: &mut String) {
    into.push('"');
    for character in text.chars() {
        match character {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            '\u{8}' => into.push_str("\\b"),
            '\u{c}' => into.push_str("\\f"),
            ' '..='~' => into.push(character),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    let _ = write!(into, "\\u{unit:04x}");
                }
            }
        }
    }
    into.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_is_pythons_text() {
        let value = json!(["é😀\u{7f}", {"a": [1, 1e16, 1e-5, 0.1], "b": []}]);
        assert_eq!(
            dump(&value, None),
            r#"["\u00e9\ud83d\ude00\u007f", {"a": [1, 1e+16, 1e-05, 0.1], "b": []}]"#
        );
        assert_eq!(
            dump(&json!({"a": [1]}), Some(2)),
            "{\n  \"a\": [\n    1\n  ]\n}"
        );
    }
}
