//! Values as Python shows them: `None`, `True`, `['a', 1]`.

use super::dump_json::float;
use minijinja::Value;
use minijinja::value::ValueKind;
use std::fmt::Write;

/// `str`.
pub fn show(value: &Value) -> String {
    match value.kind() {
        ValueKind::None => "None".into(),
        ValueKind::Bool if value.is_true() => "True".into(),
        ValueKind::Bool => "False".into(),
        ValueKind::Number if !value.is_integer() => {
            f64::try_from(value.clone()).map_or_else(|_| value.to_string(), float)
        }
        ValueKind::Seq | ValueKind::Map | ValueKind::Iterable => represent(value),
        _ => value.to_string(),
    }
}

/// `repr`.
fn represent(value: &Value) -> String {
    let items = |value: &Value| value.try_iter().into_iter().flatten().collect::<Vec<_>>();
    match value.kind() {
        ValueKind::String => quote(&value.to_string()),
        ValueKind::Seq | ValueKind::Iterable => {
            let items: Vec<_> = items(value).iter().map(represent).collect();
            format!("[{}]", items.join(", "))
        }
        ValueKind::Map => {
            let pairs: Vec<_> = items(value)
                .iter()
                .map(|key| {
                    let found = value.get_item(key).unwrap_or_default();
                    format!("{}: {}", represent(key), represent(&found))
                })
                .collect();
            format!("{{{}}}", pairs.join(", "))
        }
        _ => show(value),
    }
}

fn quote(text: &str) -> String {
    let mark = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut quoted = String::from(mark);
    for character in text.chars() {
        match character {
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            character if character == mark => {
                quoted.push('\\');
                quoted.push(mark);
            }
            character if character.is_ascii_control() => {
                let _ = write!(quoted, "\\x{:02x}", u32::from(character));
            }
            character => quoted.push(character),
        }
    }
    quoted.push(mark);
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;
    use minijinja::value::Serde;

    #[test]
    fn it_is_pythons_text() {
        let value = Value::from(Serde((true, "it's", vec!["a\\b"], None::<u8>, 1.0)));
        assert_eq!(show(&value), r#"[True, "it's", ['a\\b'], None, 1.0]"#);
        assert_eq!(show(&context! { a => 1 }), "{'a': 1}");
        assert_eq!(show(&Value::from("a")), "a");
    }
}
