//! The cells of Zeek's logs.
//!
//! In: `C:\\x\x09`, and whether the column's type is a set or a vector. Out: the text that was logged, or
//! the list of texts. Zeek's writer doubles a backslash and writes other bytes that are not printable, or
//! that separate cells or elements, as `\x09`.

use serde_json::Value as Json;

/// What a cell holds; nothing: the field is not set.
pub(super) fn value(cell: &str, list: Option<&str>) -> Option<Json> {
    match (cell, list) {
        ("-", _) => None,
        ("(empty)", None) => Some("".into()),
        ("(empty)", Some(_)) => Some(Json::Array(Vec::new())),
        (_, None) => Some(unescaped(cell).into()),
        (_, Some("")) => Some(Json::Array(vec![unescaped(cell).into()])),
        (_, Some(separator)) => {
            let elements = cell.split(separator).filter(|element| *element != "-");
            Some(elements.map(unescaped).collect())
        }
    }
}

/// The bytes of the escapes; what is no UTF-8 then is replaced.
pub(super) fn unescaped(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let (byte, after) = match (first, after) {
            (b'\\', [b'\\', after @ ..]) => (b'\\', after),
            (b'\\', [b'x', high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => (high * 16 + low, after),
                _ => (b'\\', &rest[1..]),
            },
            _ => (*first, after),
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_cell_is_what_was_logged() {
        for (cell, list, held) in [
            (r"C:\\a\x5cb\x09\xc3\xa9", None, json!("C:\\a\\b\té")),
            (r"\\\\srv\\c$", None, json!(r"\\srv\c$")),
            (r"a\xg1\x", None, json!(r"a\xg1\x")),
            (r"\xff", None, json!("\u{fffd}")),
            ("(empty)", None, json!("")),
            ("(empty)", Some(","), json!([])),
            (r"a,b\x2cc,-", Some(","), json!(["a", "b,c"])),
        ] {
            assert_eq!(value(cell, list), Some(held), "{cell}");
        }
        assert_eq!(value("-", Some(",")), None);
    }
}
