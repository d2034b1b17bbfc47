//! The cells of Zeek's logs.
//!
//! In: `C:\\x\x09`, and whether the column's type is a set or a vector. Out: the text that was logged, or
//! the list of texts. Zeek's writer doubles a backslash and writes other bytes that are not printable, or
//! that separate cells or elements, as `\x09`.

use serde_json::Value as Json;

/// How the cells of a log are written, as its head says: `#unset_field` and so on.
#[derive(Debug)]
pub(super) struct Signs {
    /// Between cells: a tab.
    pub separator: String,
    /// Between the elements of a set: `,`.
    pub set_separator: String,
    /// A field that is not set: `-`.
    pub unset: String,
    /// A text or a set of nothing: `(empty)`.
    pub empty: String,
}

impl Default for Signs {
    fn default() -> Self {
        Self {
            separator: "\t".to_owned(),
            set_separator: ",".to_owned(),
            unset: "-".to_owned(),
            empty: "(empty)".to_owned(),
        }
    }
}

impl Signs {
    /// What a cell holds, of a set's column say; nothing: the field is not set.
    pub fn value(&self, cell: &str, is_list: bool) -> Option<Json> {
        if cell == self.unset {
            return None;
        }
        Some(match (cell == self.empty, is_list) {
            (true, false) => "".into(),
            (true, true) => Json::Array(Vec::new()),
            (false, false) => unescaped(cell).into(),
            (false, true) if self.set_separator.is_empty() => {
                Json::Array(vec![unescaped(cell).into()])
            }
            (false, true) => {
                let elements = cell.split(&*self.set_separator);
                let elements = elements.filter(|element| *element != self.unset);
                elements.map(unescaped).collect()
            }
        })
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
        let signs = Signs::default();
        for (cell, is_list, held) in [
            (r"C:\\a\x5cb\x09\xc3\xa9", false, json!("C:\\a\\b\té")),
            (r"\\\\srv\\c$", false, json!(r"\\srv\c$")),
            (r"a\xg1\x", false, json!(r"a\xg1\x")),
            (r"\xff", false, json!("\u{fffd}")),
            ("(empty)", false, json!("")),
            ("(empty)", true, json!([])),
            (r"a,b\x2cc,-", true, json!(["a", "b,c"])),
        ] {
            assert_eq!(signs.value(cell, is_list), Some(held), "{cell}");
        }
        assert_eq!(signs.value("-", true), None);
    }
}
