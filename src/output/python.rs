//! JSON as Python's `str` shows it, for references that put an object of theirs into a text:
//! `{"a": [true, null]}` becomes `{'a': [True, None]}`.

use serde_json::Value;
use std::fmt::Write;

/// The text of a value inside another.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(pairs) => {
            let pairs = pairs.iter();
            let pairs = pairs.map(|(key, value)| format!("{}: {}", quoted(key), shown(value)));
            let pairs: Vec<String> = pairs.collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

/// In single quotes, in double ones where the text has single ones only.
fn quoted(text: &str) -> String {
    let has_single_alone = text.contains('\'') && !text.contains('"');
    let mark = if has_single_alone { '"' } else { '\'' };
    let mut out = String::from(mark);
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            character if character == mark => {
                out.push('\\');
                out.push(mark);
            }
            character if character.is_ascii_control() => {
                // Writing to a text can't fail.
                let _ = write!(out, "\\x{:02x}", u32::from(character));
            }
            character => out.push(character),
        }
    }
    out.push(mark);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_as_python_shows_them() {
        let value = serde_json::json!({"b": [true, null, 1.5], "a": "it's", "c": "\"'\\\n"});
        assert_eq!(
            shown(&value),
            r#"{'b': [True, None, 1.5], 'a': "it's", 'c': '"\'\\\n'}"#
        );
    }
}
